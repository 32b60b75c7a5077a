"""Which cells of a line changed: over SSH every cell that is not sent again is bytes saved."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from textual.strip import Strip

from r1tui.toolkit.cells import clusters

_UNSURE = re.compile(
    "[\u0300-\u036f\u0590-\u1fff\u200b-\u200f\u2028-\u202f\u203c\u2049\u205f-\u206f\ua000-\uabff\ufb1d-\ufe0f\U0001f000-\U000e01ef]"
)
"""Characters whose width terminals disagree about: what stands behind one may be some cells further on the screen."""

Run = tuple[str, object]
"""Text, and whatever tells its style apart from another."""


def unsure(text: str) -> bool:
    """Whether terminals disagree about how wide a text is."""
    return not text.isascii() and _UNSURE.search(text) is not None


_JUMP = 8
"""Bytes that put the cursor elsewhere: so many unchanged cells between two that changed cost as much."""
_UNKNOWN: Run = ("?", object())
"""A cell of which nobody knows what the terminal shows there."""


def changed(before: Iterable[Run], after: Iterable[Run], width: int = 0) -> list[tuple[int, int]]:
    """The stretches in which two lines differ, each by its first cell and the one after its last.

    Where a width is not sure, the last ends with the line, `width`: the terminal may have drawn further than was counted.
    """
    old, new = _cells(before), _cells(after)
    room = width if any(unsure(text) for text, _ in (*old, *new)) else 0
    width = max(len(old), len(new))
    old += [(" ", None)] * (width - len(old))
    new += [(" ", None)] * (width - len(new))
    spans = _spans(old, new)
    return spans if not room or not spans else [(spans[0][0], max(spans[-1][1], room))]


class SentCells:
    """The cells that a terminal has been sent, so that none is sent again while it shows the same."""

    def __init__(self) -> None:
        self._rows: dict[int, list[Run]] = {}

    def forget(self) -> None:
        """Take for granted of no cell what the terminal shows there."""
        self._rows.clear()

    def news(self, y: int, x: int, runs: Sequence[Run]) -> list[tuple[int, int]]:
        """The stretches of what is now drawn from row `y`, column `x`, that the terminal does not show yet.

        It is taken for drawn. Where a width is not sure that is all of it, and what the row shows is not known.
        """
        cells = _cells(runs)
        end = x + len(cells)
        if any(unsure(text) for text, _ in runs):
            self._rows.pop(y, None)
            return [(x, end)]
        row = self._rows.setdefault(y, [])
        if len(row) <= x:  # nothing of it is known
            row += [_UNKNOWN] * (x - len(row)) + cells
            return [(x, end)]
        row += [_UNKNOWN] * (end - len(row))
        before, row[x:end] = row[x:end], cells
        return [(x + start, x + behind) for start, behind in _spans(before, cells)]


def _spans(old: Sequence[Run], new: Sequence[Run]) -> list[tuple[int, int]]:
    """The stretches in which as many cells differ, joined where it costs less to send what is between them."""
    if old == new:
        return []
    spans: list[tuple[int, int]] = []
    width = len(new)
    for at in range(width):
        if old[at] == new[at]:
            continue
        start, end = at, at + 1
        # Never cut a wide character in half.
        while start and not (old[start][0] and new[start][0]):
            start -= 1
        while end < width and not (old[end][0] and new[end][0]):
            end += 1
        if spans and start - spans[-1][1] <= _JUMP:
            start = spans.pop()[0]
        spans.append((start, end))
    return spans


def first_difference(before: Strip, after: Strip) -> int:
    """The cell from which two strips differ."""
    at = 0
    for old, new in zip(before, after, strict=False):
        if old != new:
            return at + (_same_cells(old.text, new.text) if old.style == new.style else 0)
        at += cell_len(new.text)
    return at


def _same_cells(before: str, after: str) -> int:
    """How many cells two texts share at their beginning."""
    cells = 0
    for old, new in zip(clusters(before), clusters(after), strict=False):
        if old != new:
            break
        cells += new[1]
    return cells


def _cells(runs: Iterable[Run]) -> list[Run]:
    """A cell each; a wide character has an empty second, one without width stays with what is before it."""
    cells: list[Run] = []
    for text, style in runs:
        if text.isascii():
            cells += [(char, style) for char in text]
            continue
        for cluster, width in clusters(text):
            if width or not cells:
                cells.append((cluster, style))
                cells.extend([("", style)] * (width - 1))
            else:
                cells[-1] = (cells[-1][0] + cluster, style)
    return cells
