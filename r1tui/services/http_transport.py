"""Requests to one server over httpx, its faults as `EngineError`s; what all engines share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from r1tui.domain.phrase import phrase
from r1tui.services import network, ollama_errors
from r1tui.services.engine import EngineError, StreamCut

if TYPE_CHECKING:
    import httpx

QUIET_SECONDS = 30.0
"""How long a question that needs no model (version, lists) may go without an answer."""
_LINE_LIMIT = 64 * 1024 * 1024
_GATHER = 0.09
"""Seconds in which tokens gather behind one that had to be waited for: waking up for each costs more than reading it."""
_AT_HAND = 0.001
"""A chunk that comes within so many seconds was there already; then there is no need to wait for more."""


class HttpTransport:
    """The connections to one server, opened on first use. Raises `EngineError`s only."""

    def __init__(self, url: str, headers: Mapping[str, str] | None, verify_tls: bool) -> None:
        self.url = url
        self.headers = dict(headers or {})
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
        http = await self._client()
        async with self._translated(), asyncio.timeout(seconds):
            response = await http.request(method, path, json=body)
            self._check(response, model)
            if not response.content:
                return {}
            try:
                answer = response.json()
            except ValueError:
                answer = None
        if not isinstance(answer, dict):
            raise ollama_errors.refused("", status=404, url=self.url)
        if answer.get("error"):
            raise ollama_errors.refused(response.text, url=self.url, model=model)
        return answer

    async def exists(self, path: str) -> bool:
        """Whether HEAD finds something."""
        http = await self._client()
        async with self._translated():
            response = await http.head(path)
        if response.status_code != 404:
            self._check(response, "")
        return bool(response.is_success)

    async def upload(self, path: str, content: AsyncIterator[bytes], size: int) -> None:
        """POST `size` bytes from an iterator."""
        http = await self._client()
        async with self._translated():
            response = await http.post(path, content=content, headers={"Content-Length": str(size)})
            self._check(response, "")

    async def lines(self, path: str, body: object, *, model: str = "") -> AsyncGenerator[list[bytes]]:
        """POST and read lines: all whole ones of a network chunk at a time; the first batch, empty, tells of the headers.

        Closing it closes the connection, which is how servers learn that they may stop.
        """
        http = await self._stream_client()
        began = False
        try:
            async with http.stream("POST", path, json=body) as response:
                if not response.is_success:
                    await response.aread()
                    self._check(response, model)
                yield []
                rest = b""
                loop = asyncio.get_running_loop()
                asked = loop.time()
                async for chunk in response.aiter_bytes():
                    began = True
                    waited = loop.time() - asked > _AT_HAND
                    *lines, rest = (rest + chunk).split(b"\n")
                    if len(rest) > _LINE_LIMIT:
                        raise StreamCut(phrase("engine.cut"))
                    if lines:
                        yield lines
                    if waited:
                        await asyncio.sleep(_GATHER)
                    asked = loop.time()
                if rest:
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

    def _make(self, options: dict[str, Any]) -> httpx.AsyncClient:
        """Import what is needed and set up the client; runs in a thread."""
        import httpx

        return httpx.AsyncClient(base_url=self.url, headers=self.headers, **options)

    async def _stream_client(self) -> httpx.AsyncClient:
        """The client for answers."""
        return await self._client()

    async def _client(self) -> httpx.AsyncClient:
        async with self._making:
            if self._http is None:
                async with self._translated():
                    self._http = await asyncio.to_thread(self._make_in_thread)
            return self._http

    def _make_in_thread(self) -> httpx.AsyncClient:
        return self._make(network.client_options(self.url, verify_tls=self.verify_tls))

    @asynccontextmanager
    async def _translated(self) -> AsyncIterator[None]:
        try:
            yield
        except EngineError:
            raise
        except Exception as error:
            raise _as_engine_error(error, self.url) from error

    def _check(self, response: httpx.Response, model: str) -> None:
        if response.is_redirect:
            raise ollama_errors.redirected(self.url, response.headers.get("location", ""))
        if not response.is_success:
            raise ollama_errors.refused(response.text, status=response.status_code, url=self.url, model=model)


def _as_engine_error(error: Exception, url: str, *, began: bool = False) -> EngineError:
    import httpx

    if isinstance(error, TimeoutError):
        error = httpx.ReadTimeout(str(error))
    return ollama_errors.line_failed(error, url, began=began)
