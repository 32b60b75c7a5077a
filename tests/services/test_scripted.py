"""The scripted server keeps to the protocol, so that tests against it mean something."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import ollama
import pytest

from tests.support import patience
from tests.support.script import Answer as Script
from tests.support.script import Cut, Gate, Line, Say, answer, failure
from tests.support.scripted import VERSIONS, ScriptedServer


@pytest.fixture(params=VERSIONS)
def server_version(request: pytest.FixtureRequest) -> str:
    """All of it holds for either range of servers."""
    return str(request.param)


@pytest.fixture
async def client(scripted: ScriptedServer) -> AsyncIterator[ollama.AsyncClient]:
    client = ollama.AsyncClient(host=scripted.url)
    yield client
    await client._client.aclose()


async def test_the_official_client_reads_models_and_their_capabilities(
    scripted: ScriptedServer, client: ollama.AsyncClient
) -> None:
    assert [model.model for model in (await client.list()).models] == ["deepseek-r1:1.5b", "plain:latest"]
    assert "thinking" in ((await client.show("deepseek-r1:1.5b")).capabilities or [])
    assert "thinking" not in ((await client.show("plain:latest")).capabilities or [])


async def test_an_answer_streams_reasoning_then_content_then_statistics(
    scripted: ScriptedServer, client: ollama.AsyncClient
) -> None:
    scripted.answers.append(answer("four of them", "two and two"))
    parts = [
        part
        async for part in await client.chat(
            "deepseek-r1:1.5b", [{"role": "user", "content": "?"}], stream=True
        )
    ]
    assert "".join(part.message.thinking or "" for part in parts) == "two and two"
    assert "".join(part.message.content or "" for part in parts) == "four of them"
    assert parts[-1].done
    assert parts[-1].eval_count == 6


async def test_thinking_is_refused_for_a_model_that_cannot(
    scripted: ScriptedServer, client: ollama.AsyncClient
) -> None:
    with pytest.raises(ollama.ResponseError, match="does not support thinking"):
        await client.chat("plain:latest", [{"role": "user", "content": "?"}], think=True)


async def test_faults_come_before_and_within_a_stream(
    scripted: ScriptedServer, client: ollama.AsyncClient
) -> None:
    scripted.answers.append(failure("model requires more system memory"))
    scripted.answers.append(Script([Say("half"), Line({"error": "runner died"})]))
    scripted.answers.append(Script([Say("half"), Cut()]))
    with pytest.raises(ollama.ResponseError, match="more system memory"):
        await client.chat("plain:latest", [{"role": "user", "content": "?"}])
    with pytest.raises(ollama.ResponseError, match="runner died"):
        async for _ in await client.chat("plain:latest", [{"role": "user", "content": "?"}], stream=True):
            pass
    with pytest.raises(httpx.RemoteProtocolError):
        async for _ in await client.chat("plain:latest", [{"role": "user", "content": "?"}], stream=True):
            pass


async def test_a_client_that_goes_away_is_noticed_at_once(
    scripted: ScriptedServer, client: ollama.AsyncClient
) -> None:
    gate = Gate()
    scripted.answers.append(Script([Say("half"), gate]))
    stream = await client.chat("plain:latest", [{"role": "user", "content": "?"}], stream=True)
    async for _ in stream:
        break
    await asyncio.wait_for(gate.reached.wait(), patience.SECONDS)
    await stream.aclose()  # type: ignore[attr-defined]
    async with asyncio.timeout(patience.SECONDS):
        while not scripted.dropped:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert scripted.dropped[0].path == "/api/chat"


async def test_a_pulled_model_is_installed_afterwards(
    scripted: ScriptedServer, client: ollama.AsyncClient
) -> None:
    statuses = [part.status async for part in await client.pull("deepseek-r1:8b", stream=True)]
    assert statuses[0] == "pulling manifest"
    assert statuses[-1] == "success"
    assert "deepseek-r1:8b" in scripted.models


async def test_a_blob_is_taken_only_with_its_own_digest(
    scripted: ScriptedServer, client: ollama.AsyncClient, tmp_path: Path
) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(b"GGUF" + bytes(100_000))
    digest = await client.create_blob(file)
    assert scripted.blobs == {digest: 100_004}
    async with httpx.AsyncClient(trust_env=False) as http:
        wrong = await http.post(f"{scripted.url}/api/blobs/sha256:{'0' * 64}", content=b"other")
    assert wrong.status_code == 400


async def test_it_comes_back_on_the_same_port(scripted: ScriptedServer, client: ollama.AsyncClient) -> None:
    await scripted.stop()
    with pytest.raises(ConnectionError):
        await client.list()
    await scripted.start()
    assert len((await client.list()).models) == 2


async def test_openai_clients_get_reasoning_beside_content(scripted: ScriptedServer) -> None:
    scripted.answers.append(answer("four", "two and two"))
    body = {"model": "deepseek-r1:1.5b", "messages": [{"role": "user", "content": "?"}], "stream": True}
    async with httpx.AsyncClient(trust_env=False) as http:
        text = (await http.post(f"{scripted.url}/v1/chat/completions", json=body)).text
    assert '"reasoning_content":"two"' in text
    assert text.endswith("data: [DONE]\n\n")
