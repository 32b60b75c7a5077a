"""Finding by parts of names, letters in their order, and keys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from r1tui.domain.fuzzy import find, find_key, folded


@pytest.mark.parametrize(
    ("typed", "better", "worse"),
    [
        ("set", "settings", "set up"),
        ("export", "export this conversation", "reports of exports"),
        ("model", "model", "models"),
        ("con", "context length", "this conversation"),
        ("ext", "this extent", "context"),
        ("expall", "export all conversations", "explain a list"),
    ],
)
def test_the_beginning_goes_before_a_word_before_a_part(typed: str, better: str, worse: str) -> None:
    assert find(typed, better).score >= find(typed, worse).score > 0 or not find(typed, worse).score
    assert find(typed, better).score > 0


def test_words_go_before_letters() -> None:
    whole, beginning, word, part, letters = (
        find("model", text).score for text in ("model", "models", "a model", "remodel", "more odd elms")
    )
    assert whole > beginning > word > part > letters > 0


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("npc", "new private conversation"),
        ("导出对话", "导出此对话"),
        ("sttngs", "settings"),
        ("cntxt", "context"),
    ],
)
def test_letters_are_found_in_their_order(typed: str, text: str) -> None:
    assert find(typed, text).score > 0
    assert "".join(text[at] for at in sorted(find(typed, text).at)) == typed


@pytest.mark.parametrize(
    ("typed", "text"),
    [("e", "theme"), ("sgn", "settings"), ("xyz", "export"), ("话对", "对话"), ("", "x"), ("x", "")],
)
def test_other_letters_are_not(typed: str, text: str) -> None:
    assert find(typed, text).score == 0


@given(st.text(max_size=8), st.text(max_size=30))
def test_what_is_found_are_letters_of_the_text(typed: str, text: str) -> None:
    typed, text = folded(typed), folded(text)
    found = find(typed, text)
    assert bool(found.score) == bool(found.at)
    if found.score:
        assert "".join(text[at] for at in sorted(found.at)) == typed


@given(st.text(max_size=30))
def test_folding_keeps_the_number_of_characters(text: str) -> None:
    assert len(folded(text)) == len(text)
    assert folded(folded(text)) == folded(text)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        *(
            (typed, "ctrl+o")
            for typed in ("ctrl+o", "Ctrl+O", "^o", "^O", "ctrl-o", "control o", "ＣＴＲＬ＋Ｏ", "＾Ｏ")
        ),
        *((typed, "f5") for typed in ("f5", "F5", "Ｆ５")),
        *((typed, "?") for typed in ("?", "？")),
        ("+", "+"),
        ("alt v", "alt+v"),
    ],
)
def test_a_key_is_found_however_it_is_written(typed: str, key: str) -> None:
    assert find_key(typed, [key]) > find(typed, "what begins so").score
    assert find_key(typed, ["f9"]) == 0


def test_a_letter_is_rather_the_beginning_of_a_word_than_a_key() -> None:
    assert 0 < find_key("r", ["r"]) < find("r", "rename").score
    assert find_key("c", ["ctrl+o"]) == 0
    assert 0 < find_key("ctrl", ["ctrl+o"]) < find_key("ctrl+o", ["ctrl+o"])
