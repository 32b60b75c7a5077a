"""Whatever JSON a server answers: objects of the domain, or one error with a sentence; never another exception."""

from __future__ import annotations

import asyncio
import copy
import json
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from r1tui.domain.chat import ChatRequest, ChatTurn
from r1tui.domain.message import Role
from r1tui.domain.stream import AnswerEnded
from r1tui.locale import say
from r1tui.services.engines.engine import EngineError
from r1tui.services.engines.ollama.engine import OllamaEngine
from r1tui.services.engines.openai.engine import OpenAIEngine

DETAILS = {
    "family": "qwen2",
    "parameter_size": "1.8B",
    "quantization_level": "Q4_K_M",
    "context_length": 131072,
}
MODEL = {"name": "m:latest", "model": "m:latest", "size": 10**9, "digest": "d" * 64, "details": DETAILS}
CHUNK = {"choices": [{"delta": {"content": "a"}, "logprobs": {"content": [{"token": "a", "logprob": -1}]}}]}
REAL: dict[str, list[Any]] = {
    "/api/version": [{"version": "0.17.4"}],
    "/api/tags": [{"models": [MODEL | {"capabilities": ["thinking"], "remote_host": "https://x:1"}]}],
    "/api/ps": [{"models": [MODEL | {"expires_at": "2026-01-01T00:00:00Z", "size_vram": 5, "context_length": 9}]}],
    "/api/show": [{"details": DETAILS, "capabilities": ["thinking"], "parameters": "num_ctx 4096", "license": ["x"],
                   "model_info": {"general.architecture": "q", "q.block_count": 2, "q.embedding_length": 64}}],
    "/api/generate": [{"done": True}],
    "/api/copy": [{}],
    "/api/delete": [{}],
    "/api/chat": [
        {"message": {"thinking": "t"}},
        {"message": {"content": "c"}},
        {"done": True, "done_reason": "stop", "eval_count": 3, "eval_duration": 10**9, "prompt_eval_count": 2},
    ],
    "/api/pull": [{"status": "pulling", "digest": "d", "completed": 1, "total": 2}, {"status": "success"}],
    "/api/create": [{"status": "reading"}, {"status": "success"}],
    "/v1/models": [{"data": [{"id": "m:latest", "max_model_len": 9, "aliases": ["m"], "meta": {"n_ctx": 5, "size": 7}}]}],
    "/props": [{"default_generation_settings": {"n_ctx": 768}}],
    "/v1/completions": [{"choices": [{"logprobs": {"tokens": ["a"], "token_logprobs": [-1], "top_logprobs": [{"a": -1, "b": -2}]}}]}],
    "/v1/chat/completions/input_tokens": [{"input_tokens": 144}],
    "/v1/chat/completions": [CHUNK, {"choices": [{"delta": {}, "finish_reason": "stop"}],
                             "usage": {"completion_tokens": 1}, "timings": {"predicted_ms": 5}}],
}  # fmt: skip
JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [None, [], {}, "", "x", "\ud800", True, -1, 0.5, 10**400, 10**4000, math.nan, math.inf, 5e-324, [None, 3], {"a": {}},
     [[]], [1e308] * 2, {"error": "no"}, {"error": {"message": [1]}}, "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00"]
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, list[Any]]:
    """The real answers with values at some places replaced by anything."""
    answers = copy.deepcopy(REAL)
    for _ in range(draw(st.integers(1, 6))):
        at: Any = answers[draw(st.sampled_from(sorted(answers)))]
        while True:
            key = draw(st.sampled_from(list(at) if isinstance(at, dict) else range(len(at))))
            if isinstance(at[key], dict | list) and at[key] and draw(st.booleans()):
                at = at[key]
                continue
            at[key] = copy.deepcopy(draw(JUNK))
            break
    return answers


def client(answers: dict[str, bytes]) -> httpx.AsyncClient:
    """A client whose server answers so."""
    transport = httpx.MockTransport(
        lambda request: httpx.Response(200, stream=_Body(answers[request.url.path]))
    )
    return httpx.AsyncClient(transport=transport, base_url="http://h")


class _Body(httpx.AsyncByteStream):
    def __init__(self, data: bytes) -> None:
        self._data = data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._data


def encoded(answers: dict[str, list[Any]]) -> dict[str, bytes]:
    """Each answer as its endpoint sends it."""
    event = b"data: "
    return {
        path: b"\n".join(
            (event if path.endswith("chat/completions") else b"") + json.dumps(line).encode()
            for line in lines
        )
        for path, lines in answers.items()
    }


REQUEST = ChatRequest("m:latest", (ChatTurn(Role.USER, "?"),), alternatives=2)


async def drive(answers: dict[str, bytes]) -> int:
    """Ask both engines everything; returns how many calls gave what they promise."""
    ollama = OllamaEngine("http://h")
    ollama._transport._http = client(answers)
    openai = OpenAIEngine("http://h")
    openai._transport._http = client({path.removeprefix("/v1"): body for path, body in answers.items()})
    openai._root._http = client(answers)
    calls: list[Callable[[], Awaitable[object] | AsyncIterator[object]]] = [
        *(call for each in (ollama, openai) for call in (
            each.version, each.models, each.running, lambda each=each: each.details("m:latest"),
            lambda each=each: each.chat(REQUEST), lambda each=each: each.likeliest(REQUEST, "a", 2),
        )),
        lambda: openai.count_prompt(REQUEST), lambda: ollama.load(REQUEST), lambda: ollama.unload("m"), lambda: ollama.copy("m", "n"),
        lambda: ollama.delete("m"), lambda: ollama.pull("m"), lambda: ollama.push("m"), lambda: ollama.create("m", {}),
    ]  # fmt: skip
    answered, failures = 0, list[EngineError]()
    for call in calls:
        try:
            given = call()
            found = [each async for each in given] if isinstance(given, AsyncIterator) else [await given]
        except EngineError as error:
            failures.append(error)
            continue
        answered += 1
        for each in found:
            repr(each).encode()
            if isinstance(each, AnswerEnded):
                assert each.stats.tokens_per_second is None or each.stats.tokens_per_second <= 1e6
    assert all(say(error.phrase) != error.phrase.key for error in failures)
    await ollama.close()
    await openai.close()
    return answered


def with_push(answers: dict[str, bytes]) -> dict[str, bytes]:
    return answers | {"/api/push": answers["/api/pull"]}


async def test_the_real_answers_answer_every_call() -> None:
    assert await drive(with_push(encoded(REAL))) == 20


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutated())
def test_any_value_at_any_place_is_an_object_or_one_sentence(answers: dict[str, list[Any]]) -> None:
    asyncio.run(drive(with_push(encoded(answers))))


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b'{"a":' * 100_000, b"null", b"[]", b'"x"', b"5", b"", b"\xff\xfe", b"<html>", b'{"models":' * 900,
     b'{"error": ' + b'{"error":' * 500 + b"1" + b"}" * 501, b'{"error": ' + b"[" * 500 + b"]" * 500 + b"}",
     b'{"models": {"a": 1}, "data": 5, "message": "x", "choices": "y"}', b"9" * 5000],
)  # fmt: skip
async def test_any_body_is_an_object_or_one_sentence(body: bytes) -> None:
    for prefix in (b"", b"data: "):
        await drive(dict.fromkeys(with_push(encoded(REAL)), prefix + body))
