"""The user's own keys: the settings' `[keys]` table, checked against every binding that there is."""

from __future__ import annotations

import importlib
import pkgutil
import string
import unicodedata
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import KEY_TO_UNICODE_NAME, Keys

import r1tui.screens
import r1tui.widgets
from r1tui.domain.phrase import Phrase, phrase

_MODIFIERS = {"ctrl", "alt", "shift", "super", "hyper", "meta"}
_SIGNS = {unicodedata.name(sign).replace(" ", "_").replace("-", "_").lower() for sign in string.punctuation}
_NAMES = {key.value.rpartition("+")[2] for key in Keys} | set(KEY_TO_UNICODE_NAME) | _SIGNS

Scope = dict[str, Binding]
"""The bindings of one class, by id."""


def check(keys: Mapping[str, str], app: type[DOMNode]) -> tuple[dict[str, str], list[Phrase]]:
    """The entries that can be used, and a sentence for each that cannot; these keep their default key.

    Loads every screen of the app to know its bindings: call it in a thread.
    """
    scopes = list(_scopes(app))
    known = {name: binding for scope in scopes for name, binding in scope.items()}
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
        elif not all(_is_key(key.strip()) for key in wanted.split(",")):
            problems.append(phrase("keymap.no_key", name=name, key=wanted, default=known[name].key))
        else:
            good[name] = ",".join(key.strip() for key in wanted.split(","))
    for name in list(good):
        if other := _taken_by(name, good, scopes):
            problems.append(
                phrase("keymap.taken", name=name, key=good[name], other=other, default=known[name].key)
            )
            del good[name]
    return good, problems


def _scopes(app: type[DOMNode]) -> Iterator[Scope]:
    for package in (r1tui.screens, r1tui.widgets):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    for cls in _with_subclasses(DOMNode):
        if cls.__module__.startswith("r1tui.") or cls is app:
            made = (each for each in cls.__dict__.get("BINDINGS", ()) if isinstance(each, Binding))
            scope = {each.id: each for each in made if each.id}
            if scope:
                yield scope


def _with_subclasses(cls: type[DOMNode]) -> Iterator[type[DOMNode]]:
    yield cls
    for sub in cls.__subclasses__():
        yield from _with_subclasses(sub)


def _is_key(key: str) -> bool:
    *modifiers, last = key.split("+") if key != "+" else ["+"]
    return set(modifiers) <= _MODIFIERS and (
        (len(last) == 1 and last.isprintable() and last != " ") or last in _NAMES
    )


def _taken_by(name: str, good: Mapping[str, str], scopes: list[Scope]) -> str | None:
    """The other binding of the same class that one of the wanted keys would take the key of."""
    wanted = set(good[name].split(","))
    for scope in scopes:
        if name in scope:
            for other, binding in scope.items():
                if other != name and wanted & set(good.get(other, binding.key).split(",")):
                    return other
    return None
