"""The chat log as its screen knows it: the messages it shows, the mouse, and its colours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual import events
from textual.selection import Selection

from r1tui.domain.message import Message, MessageStatus, Role
from r1tui.widgets.transcript import select
from r1tui.widgets.transcript.drawing import MARGIN
from r1tui.widgets.transcript.entry import Entry
from r1tui.widgets.transcript.keys import KeyedView
from r1tui.widgets.transcript.view import ENTRY_BITS

_WHEEL = 3
"""Rows a turn of the wheel scrolls."""


class Transcript(KeyedView):
    """A conversation's active branch. The messages are the domain's own: `update` takes what is new in one of them."""

    DEFAULT_CSS = """
    Transcript {
        overflow: hidden hidden;
        background: $background;
        color: $foreground;
        height: 1fr;
        & > .transcript--text { color: $foreground; }
        & > .transcript--muted { color: $text-muted; }
        & > .transcript--think { color: $text-muted; }
        & > .transcript--heading { color: $text-primary; }
        & > .transcript--code { color: $text-accent; }
        & > .transcript--quote { color: $text-muted; }
        & > .transcript--link { color: $text-secondary; }
        & > .transcript--maths { color: $foreground; }
        & > .transcript--boxed { color: $text-success; }
        & > .transcript--user { color: $text-secondary; }
        & > .transcript--model { color: $text-primary; }
        & > .transcript--warning { color: $text-warning; }
        & > .transcript--error { color: $text-error; }
        & > .transcript--cursor { color: $text-accent; }
        & > .transcript--find { color: $text-warning; }
        & > .transcript--keyword { color: $text-primary; }
        & > .transcript--string { color: $text-success; }
        & > .transcript--comment { color: $text-muted; }
        & > .transcript--number { color: $text-warning; }
        & > .transcript--name { color: $text-secondary; }
    }
    """

    # What is shown

    @property
    def reasoning_policy(self) -> str:
        """`while-thinking`, `open` or `folded`."""
        return self.view.policy

    @reasoning_policy.setter
    def reasoning_policy(self, policy: str) -> None:
        for entry in self.layout_.entries:
            entry.choice = None  # what was folded by key yields to it
        self.view.policy = policy
        self._refold()

    @property
    def messages(self) -> list[Message]:
        """What is shown, oldest first."""
        return [entry.message for entry in self.layout_.entries]

    def show(self, messages: Sequence[Message]) -> None:
        """Show a branch, at its end. Entries of messages that were shown before are kept."""
        known = {id(entry.message): entry for entry in self.layout_.entries}
        self.layout_.replace([known.get(id(message)) or Entry(message, self.view) for message in messages])
        for entry in self.layout_.entries[-2:]:
            if entry.rows:
                entry.lay_out(self.view)
        self.layout_.invalidate()
        if self._cursor not in self.layout_.index:
            self._cursor = messages[-1].id if messages and self.has_focus else None
        self._search(self._needle)
        self.show_end()
        self.lay_out_rest()

    def add(self, message: Message) -> None:
        """One more message at the end. A user's own takes the view to the end."""
        self.layout_.append(Entry(message, self.view))
        if message.role is Role.USER:
            self._cursor = None
            self.show_end()
        else:
            self.paint()

    def update(self, message: Message) -> None:
        """Something of `message` changed: text came, its phase, its status. Unknown messages are added."""
        at = self.layout_.index.get(message.id)
        if at is None:
            self.add(message)
            return
        entry = self.layout_.entries[at]
        entry.message = message
        if entry.reasoning_shown and entry.choice is None and not self.following and self._is_visible(at):
            entry.choice = True  # whoever reads it does not want it folded away by the answer's first word
        self.lay_out(at, tick=message.status is not MessageStatus.STREAMING or not entry.streaming)
        self.paint()

    def tick(self) -> None:
        """A second has passed while an answer runs: counted time and tokens move on."""
        for at in range(len(self.layout_.entries) - 1, max(-1, len(self.layout_.entries) - 3), -1):
            if self.layout_.entries[at].message.status is MessageStatus.STREAMING:
                self.lay_out(at)
                self.paint()
                return

    def set_siblings(self, siblings: dict[str, tuple[int, int]]) -> None:
        """Message id → (which, of how many) for messages of which there are several versions."""
        changed = self.view.siblings.items() ^ siblings.items()
        self.view.siblings = dict(siblings)
        self._headers({message_id for message_id, _ in changed})

    def mark_out_of_sight(self, message_ids: Iterable[str]) -> None:
        """Mark the messages that the model will not see any more."""
        lost = set(message_ids)
        changed = self.view.out_of_sight ^ lost
        self.view.out_of_sight = lost
        self._headers(changed)

    def _headers(self, message_ids: set[str]) -> None:
        if not message_ids:
            return
        for message_id in message_ids:
            at = self.layout_.index.get(message_id)
            if at is not None and self.layout_.entries[at].rows:
                self.lay_out(at)
        self.paint()

    # Mouse

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The source of what is selected."""
        entries = self.layout_.entries
        if not entries:
            return None
        start, end = selection.start, selection.end
        mask = (1 << ENTRY_BITS) - 1
        first = (start.y >> ENTRY_BITS, start.y & mask, max(0, start.x - MARGIN)) if start else (0, 0, 0)
        last = (
            (end.y >> ENTRY_BITS, end.y & mask, max(0, end.x - MARGIN))
            if end
            else (len(entries) - 1, mask, mask)
        )
        text = select.source_between(entries, self.view, first, last)
        return (text, "\n") if text else None

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel."""
        event.stop()
        event.prevent_default()
        self.scroll_rows(-_WHEEL)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel."""
        event.stop()
        event.prevent_default()
        self.scroll_rows(_WHEEL)

    def on_click(self, event: events.Click) -> None:
        """A click on the header of reasoning folds it; one anywhere chooses the message."""
        key = self._visible[event.y] if 0 <= event.y < len(self._visible) else None
        if key is None:
            if not self.following and event.y == self.size.height - 1:
                self.show_end()
            return
        self._cursor = self.layout_.entries[key[0]].message.id
        if key[1] == self.layout_.entries[key[0]].reasoning_header_row:
            self.toggle_at_cursor()
        else:
            self.paint()
