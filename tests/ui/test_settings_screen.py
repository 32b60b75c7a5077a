"""The settings by keyboard, and the help: in both languages and at every size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.widgets import Input, OptionList, Static

from r1tui import locale
from r1tui.domain.settings_schema import SETTINGS, setting
from r1tui.screens.base import R1Screen
from r1tui.screens.help import HelpScreen
from r1tui.screens.settings.screen import SettingsScreen
from r1tui.services.settings import SettingsStore, load_settings
from r1tui.widgets.key_names import key_name
from r1tui.widgets.prompt import PromptBar


@pytest.fixture(params=["en", "zh_CN"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    locale.use(request.param)
    yield request.param
    locale.use("en")


class SettingsApp(App[None]):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self.store = SettingsStore(path, *load_settings(path))
        self.changed: list[str] = []
        self.store.subscribe(lambda setting: self.changed.append(setting.path))

    async def on_mount(self) -> None:
        await self.push_screen(SettingsScreen(self.store))

    @property
    def options(self) -> OptionList:
        return self.screen.query_one(OptionList)

    def highlight(self, path: str) -> None:
        self.options.highlighted = SETTINGS.index(setting(path))


def said(app: App[None], selector: str) -> str:
    return str(app.screen.query_one(selector, Static).render())


async def test_enter_takes_the_next_choice_and_saves_it(tmp_path: Path, language: str) -> None:
    app = SettingsApp(tmp_path / "settings.toml")
    async with app.run_test(size=(80, 24)) as pilot:
        app.highlight("interface.reasoning")
        await pilot.press("enter")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert load_settings(app.store.path)[0].interface.reasoning == "open"
        assert app.changed == ["interface.reasoning"]
        assert {"en": "open", "zh_CN": "展开"}[language] in said(app, ".said")


async def test_a_number_is_asked_for_until_it_is_right(tmp_path: Path) -> None:
    app = SettingsApp(tmp_path / "settings.toml")
    async with app.run_test(size=(80, 24)) as pilot:
        app.highlight("chat.temperature")
        await pilot.press("enter")
        await pilot.pause()
        app.screen.query_one(Input).value = "warm"
        await pilot.press("enter")
        await pilot.pause()
        assert "a number from 0 to 2" in said(app, ".wrong")
        app.screen.query_one(Input).value = "0.8"
        await pilot.press("enter")
        await app.workers.wait_for_complete()
        assert load_settings(app.store.path)[0].chat.temperature == 0.8


async def test_esc_leaves_a_value_as_it_was_and_then_the_screen(tmp_path: Path) -> None:
    app = SettingsApp(tmp_path / "settings.toml")
    async with app.run_test(size=(80, 24)) as pilot:
        app.highlight("chat.num_ctx")
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("9", "escape")
        await pilot.pause()
        assert isinstance(app.screen, SettingsScreen)
        assert app.store.settings.chat.num_ctx == 0
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(app.screen, SettingsScreen)


async def test_a_theme_is_chosen_from_those_there_are(tmp_path: Path) -> None:
    app = SettingsApp(tmp_path / "settings.toml")
    async with app.run_test(size=(80, 24)) as pilot:
        app.highlight("interface.theme")
        await pilot.press("enter")
        await pilot.pause(0.2)
        await pilot.press("down", "enter")
        await app.workers.wait_for_complete()
        assert load_settings(app.store.path)[0].interface.theme == "high-contrast"


async def test_the_file_and_its_bad_entries_are_named(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('[interface]\nglyphs = "[red]pretty"\n')
    app = SettingsApp(path)
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.pause()
        assert str(path) in str(app.screen.query(Static).first().render())
        assert "[red]pretty" in said(app, ".problems")


@pytest.mark.parametrize("size", [(40, 10), (160, 50)])
async def test_the_settings_stand_every_size(tmp_path: Path, size: tuple[int, int], language: str) -> None:
    app = SettingsApp(tmp_path / "settings.toml")
    async with app.run_test(size=size) as pilot:
        await pilot.press("end", "pageup")
        assert app.options.option_count == len(SETTINGS)


class ChatLike(R1Screen[None]):
    BINDINGS = [
        Binding("ctrl+t", "x", "key.change", id="chat.fold"),
        Binding("f1", "help", "key.close", id="chat.help"),
        Binding("f9", "nothing", "Textual's own"),
    ]

    def compose(self) -> ComposeResult:
        yield PromptBar()

    def action_help(self) -> None:
        self.app.push_screen(HelpScreen(self.active_bindings))

    def action_x(self) -> None: ...


class HelpApp(App[None]):
    async def on_mount(self) -> None:
        await self.push_screen(ChatLike())


@pytest.mark.parametrize("size", [(40, 10), (80, 24)])
async def test_help_shows_the_keys_of_the_screen_and_closes_by_esc(
    size: tuple[int, int], language: str
) -> None:
    app = HelpApp()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.press("f1")
        await pilot.pause()
        assert isinstance(app.screen, HelpScreen)
        text = str(app.screen.query_one(Static).render())
        for part in (
            "Ctrl+T",
            "F1",
            "Enter",
            "Ctrl+J, Alt+Enter,",
            "Shift+Enter",
            locale.t("help.group.prompt"),
        ):
            assert part in text
        assert "Textual's own" not in text
        assert "key." not in text
        await pilot.press("down", "escape")
        await pilot.pause()
        assert isinstance(app.screen, ChatLike)


def test_keys_are_written_as_people_do() -> None:
    named = {
        "ctrl+t": "Ctrl+T",
        "escape": "Esc",
        "question_mark": "?",
        "f1": "F1",
        "j": "j",
        "alt+enter": "Alt+Enter",
    }
    assert {key: key_name(key) for key in named} == named
    assert (key_name("ctrl+up"), key_name("ctrl+up", ascii_only=True)) == ("Ctrl+↑", "Ctrl+Up")
