"""One answer's life: batches to the message, commits, stop, answer now, budget, loops, faults."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count
from types import SimpleNamespace

import pytest

from r1tui.chat.generation import Budget, Generation
from r1tui.chat.generations import Generations
from r1tui.domain.chat import ChatRequest, ChatTurn, ThinkMode
from r1tui.domain.message import AnswerStats, Message, MessageStatus, Phase, Role
from r1tui.domain.phrase import phrase
from r1tui.domain.stream import (
    AnswerEnded,
    ContentDelta,
    ContentWasReasoning,
    PhaseChanged,
    ReasoningDelta,
    StreamEvent,
)
from r1tui.services.engines.engine import ServerUnreachable, StreamCut
from tests.support import patience

Script = list[StreamEvent | Exception | asyncio.Event]


class FakeEngine:
    """Plays one script for each request; an event in it holds the stream until it is set."""

    def __init__(self, *scripts: Script) -> None:
        self.scripts = list(scripts)
        self.requests: list[ChatRequest] = []
        self.closed = 0

    async def chat(self, request: ChatRequest) -> AsyncIterator[StreamEvent]:
        """The next script."""
        self.requests.append(request)
        try:
            for step in self.scripts.pop(0):
                if isinstance(step, asyncio.Event):
                    await step.wait()
                elif isinstance(step, Exception):
                    raise step
                else:
                    yield step
                    await asyncio.sleep(0)
        finally:
            self.closed += 1


class Burst(FakeEngine):
    """The same, everything at once, as what gathers behind one network read."""

    async def chat(self, request: ChatRequest) -> AsyncIterator[StreamEvent]:
        """The next script."""
        self.requests.append(request)
        for step in self.scripts.pop(0):
            assert not isinstance(step, Exception | asyncio.Event)
            yield step


class Disk:
    """Keeps what was saved; may refuse."""

    def __init__(self) -> None:
        self.saved: list[tuple[MessageStatus, str, str]] = []
        self.full = False
        self.stop = False
        self.beats = 0

    async def save_message(self, conversation_id: str, message: Message) -> None:
        """Remember the state."""
        if self.full:
            raise OSError("no space left")
        self.saved.append((message.status, message.reasoning, message.content))

    async def heartbeat(self, message_id: str) -> None:
        """Count."""
        self.beats += 1

    async def stop_requested(self, message_id: str) -> bool:
        """As another R1TUI asks."""
        return self.stop


REQUEST = ChatRequest("m", (ChatTurn(Role.USER, "?"),), ThinkMode.AUTO, {}, None)
DONE = AnswerEnded("stop", AnswerStats(10, 5, None, None, 1.0, None))


def begin(engine: FakeEngine, disk: Disk, budget: Budget | None = None) -> Generation:
    """Start an answer."""
    message = Message(Role.ASSISTANT, status=MessageStatus.STREAMING)
    return Generations().start(engine, "c", message, REQUEST, disk, budget)  # type: ignore[arg-type]


async def ended(generation: Generation) -> Message:
    """Wait for the end."""
    assert generation.task is not None
    await asyncio.wait_for(generation.task, patience.SECONDS)
    return generation.message


async def until(true: Callable[[], object]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(patience.SECONDS):
        while not true():  # noqa: ASYNC110 (what is waited for has no event)
            await asyncio.sleep(0.01)


async def test_an_answer_is_filled_and_committed_whole() -> None:
    disk = Disk()
    engine = FakeEngine(
        [PhaseChanged(Phase.THINKING), ReasoningDelta("Hm.", 2), ContentDelta("Yes.", 3), DONE]
    )
    message = await ended(begin(engine, disk))
    assert (message.status, message.reasoning, message.content) == (MessageStatus.COMPLETE, "Hm.", "Yes.")
    assert (message.reasoning_tokens, message.answer_tokens, message.phase) == (2, 3, None)
    assert disk.saved[-1] == (MessageStatus.COMPLETE, "Hm.", "Yes.")


async def test_a_growing_answer_is_committed_before_it_ends() -> None:
    hold, disk = asyncio.Event(), Disk()
    generation = begin(FakeEngine([ContentDelta("So far", 2), hold, DONE]), disk)
    await until(lambda: (MessageStatus.STREAMING, "", "So far") in disk.saved)
    assert disk.beats
    hold.set()
    await ended(generation)


async def test_stopping_closes_the_request_and_keeps_what_came() -> None:
    disk, engine = Disk(), FakeEngine([ContentDelta("So far", 2), asyncio.Event()])
    generation = begin(engine, disk)
    await until(lambda: generation.message.content)
    generation.stop()
    message = await ended(generation)
    assert (message.status, message.content, engine.closed) == (MessageStatus.STOPPED, "So far", 1)
    assert disk.saved[-1][0] is MessageStatus.STOPPED


async def test_another_process_can_ask_it_to_stop() -> None:
    disk = Disk()
    generation = begin(FakeEngine([ContentDelta("So far", 2), asyncio.Event()]), disk)
    await until(lambda: generation.message.content)
    disk.stop = True
    assert (await ended(generation)).status is MessageStatus.STOPPED


async def answer_now_by_key(generation: Generation) -> None:
    """As F4 does."""
    await until(lambda: generation.message.reasoning)
    assert generation.answer_now()


async def nothing(generation: Generation) -> None:
    """The budget does it by itself."""


@pytest.mark.parametrize(
    ("budget", "act"), [(Budget(), answer_now_by_key), (Budget(tokens=3), nothing)], ids=["key", "budget"]
)
async def test_reasoning_is_ended_and_the_answer_asked_for_from_it(
    budget: Budget, act: Callable[[Generation], Awaitable[None]]
) -> None:
    engine = FakeEngine(
        [PhaseChanged(Phase.THINKING), ReasoningDelta("Round and round", 4), asyncio.Event()],
        [PhaseChanged(Phase.ANSWERING), ContentDelta("Eight.", 2), DONE],
    )
    generation = begin(engine, Disk(), budget)
    await act(generation)
    message = await ended(generation)
    assert (message.status, message.reasoning, message.content) == (
        MessageStatus.COMPLETE,
        "Round and round",
        "Eight.",
    )
    last = engine.requests[-1].turns[-1]
    assert (last.role, last.content, last.reasoning) == (Role.ASSISTANT, "", "Round and round")
    assert engine.requests[-1].think is ThinkMode.ON


async def test_answer_now_does_nothing_where_the_model_is_not_thinking() -> None:
    hold = asyncio.Event()
    generation = begin(FakeEngine([PhaseChanged(Phase.ANSWERING), ContentDelta("a", 1), hold, DONE]), Disk())
    await until(lambda: generation.message.content)
    assert not generation.answer_now()
    hold.set()
    assert (await ended(generation)).content == "a"


async def test_a_cut_stream_is_interrupted_and_another_fault_is_failed() -> None:
    cut = await ended(begin(FakeEngine([ContentDelta("Half", 1), StreamCut(phrase("engine.cut"))]), Disk()))
    assert (cut.status, cut.content) == (MessageStatus.INTERRUPTED, "Half")
    assert cut.error is not None
    gone = await ended(begin(FakeEngine([ServerUnreachable(phrase("chat.no_server"))]), Disk()))
    assert (gone.status, gone.error) == (MessageStatus.FAILED, phrase("chat.no_server"))


async def test_an_unexpected_fault_is_a_sentence_and_keeps_the_text() -> None:
    message = await ended(begin(FakeEngine([ContentDelta("Half", 1), KeyError("odd")]), Disk()))
    assert (message.status, message.content) == (MessageStatus.FAILED, "Half")
    assert message.error is not None
    assert message.error.key == "generation.unexpected"


async def test_a_full_disk_does_not_end_the_answer() -> None:
    disk = Disk()
    disk.full = True
    generation = begin(FakeEngine([ContentDelta("Yes.", 1), DONE]), disk)
    message = await ended(generation)
    assert (message.status, message.content) == (MessageStatus.COMPLETE, "Yes.")
    assert isinstance(generation.save_error, OSError)


async def test_reasoning_that_repeats_itself_is_noticed() -> None:
    round_ = "But wait, let me check that once more, since the first sum may have been wrong. "
    generation = begin(FakeEngine([*[ReasoningDelta(round_, 15) for _ in range(60)], DONE]), Disk())
    await ended(generation)
    assert generation.loop_found


async def test_a_length_limit_is_said() -> None:
    limit = AnswerEnded("length", AnswerStats(1, 1, None, None, 1.0, None))
    message = await ended(begin(FakeEngine([ContentDelta("Yes", 1), limit]), Disk()))
    assert message.error == phrase("generation.limit")


async def test_watchers_are_told_of_each_batch_and_of_the_end() -> None:
    seen: list[tuple[MessageStatus, str]] = []
    generation = begin(FakeEngine([ContentDelta("a", 1), ContentDelta("b", 1), DONE]), Disk())
    generation.watchers.append(lambda each: seen.append((each.message.status, each.message.content)))
    await ended(generation)
    assert (MessageStatus.STREAMING, "a") in seen
    assert seen[-1] == (MessageStatus.COMPLETE, "ab")


async def test_all_answers_can_be_stopped_or_waited_for() -> None:
    generations = Generations()
    messages = [Message(Role.ASSISTANT, status=MessageStatus.STREAMING) for _ in range(3)]
    for message in messages:
        engine = FakeEngine([ContentDelta("x", 1), asyncio.Event()])
        generations.start(engine, f"c{message.id}", message, REQUEST, Disk())  # type: ignore[arg-type]
    assert generations.of_conversation(f"c{messages[1].id}") is not None
    await until(lambda: all(message.content for message in messages))
    await generations.stop_all()
    assert {message.status for message in messages} == {MessageStatus.STOPPED}
    await until(lambda: not generations.active)


async def test_what_came_along_with_the_end_of_the_budget_is_not_there_twice() -> None:
    thought: Script = [PhaseChanged(Phase.THINKING), ReasoningDelta("One, two, three.", 5)]
    answered: Script = [PhaseChanged(Phase.ANSWERING), ContentDelta("The answer"), DONE]
    engine = Burst([*thought, *answered], [*answered])
    message = await ended(begin(engine, Disk(), Budget(tokens=3)))
    assert len(engine.requests) == 2
    assert (message.reasoning, message.content) == ("One, two, three.", "The answer")


async def test_an_answer_ended_from_outside_is_interrupted_after_the_reasoning_was_cut_short_too() -> None:
    thought: Script = [PhaseChanged(Phase.THINKING), ReasoningDelta("Hm.", 5), asyncio.Event()]
    engine, disk = FakeEngine([*thought], [ContentDelta("So far"), asyncio.Event()]), Disk()
    generation = begin(engine, disk)
    await answer_now_by_key(generation)
    await until(lambda: generation.message.content)
    assert generation.task is not None
    generation.task.cancel()
    await asyncio.wait({generation.task})
    assert generation.task.cancelled()
    assert disk.saved[-1] == (MessageStatus.INTERRUPTED, "Hm.", "So far")


async def test_reasoning_that_is_recognised_by_its_closing_tag_has_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = count()
    monkeypatch.setattr("r1tui.chat.generation.time", SimpleNamespace(monotonic=lambda: next(clock)))
    message = await ended(
        begin(Burst([ContentDelta("Hm.", 2), ContentWasReasoning(), ContentDelta("Yes."), DONE]), Disk())
    )
    assert (message.reasoning, message.content) == ("Hm.", "Yes.")
    assert message.reasoning_seconds > 0


# Without anybody who watches


async def test_an_unwatched_answer_that_stands_still_after_its_first_token_is_ended_and_says_so() -> None:
    disk = Disk()
    generation = begin(FakeEngine([ContentDelta("So far", 1), asyncio.Event()]), disk)
    await generation.bound(0.2)
    message = await ended(generation)
    assert (message.status, message.content) == (MessageStatus.INTERRUPTED, "So far")
    assert message.error is not None
    assert message.error.key == "generation.silent"
    assert disk.saved[-1][0] is MessageStatus.INTERRUPTED


class Living(FakeEngine):
    """The same on a server that says whether it lives."""

    lives = True
    asked = 0

    async def version(self) -> str:
        """As the server's."""
        self.asked += 1
        if not self.lives:
            raise ServerUnreachable(phrase("engine.timeout", url="x"))
        return "1"


async def test_an_unwatched_answer_before_its_first_token_is_waited_for_while_the_server_lives() -> None:
    hold = asyncio.Event()
    engine = Living([PhaseChanged(Phase.LOADING), hold, ContentDelta("Late.", 1), DONE])
    generation = begin(engine, Disk())
    bound = asyncio.create_task(generation.bound(0.1))
    await until(lambda: engine.asked > 20)  # well over the bound
    assert generation.message.status is MessageStatus.STREAMING
    hold.set()
    message = await ended(generation)
    await bound
    assert (message.status, message.content, message.error) == (MessageStatus.COMPLETE, "Late.", None)


async def test_an_unwatched_answer_whose_server_has_gone_before_its_first_token_is_ended() -> None:
    engine = Living([PhaseChanged(Phase.LOADING), asyncio.Event()])
    engine.lives = False
    generation = begin(engine, Disk())
    await generation.bound(0.2)
    message = await ended(generation)
    assert message.status is MessageStatus.INTERRUPTED
    assert message.error is not None
    assert message.error.key == "generation.server_away"


@pytest.mark.parametrize("kind", [ReasoningDelta, ContentDelta])
async def test_an_unwatched_answer_that_goes_round_in_circles_is_ended_and_says_so(
    kind: type[ReasoningDelta | ContentDelta],
) -> None:
    script: Script = [kind("Wait, let me think about the river again. ", 9) for _ in range(400)]
    generation = begin(FakeEngine([*script, asyncio.Event()]), Disk())
    await generation.bound(60)
    message = await ended(generation)
    assert message.status is MessageStatus.INTERRUPTED
    assert message.error is not None
    assert message.error.key == "generation.looped"


async def test_a_table_that_repeats_itself_for_a_while_does_not_end_an_unwatched_answer() -> None:
    rows: Script = [ContentDelta("| 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 |\n", 20) for _ in range(60)]
    text = "".join(f"Then came number {chr(97 + at % 26) * (at % 7 + 3)} of {at * at}. " for at in range(300))
    more: Script = [ContentDelta(text[at : at + 30], 5) for at in range(0, len(text), 30)]
    generation = begin(FakeEngine([*rows, *more, DONE]), Disk())
    await generation.bound(60)
    assert (await ended(generation)).status is MessageStatus.COMPLETE


async def test_it_is_kept_when_the_paragraphs_of_a_reasoning_came(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = count()
    monkeypatch.setattr("r1tui.chat.generation.time", SimpleNamespace(monotonic=lambda: next(clock)))
    deltas = [ReasoningDelta(text) for text in ("One", " two.", "\n\n", "Three", " four.\n\nFive", " six.")]
    engine = Burst([PhaseChanged(Phase.THINKING), *deltas, ContentDelta("Yes."), DONE])
    message = await ended(begin(engine, Disk()))
    times = message.thought_times
    assert [message.reasoning[start:end] for start, end, _ in times] == [
        *("One", "\n\n", "Three", " four.\n\nFive")
    ]
    assert [seconds for *_, seconds in times] == sorted(seconds for *_, seconds in times)
