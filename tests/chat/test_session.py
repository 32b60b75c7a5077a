"""A conversation being had, without any screen: the session on a scripted server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from r1tui.chat.background import BackgroundAnswers
from r1tui.chat.draft import PlainField
from r1tui.chat.events import (
    AnswerEnded,
    BranchChanged,
    Event,
    Faulted,
    MessageChanged,
    NeedsContext,
    StateChanged,
    Told,
)
from r1tui.chat.generations import Generations
from r1tui.chat.machine import Machine
from r1tui.chat.server import Server
from r1tui.chat.session import Asked, ChatSession, NotAsked, Queued
from r1tui.domain.message import Message, MessageStatus, Role
from r1tui.domain.phrase import phrase
from r1tui.domain.settings import ChatSettings, Settings
from r1tui.services.container import Services
from r1tui.services.store.database import StoreError
from tests.support import patience
from tests.support.by_now import by_now
from tests.support.script import Answer, Cut, Gate, Hang, Say, Think, answer
from tests.support.scripted import VERSIONS, ScriptedServer


class Talk:
    """A session and everything that it told."""

    def __init__(self, session: ChatSession, services: Services) -> None:
        self.session = session
        self.services = services
        self.events: list[Event] = []
        session.subscribe(self.events.append)
        session.server.subscribe(self.events.append)

    def told(self) -> list[str]:
        """Keys of the sentences that were told."""
        return [event.what.key for event in self.events if isinstance(event, Told)]

    async def until(self, true: Callable[[], object]) -> None:
        """Wait until something holds."""
        async with asyncio.timeout(patience.SECONDS):
            while not true():  # noqa: ASYNC110  # an event for each condition would be a mock of the session
                await asyncio.sleep(0.005)

    async def ask(self, text: str) -> Message:
        """Ask, wait for the end, and return the answer."""
        outcome = await self.session.ask(text)
        assert isinstance(outcome, Asked), outcome
        assert outcome.generation.task is not None
        await outcome.generation.task
        return outcome.generation.message

    def texts(self) -> list[str]:
        """The active branch."""
        return [message.content for message in self.session.conversation.branch()]


@asynccontextmanager
async def talking(
    server: ScriptedServer | str,
    settings: Settings | None = None,
    connected: bool = True,
    model: str | None = None,
) -> AsyncIterator[Talk]:
    """A session on the server (or an address), connected unless told otherwise, closed at the end."""
    url = server if isinstance(server, str) else server.url
    services = Services.build(settings or Settings(), [], url, model)
    background = BackgroundAnswers(services, Generations())
    machine = Machine(services)
    session = ChatSession(services, Server(services, machine), background.generations, PlainField())
    talk = Talk(session, services)
    try:
        if connected:
            session.connected(await session.server.connect())
        yield talk
    finally:
        await session.close()
        await background.close()


async def test_a_question_is_stored_before_it_is_sent_and_its_answer_as_it_comes(
    scripted: ScriptedServer,
) -> None:
    gate = Gate()
    scripted.answers.append(Answer([Think("Three and five."), Say("Eight."), gate]))
    async with talking(scripted) as talk:
        outcome = await talk.session.ask("3 plus 5?")
        assert isinstance(outcome, Asked)
        store = await talk.services.opened_store()
        stored = await store.load(talk.session.conversation.id)
        assert stored is not None
        assert stored.branch()[0].content == "3 plus 5?"
        await talk.until(lambda: outcome.generation.message.content == "Eight.")
        assert talk.session.streaming is outcome.generation.message
        gate.opened.set()
        assert outcome.generation.task is not None
        await outcome.generation.task
        assert by_now(lambda: talk.session.streaming) is None
        kinds = [type(event) for event in talk.events]
        assert kinds.index(BranchChanged) < kinds.index(MessageChanged) < kinds.index(AnswerEnded)
        stored = await store.load(talk.session.conversation.id)
        assert stored is not None
        assert stored.branch()[-1].content == "Eight."


async def test_what_is_asked_while_an_answer_streams_waits_and_is_asked_behind_it(
    scripted: ScriptedServer,
) -> None:
    gate = Gate()
    scripted.answers.extend([Answer([Say("one"), gate]), answer("two")])
    async with talking(scripted) as talk:
        first = await talk.session.ask("One?")
        assert isinstance(first, Asked)
        assert isinstance(await talk.session.ask("Two?"), Queued)
        assert talk.session.queue.texts() == ["Two?"]
        assert talk.session.draft.now()[1] == "Two?"
        gate.opened.set()
        await talk.until(lambda: talk.texts() == ["One?", "one", "Two?", "two"])
        assert talk.session.queue.texts() == []


async def stored_texts(talk: Talk) -> dict[str, list[str]]:
    """Title of each stored conversation and the texts of its shown branch."""
    store = await talk.services.opened_store()
    found = [await store.load(each.id) for each in await store.recent()]
    return {each.title: [message.content for message in each.branch()] for each in found if each}


async def taken_back(talk: Talk) -> None:
    """Take back what was sent, and wait until all of that is done."""
    assert talk.session.can_take_back
    assert talk.session.unsend()
    await talk.until(lambda: not talk.session.busy and not talk.session._tasks)


async def test_a_question_whose_answer_has_not_begun_is_taken_back_into_the_draft(
    scripted: ScriptedServer,
) -> None:
    scripted.answers.extend([Answer([Hang()]), answer("eight")])
    text = "3 plus 5?\n  as a word"
    async with talking(scripted) as talk:
        talk.session.conversation.system = "Be brief."
        outcome = await talk.session.ask(text)
        assert isinstance(outcome, Asked)
        await talk.until(lambda: scripted.sent_to("/api/chat"))
        await taken_back(talk)
        assert talk.session.draft.text == text
        assert talk.session.conversation.messages == {}
        assert talk.session.conversation.title == ""
        assert talk.session.conversation.system == "Be brief."
        assert await stored_texts(talk) == {}
        store = await talk.services.opened_store()
        assert await store.draft(talk.session.draft.now()[0]) == text
        assert outcome.generation.message.status is MessageStatus.STOPPED
        assert not talk.session.can_take_back
        talk.session.draft.set("")
        await talk.ask(text)
        assert await stored_texts(talk) == {"3 plus 5? as a word": [text, "eight"]}


async def test_a_further_question_is_taken_back_with_those_that_wait_behind_it(
    scripted: ScriptedServer,
) -> None:
    scripted.answers.extend([answer("one"), Answer([Hang()])])
    async with talking(scripted) as talk:
        await talk.ask("One?")
        await talk.session.ask("Two?")
        await talk.session.ask("Three?")
        await talk.until(lambda: len(scripted.sent_to("/api/chat")) == 2)
        await taken_back(talk)
        assert talk.session.draft.text == "Two?\nThree?"
        assert talk.texts() == ["One?", "one"]
        assert await stored_texts(talk) == {"One?": ["One?", "one"]}
        store = await talk.services.opened_store()
        assert await store.draft(talk.session.conversation.id) == "Two?\nThree?"


async def test_the_first_token_and_a_draft_keep_what_was_sent(scripted: ScriptedServer) -> None:
    scripted.answers.extend([Answer([Think("Well"), Hang()]), Answer([Hang()])])
    async with talking(scripted) as talk:
        outcome = await talk.session.ask("One?")
        assert isinstance(outcome, Asked)
        await talk.until(lambda: outcome.generation.message.reasoning)
        assert not talk.session.unsend()
        assert talk.session.stop()
        await talk.until(lambda: not talk.session.busy)
        await talk.session.ask("Two?")
        talk.session.draft.set("what I write next")
        assert not talk.session.unsend()
        assert talk.session.stop()
        await talk.until(lambda: not talk.session.busy)
        assert talk.texts() == ["One?", "", "Two?", ""]
        assert talk.session.draft.text == "what I write next"


async def test_an_answer_asked_for_anew_is_taken_back_by_itself(scripted: ScriptedServer) -> None:
    scripted.answers.extend([answer("one"), answer("two"), Answer([Hang()]), answer("three")])
    async with talking(scripted) as talk:
        first = await talk.ask("One?")
        await talk.ask("Two?")
        talk.session.start(talk.session.regenerate(first.id))
        await talk.until(lambda: len(scripted.sent_to("/api/chat")) == 3)
        talk.session.draft.set("what I write next")
        await taken_back(talk)
        assert talk.texts() == ["One?", "one", "Two?", "two"]
        assert talk.session.draft.text == "what I write next"
        assert await stored_texts(talk) == {"One?": ["One?", "one", "Two?", "two"]}
        talk.session.draft.set("")
        await talk.session.regenerate(first.id)
        await talk.until(lambda: talk.texts() == ["One?", "three"])


async def test_a_changed_question_is_taken_back_and_the_earlier_branch_is_shown(
    scripted: ScriptedServer,
) -> None:
    scripted.answers.extend([answer("one"), answer("two"), Answer([Hang()])])
    async with talking(scripted) as talk:
        await talk.ask("One?")
        await talk.ask("Two?")
        question = talk.session.conversation.branch()[0]
        await talk.session.edit(question.id, "One and a half?")
        await taken_back(talk)
        assert talk.session.draft.text == "One and a half?"
        assert talk.texts() == ["One?", "one", "Two?", "two"]
        assert "chat.edit_taken_back" in talk.told()
        assert await stored_texts(talk) == {"One?": ["One?", "one", "Two?", "two"]}


async def test_a_question_sent_before_the_server_answers_is_taken_back(scripted: ScriptedServer) -> None:
    async with talking(scripted, connected=False) as talk:
        talk.session.submit("One?")
        await talk.until(lambda: talk.session.queue.waiting)
        await taken_back(talk)
        assert talk.session.draft.text == "One?"
        talk.session.connected(await talk.session.server.connect())
        assert not talk.session.busy


async def test_a_private_question_is_taken_back(scripted: ScriptedServer) -> None:
    scripted.answers.append(Answer([Hang()]))
    async with talking(scripted) as talk:
        await talk.session.start_new(private=True)
        await talk.session.ask("One?")
        await taken_back(talk)
        assert talk.session.draft.text == "One?"
        assert talk.session.conversation.private
        store = await talk.services.opened_store()
        assert [each.id for each in store.private_summaries()] == [talk.session.conversation.id]
        assert await stored_texts(talk) == {}


async def test_what_is_taken_back_while_another_conversation_is_opened_stays(
    scripted: ScriptedServer,
) -> None:
    scripted.answers.append(Answer([Hang()]))
    async with talking(scripted) as talk:
        outcome = await talk.session.ask("One?")
        assert isinstance(outcome, Asked)
        assert talk.session.unsend()
        await talk.session.start_new()
        await talk.until(lambda: not talk.session._tasks)
        assert talk.session.draft.text == ""
        assert await stored_texts(talk) == {"One?": ["One?", ""]}
        store = await talk.services.opened_store()
        assert await store.draft(outcome.generation.conversation_id) == "One?"


async def test_a_stopped_answer_gives_the_next_question_back_to_its_writer(scripted: ScriptedServer) -> None:
    scripted.answers.append(Answer([Say("one"), Hang()]))
    async with talking(scripted) as talk:
        await talk.session.ask("One?")
        await talk.until(lambda: talk.texts()[-1] == "one")
        await talk.session.ask("Two?")
        assert talk.session.stop()
        await talk.until(lambda: not talk.session.busy)
        assert talk.session.draft.text == "Two?"
        assert talk.session.conversation.branch()[-1].status is MessageStatus.STOPPED


async def test_a_question_before_the_server_was_found_is_asked_once_it_is(scripted: ScriptedServer) -> None:
    async with talking(scripted, connected=False) as talk:
        talk.session.submit("3 plus 5?")
        await talk.until(lambda: talk.session.queue.texts() == ["3 plus 5?"])
        talk.session.connected(await talk.session.server.connect())
        await talk.until(lambda: talk.texts() == ["3 plus 5?", "The answer is 4."])


async def test_whoever_watches_decides_what_falls_out_of_the_context_and_nothing_is_asked_before(
    scripted: ScriptedServer,
) -> None:
    async with talking(scripted) as talk:
        await talk.ask("3 plus 5?")
        talk.session.context.size = 64
        long = "word " * 200
        talk.session.submit(long)
        await talk.until(lambda: any(isinstance(event, NeedsContext) for event in talk.events))
        need = next(event for event in talk.events if isinstance(event, NeedsContext))
        assert (need.question, need.holds, need.alone) == (long, 64, True)
        assert need.needed > 64
        assert len(scripted.sent_to("/api/chat")) == 1
        assert talk.session.draft.now()[1] == long.strip("\n")  # whatever ends the app now
        await talk.session.withdraw(long)
        assert talk.session.draft.text == long
        talk.session.draft.set("")
        talk.session.submit(long, checked=True)
        await talk.until(lambda: len(scripted.sent_to("/api/chat")) == 2)
        await talk.until(lambda: not talk.session.busy)


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_prompt_that_the_server_refuses_is_asked_about_and_fits_once_more_is_left_out(
    scripted: ScriptedServer, version: str
) -> None:
    scripted.version = version
    async with talking(scripted, Settings(chat=ChatSettings(num_ctx=2048))) as talk:
        for number in range(3):
            await talk.ask(f"{number} " + "word " * 40)
        scripted.context = 100  # far less than what was reckoned
        failed = await talk.ask("What is 3 plus 5?")
        assert failed.status is MessageStatus.FAILED
        need = next(event for event in talk.events if isinstance(event, NeedsContext))
        assert (need.question, need.refused) == ("What is 3 plus 5?", failed.id)
        for _ in range(20):  # as often as somebody chooses to leave more out
            if talk.texts()[-1] == "The answer is 4.":
                break
            await talk.session.regenerate(need.refused)
            await talk.until(lambda: not talk.session.busy)
        turns = scripted.sent_to("/api/chat")[-1].json["messages"]
        assert turns[-1]["content"] == "What is 3 plus 5?"
        assert len(turns) < 7
        assert talk.texts()[-1] == "The answer is 4."


async def test_a_cut_answer_is_continued_and_another_one_stands_beside_it(scripted: ScriptedServer) -> None:
    scripted.answers.extend([Answer([Say("One, two,"), Cut()]), answer(" three."), answer("Anew.")])
    async with talking(scripted) as talk:
        cut = await talk.ask("Count!")
        assert cut.status is MessageStatus.INTERRUPTED
        await talk.session.continue_()
        await talk.until(lambda: not talk.session.busy)
        assert talk.texts()[-1] == "One, two, three."
        await talk.session.regenerate(cut.id)
        await talk.until(lambda: not talk.session.busy)
        assert talk.texts() == ["Count!", "Anew."]
        await talk.session.show_sibling(talk.session.conversation.branch()[-1].id, -1)
        assert talk.texts() == ["Count!", "One, two, three."]


async def test_a_deletion_is_taken_back(scripted: ScriptedServer) -> None:
    async with talking(scripted) as talk:
        await talk.ask("3 plus 5?")
        before = talk.texts()
        await talk.session.delete(talk.session.conversation.branch()[0].id)
        assert talk.texts() == []
        await talk.session.take_back()
        assert talk.texts() == before
        await talk.session.take_back()
        assert talk.told()[-1] == "chat.nothing_to_undo"


async def test_an_answer_goes_on_when_another_conversation_is_opened_and_is_live_on_the_way_back(
    scripted: ScriptedServer,
) -> None:
    gate = Gate()
    scripted.answers.append(Answer([Say("So far"), gate, Say(" and on.")]))
    async with talking(scripted) as talk:
        await talk.session.ask("Well?")
        first = talk.session.conversation.id
        await talk.until(lambda: talk.texts()[-1] == "So far")
        await talk.session.start_new()
        assert (talk.texts(), talk.session.busy) == ([], False)
        await talk.session.open(first)
        assert talk.session.busy
        gate.opened.set()
        await talk.until(lambda: not talk.session.busy)
        assert talk.texts() == ["Well?", "So far and on."]


async def test_a_disk_that_refuses_the_question_is_told_and_the_question_is_written_again(
    scripted: ScriptedServer,
) -> None:
    async with talking(scripted) as talk:
        store = await talk.services.opened_store()

        async def full(*_: object, **__: object) -> None:
            raise StoreError(phrase("store.disk_full", path="/"))

        store.save_message = full  # type: ignore[method-assign]
        assert isinstance(await talk.session.ask("3 plus 5?"), NotAsked)
        assert talk.told() == ["store.disk_full"]
        assert (talk.session.draft.text, talk.texts()) == ("3 plus 5?", [])
        assert not scripted.sent_to("/api/chat")


async def test_a_watcher_that_fails_is_told_and_ends_neither_the_answer_nor_the_other_watchers(
    scripted: ScriptedServer,
) -> None:
    async with talking(scripted) as talk:

        def broken(event: Event) -> None:
            if isinstance(event, MessageChanged | StateChanged):
                raise RuntimeError("boom")

        talk.session.subscribe(broken)
        told = await talk.ask("3 plus 5?")
        assert told.status is MessageStatus.COMPLETE
        faults = [event.error for event in talk.events if isinstance(event, Faulted)]
        assert faults
        assert all(isinstance(error, RuntimeError) for error in faults)


async def test_the_branch_of_a_conversation_begins_with_its_question(scripted: ScriptedServer) -> None:
    async with talking(scripted) as talk:
        await talk.ask("3 plus 5?")
        question, reply = talk.session.conversation.branch()
        assert (question.role, reply.role) == (Role.USER, Role.ASSISTANT)
        assert talk.session.last_answer is reply
        assert reply.model == talk.session.server.selected
