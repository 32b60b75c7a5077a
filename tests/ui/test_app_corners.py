"""The whole app where things meet that seldom do: hurried keys, foreign figures, other kinds of servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from textual.events import Key
from textual.widgets import Input

from r1tui.app import R1App
from r1tui.chat.context import ContextMeter
from r1tui.chat.machine import Machine
from r1tui.domain.chat import ChatRequest, ChatTurn
from r1tui.domain.context_window import Window
from r1tui.domain.conversation import Conversation
from r1tui.domain.hardware import GIB, HardwareProfile
from r1tui.domain.message import Message, MessageStatus, Role
from r1tui.domain.phrase import phrase
from r1tui.domain.settings import HostSettings, Settings
from r1tui.screens.chat import copying
from r1tui.screens.dialogs.pick import PickScreen
from r1tui.screens.setup.screen import SetupScreen
from r1tui.services.container import Services
from r1tui.services.store.conversations import ConversationStore
from r1tui.services.store.database import StoreError
from tests.support.script import answer
from tests.support.scripted import ScriptedServer
from tests.ui.app_kit import Chat, running


async def test_a_new_title_is_there_after_the_conversation_is_opened_again(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await chat.ask("3 plus 5?")
        await chat.answered()
        await chat.command("chat.rename")
        await chat.sees("Title of this conversation")
        await chat.press("home", "A", "enter")
        await chat.sees("A3 plus 5?")
        await chat.press("f6")
        await chat.until(lambda: "A3 plus 5?" in chat.text and "1 conversation" in chat.text)


async def test_the_tokens_of_a_conversation_are_counted_once_where_it_is_shown(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(scripted) as chat:
        await chat.ask("3 plus 5?")
        await chat.answered()
        counted: list[ContextMeter] = []
        window = ContextMeter._window

        def count(meter: ContextMeter, turns: tuple[ChatTurn, ...]) -> Window:
            counted.append(meter)
            return window(meter, turns)

        monkeypatch.setattr(ContextMeter, "_window", count)
        chat.screen.session._show()
        assert counted == [chat.screen.session.context]


async def _deleted_in_the_history(chat: Chat) -> str:
    """Ask, and delete that conversation in the history, which stays open. Returns its id."""
    await chat.ask("3 plus 5?")
    await chat.answered()
    await chat.press("f6")
    await chat.sees("1 conversation")
    await chat.press("d", "down", "enter")
    await chat.sees("No conversation yet")
    return chat.screen.session.conversation.id


async def test_a_conversation_deleted_in_the_history_does_not_go_on_unseen(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        old = await _deleted_in_the_history(chat)
        await chat.press("escape")
        await chat.until(lambda: chat.app.screen is chat.screen)
        await chat.ask("And now?")
        await chat.answered()
        assert chat.screen.session.conversation.id != old
        store = await chat.screen.services.opened_store()
        assert [each.title for each in await store.recent()] == ["And now?"]


async def test_a_question_sent_while_the_deletion_of_its_conversation_is_noticed_is_asked_in_a_new_one(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(scripted) as chat:
        await _deleted_in_the_history(chat)
        store = await chat.screen.services.opened_store()
        summary, looked, looks = store.summary, asyncio.Event(), asyncio.Event()

        async def slowly(conversation_id: str) -> object:
            looks.set()
            await looked.wait()
            return await summary(conversation_id)

        monkeypatch.setattr(store, "summary", slowly)
        await chat.press("escape")
        await looks.wait()
        await chat.ask("And now?")
        looked.set()
        await chat.until(
            lambda: scripted.sent_to("/api/chat")[-1].json["messages"][-1]["content"] == "And now?"
        )
        await chat.answered()
        assert "3 plus 5?" not in chat.text
        assert [each.title for each in await store.recent()] == ["And now?"]


async def test_letters_in_a_hurry_do_not_end_the_choice_of_a_theme(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await chat.command("chat.theme")
        await chat.opened(PickScreen)
        field = chat.app.screen.query_one(Input)
        field.value = "dark"
        field.value = "dark and no theme at all"
        await chat.until(lambda: "r1-dark" not in chat.text)
        await chat.press("escape")
        await chat.until(lambda: chat.app.screen is chat.screen)


async def test_what_was_selected_can_be_folded_away_before_it_is_copied(scripted: ScriptedServer) -> None:
    scripted.answers.append(answer("Eight.", "\n\n".join(f"Line {n}." for n in range(8)), rate=500))
    async with running(scripted) as chat:
        await chat.ask("3 plus 5?")
        await chat.answered()
        await chat.press("ctrl+t")
        await chat.sees("Line 5.")
        await chat.drag("Line 5.")
        assert chat.screen.transcript in chat.screen.selections
        await chat.press("ctrl+t")
        await chat.until(lambda: "Line 5." not in chat.text)
        await chat.press("ctrl+c")
        await chat.pilot.pause(0.1)
        await chat.press("x")
        await chat.until(lambda: chat.screen.prompt.text == "x")
        assert chat.notices == []  # nothing was selected any more, and nothing took the clipboard's place


async def test_a_time_that_no_calendar_has_does_not_keep_a_conversation_from_being_read(
    scripted: ScriptedServer,
) -> None:
    async with running(scripted) as chat:
        chat.screen.session.conversation.add(Message(Role.USER, "Old.", created=1.7e12))
        chat.screen.session._show()
        await chat.sees("Old.")


async def test_a_server_that_only_chats_is_not_asked_to_pull(scripted: ScriptedServer) -> None:
    settings = Settings(hosts={"v": HostSettings(url=scripted.url, kind="openai")})
    settings.server.host = "v"
    async with running("", settings=settings) as chat:
        await chat.until(lambda: chat.screen.server.engine is not None)
        await chat.screen.dialogues.download("deepseek-r1:8b")
        await chat.until(lambda: any("no model commands" in notice for notice in chat.notices))


async def test_a_second_question_in_a_hurry_waits_for_the_first_answer(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        scripted.delay = 0.3
        await chat.ask("One?")
        await chat.until(lambda: chat.screen.session.streaming)
        await chat.ask("Two?")
        await chat.until(lambda: len(scripted.sent_to("/api/chat")) == 2)
        await chat.answered()
        sent = scripted.sent_to("/api/chat")[-1].json["messages"]
        assert [each["content"] for each in sent] == ["One?", "The answer is 4.", "Two?"]


async def test_a_question_is_taken_back_before_its_request_is_made(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(scripted) as chat:
        requests, may_be_made = chat.screen.session.requests, asyncio.Event()
        build = requests.build

        async def held(*arguments: Any, **options: Any) -> ChatRequest:
            await may_be_made.wait()
            return await build(*arguments, **options)

        monkeypatch.setattr(requests, "build", held)
        await chat.ask("One?")
        await chat.until(lambda: chat.screen.session.streaming)
        assert chat.screen.session.generation is None
        await chat.sees("Esc stop, take back")
        await chat.press("escape")
        assert chat.screen.prompt.text == "One?"
        may_be_made.set()
        await chat.until(lambda: not chat.screen.session.conversation.messages)
        await chat.until(lambda: chat.screen.empty_page.display)
        assert not scripted.sent_to("/api/chat")
        await chat.press("enter")
        await chat.answered()
        await chat.sees("One?", "The answer is 4.")


async def test_an_answer_that_begins_after_another_conversation_was_opened_stays_in_its_own(
    scripted: ScriptedServer,
) -> None:
    async with running(scripted) as chat:
        scripted.delay = 0.3
        await chat.ask("One?")
        await chat.until(lambda: chat.screen.session.streaming)
        await chat.press("ctrl+n")
        await chat.until(lambda: scripted.sent_to("/api/chat"))
        await chat.until(lambda: not chat.app.background_answers.generations.active)
        assert chat.screen.transcript.messages == []
        store = await chat.screen.services.opened_store()
        assert [(each.title, each.size) for each in await store.recent()] == [("One?", 2)]


async def test_the_speed_of_a_model_that_is_unloaded_again_is_no_processors(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scripted, "_load", lambda *_: None)
    scripted.answers.append(answer("word " * 40, rate=500))
    memory = {"total": 32 * GIB, "available": 28 * GIB}
    gpu = {"vendor": "nvidia", "name": "RTX 3090", "total": 24 * GIB, "free": 23 * GIB}
    settings = Settings(hardware={"memory": memory, "gpus": [gpu]})
    async with running(scripted, settings=settings) as chat:
        await chat.until(lambda: chat.screen.machine.known.is_set())
        await chat.ask("Words!")
        await chat.answered()
        machine, last = chat.screen.machine, chat.screen.session.last_answer
        assert last is not None
        server = chat.screen.server
        shape = await server.shape(last.model)
        assert shape is not None
        await machine.learn(last, shape, server.loaded(last.model))
        await chat.until(lambda: machine.speeds)
        assert machine.calibration is None


async def test_a_question_behind_another_processs_answer_is_asked_when_that_ends(
    scripted: ScriptedServer,
) -> None:
    async with running(scripted) as chat:
        store = await chat.screen.services.opened_store()
        talk = Conversation(model="deepseek-r1:1.5b")
        talk.add(Message(Role.USER, "One?"))
        theirs = talk.add(Message(Role.ASSISTANT, "So far", status=MessageStatus.STREAMING))
        await store.save_conversation(talk)
        for message in talk.messages.values():
            await store.save_message(talk.id, message)
        await chat.screen.session.open(talk.id)
        await chat.ask("Two?")
        await chat.until(lambda: chat.screen.session.queue.texts() == ["Two?"])
        theirs.status, theirs.content = MessageStatus.COMPLETE, "So far and on."
        await store.save_message(talk.id, theirs)
        await chat.until(lambda: scripted.sent_to("/api/chat"))
        sent = scripted.sent_to("/api/chat")[-1].json["messages"]
        assert [each["content"] for each in sent] == ["One?", "So far and on.", "Two?"]
        await chat.answered()


async def test_a_look_at_a_store_that_is_locked_is_taken_again_later(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def locked(*_: object) -> None:
        raise StoreError(phrase("store.busy"))

    async with running(scripted) as chat:
        await chat.ask("One?")
        await chat.answered()
        store = await chat.screen.services.opened_store()
        monkeypatch.setattr(store, "changed_elsewhere", locked)
        await chat.screen.session.look_elsewhere()


async def test_a_start_goes_on_where_what_was_stored_cannot_be_brought_back(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def locked(*_: object) -> None:
        raise StoreError(phrase("store.busy"))

    monkeypatch.setattr(ConversationStore, "mark_interrupted", locked)
    async with running(scripted) as chat:
        assert any("keeps the conversations locked" in notice for notice in chat.notices)
        await chat.ask("3 plus 5?")
        await chat.answered()


def test_a_file_goes_to_the_users_own_folder_where_the_present_one_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert copying.free_path("A title", ".md") == Path.home() / "A-title.md"


async def test_a_question_that_the_disk_refuses_goes_back_with_a_sentence(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise StoreError(phrase("store.disk_full", path="/data"))

    monkeypatch.setattr(ConversationStore, "save_message", full)
    async with running(scripted) as chat:
        await chat.ask("3 plus 5?")
        await chat.until(lambda: chat.screen.prompt.text == "3 plus 5?")
        assert any(notice.startswith("The disk that holds /data is full") for notice in chat.notices)


async def test_a_store_that_refuses_in_the_midst_of_things_is_said_and_the_app_goes_on(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise StoreError(phrase("store.busy"))

    async with running(scripted) as chat:
        monkeypatch.setattr(chat.screen.services, "state_set", full)
        await chat.ask("3 plus 5?")
        await chat.until(lambda: any("keeps the conversations locked" in notice for notice in chat.notices))
        monkeypatch.undo()
        await chat.ask("And now?")
        await chat.answered()
        await chat.sees("The answer is 4.")


async def test_setup_takes_a_file_on_a_machine_without_internet(scripted: ScriptedServer) -> None:
    scripted.models.clear()
    services = Services.build(Settings(), [], scripted.url, None)
    app = R1App(services)
    async with app.run_test(size=(80, 30)) as pilot:
        chat = Chat(pilot, app)
        await chat.sees("a GGUF file of this machine")
    await app.background_answers.close()


async def test_setup_goes_on_looking_where_it_began_after_an_address_that_does_not_answer(
    scripted: ScriptedServer,
) -> None:
    scripted.failing["/api/tags"] = (503, "not yet")
    services = Services.build(Settings(), [], scripted.url, None)
    app = R1App(services)
    async with app.run_test(size=(80, 30)) as pilot:
        chat = Chat(pilot, app)
        await chat.sees("Use a server somewhere else")
        setup = app.screen
        assert isinstance(setup, SetupScreen)
        setup.look("http://127.0.0.1:9")
        await chat.sees("No server answers at http://127.0.0.1:9")
        scripted.failing.clear()
        await chat.press("r", "enter")
        await chat.until(lambda: app.screen is chat.screen and chat.screen.server.selected)
        assert services.host.url == scripted.url
    await app.background_answers.close()


async def test_text_behind_a_tab_goes_where_the_tab_leads(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await chat.ask("One?")
        await chat.answered()
        chat.screen.transcript.focus()
        await chat.pilot.pause()
        for key in ("tab", "d", "a", "y"):  # in one go, as one read of a slow line brings them
            chat.app.post_message(Key(key, key if len(key) == 1 else None))
        await chat.until(lambda: chat.screen.prompt.text == "day")


async def test_keys_are_heard_while_the_machine_is_read_and_while_a_draft_is_stored(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, storing, go_on = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def profiles(_: Machine, **_how: object) -> AsyncIterator[HardwareProfile]:
        reading.set()
        await go_on.wait()
        yield HardwareProfile()

    async def save_draft(*_: object) -> None:
        storing.set()
        await go_on.wait()

    monkeypatch.setattr(Machine, "profiles", profiles)
    async with running(scripted) as chat:
        await chat.until(reading.is_set)
        monkeypatch.setattr(chat.screen.session.draft, "save", save_draft)
        chat.screen.prompt.post_message(Key("h", "h"))
        await chat.until(storing.is_set)
        for each in "ey":
            chat.app.post_message(Key(each, each))
        await chat.until(lambda: chat.screen.prompt.text == "hey")
        go_on.set()
