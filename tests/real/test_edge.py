"""A context of 256 and of 512 tokens with the real server: the question is never lost, and an answer comes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from r1tui.chat.session import Asked
from r1tui.domain.chat import ChatRequest, ChatTurn
from r1tui.domain.message import Message, MessageStatus, Role
from r1tui.domain.settings import ChatSettings, HostSettings, Settings
from r1tui.domain.stream import AnswerEnded, StreamEvent
from tests.chat.test_session import Talk, talking
from tests.support.llama_server import CONTEXT, KEY, LlamaServer
from tests.support.ollama_server import OllamaServer

pytestmark = pytest.mark.real

QUESTIONS = (
    "What is 3 plus 5?",
    "Why is the sky blue?",
    "Name three rivers and say where each of them ends.",
    "A train goes 60 km in 40 minutes. How fast is it?",
    "Is 97 a prime number? Think of every divisor.",
)
WHY_NOT = {"generation.no_answer", "generation.no_room"}


class Listening:
    """What is asked of a server, and what it says at the end of each answer."""

    def __init__(self, talk: Talk) -> None:
        engine = talk.session.server.engine
        assert engine is not None
        self.requests: list[ChatRequest] = []
        self.ends: list[AnswerEnded] = []
        self._chat = engine.chat
        engine.chat = self._heard  # type: ignore[method-assign]

    async def _heard(self, request: ChatRequest) -> AsyncIterator[StreamEvent]:
        self.requests.append(request)
        async for event in self._chat(request):
            if isinstance(event, AnswerEnded):
                self.ends.append(event)
            yield event


async def ask_anew(talk: Talk, question: str, **options: float | int | str) -> Message:
    """Ask in a conversation of its own."""
    await talk.session.start_new()
    for name, value in options.items():
        await talk.session.set_option(name, value)
    outcome = await talk.session.ask(question)
    assert isinstance(outcome, Asked)
    assert outcome.generation.task is not None
    await outcome.generation.task
    await talk.until(lambda: not talk.session.busy)
    return outcome.generation.message


@pytest.mark.parametrize("context", [256, 512])
async def test_an_answer_comes_in_all_of_twenty_runs(real_server: OllamaServer, context: int) -> None:
    settings = Settings(chat=ChatSettings(num_ctx=context))
    async with talking(real_server.url, settings, model=real_server.model) as talk:
        heard = Listening(talk)
        without: list[str] = []
        for seed in range(20):
            question = QUESTIONS[seed % len(QUESTIONS)]
            heard.requests.clear()
            heard.ends.clear()
            message = await ask_anew(talk, question, temperature=0.6, seed=seed + 1)
            store = await talk.services.opened_store()
            kept = await store.load_message(talk.session.conversation.id, message.id)
            assert kept is not None
            assert kept.content == message.content
            for sent in heard.requests:
                assert sent.turns[0] == ChatTurn(Role.USER, question), "the question was lost"
            for end in heard.ends:
                taken = (end.stats.prompt_tokens or 0) + (end.stats.answer_tokens or 0)
                assert taken <= context + 1
            assert message.status is MessageStatus.COMPLETE
            if not message.content.strip():
                assert kept.error is not None, f"no answer to {question!r}, and no word why"
                assert kept.error.key in WHY_NOT
                without.append(f"{seed}: {question} {kept.error.key}")
        assert not without


async def test_on_llama_cpps_own_server_an_answer_comes_or_the_message_says_why_not(
    llama_server: LlamaServer,
) -> None:
    host = HostSettings(llama_server.url, "openai", {"Authorization": f"Bearer {KEY}"})
    settings = Settings(hosts={"llama": host})
    async with talking("llama", settings) as talk:
        heard = Listening(talk)
        for seed, question in enumerate(QUESTIONS):
            heard.requests.clear()
            heard.ends.clear()
            message = await ask_anew(talk, question, temperature=0.6, seed=seed + 1)
            assert heard.requests[0].options["num_ctx"] == CONTEXT
            assert all(sent.turns[0].content == question for sent in heard.requests)
            assert message.content.strip() or (message.error is not None and message.error.key in WHY_NOT)
