"""Wrapping, and cleaning over the seams of a stream."""

from __future__ import annotations

from typing import cast

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from r1tui.domain.clean import Clean, clean
from r1tui.toolkit.cells import fold, wrap
from r1tui.widgets.transcript.growing import CleanText
from r1tui.widgets.transcript.ink import Ink


def lines(text: str, width: int) -> list[str]:
    return ["".join(part for part, _ in line) for line in wrap([(cast(Clean, text), Ink.TEXT)], width)]


def test_words_are_kept_whole_where_they_fit() -> None:
    assert lines("one two three four", 9) == ["one two", "three", "four"]


def test_a_word_longer_than_a_line_is_cut() -> None:
    assert lines("a " + "x" * 25, 10) == ["a", "x" * 10, "x" * 10, "x" * 5]


def test_chinese_breaks_between_characters_but_not_before_a_full_stop() -> None:
    assert lines("你好世界。再见", 8) == ["你好世", "界。再见"]


def test_emoji_with_joiners_stay_in_one_piece() -> None:
    family = "👨‍👩‍👧"
    assert all(line.count("\u200d") % 2 == 0 for line in lines(family * 9, 10))


def test_styled_parts_of_a_word_stay_together() -> None:
    wrapped = wrap([(Clean("aaa bb"), Ink.TEXT), (Clean("bb"), Ink.CODE), (Clean(", c"), Ink.TEXT)], 6)
    assert ["".join(part for part, _ in line) for line in wrapped] == ["aaa", "bbbb,", "c"]


@given(st.text(alphabet="ab 好，👍\u200d🏽é-.", max_size=80), st.integers(2, 30))
def test_a_wrapped_line_never_exceeds_its_width_and_loses_only_spaces(text: str, width: int) -> None:
    text = clean(text)
    wrapped = lines(text, width)
    assert all(cell_len(line) <= width for line in wrapped)
    assert "".join(wrapped).replace(" ", "") == text.replace(" ", "")


@given(st.text(alphabet="ab 好👍", max_size=80), st.integers(2, 30))
def test_folding_loses_nothing(text: str, width: int) -> None:
    folded = fold([(cast(Clean, text), Ink.TEXT)], width)
    assert "".join(part for line in folded for part, _ in line) == text


HOSTILE = st.text(alphabet="a1#\x1b\x9b\r\n\t\u202e\u200b\u200d\ufe0f👨👩❤👍", max_size=30)


@given(HOSTILE, st.lists(st.integers(0, 30), max_size=10))
def test_cleaning_in_pieces_equals_cleaning_the_whole(text: str, cuts: list[int]) -> None:
    growing = CleanText()
    for cut in sorted(cut for cut in cuts if cut < len(text)):
        growing.grow(text[:cut])
    grown = growing.grow(text)
    assert grown == clean(text.rstrip("\u200d\r"))
