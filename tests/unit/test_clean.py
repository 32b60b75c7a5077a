"""Foreign text is harmless once cleaned, and honest text is untouched."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from r1tui.domain.clean import MAX_MARKS, clean, clean_line, is_harmless, is_mark, visible

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


def stacks(text: str) -> list[int]:
    """How many marks stand on each character that has some."""
    found, marks = [], 0
    for char in [*text, "."]:
        if is_mark(char):
            marks += 1
        else:
            found += [marks] if marks else []
            marks = 0
    return found


def test_a_stack_of_combining_marks_keeps_eight() -> None:
    assert clean("Z" + "\u0301\u0323" * 500 + "algo") == "Z" + "\u0301\u0323" * 4 + "algo"
    assert visible("Z" + "\u0489" * 9) == "Z" + "\u0489" * 8
    assert clean("각" + "\u1161" * 20) == "각" + "\u1161" * 8


@given(
    st.text(st.sampled_from("a\u0301\u20dd\u0e38\u3099\ufe20\u11a8\U0001d165\U000e0100中\x1b"), max_size=80)
)
def test_no_character_carries_more_than_eight_marks(text: str) -> None:
    assert max(stacks(clean(text)), default=0) <= MAX_MARKS
    assert max(stacks(visible(text)), default=0) <= MAX_MARKS


def test_every_mark_of_unicode_counts() -> None:
    marks = list(filter(is_mark, map(chr, range(0x110000))))
    stacked = "".join("a" + char * 9 for char in marks)
    assert visible(stacked) == "".join("a" + char * 8 for char in marks)


OBEYED = [
    *range(0x20),
    *range(0x7F, 0xA0),
    0x61C,
    0x200E,
    0x200F,
    *range(0x2028, 0x202F),
    *range(0x2066, 0x206A),
]
OBEYED += [*range(0xD800, 0xE000)]


def test_the_last_look_shows_a_sign_for_each_character_that_a_terminal_obeys() -> None:
    for char in map(chr, OBEYED):
        assert not is_harmless(char)
        assert len(visible(char)) == 1
        assert unicodedata.category(visible(char)) == "So"


def test_the_last_look_leaves_every_other_character_as_it_is() -> None:
    obeyed = set(OBEYED)
    others = "".join(
        char for code in range(0x110000) if code not in obeyed and not is_mark(char := chr(code))
    )
    assert visible(others) == others


@given(HOSTILE)
def test_cleaned_text_passes_the_last_look_as_it_is(text: str) -> None:
    assert visible(clean(text), lines=True) == clean(text)


def test_lines_and_tabs_pass_only_where_they_are_meant() -> None:
    assert visible("one\n\ttwo\r", lines=True) == "one\n\ttwo␍"
    assert visible("one\n\ttwo") == "one␊␉two"
