"""What a server sends is bounded: bodies after unpacking, lines of a stream, and every kind of answer."""

from __future__ import annotations

import asyncio
import gzip
import json
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import httpx
import pytest

from r1tui.domain.chat import ChatRequest, ChatTurn
from r1tui.domain.message import Role
from r1tui.services.engines import http_transport
from r1tui.services.engines.engine import Engine, EngineError, RequestRefused, StreamCut
from r1tui.services.engines.http_transport import (
    BODY_LIMIT,
    LINE_LIMIT,
    LONGEST_NAME,
    MOST_MODELS,
    LineReader,
)
from r1tui.services.engines.ollama.engine import OllamaEngine
from r1tui.services.engines.openai.engine import OpenAIEngine

MIB = 1 << 20
ENGINES: list[Callable[[str], Engine]] = [OllamaEngine, OpenAIEngine]
both_engines = pytest.mark.parametrize("make", ENGINES)


@asynccontextmanager
async def serving(*chunks: bytes, headers: str = "", status: str = "200 OK") -> AsyncIterator[str]:
    """A server that answers every request with `chunks` and closes; its URL."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(f"HTTP/1.1 {status}\r\nConnection: close\r\n{headers}\r\n".encode())
            for chunk in chunks:
                writer.write(chunk)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def packed(coding: str, size: int) -> bytes:
    """JSON of a text of `size` letters, packed."""
    body = b'{"data": [], "models": [], "x": "' + b"a" * size + b'"}'
    pack: dict[str, Callable[[bytes], bytes]] = {
        "gzip": gzip.compress,
        "deflate": zlib.compress,
        "identity": bytes,
    }
    return pack[coding](body)


def asked() -> ChatRequest:
    return ChatRequest("m", (ChatTurn(Role.USER, "?"),))


@both_engines
@pytest.mark.parametrize("coding", ["identity", "gzip", "deflate"])
async def test_a_body_is_taken_up_to_the_limit_and_refused_beyond(
    make: Callable[[str], Engine], coding: str
) -> None:
    for size, taken in ((BODY_LIMIT - 100, True), (BODY_LIMIT, False)):
        async with serving(packed(coding, size), headers=f"Content-Encoding: {coding}\r\n") as url:
            engine = make(url)
            if taken:
                assert await engine.models() == []
            else:
                with pytest.raises(RequestRefused) as raised:
                    await engine.models()
                assert raised.value.phrase.key == "engine.too_much"
            await engine.close()


async def test_a_body_that_grows_a_thousandfold_is_not_unpacked_whole() -> None:
    squeezed = gzip.compress(bytes(600 * MIB))
    tracemalloc.start()
    async with serving(squeezed, headers="Content-Encoding: gzip\r\n") as url:
        engine = OllamaEngine(url)
        with pytest.raises(RequestRefused):
            await engine.models()
        await engine.close()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * BODY_LIMIT


async def listed(engine: OllamaEngine) -> None:
    await engine.models()


async def downloaded(engine: OllamaEngine) -> None:
    async for _ in engine.pull("m"):
        pass


@pytest.mark.parametrize("ask", [listed, downloaded])
async def test_an_answer_of_millions_of_values_is_never_made(
    ask: Callable[[OllamaEngine], Awaitable[None]],
) -> None:
    line = b'{"models": [' + b"[]," * (8 * MIB // 3) + b"[]]}\n"
    tracemalloc.start()
    async with serving(line[:MIB], line[MIB:]) as url:
        engine = OllamaEngine(url)
        with pytest.raises(EngineError):
            await ask(engine)
        await engine.close()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * len(line)  # as it would be made, each value takes sixty bytes and more


@both_engines
async def test_of_a_list_without_end_no_more_models_are_made_than_anybody_has(
    make: Callable[[str], Engine],
) -> None:
    names = [f"m{number}" for number in range(MOST_MODELS)]
    listed = [{"name": name, "id": name} for name in ("x" * (LONGEST_NAME + 1), *names, "and so on")]
    async with serving(json.dumps({"models": listed, "data": listed}).encode()) as url:
        engine = make(url)
        assert [model.name for model in await engine.models()] == names[:-1]
        await engine.close()


@both_engines
@pytest.mark.parametrize("coding", ["zstd", "br", "gzip, gzip", "x"])
async def test_a_coding_that_nobody_asked_for_is_one_sentence(
    make: Callable[[str], Engine], coding: str
) -> None:
    async with serving(b"{}", headers=f"Content-Encoding: {coding}\r\n") as url:
        engine = make(url)
        with pytest.raises(RequestRefused) as raised:
            await engine.models()
        assert raised.value.phrase.key == "engine.coding"
        await engine.close()


async def test_the_body_of_an_error_is_not_read_to_its_end() -> None:
    endless = [b"no such thing " * 5000] * 5000
    async with serving(*endless, status="500 Oops") as url:
        engine = OllamaEngine(url)
        with pytest.raises(RequestRefused) as raised:
            await engine.models()
        assert str(raised.value.phrase.params["words"]).startswith("no such thing no such")
        await engine.close()


@both_engines
async def test_a_line_without_end_ends_the_answer(make: Callable[[str], Engine]) -> None:
    listed = b'{"data": [{"id": "m"}], "models": []}\n'  # what both engines ask before is answered, too
    async with serving(listed, *[b"x" * MIB] * (LINE_LIMIT // MIB + 2)) as url:
        engine = make(url)
        with pytest.raises(EngineError):
            async for _ in engine.chat(asked()):
                pass
        await engine.close()
    async with serving(*[b"x" * MIB] * (LINE_LIMIT // MIB + 2)) as url:
        transport = http_transport.HttpTransport(url, None, True)
        with pytest.raises(StreamCut) as raised:
            async for _ in transport.lines("/", {}):
                pass
        assert raised.value.phrase.key == "engine.line_too_long"
        await transport.close()


def test_lines_are_the_same_however_they_are_cut() -> None:
    text = b"one\n\ntwo\nthree" * 50
    for size in (1, 2, 3, 7, 1000):
        reader = LineReader()
        found = [line for at in range(0, len(text), size) for line in reader.feed(text[at : at + size])]
        assert [*found, reader.rest()] == text.split(b"\n")


def test_the_longest_line_in_small_chunks_is_read() -> None:
    """A reader that copies what it has for each chunk would copy 134 GB here."""
    reader = LineReader()
    for _ in range(LINE_LIMIT // 1024):
        assert reader.feed(b"x" * 1024) == []
    assert reader.feed(b"\n") == [b"x" * LINE_LIMIT]


async def test_a_packed_stream_is_read_as_it_comes() -> None:
    packer = zlib.compressobj(wbits=31)
    lines = [json.dumps({"status": f"step {number}"}).encode() + b"\n" for number in range(3)]
    chunks = [packer.compress(line) + packer.flush(zlib.Z_SYNC_FLUSH) for line in lines]
    async with serving(*chunks, packer.flush(), headers="Content-Encoding: gzip\r\n") as url:
        transport = http_transport.HttpTransport(url, None, True)
        found = [line async for batch in transport.lines("/", {}) for line in batch]
        assert [line + b"\n" for line in found] == lines
        await transport.close()


async def test_what_comes_behind_a_packed_text_is_not_waited_for() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b'{"a": 1}'))
            while True:
                writer.write(bytes(MIB))
                await writer.drain()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        transport = http_transport.HttpTransport(
            f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", None, True
        )
        assert await transport.ask("GET", "/") == {"a": 1}
        await transport.close()


@pytest.mark.parametrize(
    ("coding", "first", "piece"),
    # An empty block of deflate: it unpacks to nothing.
    [("identity", b" ", b" "), ("gzip", gzip.compress(b"")[:10], b"\0\0\0\xff\xff")],
    ids=["identity", "gzip"],  # gzip's header has the time in it, and all workers must collect the same tests
)
async def test_a_flood_of_tiny_pieces_lets_others_have_their_turn(
    coding: str, first: bytes, piece: bytes
) -> None:
    """One read of the line may bring ten thousand of them, none of which is waited for."""
    heard = asyncio.Event()

    class Flood(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield first
            for _ in range(1_000_000):
                if heard.is_set():
                    return
                yield piece

    async def key() -> None:
        heard.set()

    transport = http_transport.HttpTransport("http://127.0.0.1:1", None, True)
    typed = asyncio.create_task(key())
    response = httpx.Response(200, headers={"Content-Encoding": coding}, stream=Flood())
    async for _ in transport.pieces(response):
        pass
    assert heard.is_set()
    await typed
