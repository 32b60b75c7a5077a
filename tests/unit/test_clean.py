"""Foreign text is harmless once cleaned, and honest text is untouched."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from r1tui.domain.clean import clean, clean_line

TRICKS = st.sampled_from(
    "\x00\x07\x08\x0b\x0c\r\x1b\x7f\x80\x9b\x9d\xad\u061c\u180e\u200b\u200d\u200e\u200f\u2028\u2029\u202e\u2066\u2069\ufe0f\ufeff\ufff9\ud800"
    "\U000e0041\U000e0100👩💻❤1#a你 \n\t"
)
HOSTILE = st.text(st.one_of(TRICKS, st.characters()), max_size=60)
# Arabic, Syriac and Kaithi signs that enclose digits: of the format category, and visible.
VISIBLE_FORMAT = set("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@given(HOSTILE)
@example("\x1b]0;owned\x07")
@example("a\x9b31mb")
@example("‮evil\u2066")
def test_nothing_reaches_the_terminal_that_it_could_obey(text: str) -> None:
    for char in clean(text):
        category = unicodedata.category(char)
        assert char in "\n\t" or category not in ("Cc", "Cs", "Zl", "Zp")
        assert category != "Cf" or char == "\u200d" or char in VISIBLE_FORMAT
        assert char not in BIDI
    clean(text).encode()


def test_every_control_and_invisible_character_of_unicode_is_caught() -> None:
    for code in range(0x110000):
        char = chr(code)
        if unicodedata.category(char) in ("Cc", "Cs", "Cf", "Zl", "Zp") and char not in VISIBLE_FORMAT | {
            "\n",
            "\t",
        }:
            assert char not in clean(f"a{char}b"), f"U+{code:04X}"


@given(HOSTILE)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(HOSTILE)
def test_a_cleaned_line_has_no_line_break_and_no_tab(text: str) -> None:
    line = clean_line(text)
    assert not set(line) & set("\n\t\x0b\x0c\x85\u2028\u2029")
    assert line == line.strip()
    assert "  " not in line


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
def test_plain_text_is_untouched(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "你好，世界！",
        "Ещё один — «ответ»…",
        "naïve e\u0301clair",
        "हिन्दी ภาษาไทย عربي עברית 한국어",
        "👍🏽 🇩🇪 🏳️\u200d🌈 👩\u200d💻 👩🏽\u200d💻 ❤\ufe0f 1\ufe0f\u20e3 👨\u200d👩\u200d👧",
        "∑ √ π ≤ ⟨x⟩ x² a\u20d7",
        "two\nlines\tand a tab",
    ],
)
def test_honest_text_of_many_scripts_is_untouched(text: str) -> None:
    assert clean(text) == text


def test_an_escape_sequence_shows_as_a_picture_and_the_rest_as_text() -> None:
    assert clean("\x1b[31mred\x07") == "␛[31mred␇"


def test_c1_controls_show_as_their_code() -> None:
    assert clean("a\x9b2Jb") == "a\\x9b2Jb"


def test_windows_line_ends_become_plain_ones_and_a_lone_return_cannot_overwrite_a_line() -> None:
    assert clean("one\r\ntwo") == "one\ntwo"
    assert clean("rm -rf /\rharmless") == "rm -rf /␍harmless"
    assert clean("the line end of a chunk\r") == "the line end of a chunk"


def test_separators_that_are_line_breaks_keep_words_apart() -> None:
    assert clean_line("one\u2028two\u2029three") == "one two three"


def test_invisible_characters_and_direction_overrides_are_dropped() -> None:
    assert clean("pay\u200bpal\u202e.com\u2066") == "paypal.com"


def test_a_joiner_between_letters_is_dropped_and_between_pictures_kept() -> None:
    assert clean("ab\u200dcd") == "abcd"
    assert clean("👩\u200d💻") == "👩\u200d💻"


def test_a_lone_surrogate_of_a_cut_stream_is_dropped() -> None:
    assert clean("ok\ud83d") == "ok"


def test_a_line_made_of_any_white_space_is_one_space_wide() -> None:
    assert clean_line("  a \n\n b\t\tc  ") == "a b c"
    assert clean_line("a  b") == "a b"
