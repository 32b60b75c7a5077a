"""The settings: see them, change them, know which file they are in."""

from __future__ import annotations

import asyncio
from pathlib import Path

from textual.app import ComposeResult
from textual.widgets import Footer, Input

from r1tui.commands import Place
from r1tui.domain.clean import Clean
from r1tui.domain.phrase import Phrase, phrase
from r1tui.domain.setting import Effect, Kind, Setting, Value
from r1tui.domain.settings_schema import SETTINGS
from r1tui.guide import topics
from r1tui.locale import given, say, t
from r1tui.screens.base import Dialog, Frame, R1Screen
from r1tui.screens.dialogs.confirm import ChoiceScreen
from r1tui.services.settings import SettingsError, SettingsStore
from r1tui.services.themes import load_themes
from r1tui.toolkit.bindings import Attached
from r1tui.toolkit.option import Option, OptionList
from r1tui.toolkit.shown import Static, Styled, assembled
from r1tui.widgets.explain import Explain
from r1tui.widgets.fields import Field
from r1tui.widgets.notices import tell

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


class SettingsScreen(R1Screen[None], place=Place.SETTINGS):
    """All settings as a list. Enter takes the next choice or asks for a value; changes are saved, and hold, at once."""

    DEFAULT_CSS = """
    SettingsScreen > Static { height: auto; padding: 0 1; }
    SettingsScreen > .problems { color: $text-warning; max-height: 6; }
    SettingsScreen > .said { height: auto; min-height: 1; color: $text-muted; }
    SettingsScreen > OptionList { height: 1fr; background: $background; scrollbar-size-vertical: 1; }
    """

    def __init__(self, store: SettingsStore) -> None:
        super().__init__()
        self._store = store

    def commands(self) -> Attached:
        """What is done with the settings."""
        return {
            "settings.close": self.close,
            "settings.change": self.change,
            "settings.explain": self.explain,
        }

    def compose(self) -> ComposeResult:
        """Title and file, what is wrong in it, the list, a line for what was said last, and the keys."""
        yield Static(self._title(), classes="title")
        yield Static(classes="problems")
        yield OptionList(compact=True)
        yield Static(classes="said")
        yield Footer(show_command_palette=False)

    def _title(self) -> Styled:
        return assembled(
            (t("settings.title"), "bold"), Clean("  "), t("settings.file_at", path=str(self._store.path))
        )

    async def on_mount(self) -> None:
        """Fill the list; there is a file to open in an editor from now on."""
        self._fill()
        self.query_one(OptionList).focus()
        try:
            await self._store.ensure_file()
        except SettingsError as error:
            self._say(error.phrase)
        self._show_problems()

    def _fill(self, at: int = 0) -> None:
        """Fill the list, the cursor on setting `at`."""
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(self._row(setting), id=setting.path) for setting in SETTINGS])
        options.highlighted = at
        self._show_problems()

    def _show_problems(self) -> None:
        problems = self.query_one(".problems", Static)
        problems.update("\n".join(say(problem) for problem in self._store.problems))
        problems.display = bool(self._store.problems)

    def _row(self, setting: Setting) -> Styled:
        return assembled(
            t(setting.label),
            Clean("  "),
            (self._shown(setting), "bold $text-accent"),
            Clean("\n"),
            (f"  {say(setting.explained())}", "$text-muted"),
        )

    def _shown(self, setting: Setting, value: Value | None = None) -> Clean:
        if value is None:
            value = setting.value(self._store.settings)
        if isinstance(value, bool):
            return t("settings.on") if value else t("settings.off")
        if setting.kind is Kind.CHOICE:
            return given.choice(str(value))
        return t("settings.value", text=str(value)) if value != "" else t("settings.empty_value")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter on a setting: choose or ask."""
        event.stop()
        self.run_worker(self._change(SETTINGS[event.option_index]), exclusive=True)

    def change(self) -> None:
        """Change the highlighted setting."""
        self.query_one(OptionList).action_select()

    def explain(self) -> None:
        """What the setting under the cursor means, in the guide."""
        option = self.query_one(OptionList).highlighted_option
        self.post_message(Explain(topics.parameter(option.id or "") if option is not None else ""))

    def close(self) -> None:
        """Leave; everything is saved already."""
        self.dismiss()

    async def _change(self, setting: Setting) -> None:
        value = await self._next_value(setting)
        if value is None:
            return
        kept: Path | None = None
        failed: Phrase | None = None
        try:
            kept = await self._store.update(setting, value)
        except SettingsError as error:
            failed = error.phrase
        if self._left:  # while it was written
            if failed is not None:
                tell(self.app, failed, "error")
            return
        if setting.effect in (Effect.LANGUAGE, Effect.SIGNS):
            self.query_one(".title", Static).update(self._title())
            self.refresh_bindings()  # the footer says them anew
        self._fill(SETTINGS.index(setting))
        self._say(failed or self._saved(setting, value, kept))

    def _saved(self, setting: Setting, value: Value, kept: Path | None) -> Phrase:
        name, shown = t(setting.label), self._shown(setting, value)
        if kept is not None:
            return phrase("settings.saved_anew", name=name, value=shown, path=str(kept))
        return phrase(_SAVED.get(setting.effect, "settings.saved"), name=name, value=shown)

    async def _next_value(self, setting: Setting) -> Value | None:
        now = setting.value(self._store.settings)
        if setting.kind is Kind.SWITCH:
            return not now
        if setting.kind is Kind.CHOICE:
            return setting.choices[(setting.choices.index(str(now)) + 1) % len(setting.choices)]
        if setting.kind is Kind.THEME:
            themes, _ = await asyncio.to_thread(load_themes, self._store.path.parent / "themes")
            choices = [
                (name, phrase("settings.value", text=given.theme_title(theme.title)))
                for name, theme in themes.items()
            ]
            return await self.app.push_screen_wait(ChoiceScreen(phrase(setting.label), choices))
        return await self.app.push_screen_wait(ValueScreen(setting, now))

    def _say(self, words: Phrase) -> None:
        self.query_one(".said", Static).update(say(words))


class ValueScreen(Dialog[Value | None], place=Place.SETTING_VALUE):
    """Asks for a setting's new value until it is right; Esc leaves it as it was."""

    DEFAULT_CSS = """
    ValueScreen > Frame { width: 66; }
    ValueScreen .expected { color: $text-muted; margin-bottom: 1; }
    ValueScreen Field { margin: 0; }
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
        expected = self._setting.expectation()
        with Frame(t(self._setting.label), t("dialogue.keys")):
            yield Static(t("settings.edit", expected=expected), classes="expected")
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
