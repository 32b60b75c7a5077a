"""The command palette: every action of the screen, by its name in the user's language."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from textual import on
from textual.binding import ActiveBinding
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.dom import DOMNode
from textual.widgets import Input

from r1tui.domain.clean import Clean, clean_line
from r1tui.screens.base import LeavesOnce, MadeFirst, NoticingBelow
from r1tui.toolkit.bindings import Commanded, action
from r1tui.toolkit.option import OptionList
from r1tui.toolkit.shown import Styled, assembled, highlighted, styled

Entry = tuple[Clean, Clean, DOMNode, str]
"""Name, key, namespace and action of a command."""


class Palette(NoticingBelow, MadeFirst, LeavesOnce, CommandPalette):
    """Textual's palette, which would take the screen below away at a second Enter in a hurry, and do things twice."""

    @on(Input.Submitted)
    @on(OptionList.OptionSelected)
    def _only_once(self, event: Input.Submitted | OptionList.OptionSelected) -> None:
        if self._left:
            event.stop()
            event.prevent_default()


class ActionCommands(Provider):
    """Offers the bindings in reach and the screen's extra commands."""

    def _actions(self) -> Iterator[Entry]:
        """What can be done now, each once."""
        screen = self.screen
        usable = [
            each
            for each in screen.active_bindings.values()
            if each.enabled and each.binding.id and each.binding.description
        ]
        own = [self._keyed(each) for each in usable if each.node is screen]
        others = [self._keyed(each) for each in usable if each.node is not screen]
        commands = screen.keyless() if isinstance(screen, Commanded) else ()
        keyless = [(clean_line(words), Clean(""), screen, action(name)) for words, name in commands]
        seen = {action("app.palette")}  # it is open
        # The moves of the widget that has the focus come last: who opens the palette looks for something else.
        for entry in (*own, *keyless, *others):
            if entry[3] not in seen:
                seen.add(entry[3])
                yield entry

    def _keyed(self, active: ActiveBinding) -> Entry:
        binding = active.binding
        return (
            clean_line(binding.description),
            clean_line(self.app.get_key_display(binding)),
            active.node,
            binding.action,
        )

    async def discover(self) -> Hits:
        """Everything, before a letter is typed."""
        for name, key, node, act in self._actions():
            yield DiscoveryHit(
                _with_key(styled(name), key), partial(self.app.run_action, act, node), text=name
            )

    async def search(self, query: str) -> Hits:
        """What matches the letters typed."""
        matcher = self.matcher(query)
        for name, key, node, act in self._actions():
            if (score := matcher.match(name)) > 0:
                yield Hit(
                    score,
                    _with_key(highlighted(matcher, name), key),
                    partial(self.app.run_action, act, node),
                    text=name,
                )


def _with_key(name: Styled, key: Clean) -> Styled:
    """A command's name with its key behind it."""
    return assembled(name, Clean("  "), (key, "$text-muted")) if key else name
