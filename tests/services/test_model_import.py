"""A GGUF file becomes a model; a hostile one becomes a sentence."""

from __future__ import annotations

import asyncio
import hashlib
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from r1tui.domain.modelfile import Modelfile
from r1tui.services.engines.engine import RequestRefused
from r1tui.services.engines.ollama.engine import OllamaEngine
from r1tui.services.models.gguf import GgufFacts, NotGguf, read_facts
from r1tui.services.models.gguf_import import (
    R1_TEMPLATE,
    ImportFailed,
    import_gguf,
    looks_like_r1,
    suggestion,
)
from tests.support.scripted import VERSIONS, ScriptedServer

R1_CHAT = "{% for m in messages %}<｜User｜>…<｜Assistant｜>{% endfor %}"


def text(value: str) -> bytes:
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def pair(key: str, value: str) -> bytes:
    return text(key) + struct.pack("<I", 8) + text(value)


def gguf(*pairs: bytes, count: int | None = None, version: int = 3) -> bytes:
    head = b"GGUF" + struct.pack("<IQQ", version, 0, len(pairs) if count is None else count)
    return head + b"".join(pairs)


TOKENS = text("tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, 3) + text("a") + text("b") + text("c")
SCORES = text("tokenizer.ggml.scores") + struct.pack("<IIQ3f", 9, 6, 3, 0, 1, 2)
NUMBER = text("qwen2.block_count") + struct.pack("<II", 4, 28)


@pytest.fixture(params=VERSIONS)
def server_version(request: pytest.FixtureRequest) -> str:
    """All of it holds for either range of servers."""
    return str(request.param)


@pytest.fixture
def r1(tmp_path: Path) -> Path:
    path = tmp_path / "r1.gguf"
    path.write_bytes(
        gguf(
            pair("general.architecture", "qwen2"),
            NUMBER,
            TOKENS,
            SCORES,
            pair("tokenizer.chat_template", R1_CHAT),
        )
        + b"\0" * 100_000
    )
    return path


@pytest.fixture
async def engine(scripted: ScriptedServer) -> AsyncIterator[OllamaEngine]:
    engine = OllamaEngine(scripted.url)
    yield engine
    await engine.close()


def test_the_facts_are_found_behind_anything_else(r1: Path) -> None:
    assert read_facts(r1) == GgufFacts("qwen2", "", R1_CHAT)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GGUF",
        b"PK\x03\x04 something else",
        gguf(version=99),
        gguf(count=2**63),
        gguf(count=5),
        gguf(struct.pack("<Q", 2**62)),
        gguf(text("a") + struct.pack("<I", 77)),
        gguf(text("a") + struct.pack("<IIQ", 9, 8, 2**60)),
        gguf(text("a") + struct.pack("<IIQ", 9, 9, 1)),
        gguf(text("a") + struct.pack("<IIQ", 9, 12, 10_000_000)),
        gguf(text("tokenizer.chat_template") + struct.pack("<IQ", 8, 2**40)),
    ],
)
async def test_a_damaged_or_hostile_header_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(data)
    with pytest.raises(NotGguf):
        read_facts(path)
    with pytest.raises(ImportFailed) as caught:
        await suggestion(path)
    assert caught.value.phrase.key == "import.not_gguf"


@pytest.mark.parametrize(
    ("facts", "r1"),
    [
        (GgufFacts(chat_template=R1_CHAT), True),
        (GgufFacts(name="DeepSeek R1 Distill Qwen 7B"), True),
        (GgufFacts(name="DeepSeek Coder"), False),
        (GgufFacts("llama", "SmolLM2", "<|im_start|>"), False),
    ],
)
def test_an_r1_is_known_by_its_turn_tokens_or_its_name(facts: GgufFacts, r1: bool) -> None:
    assert looks_like_r1(facts) is r1


async def test_an_r1_gets_deepseeks_template_and_parameters(
    scripted: ScriptedServer, engine: OllamaEngine, r1: Path
) -> None:
    steps = [(step.stage, step.completed) async for step in import_gguf(engine, r1, "mine:1b")]
    data = await asyncio.to_thread(r1.read_bytes)
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    body = scripted.sent_to("/api/create")[0].json
    assert body["files"] == {"r1.gguf": digest}
    assert body["template"] == R1_TEMPLATE
    assert (body["parameters"]["temperature"], body["parameters"]["top_p"]) == (0.6, 0.95)
    assert "from" not in body
    assert scripted.blobs[digest] == len(data)
    assert [done for _, done in steps] == sorted(done for _, done in steps)
    assert steps[-1] == ("done", 2 * len(data))


async def test_what_the_server_holds_is_not_sent_again(
    scripted: ScriptedServer, engine: OllamaEngine, r1: Path
) -> None:
    for name in ("a:1", "b:1"):
        async for _ in import_gguf(engine, r1, name):
            pass
    uploads = [
        sent for sent in scripted.requests if sent.path.startswith("/api/blobs/") and sent.method == "POST"
    ]
    assert len(uploads) == 1


async def test_any_other_file_is_left_to_ollamas_own_detection(
    scripted: ScriptedServer, engine: OllamaEngine, tmp_path: Path
) -> None:
    path = tmp_path / "plain"
    path.write_bytes(gguf(pair("general.name", "SmolLM2")))
    async for _ in import_gguf(engine, path, "mine:1b"):
        pass
    body = scripted.sent_to("/api/create")[0].json
    assert list(body["files"]) == ["plain.gguf"]
    assert "template" not in body


async def test_a_modelfile_of_ones_own_wins(scripted: ScriptedServer, engine: OllamaEngine, r1: Path) -> None:
    chosen = Modelfile("./r1.gguf", {"temperature": 0.1}, system="Short.")
    async for _ in import_gguf(engine, r1, "mine:1b", chosen):
        pass
    body = scripted.sent_to("/api/create")[0].json
    assert (body["parameters"], body["system"]) == ({"temperature": 0.1}, "Short.")
    assert "template" not in body


async def test_a_file_that_the_server_finds_damaged_is_said_in_one_way(
    scripted: ScriptedServer, engine: OllamaEngine, r1: Path
) -> None:
    content = await asyncio.to_thread(r1.read_bytes)
    scripted.damaged.add(f"sha256:{hashlib.sha256(content).hexdigest()}")
    with pytest.raises(RequestRefused) as caught:
        async for _ in import_gguf(engine, r1, "mine:1"):
            pass
    assert caught.value.phrase.key == "engine.gguf_refused"
    assert "mine:1" not in scripted.models


async def test_a_file_that_is_not_there_is_said(engine: OllamaEngine, tmp_path: Path) -> None:
    with pytest.raises(ImportFailed) as caught:
        async for _ in import_gguf(engine, tmp_path / "gone.gguf", "mine:1b"):
            pass
    assert caught.value.phrase.key == "import.unreadable"
