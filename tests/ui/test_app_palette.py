"""The dialogues behind the palette, and the user's own keys."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

import pytest
from textual.app import ComposeResult, ScreenStackError
from textual.css.query import NoMatches
from textual.events import Key, Paste
from textual.widgets import OptionList, Static
from textual.worker import WorkerFailed

from r1tui.domain.phrase import phrase
from r1tui.domain.settings import Settings
from r1tui.screens.dialogs.pick import PickScreen
from r1tui.screens.palette import Palette
from r1tui.screens.settings.keymap import check
from tests.support import patience
from tests.support.script import Answer, Hang, Say
from tests.support.scripted import ScriptedServer
from tests.ui.app_kit import Chat, running


async def test_help_has_every_key_in_a_column_that_holds_it(scripted: ScriptedServer) -> None:
    async with running(scripted, size=(80, 70)) as chat:
        await chat.press("f1")
        await chat.sees("What to know")
        lines = [line.strip("│ ") for line in chat.text.splitlines()]
        column = next(line for line in lines if line.endswith("New conversation  chat.new")).index(
            "New conversation"
        )
        keys, _, words = lines[lines.index("Shift+Enter") - 1].partition("New line")
        assert (keys.rstrip(), len(keys), words) == ("Ctrl+J, Alt+Enter,", column, "  prompt.new_line")
        assert any(line.startswith("Ctrl+C  ") for line in lines)
        await chat.press("escape")
        await chat.ask("hello")
        await chat.answered()
        await chat.press("ctrl+up", "f1")
        await chat.sees("In the conversation")
        assert any(
            line.strip("│ ").split()[:4] == ["1-9", "Copy", "code", "block"]
            for line in chat.text.splitlines()
        )


async def test_a_second_enter_in_a_hurry_does_a_command_once(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await chat.press("ctrl+p")
        await chat.opened(Palette)
        options = chat.app.screen.query_one(OptionList)
        options.highlighted = options.get_option_index("chat.settings")
        options.action_select()
        options.action_select()
        await chat.sees("settings.toml")
        await chat.pilot.pause(0.2)
        assert [type(screen).__name__ for screen in chat.app.screen_stack] == ["ChatScreen", "SettingsScreen"]


def possible(chat: Chat) -> list[str]:
    """The commands of the open palette that can be chosen."""
    options = chat.app.screen.query_one(OptionList).options
    return [each.id for each in options if each.id and not each.disabled]


async def test_every_entry_of_the_palette_does_something_and_none_crashes(scripted: ScriptedServer) -> None:
    async with running(scripted, size=(100, 30)) as chat:
        await chat.ask("hello")
        await chat.answered()
        await chat.press("ctrl+p")
        await chat.opened(Palette)
        names = possible(chat)
        await chat.press("escape")
        chosen = 0
        for name in names:
            if name == "app.quit":
                continue
            await chat.press("ctrl+p")
            await chat.opened(Palette)
            if name not in possible(chat):  # it belongs to a state that an earlier entry ended
                await chat.press("escape")
                continue
            options = chat.app.screen.query_one(OptionList)
            options.highlighted = options.get_option_index(name)
            await chat.press("enter")
            await chat.until(lambda: not isinstance(chat.app.screen, Palette))
            if name.startswith("chat.live_"):  # some look things up before they open
                await chat.until(lambda: chat.app.screen is not chat.screen)
            await chat.pilot.pause(0.1)
            for _ in range(4):
                if chat.app.screen is chat.screen:
                    break
                await chat.press("escape")
                await chat.pilot.pause(0.05)
            assert chat.app.screen is chat.screen, f"{name}: Esc does not lead back"
            await chat.until(lambda: chat.screen.session.generation is None)
            chat.app.clear_notifications()
            chosen += 1
        assert chosen > 40


async def test_a_remapped_key_works_and_the_status_line_shows_it(scripted: ScriptedServer) -> None:
    settings = Settings(keys={"chat.fold": "ctrl+x", "chat.history": "f10"})
    async with running(scripted, settings=settings) as chat:
        await chat.sees("Ctrl+X fold")
        await chat.ask("hello")
        await chat.answered()
        await chat.press("ctrl+x")
        await chat.sees("Two and two are four.")
        await chat.press("f10")
        await chat.sees("Today")


async def test_wrong_keys_are_named_and_keep_their_default(scripted: ScriptedServer) -> None:
    settings = Settings(
        keys={"chat.hisory": "f10", "chat.fold": "ctrl+n", "chat.copy": "ctrl+banana", "chat.think": "f10"}
    )
    async with running(scripted, settings=settings, size=(120, 40)) as chat:
        await chat.until(lambda: len(chat.notices) >= 3)
        told = "\n".join(chat.notices)
        assert "did you mean “chat.history”" in told
        assert "ctrl+n belongs to chat.new; chat.fold stays on ctrl+t" in told
        assert "“ctrl+banana” is no key; chat.copy stays on f2" in told
        assert "chat.think" not in told
        await chat.ask("hello")
        await chat.answered()
        await chat.press("ctrl+t")
        await chat.sees("Two and two are four.")


def test_keys_of_screens_that_are_not_open_yet_are_known() -> None:
    keys = {"transcript.copy": "x", "prompt.send": "ctrl+s"}
    assert check(keys) == (keys, [])


async def test_a_parameter_of_the_conversation_is_sent(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await chat.command("chat.parameters")
        await chat.until(lambda: re.search(r"temperature +0\.6", chat.text) is not None)
        await chat.press("enter")
        await chat.sees("Value of temperature")
        await chat.press(*"0.1", "enter")
        await chat.until(lambda: chat.app.screen is chat.screen)
        await chat.ask("hello")
        await chat.answered()
        assert scripted.sent_to("/api/chat")[-1].json["options"]["temperature"] == 0.1


async def test_a_title_is_changed_and_shown(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await chat.ask("hello")
        await chat.answered()
        await chat.command("chat.rename")
        await chat.sees("Title of this conversation")
        await chat.press("ctrl+a", "ctrl+k", *"Renamed", "enter")
        await chat.until(lambda: chat.text.startswith(" Renamed"))


async def test_a_theme_is_previewed_and_kept(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        before = chat.app.theme
        await chat.command("chat.theme")
        await chat.sees("Theme")
        await chat.press("down")
        await chat.until(lambda: chat.app.theme != before)
        await chat.press("escape")
        await chat.until(lambda: chat.app.theme == before)
        await chat.command("chat.theme")
        await chat.sees("Theme")
        await chat.press("down", "enter")
        await chat.until(lambda: chat.app.screen is chat.screen and chat.app.theme != before)
        chosen = chat.app.theme
        await chat.until(lambda: chat.app.services.settings.interface.theme == chosen)
        path = chat.app.services.settings_store.path
        await chat.until(path.exists)
        assert chosen in path.read_text()


async def test_quitting_while_an_answer_streams_asks_what_becomes_of_it(scripted: ScriptedServer) -> None:
    scripted.answers.append(Answer([Say("Going on"), Hang()]))
    async with running(scripted) as chat:
        await chat.ask("hello")
        await chat.sees("Going on")
        await chat.press("ctrl+q")
        await chat.sees("An answer is still being written", "finish it in the background")
        await chat.press("escape")
        await chat.until(lambda: chat.app.screen is chat.screen)
        await chat.press("ctrl+q", "down", "down", "enter")
        await chat.until(lambda: chat.app.screen is chat.screen)
        assert chat.app.background_answers.generations.active


async def test_ctrl_c_asks_for_a_second_press(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await chat.press("ctrl+c")
        await chat.until(lambda: any("again" in notice for notice in chat.notices))
        assert chat.app.is_running
        await chat.press("ctrl+c")
        await chat.until(lambda: not chat.app.is_running)


async def test_a_question_is_asked_over_the_page_that_it_is_about(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await chat.ask("Which message?")
        await chat.answered()
        await chat.press("ctrl+up", "d")
        await chat.sees("Delete this message and what follows it?", "Which message?", "The answer is 4.")


async def test_a_theme_is_seen_on_the_page_while_choosing(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await chat.ask("Which theme?")
        await chat.answered()
        await chat.command("chat.theme")
        await chat.sees("R1 light", "Which theme?", "The answer is 4.")


@pytest.mark.parametrize("key", ["f1", "f6", "f8", "f9", "ctrl+r"])
async def test_a_key_pressed_thrice_in_a_hurry_opens_one_dialogue(scripted: ScriptedServer, key: str) -> None:
    async with running(scripted) as chat:
        binding = next(each.binding for name, each in chat.screen.active_bindings.items() if name == key)
        for _ in range(3):  # as keys that came before the first of them had an effect
            await chat.app.run_action(binding.action, chat.screen)
        await chat.until(lambda: len(chat.app.screen_stack) > 1)
        await chat.pilot.pause(0.2)
        assert len(chat.app.screen_stack) == 2
        await chat.press("escape")
        await chat.until(lambda: len(chat.app.screen_stack) == 1)
        await chat.app.run_action(binding.action, chat.screen)
        await chat.until(lambda: len(chat.app.screen_stack) == 2)


class _Late(PickScreen):
    """A dialogue that the app's end overtakes while it is being made."""

    def compose(self) -> ComposeResult:
        self.app.exit()
        return iter(())


class _Child(Static):
    """Has its dialogue begin to look for its parts at the moment when they are taken away."""

    def on_unmount(self) -> None:
        assert isinstance(self.screen, _Left)
        self.screen.run_worker(self.screen.look())


class _Left(PickScreen):
    """A dialogue that is looking for its parts when they are taken away."""

    looked = False

    def compose(self) -> ComposeResult:
        yield from super().compose()
        yield _Child()

    async def look(self) -> None:
        while self.query(OptionList):  # noqa: ASYNC110
            await asyncio.sleep(0)
        type(self).looked = True
        self.query_one(OptionList)


class _Worker(PickScreen):
    """A dialogue that looks for a part that it does not have, in a worker."""

    def on_mount(self) -> None:
        self.run_worker(self._look())

    async def _look(self) -> None:
        self.query_one("#nothing")


class _Wrong(PickScreen):
    """A dialogue without the parts that it looks for."""

    def compose(self) -> ComposeResult:
        return iter(())


async def _meets(scripted: ScriptedServer, dialogue: type[PickScreen]) -> None:
    async with running(scripted) as chat:
        chat.app.push_screen(
            dialogue(phrase("chat.parameter_question", temperature="0.6", top_p="0.95"), [("a", "a")])
        )
        async with asyncio.timeout(patience.SECONDS):
            while chat.app.is_running and chat.app._exception is None:  # noqa: ASYNC110
                await asyncio.sleep(0.02)


async def test_a_dialogue_that_the_end_of_the_app_overtakes_is_no_fault(scripted: ScriptedServer) -> None:
    await _meets(scripted, _Late)


async def test_a_redraw_that_the_end_of_the_app_overtakes_is_no_fault(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        app = chat.app
    # Its screens are gone; what had been asked of it meanwhile comes now.
    with pytest.raises(ScreenStackError) as raised:
        app.redraw()
    app._handle_exception(raised.value)
    assert app._exception is None


async def test_a_worker_that_the_end_of_its_dialogue_overtakes_is_no_fault(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        chat.app.push_screen(_Left(phrase("chat.host_question"), [("a", "a")]))
        await chat.opened(_Left)
        await chat.press("escape")
        await chat.until(lambda: len(chat.app.screen_stack) == 1 and _Left.looked)
        await chat.pilot.pause()
        assert chat.app._exception is None


async def test_a_worker_whose_dialogue_lacks_a_part_is_a_fault(scripted: ScriptedServer) -> None:
    with pytest.raises(WorkerFailed):
        await _meets(scripted, _Worker)


@pytest.mark.parametrize("about", [None, lambda name: "temperature"])
async def test_what_is_typed_before_a_dialogue_is_made_waits_for_it(
    scripted: ScriptedServer, about: Callable[[str], str] | None
) -> None:
    async with running(scripted) as chat:
        dialogue = PickScreen(phrase("chat.host_question"), [("a", "xay"), ("b", "xby")], about=about)
        chosen: list[str | None] = []
        chat.app.push_screen(dialogue, chosen.append)
        for each in (Key("x", "x"), Paste("b"), Key("y", "y"), Key("down", None), Key("enter", "\r")):
            await chat.app.on_event(each)
        assert not dialogue.is_mounted, "else this shows nothing"
        await chat.until(lambda: chosen == ["b"])


async def test_keys_go_on_working_where_an_early_one_has_opened_a_further_dialogue(
    scripted: ScriptedServer,
) -> None:
    async with running(scripted) as chat:
        above = PickScreen(phrase("chat.host_question"), [("c", "xcy"), ("d", "xdy")])
        chosen: list[str | None] = []

        class Opens(PickScreen):
            async def typed(self, event: Key | Paste) -> tuple[Key | Paste, ...]:
                if isinstance(event, Key) and event.key == "x":
                    chat.app.push_screen(above, chosen.append)
                    return ()
                return await super().typed(event)

        below = Opens(phrase("chat.host_question"), [("a", "xay"), ("b", "xby")])
        chat.app.push_screen(below, chosen.append)
        for each in (Key("x", "x"), Key("down", None), Key("enter", "\r")):
            await chat.app.on_event(each)
        assert not below.is_mounted, "else this shows nothing"
        await chat.until(lambda: chosen == ["d"])
        await chat.until(lambda: chat.app.screen is below)
        await chat.press("enter")
        await chat.until(lambda: chosen == ["d", "a"])


async def test_a_dialogue_that_lacks_a_part_is_a_fault(scripted: ScriptedServer) -> None:
    with pytest.raises(NoMatches):
        await _meets(scripted, _Wrong)


async def test_quitting_asks_once_about_an_answer_under_way(scripted: ScriptedServer) -> None:
    scripted.answers.append(Answer([Say("Once upon a time"), Hang()]))
    async with running(scripted) as chat:
        await chat.ask("Tell me")
        await chat.sees("Once upon a time")
        for _ in range(2):
            await chat.press("ctrl+q", "ctrl+q")
            await chat.sees("Quit; finish it in the background")
            await chat.pilot.pause(0.2)
            assert len(chat.app.screen_stack) == 2
            await chat.press("escape")
            await chat.until(lambda: len(chat.app.screen_stack) == 1)
