"""How long prompts will be read, as earlier answers of the same model foretell."""

from __future__ import annotations

import asyncio

import pytest

from r1tui.chat.generation import Budget, Generation
from r1tui.chat.generations import Generations
from r1tui.chat.prefill import Prefill
from r1tui.domain.chat import ChatRequest, ChatTurn, ThinkMode
from r1tui.domain.conversation import Conversation
from r1tui.domain.message import AnswerStats, Message, MessageStatus, Phase, Role
from r1tui.domain.prefill import Reading
from r1tui.domain.stream import AnswerEnded, ContentDelta, PhaseChanged, PromptRead, StreamEvent
from tests.chat.test_generation import Disk, FakeEngine, Script, ended, until
from tests.chat.test_session import talking
from tests.support.script import answer
from tests.support.scripted import ScriptedServer

URL = "http://server"
LONG = ChatTurn(Role.USER, "word " * 600)


def asks(*turns: ChatTurn, model: str = "m") -> ChatRequest:
    return ChatRequest(model, turns, ThinkMode.AUTO, {}, None)


def begin(engine: FakeEngine, request: ChatRequest, reading: Reading | None = None) -> Generation:
    engine.url = URL  # type: ignore[attr-defined]
    message = Message(Role.ASSISTANT, status=MessageStatus.STREAMING, reading=reading)
    return Generations().start(engine, "c", message, request, Disk(), Budget())  # type: ignore[arg-type]


async def answered(prefill: Prefill, request: ChatRequest, stats: AnswerStats, prompt: int = 1000) -> None:
    """An answer with these figures."""
    script: Script = [ContentDelta("Eight."), AnswerEnded("stop", stats)]
    reading = prefill.expected(URL, Conversation(), request, prompt)
    generation = begin(FakeEngine(script), request, reading)
    await ended(generation)
    prefill.note(generation)


async def test_before_any_answer_nothing_is_foretold() -> None:
    assert Prefill().expected(URL, Conversation(), asks(LONG), 1000).seconds is None


async def test_the_speed_of_one_model_foretells_its_next_prompt_and_no_other_models() -> None:
    prefill = Prefill()
    await answered(prefill, asks(LONG), AnswerStats(1000, 2, prompt_seconds=20.0))
    other = ChatTurn(Role.USER, "other " * 600)
    assert prefill.expected(URL, Conversation(), asks(other), 2000).seconds == 40
    assert prefill.expected(URL, Conversation(), asks(other, model="n"), 2000).seconds is None
    assert prefill.expected("http://other", Conversation(), asks(other), 2000).seconds is None


async def test_what_the_server_still_has_is_not_read_again() -> None:
    prefill = Prefill()
    await answered(prefill, asks(LONG), AnswerStats(1000, 2, prompt_seconds=20.0))
    more = ChatTurn(Role.ASSISTANT, "Eight."), ChatTurn(Role.USER, "And now?")
    expected = prefill.expected(URL, Conversation(), asks(LONG, *more), 1000)
    assert expected.seconds is not None
    assert expected.seconds < 1, "all but the new turns is in memory"
    again = AnswerStats(1010, 2, prompt_seconds=0.2)
    await answered(prefill, asks(LONG, *more), again, 1010)
    fresh = prefill.expected(URL, Conversation(), asks(ChatTurn(Role.USER, "?" * 900)), 1000)
    assert fresh.seconds == 20, "what was in memory tells no speed"


async def test_one_figure_that_is_off_changes_little() -> None:
    prefill = Prefill()
    for number, seconds in enumerate((20.0, 0.1, 21.0)):
        turn = ChatTurn(Role.USER, f"{number} " * 600)
        await answered(prefill, asks(turn), AnswerStats(1000, 2, prompt_seconds=seconds))
    assert prefill.expected(URL, Conversation(), asks(LONG), 1000).seconds == 20


async def test_a_model_that_is_loaded_anew_has_nothing_in_memory_and_progress_is_taken_as_told() -> None:
    hold, on = asyncio.Event(), asyncio.Event()
    script: list[StreamEvent | asyncio.Event] = [
        PhaseChanged(Phase.LOADING), hold, PhaseChanged(Phase.READING), PromptRead(3400, 1200, 200, 10.0), on,
        ContentDelta("Eight."), AnswerEnded("stop", AnswerStats(3400, 2)),
    ]  # fmt: skip
    generation = begin(FakeEngine(script), asks(LONG), Reading(3000, 2900, rate=50))  # type: ignore[arg-type]
    message = generation.message
    await until(lambda: message.phase is Phase.LOADING)
    assert message.reading == Reading(3000, 0, rate=50)
    hold.set()
    await until(lambda: message.reading is not None and message.reading.done)
    assert message.reading is not None
    assert (message.reading.total, message.reading.done, message.reading.rate) == (3400, 1200, 100)
    on.set()
    assert (await ended(generation)).reading is None


async def test_the_first_answer_of_a_stored_conversation_foretells_the_next(scripted: ScriptedServer) -> None:
    question = "What is 3 plus 5? " * 50
    scripted.answers.append(answer("Eight.", prompt_tokens=1000))
    async with talking(scripted) as talk:
        message = await talk.ask(question)
        assert message.stats is not None
        assert message.stats.prompt_seconds
        rate = 1000 / message.stats.prompt_seconds
        here = talk.session.conversation.id
    async with talking(scripted) as talk:
        await talk.session.open(here)
        prompt = await talk.session.prompt_to_come("And now?")
        assert prompt is not None
        assert prompt.reading_seconds is not None
        assert abs(prompt.reading_seconds - prompt.estimate / rate) < 0.01 * prompt.reading_seconds


async def test_what_was_sent_last_is_read_again_once_the_model_was_unloaded() -> None:
    prefill = Prefill()
    await answered(prefill, asks(LONG), AnswerStats(1000, 2, load_seconds=4.0, prompt_seconds=20.0))
    request = asks(LONG, ChatTurn(Role.ASSISTANT, "Eight."), ChatTurn(Role.USER, "And now?"))

    def first_token(*, loads: bool = False) -> float:
        seconds = prefill.first_token(URL, Conversation(), request, 1000, loads=loads)
        assert seconds is not None
        return seconds

    assert first_token() < 1
    assert first_token(loads=True) == 24, "loading comes before reading"
    prefill.unloaded(URL, ["m", "n"])
    assert first_token() < 1
    prefill.unloaded("http://other", [])
    assert first_token() < 1
    prefill.unloaded(URL, ["n"])
    assert first_token() == 20, "it may have been loaded again meanwhile: its memory is empty"


def stored(*stats: AnswerStats) -> Conversation:
    conversation = Conversation()
    for each in stats:
        conversation.add(Message(Role.USER, "?"))
        conversation.add(Message(Role.ASSISTANT, "!", model="m", stats=each))
    return conversation


async def test_stored_answers_tell_the_speed_by_what_of_their_prompts_was_new() -> None:
    short = AnswerStats(20, 2, prompt_seconds=0.1)
    grown = AnswerStats(520, 2, prompt_seconds=10.0)
    anew = AnswerStats(600, 2, load_seconds=3.0, prompt_seconds=12.0)
    prefill = Prefill()
    assert prefill.rate(URL, stored(short), "m") is None
    assert prefill.rate(URL, stored(short, grown), "m") == 50
    assert prefill.rate(URL, stored(short, anew), "m") == 50, "loaded for it, so that all of it was read"
    request = asks(ChatTurn(Role.USER, "?" * 900))
    assert prefill.first_token(URL, stored(short, anew), request, 1000, loads=True) == 23


async def test_a_long_conversation_foretells_its_first_token_before_anything_is_sent(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Prefill, "rate", lambda *_: 10.0)
    async with talking(scripted) as talk:
        await talk.ask("What is 3 plus 5? " * 50)
        here = talk.session.conversation.id
    async with talking(scripted) as talk:
        session = talk.session
        session.foretell()
        await talk.until(lambda: session.first_token_seconds is not None)
        assert (session.first_token_seconds or 0) < 5, "nothing is written yet"
        await session.open(here)
        await talk.until(lambda: (session.first_token_seconds or 0) > 20)
        await talk.ask("And 4 plus 5?")
        await talk.until(lambda: (session.first_token_seconds or 99) < 5)
        session.draft.set("word " * 400)
        session.foretell()
        await talk.until(lambda: (session.first_token_seconds or 0) > 20)
        session.draft.set("")
        scripted.running = []
        await talk.session.server.refresh_running()
        await talk.until(lambda: 20 < (session.first_token_seconds or 0) < 50)
        await session.start_new()
        await talk.until(lambda: (session.first_token_seconds or 99) < 5)
