"""Where a window on many entries stands: scrolling, following, and laying out what is seen at once and the rest later."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from time import perf_counter

from textual.scroll_view import ScrollView

from r1tui.widgets.transcript.entry import Entry, View
from r1tui.widgets.transcript.ink import COMPONENTS
from r1tui.widgets.transcript.layout import Layout

_SLICE = 0.006
"""Seconds of laying out in the background before the loop gets its turn."""
_BREATH = 0.006
_KEPT_ROWS = 4000
"""Rows kept rendered of entries that are not on the screen."""


class ScrollingView(ScrollView, can_focus=True):
    """The window; `TranscriptView` draws what stands in it."""

    COMPONENT_CLASSES = COMPONENTS
    ALLOW_MAXIMIZE = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.view = View()
        self.layout_ = Layout()
        self._low_bandwidth = False
        self.following = True
        """The end stays in view as text comes."""
        self._slack = 0
        """Blank rows left below the text by a scroll of several lines at once."""

    def paint(self) -> None:
        """Draw what the window shows now."""
        self.refresh()

    @property
    def low_bandwidth(self) -> bool:
        """Bytes are dear: larger scrolls, no highlighting."""
        return self._low_bandwidth

    @low_bandwidth.setter
    def low_bandwidth(self, dear: bool) -> None:
        if dear != self._low_bandwidth:
            self._low_bandwidth = dear
            self.view.highlight = not dear
            self.render_again()

    def render_again(self) -> None:
        """The same rows in number, but with other inks."""
        for entry in self.layout_.entries:
            if entry.rows:
                entry.drop()
        self.paint()

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
        streaming = any(entry.streaming for entry in self.layout_.entries[-1:])
        # At the answer's end the blank rows go: what stands above is worth more than they are.
        if bottom > self.top or self.top - bottom > (self._slack if streaming else 0):
            grown = streaming and 0 < bottom - self.top < self.size.height
            step = max(1, self.size.height * (5 if self.low_bandwidth else 4) // 6)
            self._slack = step - 1 if grown else 0
            self._set_top(bottom + self._slack)
        else:
            self._slack = max(0, self.top - bottom)

    # Laying out

    def lay_out(self, at: int, *, tick: bool = True) -> bool:
        """Bring entry `at` up to date; what is on the screen stays where it is when it stands above."""
        entry = self.layout_.entries[at]
        before = entry.height
        taken = entry.lay_out(self.view, tick=tick)
        after, entry.height = entry.height, before
        self.resize_entry(at, after)
        return taken

    def resize_entry(self, at: int, height: int) -> None:
        """Entry `at` takes so many rows now."""
        entry = self.layout_.entries[at]
        top, start, before = self.top, self.layout_.starts[at], entry.height
        entry.height, entry.laid_out = height, True
        self.layout_.changed(at, height - before)
        if height != before and not self.following:
            if start + before <= top:
                self._set_top(top + height - before)
            elif start < top and not entry.streaming:
                self._set_top(start + min(top - start, max(0, height - 1)))

    def settle(self) -> None:
        """Lay out what the screen shows."""
        height = self.size.height
        entries = self.layout_.entries
        if not entries or not height:
            return
        new = False
        for _ in range(200):
            if self.following:
                self._follow()
            first, last = self.layout_.at(self.top), self.layout_.at(self.top + height - 1)
            pending = [at for at in range(last, first - 1, -1) if not entries[at].rows]
            if not pending:
                break
            self.lay_out(pending[0])
            new = True
        if new:
            self._drop_far()
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
                if at < len(layout.entries) and not (entry := layout.entries[at]).laid_out:
                    if entry.is_long:
                        await self._measure(at)
                        break
                    self.lay_out(at)
                    if not self._is_visible(at):
                        entry.drop()
                at -= 1
            if self.following:
                self._set_top(max(self.top, self.bottom_top))
            self.paint()
            await asyncio.sleep(_BREATH)

    async def _measure(self, at: int) -> None:
        """Find the height of a long message in a thread: rendering it would keep the loop too long."""
        entry = self.layout_.entries[at]
        view, copy = replace(self.view), Entry(entry.message, self.view)
        copy.choice = entry.choice
        await asyncio.to_thread(copy.lay_out, view)
        if not entry.laid_out and self.layout_.index.get(entry.message.id) == at:
            self.resize_entry(at, copy.height)

    def _is_visible(self, at: int) -> bool:
        starts = self.layout_.starts
        return starts[at + 1] > self.top and starts[at] < self.top + self.size.height

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
