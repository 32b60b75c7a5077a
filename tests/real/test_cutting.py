"""Sentences cut into tokens on the real servers: as many as they count, and by both servers alike."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from r1tui.chat.cutting import Cutter, Way
from r1tui.domain.chat import ChatRequest
from r1tui.services.engines.ollama.engine import OllamaEngine
from r1tui.services.engines.openai.engine import OpenAIEngine
from tests.support.llama_server import KEY, MODEL, LlamaServer
from tests.support.ollama_server import OllamaServer

pytestmark = pytest.mark.real

SENTENCES = (
    "The weather is beautiful today, so we will have breakfast in the garden.",
    "今天天气很好，我们去花园里吃早饭吧。",
    "1234 apples, don't you? I'LL see_it  twice\n\n ok",
    "def f(x):\n    return x**2 # héé\t\ttabs",
    "<|im_start|>user hi",
    "naïve café 👨‍👩‍👧 한국어",
    "unbelievable antidisestablishmentarianism",
)


def request(model: str) -> ChatRequest:
    return ChatRequest(model, (), options={"num_ctx": 2048})


@pytest.fixture
async def ollama(real_server: OllamaServer) -> AsyncIterator[Cutter]:
    engine = OllamaEngine(real_server.url)
    yield Cutter(engine, request(real_server.plain))
    await engine.close()


@pytest.fixture
async def llama(llama_server: LlamaServer) -> AsyncIterator[Cutter]:
    engine = OpenAIEngine(llama_server.url, headers={"Authorization": f"Bearer {KEY}"})
    yield Cutter(engine, request(MODEL))
    await engine.close()


@pytest.mark.parametrize("sentence", SENTENCES)
async def test_the_vocabulary_cuts_into_as_many_tokens_as_the_server_counts(
    ollama: Cutter, sentence: str
) -> None:
    found = await ollama.cut(sentence)
    assert found.way is Way.VOCABULARY
    assert len(found.pieces) == found.tokens > 1


async def test_llama_cpps_own_server_cuts_the_same_model_alike(ollama: Cutter, llama: Cutter) -> None:
    for sentence in SENTENCES:
        theirs = await llama.cut(sentence)
        assert theirs.way is Way.SERVER
        assert theirs.pieces == (await ollama.cut(sentence)).pieces


async def test_counting_letter_by_letter_finds_the_same_number_and_the_same_words(ollama: Cutter) -> None:
    sentence = "The sky is blue and the grass is green."
    heard: list[int] = []
    found = await ollama.cut_by_beginnings(sentence, heard.append)
    assert found.way is Way.BEGINNINGS
    assert heard == list(range(1, len(sentence) + 1))
    assert found.pieces == (await ollama.cut(sentence)).pieces
