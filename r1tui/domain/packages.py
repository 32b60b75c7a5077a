"""Parts of R1TUI that are added as a package and nothing else: a language, an engine.

The folder's name is the part's name. Names are read from the folder; a package is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

LANGUAGES = "r1tui.locale"
ENGINES = "r1tui.services.engines"


def names_in(parent: str) -> tuple[str, ...]:
    """Names of the packages (not modules) directly inside the package `parent`, sorted. Reads its folders."""
    return tuple(sorted(item.name for item in iter_modules(import_module(parent).__path__) if item.ispkg))
