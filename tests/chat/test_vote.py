"""A question asked several times: seeds, early stopping, faults and stops, without a screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from r1tui.chat.generation import Generation, NoSink
from r1tui.chat.generations import Generations
from r1tui.chat.vote import TEMPERATURE, Sample, Vote, sample_request
from r1tui.domain.chat import ChatRequest, ChatTurn
from r1tui.domain.message import AnswerStats, Message, MessageStatus, Role
from r1tui.domain.phrase import phrase
from r1tui.domain.stream import AnswerEnded, ContentDelta, StreamEvent
from r1tui.services.engines.engine import StreamCut

REQUEST = ChatRequest("r1", (ChatTurn(Role.USER, "6 times 7?"),), options={"temperature": 0.6})
Said = str | Exception | asyncio.Event


class Sampled:
    """An engine that says one of `answers` to each request, and who asks it for a vote."""

    def __init__(self, *answers: Said, reason: str = "stop") -> None:
        self.answers = list(answers)
        self.reason = reason
        self.requests: list[ChatRequest] = []
        self.messages: list[Message] = []
        self.generations = Generations()
        self.held = asyncio.Event()
        """Set when an answer waits in its middle."""

    async def chat(self, request: ChatRequest) -> AsyncIterator[StreamEvent]:
        """The next answer; an event holds it, an exception ends it."""
        self.requests.append(request)
        said = self.answers.pop(0)
        if isinstance(said, asyncio.Event):
            yield ContentDelta("So far")
            self.held.set()
            await said.wait()
        elif isinstance(said, Exception):
            raise said
        else:
            yield ContentDelta(said)
            yield AnswerEnded(
                self.reason, AnswerStats(answer_tokens=20, eval_seconds=2.0, prompt_seconds=1.0)
            )

    async def begin(self, seed: int) -> Generation:
        """A sample."""
        self.messages.append(Message(Role.ASSISTANT, model="r1", status=MessageStatus.STREAMING))
        request = sample_request(REQUEST, seed, {})
        return self.generations.start(self, "c", self.messages[-1], request, NoSink())  # type: ignore[arg-type]


async def test_it_ends_once_the_leader_cannot_be_overtaken() -> None:
    engine = Sampled(*["The answer is 42."] * 9)
    vote = Vote(5)
    await vote.run(engine.begin)
    assert (vote.tally.asked, vote.tally.planned, vote.tally.decided) == (3, 5, True)
    assert len(engine.requests) == 3


async def test_every_sample_has_a_seed_of_its_own() -> None:
    engine = Sampled(*(f"The answer is {number}." for number in range(16)))
    vote = Vote(16)
    await vote.run(engine.begin)
    seeds = [request.options["seed"] for request in engine.requests]
    assert len(set(seeds)) == len(seeds) == 16
    assert [each.seed for each in vote.samples] == seeds
    assert {request.options["temperature"] for request in engine.requests} == {0.6}


async def test_it_goes_on_with_what_is_missing() -> None:
    vote = Vote(5)
    known = [Sample(Message(Role.ASSISTANT, "42"), seed, "42") for seed in (7, 8)]
    vote.samples += known
    engine = Sampled("42", "41", "41")
    await vote.run(engine.begin)
    assert len(engine.requests) == 1, "three equal of five decide it"
    assert engine.requests[0].options["seed"] not in (7, 8)


async def test_samples_without_a_short_answer_count_as_such() -> None:
    engine = Sampled("I cannot say what that would be.", "The answer is 42.", "The answer is 42.")
    vote = Vote(3)
    await vote.run(engine.begin)
    assert (vote.tally.unanswered, vote.tally.asked) == (1, 3)
    assert vote.tally.winner is not None
    assert vote.tally.winner.votes == 2


async def test_a_sample_that_reached_its_limit_counts_by_its_box_alone() -> None:
    engine = Sampled("The answer is 42", r"So \boxed{42} and", reason="length")
    vote = Vote(2)
    await vote.run(engine.begin)
    assert [each.answer for each in vote.samples] == [None, "42"]


async def test_a_fault_of_the_server_ends_it_and_what_was_counted_stays() -> None:
    engine = Sampled("42", StreamCut(phrase("engine.cut")), "42")
    vote = Vote(9)
    await vote.run(engine.begin)
    assert vote.error is not None
    assert (vote.tally.asked, vote.tally.decided) == (1, False)
    assert len(engine.requests) == 2


async def test_cancelled_it_stops_the_sample_under_way_which_is_not_counted() -> None:
    engine = Sampled("42", asyncio.Event())
    vote = Vote(9)
    run = asyncio.create_task(vote.run(engine.begin))
    await engine.held.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert engine.messages[-1].status is MessageStatus.STOPPED
    assert (vote.tally.asked, [each.answer for each in vote.samples]) == (1, ["42"])


async def test_what_is_left_is_foretold_by_the_samples_so_far() -> None:
    vote = Vote(4)
    assert vote.seconds_left is None
    left: list[float | None] = []
    vote.watchers.append(lambda vote: left.append(vote.seconds_left))
    await vote.run(Sampled("1", "2", "3", "4").begin)
    assert left == [9.0, 6.0, 3.0, 0.0]


@pytest.mark.parametrize(
    ("options", "parameters", "sent"),
    [
        ({"temperature": 0.3}, {}, 0.3),
        ({"temperature": 0.0}, {}, 0.0),  # the user's own wish
        ({}, {"temperature": "0"}, TEMPERATURE),
        ({}, {}, TEMPERATURE),
        ({}, {"temperature": "0.8"}, None),  # what the Modelfile sets
    ],
)
def test_a_model_whose_own_temperature_is_0_is_asked_with_the_recommended_one(
    options: dict[str, float | int | str], parameters: dict[str, str], sent: float | None
) -> None:
    request = sample_request(ChatRequest("r1", (), options=options), 5, parameters)
    assert request.options.get("temperature") == sent
    assert request.options["seed"] == 5
