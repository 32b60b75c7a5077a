"""Parts of attachments that are too long."""

from __future__ import annotations

import pytest

from r1tui.domain.attachment import Attachment
from r1tui.domain.attachment_parts import lines_of, longest, part_that_fits
from r1tui.domain.context_window import TokenRates

RATES = TokenRates()
TEXT = "".join(f"line {n}\n" for n in range(1, 1001))


def whole(text: str = TEXT) -> Attachment:
    return Attachment("notes.md", text)


@pytest.mark.parametrize(
    "text", [TEXT, TEXT.rstrip("\n"), "第一行：模型\n" * 500, "\n" * 3000, "a\n\n第二\n" * 400]
)
@pytest.mark.parametrize("room", [10, 50, 333, 900])
def test_as_many_whole_lines_from_the_beginning_as_fit(text: str, room: int) -> None:
    part = part_that_fits(whole(text), room, RATES, end=False)
    assert part is not None
    assert text.startswith(part.text)
    assert part.part == f"lines 1-{part.lines}"
    assert RATES.tokens(part.text) <= room
    if part.text != text:
        next_line = text.find("\n", len(part.text)) + 1 or len(text)
        assert RATES.tokens(text[:next_line]) > room


@pytest.mark.parametrize(
    "text", [TEXT, TEXT.rstrip("\n"), "第一行：模型\n" * 500, "\n" * 3000, "a\n\n第二\n" * 400]
)
@pytest.mark.parametrize("room", [10, 50, 333, 900])
def test_as_many_whole_lines_at_the_end_as_fit(text: str, room: int) -> None:
    part = part_that_fits(whole(text), room, RATES, end=True)
    assert part is not None
    assert text.endswith(part.text)
    assert part.part == f"lines {whole(text).lines - part.lines + 1}-{whole(text).lines}"
    assert RATES.tokens(part.text) <= room
    if part.text != text:
        begins = len(text) - len(part.text)
        line_before = text.rfind("\n", 0, begins - 1) + 1
        assert RATES.tokens(text[line_before:]) > room


def test_a_line_that_does_not_fit_is_cut_within() -> None:
    text = "x" * 10_000
    head = part_that_fits(whole(text), 30, RATES, end=False)
    tail = part_that_fits(whole(text), 30, RATES, end=True)
    assert head is not None
    assert tail is not None
    assert head.part.startswith("characters 1-")
    assert tail.part.endswith("-10000")
    assert len(head.text) == len(tail.text) > 90


def test_without_room_there_is_no_part() -> None:
    assert part_that_fits(whole(), 0, RATES, end=False) is None
    assert part_that_fits(whole(), -5, RATES, end=True) is None


@pytest.mark.parametrize(
    ("typed", "part", "text"),
    [
        ("2-3", "lines 2-3", "line 2\nline 3\n"),
        (" 2 – 3 ", "lines 2-3", "line 2\nline 3\n"),
        ("7", "lines 7-7", "line 7\n"),
        ("999-", "lines 999-1000", "line 999\nline 1000\n"),
        ("998,999", "lines 998-999", "line 998\nline 999\n"),
        ("999-1,000", "lines 999-1000", "line 999\nline 1000\n"),
        ("999-5000", "lines 999-1000", "line 999\nline 1000\n"),
        ("0-1", "lines 1-1", "line 1\n"),
    ],
)
def test_lines_that_somebody_names(typed: str, part: str, text: str) -> None:
    found = lines_of(whole(), typed)
    assert found is not None
    assert (found.part, found.text) == (part, text)


@pytest.mark.parametrize("typed", ["", "all", "3-2", "1001", "-", "1-2-3", "9" * 40])
def test_what_names_no_lines(typed: str) -> None:
    assert lines_of(whole(), typed) is None


def test_a_last_line_without_its_end() -> None:
    found = lines_of(whole("a\nb\nc"), "2-3")
    assert found is not None
    assert found.text == "b\nc"


def test_the_longest_is_cut() -> None:
    assert longest([whole("a"), whole("ccc"), whole("bb")]).text == "ccc"
