"""Another key for a command: whether it can be that one, whom it is taken from, and what is to be known about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from rich.cells import cell_len
from textual.binding import Binding
from textual.widgets import TextArea

from r1tui.commands import Place, command, default_keys
from r1tui.domain.dataclass import dataclass
from r1tui.domain.phrase import Phrase, phrase
from r1tui.screens.settings.keymap import SIGNS, is_key
from r1tui.widgets.key_names import key_name

_NEEDED = {
    "escape": "keys.needed_escape",
    "ctrl+c": "keys.needed_copy",
    "tab": "keys.needed_tab",
    "shift+tab": "keys.needed_tab",
    "enter": "keys.needed_enter",
}
"""Keys that stay what they are, and why."""
_WRITING = (Place.PROMPT, Place.EDITOR)
"""Where Enter may be another command's: a text is written there."""
_EDITING = {"backspace", "delete", "left", "right", "up", "down", "home", "end", "space"}
_AROUND = {
    **dict.fromkeys((Place.PROMPT, Place.SHELF, Place.TRANSCRIPT, Place.SIDEBAR, Place.MACHINE), Place.CHAT),
    Place.HISTORY_LIST: Place.HISTORY,
    Place.EDITOR: Place.EDITOR_DIALOGUE,
    Place.VOTE_NUMBER: Place.VOTE,
}
"""Place → the one around it, whose keys hold there too."""
_HINTS = {
    "ctrl+b": "keys.hint_tmux",
    "ctrl+a": "keys.hint_screen",
    "ctrl+s": "keys.hint_flow",
    "ctrl+q": "keys.hint_flow",
    "f10": "keys.hint_window",
    "f11": "keys.hint_window",
}


_defaults = cache(default_keys)
"""Place → id → keys by default."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What giving keys to a command changes."""

    changes: Mapping[str, str]
    """Id → its keys from now on, of the command and of those that it takes a key from."""
    taken: tuple[str, ...] = ()
    """Ids of the latter."""
    refused: Phrase | None = None
    """Why it cannot be."""


def keys_of(name: str, own: Mapping[str, str]) -> list[str]:
    """The present keys of a command or an alias; `own` are the user's."""
    return own.get(name, default_of(name)).split(",")


def default_of(name: str) -> str:
    """The keys that it has by itself."""
    return next(keys[name] for keys in _defaults().values() if name in keys)


def pressed(name: str, key: str, own: Mapping[str, str]) -> Plan:
    """The command has this key from now on in place of those that it had; keys that R1TUI needs there stay beside it."""
    before = keys_of(name, own)
    kept = [each for each in before if each in _NEEDED and not (each == "enter" and _place(name) in _WRITING)]
    if (reason := refusal(name, key)) is not None and key not in before:
        return Plan({}, refused=reason)
    return _plan(name, [*kept, *([] if key in kept else [key])], own)


def to_default(name: str, own: Mapping[str, str]) -> Plan:
    """The command has its own keys again."""
    return _plan(name, default_of(name).split(","), own)


def refusal(name: str, key: str) -> Phrase | None:
    """Why a key can never be this command's, in a sentence; None where it can."""
    place, shown = _place(name), key_name(key)
    if key in _NEEDED and not (key == "enter" and place in _WRITING):
        return phrase(_NEEDED[key], key=shown)
    if len(key) == 1 and cell_len(key) != 1:
        return phrase("keys.input_method", key=key)
    if not is_key(key):
        return phrase("keys.unknown_key")
    if (key in _EDITING and not _on_a_list(name)) or (_writes(key) and not _letters_mean_commands(name, key)):
        return phrase("keys.is_text", key=shown)
    return None


def hint(name: str, key: str) -> Phrase | None:
    """What is to be known of a key that may be had: that a terminal, tmux or a line may keep it for itself."""
    *modifiers, last = key.split("+") if key != "+" else ["+"]
    shown = key_name(key)
    if key in _HINTS:
        return phrase(_HINTS[key], key=shown)
    if (
        {"super", "hyper", "meta"} & set(modifiers)
        or len(modifiers) > 1
        or (modifiers and last in ("enter", "space"))
    ):
        return phrase("keys.hint_kitty", key=shown)
    if modifiers == ["alt"]:
        return phrase("keys.hint_alt", key=shown)
    if key in _of_fields() and command(name).priority:
        return phrase("keys.hint_edits", key=shown)
    return None


def _plan(name: str, wanted: Sequence[str], own: Mapping[str, str]) -> Plan:
    before = keys_of(name, own)
    changes, taken = {name: ",".join(wanted)}, list[str]()
    released = [key for key in before if key not in wanted]
    for other in _others(name):
        theirs = keys_of(other, changes | {each: keys for each, keys in own.items() if each not in changes})
        lost = [key for key in theirs if key in wanted and key not in before]
        if not lost:
            continue
        left = [key for key in theirs if key not in lost]
        if not left:  # it gets what is given up, where that is a key for it
            fits = [
                key for key in released if refusal(other, key) is None and not _has(other, key, changes, own)
            ]
            if not fits:
                return Plan(
                    {},
                    refused=phrase(
                        "keys.only_key", key=key_name(lost[0]), other=phrase(command(other).words)
                    ),
                )
            left, released = fits, []
        changes[other] = ",".join(left)
        taken.append(other)
    return Plan(changes, tuple(taken))


def _others(name: str) -> list[str]:
    """The commands with which it cannot share a key: those of its place, and of the places around and within it where
    the outer one goes before what has the focus.
    """
    place, found = _place(name), list[str]()
    for where, keys in _defaults().items():
        for other in keys:
            if other == name:
                continue
            if (
                where is place
                or (_goes_before(other) and where in _around(place))
                or (_goes_before(name) and place in _around(where))
            ):
                found.append(other)
    return found


def _has(name: str, key: str, changes: Mapping[str, str], own: Mapping[str, str]) -> bool:
    """Whether another command that shares no key with it has this one, after the changes."""
    now = {**own, **changes}
    return any(key in keys_of(other, now) for other in _others(name))


def _around(place: Place) -> list[Place]:
    outer = [Place.APP] if place is not Place.APP else []
    while place in _AROUND:
        place = _AROUND[place]
        outer.append(place)
    return outer


def _place(name: str) -> Place:
    return command(name).place


def _goes_before(name: str) -> bool:
    """Whether it goes before what the focused widget does with a key; another key of a command gives way."""
    return command(name).priority and command(name).id == name


def _writes(key: str) -> bool:
    return len(key) == 1 or key in SIGNS


def _on_a_list(name: str) -> bool:
    """Whether the command holds where nothing is written."""
    return not _goes_before(name) and any(
        key.isalnum() and len(key) == 1
        for keys in _defaults()[_place(name)].values()
        for key in keys.split(",")
    )


def _letters_mean_commands(name: str, key: str) -> bool:
    """Whether a character can be a command there: where one of its kind is one by default."""
    if _goes_before(name):
        return False
    by_default = {each for keys in _defaults()[_place(name)].values() for each in keys.split(",")}
    letters = any(len(each) == 1 and each.isalnum() for each in by_default)
    return letters or (not key.isalnum() and any(each in SIGNS for each in by_default))


def _of_fields() -> set[str]:
    """Keys by which text is edited."""
    bindings = [each for each in TextArea.BINDINGS if isinstance(each, Binding)]
    return {key for each in bindings for key in each.key.split(",")}
