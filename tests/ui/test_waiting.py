"""Questions that are not stored yet: none is lost, whatever ends the app, and none comes back once it was asked."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from r1tui.domain.settings import Settings
from r1tui.services.store.conversations import ConversationStore
from tests.support import patience
from tests.support.script import Answer, Cut, Gate, Say, answer
from tests.support.scripted import ScriptedServer
from tests.ui.app_kit import running


async def is_draft(store: ConversationStore, key: str, text: str) -> None:
    """Wait until this is the draft under the key on the disk; empty for none."""
    deadline = time.monotonic() + patience.SECONDS
    while (found := await store.draft(key)) != text:
        assert time.monotonic() < deadline, f"the draft is {found!r}"
        await asyncio.sleep(0.02)


async def test_a_queued_question_does_not_come_back_once_it_was_asked(scripted: ScriptedServer) -> None:
    gate = Gate()
    scripted.answers.extend([Answer([Say("one"), gate]), answer("two")])
    async with running(scripted) as chat:
        await chat.ask("first")
        await chat.sees("one")
        await chat.ask("second")
        store = await chat.app.services.opened_store()
        conversation = chat.screen.session.conversation.id
        await is_draft(store, conversation, "second")
        gate.opened.set()
        await chat.sees("two")
        await chat.answered()
        await is_draft(store, conversation, "")


async def test_what_is_sent_before_the_server_has_answered_does_not_come_back(
    scripted: ScriptedServer,
) -> None:
    scripted.delay = 0.5
    async with running(scripted.url) as chat:
        await chat.sees("Ask anything")
        await chat.ask("early")
        await chat.sees("The answer is 4.")
        await chat.answered()
        store = await chat.app.services.opened_store()
        await is_draft(store, "new", "")
        await is_draft(store, chat.screen.session.conversation.id, "")


async def test_a_draft_typed_just_before_the_end_is_there_at_the_next_start(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await chat.press(*"typed")
        await chat.press("ctrl+q")
    async with running(scripted) as chat:
        await chat.until(lambda: chat.screen.prompt.text == "typed")


async def test_a_command_that_was_typed_is_a_command_at_the_next_start(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await chat.press(*"!ls")
        await chat.press("ctrl+q")
    async with running(scripted) as chat:
        await chat.until(lambda: chat.screen.prompt.text == "!ls")
        assert chat.screen.prompt.is_command
        await chat.sees("$ !ls")


async def test_a_command_that_was_typed_is_a_command_back_in_its_conversation(
    scripted: ScriptedServer,
) -> None:
    scripted.answers.append(answer("one"))
    async with running(scripted) as chat:
        await chat.ask("first")
        await chat.answered()
        await chat.press(*"!ls")
        session = chat.screen.session
        asked = session.conversation.id
        await session.start_new()
        assert (session.draft.text, session.draft.is_command) == ("", False)
        await session.open(asked)
        assert (session.draft.text, session.draft.is_command) == ("!ls", True)
        await chat.sees("$ !ls")


@pytest.mark.parametrize("text", ["!important is CSS", " !important", "one\n!two"])
async def test_a_question_with_a_commands_sign_never_becomes_a_command(
    scripted: ScriptedServer, text: str
) -> None:
    async with running(scripted) as chat:
        chat.screen.prompt.load_text(text)  # as a paste brings it
        await chat.press("ctrl+q")
    async with running(scripted) as chat:
        await chat.until(lambda: chat.screen.prompt.text == text)
        assert not chat.screen.prompt.is_command


async def test_a_kept_command_is_text_where_commands_are_switched_off(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await chat.press(*"!ls")
        await chat.press("ctrl+q")
    off = replace(Settings(), chat=replace(Settings().chat, shell=False))
    async with running(scripted, settings=off) as chat:
        await chat.until(lambda: chat.screen.prompt.text == "!ls")
        assert not chat.screen.prompt.is_command


async def test_a_question_that_the_end_keeps_from_the_disk_is_a_draft_at_the_next_start(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        began = asyncio.Event()

        async def never(*_: object) -> None:
            began.set()
            await asyncio.Event().wait()

        patch.setattr(ConversationStore, "save_conversation", never)
        async with running(scripted) as chat:
            await chat.ask("on its way")
            await asyncio.wait_for(began.wait(), patience.SECONDS)
            assert chat.screen.prompt.text == ""
    async with running(scripted) as chat:
        await chat.until(lambda: chat.screen.prompt.text == "on its way")


async def test_f5_pressed_before_the_server_has_answered_goes_on_once_it_has(
    scripted: ScriptedServer,
) -> None:
    scripted.answers.append(Answer([Say("one"), Cut()]))
    async with running(scripted) as chat:
        await chat.ask("first")
        await chat.sees("interrupted")
        kept = chat.screen.session.conversation.id
    scripted.delay = 0.5
    scripted.answers.append(answer(" two"))
    async with running(scripted.url) as chat:
        await chat.sees("Ask anything")
        await chat.screen.session.open(kept)
        assert chat.screen.session.starting
        await chat.press("f5")
        await chat.sees("one two")
