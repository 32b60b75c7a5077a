"""A window on many entries that draws only what changed: scrolling, following, laying out what is seen and the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import perf_counter

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from r1tui.locale import t
from r1tui.widgets.transcript.code import on_lexer
from r1tui.widgets.transcript.entry import Entry, View
from r1tui.widgets.transcript.events import FollowChanged
from r1tui.widgets.transcript.ink import COMPONENTS, REVERSE, STRIKE, UNDERLINE, Ink, Palette
from r1tui.widgets.transcript.layout import Layout
from r1tui.widgets.transcript.rows import BLANK, Row, Run, merge
from r1tui.widgets.transcript.words import signs

MARGIN = 2
"""Cells left of the text: the cursor's sign and a space."""
_SLICE = 0.006
"""Seconds of laying out in the background before the loop gets its turn."""
_BREATH = 0.006
_KEPT_ROWS = 4000
"""Rows kept rendered of entries that are not on the screen."""
_ENTRY_BITS = 20
"""A line's number for the mouse selection is its entry's shifted by so many bits, plus its row there: what grows or
is laid out elsewhere does not move it."""
_UNEVEN = UNDERLINE | REVERSE | STRIKE

Mark = tuple[int, int, int]
"""Characters from, to, and the ink to draw them with."""


class TranscriptView(ScrollView, can_focus=True):
    """The drawing half of the transcript; `Transcript` adds messages, keys and search."""

    COMPONENT_CLASSES = COMPONENTS
    ALLOW_MAXIMIZE = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.view = View()
        self.layout_ = Layout()
        self.low_bandwidth = False
        """Bytes are dear: larger scrolls, no highlighting."""
        self.following = True
        """The end stays in view as text comes."""
        self._told = (True, False)
        self._slack = 0
        """Blank rows left below the text by a scroll of several lines at once."""
        self._palette: Palette | None = None
        self._visible: list[tuple[int, int] | None] = []
        """(entry, row in it) of each row on the screen."""
        self._strips: list[Strip] = []
        self._extents: list[int] = []
        self._cache: dict[tuple[object, ...], tuple[Strip, int]] = {}
        self._off_lexer: Callable[[], None] | None = None

    # Geometry

    @property
    def max_scroll_y(self) -> int:
        """The last row that can be at the top."""
        return max(0, self.layout_.total - self.size.height) + self._slack

    @property
    def allow_vertical_scroll(self) -> bool:
        """There is no scroll bar (it would be painted with every line), but scrolling there is."""
        return self.max_scroll_y > 0

    @property
    def top(self) -> int:
        """The row at the top of the screen."""
        return round(self.scroll_y)

    @property
    def bottom_top(self) -> int:
        """The row at the top when the last one is at the bottom."""
        return max(0, self.layout_.total - self.size.height)

    def _set_top(self, row: int) -> None:
        self.set_reactive(ScrollView.scroll_y, float(max(0, row)))
        self.set_reactive(ScrollView.scroll_target_y, float(max(0, row)))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Something else scrolled, such as a selection dragged over the edge."""
        if round(old_value) != round(new_value):
            self.following = new_value >= self.bottom_top
            self.paint()

    def watch_scroll_x(self, old_value: float, new_value: float) -> None:
        """Text is wrapped: nothing ever scrolls sideways."""

    def scroll_rows(self, by: int) -> None:
        """Scroll as a person does: up ends following, reaching the end resumes it."""
        self._slack = 0
        target = max(0, min(self.top + by, self.bottom_top))
        self.following = target >= self.bottom_top and (by > 0 or self.bottom_top == 0)
        self._set_top(target)
        self.paint()

    def show_end(self) -> None:
        """Go to the end and follow."""
        self.following = True
        self._slack = 0
        self._set_top(self.bottom_top)
        self.paint()

    def _follow(self) -> None:
        """Keep the end in view; several rows at once, since a scroll repaints all of them."""
        bottom = self.bottom_top
        if bottom > self.top or self.top - bottom > self._slack:
            grown = 0 < bottom - self.top < self.size.height and any(
                entry.streaming for entry in self.layout_.entries[-1:]
            )
            step = max(1, self.size.height * (4 if self.low_bandwidth else 3) // 5)
            self._slack = step - 1 if grown else 0
            self._set_top(bottom + self._slack)
        else:
            self._slack = max(0, self.top - bottom)

    # Laying out

    def lay_out(self, at: int, *, tick: bool = True) -> bool:
        """Bring entry `at` up to date; what is on the screen stays where it is when it stands above."""
        entry = self.layout_.entries[at]
        top, start = self.top, self.layout_.starts[at]
        before = entry.height
        taken = entry.lay_out(self.view, tick=tick)
        by = entry.height - before
        self.layout_.changed(at, by)
        if by and not self.following:
            if start + before <= top:
                self._set_top(top + by)
            elif start < top and not entry.streaming:
                self._set_top(start + min(top - start, max(0, entry.height - 1)))
        return taken

    def settle(self) -> None:
        """Lay out what the screen shows."""
        height = self.size.height
        entries = self.layout_.entries
        if not entries or not height:
            return
        for _ in range(200):
            if self.following:
                self._follow()
            first, last = self.layout_.at(self.top), self.layout_.at(self.top + height - 1)
            pending = [at for at in range(last, first - 1, -1) if not entries[at].rows]
            if not pending:
                break
            self.lay_out(pending[0])
        if not self.following:
            self._set_top(min(self.top, self.bottom_top))

    def relay(self) -> None:
        """Everything is to be rendered anew: another width, language or policy. The place on the screen stays."""
        entries = self.layout_.entries
        at = self.layout_.at(self.top) if entries else 0
        inside = self.top - self.layout_.starts[at] if entries else 0
        before = entries[at].height if entries else 1
        for entry in entries:
            entry.forget(self.view)
        self.layout_.invalidate()
        self._slack = 0
        if entries and not self.following:
            self.lay_out(at)
            self._set_top(self.layout_.starts[at] + inside * entries[at].height // max(1, before))
        elif self.following:
            self._set_top(self.bottom_top)
        self.paint()
        self.lay_out_rest()

    def lay_out_rest(self) -> None:
        """Lay out the entries that nobody has looked at yet, in slices, from the end up."""
        if self.is_mounted and any(not entry.laid_out for entry in self.layout_.entries):
            self.run_worker(self._rest(), group="layout", exclusive=True, exit_on_error=True)

    async def _rest(self) -> None:
        await asyncio.sleep(_BREATH)
        layout = self.layout_
        at = len(layout.entries) - 1
        while at >= 0:
            until = perf_counter() + _SLICE
            while at >= 0 and perf_counter() < until:
                if at < len(layout.entries) and not layout.entries[at].laid_out:
                    self.lay_out(at)
                    if not self._is_visible(at):
                        layout.entries[at].drop()
                at -= 1
            if self.following:
                self._set_top(max(self.top, self.bottom_top))
            self._visible_again()
            await asyncio.sleep(_BREATH)

    def _is_visible(self, at: int) -> bool:
        starts = self.layout_.starts
        return starts[at + 1] > self.top and starts[at] < self.top + self.size.height

    def _visible_again(self) -> None:
        """Heights above changed and the view moved with them: painting finds nothing new, or only the sign below."""
        self.paint()

    def _drop_far(self) -> None:
        """Free rows of entries off the screen when there are many."""
        kept = 0
        first, last = self.layout_.at(self.top), self.layout_.at(self.top + self.size.height)
        for at, entry in enumerate(self.layout_.entries):
            if entry.rows and not entry.streaming and not first - 1 <= at <= last + 1:
                kept += len(entry.rows)
        if kept > _KEPT_ROWS:
            for at, entry in enumerate(self.layout_.entries):
                if entry.rows and not entry.streaming and not first - 1 <= at <= last + 1:
                    entry.drop()

    # Painting

    def on_mount(self) -> None:
        """Lexers arrive from threads."""
        self._off_lexer = on_lexer(lambda: self.app.call_from_thread(self._lexer_came))

    def on_unmount(self) -> None:
        """Leave nothing behind."""
        if self._off_lexer is not None:
            self._off_lexer()

    def _lexer_came(self) -> None:
        for entry in self.layout_.entries:
            if entry.rows:
                entry.drop()
        self.paint()

    def notify_style_update(self) -> None:
        """Another theme: the same rows in other colours."""
        super().notify_style_update()
        self._palette = None
        self._cache = {}
        if self.is_mounted and self._strips:
            self.paint()

    def on_resize(self, event: events.Resize) -> None:
        """Another width wraps anew; another height only shows more or less."""
        width = max(8, event.size.width - MARGIN - 1)
        self._strips, self._cache = [], {}
        if width != self.view.width:
            self.view.width = width
            self.relay()
        else:
            if self.following:
                self._slack = 0
                self._set_top(self.bottom_top)
            self.paint()

    def marks(self, at: int, row: Row, index: int) -> tuple[Mark, ...]:
        """Characters of a row to be drawn otherwise: what a search found."""
        return ()

    def margin_sign(self, at: int, index: int) -> str:
        """The sign in the margin of a row."""
        return ""

    def paint(self) -> None:
        """Compose what the screen shows and refresh the lines that differ from what it showed before."""
        width, height = self.size
        if not width or not height or not self.is_mounted:
            return
        self.settle()
        if self._palette is None:
            self._palette = Palette(self)
        layout = self.layout_
        entries, starts, top = layout.entries, layout.starts, self.top
        selection = self.text_selection
        cache: dict[tuple[object, ...], tuple[Strip, int]] = {}
        visible: list[tuple[int, int] | None] = []
        strips: list[Strip] = []
        extents: list[int] = []
        at = layout.at(top) if entries else 0
        more = bool(entries) and not self.following and top < self.bottom_top
        for y in range(height):
            row, key = BLANK, None
            if more and y == height - 1:
                row = Row(((signs(t("transcript.more")), Ink.CURSOR),))
            else:
                line = top + y
                while at < len(entries) and line >= starts[at + 1]:
                    at += 1
                if at < len(entries):
                    key = (at, line - starts[at])
                    rows = entries[at].rows
                    row = rows[key[1]] if key[1] < len(rows) else BLANK
            marks: tuple[Mark, ...] = self.marks(key[0], row, key[1]) if key else ()
            gutter = self.margin_sign(*key) if key else ""
            chosen = selection.get_span((key[0] << _ENTRY_BITS) + key[1]) if selection and key else None
            name = (row.runs, gutter, marks, chosen)
            found = cache.get(name) or self._cache.get(name) or self._drawn(row, gutter, marks, chosen, width)
            cache[name] = found
            visible.append(key)
            strips.append(found[0])
            extents.append(found[1])
        self._visible, self._cache = visible, cache
        old, old_extents = self._strips, self._extents
        self._strips, self._extents = strips, extents
        if len(old) != height:
            self.refresh()
        else:
            changed = [
                Region(0, y, max(extents[y], old_extents[y], 1), 1)
                for y in range(height)
                if strips[y] is not old[y]
            ]
            if changed:
                self.refresh(*changed)
        self._tell(more)

    def _tell(self, more: bool) -> None:
        if self._told != (self.following, more):
            self._told = (self.following, more)
            self.post_message(FollowChanged(self.following, more))

    def _drawn(
        self, row: Row, gutter: str, marks: tuple[Mark, ...], chosen: tuple[int, int] | None, width: int
    ) -> tuple[Strip, int]:
        """The strip of a row, and how far it is more than blank."""
        assert self._palette is not None
        style = self._palette.style
        runs: list[Run] = list(row.runs)
        for mark in marks:
            runs = _inked(runs, *mark)
        first = runs[0][1] if runs else int(Ink.TEXT)
        margin: list[Run] = [(" " * MARGIN, int(Ink.TEXT) if first & _UNEVEN else first)]
        if gutter:
            margin = [(gutter, int(Ink.CURSOR)), (" " * (MARGIN - 1), margin[0][1])]
        segments = [Segment(text, style(ink)) for text, ink in merge([*margin, *runs])]
        if chosen is not None:
            segments = _selected(segments, chosen, self.screen.get_component_rich_style("screen--selection"))
        strip = Strip(segments)
        if strip.cell_length > width:
            strip = strip.crop(0, width)
        extent = strip.cell_length if row.runs or gutter or chosen else 0
        last = runs[-1][1] if runs else int(Ink.TEXT)
        pad = style(int(Ink.TEXT) if last & _UNEVEN or chosen is not None else last)
        if strip.cell_length < width:
            inner = strip._segments
            blank = " " * (width - strip.cell_length)
            if inner and inner[-1].style == pad:
                strip = Strip([*inner[:-1], Segment(inner[-1].text + blank, pad)], width)
            else:
                strip = Strip([*inner, Segment(blank, pad)], width)
        background = self.background_colors[1]
        for line_filter in self.get_line_filters():
            strip = strip.apply_filter(line_filter, background)
        return strip, extent

    def render_lines(self, crop: Region) -> list[Strip]:
        """The strips as composed by `paint`: there is no border or padding to be added."""
        if len(self._strips) != self.size.height:
            self.paint()
        blank = Strip.blank(self.size.width, self.rich_style)
        lines = [self._strips[y] if y < len(self._strips) else blank for y in crop.line_range]
        if crop.column_span != (0, self.size.width):
            lines = [strip.crop(*crop.column_span) for strip in lines]
        return lines

    def render_line(self, y: int) -> Strip:
        """A strip that knows where it stands, for the mouse."""
        if not 0 <= y < len(self._strips):
            return Strip.blank(self.size.width, self.rich_style)
        key = self._visible[y]
        return (
            self._strips[y]
            if key is None
            else self._strips[y].apply_offsets(0, (key[0] << _ENTRY_BITS) + key[1])
        )

    def selection_updated(self, selection: Selection | None) -> None:
        """Draw what is selected."""
        self.paint()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """All rows."""
        return self.layout_.total


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


def _selected(segments: list[Segment], span: tuple[int, int], style: Style) -> list[Segment]:
    """Segments with the characters of `span` (its end -1 for all) drawn as selected."""
    start, end = span
    result: list[Segment] = []
    at = 0
    for segment in segments:
        text = segment.text
        low = max(start - at, 0)
        high = len(text) if end < 0 else min(end - at, len(text))
        own = segment.style or Style.null()
        if low < high:
            parts = [(text[:low], own), (text[low:high], own + style), (text[high:], own)]
            result += [Segment(part, part_style) for part, part_style in parts if part]
        else:
            result.append(segment)
        at += len(text)
    return result


__all__ = ["MARGIN", "Entry", "TranscriptView"]
