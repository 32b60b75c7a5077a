"""Text in cells of the terminal: nothing is wider than it may be, and nothing is cut in half."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.content import Content

from r1tui.domain.clean import Clean, clean
from r1tui.locale import load
from r1tui.toolkit import glyphs
from r1tui.toolkit.cells import (
    bar,
    breaks,
    columns,
    cut,
    cut_middle,
    cut_start,
    fit,
    hanging,
    pad,
    pad_start,
    wrap,
    wrap_text,
)
from r1tui.toolkit.patches.wide_lines import PATCH

TEXT = st.text(alphabet="ab 好，👍\u200d🏽e\u0301-.", max_size=40)


@pytest.fixture(autouse=True)
def _signs() -> Iterator[None]:
    glyphs.use(glyphs.UNICODE)
    yield
    glyphs.use(glyphs.UNICODE)


def test_what_fits_stays_as_it_is() -> None:
    for shorten in (cut, cut_start, cut_middle):
        assert shorten(Clean("思考 8b"), 7) == "思考 8b"


def test_an_ellipsis_stands_for_what_is_left_out() -> None:
    assert cut(Clean("deepseek-r1:8b"), 8) == "deepsee…"
    assert cut_start(Clean("deepseek-r1:8b"), 8) == "…k-r1:8b"
    assert cut_middle(Clean("deepseek-r1:8b"), 8) == "deep…:8b"


def test_no_blank_stands_before_the_ellipsis() -> None:
    assert cut(Clean("one two three"), 8) == "one two…"
    assert cut(Clean("one two three"), 5) == "one…"


def test_a_wide_character_is_left_out_whole() -> None:
    assert cut(Clean("深度求索"), 6) == "深度…"
    assert cut_start(Clean("深度求索"), 6) == "…求索"
    assert cut_middle(Clean("深度求索"), 6) == "深…索"


def test_a_terminal_with_ascii_signs_gets_its_own_ellipsis() -> None:
    glyphs.use(glyphs.ASCII)
    assert cut(Clean("deepseek-r1:8b"), 8) == "deepsee~"


@given(TEXT, st.integers(0, 20))
def test_what_is_cut_never_exceeds_its_width(text: str, width: int) -> None:
    text = clean(text)
    assert all(cell_len(shorten(text, width)) <= width for shorten in (cut, cut_start, cut_middle))
    assert cell_len(fit(text, width)) == width


def test_padding_fills_up_and_never_cuts() -> None:
    assert pad(Clean("思"), 4) == "思  "
    assert pad_start(Clean("思"), 4) == "  思"
    assert pad(Clean("思考"), 3) == pad_start(Clean("思考"), 3) == "思考"


def test_columns_stand_below_each_other_and_the_last_give_way() -> None:
    rows = [
        (Clean("8b"), Clean("思考"), Clean("fast")),
        (Clean("1.5b"), Clean("no"), Clean("")),
    ]
    assert columns(rows) == ["8b    思考  fast", "1.5b  no"]
    assert columns(rows, room=14, least=2) == ["8b    思考", "1.5b  no"]
    assert columns(rows, room=3, least=2) == ["8b    思考", "1.5b  no"]
    assert columns([]) == []


def test_a_bar_has_all_its_cells() -> None:
    signs = glyphs.UNICODE
    assert bar(3, 1, 6) == (signs.bar_full * 3, signs.bar_part, signs.bar_empty * 2)


def test_lines_of_a_text_stay_lines() -> None:
    assert wrap_text(Clean("one two\nthree"), 5) == ["one", "two", "three"]
    assert wrap_text(Clean(""), 5) == [""]


def test_a_mark_that_closes_or_opens_stays_with_its_word() -> None:
    assert wrap_text(Clean("内存和GPU，就能"), 9) == ["内存和", "GPU，就能"]
    assert wrap_text(Clean("内存（GPU）够"), 8) == ["内存", "（GPU）", "够"]


def test_a_mark_stays_with_its_word_across_styles() -> None:
    lines = wrap([(Clean("内存和GPU"), 1), (Clean("，就能"), 2)], 9)
    assert ["".join(text for text, _ in line) for line in lines] == ["内存和", "GPU，就能"]


@pytest.mark.parametrize("width", [2, 7, 20, 33, 76])
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_breaks_are_where_lines_are_wrapped_and_lose_nothing(language: str, width: int) -> None:
    for entry in load(language).values():
        for text in (entry,) if isinstance(entry, str) else entry:
            for line in text.split("\n"):
                offsets = [0, *breaks(line, width), len(line)]
                assert offsets == sorted(offsets)
                parts = [line[first:last] for first, last in pairwise(offsets)]
                assert all(cell_len(part.rstrip()) <= width for part in parts), line
                if line == line.strip():
                    assert [part.rstrip() for part in parts] == wrap_text(cast(Clean, line), width), line


def test_a_chinese_sentence_fills_its_lines_and_no_closing_sign_begins_one() -> None:
    PATCH.install()
    text = "每按一次 Enter 只花一个词元：读一遍开头，写一个词元。按 Ctrl+P 选“设置向导”。"
    lines = [line.plain.rstrip() for line in Content(text).wrap(24)]
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(cell_len(line) > 17 for line in lines[:-1])
    assert not any(line[0] in "，。：”" or line[-1] == "“" for line in lines)
    assert [line.plain.rstrip() for line in Content("one two three").wrap(8)] == ["one two", "three"]


def test_what_does_not_fit_stands_below_the_beginning_of_a_lines_text() -> None:
    line = Clean("    1.12  context: keys and values of all layers")
    assert hanging(line, 30) == [
        "    1.12  context: keys and",
        "          values of all layers",
    ]
    assert hanging(Clean("  Memory: as it was stated"), 16) == ["  Memory: as it", "  was stated"]
    assert hanging(Clean("plain words that go on"), 12) == wrap_text(Clean("plain words that go on"), 12)
    assert hanging(Clean(""), 12) == [""]
    assert hanging(Clean("    0.31  工作区：一批词元的激活值"), 22) == [
        "    0.31  工作区：一批",
        "          词元的激活值",
    ]
