"""Textual's key bindings made from the command table, and the way from a key to the function that carries it out.

Textual finds an action's method by its name at run time, where no type checker looks. Here every binding has the one
action `command`, and the functions are attached to the table's ids.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping
from functools import cached_property, partial
from typing import Any, ClassVar, Generic, TypeVar

from textual.binding import Binding, BindingType

from r1tui.commands import Command, Place, Section, at, command
from r1tui.domain.phrase import Phrase
from r1tui.locale import t

Attached = Mapping[str, Callable[[], Coroutine[Any, Any, None] | None]]
"""Id of a command → what carries it out."""


Owner = TypeVar("Owner")
Done = TypeVar("Done")


class InPalette(Generic[Owner, Done]):
    """Commands that only the palette of a place has. Each stands with the method of `Owner` that carries it out:

    `@in_palette(Section.VIEW, "chat.theme", "chat.command.theme")`.

    A command with a key, or that the chat by lines has too, is an entry of the table, which the manual, the settings and
    the headless commands read.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._methods: list[tuple[Command, Callable[[Owner], Done]]] = []

    def __call__(
        self, section: Section, name: str, words: str, *, about: str = "", danger: bool = False
    ) -> Callable[[Callable[[Owner], Done]], Callable[[Owner], Done]]:
        """Have a method carry out the command with the id `name`; the rest as in `Command`."""
        entry = Command(name, "", words, self._place, section=section, about=about, danger=danger)

        def attach(method: Callable[[Owner], Done]) -> Callable[[Owner], Done]:
            self._methods.append((entry, method))
            return method

        return attach

    @property
    def commands(self) -> list[Command]:
        """In the order of their methods."""
        return [each for each, _ in self._methods]

    def attached(self, owner: Owner) -> dict[str, Callable[[], Done]]:
        """Id of a command → what carries it out."""
        return {each.id: partial(method, owner) for each, method in self._methods}


def action(name: str) -> str:
    """The action of a command, as Textual writes it."""
    return f"command({name!r})"


def bindings(place: Place) -> list[BindingType]:
    """The bindings of a place. Their descriptions are keys of the catalogue: the language may change later."""
    made: list[BindingType] = []
    for each in at(place):
        if each.keys:
            done = action(each.id)
            made.append(Binding(each.keys, done, each.words, each.footer, priority=each.priority, id=each.id))
            made += [Binding(alias.keys, done, each.words, False, id=alias.id) for alias in each.also]
    return made


class Commanded:
    """What a screen, a widget or the app is that carries out the commands of a place, before Textual's class:

    `class HistoryList(Commanded, OptionList, place=Place.HISTORY_LIST)`.
    """

    place: ClassVar[Place]
    BINDINGS: ClassVar[list[BindingType]]

    def __init_subclass__(cls, place: Place | None = None, **kwargs: Any) -> None:
        if place is not None:
            cls.place = place
            cls.BINDINGS = bindings(place)
        super().__init_subclass__(**kwargs)

    def commands(self) -> Attached:
        """What carries out each command of the class's place. A subclass names only those that it adds."""
        return {}

    def offers(self, name: str) -> bool | None:
        """Whether a command means something now. None: its key goes to whom it means something; False: to nobody."""
        return True

    def matters(self, name: str) -> bool:
        """Whether a command has something to act on now, so that its key is told."""
        return self.offers(name) is True

    def keyless(self) -> Iterable[tuple[str, Command]]:
        """(words, command) of the commands that only the palette has."""
        return [(t(each.words), each) for each in at(self.place) if not each.keys]

    def impossible(self) -> Mapping[str, Phrase]:
        """Id of a command that would do nothing now → why, in a few words. Its key works all the same."""
        return {}

    @cached_property
    def _attached(self) -> dict[str, Callable[[], Coroutine[Any, Any, None] | None]]:
        found: dict[str, Callable[[], Coroutine[Any, Any, None] | None]] = {}
        for cls in reversed(type(self).__mro__):
            if issubclass(cls, Commanded) and "commands" in vars(cls):
                found |= cls.commands(self)
        return found

    async def action_command(self, name: str) -> None:
        """Carry out a command by its id."""
        if (done := self._attached[name]()) is not None:
            await done

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Textual's question whether a key has a meaning here and now."""
        return self.offers(str(parameters[0])) if action == "command" and parameters else True


class Remapped:
    """An app whose user may have changed keys."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.own_keys: dict[str, str] = {}
        """Id → key, where the user's `[keys]` changed it."""


def keys_now(app: object, name: str) -> str:
    """The keys of a command in this app."""
    own = app.own_keys if isinstance(app, Remapped) else {}
    return own.get(name, command(name).keys)
