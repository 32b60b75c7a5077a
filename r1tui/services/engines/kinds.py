"""Kinds of engine. A kind is a package in this folder and nothing else; its name is what `[hosts.NAME] kind` says.

The package's `__init__.py` holds `ENGINE`, an `EngineKind`. Kinds are listed without importing them, and one is imported
when a host of it is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Protocol

from r1tui.domain.dataclass import dataclass
from r1tui.domain.packages import ENGINES, names_in
from r1tui.domain.phrase import Phrase, phrase
from r1tui.locale import say
from r1tui.services.engines.engine import Engine, HostError


class EngineFactory(Protocol):
    """Makes the engine for an address; connects to nothing. `options` are those of `EngineKind.settings`."""

    def __call__(
        self, url: str, *, headers: Mapping[str, str], verify_tls: bool, options: Mapping[str, object]
    ) -> Engine: ...


@dataclass(frozen=True, slots=True)
class EngineSetting:
    """A key of `[hosts.NAME]` that only one kind of engine reads."""

    name: str
    type: type[str] | type[int] | type[float] | type[bool]
    about: str
    """What it does, for the manual."""


@dataclass(frozen=True, slots=True)
class EngineKind:
    """What an engine's package says of itself."""

    about: str
    """What it speaks to, for the manual."""
    make: EngineFactory
    settings: tuple[EngineSetting, ...] = ()


_EXPECTED: dict[type, Phrase] = {
    str: phrase("settings.expect_text"),
    bool: phrase("settings.expect_switch"),
    int: phrase("settings.expect_figure"),
    float: phrase("settings.expect_figure"),
}


def engine_kind(name: str) -> EngineKind:
    """A kind by its name. Raises `ModuleNotFoundError` for one that there is not."""
    found: EngineKind = import_module(f"{ENGINES}.{name}").ENGINE
    return found


def checked_options(host: str, kind: str, options: Mapping[str, object]) -> dict[str, object]:
    """Those of a host's further settings that its kind reads. Raises `HostError` for a value of another type."""
    found: dict[str, object] = {}
    for setting in engine_kind(kind).settings if options else ():
        if setting.name not in options:
            continue
        value = options[setting.name]
        if type(value) is int and setting.type is float:
            value = float(value)
        if type(value) is not setting.type:
            # The value is not shown: it may be a key.
            key, expected = f"hosts.{host}.{setting.name}", _EXPECTED[setting.type]
            raise HostError(phrase("settings.bad_entry", key=key, value="…", expected=expected))
        found[setting.name] = value
    return found


_EXAMPLES: dict[type, str] = {str: '""', bool: "false", int: "0", float: "0.0"}


def example_lines() -> list[str]:
    """What a new settings file shows of `[hosts.NAME]`, to be uncommented: each kind with the settings of its own."""
    lines = []
    for name in names_in(ENGINES):
        lines.append(f'kind = "{name}"')
        lines += [
            f"{each.name} = {_EXAMPLES[each.type]}  # {name}: {say(_EXPECTED[each.type])}"
            for each in engine_kind(name).settings
        ]
    return lines


def manual_table() -> str:
    """The manual's table of the kinds and their settings."""
    rows = ["| `kind` | speaks to | own settings |", "|---|---|---|"]
    for name in names_in(ENGINES):
        kind = engine_kind(name)
        own = "; ".join(f"`{setting.name}`: {setting.about}" for setting in kind.settings)
        rows.append(f"| `{name}` | {kind.about} | {own or '–'} |")
    return "\n".join(rows)
