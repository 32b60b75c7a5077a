"""Lists that a field narrows: keys that act on a row wait until the list shows what the letters before them find."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from textual.dom import DOMNode
from textual.events import Event, Key
from textual.screen import Screen

from r1tui.screens.base import InTurn
from r1tui.toolkit.bursts import WITHIN
from r1tui.widgets.fields import Field


class Narrowing(InTurn):
    """A screen with such a list, before Textual's class, and one field.

    Of a burst, as a slow link or `tmux send-keys notes Down Enter` delivers it, the app hears of a key while the field
    has letters before it still to take: each waits behind what these set off, and where that is a search, for its end.
    """

    _behind: Event | None = None
    """What has waited behind the field's letters."""
    _once_shown: Callable[[], object] | None = None

    def in_accordance(self) -> bool:
        """Whether the list shows what the field's text finds. For a screen that searches in the background."""
        return True

    def shows(self) -> None:
        """The list shows it now. To be called by such a screen."""
        if self._once_shown is not None and self.in_accordance():
            then, self._once_shown = self._once_shown, None
            then()

    def overrules(self, event: Event, last: Event) -> bool:
        """Text that is typed by hand while keys wait, or Esc, says that these are not meant any more."""
        return not self._waits(event) and event.time - last.time > WITHIN

    def takes(self, event: Event) -> bool:
        """Whether a key may act now."""
        if not super().takes(event):
            return False
        return not self._waits(event) or (self._behind is event and self.in_accordance())

    def in_turn(self, event: Event, then: Callable[[], object]) -> None:
        """Behind the letters, and what they set off, on their way from the field to the screen."""
        assert isinstance(self, Screen)
        if not super().takes(event):
            super().in_turn(event, then)
        else:
            self._follow(self._field, event, then)

    def _follow(self, node: DOMNode | None, event: Event, then: Callable[[], object]) -> None:
        assert isinstance(self, Screen)
        if node is None or node is self:
            self.call_later(self._is_behind, event, then)
        else:
            node.call_later(partial(self._follow, node.parent, event, then))

    def _is_behind(self, event: Event, then: Callable[[], object]) -> None:
        self._behind, self._once_shown = event, then
        self.shows()

    @property
    def _field(self) -> Field:
        assert isinstance(self, Screen)
        return self.query_one(Field)

    def _waits(self, event: Event) -> bool:
        """Whether a key acts on what the list shows: Enter and the screen's own keys, but for the one that leaves; in the
        list all, until it shows what is sought.
        """
        assert isinstance(self, Screen)
        if not isinstance(event, Key) or event.key == "escape" or not self.is_mounted:
            return False
        active = self.active_bindings.get(event.key)
        if self.focused is self._field:
            return event.key == "enter" or (active is not None and active.node is self)
        return active is not None and active.node is not self.app and not self.in_accordance()
