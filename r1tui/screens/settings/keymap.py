"""The user's own keys: the settings' `[keys]` table, checked against the command table."""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Mapping
from difflib import get_close_matches

from textual.keys import KEY_TO_UNICODE_NAME, Keys

from r1tui.commands import default_keys
from r1tui.domain.phrase import Phrase, phrase

_MODIFIERS = {"ctrl", "alt", "shift", "super", "hyper", "meta"}
SIGNS = {unicodedata.name(sign).replace(" ", "_").replace("-", "_").lower() for sign in string.punctuation}
"""Names of the keys that write a sign."""
_NAMES = {key.value.rpartition("+")[2] for key in Keys} | set(KEY_TO_UNICODE_NAME) | SIGNS

Scope = Mapping[str, str]
"""Id → default keys of what holds in one place."""


def check(keys: Mapping[str, str]) -> tuple[dict[str, str], list[Phrase]]:
    """The entries that can be used, and a sentence for each that cannot; these keep their default key."""
    scopes: list[Scope] = list(default_keys().values())
    known = {name: default for scope in scopes for name, default in scope.items()}
    good: dict[str, str] = {}
    problems: list[Phrase] = []
    for name, wanted in keys.items():
        if name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0.5)
            problems.append(
                phrase("keymap.unknown_near", name=name, near=near[0])
                if near
                else phrase("keymap.unknown", name=name)
            )
        elif not all(is_key(key.strip()) for key in wanted.split(",")):
            problems.append(phrase("keymap.no_key", name=name, key=wanted, default=known[name]))
        else:
            good[name] = ",".join(key.strip() for key in wanted.split(","))
    for name in list(good):
        if other := _taken_by(name, good, scopes):
            problems.append(
                phrase("keymap.taken", name=name, key=good[name], other=other, default=known[name])
            )
            del good[name]
    return good, problems


def is_key(key: str) -> bool:
    """Whether this is a key's name."""
    *modifiers, last = key.split("+") if key != "+" else ["+"]
    return set(modifiers) <= _MODIFIERS and (
        (len(last) == 1 and last.isprintable() and last != " ") or last in _NAMES
    )


def _taken_by(name: str, good: Mapping[str, str], scopes: list[Scope]) -> str | None:
    """The other command of the same place that one of the wanted keys would take the key of."""
    wanted = set(good[name].split(","))
    for scope in scopes:
        if name in scope:
            for other, default in scope.items():
                if other != name and wanted & set(good.get(other, default).split(",")):
                    return other
    return None
