"""A question asked several times: seeds, early stopping, faults and stops, without a screen."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from r1tui.chat.draft import NEW
from r1tui.chat.events import VoteChanged
from r1tui.chat.generation import Generation, NoSink
from r1tui.chat.generations import Generations
from r1tui.chat.session import Asked, NotAsked, Queued
from r1tui.chat.vote import TEMPERATURE, Sample, Vote, expected_tokens, sample_request
from r1tui.domain.chat import ChatRequest, ChatTurn
from r1tui.domain.message import AnswerStats, Message, MessageStatus, Role
from r1tui.domain.phrase import phrase
from r1tui.domain.settings import ChatSettings, Settings
from r1tui.domain.stream import AnswerEnded, ContentDelta, StreamEvent
from r1tui.domain.transfer import conversation_from, conversation_to
from r1tui.domain.vote import VoteEnd, VoteState
from r1tui.services import process_identity
from r1tui.services.engines.engine import StreamCut
from r1tui.services.store.conversations import ConversationStore
from tests.chat.test_session import Talk, talking
from tests.support.by_now import by_now
from tests.support.script import Answer, Cut, Gate, Hang, Say, Think, answer
from tests.support.scripted import ScriptedServer

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


# In a conversation


def votes(*answers: str) -> list[Answer]:
    return [answer(f"The answer is {each}.", "Let me see.") for each in answers]


def state(talk: Talk) -> VoteState:
    """The only vote of the conversation."""
    (found,) = talk.session.votes.values()
    return found


def counted(talk: Talk) -> list[tuple[str, int]]:
    return [(each.answer, each.votes) for each in state(talk).tally.contenders]


async def ended(talk: Talk) -> VoteState:
    await talk.until(lambda: not talk.session.busy)
    return state(talk)


def requests(scripted: ScriptedServer) -> list[dict[str, Any]]:
    return [each.json for each in scripted.sent_to("/api/chat")]


async def test_a_vote_stops_early_turns_to_its_winner_and_sends_one_prompt_with_many_seeds(
    scripted: ScriptedServer,
) -> None:
    scripted.answers.extend(votes("41", "42", "42", "42", "7"))
    async with talking(scripted) as talk:
        outcome = await talk.session.ask_vote(5, text="6 times 7?")
        assert isinstance(outcome, Asked)
        assert talk.session.busy
        now = await ended(talk)
        assert counted(talk) == [("42", 3), ("41", 1)]
        assert (now.end, now.running, now.plan.planned, now.tally.left) == (VoteEnd.DECIDED, False, 5, 1)
        assert now.winner == now.samples[1].message.id
        assert talk.session.conversation.leaf == now.winner
        assert talk.texts() == ["6 times 7?", "The answer is 42."]
        sent = requests(scripted)
        seeds = [each["options"].pop("seed") for each in sent]
        assert seeds == [each.message.seed for each in now.samples]
        assert len(set(seeds)) == 4
        assert all(each == sent[0] for each in sent), "the same but for the seed"
        assert {each.message.parent for each in now.samples} == {now.plan.question}
        assert any(isinstance(each, VoteChanged) for each in talk.events)


async def test_on_a_tie_the_first_sample_is_shown_and_none_has_won(scripted: ScriptedServer) -> None:
    scripted.answers.extend([answer("I do not know, it could be anything at all."), *votes("41", "42")])
    async with talking(scripted) as talk:
        await talk.session.ask_vote(3, text="6 times 7?")
        now = await ended(talk)
        assert (now.tally.tie, now.winner, now.tally.unanswered, now.end) == (True, None, 1, VoteEnd.DECIDED)
        assert talk.session.conversation.leaf == now.samples[1].message.id


async def test_stopped_it_keeps_what_is_there_and_goes_on_with_what_is_missing(
    scripted: ScriptedServer,
) -> None:
    gate = Gate()
    scripted.answers.extend([*votes("41"), Answer([Say("Half"), gate]), *votes("42", "42")])
    async with talking(scripted) as talk:
        await talk.session.ask_vote(3, text="6 times 7?")
        await talk.until(lambda: len(state(talk).samples) == 2 and state(talk).samples[1].message.content)
        under_way = state(talk).samples[1]
        assert (under_way.counted, under_way.answer, state(talk).running) == (False, None, True)
        assert talk.session.stop()
        now = await ended(talk)
        assert [each.message.status for each in now.samples] == [
            MessageStatus.COMPLETE,
            MessageStatus.STOPPED,
        ]
        assert (now.end, now.plan.stopped, now.tally.asked) == (VoteEnd.STOPPED, True, 1)
        assert now.samples[1].message.content == "Half"
        assert isinstance(await talk.session.go_on_with_vote(now.plan.question), Asked)
        now = await ended(talk)
        assert counted(talk) == [("42", 2), ("41", 1)]
        assert (now.end, now.plan.stopped, len(now.samples)) == (VoteEnd.DECIDED, False, 4)
        seeds = [each.message.seed for each in now.samples]
        assert len(set(seeds)) == 4
        assert isinstance(await talk.session.go_on_with_vote(now.plan.question), NotAsked), (
            "nothing is missing"
        )
        assert len(requests(scripted)) == 4


async def test_the_sample_under_way_is_numbered_among_those_that_count(scripted: ScriptedServer) -> None:
    gate, last = Gate(), Gate()
    scripted.answers.extend(
        [*votes("42"), Answer([Say("Half"), gate]), Answer([last, Say("The answer is 42.")])]
    )
    async with talking(scripted) as talk:
        await talk.session.ask_vote(3, text="6 times 7?")
        await talk.until(lambda: state(talk).asking == 2 and state(talk).samples[1].message.content)
        assert talk.session.stop()
        now = await ended(talk)
        assert (now.asking, len(now.samples)) == (1, 2)
        await talk.session.go_on_with_vote(now.plan.question)
        await talk.until(lambda: len(state(talk).samples) == 3)
        assert state(talk).asking == 2, "the one that was stopped is asked anew, not a third of three"
        last.opened.set()
        await ended(talk)


async def test_what_was_asked_of_a_lost_server_is_asked_again_and_the_rest_is_kept(
    scripted: ScriptedServer,
) -> None:
    scripted.answers.extend([*votes("42"), Answer([Say("The answer"), Cut()]), *votes("42")])
    async with talking(scripted) as talk:
        await talk.session.ask_vote(3, text="6 times 7?")
        now = await ended(talk)
        assert (now.end, counted(talk)) == (VoteEnd.FAILED, [("42", 1)])
        await talk.session.go_on_with_vote(now.plan.question)
        now = await ended(talk)
        assert (now.end, counted(talk)) == (VoteEnd.DECIDED, [("42", 2)])


async def test_a_vote_whose_session_is_gone_goes_on_to_its_end(scripted: ScriptedServer) -> None:
    gate = Gate()
    scripted.answers.extend([*votes("42"), Answer([Say("Half"), gate]), *votes("41", "42", "42")])
    async with talking(scripted) as talk:
        await talk.session.ask_vote(5, text="6 times 7?", boxed=True)
        await talk.until(lambda: len(state(talk).samples) == 2 and state(talk).samples[1].message.content)
        ident = talk.session.conversation.id
        await talk.session.close()
        talk.events.clear()
        gate.opened.set()
        await talk.session.generations.finish()
        assert talk.events == [], "whoever watched may be gone"
        sent = requests(scripted)
        assert len(sent) == 5
        assert len({each["options"].pop("seed") for each in sent}) == 5
        assert all(each == sent[0] for each in sent), "the same but for the seed"
    async with talking(scripted) as talk:
        await talk.session.open(ident)
        now = state(talk)
        assert (now.running, now.end) == (False, VoteEnd.DECIDED)
        assert counted(talk) == [("42", 3), ("Half", 1), ("41", 1)]
        assert talk.session.conversation.leaf == now.winner


async def test_a_vote_that_is_told_to_end_at_once_is_there_after_a_start_and_goes_on(
    scripted: ScriptedServer,
) -> None:
    scripted.answers.extend([*votes("42"), Answer([Say("Half"), Hang()])])
    async with talking(scripted) as talk:
        await talk.session.ask_vote(3, text="6 times 7?", boxed=True)
        await talk.until(lambda: len(state(talk).samples) == 2 and state(talk).samples[1].message.content)
        ident, question = talk.session.conversation.id, state(talk).plan.question
        await talk.session.close()
        talk.session.generations.interrupt()
        await talk.session.generations.finish()
    scripted.answers.extend(votes("42"))
    async with talking(scripted) as talk:
        await talk.session.open(ident)
        now = state(talk)
        assert (now.running, now.end, now.plan.boxed, now.plan.stopped) == (False, None, True, False)
        assert [each.message.status for each in now.samples] == [
            MessageStatus.COMPLETE,
            MessageStatus.INTERRUPTED,
        ]
        first = [each.message.seed for each in now.samples]
        await talk.session.go_on_with_vote(question)
        now = await ended(talk)
        assert now.end is VoteEnd.DECIDED
        assert now.samples[-1].message.seed not in first
        store = await talk.services.opened_store()
        stored = await store.load(ident)
        assert stored is not None
        assert stored.leaf == now.winner


async def test_a_sample_that_only_repeats_itself_behind_everybody_counts_as_unanswered(
    scripted: ScriptedServer,
) -> None:
    again = [Say("So it is not clear and I look again. ")] * 400
    scripted.answers.extend([Answer([*again, Hang()]), *votes("42", "42")])
    async with talking(scripted) as talk:
        await talk.session.ask_vote(3, text="6 times 7?")
        ident = talk.session.conversation.id
        await talk.session.close()
        await talk.session.generations.finish_unwatched(60)
    async with talking(scripted) as talk:
        await talk.session.open(ident)
        now = state(talk)
        assert now.samples[0].message.error is not None
        assert now.samples[0].message.error.key == "generation.looped"
        assert (now.end, counted(talk), now.tally.unanswered) == (VoteEnd.DECIDED, [("42", 2)], 1)


async def test_each_sample_of_a_vote_that_nobody_watches_is_bounded(scripted: ScriptedServer) -> None:
    scripted.answers.extend([*votes("42"), Answer([Say("Half"), Hang()])])
    async with talking(scripted) as talk:
        await talk.session.ask_vote(3, text="6 times 7?")
        ident = talk.session.conversation.id
        await talk.session.close()
        await talk.session.generations.finish_unwatched(1.0)
    async with talking(scripted) as talk:
        await talk.session.open(ident)
        now = state(talk)
        assert (now.end, now.tally.asked, now.plan.stopped) == (VoteEnd.FAILED, 1, False)
        assert now.samples[1].message.error is not None
        assert now.samples[1].message.error.key == "generation.silent"


async def test_another_r1tui_stops_a_vote_between_its_samples(scripted: ScriptedServer) -> None:
    gate = Gate()
    scripted.answers.extend([Answer([gate, Say("The answer is 42.")]), *votes("42")])
    async with talking(scripted) as talk:
        await talk.session.ask_vote(3, text="6 times 7?")
        store = await ConversationStore.open(talk.services.data_dir / "conversations.db")
        await store.request_stop(state(talk).plan.id)  # no sample's own: it has ended before it heard of it
        await store.close()
        gate.opened.set()
        now = await ended(talk)
        assert (now.end, now.tally.asked, len(requests(scripted))) == (VoteEnd.STOPPED, 1, 1)


async def test_a_deleted_conversation_is_asked_no_more(scripted: ScriptedServer) -> None:
    gate = Gate()
    scripted.answers.extend([Answer([gate, Say("The answer is 42.")]), *votes("42")])
    async with talking(scripted) as talk:
        await talk.session.ask_vote(3, text="6 times 7?")
        ident = talk.session.conversation.id
        await talk.session.start_new()
        await (await talk.services.opened_store()).delete(ident)
        gate.opened.set()
        await talk.until(lambda: not talk.session.generations.votes)
        assert len(requests(scripted)) == 1


async def test_a_queued_question_waits_for_the_whole_vote(scripted: ScriptedServer) -> None:
    gate = Gate()
    scripted.answers.extend([Answer([gate, Say("The answer is 42.")]), *votes("42"), answer("Fine.")])
    async with talking(scripted) as talk:
        await talk.session.ask_vote(2, text="6 times 7?")
        assert isinstance(await talk.session.ask("And then?"), Queued)
        gate.opened.set()
        await talk.until(lambda: talk.texts()[-1] == "Fine.")
        assert talk.texts() == ["6 times 7?", "The answer is 42.", "And then?", "Fine."]
        assert [each["messages"][-1]["content"] for each in requests(scripted)] == [
            "6 times 7?",
            "6 times 7?",
            "And then?",
        ]


async def test_what_was_sent_as_a_vote_is_no_draft_any_more(scripted: ScriptedServer) -> None:
    scripted.answers.extend(votes("42", "42"))
    async with talking(scripted) as talk:
        talk.session.draft.set("6 times 7?")
        await talk.session.draft.save()
        talk.session.draft.set("")
        await talk.session.ask_vote(2, text="6 times 7?")
        await ended(talk)
        store = await talk.services.opened_store()
        assert (await store.whole_draft(NEW))[0] == ""


async def test_a_stopped_vote_gives_the_queued_question_back(scripted: ScriptedServer) -> None:
    scripted.answers.append(Answer([Say("Half"), Hang()]))
    async with talking(scripted) as talk:
        await talk.session.ask_vote(3, text="6 times 7?")
        await talk.session.ask("And then?")
        talk.session.stop()
        await ended(talk)
        assert talk.session.draft.text == "And then?"


async def test_a_vote_is_taken_back_before_its_first_sample_has_begun_and_not_later(
    scripted: ScriptedServer,
) -> None:
    scripted.answers.extend([Answer([Hang()]), *votes("41"), Answer([Hang()])])
    async with talking(scripted) as talk:
        await talk.session.ask_vote(3, text="6 times 7?")
        await talk.until(lambda: len(requests(scripted)) == 1)
        assert talk.session.unsend()
        await talk.until(lambda: not talk.session.busy and not talk.session._tasks)
        assert talk.session.draft.text == "6 times 7?"
        assert (talk.session.conversation.messages, talk.session.votes) == ({}, {})
        store = await talk.services.opened_store()
        assert await store.recent() == []
        talk.session.draft.set("")
        await talk.session.ask_vote(3, text="6 times 7?")
        await talk.until(lambda: len(state(talk).samples) == 2 and talk.session.generation)
        assert not talk.session.can_take_back
        assert talk.session.stop()
        now = await ended(talk)
        assert (now.end, now.tally.asked) == (VoteEnd.STOPPED, 1)


async def test_an_existing_question_is_voted_on_and_its_answer_is_no_sample(scripted: ScriptedServer) -> None:
    scripted.answers.extend([answer("The answer is 41."), *votes("42", "42")])
    async with talking(scripted) as talk:
        first = await talk.ask("6 times 7?")
        await talk.session.ask_vote(2, question=first.id)
        now = await ended(talk)
        assert counted(talk) == [("42", 2)]
        assert first.id in talk.session.conversation.messages
        assert len(talk.session.conversation.sibling_ids(first.id)) == 3
        assert now.plan.question == first.parent


async def test_the_answer_is_asked_for_in_a_box_in_the_request_alone(scripted: ScriptedServer) -> None:
    scripted.answers.extend([*votes("42", "42"), *votes("8", "8")])
    async with talking(scripted) as talk:
        await talk.session.ask_vote(2, text="How much is 6 times 7?", boxed=True)
        now = await ended(talk)
        line = r"Please reason step by step, and put your final answer within \boxed{}."
        assert requests(scripted)[0]["messages"][-1]["content"] == f"How much is 6 times 7?\n\n{line}"
        assert talk.texts()[0] == "How much is 6 times 7?"
        shown = await talk.session.prompt_of(now.samples[0].message)
        assert shown is not None
        assert shown.request.line == line
        await talk.session.start_new()
        await talk.session.ask_vote(2, text="三加五等于几？", boxed=True)
        await ended(talk)
        assert requests(scripted)[-1]["messages"][-1]["content"].endswith(
            "请通过逐步推理来解答问题，并把最终答案放置于\\boxed{}中。"
        )


async def test_a_deleted_question_takes_its_vote_along_and_brings_it_back(scripted: ScriptedServer) -> None:
    scripted.answers.extend(votes("42", "42"))
    async with talking(scripted) as talk:
        await talk.session.ask_vote(2, text="6 times 7?")
        before = await ended(talk)
        await talk.session.delete(before.plan.question)
        assert not talk.session.votes
        await talk.session.take_back()
        assert counted(talk) == [("42", 2)]
        await talk.session.open(talk.session.conversation.id)
        assert counted(talk) == [("42", 2)]
        assert state(talk).plan == before.plan


async def test_an_exported_vote_comes_back_as_one(scripted: ScriptedServer) -> None:
    scripted.answers.extend(votes("42", "41", "42"))
    async with talking(scripted) as talk:
        await talk.session.ask_vote(3, text="6 times 7?")
        before = await ended(talk)
        data = json.loads(json.dumps(conversation_to(talk.session.conversation)))
        data["id"] = "another"
        store = await talk.services.opened_store()
        assert await store.add_conversation(conversation_from(data)) == "another"
        await talk.session.open("another")
        assert counted(talk) == [("42", 2), ("41", 1)]
        assert state(talk).plan == before.plan
        assert [each.message.seed for each in state(talk).samples] == [
            each.message.seed for each in before.samples
        ]
        for message in data["messages"]:
            message["plan"] = {"id": "v", "planned": 10**9} if message["role"] == "user" else {"id": 3}
        data["id"] = "wrong"
        await store.add_conversation(conversation_from(data))
        await talk.session.open("wrong")
        assert not talk.session.votes


async def test_a_private_vote_is_kept_in_memory_alone(scripted: ScriptedServer) -> None:
    scripted.answers.extend(votes("42", "42"))
    async with talking(scripted) as talk:
        await talk.session.start_new(private=True)
        await talk.session.ask_vote(2, text="6 times 7?")
        await ended(talk)
        assert counted(talk) == [("42", 2)]
        store = await talk.services.opened_store()
        assert await store.recent() == []
        private = talk.session.conversation.id
        await talk.session.start_new()
        await talk.session.open(private)
        assert counted(talk) == [("42", 2)]


async def test_answer_now_ends_the_reasoning_of_the_sample_under_way(scripted: ScriptedServer) -> None:
    scripted.answers.extend([Answer([Think("Hm,"), Hang()]), *votes("42", "42")])
    async with talking(scripted) as talk:
        await talk.session.ask_vote(2, text="6 times 7?")
        await talk.until(lambda: state(talk).samples[0].message.reasoning)
        assert talk.session.answer_now()
        now = await ended(talk)
        assert (counted(talk), len(now.samples)) == ([("42", 2)], 2)


async def test_a_vote_goes_on_behind_another_conversation_and_whoever_is_back_sees_it(
    scripted: ScriptedServer,
) -> None:
    gates = [Gate(), Gate(), Gate()]
    said = Say("The answer is 42.")
    scripted.answers.extend(Answer([gate, said]) for gate in gates)
    async with talking(scripted) as talk:
        outcome = await talk.session.ask_vote(5, text="6 times 7?")
        assert isinstance(outcome, Asked)
        ident = talk.session.conversation.id
        await talk.session.start_new()
        assert not talk.session.busy
        gates[0].opened.set()
        await asyncio.wait_for(gates[1].reached.wait(), 30)
        await talk.session.open(ident)
        assert by_now(lambda: talk.session.busy)
        assert len(state(talk).samples) == 2
        gates[1].opened.set()
        await talk.until(lambda: len(state(talk).samples) == 3)
        assert talk.session.streaming is state(talk).samples[2].message
        await talk.session.start_new()
        gates[2].opened.set()
        await talk.until(lambda: ident not in talk.session.generations.votes)
        await talk.session.open(ident)
        now = await ended(talk)
        assert (now.end, counted(talk)) == (VoteEnd.DECIDED, [("42", 3)])
        assert talk.session.conversation.leaf == now.winner == now.samples[0].message.id


async def test_another_server_chosen_meanwhile_is_not_asked_for_the_rest(scripted: ScriptedServer) -> None:
    gate = Gate()
    scripted.answers.extend([Answer([gate, Say("The answer is 42.")]), *votes("42")])
    async with talking(scripted) as talk:
        await talk.session.ask_vote(3, text="6 times 7?")
        await talk.services.switch_host("http://127.0.0.1:9")
        talk.session.server.engine = talk.services.engine
        gate.opened.set()
        assert (await ended(talk)).end is VoteEnd.DECIDED


async def test_what_a_vote_costs_is_told_by_the_measured_speed_or_not_at_all(
    scripted: ScriptedServer,
) -> None:
    async with talking(scripted) as talk:
        cost = await talk.session.vote_cost(5)
        assert (cost.tokens, cost.seconds) == (expected_tokens(5, None), None)


async def test_no_sample_is_expected_to_take_more_than_the_context(scripted: ScriptedServer) -> None:
    async with talking(scripted, Settings(chat=ChatSettings(num_ctx=512))) as talk:
        await talk.session.ask("What is 3 plus 5?")
        await talk.until(lambda: not talk.session.busy)
        assert (await talk.session.vote_cost(5)).tokens == 5 * 512


async def test_no_other_r1tui_asks_in_between_two_samples(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()
    scripted.answers.extend([Answer([Say("Half"), gate]), *votes("42", "42")])
    me = process_identity.this_process()
    async with talking(scripted) as talk:
        await talk.session.ask_vote(3, text="6 times 7?")
        question = talk.session.conversation.branch()[0]
        plan = question.plan
        assert plan is not None
        store = await ConversationStore.open(talk.services.data_dir / "conversations.db")
        try:
            with monkeypatch.context() as other:
                other.setattr(process_identity, "this_process", lambda: "other/1/1")
                other.setattr(process_identity, "alive", lambda owner, heartbeat: owner == me)
                assert await store.votes_elsewhere(plan.id)
                known = list(talk.session.conversation.messages)
                answer_of_other = Message(Role.ASSISTANT, parent=question.id, status=MessageStatus.STREAMING)
                ident = talk.session.conversation.id
                assert not await store.claim_answer(ident, answer_of_other, known)
            gate.opened.set()
            await ended(talk)
            with monkeypatch.context() as other:
                other.setattr(process_identity, "this_process", lambda: "other/1/1")
                other.setattr(process_identity, "alive", lambda owner, heartbeat: owner == me)
                assert not await store.votes_elsewhere(plan.id)
        finally:
            await store.close()


async def test_a_question_waits_while_another_r1tui_is_between_two_samples(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted.answers.extend([*votes("42", "42"), answer("Fine.")])
    async with talking(scripted) as talk:
        await talk.session.ask_vote(2, text="6 times 7?")
        plan, ident = (await ended(talk)).plan, talk.session.conversation.id
        store = await ConversationStore.open(talk.services.data_dir / "conversations.db")
        try:
            with monkeypatch.context() as other:
                other.setattr(process_identity, "this_process", lambda: "other/1/1")
                assert await store.claim_vote(ident, plan, list(talk.session.conversation.messages))
            monkeypatch.setattr(process_identity, "alive", lambda owner, heartbeat: True)
            await talk.session.open(ident)
            assert talk.session.live_elsewhere
            assert isinstance(await talk.session.ask("And then?"), Queued)
            assert isinstance(await talk.session.ask_vote(3, question=plan.question), NotAsked)
            await store.release_vote(plan.id)
            await talk.until(lambda: talk.texts()[-1] == "Fine.")
            assert talk.texts() == ["6 times 7?", "The answer is 42.", "And then?", "Fine."]
        finally:
            await store.close()


async def test_the_next_sample_of_another_r1tui_is_shown_and_what_is_being_written_stays(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted.answers.extend(votes("42", "42"))
    async with talking(scripted) as talk:
        await talk.session.ask_vote(2, text="6 times 7?")
        now, conversation = await ended(talk), talk.session.conversation
        plan, known = now.plan, list(conversation.messages)
        store = await ConversationStore.open(talk.services.data_dir / "conversations.db")
        try:
            further = Message(
                Role.ASSISTANT, parent=plan.question, status=MessageStatus.STREAMING, vote=plan.id
            )
            with monkeypatch.context() as other:
                other.setattr(process_identity, "this_process", lambda: "other/1/1")
                assert await store.claim_vote(conversation.id, plan, known)
                assert await store.claim_answer(conversation.id, further, known)
            monkeypatch.setattr(process_identity, "alive", lambda owner, heartbeat: True)
            talk.session.draft.set("being written")
            await talk.session.look_elsewhere()
            assert talk.session.conversation is conversation
            shown = conversation.messages[further.id]
            assert talk.session.streaming is shown
            assert shown.phase_started, "how long it has been written is counted from when it was made"
            assert (state(talk).running, talk.session.live_elsewhere) == (True, True)
            assert talk.session.draft.text == "being written"
        finally:
            await store.close()
