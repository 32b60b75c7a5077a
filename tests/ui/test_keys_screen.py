"""Keys given to commands by pressing them: in the running app, in the file, in both languages."""

from __future__ import annotations

import tomllib

import pytest
from textual.widgets import Input, OptionList

from r1tui import locale
from r1tui.commands import default_keys
from r1tui.domain.settings import InterfaceSettings, Settings
from r1tui.locale import t
from r1tui.screens.dialogs.confirm import ChoiceScreen
from r1tui.screens.settings.keys import KeyPressScreen, KeysScreen
from r1tui.screens.settings.screen import SettingsScreen
from tests.support.script import answer
from tests.support.scripted import ScriptedServer
from tests.ui.app_kit import Chat, running


async def keys_opened(chat: Chat) -> None:
    """Go to the keys by the settings."""
    await chat.screen.action_command("chat.settings")
    await chat.opened(SettingsScreen)
    options = chat.app.screen.query_one(OptionList)
    await chat.until(lambda: options.option_count > 10)
    await chat.press("end", "enter")
    await chat.opened(KeysScreen)
    await chat.until(lambda: rows(chat).option_count > 50)


def rows(chat: Chat) -> OptionList:
    return chat.app.screen.query_one(OptionList)


def row(chat: Chat, name: str) -> str:
    """A command's row as it is drawn."""
    return str(rows(chat).get_option(name).prompt) if isinstance(chat.app.screen, KeysScreen) else ""


async def asked_for(chat: Chat, name: str) -> None:
    """Go to a command, and have another key waited for."""
    rows(chat).highlighted = rows(chat).get_option_index(name)
    await chat.press("enter")
    await chat.opened(KeyPressScreen)


def in_file(chat: Chat) -> dict[str, str]:
    """The keys that the file has."""
    path = chat.app.services.settings_store.path
    keys: dict[str, str] = tomllib.loads(path.read_text()).get("keys", {}) if path.exists() else {}
    return keys


@pytest.mark.parametrize("language", locale.codes())
async def test_a_key_that_is_pressed_holds_at_once_and_is_stored(
    scripted: ScriptedServer, language: str
) -> None:
    scripted.answers.append(answer("Four.", "Two and two are four."))
    locale.use(language)
    settings = Settings(interface=InterfaceSettings(language=language))
    async with running(scripted, settings=settings) as chat:
        await chat.ask("2 plus 2?")
        await chat.answered()
        await keys_opened(chat)
        assert {each.id for each in rows(chat).options if not each.disabled} == {
            name for keys in default_keys().values() for name in keys
        }
        await asked_for(chat, "chat.fold")
        await chat.press("f10")
        await chat.until(lambda: "F10" in row(chat, "chat.fold"))
        assert t("settings.default_is", value="Ctrl+T") in row(chat, "chat.fold")
        await chat.until(lambda: in_file(chat) == {"chat.fold": "f10"})
        await chat.press("escape", "escape")
        await chat.until(lambda: chat.app.screen is chat.screen)
        await chat.sees("F10")
        assert "Two and two are four." not in chat.text
        await chat.press("f10")
        await chat.sees("Two and two are four.")
        await keys_opened(chat)
        rows(chat).highlighted = rows(chat).get_option_index("chat.fold")
        await chat.press("delete")
        await chat.until(lambda: "Ctrl+T" in row(chat, "chat.fold"))
        await chat.until(lambda: in_file(chat) == {})
        await chat.press("escape", "escape")
        await chat.until(lambda: chat.app.screen is chat.screen)
        await chat.press("ctrl+t")
        await chat.until(lambda: "Two and two are four." not in chat.text)


async def test_whose_key_it_is_is_said_and_it_is_taken_over_or_left(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await keys_opened(chat)
        await asked_for(chat, "chat.fold")
        await chat.press("f6")
        await chat.opened(ChoiceScreen)
        await chat.sees("F6 is taken", "“History” (On the whole chat screen)", "“History” then has Ctrl+T")
        await chat.press("escape")
        await chat.opened(KeysScreen)
        assert "Ctrl+T" in row(chat, "chat.fold")
        await asked_for(chat, "chat.fold")
        await chat.press("f6")
        await chat.opened(ChoiceScreen)
        await chat.press("enter")  # another key
        await chat.opened(KeyPressScreen)
        await chat.press("f6")
        await chat.opened(ChoiceScreen)
        await chat.press("down", "enter")
        await chat.until(lambda: "F6" in row(chat, "chat.fold"))
        assert "Ctrl+T" in row(chat, "chat.history")
        await chat.until(lambda: in_file(chat) == {"chat.fold": "f6", "chat.history": "ctrl+t"})
        rows(chat).highlighted = rows(chat).get_option_index("chat.fold")
        await chat.press("delete")
        await chat.opened(ChoiceScreen)
        await chat.sees("“History” then has F6")
        await chat.press("down", "enter")
        await chat.until(lambda: "Ctrl+T" in row(chat, "chat.fold"))
        await chat.until(lambda: in_file(chat) == {})


async def test_a_key_that_cannot_be_had_is_refused_and_another_one_waited_for(
    scripted: ScriptedServer,
) -> None:
    async with running(scripted) as chat:
        await keys_opened(chat)
        await asked_for(chat, "chat.fold")
        for key, words in (
            ("ctrl+c", "copies and quits"),
            ("x", "writes or moves"),
            ("tab", "from field"),
        ):
            await chat.press(key)
            await chat.sees(words)
        await chat.press("ctrl+q")  # the app's own, which cannot have Ctrl+T: there is no other place for it
        await chat.sees("is the only key of “Quit”")
        await chat.press("ctrl+b")
        await chat.sees("Fold or unfold reasoning is now Ctrl+B.", "tmux keeps Ctrl+B")
        await chat.until(lambda: in_file(chat) == {"chat.fold": "ctrl+b"})


async def test_the_keys_are_found_by_command_key_and_id(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await keys_opened(chat)
        screen = chat.app.screen
        assert isinstance(screen, KeysScreen)
        await chat.until(lambda: screen._sought)
        for typed, found in (
            ("history", "chat.history"),
            ("历史", "chat.history"),
            ("chat.fold", "chat.fold"),
        ):
            await chat.press("slash", "ctrl+u", *typed)
            await chat.until(lambda: screen.query_one(Input).value == typed)  # noqa: B023
            await chat.until(lambda: found in [each.id for each in rows(chat).options])  # noqa: B023
            await chat.until(lambda: rows(chat).option_count < 30)
        await chat.press("escape")
        await chat.until(lambda: rows(chat).option_count > 50)


async def test_the_users_comments_and_other_entries_stay_where_keys_are_changed(
    scripted: ScriptedServer,
) -> None:
    from r1tui.services.paths import config_dir
    from r1tui.services.settings import load_settings

    path = config_dir() / "settings.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        '# mine\n[keys]  # of old\n"chat.fold" = "f10"  # as at work\n"chat.later" = "f9"\n\n[chat]\ntop_p = 0.5\n'
    )
    async with running(scripted, settings=load_settings(path)[0]) as chat:
        await keys_opened(chat)
        await asked_for(chat, "chat.copy")
        await chat.press("f11")
        await chat.until(lambda: "chat.copy" in in_file(chat))
        await chat.until(lambda: "F11" in row(chat, "chat.copy"))
        rows(chat).highlighted = rows(chat).get_option_index("chat.fold")
        await chat.press("delete")
        await chat.until(lambda: "chat.fold" not in in_file(chat))
    text = path.read_text()
    assert text.startswith("# mine\n[keys]  # of old\n")
    assert tomllib.loads(text) == {"keys": {"chat.later": "f9", "chat.copy": "f11"}, "chat": {"top_p": 0.5}}
