"""What leans on private parts of Textual or Rich: a module for each reason, with a `PATCH`, and such names nowhere else.

Where what a patch leans on is not there, as in a later version, it is left out, and the app runs on Textual's own ways
(`toolkit/hooks.py`): more bytes, nothing broken. A new patch is a new module here; `apply` and the tests find it.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from inspect import signature
from types import FunctionType
from typing import Any

from r1tui.domain.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Patch:
    """A reason to reach into Textual or Rich."""

    purpose: str
    leans_on: tuple[str, ...]
    """`module:name`, `module:Class.attribute` or `module:function(first, parameters)`."""
    upstream: str
    """Why there is no public way: the source that it replaces, as of Textual 8.2 and Rich 14."""
    without: str
    """What the app is like where it is refused."""
    install: Callable[[], None]

    def missing(self) -> list[str]:
        """What it leans on and is not there."""
        return [each for each in self.leans_on if not _is_there(each)]


def _is_there(what: str) -> bool:
    module, _, rest = what.partition(":")
    path, _, parameters = rest.removesuffix(")").partition("(")
    try:
        found: Any = import_module(module)
    except ImportError:
        return False
    *owners, last = path.split(".")
    for name in owners:
        if (found := getattr(found, name, None)) is None:
            return False
    if not hasattr(found, last):
        return isinstance(found, type) and _sets(found, last)
    found = getattr(found, last)
    wanted = parameters.split(", ") if parameters else []
    return [*signature(found).parameters][: len(wanted)] == wanted if wanted else True


def _sets(cls: type, name: str) -> bool:
    """Whether the objects of a class have an attribute that its constructor sets."""
    makers = [vars(base).get("__init__") for base in cls.__mro__]
    return any(name in maker.__code__.co_names for maker in makers if isinstance(maker, FunctionType))


def names() -> list[str]:
    """The patches that there are."""
    return [each.name for each in pkgutil.iter_modules(__path__)]


def _loaded() -> Iterator[tuple[str, Patch | None, str]]:
    """(name, patch, why there is none)."""
    for name in names():
        try:
            yield name, import_module(f"{__name__}.{name}").PATCH, ""
        except (ImportError, AttributeError) as error:  # what it is derived from is not there
            yield name, None, str(error)


@cache
def apply() -> dict[str, str]:
    """Install each patch whose ground is there, once. Returns those that were refused: name → why."""
    refused = {}
    for name, patch, why in _loaded():
        missing = [why] if patch is None else patch.missing()
        if patch is None or missing:
            refused[name] = ", ".join(missing)
        else:
            patch.install()
    return refused
