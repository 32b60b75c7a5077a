"""Whether a conversation fits its context is the server's to say, where it counts prompts before they are asked."""

from __future__ import annotations

import asyncio

from r1tui.chat.events import NeedsContext
from r1tui.chat.session import Asked, NotAsked, Queued
from r1tui.domain.chat import ChatRequest
from r1tui.services.engines.ollama.engine import OllamaEngine
from tests.chat.test_session import Talk, talking
from tests.support.scripted import ScriptedServer

WORDS = "word " * 200
"""Some 300 tokens by the estimate."""


class Counter:
    """Stands for the count of llama.cpp's server."""

    def __init__(self, tokens: int | None) -> None:
        self.tokens = tokens
        self.asked: list[ChatRequest] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def answered(self, talk: Talk) -> None:
        """A first answer, in a context of 256 tokens, on a server that counts from now on."""
        counter = self

        class Counting(OllamaEngine):
            async def count_prompt(self, request: ChatRequest) -> int | None:
                counter.asked.append(request)
                await counter.gate.wait()
                return counter.tokens

        await talk.ask("3 plus 5?")
        talk.session.context.size = 256
        assert talk.services.engine is not None
        talk.services.engine.__class__ = Counting


async def test_what_the_estimate_takes_for_too_long_is_asked_where_the_server_says_that_it_fits(
    scripted: ScriptedServer,
) -> None:
    counter = Counter(180)
    async with talking(scripted) as talk:
        await counter.answered(talk)
        assert await talk.session.context_needed(WORDS) is None
        assert [turn.content for turn in counter.asked[0].turns] == ["3 plus 5?", "The answer is 4.", WORDS]
        assert isinstance(await talk.session.ask(WORDS), Asked)
        await talk.until(lambda: not talk.session.busy)
        sent = scripted.sent_to("/api/chat")[-1].json["messages"]
        assert isinstance(sent, list)
        assert len(sent) == 3, "nothing is left out of what fits"


async def test_what_the_estimate_takes_for_short_is_asked_about_where_the_server_counts_more(
    scripted: ScriptedServer,
) -> None:
    counter = Counter(300)
    async with talking(scripted) as talk:
        await counter.answered(talk)
        text = "word " * 90
        counter.tokens = None
        assert await talk.session.context_needed(text) is None
        counter.tokens = 300
        needs = await talk.session.context_needed(text)
        assert isinstance(needs, NeedsContext)
        assert needs.needed == 300


async def test_a_short_conversation_is_not_counted(
    scripted: ScriptedServer,
) -> None:
    counter = Counter(20)
    async with talking(scripted) as talk:
        await counter.answered(talk)
        talk.session.context.size = 8192
        assert await talk.session.context_needed("And 4?") is None
        assert counter.asked == []


async def test_what_is_sent_or_opened_while_the_server_counts_stays_in_order(
    scripted: ScriptedServer,
) -> None:
    counter = Counter(180)
    async with talking(scripted) as talk:
        await counter.answered(talk)
        counter.gate.clear()
        first = asyncio.create_task(talk.session.ask(WORDS))
        second = asyncio.create_task(talk.session.ask(WORDS + "again"))
        await talk.until(lambda: len(counter.asked) >= 2)
        counter.gate.set()
        outcomes = await asyncio.gather(first, second)
        assert {type(outcome) for outcome in outcomes} == {Asked, Queued}
        await talk.until(lambda: len(talk.texts()) == 6 and not talk.session.busy)  # the one that waited too
        talk.session.context.size = 256
        counter.gate.clear()
        before = len(counter.asked)
        left = asyncio.create_task(talk.session.ask(WORDS))
        await talk.until(lambda: len(counter.asked) > before)
        await talk.session.start_new()
        counter.gate.set()
        assert isinstance(await left, NotAsked)
        assert talk.texts() == []
        assert talk.session.draft.text == WORDS, "what was written is not lost"


async def test_what_the_models_own_file_puts_before_a_conversation_is_counted(
    scripted: ScriptedServer,
) -> None:
    async with talking(scripted) as talk:
        await talk.ask("3 plus 5?")
        bare, _ = talk.session.context_use()
        model = scripted.models[talk.session.server.selected]
        model.examples, model.system = (WORDS, "Yes."), "Be brief."
        await talk.ask("3 plus 6?")
        used, _ = talk.session.context_use()
        assert used > bare + 300
        assert talk.session.context.needed("And 4?") > used
        talk.session.conversation.system = "Be long."
        await talk.ask("3 plus 7?")
        assert talk.session.context.before == (WORDS, "Yes.")
