"""The keys of each place as rows of a table, for what is read outside the app: the manual and the manual page."""

from __future__ import annotations

from collections.abc import Iterator

from r1tui.commands import Command, Place, at
from r1tui.domain.clean import Clean
from r1tui.domain.dataclass import dataclass
from r1tui.locale import t
from r1tui.locale.lists import enumerated
from r1tui.widgets.key_names import key_name

PLACES = {
    Place.CHAT: "man.keys_chat",
    Place.PROMPT: "help.group.prompt",
    Place.APP: "help.group.app",
    Place.SHELF: "shelf.heading",
    Place.TRANSCRIPT: "help.group.transcript",
    Place.SIDEBAR: "help.group.sidebar",
    Place.MACHINE: "key.machine",
    Place.HISTORY: "key.history",
}
"""What a document shows the keys of, by the catalogue's key of its heading."""


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A command that has keys, or several that count up (`1` to `9`)."""

    keys: Clean
    words: Clean
    first: str
    """Id of the command, or of the first of them."""
    last: str
    """Id of the last of them; empty for one command."""


def key_rows(place: Place) -> Iterator[KeyRow]:
    """A row for each command of a place that has keys; those that count up are one."""
    counted = ""
    for each in at(place):
        family = each.id.rstrip("0123456789")
        if not each.keys or (each.id != family and family == counted):
            continue
        names = enumerated(key_name(key) for key in _keys(each))
        if each.id == family:
            yield KeyRow(names, t(each.words), each.id, "")
            continue
        counted = family
        last = [other for other in at(place) if other.id.rstrip("0123456789") == family][-1]
        yield KeyRow(f"{names}-{key_name(last.keys)}", t(each.words), each.id, last.id)


def _keys(command: Command) -> list[str]:
    """All keys of a command, those of its aliases too."""
    return [
        key for names in (command.keys, *(alias.keys for alias in command.also)) for key in names.split(",")
    ]
