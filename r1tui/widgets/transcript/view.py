"""The drawing half of the transcript: of what stands in the window, only the lines that changed are painted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from textual import events
from textual.geometry import Region, Size
from textual.selection import Selection
from textual.strip import Strip

from r1tui.locale import t
from r1tui.toolkit.line_diff import first_difference
from r1tui.widgets.transcript.code import on_lexer
from r1tui.widgets.transcript.drawing import MARGIN, Mark, drawn
from r1tui.widgets.transcript.events import LexerCame
from r1tui.widgets.transcript.ink import Ink, Palette
from r1tui.widgets.transcript.rows import BLANK, Row
from r1tui.widgets.transcript.scrolling import ScrollingView
from r1tui.widgets.transcript.words import signs

ENTRY_BITS = 20
"""A line's number for the mouse selection is its entry's shifted by so many bits, plus its row there: what grows or
is laid out elsewhere does not move it."""


class TranscriptView(ScrollingView):
    """Entries as lines of the screen."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._palette: Palette | None = None
        self._visible: list[tuple[int, int] | None] = []
        """(entry, row in it) of each row on the screen."""
        self._strips: list[Strip] = []
        self._extents: list[int] = []
        self._cache: dict[tuple[object, ...], tuple[Strip, int]] = {}
        self._off_lexer: Callable[[], None] | None = None

    def on_mount(self) -> None:
        """Lexers arrive from threads."""
        self._off_lexer = on_lexer(self._tell_lexer)

    def on_unmount(self) -> None:
        """Leave nothing behind."""
        if self._off_lexer is not None:
            self._off_lexer()

    def _tell_lexer(self) -> None:
        """Called in the thread that loaded it; the app may be ending."""
        with suppress(RuntimeError):
            self.post_message(LexerCame())

    def on_transcript_lexer_came(self) -> None:
        """Draw code again, now in colours."""
        self.render_again()

    def notify_style_update(self) -> None:
        """Another theme: the same rows in other colours."""
        super().notify_style_update()
        if self.is_mounted and self._strips:
            self.call_later(self._recolour)  # the component classes get their new styles after the widget

    def _recolour(self) -> None:
        self._palette = None
        self._cache = {}
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
            chosen = selection.get_span((key[0] << ENTRY_BITS) + key[1]) if selection and key else None
            name = (row.runs, gutter, marks, chosen)
            found = cache.get(name) or self._cache.get(name) or self._drawn(row, gutter, marks, chosen)
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
            changed = []
            for y in range(height):
                if strips[y] is not old[y] and strips[y] != old[y]:
                    x = first_difference(old[y], strips[y])
                    changed.append(Region(x, y, max(extents[y] - x, old_extents[y] - x, 1), 1))
            if changed:
                self.refresh(*changed)

    def _drawn(
        self, row: Row, sign: str, marks: tuple[Mark, ...], chosen: tuple[int, int] | None
    ) -> tuple[Strip, int]:
        if self._palette is None:
            self._palette = Palette(self)
        strip, extent = drawn(row, self._palette, self.size.width, sign=sign, marks=marks, chosen=chosen)
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
            else self._strips[y].apply_offsets(0, (key[0] << ENTRY_BITS) + key[1])
        )

    def selection_updated(self, selection: Selection | None) -> None:
        """Draw what is selected."""
        self.paint()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """All rows."""
        return self.layout_.total
