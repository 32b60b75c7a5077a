"""Which cells of a line changed: over SSH every cell that is not sent again is bytes saved."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len
from textual.strip import Strip

Run = tuple[str, object]
"""Text, and whatever tells its style apart from another."""


def changed(before: Iterable[Run], after: Iterable[Run]) -> tuple[int, int] | None:
    """First cell that differs between two lines, and the one after the last; None when nothing does."""
    old, new = _cells(before), _cells(after)
    width = max(len(old), len(new))
    old += [(" ", None)] * (width - len(old))
    new += [(" ", None)] * (width - len(new))
    differing = [at for at in range(width) if old[at] != new[at]]
    if not differing:
        return None
    start, end = differing[0], differing[-1] + 1
    # Never cut a wide character in half.
    while start and not (old[start][0] and new[start][0]):
        start -= 1
    while end < width and not (old[end][0] and new[end][0]):
        end += 1
    return start, end


def first_difference(before: Strip, after: Strip) -> int:
    """The cell from which two strips differ."""
    at = 0
    for old, new in zip(before, after, strict=False):
        if old != new:
            same = _same_characters(old.text, new.text) if old.style == new.style else 0
            return at + cell_len(new.text[:same])
        at += cell_len(new.text)
    return at


def _same_characters(before: str, after: str) -> int:
    """How many characters two texts share at their beginning."""
    size = min(len(before), len(after))
    return next((at for at in range(size) if before[at] != after[at]), size)


def _cells(runs: Iterable[Run]) -> list[Run]:
    """A cell each; a wide character has an empty second, a combining one stays with its base."""
    cells: list[Run] = []
    for text, style in runs:
        for char in text:
            width = cell_len(char)
            if width or not cells:
                cells.append((char, style))
                cells.extend([("", style)] * (width - 1))
            else:
                cells[-1] = (cells[-1][0] + char, style)
    return cells
