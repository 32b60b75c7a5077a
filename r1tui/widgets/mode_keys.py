"""The keys that act in a place, made from the command table: for the status bar and for the last line of a screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.cells import cell_len

from r1tui.commands import Place, at
from r1tui.domain.clean import Clean
from r1tui.locale import t
from r1tui.toolkit.glyphs import ASCII, glyphs
from r1tui.widgets.key_names import short_key_name

Entry = tuple[Clean, Clean]
"""Keys as written for people, and what they do."""

MODES = {
    Place.SHELF: "mode.attached",
    Place.TRANSCRIPT: "mode.messages",
    Place.SIDEBAR: "mode.models",
    Place.MACHINE: "mode.machine",
}
"""The places of the chat where letters act instead of being written, and what they are called."""


def listed(
    place: Place,
    keys_of: Callable[[str], str],
    matters: Callable[[str], bool],
    words_of: Callable[[str], Clean] | None = None,
) -> list[Entry]:
    """What the keys do in a place, the most needed first; keys with the same words are one entry: `n N match`.

    `keys_of`: a command's keys now, by its id; `matters`: whether it has something to act on.
    """
    found: dict[Clean, list[Clean]] = {}
    for each in at(place):
        if each.short and matters(each.id) and (name := name_of(keys_of(each.id))):
            words = words_of(each.id) if words_of else t(each.short)
            found.setdefault(words, []).append(name)
    return [(_joined(names), words) for words, names in found.items()]


def name_of(keys: str) -> Clean:
    """The first of a command's keys, in short; empty for a command without one."""
    first = keys.partition(",")[0]
    return short_key_name(first, ascii_only=glyphs() is ASCII) if first else Clean("")


def _joined(names: Sequence[Clean]) -> Clean:
    """Keys side by side: `n N`, `↑↓`; digits that count up as the first and the last."""
    if len(names) > 2 and all(name.isdigit() for name in names):
        return f"{names[0]}-{names[-1]}"
    if all(len(name) == 1 and not name.isalnum() for name in names):
        return "".join(names)
    return " ".join(names)


def line(entries: Sequence[Entry], room: int, kept: int = 1) -> Clean:
    """Entries in a line of so many cells, cut at a whole entry; the last `kept` of them always stay."""
    words = [f"{key} {label}" for key, label in entries]
    dot = f" {glyphs().dot} "
    while len(words) > kept and cell_len(dot.join(words)) > room:
        del words[-1 - kept]
    return dot.join(words)
