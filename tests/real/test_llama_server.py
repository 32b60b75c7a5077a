"""`kind = "openai"` on llama.cpp's own server."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from r1tui.domain.chat import ChatRequest, ChatTurn, ThinkMode
from r1tui.domain.message import Phase, Role
from r1tui.domain.stream import (
    Alternatives,
    AnswerEnded,
    AnswerNamed,
    ContentDelta,
    PromptRead,
    ReasoningDelta,
)
from r1tui.services.engines import engine as errors
from r1tui.services.engines.openai.engine import OpenAIEngine
from tests.real.test_live_pty import opened
from tests.services.test_ollama_engine import events_of, hear, phases, texts
from tests.support.llama_server import CONTEXT, KEY, MODEL, LlamaServer
from tests.support.steps import Start, typed

pytestmark = pytest.mark.real

QUESTION = ChatTurn(Role.USER, "What is 3 plus 5?")


def request(*turns: ChatTurn, model: str = MODEL, **fields: object) -> ChatRequest:
    options = {"temperature": 0, "num_predict": 200}
    return ChatRequest(model, turns or (QUESTION,), **({"options": options} | fields))  # type: ignore[arg-type]


@pytest.fixture
async def engine(llama_server: LlamaServer) -> AsyncIterator[OpenAIEngine]:
    engine = OpenAIEngine(llama_server.url, headers={"Authorization": f"Bearer {KEY}"})
    yield engine
    await engine.close()


async def test_an_answer_streams_with_its_reasoning_apart_and_its_usage(engine: OpenAIEngine) -> None:
    events = await events_of(engine, request())
    reasoning, content = texts(events)
    assert reasoning.strip()
    assert content.strip()
    assert "think>" not in reasoning + content
    assert phases(events) == [Phase.CONNECTING, Phase.READING, Phase.THINKING, Phase.ANSWERING]
    assert len([event for event in events if isinstance(event, ReasoningDelta | ContentDelta)]) > 2, (
        "in pieces"
    )
    end = events[-1]
    assert isinstance(end, AnswerEnded)
    assert end.reason == "stop"
    stats = end.stats
    assert stats.prompt_tokens
    assert stats.answer_tokens
    assert stats.prompt_seconds is not None
    assert stats.eval_seconds
    assert stats.first_token_seconds


async def test_a_prompt_is_counted_before_it_is_asked_as_it_is_afterwards(engine: OpenAIEngine) -> None:
    asked = request(options={"temperature": 0, "num_predict": 3})
    end = (await events_of(engine, asked))[-1]
    assert isinstance(end, AnswerEnded)
    assert await engine.count_prompt(asked) == end.stats.prompt_tokens


async def test_how_far_the_prompt_is_read_is_told_before_the_first_token(engine: OpenAIEngine) -> None:
    asked = request(
        ChatTurn(Role.USER, "word " * (CONTEXT - 200)), options={"temperature": 0, "num_predict": 3}
    )
    events = await events_of(engine, asked)
    told = [event for event in events if isinstance(event, PromptRead)]
    first = next(number for number, event in enumerate(events) if isinstance(event, ReasoningDelta))
    assert told
    assert events.index(told[-1]) < first
    assert {each.total for each in told} == {await engine.count_prompt(asked)}
    assert [each.done for each in told] == sorted(each.done for each in told)
    assert told[-1].done == told[-1].total
    assert all(each.kept <= each.done for each in told)


async def test_reasoning_is_ended_and_the_same_stream_goes_on_without_it(engine: OpenAIEngine) -> None:
    asked = request(
        ChatTurn(Role.USER, "Tell me a very long story."), options={"temperature": 0, "num_predict": 100}
    )
    alone, _ = texts(await events_of(engine, asked))
    name, reasoning = "", ""
    ends: list[bool] = []
    async with aclosing(engine.chat(asked)) as stream:
        async for event in stream:
            if isinstance(event, AnswerNamed):
                name = event.name
            elif isinstance(event, ReasoningDelta):
                reasoning += event.text
                if not ends:
                    ends.append(await engine.end_reasoning(name))
    assert ends == [True]
    assert isinstance(event, AnswerEnded)
    assert alone.startswith(reasoning.rstrip()[:8]), "it had begun as it does by itself"
    assert len(reasoning) < len(alone)
    assert await engine.end_reasoning(name) is False, "there is nothing to end any more"


async def test_the_prompt_tokens_that_it_had_from_before_are_told(engine: OpenAIEngine) -> None:
    ends = [(await events_of(engine, request()))[-1] for _ in range(2)]
    last = ends[1]
    assert isinstance(last, AnswerEnded)
    assert last.stats.cached_tokens
    assert last.stats.prompt_tokens
    assert 0 < last.stats.cached_tokens <= last.stats.prompt_tokens


async def test_an_answer_may_end_at_its_limit(engine: OpenAIEngine) -> None:
    events = await events_of(engine, request(options={"temperature": 0, "num_predict": 5}))
    end = events[-1]
    assert isinstance(end, AnswerEnded)
    assert (end.reason, end.stats.answer_tokens) == ("length", 5)


async def test_an_answer_without_reasoning_is_had_by_asking(engine: OpenAIEngine) -> None:
    reasoning, content = texts(await events_of(engine, request(think=ThinkMode.OFF)))
    assert not reasoning
    assert content.strip()


async def test_a_partial_answer_is_continued_and_one_is_given_from_partial_reasoning(
    engine: OpenAIEngine,
) -> None:
    first = ChatTurn(Role.ASSISTANT, "3 plus 5")
    reasoning, content = texts(await events_of(engine, request(QUESTION, first)))
    assert not reasoning
    assert content.strip()
    assert not content.lstrip().startswith("3 plus 5"), "it goes on, it does not begin anew"
    thought = ChatTurn(Role.ASSISTANT, "", reasoning="The user asks for 3 plus 5. 3 plus 5 is 8.")
    reasoning, content = texts(await events_of(engine, request(QUESTION, thought)))
    assert not reasoning
    assert content.strip()


async def test_a_stop_frees_the_server_at_once(engine: OpenAIEngine) -> None:
    long = request(
        ChatTurn(Role.USER, "Tell me a very long story."), options={"temperature": 0, "num_predict": -1}
    )
    async with aclosing(engine.chat(long)) as stream:
        async for event in stream:
            if isinstance(event, ReasoningDelta | ContentDelta):
                break
    # The server has one place for a conversation: another is answered only when the first was given up.
    assert isinstance((await events_of(engine, request()))[-1], AnswerEnded)


async def test_its_model_is_listed_with_its_facts_and_the_context_that_it_was_started_with(
    engine: OpenAIEngine,
) -> None:
    (model,) = await engine.models()
    assert (model.name, model.parameters, model.quantization) == (MODEL, "135M", "Q4_1")
    assert model.size > 90_000_000
    assert (await engine.details(MODEL)).parameters == f"num_ctx {CONTEXT}"


async def test_a_prompt_longer_than_the_context_is_refused_with_both_figures(engine: OpenAIEngine) -> None:
    with pytest.raises(errors.PromptTooLong) as caught:
        await events_of(engine, request(ChatTurn(Role.USER, "word " * CONTEXT)))
    told = caught.value.phrase
    assert told.key == "engine.too_long_by"
    assert told.params["context"] == CONTEXT
    assert int(str(told.params["needed"])) > CONTEXT


async def test_an_answer_ends_where_the_context_does(engine: OpenAIEngine) -> None:
    almost = ChatTurn(Role.USER, "word " * (CONTEXT - 200))
    events = await events_of(
        engine, request(almost, options={"temperature": 1.5, "num_predict": -1, "seed": 1})
    )
    end = events[-1]
    assert isinstance(end, AnswerEnded)
    assert end.reason in ("length", "stop")
    assert (end.stats.prompt_tokens or 0) + (end.stats.answer_tokens or 0) <= CONTEXT


async def test_likely_tokens_are_told_where_they_are_asked_for(engine: OpenAIEngine) -> None:
    asked = request(options={"temperature": 0, "num_predict": 3}, alternatives=5)
    told = [event for event in await events_of(engine, asked) if isinstance(event, Alternatives)]
    assert told
    assert all(len(each.likeliest) == 5 and each.logprob <= 0 for each in told)


async def test_the_likeliest_tokens_after_any_beginning_are_told(engine: OpenAIEngine) -> None:
    told = await engine.likeliest(request(), "The capital of France is", 10)
    assert told is not None
    assert told.likeliest[0][0] == " Paris"
    logprobs = [each for _, each in told.likeliest]
    assert len(logprobs) == 10
    assert logprobs == sorted(logprobs, reverse=True)
    assert sum(map(math.exp, logprobs)) <= 1.001


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}], ids=["none", "wrong"])
async def test_a_wrong_key_or_none_is_said(llama_server: LlamaServer, headers: dict[str, str]) -> None:
    engine = OpenAIEngine(llama_server.url, headers=headers)
    with pytest.raises(errors.NotAllowed):
        await engine.models()
    with pytest.raises(errors.NotAllowed):
        await events_of(engine, request())
    await engine.close()


async def test_a_model_that_it_does_not_have_is_missing_and_nothing_is_answered_by_another(
    engine: OpenAIEngine,
) -> None:
    with pytest.raises(errors.ModelMissing):
        await engine.details("gone:1b")
    heard: list[object] = []
    with pytest.raises(errors.ModelMissing):
        await hear(engine, request(model="gone:1b"), heard)  # type: ignore[arg-type]
    assert texts(heard) == ("", "")  # type: ignore[arg-type]


def _host(tmp_path: Path, server: LlamaServer, key: str) -> None:
    config = tmp_path / "home" / "config"
    config.mkdir(parents=True)
    (config / "settings.toml").write_text(
        f'[hosts.lab]\nurl = "{server.url}"\nkind = "openai"\n'
        f'[hosts.lab.headers]\nAuthorization = "Bearer {key}"\n'
    )


def test_a_chat_on_it_by_keys_has_reasoning_answer_speed_and_context(
    llama_server: LlamaServer, pty_app: Start, tmp_path: Path
) -> None:
    _host(tmp_path, llama_server, KEY)
    app = pty_app("--host", "lab")
    app.wait_for("Ask anything", MODEL, timeout=60)
    app.wait_quiet()
    typed(app, "What is 3 plus 5?")
    app.send("enter")
    app.wait_match(r"▸ Thought for .+ · \d+ tokens(?s:.*)tokens/s", timeout=180)
    app.wait_match(rf"ctx \d+/{CONTEXT}", timeout=30)
    assert "think>" not in app.screen_text()


def test_the_guides_next_token_is_told_by_it_too(
    llama_server: LlamaServer, pty_app: Start, tmp_path: Path
) -> None:
    _host(tmp_path, llama_server, KEY)
    app = pty_app("--host", "lab")
    opened(app, "Next token", "Each Enter costs one token", MODEL)
    app.send("enter")
    app.wait_match(r"› │ Paris│ +\d+\.\d%", timeout=60)
    app.send("enter")
    app.wait_for("The capital of France is Paris")
    app.wait_gone("│ Paris│")


def test_a_wrong_key_is_said_in_the_app(llama_server: LlamaServer, pty_app: Start, tmp_path: Path) -> None:
    _host(tmp_path, llama_server, "wrong")
    app = pty_app("--host", "lab")
    app.wait_for("Access is denied", timeout=60)
