"""Requests to one server over httpx, its faults as `EngineError`s; what all engines share.

Whatever a server sends is bounded here, after unpacking: a packed body may be thousands of times larger than what came.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from r1tui.domain.phrase import phrase
from r1tui.domain.untrusted import Malformed, parse_json
from r1tui.services.engines import network
from r1tui.services.engines.engine import EngineError, RequestRefused, StreamCut
from r1tui.services.engines.ollama import errors

if TYPE_CHECKING:
    import httpx

QUIET_SECONDS = 30.0
"""How long a question that needs no model (version, lists) may go without an answer."""
BODY_LIMIT = 32 * 1024 * 1024
"""Bytes of the longest answer to a question, unpacked. The longest real one, `/api/show` with its licences, has under 1 MiB."""
MOST_MODELS = 5_000
"""Entries of a list of models that are read; a body has room for millions, and the loop makes each an object."""
LONGEST_NAME = 1_000
"""Letters of a model's name; what is longer can be asked for nowhere."""
LINE_LIMIT = 16 * 1024 * 1024
"""Bytes of the longest line of a stream; a line holds one token."""
_ERROR_LIMIT = 64 * 1024
"""Bytes of an error's body that are read; a sentence of them is shown."""
_PIECE = 256 * 1024
"""Bytes that are unpacked at a time."""
SLOW_TO_PARSE = 256 * 1024
"""From so many bytes on JSON is read in a thread: it would hold up the keys for longer than 2 ms."""
_GATHER = 0.09
"""Seconds in which tokens gather behind one that had to be waited for: waking up for each costs more than reading it."""
_TURN = 0.01
"""Seconds after which whoever reads what is there already lets the loop do something else: keys, and time limits."""
_AT_HAND = 0.001
"""A chunk that comes within so many seconds was there already; then there is no need to wait for more."""


class HttpTransport:
    """The connections to one server, opened on first use. Raises `EngineError`s only."""

    def __init__(self, url: str, headers: Mapping[str, str] | None, verify_tls: bool) -> None:
        self.url = url
        # Packed answers are neither asked for (a stream that is packed comes late) nor needed (prompts are short).
        self.headers = {"Accept-Encoding": "identity", **(headers or {})}
        self.verify_tls = verify_tls
        self._http: httpx.AsyncClient | None = None
        self._making = asyncio.Lock()

    async def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        model: str = "",
        seconds: float | None = QUIET_SECONDS,
    ) -> dict[str, Any]:
        """One request with a JSON object (or nothing) as its answer."""
        http = await self._connected()
        async with (
            self.translated(),
            asyncio.timeout(seconds),
            http.stream(method, path, json=body) as response,
        ):
            await self._check(response, model)
            data = await self._body(response)
        if not data:
            return {}
        try:
            answer = await parse_aside(data)
        except Malformed:
            answer = None
        if not isinstance(answer, dict):
            raise errors.refused("", status=404, url=self.url)
        if answer.get("error"):
            raise errors.refused(answer, url=self.url, model=model)
        return answer

    async def exists(self, path: str) -> bool:
        """Whether HEAD finds something."""
        http = await self._connected()
        async with self.translated(), http.stream("HEAD", path) as response:
            if response.status_code != 404:
                await self._check(response, "")
            return bool(response.is_success)

    async def upload(self, path: str, content: AsyncIterator[bytes], size: int) -> None:
        """POST `size` bytes from an iterator."""
        http = await self._connected()
        async with self.translated():
            sized = {"Content-Length": str(size)}
            async with http.stream("POST", path, content=content, headers=sized) as response:
                await self._check(response, "")
                await self._body(response)

    async def open(self, method: str, path: str, body: object, model: str) -> httpx.Response:
        """Send a request with JSON; the answer, its status checked and its body (see `pieces`) still to be read."""
        http = await self._connected()
        async with self.translated():
            response = await http.send(http.build_request(method, path, json=body), stream=True)
            try:
                await self._check(response, model)
            except BaseException:
                await response.aclose()
                raise
            return response

    async def pieces(self, response: httpx.Response) -> AsyncGenerator[bytes]:
        """The body of an opened answer, unpacked."""
        began = False
        try:
            async for piece in self._unpacked(response):
                began = True
                yield piece
        except EngineError:
            raise
        except Exception as error:
            raise _as_engine_error(error, self.url, began=began) from error

    async def lines(self, path: str, body: object, *, model: str = "") -> AsyncGenerator[list[bytes]]:
        """POST and read lines: all whole ones of a network chunk at a time; the first batch, empty, tells of the headers.

        Closing it closes the connection, which is how servers learn that they may stop.
        """
        http = await self._connected()
        began = False
        try:
            async with http.stream("POST", path, json=body) as response:
                await self._check(response, model)
                yield []
                lines = LineReader()
                loop = asyncio.get_running_loop()
                asked = loop.time()
                async for chunk in self._unpacked(response):
                    began = True
                    waited = loop.time() - asked > _AT_HAND
                    if whole := lines.feed(chunk):
                        yield whole
                    if waited:
                        await asyncio.sleep(_GATHER)
                    asked = loop.time()
                if rest := lines.rest():
                    yield [rest]
        except EngineError:
            raise
        except Exception as error:
            raise _as_engine_error(error, self.url, began=began) from error

    async def close(self) -> None:
        """Close all connections; a later request opens new ones."""
        http, self._http = self._http, None
        if http is not None:
            await http.aclose()

    @asynccontextmanager
    async def translated(self) -> AsyncIterator[None]:
        """Whatever fails within is an `EngineError`."""
        try:
            yield
        except EngineError:
            raise
        except Exception as error:
            raise _as_engine_error(error, self.url) from error

    def _make(self, options: dict[str, Any]) -> httpx.AsyncClient:
        """Import what is needed and set up the client; runs in a thread."""
        import httpx

        return httpx.AsyncClient(base_url=self.url, headers=self.headers, **options)

    async def _connected(self) -> httpx.AsyncClient:
        async with self._making:
            if self._http is None:
                async with self.translated():
                    self._http = await asyncio.to_thread(self._make_in_thread)
            return self._http

    def _make_in_thread(self) -> httpx.AsyncClient:
        return self._make(network.client_options(self.url, verify_tls=self.verify_tls))

    async def _check(self, response: httpx.Response, model: str) -> None:
        """Raise the error that a response of another status than success stands for."""
        if response.has_redirect_location:
            raise errors.redirected(self.url, response.headers["location"])
        if not response.is_success:
            words = bytearray()
            async for piece in self._unpacked(response):
                words += piece
                if len(words) > _ERROR_LIMIT:
                    break
            told = words[:_ERROR_LIMIT].decode("utf-8", "replace")
            raise errors.refused(told, status=response.status_code, url=self.url, model=model)

    async def _body(self, response: httpx.Response) -> bytes:
        """The whole body, unpacked. Raises `RequestRefused` for one that is longer than `BODY_LIMIT`."""
        body = bytearray()
        async for piece in self._unpacked(response):
            body += piece
            if len(body) > BODY_LIMIT:
                limit = BODY_LIMIT >> 20
                raise RequestRefused(phrase("engine.too_much", url=self.url, megabytes=limit))
        return bytes(body)

    async def _unpacked(self, response: httpx.Response) -> AsyncGenerator[bytes]:
        """The body in pieces of at most `_PIECE` bytes where it was packed, as they came where not.

        httpx unpacks a chunk at once, however large it becomes; so this is done here. Raises `RequestRefused` for a
        coding that nobody asked for and that is not gzip or deflate.
        """
        coding = response.headers.get("content-encoding", "identity").strip().lower()
        if coding in ("", "identity"):
            async for chunk in _in_turns(response.aiter_raw()):
                yield chunk
            return
        if coding not in ("gzip", "x-gzip", "deflate"):
            raise RequestRefused(phrase("engine.coding", url=self.url, coding=coding[:40]))
        # 32 added to the window's size reads the headers of both gzip and zlib.
        unpacker = zlib.decompressobj(32 + zlib.MAX_WBITS)
        async for chunk in _in_turns(response.aiter_raw()):
            if unpacker.eof:  # it would keep whatever comes now, and copy all of it each time
                return
            while chunk:
                piece = unpacker.decompress(chunk, _PIECE)
                chunk = unpacker.unconsumed_tail
                if piece:
                    yield piece
                    await asyncio.sleep(0)
        if piece := unpacker.flush():
            yield piece


async def _in_turns(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    """The same chunks. Those that are at hand come without waiting, thousands of tiny ones from one read of the line."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    async for chunk in chunks:
        yield chunk
        if loop.time() - began > _TURN:
            await asyncio.sleep(0)
            began = loop.time()


class LineReader:
    """Lines out of chunks, in time that grows as their bytes do, however a line is cut into chunks."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines that the chunk ends. Raises `StreamCut` for a line that is longer than `LINE_LIMIT`."""
        *lines, rest = chunk.split(b"\n")
        if lines and self._rest:
            self._rest += lines[0]
            lines[0] = self.rest()
        self._rest += rest
        if len(self._rest) > LINE_LIMIT or any(len(line) > LINE_LIMIT for line in lines):
            raise StreamCut(phrase("engine.line_too_long", megabytes=LINE_LIMIT >> 20))
        return lines

    def rest(self) -> bytes:
        """What no line end has ended; it is forgotten."""
        rest = bytes(self._rest)
        self._rest.clear()
        return rest


async def parse_aside(data: bytes) -> object:
    """`parse_json`, in a thread where it takes long. Raises `Malformed`."""
    if len(data) < SLOW_TO_PARSE:
        return parse_json(data)
    return await asyncio.to_thread(parse_json, data)


def _as_engine_error(error: Exception, url: str, *, began: bool = False) -> EngineError:
    import httpx

    if isinstance(error, TimeoutError):
        error = httpx.ReadTimeout(str(error))
    return errors.line_failed(error, url, began=began)
