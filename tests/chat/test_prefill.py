"""How long prompts will be read, as earlier answers of the same model foretell."""

from __future__ import annotations

import asyncio

from r1tui.chat.generation import Budget, Generation
from r1tui.chat.generations import Generations
from r1tui.chat.prefill import Prefill
from r1tui.domain.chat import ChatRequest, ChatTurn, ThinkMode
from r1tui.domain.conversation import Conversation
from r1tui.domain.message import AnswerStats, Message, MessageStatus, Phase, Role
from r1tui.domain.prefill import Reading
from r1tui.domain.stream import AnswerEnded, ContentDelta, PhaseChanged, PromptRead, StreamEvent
from tests.chat.test_generation import Disk, FakeEngine, ended, until
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
    script: list[StreamEvent] = [ContentDelta("Eight."), AnswerEnded("stop", stats)]
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
