"""The window on the rows of all entries: where it stands, and that what it shows is laid out, the rest later."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from time import perf_counter

from r1tui.widgets.transcript.layout import Layout, RowAt
from r1tui.widgets.transcript.rows import BLANK, Row

_SLICE = 0.006
"""Seconds of laying out in the background before the loop gets its turn."""
_BREATH = 0.006
_KEPT_ROWS = 4000
"""Rows kept rendered of entries that are not on the screen."""


class Viewport:
    """As many rows as the screen has, of those of a layout. It draws nothing: paint after what moves it."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.height = 0
        self.top = 0
        """The row at the top of the screen."""
        self.following = True
        """The end stays in view as text comes."""
        self.low_bandwidth = False
        """Bytes are spared, by larger scrolls."""
        self._slack = 0
        """Blank rows left below the text by a scroll of several lines at once."""

    # Where it stands

    @property
    def bottom(self) -> int:
        """The row at the top when the last one is at the bottom."""
        return max(0, self.layout.total - self.height)

    @property
    def last_top(self) -> int:
        """The last row that can be at the top."""
        return self.bottom + self._slack

    @property
    def more(self) -> bool:
        """Whether there is text below what shows, and the reader stays above it."""
        return bool(self.layout.entries) and not self.following and self.top < self.bottom

    def rows(self) -> Iterator[tuple[RowAt | None, Row]]:
        """What the window shows, from the top; a row that belongs to no entry is blank."""
        entries, starts = self.layout.entries, self.layout.starts
        at = self.layout.at(self.top)
        for line in range(self.top, self.top + self.height):
            while at < len(entries) and line >= starts[at + 1]:
                at += 1
            if at < len(entries):
                row, rows = line - starts[at], entries[at].rows
                yield (at, row), rows[row] if row < len(rows) else BLANK
            else:
                yield None, BLANK

    def is_visible(self, at: int) -> bool:
        """Whether a row of entry `at` shows."""
        starts = self.layout.starts
        return starts[at + 1] > self.top and starts[at] < self.top + self.height

    def resize(self, height: int) -> None:
        """Another height shows more or less; the end stays in view where it was."""
        self.height = height
        if self.following:
            self.show_end()

    def move_to(self, top: int) -> None:
        """Something else scrolled, such as a selection dragged over the edge."""
        self.top = top
        self.following = top >= self.bottom

    def scroll(self, by: int) -> None:
        """Scroll as a person does: up ends following, reaching the end resumes it."""
        self._slack = 0
        self.top = max(0, min(self.top + by, self.bottom))
        self.following = self.top >= self.bottom and (by > 0 or self.bottom == 0)

    def show_end(self) -> None:
        """Go to the end and follow."""
        self.following = True
        self._slack = 0
        self.top = self.bottom

    def reveal(self, at: int, row: int = 0) -> None:
        """Bring a row of an entry onto the screen, the entry's beginning where both fit."""
        self.lay_out(at)
        height = self.height
        line, end = self.layout.starts[at] + row, self.layout.starts[at + 1]
        if at == len(self.layout.entries) - 1 and end - line <= height:
            self.show_end()
            return
        if not (self.top <= line and (end if end - line < height else line + 1) <= self.top + height - 1):
            self._slack = 0
            self.following = False
            target = line if line < self.top or end - line >= height else end - height + 1
            self.top = max(0, target - (height // 3 if row else 0))

    @contextmanager
    def staying(self) -> Iterator[None]:
        """Other entries may come and go meanwhile; what is read stays where it is, the end in view where it was."""
        layout = self.layout
        if self.following or not layout.entries:
            yield
            return
        at = layout.at(self.top)
        reading, inside = layout.entries[at].message.id, self.top - layout.starts[at]
        yield
        if (now := layout.index.get(reading)) is not None:
            self.top = layout.starts[now] + min(inside, max(0, layout.entries[now].height - 1))

    def show_row(self, at: int, row: int) -> None:
        """Put a row of an entry, which is laid out, at the top of the screen, or as high as the text's end allows."""
        self._slack = 0
        self.following = False
        self.top = min(self.layout.starts[at] + row, self.bottom)

    def _follow(self) -> None:
        """Keep the end in view; several rows at once, since a scroll repaints all of them."""
        bottom = self.bottom
        streaming = any(entry.streaming for entry in self.layout.entries[-1:])
        # At the answer's end the blank rows go: what stands above is worth more than they are.
        if bottom > self.top or self.top - bottom > (self._slack if streaming else 0):
            grown = streaming and 0 < bottom - self.top < self.height
            step = max(1, self.height * (5 if self.low_bandwidth else 4) // 6)
            self._slack = step - 1 if grown else 0
            self.top = bottom + self._slack
        else:
            self._slack = max(0, self.top - bottom)

    # Laying out

    def lay_out(self, at: int, *, tick: bool = True) -> bool:
        """Bring entry `at` up to date; what is on the screen stays where it is when it stands above."""
        entry = self.layout.entries[at]
        before = entry.height
        taken = entry.lay_out(self.layout.presentation, tick=tick)
        after, entry.height = entry.height, before
        self._resize_entry(at, after)
        return taken

    def lay_out_folded(self, at: int) -> None:
        """The same once it was folded or unfolded: a header that was above the screen's top comes to it, rather than
        leaving the reader lost.
        """
        top, start = self.top, self.layout.starts[at]
        self.lay_out(at)
        if not self.following and start < top < start + self.layout.entries[at].height:
            self.top = start

    def _resize_entry(self, at: int, height: int) -> None:
        """Entry `at` takes so many rows now."""
        entry = self.layout.entries[at]
        before = entry.height
        moves = height != before and not self.following
        top, start = self.top, self.layout.starts[at] if moves else 0
        entry.height, entry.laid_out = height, True
        self.layout.changed(at, height - before)
        if moves:
            if start + before <= top:
                self.top = max(0, top + height - before)
            elif start < top and not entry.streaming:
                self.top = start + min(top - start, max(0, height - 1))

    def settle(self) -> None:
        """Lay out what the screen shows."""
        height = self.height
        entries = self.layout.entries
        if not entries or not height:
            return
        new = False
        for _ in range(200):
            if self.following:
                self._follow()
            first, last = self.layout.at(self.top), self.layout.at(self.top + height - 1)
            pending = [at for at in range(last, first - 1, -1) if not entries[at].rows]
            if not pending:
                break
            self.lay_out(pending[0])
            new = True
        if new:
            self._drop_far()
        if not self.following:
            self.top = min(self.top, self.bottom)

    def lay_out_again(self) -> None:
        """Everything is to be rendered anew: another width, language or policy. The place on the screen stays."""
        layout = self.layout
        entries = layout.entries
        at = layout.at(self.top) if entries else 0
        inside = self.top - layout.starts[at] if entries else 0
        before = entries[at].height if entries else 1
        for entry in entries:
            entry.forget(layout.presentation)
        layout.invalidate()
        self._slack = 0
        if entries and not self.following:
            self.lay_out(at)
            self.top = layout.starts[at] + inside * entries[at].height // max(1, before)
        elif self.following:
            self.top = self.bottom

    async def lay_out_rest(self, paint: Callable[[], None]) -> None:
        """Lay out the entries that nobody has looked at yet, in slices, from the end up; `paint` after each."""
        await asyncio.sleep(_BREATH)
        layout = self.layout
        at = len(layout.entries) - 1
        while at >= 0:
            until = perf_counter() + _SLICE
            # Once a slice: after each entry it would count the rows of all of them.
            first, last = layout.at(self.top), layout.at(self.top + self.height)
            while at >= 0 and perf_counter() < until:
                if at < len(layout.entries) and not (entry := layout.entries[at]).laid_out:
                    if entry.is_long:
                        await self._measure(at)
                        break
                    self.lay_out(at)
                    if not first <= at <= last:
                        entry.drop()
                at -= 1
            if self.following:
                self.top = max(self.top, self.bottom)
            paint()
            await asyncio.sleep(_BREATH)

    async def _measure(self, at: int) -> None:
        """Find the height of a long message in a thread: rendering it would keep the loop too long."""
        entry = self.layout.entries[at]
        presentation = replace(self.layout.presentation)
        copy = entry.twin(presentation)
        await asyncio.to_thread(copy.lay_out, presentation)
        if not entry.laid_out and self.layout.index.get(entry.message.id) == at:
            self._resize_entry(at, copy.height)

    def _drop_far(self) -> None:
        """Free rows of entries off the screen when there are many."""
        first, last = self.layout.at(self.top), self.layout.at(self.top + self.height)
        far = [
            entry
            for at, entry in enumerate(self.layout.entries)
            if entry.rows and not entry.streaming and not first - 1 <= at <= last + 1
        ]
        if sum(len(entry.rows) for entry in far) > _KEPT_ROWS:
            for entry in far:
                entry.drop()
