"""Commands that change which models a server has, by the official client's public methods.

Imported with the first such command: it takes 0.1 s of a processor and 10 MiB. Its requests go through our own
connection, by the transport that its constructor takes, so that addresses, headers, proxies, bounds and the reasons
of failures are the same everywhere. Not all of Ollama's API is its to speak (ollama-python 0.6):

- answers: its line splitter (`httpx`'s) cuts at U+0085, which Go's JSON leaves unescaped, so that a model's text can
  break the stream; and it reads line by line (0.115 ms of processor time a token, all lines of a chunk at once 0.085);
- `show`: its `ShowResponse` drops the system text, takes one licence only and fails without `model_info`;
- blobs: `create_blob` reads a file of gigabytes twice on the loop, tells nothing of its way, and cannot ask whether
  the server has it.
"""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Any

import httpx
import ollama

from r1tui.domain.phrase import phrase
from r1tui.domain.untrusted import most_values
from r1tui.services.engines.engine import RequestRefused, StreamCut
from r1tui.services.engines.http_transport import BODY_LIMIT, LINE_LIMIT, QUIET_SECONDS, HttpTransport
from r1tui.services.engines.ollama import errors

_MOST_VALUES = 100_000
"""Bound of what may be values in one line, which the client parses on the loop: 0.1 s. A line of progress has six."""
_CREATE = frozenset(inspect.signature(ollama.AsyncClient.create).parameters)


Line = Mapping[str, Any]
"""Of the server's progress: `status`, `digest`, `completed`, `total`, as far as told."""


def pull(http: HttpTransport, name: str, insecure: bool) -> AsyncGenerator[Line]:
    """Download a model; yields the server's lines of progress."""
    return _progress(http, name, lambda client: client.pull(name, insecure=insecure, stream=True))


def push(http: HttpTransport, name: str, insecure: bool) -> AsyncGenerator[Line]:
    """Upload a model; yields the server's lines of progress."""
    return _progress(http, name, lambda client: client.push(name, insecure=insecure, stream=True))


def create(http: HttpTransport, name: str, fields: Mapping[str, Any]) -> AsyncGenerator[Line]:
    """Make a model from the fields of `/api/create`. Those that the method does not know are added to its request."""
    named = {"from_" if key == "from" else key: value for key, value in fields.items()}
    known = {key: value for key, value in named.items() if key in _CREATE}
    added = {key: value for key, value in named.items() if key not in _CREATE}
    return _progress(http, name, lambda client: client.create(name, **known, stream=True), added)


async def copy(http: HttpTransport, source: str, destination: str) -> None:
    """Give a model a second name."""
    async with http.translated(), asyncio.timeout(QUIET_SECONDS), _client(http, source) as client:
        await client.copy(source, destination)


async def delete(http: HttpTransport, name: str) -> None:
    """Remove a model's name, and its data where no other name needs it."""
    async with http.translated(), asyncio.timeout(QUIET_SECONDS), _client(http, name) as client:
        await client.delete(name)


async def _progress(
    http: HttpTransport,
    model: str,
    begin: Callable[[ollama.AsyncClient], Awaitable[AsyncIterator[ollama.ProgressResponse]]],
    added: Mapping[str, object] | None = None,
) -> AsyncGenerator[Line]:
    async with _client(http, model, added) as client:
        stream = await begin(client)
        try:
            async for each in stream:
                yield each.model_dump(exclude_none=True)
        finally:
            if isinstance(stream, AsyncGenerator):
                await stream.aclose()  # at once, which is how the server learns that it may stop


@asynccontextmanager
async def _client(
    http: HttpTransport, model: str, added: Mapping[str, object] | None = None
) -> AsyncIterator[ollama.AsyncClient]:
    """A client for one command; what it makes of an answer that is none of Ollama's is an `EngineError`."""
    bridge = _Bridge(http, model, added or {})
    # The bridge sends what it is given to its own server, whatever this one is called.
    client = ollama.AsyncClient("http://server", transport=bridge, trust_env=False, follow_redirects=False)
    try:
        async with client:
            yield client
    except ollama.ResponseError as error:  # a line `{"error": …}` of a stream
        raise errors.refused({"error": error.error}, url=http.url, model=model) from None
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise StreamCut(phrase("engine.cut")) from None


class _Bridge(httpx.AsyncBaseTransport):
    """Sends the client's requests over `HttpTransport`, and hands it answers that are checked and bounded."""

    def __init__(self, http: HttpTransport, model: str, added: Mapping[str, object]) -> None:
        self._http = http
        self._model = model
        self._added = added

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send what the client asks, with the connection's own headers.

        The client's would bring OLLAMA_API_KEY to every server; which one may have it, `engines.hosts` decides.
        """
        asked = json.loads(await request.aread())
        path = request.url.path
        response = await self._http.open(request.method, path, {**asked, **self._added}, self._model)
        limit = None if asked.get("stream") else BODY_LIMIT
        return httpx.Response(response.status_code, stream=_Body(self._http, response, limit))


class _Body(httpx.AsyncByteStream):
    """An answer's body. Raises `EngineError`s, for one that is too long and a line that is, or has too many values, too."""

    def __init__(self, http: HttpTransport, response: httpx.Response, limit: int | None) -> None:
        self._http = http
        self._response = response
        self._limit = limit

    async def __aiter__(self) -> AsyncIterator[bytes]:
        whole = line = values = 0
        async with aclosing(self._http.pieces(self._response)) as pieces:
            async for piece in pieces:
                end = piece.rfind(b"\n")
                line = line + len(piece) if end < 0 else len(piece) - end - 1
                values = values * (end < 0) + most_values(piece[end + 1 :])
                whole += len(piece)
                if values > _MOST_VALUES:
                    raise StreamCut(phrase("engine.cut"))
                if line > LINE_LIMIT:
                    raise StreamCut(phrase("engine.line_too_long", megabytes=LINE_LIMIT >> 20))
                if self._limit is not None and whole > self._limit:
                    limit = self._limit >> 20
                    raise RequestRefused(phrase("engine.too_much", url=self._http.url, megabytes=limit))
                yield piece

    async def aclose(self) -> None:
        """Close the connection: the server learns that it may stop."""
        await self._response.aclose()
