"""The settings: see them, change them, know which file they are in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from textual.app import ComposeResult
from textual.widgets import Input

from r1tui.commands import Place
from r1tui.domain.clean import Clean
from r1tui.domain.phrase import Phrase, phrase
from r1tui.domain.setting import Effect, Kind, Setting, Value
from r1tui.domain.settings import Settings
from r1tui.domain.settings_schema import SETTINGS, setting
from r1tui.domain.theme import ThemeFile
from r1tui.guide import topics
from r1tui.locale import given, setting_words, t
from r1tui.screens.base import Dialog, Frame
from r1tui.screens.dialogs.choose_theme import choose_theme
from r1tui.screens.settings.listing import ListingScreen, Row, Sections, titled
from r1tui.services.settings import SettingsError, SettingsStore
from r1tui.services.themes import load_themes
from r1tui.toolkit.bindings import Attached
from r1tui.toolkit.shown import Static, Styled
from r1tui.widgets.explain import Explain
from r1tui.widgets.fields import Field

_SAVED = {
    Effect.NEXT_ANSWER: "settings.saved_next_answer",
    Effect.NEXT_SELECTION: "settings.saved_next_selection",
    Effect.NEXT_DOWNLOAD: "settings.saved_next_download",
    Effect.AT_THE_END: "settings.saved_at_the_end",
    Effect.OWN_SERVER: "settings.saved_own_server",
    Effect.MODELS_FOLDER: "settings.saved_own_server",
    Effect.THINK: "settings.saved_new_conversations",
}
"""What is said of a change that nothing on the screen shows."""
_SECTIONS = {
    "interface": "settings.section.interface",
    "chat": "settings.section.chat",
    "server": "settings.section.server",
    "notify": "settings.section.notify",
}
"""The headings, by the sections of the file."""
_KEYS = "[keys]"
"""The row that leads on to the keys."""


class SettingsScreen(ListingScreen, place=Place.SETTINGS):
    """All settings. Enter takes the next choice or asks for a value; changes are saved, and hold, at once."""

    def __init__(self, store: SettingsStore, low_bandwidth: Callable[[], bool] = lambda: False) -> None:
        super().__init__()
        self._store = store
        self._low_bandwidth = low_bandwidth
        self._themes: dict[str, ThemeFile] = {}

    def commands(self) -> Attached:
        """What is done with the settings."""
        return {
            **self.list_commands("settings"),
            "settings.before": partial(self._start, self._step, -1),
            "settings.after": partial(self._start, self._step, 1),
            "settings.default": partial(self._start, self._to_default),
            "settings.explain": self.explain,
        }

    def offers(self, name: str) -> bool | None:
        """In the search, keys that move and delete are the field's; a value goes left and right where it has choices."""
        if self.current is not None and name in ("settings.before", "settings.after", "settings.default"):
            chosen = self._current
            if self.focused is self.query_one(Field) or chosen is None:
                return None
            return name == "settings.default" or bool(_steps(chosen))
        return super().offers(name)

    async def on_mount(self) -> None:
        """There is a file to open in an editor from now on."""
        await super().on_mount()
        try:
            await self._store.ensure_file()
        except SettingsError as error:
            self.say_last(error.phrase)
        self._themes = await asyncio.to_thread(self._load_themes)
        self.show_rows()

    def _load_themes(self) -> dict[str, ThemeFile]:
        return load_themes(self._store.path.parent / "themes")[0]

    # The rows

    def title_words(self) -> Styled:
        """Title, how many are changed, and the file."""
        changed = sum(_is_changed(item, self._store.settings) for item in SETTINGS)
        count = t("settings.changed", n=changed) if changed else Clean("")
        return titled(t("settings.title"), count, self._store.path, self.app.size.width - 2)

    def problems(self) -> Sequence[Phrase]:
        """What is wrong in the file."""
        return self._store.problems

    def sections(self) -> Sections:
        """The settings by the sections of the file."""
        keys = len(self._store.settings.keys)
        words = t("settings.changed", n=keys) if keys else t("keys.as_they_are")
        return [
            *(
                (t(words), [self._row(item) for item in SETTINGS if item.section == section])
                for section, words in _SECTIONS.items()
            ),
            (t("keys.heading"), [Row(_KEYS, t("keys.title"), words, t("keys.row_about"))]),
        ]

    def _row(self, item: Setting) -> Row:
        changed = _is_changed(item, self._store.settings)
        return Row(
            item.path,
            t(item.label),
            self._shown(item),
            setting_words.explained(item),
            self._shown(item, default_of(item)) if changed else Clean(""),
        )

    def sought(self) -> dict[str, str]:
        """Names, explanations and the words of all values."""
        keys: dict[str, str] = {_KEYS: "\n".join((t("keys.heading"), t("keys.title"), t("keys.row_about")))}
        return keys | {
            item.path: "\n".join(
                (
                    t(_SECTIONS[item.section]),
                    t(item.label),
                    setting_words.explained(item),
                    *(setting_words.shown(item, value) for value in _steps(item)),
                )
            )
            for item in SETTINGS
        }

    def _shown(self, item: Setting, value: Value | None = None) -> Clean:
        if value is None:
            value = item.value(self._store.settings)
        if item.kind is Kind.THEME and value in self._themes:
            return given.theme_title(self._themes[str(value)].title)
        return setting_words.shown(item, value)

    @property
    def _current(self) -> Setting | None:
        """The setting under the cursor."""
        row = self.current
        return None if row is None or row.id == _KEYS else setting(row.id)

    # What is done

    def _start(self, act: Callable[..., Coroutine[Any, Any, None]], *arguments: object) -> None:
        if (item := self._current) is not None:
            self.run_worker(act(item, *arguments), exclusive=True)

    def change(self) -> None:
        """Change the setting under the cursor: choose or ask; or go on to the keys."""
        if self.current is not None and self.current.id == _KEYS:
            self.run_worker(self._keys(), exclusive=True)
        else:
            self._start(self._change)

    async def _keys(self) -> None:
        from r1tui.screens.settings.keys import KeysScreen

        await self.app.push_screen_wait(KeysScreen(self._store))
        self.refresh_bindings()
        self.show_rows(_KEYS)

    def explain(self) -> None:
        """What the setting under the cursor means, in the guide."""
        row = self.current
        topic = topics.parameter(row.id) if row is not None else ""
        if topic or row is None:
            self.post_message(Explain(topic))
        else:
            self.say_last(phrase("settings.not_in_guide", name=row.name))

    async def _change(self, item: Setting) -> None:
        if _steps(item):
            await self._step(item, 1)
            return
        now = item.value(self._store.settings)
        if item.kind is Kind.THEME:
            value: Value | None = await choose_theme(
                self.app, self._load_themes, phrase(item.label), self._low_bandwidth()
            )
        else:
            value = await self.app.push_screen_wait(ValueScreen(item, now))
        if value is not None:
            await self._set(item, value)

    async def _step(self, item: Setting, by: int) -> None:
        steps = _steps(item)
        await self._set(item, steps[(steps.index(item.value(self._store.settings)) + by) % len(steps)])

    async def _to_default(self, item: Setting) -> None:
        """Put the default back."""
        if _is_changed(item, self._store.settings):
            await self._set(item, default_of(item))
        else:
            self.say_last(phrase("settings.is_default", name=t(item.label)))

    async def _set(self, item: Setting, value: Value) -> None:
        kept: Path | None = None
        failed: Phrase | None = None
        try:
            kept = await self._store.update(item, value)
        except SettingsError as error:
            failed = error.phrase
        if self.was_left(failed):
            return
        if item.effect in (Effect.LANGUAGE, Effect.SIGNS):
            self.query_one(Field).placeholder = t("settings.search")
            self.refresh_bindings()  # the footer says them anew
        self.show_rows(item.path)
        self.say_last(failed or self._saved(item, value, kept))

    def _saved(self, item: Setting, value: Value, kept: Path | None) -> Phrase:
        name, shown = t(item.label), self._shown(item, value)
        if kept is not None:
            return phrase("settings.saved_anew", name=name, value=shown, path=str(kept))
        return phrase(_SAVED.get(item.effect, "settings.saved"), name=name, value=shown)


def default_of(item: Setting) -> Value:
    """A setting's default, as the file would hold it."""
    return item.value(Settings())


def _is_changed(item: Setting, settings: Settings) -> bool:
    return item.value(settings) != default_of(item)


def _steps(item: Setting) -> tuple[Value, ...]:
    """The values that are gone through one by one; none for a setting that is asked for."""
    return (False, True) if item.kind is Kind.SWITCH else item.choices


class ValueScreen(Dialog[Value | None], place=Place.SETTING_VALUE):
    """Asks for a setting's new value until it is right; Esc leaves it as it was."""

    DEFAULT_CSS = """
    ValueScreen > Frame { width: 66; }
    ValueScreen .expected { color: $text-muted; margin-bottom: 1; }
    ValueScreen .wrong { color: $text-error; }
    """

    def __init__(self, setting: Setting, now: Value) -> None:
        super().__init__()
        self._setting = setting
        self._now = str(now)

    def commands(self) -> Attached:
        """Leave it as it was."""
        return {"value.close": self.close}

    def compose(self) -> ComposeResult:
        """What is asked, the field, and why a value was not taken."""
        default = setting_words.shown(self._setting, default_of(self._setting))
        with Frame(t(self._setting.label), t("dialogue.keys")):
            yield Static(setting_words.explained(self._setting))
            yield Static(t("settings.default_is", value=default), classes="expected")
            yield Field(self._now, select_on_focus=True)
            yield Static(classes="wrong")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take a right value, say what would be right otherwise."""
        value = self._setting.from_text(event.value)
        if value is None:
            wrong = t("settings.not_right", value=event.value, expected=self._setting.expectation())
            self.query_one(".wrong", Static).update(wrong)
        else:
            self.dismiss(value)
