"""The settings by keyboard, and the help: in both languages and at every size."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static

from r1tui import locale
from r1tui.domain.settings_schema import SETTINGS
from r1tui.screens.base import HearsKeys, R1Screen
from r1tui.screens.help import HelpScreen
from r1tui.screens.settings.screen import SettingsScreen
from r1tui.services.settings import SettingsStore, load_settings
from r1tui.widgets.key_names import key_name
from r1tui.widgets.prompt import PromptBar
from tests.support import patience


@pytest.fixture(params=["en", "zh_CN"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    locale.use(request.param)
    yield request.param
    locale.use("en")


class SettingsApp(HearsKeys, App[None]):
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

    @property
    def rows(self) -> list[str]:
        """The rows as they are drawn, headings too."""
        return [str(option.prompt).strip() for option in self.options.options]

    @property
    def shown(self) -> list[str]:
        """The settings that are shown, by their paths."""
        return [each.id or "" for each in self.options.options if not each.disabled]

    def row(self, path: str) -> str:
        return str(self.options.get_option(path).prompt)

    @property
    def text(self) -> str:
        """The whole screen as it is drawn."""
        return "\n".join(strip.text.rstrip() for strip in self.screen._compositor.render_strips())

    def highlight(self, path: str) -> None:
        self.options.highlighted = self.options.get_option_index(path)


async def until(pilot: Pilot[None], true: Callable[[], object]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(patience.SECONDS):
        while not true():
            await pilot.pause(0.02)


async def opened(pilot: Pilot[None]) -> None:
    """Wait until the settings are filled, and the search knows all languages."""
    screen = pilot.app.screen
    assert isinstance(screen, SettingsScreen)
    await until(pilot, lambda: screen._sought and screen._themes)


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
        assert app.shown == [*(each.path for each in SETTINGS), "[keys]"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("temperature", "chat.temperature"),
        ("keep_alive", "chat.keep_alive"),
        ("modelscope", "server.mirror"),
        ("while thinking", "interface.reasoning"),
        ("思考时展开", "interface.reasoning"),
        ("镜像", "server.mirror"),
        ("WINDOW title", "notify.title"),
    ],
)
async def test_the_search_finds_names_keys_explanations_and_values_in_both_languages(
    tmp_path: Path, language: str, typed: str, found: str
) -> None:
    app = SettingsApp(tmp_path / "settings.toml")
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("slash", *typed)
        await until(pilot, lambda: app.screen.query_one(Input).value == typed and len(app.shown) < 6)
        assert found in app.shown
        section = found.partition(".")[0]
        heading = {"chat": "chat", "server": "server", "interface": "interface", "notify": "notify"}[section]
        assert locale.t(f"settings.section.{heading}") in app.rows, "its heading stays"
        await pilot.press("escape")
        await until(pilot, lambda: len(app.shown) == len(SETTINGS) + 1)
        assert isinstance(app.screen, SettingsScreen)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, SettingsScreen))


async def test_a_search_that_finds_nothing_says_so(tmp_path: Path) -> None:
    app = SettingsApp(tmp_path / "settings.toml")
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("slash", *"xyzzy")
        await until(pilot, lambda: app.rows == ["Nothing is found. Esc shows all settings again."])
        await until(pilot, lambda: "Change" not in app.text.splitlines()[-1])
        footer = app.text.splitlines()[-1]
        assert "Default" not in footer
        assert "Search" in footer
        await pilot.press("enter", "enter", "delete")
        assert app.changed == []


async def test_a_changed_value_shows_its_default_and_a_key_puts_it_back(
    tmp_path: Path, language: str
) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("# mine\n[chat]\ntop_p = 0.5  # less\n[interface]\nreasoning = 'open'\n")
    app = SettingsApp(path)
    default, title = {"en": ("default: 0.95", "2 changed"), "zh_CN": ("默认：0.95", "已改 2 项")}[language]
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        assert default in app.row("chat.top_p")
        assert title in said(app, ".title")
        assert locale.t("settings.default_is", value="") not in app.row("chat.temperature")
        app.highlight("chat.top_p")
        await pilot.press("delete")
        await until(pilot, lambda: default not in app.row("chat.top_p"))
        await app.workers.wait_for_complete()
        assert "top_p = 0.95  # less" in path.read_text()
        await pilot.press("delete")
        await until(pilot, lambda: locale.t("settings.is_default", name="Top-p") in said(app, ".said"))


@pytest.mark.parametrize("width", [80, 160])
async def test_values_stand_in_one_column(tmp_path: Path, language: str, width: int) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("[interface]\nreasoning = 'open'\n[chat]\nmodel = 'a-model:7b'\n")
    app = SettingsApp(path)
    async with app.run_test(size=(width, 24)) as pilot:
        await opened(pilot)
        columns = set[int]()
        for item in SETTINGS:
            row, name = app.row(item.path), locale.t(item.label)
            assert row.startswith(name)
            assert cell_len(row) < width - 2
            value = row[len(name) :].lstrip()
            columns.add(cell_len(row[: len(row) - len(value)]))
        assert len(columns) == 1


async def test_a_value_goes_on_to_the_next_and_back(tmp_path: Path) -> None:
    app = SettingsApp(tmp_path / "settings.toml")
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        app.highlight("chat.think")
        await pilot.press("left")
        await until(pilot, lambda: app.store.settings.chat.think == "high")
        await pilot.press("right")
        await until(pilot, lambda: app.store.settings.chat.think == "auto")
        app.highlight("chat.temperature")
        await pilot.press("left", "right")
        assert isinstance(app.screen, SettingsScreen)


async def test_a_click_changes_a_value(tmp_path: Path) -> None:
    app = SettingsApp(tmp_path / "settings.toml")
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        row = next(y for y, line in enumerate(app.text.splitlines()) if "Blinking cursor" in line)
        await pilot.click(offset=(5, row))
        await until(pilot, lambda: app.store.settings.interface.cursor_blink is True)


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
            {"en": "Ctrl+J, Alt+Enter,", "zh_CN": "Ctrl+J、Alt+Enter、"}[language],
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
