"""Reasoning that fills the context: it is ended while there is room for an answer, and the answer asked for."""

from __future__ import annotations

import asyncio

import pytest

from r1tui.chat.events import Told
from r1tui.chat.generation import ASKS, Budget, Generation
from r1tui.chat.generations import Generations
from r1tui.domain.chat import ChatRequest, ChatTurn, ThinkMode
from r1tui.domain.edge import AtEdge, Edge
from r1tui.domain.message import AnswerStats, Message, MessageStatus, Phase, Role
from r1tui.domain.phrase import phrase
from r1tui.domain.settings import ChatSettings, Settings
from r1tui.domain.stream import (
    AnswerEnded,
    AnswerNamed,
    ContentDelta,
    PhaseChanged,
    ReasoningDelta,
    StreamEvent,
)
from r1tui.services.engines.engine import EngineError, PromptTooLong
from tests.chat.test_generation import Disk, FakeEngine, Script, ended, until
from tests.chat.test_session import talking
from tests.support import patience
from tests.support.by_now import by_now
from tests.support.machines import machine
from tests.support.script import Answer, Gate, Say, Step, Think, answer
from tests.support.scripted import ScriptedServer

QUESTION = ChatTurn(Role.USER, "What is 3 plus 5?")
THINKS = PhaseChanged(Phase.THINKING)
EIGHT: Script = [ContentDelta("Eight."), AnswerEnded("stop", AnswerStats(200, 3))]


def steps(first: int, last: int) -> list[StreamEvent]:
    """Reasoning of a token a step."""
    return [ReasoningDelta(f"step{number} ") for number in range(first, last)]


def full(prompt: int, generated: int) -> AnswerEnded:
    """The end of an answer that its context has ended."""
    return AnswerEnded("length", AnswerStats(prompt, generated))


def begin(
    engine: FakeEngine, edge: Edge, message: Message | None = None, *turns: ChatTurn, **options: int
) -> Generation:
    """Start an answer whose context has this end."""
    message = message or Message(Role.ASSISTANT, status=MessageStatus.STREAMING)
    request = ChatRequest("m", (QUESTION, *turns), ThinkMode.AUTO, dict(options), None)
    return Generations().start(engine, "c", message, request, Disk(), Budget(edge=edge))  # type: ignore[arg-type]


async def test_reasoning_that_leaves_only_the_reserve_is_ended_and_the_answer_asked_for() -> None:
    engine = FakeEngine([THINKS, *steps(0, 300)], EIGHT)
    edge = Edge(256, 40)
    message = await ended(begin(engine, edge))
    assert (message.status, message.content, message.error) == (MessageStatus.COMPLETE, "Eight.", None)
    assert edge.prompt + message.reasoning_tokens <= 256 - edge.reserve < 256
    assert message.reasoning_tokens > 100, "it was ended far too early"
    last = engine.requests[-1]
    assert last.turns[0] == QUESTION
    assert last.turns[-1] == ChatTurn(Role.ASSISTANT, "", message.reasoning)
    assert message.ended_at_edge
    assert message.stats is not None
    assert message.stats.edge_tokens == message.reasoning_tokens


async def test_the_figures_of_an_answer_are_of_its_reasoning_too_that_was_ended() -> None:
    eight: Script = [ContentDelta("Eight."), AnswerEnded("stop", AnswerStats(150, 1, eval_seconds=0.5))]
    message = await ended(begin(FakeEngine([THINKS, *steps(0, 300)], eight), Edge(256, 40)))
    assert message.stats is not None
    assert message.stats.answer_tokens == message.reasoning_tokens + 1
    assert message.stats.first_token_seconds is not None
    assert (message.stats.eval_seconds or 0) > 0.5


class Obliging(FakeEngine):
    """A server that may end a reasoning by itself: each stream waits for `asked` where a script has it."""

    def __init__(self, *scripts: Script, ends: bool | EngineError = True) -> None:
        super().__init__(*scripts)
        self.ends = ends
        self.asked = asyncio.Event()
        self.names: list[str] = []

    async def end_reasoning(self, answer: str) -> bool:
        """As it was made to."""
        self.names.append(answer)
        self.asked.set()
        if isinstance(self.ends, EngineError):
            raise self.ends
        return self.ends


async def test_a_server_that_can_end_the_reasoning_answers_in_the_same_request() -> None:
    engine = Obliging()
    engine.scripts = [[AnswerNamed("a-1"), THINKS, *steps(0, 160), engine.asked, *EIGHT]]
    message = await ended(begin(engine, Edge(256, 40)))
    assert (message.status, message.content, message.error) == (MessageStatus.COMPLETE, "Eight.", None)
    assert engine.names == ["a-1"], "asked once"
    assert len(engine.requests) == 1
    assert message.ended_at_edge


async def test_enter_ends_the_reasoning_in_the_same_request_too() -> None:
    engine = Obliging()
    engine.scripts = [[AnswerNamed("a-1"), THINKS, *steps(0, 5), engine.asked, *EIGHT]]
    generation = begin(engine, Edge(4096, 40))
    await until(lambda: generation.message.reasoning_tokens == 5)
    assert generation.answer_now()
    message = await ended(generation)
    assert (message.content, message.ended_at_edge, len(engine.requests)) == ("Eight.", False, 1)


@pytest.mark.parametrize("ends", [False, EngineError(phrase("engine.cut"))], ids=["no", "failed"])
async def test_where_the_server_does_not_end_it_the_answer_is_asked_for(ends: bool | EngineError) -> None:
    engine = Obliging([AnswerNamed("a-1"), THINKS, *steps(0, 160), asyncio.Event()], EIGHT, ends=ends)
    message = await ended(begin(engine, Edge(256, 40)))
    assert (message.content, message.error) == ("Eight.", None)
    assert len(engine.requests) == 2
    assert message.ended_at_edge


async def test_a_model_that_thinks_on_after_it_was_ended_is_asked_for_the_answer() -> None:
    engine = Obliging()
    more = steps(160, 190)
    engine.scripts = [
        [AnswerNamed("a-1"), THINKS, *steps(0, 160), engine.asked, *more, asyncio.Event()],
        EIGHT,
    ]
    message = await ended(begin(engine, Edge(256, 40)))
    assert (message.content, message.error) == ("Eight.", None)
    assert len(engine.requests) == 2
    assert 160 < message.reasoning_tokens < 190


async def test_a_model_that_says_nothing_after_its_reasoning_was_ended_is_asked_for_the_answer() -> None:
    engine = Obliging()
    silent = AnswerEnded("stop", AnswerStats(40, 160))
    engine.scripts = [[AnswerNamed("a-1"), THINKS, *steps(0, 160), engine.asked, silent], EIGHT]
    message = await ended(begin(engine, Edge(256, 40)))
    assert (message.content, message.error) == ("Eight.", None)
    assert len(engine.requests) == 2


async def test_a_reserve_of_ones_own_ends_it_earlier() -> None:
    usual = await ended(begin(FakeEngine([THINKS, *steps(0, 300)], EIGHT), Edge(1024, 900)))
    large = await ended(begin(FakeEngine([THINKS, *steps(0, 300)], EIGHT), Edge(1024, 100, wanted=800)))
    assert large.reasoning_tokens > usual.reasoning_tokens  # at most half of what the prompt leaves
    assert large.reasoning_tokens < 1024 - 100 - 400


async def test_reasoning_that_ends_by_itself_before_the_reserve_is_not_marked() -> None:
    message = await ended(begin(FakeEngine([THINKS, *steps(0, 50), *EIGHT]), Edge(256, 40)))
    assert (message.content, message.ended_at_edge) == ("Eight.", False)


@pytest.mark.parametrize("prompt", [150, 200])
async def test_where_the_estimate_was_short_the_answer_is_asked_from_shortened_reasoning(prompt: int) -> None:
    made = 256 - prompt
    engine = FakeEngine([THINKS, *steps(0, made), full(prompt, made)], EIGHT)
    message = await ended(begin(engine, Edge(256, 10)))
    assert (message.status, message.content, message.error) == (MessageStatus.COMPLETE, "Eight.", None)
    assert len(message.reasoning.split()) == made, "reasoning was lost"
    sent = engine.requests[-1].turns
    assert sent[0] == QUESTION
    kept = sent[-1].reasoning.split("\n…\n")
    assert message.reasoning.strip().endswith(kept[-1].strip())
    assert len(sent[-1].reasoning.split()) <= made - Edge(256, prompt).reserve
    assert message.ended_at_edge


async def test_where_the_context_is_not_known_the_servers_counts_tell_it() -> None:
    engine = FakeEngine([THINKS, *steps(0, 400), full(112, 400)], EIGHT)
    message = await ended(begin(engine, Edge()))
    assert (message.content, message.error) == ("Eight.", None)
    assert len(engine.requests[-1].turns[-1].reasoning.split()) <= 400 - Edge(512, 112).reserve


async def test_a_limit_that_the_user_has_set_is_no_edge() -> None:
    engine = FakeEngine([THINKS, *steps(0, 20), full(40, 20)])
    message = await ended(begin(engine, Edge(), num_predict=20))
    assert (message.error, message.content) == (phrase("generation.limit"), "")
    engine = FakeEngine([THINKS, *steps(0, 20), full(40, 20)])
    assert (await ended(begin(engine, Edge(4096, 50)))).error == phrase("generation.limit")


async def test_a_model_that_ends_in_its_reasoning_is_asked_for_the_answer_from_ever_less_of_it() -> None:
    silent: Script = [AnswerEnded("stop", AnswerStats(200, 1))]
    engine = FakeEngine([THINKS, *steps(0, 100), *silent], silent, EIGHT)
    message = await ended(begin(engine, Edge(1024, 40)))
    assert (message.content, message.error, message.ended_at_edge) == ("Eight.", None, False)
    lengths = [len(request.turns[-1].reasoning.split()) for request in engine.requests[1:]]
    assert lengths[0] == 100
    assert 40 <= lengths[1] <= 51


async def test_a_model_that_gives_no_answer_however_often_is_left_and_that_is_said() -> None:
    silent: Script = [AnswerEnded("stop", AnswerStats(200, 1))]
    engine = FakeEngine([THINKS, *steps(0, 100), *silent], *[silent] * 9)
    message = await ended(begin(engine, Edge(1024, 40)))
    assert (message.status, message.error) == (MessageStatus.COMPLETE, phrase("generation.no_answer"))
    assert message.only_reasoning
    assert len(engine.requests) == 1 + ASKS


async def test_an_answer_that_thinks_on_and_on_is_not_asked_for_for_ever() -> None:
    round_: Script = [THINKS, *steps(0, 60), full(196, 60)]
    engine = FakeEngine(*[list(round_) for _ in range(20)])
    message = await ended(begin(engine, Edge(256, 10)))
    assert message.error == phrase("generation.no_answer")
    assert len(engine.requests) == 1 + ASKS


async def test_a_question_that_fills_the_context_is_said_to_leave_no_room() -> None:
    engine = FakeEngine([THINKS, *steps(0, 2), full(255, 2)])
    message = await ended(begin(engine, Edge(256, 10)))
    assert message.error == phrase("generation.no_room", context=256)
    assert message.reasoning_tokens == 2
    assert len(engine.requests) == 1


async def test_a_request_that_is_refused_as_too_long_is_made_again_with_less_reasoning() -> None:
    refused: Script = [PromptTooLong(phrase("engine.too_long"))]
    engine = FakeEngine([THINKS, *steps(0, 300)], refused, EIGHT)
    message = await ended(begin(engine, Edge(512, 40)))
    assert (message.status, message.content, message.error) == (MessageStatus.COMPLETE, "Eight.", None)
    first, second = (request.turns[-1].reasoning for request in engine.requests[1:])
    assert len(second) < len(first)
    engine = FakeEngine([THINKS, *steps(0, 300)], *[list(refused) for _ in range(9)])
    generation = begin(engine, Edge(512, 40))
    assert (await ended(generation)).status is MessageStatus.FAILED
    assert len(engine.requests) == 1 + ASKS
    assert generation.message.reasoning


async def test_reasoning_that_may_run_on_ends_at_the_edge_and_says_so() -> None:
    engine = FakeEngine([THINKS, *steps(0, 216), full(40, 216)])
    message = await ended(begin(engine, Edge(256, 40, at=AtEdge.RUN)))
    assert (message.error, message.content) == (phrase("generation.edge_reasoning"), "")
    assert message.reasoning_tokens == 216


async def test_an_answer_that_ends_at_the_edge_says_so() -> None:
    engine = FakeEngine([ContentDelta("One, two"), full(40, 216)])
    message = await ended(begin(engine, Edge(256, 40)))
    assert (message.error, message.content) == (phrase("generation.edge"), "One, two")


async def test_whoever_watches_chooses_where_he_is_to_be_asked_and_nobody_else_is() -> None:
    asked = Edge(256, 40, at=AtEdge.ASK)
    unwatched = await ended(begin(FakeEngine([THINKS, *steps(0, 300)], EIGHT), asked))
    assert (unwatched.content, unwatched.ended_at_edge) == ("Eight.", True)

    generation = begin(FakeEngine([THINKS, *steps(0, 300)], EIGHT), asked)
    choices: list[int] = []

    def choose(it: Generation) -> None:
        if it.at_edge and it.has_a_choice:
            choices.append(it.message.reasoning_tokens)
            if len(choices) == 10:
                it.answer_now()

    generation.watchers.append(choose)
    watched = await ended(generation)
    assert (watched.content, watched.ended_at_edge) == ("Eight.", True)
    assert watched.reasoning_tokens == unwatched.reasoning_tokens + 10

    generation = begin(FakeEngine([THINKS, *steps(0, 216), full(40, 216)], EIGHT), asked)
    generation.watchers.append(lambda _: None)
    silent = await ended(generation)
    assert (silent.content, silent.reasoning_tokens) == ("Eight.", 216)


async def test_an_answer_that_is_gone_on_with_has_room_to_go_on() -> None:
    message = Message(
        Role.ASSISTANT,
        "One, two",
        " ".join(f"step{number}" for number in range(190)),
        MessageStatus.STREAMING,
        reasoning_tokens=190,
        answer_tokens=26,
    )
    turn = ChatTurn(Role.ASSISTANT, message.content, message.reasoning)
    engine = FakeEngine([ContentDelta(", three."), AnswerEnded("stop", AnswerStats(180, 3))])
    await ended(begin(engine, Edge(256, 40), message, turn))
    assert message.content == "One, two, three."
    sent = engine.requests[0].turns[-1]
    assert sent.content == "One, two"
    assert 0 < len(sent.reasoning.split()) < 130
    assert message.reasoning == turn.reasoning
    assert message.stats is not None
    assert message.stats.question_tokens is not None
    assert message.stats.question_tokens < 60, "the prompt's count is of the question alone"


# The session on a scripted server


THOUGHT = " ".join(f"step{number}" for number in range(300))


async def test_the_edge_is_where_settings_and_conversation_say_and_no_server_is_sent_that(
    scripted: ScriptedServer,
) -> None:
    scripted.default = lambda: answer("Eight.", THOUGHT)
    async with talking(scripted, Settings(chat=ChatSettings(num_ctx=256))) as talk:
        usual = await talk.ask("What is 3 plus 5?")
        assert usual.ended_at_edge
        await talk.session.set_option("answer_reserve", 200)  # half of what the prompt leaves
        early = await talk.ask("And 4 plus 5?")
        assert early.reasoning_tokens < usual.reasoning_tokens
        await talk.session.set_option("at_edge", "run")
        assert not (await talk.ask("And 5 plus 5?")).ended_at_edge
    for request in scripted.sent_to("/api/chat"):
        assert not {"at_edge", "answer_reserve"} & set(request.json["options"])
        assert request.json["options"]["num_ctx"] == 256


async def test_that_reasoning_was_ended_at_the_edge_is_stored_while_the_answer_is_still_written(
    scripted: ScriptedServer,
) -> None:
    gate = Gate()
    scripted.answers.append(answer("", THOUGHT))
    scripted.answers.append(Answer([Think("Well. "), gate]))
    async with talking(scripted, Settings(chat=ChatSettings(num_ctx=256))) as talk:
        await talk.session.ask("What is 3 plus 5?")
        await talk.until(gate.reached.is_set)
        store = await talk.services.opened_store()
        here = talk.session.conversation
        answer_id = here.branch()[-1].id

        async def stored() -> bool:
            found = await store.load_message(here.id, answer_id)
            return found is not None and found.ended_at_edge

        async def look() -> None:
            while not await stored():
                pass

        await asyncio.wait_for(look(), patience.SECONDS)
        gate.opened.set()
        await talk.until(lambda: not talk.session.busy)
        assert await stored()


async def test_the_choice_at_the_edge_is_offered_once_and_a_key_takes_it(scripted: ScriptedServer) -> None:
    hold = Gate()
    scripted.answers.append(Answer([*(Think(f"step{number} ") for number in range(240)), hold]))
    scripted.answers.append(answer("Eight."))
    settings = Settings(chat=ChatSettings(num_ctx=256, at_edge=AtEdge.ASK))
    async with talking(scripted, settings) as talk:
        await talk.session.ask("What is 3 plus 5?")
        await talk.until(hold.reached.is_set)
        await talk.until(lambda: talk.told().count("chat.at_edge") == 1)
        talk.session.answer_now_if_offered()
        await talk.until(lambda: not talk.session.busy)
        last = talk.session.last_answer
        assert last is not None
        assert (last.content, last.ended_at_edge) == ("Eight.", True)
        assert talk.told().count("chat.at_edge") == 1


async def test_of_the_samples_of_a_vote_one_tells_that_the_edge_is_near(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Generation, "rate", 2.0)
    scripted.answers += [answer(f"The answer is {number}.", THOUGHT) for number in range(3)]
    async with talking(scripted, Settings(chat=ChatSettings(num_ctx=512))) as talk:
        await talk.session.ask_vote(3, text="What is 3 plus 5?")
        await talk.until(lambda: not talk.session.busy and len(scripted.sent_to("/api/chat")) == 3)
        await talk.until(lambda: "chat.edge_is_near" in talk.told())
        assert talk.told().count("chat.edge_is_near") == 1


async def test_reasoning_that_may_run_on_is_said_to_have_reached_the_edge_and_nothing_else(
    scripted: ScriptedServer,
) -> None:
    thoughts: list[Step] = [Think(f"step{number} ") for number in range(216)]
    scripted.answers.append(Answer(thoughts, prompt_tokens=40, done_reason="length"))
    settings = Settings(chat=ChatSettings(num_ctx=256, at_edge=AtEdge.RUN))
    async with talking(scripted, settings) as talk:
        await talk.session.ask("What is 3 plus 5?")
        await talk.until(lambda: not talk.session.busy)
        assert talk.told().count("generation.edge_reasoning") == 1
        assert "chat.only_reasoning" not in talk.told()


async def test_old_messages_are_left_out_while_there_is_still_room_for_an_answer(
    scripted: ScriptedServer,
) -> None:
    async with talking(scripted, Settings(chat=ChatSettings(num_ctx=1024))) as talk:
        for number in range(4):
            scripted.answers.append(answer("word " * 60, prompt_tokens=90 + 180 * number))
            await talk.ask(f"{number} " + "word " * 60)
        await talk.session.ask("word " * 150, checked=True)
        await talk.until(lambda: not talk.session.busy)
        sent = scripted.sent_to("/api/chat")[-1].json["messages"]
        words = sum(len(turn["content"].split()) for turn in sent)
        assert len(sent) < 9
        assert words * 1.5 <= 1024 * 0.92


async def test_a_minute_before_the_edge_a_longer_context_is_offered_once_where_the_memory_has_it(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Generation, "rate", 2.0)
    scripted.default = lambda: answer("Eight.", THOUGHT)
    async with talking(scripted, Settings(chat=ChatSettings(num_ctx=512))) as talk:
        await talk.ask("What is 3 plus 5?")
        await talk.until(lambda: talk.told().count("chat.edge_is_near") == 1)
        talk.session.machine.profile = machine(16, 12, 20)
        await talk.ask("And 4 plus 5?")
        await talk.until(lambda: talk.told().count("chat.edge_is_near_longer") == 1)
        offer = next(
            event.what
            for event in talk.events
            if isinstance(event, Told) and event.what.key == "chat.edge_is_near_longer"
        )
        assert offer.params == {"time": "1 min", "size": 512, "longer": 2048}
        assert talk.told().count("chat.edge_is_near_longer") == 1
        assert talk.told().count("chat.edge_is_near") == 1


async def test_a_context_with_less_than_two_minutes_of_reasoning_is_told_of_once_half_of_that_is_used(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Generation, "rate", 10.0)
    half = " ".join(f"step{number}" for number in range(120))
    scripted.answers += [answer("Eight.", half), answer("Nine.", THOUGHT)]
    async with talking(scripted, Settings(chat=ChatSettings(num_ctx=512))) as talk:
        talk.session.machine.profile = machine(16, 12, 20)
        await talk.ask("What is 3 plus 5?")
        await talk.ask("And 4 plus 5?")
        await talk.until(lambda: talk.told().count("chat.edge_is_near_longer") == 1)
        offer = next(
            each.what for each in talk.events if isinstance(each, Told) and "longer" in each.what.params
        )
        assert offer.params == {"time": "20 s", "size": 512, "longer": 2048}


CUT = "One, two, three, four, five, six, seven, eight, nine, ten,"


@pytest.mark.parametrize("memory", [None, 12])
async def test_an_answer_that_ended_at_the_edge_goes_on_in_a_longer_context_or_without_what_is_old(
    scripted: ScriptedServer, memory: float | None
) -> None:
    short = " ".join(f"step{number}" for number in range(100))
    scripted.answers.append(answer(CUT, short, done_reason="length", prompt_tokens=60, counts=(196, 1.0)))
    scripted.answers.append(answer(" eleven."))
    async with talking(scripted, Settings(chat=ChatSettings(num_ctx=256))) as talk:
        if memory:
            talk.session.machine.profile = machine(16, memory, 20)
        cut = await talk.ask("Count.")
        assert (cut.content, cut.error) == (CUT, phrase("generation.edge"))
        await talk.session.continue_()
        await talk.until(lambda: not talk.session.busy)
        last = talk.session.last_answer
        assert last is not None
        assert (last.content, last.reasoning, last.error) == (f"{CUT} eleven.", short, None)
        sent = scripted.sent_to("/api/chat")[-1].json
        assert [turn["role"] for turn in sent["messages"]] == ["user", "assistant"]
        assert sent["messages"][-1]["content"] == CUT
        if memory:
            assert sent["options"]["num_ctx"] == 2048
            assert sent["messages"][-1]["thinking"] == short
            assert "chat.goes_on_longer" in talk.told()
        else:
            assert sent["options"]["num_ctx"] == 256
            assert len(sent["messages"][-1]["thinking"].split()) < 90
            assert "chat.goes_on_shortened" in talk.told()
        store = await talk.services.opened_store()
        kept = await store.load_message(talk.session.conversation.id, last.id)
        assert kept is not None
        assert kept.content == f"{CUT} eleven."


async def test_the_status_tells_the_fill_and_where_the_reserve_begins_only_while_it_thinks(
    scripted: ScriptedServer,
) -> None:
    thinking, answering = Gate(), Gate()
    scripted.answers.append(
        Answer([*(Think(f"step{number} ") for number in range(50)), thinking, Say("Eight."), answering])
    )
    async with talking(scripted, Settings(chat=ChatSettings(num_ctx=512))) as talk:
        session = talk.session
        assert by_now(lambda: session.reserve_begins) is None
        await session.ask("What is 3 plus 5?")
        await talk.until(thinking.reached.is_set)
        await talk.until(lambda: session.streaming and session.streaming.reasoning_tokens == 50)
        used, size = session.context_use()
        assert size == 512
        assert 50 < used < 100
        assert session.reserve_begins == 512 - 85
        thinking.opened.set()
        await talk.until(lambda: session.streaming and session.streaming.content)
        assert by_now(lambda: session.reserve_begins) is None
        answering.opened.set()
        await talk.until(lambda: not session.busy)
