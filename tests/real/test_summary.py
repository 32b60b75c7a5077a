"""A long conversation in a context of 4k and of 1k, summed up by the real server, and gone on with."""

from __future__ import annotations

import pytest

from r1tui.chat.session import Asked
from r1tui.chat.summary import begun_with, write
from r1tui.domain.message import Message, MessageStatus, Role
from r1tui.domain.settings import ChatSettings, Settings
from tests.chat.test_session import talking
from tests.support.ollama_server import OllamaServer

pytestmark = pytest.mark.real

TALK = "The boat left the harbour at {n} o'clock, with {n} people and a dog named Finn on board. "


@pytest.mark.parametrize(("num_ctx", "turns", "several"), [(4096, 16, False), (512, 6, True)])
async def test_a_long_chat_is_summed_up_and_a_question_after_it_answered(
    real_server: OllamaServer, num_ctx: int, turns: int, several: bool
) -> None:
    settings = Settings(chat=ChatSettings(num_ctx=num_ctx))
    async with talking(real_server.url, settings, model=real_server.model) as talk:
        session = talk.session
        await session.set_option("num_predict", 24)
        await talk.ask("Hello.")
        for number in range(turns):
            role = Role.USER if number % 2 == 0 else Role.ASSISTANT
            said = Message(role, TALK.format(n=number) * 4, model=session.server.selected)
            session.conversation.add(said)
        before = talk.texts()
        plan = await session.plan_summary()
        assert plan is not None
        assert (len(plan.parts) > 1) is several
        assert plan.cost.seconds is not None
        text = await write(plan, lambda part, text: None)
        assert text
        assert talk.texts() == before
        for part in range(len(plan.parts)):
            assert session.context.estimate(plan.requested(part, "").turns) < num_ctx
        await session.begin_from_summary(begun_with(text), "Who was on board?")
        outcome = await session.ask(session.draft.text)
        assert isinstance(outcome, Asked)
        assert outcome.generation.task is not None
        await outcome.generation.task
        answer = outcome.generation.message
        assert answer.status is MessageStatus.COMPLETE, answer.error
        assert session.origin == "Hello."
