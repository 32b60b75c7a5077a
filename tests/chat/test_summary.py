"""A new conversation that begins with a summary of the old one, which stays as it was."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from r1tui.chat.session import Asked
from r1tui.chat.summary import NoSummary, SummaryPlan, begun_with, cost_words, cut_up, write
from r1tui.domain.chat import ChatTurn
from r1tui.domain.context_window import TokenRates
from r1tui.domain.message import Role
from r1tui.domain.options import ORIGIN
from r1tui.domain.settings import ChatSettings, Settings
from r1tui.locale import say
from tests.chat.test_session import Talk, talking
from tests.support.by_now import by_now
from tests.support.script import Answer, Gate, Say, answer
from tests.support.scripted import ScriptedServer

SMALL = Settings(chat=ChatSettings(num_ctx=1024))


def unheard(part: int, text: str) -> None:
    """Nobody watches."""


async def plan_of(talk: Talk) -> SummaryPlan:
    plan = await talk.session.plan_summary()
    assert plan is not None
    return plan


@given(
    st.lists(st.tuples(st.sampled_from([Role.USER, Role.ASSISTANT]), st.text(max_size=400)), max_size=12),
    st.integers(30, 200),
)
def test_parts_hold_all_that_was_said_in_its_order_and_none_is_too_long(
    said: list[tuple[Role, str]], room: int
) -> None:
    rates = TokenRates()
    turns = [ChatTurn(role, text) for role, text in said]
    parts = cut_up(turns, room, rates)
    flat = [turn for part in parts for turn in part]
    assert "".join(turn.content for turn in flat) == "".join(turn.content for turn in turns)
    assert all(rates.turns(part) <= room for part in parts)


async def test_it_is_written_without_thinking_and_nothing_of_it_joins_the_old_conversation(
    scripted: ScriptedServer,
) -> None:
    scripted.answers += [answer("Eight."), answer("They added 3 and 5.")]
    async with talking(scripted) as talk:
        await talk.ask("3 plus 5?")
        before = talk.texts()
        text = await write(await plan_of(talk), unheard)
        assert text == "They added 3 and 5."
        assert talk.texts() == before
        store = await talk.services.opened_store()
        stored = await store.load(talk.session.conversation.id)
        assert stored is not None
        assert [each.content for each in stored.branch()] == before
        sent = scripted.sent_to("/api/chat")[-1].json
        assert sent["think"] is False
        assert sent["options"]["num_predict"] <= 512
        assert [turn["content"] for turn in sent["messages"]][:2] == ["3 plus 5?", "Eight."]


async def test_the_cost_is_known_before_and_its_time_once_a_speed_was_measured(
    scripted: ScriptedServer,
) -> None:
    scripted.answers.append(answer("Eight.", rate=50))
    async with talking(scripted) as talk:
        await talk.ask("3 plus 5?")
        asked = len(scripted.sent_to("/api/chat"))
        plan = await plan_of(talk)
        assert plan.cost.seconds is not None
        assert plan.cost.seconds > 0
        assert f"writes {plan.cost.written:,} at most, which takes about" in say(cost_words(plan))
        for message in talk.session.conversation.messages.values():
            message.stats = None
        plan = await plan_of(talk)
        assert plan.cost.seconds is None
        assert "not known yet" in say(cost_words(plan))
        assert len(scripted.sent_to("/api/chat")) == asked, "nothing was asked for it"


async def test_what_the_context_does_not_hold_is_summed_up_in_parts_each_with_those_before(
    scripted: ScriptedServer,
) -> None:
    long = "word " * 500
    scripted.answers += [
        answer(long),
        answer(long),
        answer("First."),
        answer("First and second."),
        answer("All."),
    ]
    async with talking(scripted, SMALL) as talk:
        for number in range(2):
            outcome = await talk.session.ask(f"question {number}", checked=True)
            assert isinstance(outcome, Asked)
            assert outcome.generation.task is not None
            await outcome.generation.task
        plan = await plan_of(talk)
        assert len(plan.parts) > 1
        heard = set[int]()
        scripted.answers.clear()
        scripted.answers.extend(answer(f"Up to {part}.") for part in range(len(plan.parts)))
        text = await write(plan, lambda part, text: heard.add(part))
        assert text == f"Up to {len(plan.parts) - 1}."
        assert heard == set(range(len(plan.parts)))
        requests = [each.json["messages"] for each in scripted.sent_to("/api/chat")][-len(plan.parts) :]
        for number, messages in enumerate(requests[1:]):
            assert messages[0]["content"] == begun_with(f"Up to {number}.")
        sent = " ".join(turn["content"] for messages in requests for turn in messages)
        assert sent.count("word") == long.count("word") * 2, "all of it is read, and once"


async def test_the_new_conversation_begins_with_it_and_knows_the_old_one_in_the_next_run_too(
    scripted: ScriptedServer,
) -> None:
    async with talking(scripted) as talk:
        session = talk.session
        await talk.ask("3 plus 5?")
        await session.set_system("Be brief.")
        old = session.conversation
        asked = len(scripted.sent_to("/api/chat"))
        await session.begin_from_summary("They added.", "And 4?")
        assert session.conversation.id != old.id
        assert talk.texts() == ["They added."]
        assert (session.draft.text, session.origin) == ("And 4?", old.title)
        assert session.conversation.system == "Be brief."
        assert old.title in session.conversation.title
        assert len(scripted.sent_to("/api/chat")) == asked, "it is not asked by itself"
        new = session.conversation.id
        await talk.ask("And 4?")
        sent = scripted.sent_to("/api/chat")[-1].json
        assert [turn["content"] for turn in sent["messages"]] == ["Be brief.", "They added.", "And 4?"]
        assert ORIGIN not in sent["options"]
    async with talking(scripted) as talk:
        await talk.session.open(new)
        assert talk.session.origin == old.title
        await talk.session.open_origin()
        assert talk.session.conversation.id == old.id
        assert by_now(lambda: talk.session.origin) is None
        store = await talk.services.opened_store()
        await store.delete(old.id)
        await talk.session.open(new)
        assert talk.session.origin == "", "it is gone"
        await talk.session.open_origin()
        assert "chat.conversation_gone" in talk.told()
        assert talk.session.conversation.id == new


async def test_a_changed_summary_is_a_version_beside_the_old_one_and_asks_nothing(
    scripted: ScriptedServer,
) -> None:
    async with talking(scripted) as talk:
        session = talk.session
        await talk.ask("3 plus 5?")
        await session.begin_from_summary("They added.")
        await talk.ask("And 4?")
        asked = len(scripted.sent_to("/api/chat"))
        first = session.conversation.branch()[0]
        await session.edit(first.id, "They added 3 and 5.")
        assert talk.texts() == ["They added 3 and 5."]
        assert len(scripted.sent_to("/api/chat")) == asked
        store = await talk.services.opened_store()
        stored = await store.load(session.conversation.id)
        assert stored is not None
        assert "They added." in [each.content for each in stored.messages.values()]
        await session.show_sibling(session.conversation.branch()[0].id, -1)
        assert talk.texts()[:2] == ["They added.", "And 4?"]


async def test_cancelled_or_failed_it_leaves_everything_as_it_was(scripted: ScriptedServer) -> None:
    gate = Gate()
    scripted.answers += [answer("Eight."), Answer([Say("They"), gate]), answer("")]
    async with talking(scripted) as talk:
        await talk.ask("3 plus 5?")
        before, here = talk.texts(), talk.session.conversation.id
        begun = asyncio.Event()

        def heard(part: int, text: str) -> None:
            if text:
                begun.set()

        task = asyncio.create_task(write(await plan_of(talk), heard))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        gate.opened.set()
        with pytest.raises(NoSummary):
            await write(await plan_of(talk), unheard)
        assert (talk.texts(), talk.session.conversation.id) == (before, here)
        store = await talk.services.opened_store()
        assert len(await store.recent()) == 1


async def test_of_a_private_conversation_nothing_is_written(scripted: ScriptedServer) -> None:
    async with talking(scripted) as talk:
        await talk.session.start_new(private=True)
        await talk.ask("a secret")
        await talk.session.begin_from_summary("A secret summary.")
        assert talk.session.conversation.private
        assert talk.session.origin
        store = await talk.services.opened_store()
        assert await store.recent() == []
