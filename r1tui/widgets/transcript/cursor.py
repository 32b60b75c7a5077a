"""The message that keys act on."""

from __future__ import annotations

from r1tui.domain.clean import Clean
from r1tui.domain.message import Message
from r1tui.toolkit.glyphs import glyphs
from r1tui.widgets.transcript.entry import Section
from r1tui.widgets.transcript.layout import RowAt
from r1tui.widgets.transcript.viewport import Viewport


class Cursor:
    """A place among the messages, shown by signs in the margin; none while keys go elsewhere."""

    def __init__(self, viewport: Viewport) -> None:
        self._viewport = viewport
        self._layout = viewport.layout
        self.message_id: str | None = None

    @property
    def at(self) -> int | None:
        """Position of the entry under it."""
        return None if self.message_id is None else self._layout.index.get(self.message_id)

    @property
    def at_or_last(self) -> int | None:
        """The same; without a cursor that of the last entry."""
        last = len(self._layout.entries) - 1 if self._layout.entries else None
        return last if self.at is None else self.at

    @property
    def message(self) -> Message | None:
        """The message under it; without a cursor, the last."""
        at = self.at_or_last
        return None if at is None else self._layout.entries[at].message

    def move(self, by: int) -> int | None:
        """Move over messages, from what the screen shows where there was no cursor; the position it comes to."""
        entries = self._layout.entries
        if not entries:
            return None
        at = self.at
        if at is None:
            at = self._layout.at(self._viewport.top + max(0, self._viewport.height - 2))
            at += 1 if by < 0 and self._viewport.following else 0
        at = max(0, min(at + by, len(entries) - 1))
        self.message_id = entries[at].message.id
        return at

    def sign(self, place: RowAt) -> Clean:
        """The sign in the margin of a row."""
        entry = self._layout.entries[place[0]]
        if self.message_id is None or entry.message.id != self.message_id:
            return Clean("")
        section = entry.section_of(place[1])
        if section is Section.GAP:
            return Clean("")
        return glyphs().selected if section is Section.HEADER else glyphs().gutter
