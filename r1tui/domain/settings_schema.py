"""Which settings there are, and how a file's values become `Settings`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace

from r1tui.domain.address import shown_address
from r1tui.domain.packages import ENGINES, names_in
from r1tui.domain.phrase import Phrase, phrase
from r1tui.domain.setting import SETTING, Setting
from r1tui.domain.settings import HostSettings, Settings


def _declared() -> Iterator[Setting]:
    """The settings of each section, in the order of the file."""
    for section in fields(Settings):
        kind: object = section.default_factory
        if isinstance(kind, type) and is_dataclass(kind):
            for item in fields(kind):
                yield replace(item.metadata[SETTING], section=section.name, key=item.name)


SETTINGS: tuple[Setting, ...] = tuple(_declared())


def setting(path: str) -> Setting:
    """The setting with this name, such as `interface.theme`. Raises `KeyError` for one that there is not."""
    for item in SETTINGS:
        if item.path == path:
            return item
    raise KeyError(path)


_SECTIONS = tuple(dict.fromkeys(item.section for item in SETTINGS))
_TABLES = tuple(item.name for item in fields(Settings))


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
                    expected = phrase("settings.expect_choice", choices=tuple(names_in(ENGINES)))
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
    from difflib import get_close_matches

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
