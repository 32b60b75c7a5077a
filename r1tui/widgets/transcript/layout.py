"""Where each entry stands in the whole of the transcript, some of them with a height that is only estimated."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

from r1tui.widgets.transcript.entry import Entry, Presentation

RowAt = tuple[int, int]
"""An entry's position, and a row of it."""


class Layout:
    """Entries one below the other."""

    def __init__(self) -> None:
        self.presentation = Presentation()
        self.entries: list[Entry] = []
        self.index: dict[str, int] = {}
        """Message id → position."""
        self._starts: list[int] = [0]
        self._stale = False

    def replace(self, entries: list[Entry]) -> None:
        """Show these entries instead of those that were there."""
        self.entries = entries
        self.index = {entry.message.id: at for at, entry in enumerate(entries)}
        self._stale = True

    def append(self, entry: Entry) -> None:
        """One more at the end."""
        self.index[entry.message.id] = len(self.entries)
        self.entries.append(entry)
        self._stale = True

    def changed(self, at: int, by: int) -> None:
        """The height of entry `at` changed by so many rows."""
        if by and not self._stale:
            if at == len(self.entries) - 1:
                self._starts[-1] += by
            else:
                self._stale = True

    def invalidate(self) -> None:
        """Have the rows counted anew: several heights may have changed."""
        self._stale = True

    @property
    def starts(self) -> list[int]:
        """First row of each entry, and the number of rows at the end."""
        if self._stale:
            self._starts = list(accumulate((entry.height for entry in self.entries), initial=0))
            self._stale = False
        return self._starts

    @property
    def total(self) -> int:
        """The number of rows of all entries."""
        return self.starts[-1]

    def at(self, row: int) -> int:
        """Position of the entry that row `row` belongs to; the last one for a row behind the end."""
        return max(0, min(bisect_right(self.starts, row) - 1, len(self.entries) - 1))
