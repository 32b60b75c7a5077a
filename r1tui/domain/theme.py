"""A theme as its file states it, and what is wrong with a file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field

from r1tui.domain.dataclass import dataclass
from r1tui.domain.phrase import Phrase, PhrasedError, phrase

COLOURS = (
    "primary",
    "secondary",
    "accent",
    "foreground",
    "background",
    "surface",
    "panel",
    "success",
    "warning",
    "error",
)
"""Keys of `[colors]`; `primary`, `foreground` and `background` must be there, the rest follow from them."""

_REQUIRED = ("primary", "foreground", "background")
_ANSI = "default|(bright_)?(black|red|green|yellow|blue|magenta|cyan|white)"
_COLOUR = re.compile(rf"(#[0-9a-fA-F]{{3}}|#[0-9a-fA-F]{{6}}|ansi_({_ANSI})|transparent)( \d{{1,3}}%)?")
_STYLE = re.compile(
    r"(not )?(none|bold|italic|underline|reverse|dim)( (not )?(bold|italic|underline|reverse|dim))*"
)
_VARIABLE = re.compile(r"[a-z][a-z0-9-]*")


@dataclass(frozen=True, slots=True)
class ThemeFile:
    """A theme: names of roles and their colours."""

    name: str
    """The file's name without `.toml`."""
    title: str
    """What people read when choosing."""
    dark: bool
    ansi: bool
    """Drawn in the terminal's own colours (`ansi_…`), as terminals with 16 of them need."""
    colors: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    """Further variables of Textual's design, such as `block-cursor-background`."""


class ThemeError(PhrasedError):
    """A theme file cannot be used. `phrase` names the file and the line."""


def read_theme(path: str, text: str, tree: Mapping[str, object]) -> ThemeFile:
    """A theme out of the file at `path`, its text and what that says. Raises `ThemeError` for the first thing that is wrong."""

    def wrong(key: str, expected: Phrase | None = None) -> ThemeError:
        line = line_of(text, key)
        if line is None:
            return ThemeError(phrase("theme.missing_key", path=path, key=key))
        if expected is None:
            return ThemeError(phrase("theme.unknown_key", path=path, line=line, key=key))
        return ThemeError(phrase("theme.bad_value", path=path, line=line, key=key, expected=expected))

    def strings(section: str) -> dict[str, str]:
        table = tree.get(section, {})
        if not isinstance(table, dict):
            raise wrong(section, phrase("theme.expect_table"))
        for key, value in table.items():
            if not isinstance(value, str):
                raise wrong(f"{section}.{key}", phrase("theme.expect_text"))
        return table

    for key in tree:
        if key not in ("title", "dark", "ansi", "colors", "variables"):
            raise wrong(key)
    name = path.rpartition("/")[2].removesuffix(".toml")
    title, dark, ansi = tree.get("title", name), tree.get("dark", True), tree.get("ansi", False)
    if not isinstance(title, str):
        raise wrong("title", phrase("theme.expect_text"))
    if not isinstance(dark, bool):
        raise wrong("dark", phrase("theme.expect_switch"))
    if not isinstance(ansi, bool):
        raise wrong("ansi", phrase("theme.expect_switch"))
    colors = strings("colors")
    for key, value in colors.items():
        if key not in COLOURS:
            raise wrong(f"colors.{key}")
        if not _COLOUR.fullmatch(value):
            raise wrong(f"colors.{key}", phrase("theme.expect_colour"))
    for key in _REQUIRED:
        if key not in colors:
            raise wrong(f"colors.{key}")
    variables = strings("variables")
    for key, value in variables.items():
        if not _VARIABLE.fullmatch(key):
            raise wrong(f"variables.{key}")
        # Textual would refuse its whole style sheet for one value of the wrong kind.
        if key.endswith("-style"):
            if not _STYLE.fullmatch(value):
                raise wrong(f"variables.{key}", phrase("theme.expect_style"))
        elif not _COLOUR.fullmatch(value):
            raise wrong(f"variables.{key}", phrase("theme.expect_colour"))
    return ThemeFile(name, title, dark, ansi, colors, variables)


def line_of(text: str, path: str) -> int | None:
    """The line of `section.key` in a TOML text, counted from 1; None when it is not there."""
    section, _, key = path.rpartition(".")
    here = ""
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if header := re.fullmatch(r"\[\s*([\w-]+)\s*\]\s*(#.*)?", stripped):
            here = header[1]
            if path == here:
                return number
        elif here == section and re.match(rf"[\"']?{re.escape(key)}[\"']?\s*=", stripped):
            return number
    return None
