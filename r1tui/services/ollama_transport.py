"""The HTTP connection to an Ollama server: the official client, made on first use, and streams of JSON lines over it.

`ollama.AsyncClient` is the connection (its address, headers and key handling); what comes back is read here as plain
JSON, because the client's own reading loses things that matter: its line splitter cuts at U+0085, which Go's JSON leaves
unescaped, so that a model's text can break the stream; its `ShowResponse` drops the system text and fails without
`model_info`; and it hides why a connection failed. Reading bytes also takes all lines of one network chunk at once.
"""

from __future__ import annotations

import asyncio
import json
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


class OllamaTransport:
    """Requests to one server. Raises `EngineError`s only."""

    def __init__(self, url: str, headers: Mapping[str, str] | None, verify_tls: bool) -> None:
        self.url = url
        self._headers = dict(headers or {})
        self._verify_tls = verify_tls
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
        async with self._translated(model):
            async with asyncio.timeout(seconds):
                response = await http.request(method, path, json=body)
                self._check(response, model)
                if not response.content:
                    return {}
                try:
                    answer = response.json()
                except ValueError:
                    raise ollama_errors.refused("", status=404, url=self.url) from None
        if not isinstance(answer, dict):
            raise ollama_errors.refused("", status=404, url=self.url)
        if answer.get("error"):
            raise ollama_errors.refused(str(answer["error"]), url=self.url, model=model)
        return answer

    async def exists(self, path: str) -> bool:
        """Whether HEAD finds something."""
        http = await self._client()
        async with self._translated(""):
            response = await http.head(path)
        if response.status_code != 404:
            self._check(response, "")
        return response.is_success

    async def upload(self, path: str, content: AsyncIterator[bytes], size: int) -> None:
        """POST bytes from an iterator."""
        http = await self._client()
        async with self._translated(""):
            response = await http.post(path, content=content, headers={"Content-Length": str(size)})
            self._check(response, "")

    async def stream(
        self, path: str, body: object, *, model: str = ""
    ) -> AsyncGenerator[list[dict[str, Any]]]:
        """POST and read JSON lines: all whole lines of a network chunk at a time. Closing it closes the connection.

        Raises the error of an `{"error": …}` line after handing over the lines before it.
        """
        http = await self._client()
        began = False
        try:
            async with http.stream("POST", path, json=body) as response:
                if not response.is_success:
                    await response.aread()
                    self._check(response, model)
                rest = b""
                async for chunk in response.aiter_bytes():
                    began = True
                    *lines, rest = (rest + chunk).split(b"\n")
                    if len(rest) > _LINE_LIMIT:
                        raise StreamCut(phrase("engine.cut"))
                    batch, failure = self._parsed(lines, model)
                    if batch:
                        yield batch
                    if failure:
                        raise failure
                batch, failure = self._parsed([rest], model)
                if batch:
                    yield batch
                if failure:
                    raise failure
        except EngineError:
            raise
        except Exception as error:
            raise _as_engine_error(error, self.url, began=began) from error

    def _parsed(self, lines: list[bytes], model: str) -> tuple[list[dict[str, Any]], EngineError | None]:
        """The objects of some lines, and what ends the stream behind them."""
        batch: list[dict[str, Any]] = []
        for line in lines:
            if not line.strip():
                continue
            try:
                value = json.loads(line)
            except ValueError:
                return batch, StreamCut(phrase("engine.cut"))
            if not isinstance(value, dict):
                return batch, ollama_errors.refused("", status=404, url=self.url)
            if value.get("error"):
                return batch, ollama_errors.refused(json.dumps(value), url=self.url, model=model)
            batch.append(value)
        return batch, None

    async def close(self) -> None:
        """Close all connections; a later request opens new ones."""
        http, self._http = self._http, None
        if http is not None:
            await http.aclose()

    async def _client(self) -> httpx.AsyncClient:
        async with self._making:
            if self._http is None:
                self._http = await asyncio.to_thread(self._make)
            return self._http

    def _make(self) -> httpx.AsyncClient:
        """Import and set up the client: half a second of work, hence in a thread."""
        import ollama

        options = network.client_options(self.url, verify_tls=self._verify_tls)
        try:
            client = ollama.AsyncClient(self.url, headers=self._headers, **options)
        except Exception as error:
            raise _as_engine_error(error, self.url) from error
        http: httpx.AsyncClient = client._client
        return http

    @asynccontextmanager
    async def _translated(self, model: str) -> AsyncIterator[None]:
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
