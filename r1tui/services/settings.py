"""`settings.toml`: read with care, written whole."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from r1tui.commands import command
from r1tui.domain.phrase import Phrase, PhrasedError, phrase
from r1tui.domain.setting import Setting, Value
from r1tui.domain.settings import Settings
from r1tui.domain.settings_schema import SETTINGS, read_settings
from r1tui.locale import t
from r1tui.locale.setting_words import explained_in_file
from r1tui.services.atomic import write_atomically
from r1tui.services.small_file import FileError, parse_toml, read_bytes, read_text, read_toml, why

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

FILE_NAME = "settings.toml"
KEY_EXAMPLES = {
    name: command(name).keys for name in ("chat.fold", "chat.models", "chat.history", "transcript.copy")
}
"""Ids of key bindings with their keys, as a new file shows how one is changed."""


class SettingsError(PhrasedError):
    """The file could not be written. `phrase` is one sentence for the user."""


def load_settings(path: Path) -> tuple[Settings, list[Phrase]]:
    """The settings in `path` and what is wrong with them. Never raises: defaults stand in."""
    try:
        tree = read_toml(path)
    except FileError as error:
        if error.missing:
            return Settings(), []
        if error.line:
            return Settings(), [phrase("settings.broken_file", path=str(path), line=error.line)]
        return Settings(), [phrase("settings.unreadable", path=str(path), reason=error.phrase)]
    return read_settings(tree)


def explained_text(settings: Settings) -> str:
    """A new file: every setting with its value, each explained in the user's language."""
    import tomlkit

    from r1tui.services.engines.kinds import example_lines

    document = tomlkit.document()
    document.add(tomlkit.comment(t("settings.file_head")))
    section = ""
    for setting in SETTINGS:
        if setting.section != section:
            section = setting.section
            document.add(tomlkit.nl())
            document.add(section, tomlkit.table())
        table = document[section]
        assert isinstance(table, tomlkit.items.Table)
        table.add(tomlkit.comment(explained_in_file(setting)))
        table.add(setting.key, setting.value(settings))
    keys = "".join(f'# "{name}" = "{key}"\n' for name, key in KEY_EXAMPLES.items())
    hosts = "".join(
        f"# {line}\n" for line in ("[hosts.NAME]", 'url = "http://10.0.0.7:11434"', *example_lines())
    )
    return (
        f"{tomlkit.dumps(document)}\n# {t('settings.hosts_head')}\n{hosts}"
        f"\n# {t('settings.keys_head')}\n# [keys]\n{keys}"
    )


class SettingsStore:
    """The settings in use and the file behind them."""

    def __init__(self, path: Path, settings: Settings | None = None, problems: Sequence[Phrase] = ()) -> None:
        """`settings` and `problems` as `load_settings` gave them, where the file has been read already."""
        self.path = path
        self.settings = settings if settings is not None else Settings()
        self.problems = list(problems)
        self._lock = asyncio.Lock()
        self._watchers: list[Callable[[Setting], object]] = []
        self._key_watchers: list[Callable[[], object]] = []

    def subscribe(self, watcher: Callable[[Setting], object]) -> None:
        """Have `watcher` called with each setting that is changed from now on, whoever changes it."""
        self._watchers.append(watcher)

    async def update(self, setting: Setting, value: Value) -> Path | None:
        """Set one setting, here and in the file; comments and unknown keys stay. Raises `SettingsError`.

        A file that is not TOML is replaced by one with the settings in use; returns the copy that is kept of it.
        """
        async with self._lock:
            setting.put(self.settings, value)
            for watcher in self._watchers:
                watcher(setting)
            return await self._save(lambda document: _put(document, setting.section, {setting.key: value}))

    def subscribe_keys(self, watcher: Callable[[], object]) -> None:
        """Have `watcher` called whenever keys are changed from now on."""
        self._key_watchers.append(watcher)

    async def update_keys(self, changes: Mapping[str, str | None]) -> Path | None:
        """Give commands other keys by their ids, here and in the file; None: those that they have by themselves.

        As `update` otherwise. Raises `SettingsError`.
        """
        async with self._lock:
            kept = {name: keys for name, keys in self.settings.keys.items() if name not in changes}
            self.settings.keys = kept | {name: keys for name, keys in changes.items() if keys is not None}
            for watcher in self._key_watchers:
                watcher()
            return await self._save(lambda document: _put(document, "keys", changes))

    async def _save(self, edit: Callable[[TOMLDocument], None]) -> Path | None:
        try:
            kept = await asyncio.to_thread(self._write, edit)
        except OSError as error:
            raise self._not_saved(why(error)) from error
        except FileError as error:
            raise self._not_saved(error.phrase) from error
        self.problems = (await asyncio.to_thread(load_settings, self.path))[1]
        return kept

    async def ensure_file(self) -> None:
        """Write the first file, explained, if there is none, else look what is wrong in it. Raises `SettingsError`."""
        try:
            if await asyncio.to_thread(self.path.exists):
                self.problems = (await asyncio.to_thread(load_settings, self.path))[1]
            else:
                await asyncio.to_thread(lambda: write_atomically(self.path, explained_text(self.settings)))
        except OSError as error:
            raise self._not_saved(why(error)) from error

    def _not_saved(self, reason: Phrase) -> SettingsError:
        return SettingsError(phrase("settings.not_saved", path=str(self.path), reason=reason))

    def _write(self, edit: Callable[[TOMLDocument], None]) -> Path | None:
        import tomlkit
        from tomlkit.exceptions import TOMLKitError

        kept: Path | None = None
        try:
            text = read_text(self.path)
            parse_toml(text)
            document = tomlkit.parse(text)
        except FileError as error:
            if not error.missing and not error.broken:
                raise
            kept = _keep_copy(self.path) if error.broken else None
            document = tomlkit.parse(explained_text(self.settings))
        except (TOMLKitError, ValueError, RecursionError):  # it reads more strictly than the standard library
            kept = _keep_copy(self.path)
            document = tomlkit.parse(explained_text(self.settings))
        edit(document)
        write_atomically(self.path, tomlkit.dumps(document))
        return kept


def _put(document: TOMLDocument, section: str, values: Mapping[str, Value | None]) -> None:
    """Set values of a section, which is made where there is none; None takes one away."""
    import tomlkit

    table = document.get(section)
    if not isinstance(table, dict):
        document[section] = table = tomlkit.table()
    for key, value in values.items():
        if value is not None:
            document[section][key] = value
        elif key in table:
            document[section].remove(key)


def _keep_copy(path: Path) -> Path:
    """Copy a broken file to the first free name `settings.toml.broken-N`; returns the copy."""
    number = 1
    while (copy := path.with_name(f"{path.name}.broken-{number}")).exists():
        number += 1
    copy.touch(mode=0o600)
    copy.write_bytes(read_bytes(path))
    return copy
