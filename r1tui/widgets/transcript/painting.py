"""Rows into strips of the screen: what the screen shows, and which cells of it changed.

A strip has as few runs of one style as the text allows: each costs 40 bytes on the line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from r1tui.domain.clean import Clean
from r1tui.toolkit.line_diff import first_difference, unsure
from r1tui.toolkit.segments import segment, selected
from r1tui.widgets.transcript.ink import REVERSE, STRIKE, UNDERLINE, Ink, InkStyles
from r1tui.widgets.transcript.layout import RowAt
from r1tui.widgets.transcript.rows import Row, Run, merge

MARGIN = 2
"""Cells left of the text: the cursor's sign and a space."""

Mark = tuple[int, int, int]
"""Characters from, to, and the ink to draw them with."""

_UNEVEN = UNDERLINE | REVERSE | STRIKE
"""Attributes that show on spaces too."""


class Decoration(NamedTuple):
    """What is drawn on a row beside its text."""

    sign: Clean = Clean("")
    """In the margin."""
    marks: tuple[Mark, ...] = ()
    chosen: tuple[int, int] | None = None
    """Characters selected with the mouse, margin included (end -1: all)."""
    ground: tuple[int, int] | None = None
    """Cells of the row's text that stand on a ground of their own, from and to."""


_UNDECORATED = Decoration()


class Painting:
    """What the screen shows of a transcript, row by row."""

    def __init__(self, widget: Widget) -> None:
        self._widget = widget
        self._ink_styles: InkStyles | None = None
        self._places: list[RowAt | None] = []
        self._strips: list[Strip] = []
        self._extents: list[int] = []
        self._cache: dict[tuple[object, ...], tuple[Strip, int]] = {}
        self._width = 0

    def __len__(self) -> int:
        return len(self._strips)

    @property
    def size(self) -> Size:
        """The size that the screen had."""
        return Size(self._width, len(self._strips))

    def recolour(self) -> None:
        """The theme is another: the rows on the screen are drawn anew."""
        self._ink_styles, self._cache = None, {}

    def place(self, y: int) -> RowAt | None:
        """What row `y` of the screen shows; None for what belongs to no entry."""
        return self._places[y] if 0 <= y < len(self._places) else None

    def strip(self, y: int) -> Strip:
        """Row `y` of the screen."""
        if 0 <= y < len(self._strips):
            return self._strips[y]
        return Strip.blank(self._widget.size.width, self._widget.rich_style)

    def paint(
        self, rows: Iterable[tuple[RowAt | None, Row]], decorate: Callable[[RowAt, Row], Decoration]
    ) -> Sequence[Region] | None:
        """Compose what the screen shows; the regions that differ from what it showed before, None where all does."""
        width = self._widget.size.width
        if width != self._width:  # nothing of it is shown any more
            self._width, self._strips, self._cache = width, [], {}
        places: list[RowAt | None] = []
        strips: list[Strip] = []
        extents: list[int] = []
        cache: dict[tuple[object, ...], tuple[Strip, int]] = {}
        for place, row in rows:
            decoration = decorate(place, row) if place is not None else _UNDECORATED
            name = (row.runs, decoration)
            found = cache.get(name) or self._cache.get(name) or self._drawn(row, decoration)
            cache[name] = found
            places.append(place)
            strips.append(found[0])
            extents.append(found[1])
        old, old_extents = self._strips, self._extents
        self._places, self._strips, self._extents, self._cache = places, strips, extents, cache
        if len(old) != len(strips):
            return None
        changed = []
        for y, (before, after) in enumerate(zip(old, strips, strict=True)):
            if after is not before and after != before:
                x = first_difference(before, after)
                changed.append(Region(x, y, max(extents[y] - x, old_extents[y] - x, 1), 1))
        return changed

    def _drawn(self, row: Row, decoration: Decoration) -> tuple[Strip, int]:
        if self._ink_styles is None:
            self._ink_styles = InkStyles(self._widget)
        strip, extent = drawn(row, self._ink_styles, self._widget.size.width, decoration)
        background = self._widget.background_colors[1]
        for line_filter in self._widget.get_line_filters():
            strip = strip.apply_filter(line_filter, background)
        return strip, extent


def drawn(row: Row, styles: InkStyles, width: int, decoration: Decoration) -> tuple[Strip, int]:
    """The strip of a row, `width` cells wide, and how many of them may be more than blank."""
    sign, marks, chosen, ground = decoration
    runs: list[Run] = list(row.runs)
    for mark in marks:
        runs = _inked(runs, *mark)
    first = runs[0][1] if runs else int(Ink.TEXT)
    space = int(Ink.TEXT) if first & _UNEVEN else first
    margin: list[Run] = (
        [(sign, int(Ink.CURSOR)), (" " * (MARGIN - 1), space)] if sign else [(" " * MARGIN, space)]
    )
    segments = [segment(text, styles.style(ink)) for text, ink in merge([*margin, *runs])]
    if ground is not None and (style := styles.ground) is not None:
        segments = _grounded(segments, MARGIN + ground[0], min(MARGIN + ground[1], width), style)
    if chosen is not None:
        segments = selected(segments, chosen, styles.selection)
    strip = Strip(segments)
    if strip.cell_length > width:
        strip = strip.crop(0, width)
    extent = strip.cell_length if row.runs or sign or chosen else 0
    if unsure(row.text):
        extent = width  # the terminal may have drawn further than was counted
    if strip.cell_length < width:
        last = runs[-1][1] if runs else int(Ink.TEXT)
        pad = styles.style(int(Ink.TEXT) if last & _UNEVEN or chosen is not None else last)
        blank = " " * (width - strip.cell_length)
        inner = list(strip)
        if inner and inner[-1].style == pad:
            inner[-1] = inner[-1]._replace(text=inner[-1].text + blank)
        else:
            inner.append(segment(blank, pad))
        strip = Strip(inner, width)
    return strip, extent


def _grounded(segments: list[Segment], begin: int, end: int, ground: Style) -> list[Segment]:
    """Segments with a ground from cell `begin` to `end`, which is filled up."""
    strip = Strip(segments)
    last = segments[-1].style or Style.null()
    before, within = strip.extend_cell_length(end, last).divide([begin, end])
    return [*before, *(each._replace(style=(each.style or Style.null()) + ground) for each in within)]


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
