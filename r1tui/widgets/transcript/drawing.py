"""Rows into strips of the screen, with as few runs of one style as the text allows: each costs 40 bytes on the line."""

from __future__ import annotations

from rich.segment import Segment
from textual.strip import Strip

from r1tui.toolkit.line_diff import unsure
from r1tui.widgets.lines import selected
from r1tui.widgets.transcript.ink import REVERSE, STRIKE, UNDERLINE, Ink, Palette
from r1tui.widgets.transcript.rows import Row, Run, merge

MARGIN = 2
"""Cells left of the text: the cursor's sign and a space."""

Mark = tuple[int, int, int]
"""Characters from, to, and the ink to draw them with."""

_UNEVEN = UNDERLINE | REVERSE | STRIKE
"""Attributes that show on spaces too."""


def drawn(
    row: Row,
    palette: Palette,
    width: int,
    *,
    sign: str = "",
    marks: tuple[Mark, ...] = (),
    chosen: tuple[int, int] | None = None,
) -> tuple[Strip, int]:
    """The strip of a row, `width` cells wide, and how many of them may be more than blank.

    `sign` stands in the margin; `chosen` are the characters selected with the mouse, margin included (end -1: all).
    """
    runs: list[Run] = list(row.runs)
    for mark in marks:
        runs = _inked(runs, *mark)
    first = runs[0][1] if runs else int(Ink.TEXT)
    space = int(Ink.TEXT) if first & _UNEVEN else first
    margin: list[Run] = (
        [(sign, int(Ink.CURSOR)), (" " * (MARGIN - 1), space)] if sign else [(" " * MARGIN, space)]
    )
    segments = [Segment(text, palette.style(ink)) for text, ink in merge([*margin, *runs])]
    if chosen is not None:
        segments = selected(segments, chosen, palette.selection)
    strip = Strip(segments)
    if strip.cell_length > width:
        strip = strip.crop(0, width)
    extent = strip.cell_length if row.runs or sign or chosen else 0
    if unsure(row.text):
        extent = width  # the terminal may have drawn further than was counted
    if strip.cell_length < width:
        last = runs[-1][1] if runs else int(Ink.TEXT)
        pad = palette.style(int(Ink.TEXT) if last & _UNEVEN or chosen is not None else last)
        blank = " " * (width - strip.cell_length)
        inner = list(strip)
        if inner and inner[-1].style == pad:
            inner[-1] = Segment(inner[-1].text + blank, pad)
        else:
            inner.append(Segment(blank, pad))
        strip = Strip(inner, width)
    return strip, extent


def _inked(runs: list[Run], start: int, end: int, ink: int) -> list[Run]:
    """Runs with the characters from `start` to `end` in another ink."""
    result: list[Run] = []
    at = 0
    for text, own in runs:
        low, high = max(start - at, 0), min(end - at, len(text))
        if low < high:
            result += [(text[:low], own), (text[low:high], ink), (text[high:], own)]
        else:
            result.append((text, own))
        at += len(text)
    return [run for run in result if run[0]]
