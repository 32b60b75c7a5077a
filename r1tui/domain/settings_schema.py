"""Which settings there are, what each may be, and how a file's values become `Settings`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import cast

from r1tui.domain.address import shown_address
from r1tui.domain.chat import ThinkMode
from r1tui.domain.packages import ENGINES, LANGUAGES, names_in
from r1tui.domain.phrase import Phrase, phrase
from r1tui.domain.settings import HostSettings, Settings

Value = bool | int | float | str


class Kind(StrEnum):
    """What a setting's value is."""

    CHOICE = "choice"
    SWITCH = "switch"
    WHOLE = "whole"
    NUMBER = "number"
    TEXT = "text"
    DURATION = "duration"


# Go's time.ParseDuration, or seconds as a bare number.
_DURATION = re.compile(r"-?\d+|-?(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+")


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of `settings.toml`."""

    section: str
    key: str
    kind: Kind
    label: str
    """Catalogue key of its name."""
    help: str
    """Catalogue key of what it does."""
    fixed_choices: tuple[str, ...] = ()
    packages: str = ""
    """The package whose packages are further choices (`domain/packages.py`)."""
    low: float = 0
    high: float = 0
    at_start: bool = False
    """Read at the start only: a change holds from the next one."""

    @property
    def path(self) -> str:
        """Its name in the file, such as `interface.theme`."""
        return f"{self.section}.{self.key}"

    @property
    def choices(self) -> tuple[str, ...]:
        """What a choice may be."""
        return self.fixed_choices + (names_in(self.packages) if self.packages else ())

    def read(self, value: object) -> Value | None:
        """`value` as this setting holds it, or None if it cannot be."""
        match self.kind:
            case Kind.SWITCH:
                return value if isinstance(value, bool) else None
            case Kind.CHOICE:
                return value if isinstance(value, str) and value in self.choices else None
            case Kind.TEXT:
                if not isinstance(value, str):
                    return None
                # What an address hides is not read at all, so that it is nowhere to be shown; `@` stays and is refused.
                return shown_address(value) if self.path == "server.host" else value
            case Kind.DURATION:
                if isinstance(value, int) and not isinstance(value, bool):
                    return str(value)
                fits = isinstance(value, str) and (not value or _DURATION.fullmatch(value))
                return cast(str, value) if fits else None
            case Kind.WHOLE | Kind.NUMBER:
                if isinstance(value, bool) or not isinstance(value, (int, float)):
                    return None
                if (
                    self.kind is Kind.WHOLE and not isinstance(value, int)
                ) or not self.low <= value <= self.high:
                    return None
                return value

    def from_text(self, text: str) -> Value | None:
        """What a person typed as a value of this setting, or None if it cannot be one."""
        text = text.strip()
        try:
            if self.kind is Kind.WHOLE:
                return self.read(int(text))
            if self.kind is Kind.NUMBER:
                return self.read(float(text))
        except ValueError:
            return None
        return self.read(text == "true" if self.kind is Kind.SWITCH else text)

    def expectation(self) -> Phrase:
        """What would be right, for a person."""
        match self.kind:
            case Kind.SWITCH:
                return phrase("settings.expect_switch")
            case Kind.CHOICE:
                return phrase("settings.expect_choice", choices=", ".join(self.choices))
            case Kind.TEXT:
                return phrase("settings.expect_text")
            case Kind.DURATION:
                return phrase("settings.expect_duration")
            case Kind.WHOLE:
                return phrase("settings.expect_whole", low=int(self.low), high=int(self.high))
            case Kind.NUMBER:
                return phrase("settings.expect_number", low=f"{self.low:g}", high=f"{self.high:g}")

    def value(self, settings: Settings) -> Value:
        """Its present value, as the file would hold it."""
        found = getattr(getattr(settings, self.section), self.key)
        return found.value if isinstance(found, ThinkMode) else cast(Value, found)

    def put(self, settings: Settings, value: Value) -> None:
        """Set it to a value that `read` returned."""
        held = (
            ThinkMode(str(value))
            if self.path == "chat.think"
            else float(value)
            if self.kind is Kind.NUMBER
            else value
        )
        setattr(getattr(settings, self.section), self.key, held)


def _choice(
    section: str, key: str, label: str, help: str, *choices: str, packages: str = "", at_start: bool = False
) -> Setting:
    return Setting(section, key, Kind.CHOICE, label, help, choices, packages, at_start=at_start)


_AUTO_ON_OFF = ("auto", "on", "off")
_THINK = (*_AUTO_ON_OFF, "low", "medium", "high")

SETTINGS: tuple[Setting, ...] = (
    _choice("interface", "language", "setting.language", "setting.language_help", "auto", packages=LANGUAGES),
    Setting("interface", "theme", Kind.TEXT, "setting.theme", "setting.theme_help"),
    _choice(
        "interface",
        "glyphs",
        "setting.glyphs",
        "setting.glyphs_help",
        "auto",
        "unicode",
        "ascii",
        at_start=True,
    ),
    Setting(
        "interface",
        "wide_ambiguous",
        Kind.SWITCH,
        "setting.wide_ambiguous",
        "setting.wide_ambiguous_help",
        at_start=True,
    ),
    _choice(
        "interface",
        "reasoning",
        "setting.reasoning",
        "setting.reasoning_help",
        "while-thinking",
        "open",
        "folded",
    ),
    _choice(
        "interface", "low_bandwidth", "setting.low_bandwidth", "setting.low_bandwidth_help", *_AUTO_ON_OFF
    ),
    Setting("interface", "cursor_blink", Kind.SWITCH, "setting.cursor_blink", "setting.cursor_blink_help"),
    Setting("chat", "model", Kind.TEXT, "setting.model", "setting.model_help", at_start=True),
    _choice("chat", "think", "setting.think", "setting.think_help", *_THINK),
    Setting("chat", "temperature", Kind.NUMBER, "setting.temperature", "setting.temperature_help", high=2),
    Setting("chat", "top_p", Kind.NUMBER, "setting.top_p", "setting.top_p_help", high=1),
    Setting("chat", "num_ctx", Kind.WHOLE, "setting.num_ctx", "setting.num_ctx_help", high=1_048_576),
    Setting("chat", "keep_alive", Kind.DURATION, "setting.keep_alive", "setting.keep_alive_help"),
    Setting("chat", "preload", Kind.SWITCH, "setting.preload", "setting.preload_help"),
    Setting(
        "chat",
        "reasoning_budget_seconds",
        Kind.WHOLE,
        "setting.budget_seconds",
        "setting.budget_seconds_help",
        high=86_400,
    ),
    Setting(
        "chat",
        "reasoning_budget_tokens",
        Kind.WHOLE,
        "setting.budget_tokens",
        "setting.budget_tokens_help",
        high=1_048_576,
    ),
    Setting("server", "host", Kind.TEXT, "setting.host", "setting.host_help", at_start=True),
    _choice("server", "on_exit", "setting.on_exit", "setting.on_exit_help", "stop", "keep"),
    Setting("server", "mirror", Kind.TEXT, "setting.mirror", "setting.mirror_help"),
)


def setting(path: str) -> Setting:
    """The setting with this name, such as `interface.theme`. Raises `KeyError` for one that there is not."""
    for item in SETTINGS:
        if item.path == path:
            return item
    raise KeyError(path)


_SECTIONS = ("interface", "chat", "server")
_TABLES = (*_SECTIONS, "hosts", "hardware", "keys")


def read_settings(tree: Mapping[str, object]) -> tuple[Settings, list[Phrase]]:
    """Settings out of a parsed file, and a sentence for each value that is not right (its default is used).

    Unknown keys are left alone (a newer version may know them) unless they look like a slip of the pen.
    """
    settings = Settings()
    problems: list[Phrase] = []
    for section in _SECTIONS:
        table = _table(tree, section, problems)
        known = {setting.key: setting for setting in SETTINGS if setting.section == section}
        for key, value in table.items():
            if key in known:
                _read_one(known[key], value, settings, problems)
            else:
                _guess(f"{section}.{key}", [setting.path for setting in known.values()], problems)
    for name in tree:
        if name not in _TABLES:
            _guess(name, list(_TABLES), problems)
    for name, entry in _table(tree, "hosts", problems).items():
        if isinstance(entry, dict):
            settings.hosts[name] = _host(f"hosts.{name}", entry, problems)
        else:
            problems.append(_bad(f"hosts.{name}", entry, phrase("settings.expect_table")))
    if "hardware" in tree:
        settings.hardware = _table(tree, "hardware", problems) or None
    settings.keys = _strings("keys", _table(tree, "keys", problems), problems)
    return settings, problems


def _read_one(setting: Setting, value: object, settings: Settings, problems: list[Phrase]) -> None:
    right = setting.read(value)
    if right is None:
        default = setting.value(settings)
        problems.append(
            phrase(
                "settings.bad_value",
                key=setting.path,
                value=_shown(value),
                expected=setting.expectation(),
                default=_shown(default),
            )
        )
    else:
        setting.put(settings, right)


def _host(path: str, table: Mapping[str, object], problems: list[Phrase]) -> HostSettings:
    host = HostSettings()
    for key, value in table.items():
        match key, value:
            case "url", str():
                host.url = shown_address(value)
            case "kind", str() if value in names_in(ENGINES):
                host.kind = value
            case "verify_tls", bool():
                host.verify_tls = value
            case "hardware", dict():
                host.hardware = value
            case "headers", dict():
                host.headers = _strings(f"{path}.headers", value, problems, secret=True)
            case _:
                expected = _HOST_EXPECTATIONS.get(key)
                if key == "kind":
                    expected = phrase("settings.expect_choice", choices=", ".join(names_in(ENGINES)))
                if not expected:
                    host.options[key] = value
                else:
                    shown = _HIDDEN if key == "headers" else value
                    problems.append(_bad(f"{path}.{key}", shown, expected))
    if not host.url:
        problems.append(phrase("settings.host_without_url", key=path))
    return host


_HIDDEN = "…"
"""Stands for what may hold a key."""
_HOST_EXPECTATIONS: dict[str, Phrase] = {
    "url": phrase("settings.expect_text"),
    "verify_tls": phrase("settings.expect_switch"),
    "hardware": phrase("settings.expect_table"),
    "headers": phrase("settings.expect_table"),
}


def _table(tree: Mapping[str, object], name: str, problems: list[Phrase]) -> dict[str, object]:
    found = tree.get(name, {})
    if isinstance(found, dict):
        return found
    problems.append(_bad(name, found, phrase("settings.expect_table")))
    return {}


def _strings(
    path: str, table: Mapping[str, object], problems: list[Phrase], *, secret: bool = False
) -> dict[str, str]:
    strings: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, str):
            strings[key] = value
        else:
            shown = _HIDDEN if secret else value
            problems.append(_bad(f"{path}.{key}", shown, phrase("settings.expect_text")))
    return strings


def _bad(path: str, value: object, expected: Phrase) -> Phrase:
    return phrase("settings.bad_entry", key=path, value=_shown(value), expected=expected)


def _guess(path: str, known: list[str], problems: list[Phrase]) -> None:
    if near := get_close_matches(path, known, n=1, cutoff=0.8):
        problems.append(phrase("settings.unknown_key", key=path, near=near[0]))


def _shown(value: object) -> str:
    text = (
        str(value).lower()
        if isinstance(value, bool)
        else repr(value)
        if isinstance(value, str)
        else str(value)
    )
    return text if len(text) <= 40 else text[:39] + "…"
