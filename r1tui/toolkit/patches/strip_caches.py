"""Gives a line of the screen each of its caches when it is first used.

Textual gives every `Strip` seven empty caches, a dict each: 1.1 KiB a line, of which most lines use none or one. A screen
of 160x50 holds some 900 lines: 1 MiB, and seven objects to make for each line that an answer draws.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import wraps
from typing import Any

from rich.segment import Segment
from textual.cache import FIFOCache
from textual.strip import Strip

from r1tui.toolkit.patches import Patch

_GIVEN = ("_segments", "_cell_length")
"""What its constructor is told."""
_made = {name: getattr(Strip(()), name) for name in Strip.__slots__ if name not in _GIVEN}
_SIZES = {name: each._maxsize for name, each in _made.items() if isinstance(each, FIFOCache)}
"""Attribute of a strip → entries in the cache that Textual puts there."""
_UNSET = tuple(name for name in _made if name not in _SIZES)
if any(_made[name] is not None for name in _UNSET):
    raise AttributeError(f"Strip: {', '.join(_UNSET)}")  # a later Textual sets something else there


@wraps(Strip.__init__)  # what it leans on can be looked at again
def _init(strip: Strip, segments: Iterable[Segment], cell_length: int | None = None) -> None:
    strip._segments = list(segments)
    strip._cell_length = cell_length
    for name in _UNSET:
        setattr(strip, name, None)


def _cache(strip: Strip, name: str) -> FIFOCache[Any, Any]:
    """Make a cache: Python asks for an attribute here that the strip does not have yet."""
    size = _SIZES.get(name)
    if size is None:
        raise AttributeError(f"{type(strip).__name__!r} object has no attribute {name!r}")
    made: FIFOCache[Any, Any] = FIFOCache(size)
    setattr(strip, name, made)
    return made


def install() -> None:
    """Have all lines made so. Before the app draws."""
    Strip.__init__ = _init  # type: ignore[method-assign,assignment]
    Strip.__getattr__ = _cache  # type: ignore[attr-defined]


PATCH = Patch(
    "a line of the screen has only the caches that it uses",
    leans_on=(
        "textual.strip:Strip.__init__(self, segments, cell_length)",
        "textual.strip:Strip.__slots__",
        "textual.strip:Strip._segments",
        "textual.strip:Strip._cell_length",
        "textual.cache:FIFOCache._maxsize",
    ),
    upstream="textual/strip.py, Strip.__init__: a FIFOCache each for six ways to cut a line and one to filter it",
    without="the memory of a resting app is 0.3 to 1 MiB more",
    install=install,
)
