"""Rows of the transcript, and the wrapping of text into them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

from rich.cells import cell_len, chop_cells

Run = tuple[str, int]
"""Text and its ink."""


class Row:
    """One line as wide as the transcript at most: its runs, and where its text begins after gutters and indents."""

    __slots__ = ("lead", "runs")

    def __init__(self, runs: tuple[Run, ...], lead: int = 0) -> None:
        self.runs = runs
        self.lead = lead
        """Characters at the beginning that decorate (gutter, indent, bullet) and do not stand in the source."""

    @property
    def text(self) -> str:
        """The characters of the row."""
        return "".join(text for text, _ in self.runs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Row) and self.runs == other.runs

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"Row({self.text!r})"


BLANK = Row(())


def blank_row(prefix: tuple[Run, ...]) -> Row:
    """A row without text, behind the gutter of what it stands in."""
    if any(text.strip() for text, _ in prefix):
        return Row(merge(prefix), sum(len(text) for text, _ in prefix))
    return BLANK


_WIDE = "⺀-〿぀-ヿ㐀-䶿一-鿿가-힣豈-﫿︰-﹏＀-｠￠-￦\U0001f300-\U0001faff\U00020000-\U0003ffff"
_OPENING = "（《「『【〔〈［｛"
_CLOSING = "，。、；：！？）》」』】〕〉］｝…—～.,;:!?)\\]}%"
# Where a line of Chinese may be broken: before any wide character, but not between it and the mark that closes after it
# or opens before it. A sequence of emoji with joiners and modifiers is one piece.
_JOINED = "[\u200d\ufe0f\u20e3\U0001f3fb-\U0001f3ff]"


@cache
def _piece() -> re.Pattern[str]:
    """Compiled on first use: it takes 7 ms, and ASCII needs none of it."""
    return re.compile(
        f"[{_OPENING}]*[{_WIDE}](?:{_JOINED}+(?:[^\\s\x00-\x7f](?={_JOINED})|(?<=\u200d)[^\\s\x00-\x7f])?)*[{_CLOSING}]*"
        f"|(?:(?![{_WIDE}]).)+"
    )


@cache
def _wide_edge() -> re.Pattern[str]:
    """A wide character at the start. Compiled at the first use: it takes 2 ms, which the first paint does not wait for."""
    return re.compile(f"[{_WIDE}]")


_TOKEN = re.compile(r" +|[^ ]+")


def _pieces(runs: Iterable[Run]) -> Iterable[tuple[str, int, bool, bool]]:
    """(text, ink, is it space, may the line break before it)."""
    before = " "
    for text, ink in runs:
        if not text:
            continue
        for token in _TOKEN.findall(text):
            if token[0] == " ":
                yield token, ink, True, True
            elif token.isascii():
                yield token, ink, False, bool(before == " " or _wide_edge().match(before))
            else:
                parts = _piece().findall(token)
                for index, part in enumerate(parts):
                    yield part, ink, False, bool(index or before == " " or _wide_edge().match(part))
            before = token[-1]


def wrap(runs: Sequence[Run], width: int) -> list[list[Run]]:
    """Break one logical line, without line breaks in it, into lines of at most `width` cells (2 at least)."""
    width = max(2, width)
    if len(runs) == 1:
        text = runs[0][0]
        if text.isascii() and len(text) <= width:
            return [[runs[0]]]
    words: list[tuple[list[Run], int, list[Run]]] = []
    gap: list[Run] = []
    for text, ink, space, breakable in _pieces(runs):
        if space:
            gap.append((text, ink))
        elif breakable or gap or not words:
            words.append((gap, cell_len(text), [(text, ink)]))
            gap = []
        else:
            before, cells, parts = words[-1]
            parts.append((text, ink))
            words[-1] = (before, cells + cell_len(text), parts)
    lines: list[list[Run]] = []
    line: list[Run] = []
    used = 0
    for before, cells, parts in words:
        spaces = sum(len(text) for text, _ in before)
        if used + spaces + cells <= width:
            line += before
            line += parts
            used += spaces + cells
            continue
        if line:
            lines.append(line)
        line, used = [], 0
        if cells <= width:
            line, used = list(parts), cells
            continue
        for text, ink in parts:
            for chunk in _hard(text, width, used):
                size = cell_len(chunk)
                if used and used + size > width:
                    lines.append(line)
                    line, used = [], 0
                line.append((chunk, ink))
                used += size
    if line or not lines:
        lines.append(line)
    return lines


def _hard(text: str, width: int, used: int) -> list[str]:
    """Cut a word that is too long for a line; the first piece fills what is left of the present one."""
    left = width - used
    if left < 2 or used == 0:
        return chop_cells(text, width)
    first = chop_cells(text, left)[0]
    if cell_len(first) > left:
        return chop_cells(text, width)
    return [first, *chop_cells(text[len(first) :], width)] if len(first) < len(text) else [first]


def merge(runs: Iterable[Run]) -> tuple[Run, ...]:
    """The same text with neighbours of one ink joined: each run costs a colour sequence on the terminal."""
    merged: list[Run] = []
    for text, ink in runs:
        if not text:
            continue
        if merged and merged[-1][1] == ink:
            merged[-1] = (merged[-1][0] + text, ink)
        else:
            merged.append((text, ink))
    return tuple(merged)


def fold(runs: Iterable[Run], width: int) -> list[list[Run]]:
    """Cut one logical line every `width` cells, losing nothing: for code."""
    width = max(2, width)
    lines: list[list[Run]] = [[]]
    used = 0
    for text, ink in runs:
        for piece in _hard(text, width, used) if text else ():
            size = cell_len(piece)
            if used and used + size > width:
                lines.append([])
                used = 0
            lines[-1].append((piece, ink))
            used += size
    return lines
