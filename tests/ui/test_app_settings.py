"""The whole app while its settings change: by its own screen, in the file, for one conversation."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import OptionList

from r1tui.domain.settings import InterfaceSettings, Settings
from r1tui.screens.dialogs.pick import PickScreen
from r1tui.screens.settings.screen import SettingsScreen
from r1tui.services.settings import load_settings
from tests.support.scripted import ScriptedServer
from tests.ui.app_kit import Chat, running

COMMENTED = """# mine
[interface]
# why not
theme = "ink"  # by night
future = 3
"""


async def change(chat: Chat, path: str, shown: str, *, keys: tuple[str, ...] = ("enter",)) -> None:
    """In the open settings: go to one, press keys, wait until the screen says what it is now."""
    options = chat.app.screen.query_one(OptionList)
    await chat.until(lambda: options.option_count > 10)
    options.highlighted = options.get_option_index(path)
    await chat.press(*keys)
    await chat.sees(shown)


async def opened_settings(chat: Chat) -> None:
    await chat.command("chat.settings")
    await chat.sees("settings.toml")
    await chat.until(lambda: chat.app.screen is not chat.screen)


async def closed(chat: Chat) -> None:
    await chat.press("escape")
    await chat.until(lambda: chat.app.screen is chat.screen)


def written(text: str) -> Path:
    """A settings file for the app that is started next."""
    from r1tui.services.paths import config_dir

    path = config_dir() / "settings.toml"
    path.write_text(text)
    return path


async def test_settings_hold_at_once_and_the_file_keeps_its_comments(scripted: ScriptedServer) -> None:
    path = written(COMMENTED)
    async with running(scripted, settings=load_settings(path)[0], size=(100, 40)) as chat:
        assert chat.app.theme == "ink"
        await chat.ask("hello")
        await chat.answered()
        await chat.press("ctrl+t", "ctrl+t")  # folded by key: the setting still wins later
        assert "Two and two" not in chat.text
        await opened_settings(chat)
        await change(chat, "interface.reasoning", "Reasoning is now open.")
        await change(chat, "interface.theme", "Deep sea")
        await chat.press("down", "enter")
        await chat.sees("Theme is now Deep sea.")
        await change(chat, "interface.glyphs", "Signs is now Unicode.")
        await closed(chat)
        assert chat.app.theme == "deep-sea"
        await chat.sees("Two and two are four.")
    text = path.read_text()
    for kept in ("# mine", "# why not", 'theme = "deep-sea"  # by night', "future = 3", 'reasoning = "open"'):
        assert kept in text


async def test_another_language_is_spoken_at_once_everywhere(scripted: ScriptedServer) -> None:
    async with running(scripted, size=(160, 40)) as chat:
        await chat.ask("hello")
        await chat.answered()
        await chat.sees("MACHINE")
        await opened_settings(chat)
        await change(chat, "interface.language", "Language is now English.")
        await change(chat, "interface.language", "设置")
        await chat.sees("语言", "简体中文", "关闭")
        await closed(chat)
        await chat.sees("模型", "本机", "想问什么都可以", "思考")
        for english in ("MODELS", "MACHINE", "Ask anything", "Thought", "Settings", "fold", "you ─"):
            assert english not in chat.text


async def test_a_changed_context_length_is_sent_with_the_next_question(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await chat.ask("one")
        await chat.answered()
        await opened_settings(chat)
        await change(chat, "chat.num_ctx", "Enter takes it")
        await chat.press(*"3072", "enter")
        await chat.sees("Context length is now 3072.")
        await closed(chat)
        await chat.ask("two")
        await chat.answered()
        assert scripted.sent_to("/api/chat")[-1].json["options"]["num_ctx"] == 3072


async def test_a_file_broken_meanwhile_is_named_kept_and_replaced_by_what_holds(
    scripted: ScriptedServer,
) -> None:
    path = written(COMMENTED)
    async with running(scripted, settings=load_settings(path)[0], size=(100, 40)) as chat:
        path.write_text("[interface\n")
        await opened_settings(chat)
        await chat.sees("has a mistake in line 1")
        await change(chat, "interface.cursor_blink", "a copy of it is kept as")
        assert "has a mistake" not in chat.text
    assert load_settings(path)[0].interface.theme == "ink"
    assert load_settings(path)[0].interface.cursor_blink is True
    assert path.with_name("settings.toml.broken-1").read_text() == "[interface\n"


async def test_a_conversation_brings_its_model_system_text_and_thinking_along(
    scripted: ScriptedServer,
) -> None:
    scripted.add("other:7b", parameter_lines="temperature 0.3")
    async with running(scripted, model="other:7b") as chat:
        await chat.command("chat.system")
        await chat.sees("DeepSeek advises against one for R1")
        await chat.press(*"Brief.", "enter")
        await chat.until(lambda: chat.screen.session.conversation.system == "Brief.")
        await chat.press("f7")
        await chat.opened(PickScreen)
        await chat.press("down", "down", "enter")
        await chat.sees("other:7b · thinking off")
        await chat.ask("to the other")
        await chat.answered()
        await chat.press("ctrl+n")
        await chat.screen.session.select_model("deepseek-r1:1.5b")
        await chat.ask("to the first")
        await chat.answered()
        sent = scripted.sent_to("/api/chat")[-1].json
        assert (sent["model"], sent["think"]) == ("deepseek-r1:1.5b", True)
        assert [each["role"] for each in sent["messages"]] == ["user"]
        await chat.press("f6")
        await chat.sees("to the other", "other:7b")
        await chat.press("down", "enter")
        await chat.until(lambda: chat.screen.server.selected == "other:7b")
        await chat.ask("again")
        await chat.answered()
    sent = scripted.sent_to("/api/chat")[-1].json
    assert (sent["model"], sent["think"]) == ("other:7b", False)
    assert sent["messages"][0] == {"role": "system", "content": "Brief."}
    assert "temperature" not in sent["options"], "the Modelfile sets it"
    assert sent["options"]["top_p"] == 0.95


async def test_the_parameters_show_what_is_really_used(scripted: ScriptedServer) -> None:
    scripted.add("other:7b", parameter_lines="temperature 0.3\nseed 7")
    async with running(scripted, model="other:7b") as chat:
        await chat.command("chat.parameters")
        await chat.sees(
            "temperature     0.3", "top_p           0.95", "seed            7", "top_k           the model's"
        )
        await chat.press("enter")
        for bad in ("nan", "inf", "warm"):
            await chat.sees("Value of temperature")
            await chat.press(*bad, "enter")
            await chat.until(lambda: any(bad in notice for notice in chat.notices))  # noqa: B023
            await chat.command("chat.parameters")
            await chat.sees("temperature     0.3")
            await chat.press("enter")
        assert not chat.screen.session.conversation.options


async def test_a_theme_that_is_broken_while_it_is_edited_stays_as_it_was(scripted: ScriptedServer) -> None:
    path = written('[interface]\ntheme = "night"\n')
    theme = path.parent / "themes" / "night.toml"
    theme.parent.mkdir()
    good = '[colors]\nprimary = "#7aa2f7"\nforeground = "#d5d9e3"\nbackground = "{}"\n'
    theme.write_text(good.format("#14161c"))
    async with running(scripted, settings=load_settings(path)[0]) as chat:
        assert chat.app.theme == "night"
        theme.write_text("[colors\n")
        await chat.until(lambda: any("line 1" in notice for notice in chat.notices))
        assert chat.app.theme == "night"
        assert len(chat.notices) == 1
        theme.write_text(good.format("#003300"))
        await chat.until(lambda: chat.app.current_theme.background == "#003300")


async def test_letters_are_sought_in_the_settings_without_a_key_before(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await chat.screen.action_command("chat.settings")
        await chat.opened(SettingsScreen)
        await chat.press(*"blinking", "enter")
        options = chat.app.screen.query_one(OptionList)
        await chat.until(lambda: chat.app.focused is options)
        await chat.until(lambda: "Model to begin with" not in chat.text)
        await chat.press("enter")
        await chat.sees("default: off")
        assert chat.app.services.settings.interface.cursor_blink is True
        await chat.press("ctrl+d")
        await chat.until(lambda: "default: off" not in chat.text)
        await chat.press("escape")
        await chat.sees("Model to begin with")
        await chat.press("escape")
        await chat.until(lambda: chat.app.screen is chat.screen)


async def choosing_a_theme(chat: Chat) -> None:
    """Go to the theme in the settings, and have it asked for."""
    await chat.screen.action_command("chat.settings")
    await chat.opened(SettingsScreen)
    options = chat.app.screen.query_one(OptionList)
    await chat.until(lambda: options.option_count > 10)
    options.highlighted = options.get_option_index("interface.theme")
    await chat.press("enter")
    await chat.opened(PickScreen)


async def test_a_theme_is_seen_as_the_cursor_passes_it_and_kept_by_enter_alone(
    scripted: ScriptedServer,
) -> None:
    async with running(scripted) as chat:
        before, settings = chat.app.theme, chat.app.services.settings.interface
        stored = settings.theme  # a terminal of 16 colours has another one by default
        path = chat.app.services.settings_store.path
        await choosing_a_theme(chat)
        await chat.press("down", "down")
        await chat.until(lambda: chat.app.theme != before)
        assert settings.theme == stored
        await chat.press("escape")
        await chat.until(lambda: chat.app.theme == before)
        await chat.opened(SettingsScreen)
        await chat.until(path.exists)
        assert load_settings(path)[0].interface.theme == stored
        await chat.press("enter")
        await chat.opened(PickScreen)
        await chat.press("down", "enter")
        await chat.opened(SettingsScreen)
        await chat.until(lambda: settings.theme != stored)
        assert chat.app.theme == settings.theme
        await chat.until(lambda: load_settings(path)[0].interface.theme == settings.theme)
        await chat.sees("default: R1 dark")


async def test_over_a_slow_line_a_theme_is_drawn_once_the_cursor_rests(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(interface=InterfaceSettings(low_bandwidth="on"))
    async with running(scripted, settings=settings) as chat:
        before = chat.app.theme
        monkeypatch.setattr("r1tui.screens.dialogs.choose_theme.REST", 3600)
        await choosing_a_theme(chat)
        options = chat.app.screen.query_one(OptionList)
        await chat.press("down", "down")
        await chat.until(lambda: options.highlighted == 2)
        assert chat.app.theme == before
        monkeypatch.setattr("r1tui.screens.dialogs.choose_theme.REST", 0.01)
        await chat.press("down")
        await chat.until(lambda: chat.app.theme != before)
        await chat.press("escape")
        await chat.until(lambda: chat.app.theme == before)
