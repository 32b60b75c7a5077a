"""The HTTP connection to an Ollama server: the official client, and streams of JSON lines over it.

`ollama.AsyncClient` is the connection of every answer and download (its address, headers, key handling), imported with
the first of them: it takes 0.1 s of a processor and 10 MiB, and the list of models, which is waited for at the start,
is a plain GET over the HTTP library that it uses itself. What comes back is read here as plain
JSON, because the client's own reading loses things that matter: its line splitter cuts at U+0085, which Go's JSON
leaves unescaped, so that a model's text can break the stream; its `ShowResponse` drops the system text and fails
without `model_info`; and it hides why a connection failed. Reading bytes also takes all lines of one network chunk
at once (measured at one line a chunk: 0.085 ms of CPU a token, 0.115 with the client's own iteration).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from r1tui.domain.phrase import phrase
from r1tui.domain.untrusted import Malformed, parse_json
from r1tui.services.engines import network
from r1tui.services.engines.engine import EngineError, StreamCut
from r1tui.services.engines.http_transport import SLOW_TO_PARSE, HttpTransport
from r1tui.services.engines.ollama import errors

if TYPE_CHECKING:
    import httpx


class OllamaTransport(HttpTransport):
    """Requests to one Ollama server."""

    async def stream(
        self, path: str, body: object, *, model: str = ""
    ) -> AsyncGenerator[list[dict[str, Any]]]:
        """POST and read JSON lines, in batches. Closing it closes the connection.

        Raises the error of an `{"error": …}` line after handing over the lines before it.
        """
        async with aclosing(self.lines(path, body, model=model)) as batches:
            async for lines in batches:
                if sum(map(len, lines)) < SLOW_TO_PARSE:
                    values, failure = self._parsed(lines, model)
                else:
                    values, failure = await asyncio.to_thread(self._parsed, lines, model)
                if values:
                    yield values
                if failure:
                    raise failure

    def _parsed(self, lines: list[bytes], model: str) -> tuple[list[dict[str, Any]], EngineError | None]:
        """The objects of some lines, and what ends the stream behind them."""
        values: list[dict[str, Any]] = []
        for line in lines:
            if not line.strip():
                continue
            try:
                value = parse_json(line)
            except Malformed:
                return values, StreamCut(phrase("engine.cut"))
            if not isinstance(value, dict):
                return values, errors.refused("", status=404, url=self.url)
            if value.get("error"):
                return values, errors.refused(value, url=self.url, model=model)
            values.append(value)
        return values, None

    def __init__(self, url: str, headers: Mapping[str, str] | None, verify_tls: bool) -> None:
        super().__init__(url, headers, verify_tls)
        self._official: httpx.AsyncClient | None = None

    async def warm_up(self) -> None:
        """Have the official client ready before the first answer wants it. Raises `EngineError`."""
        await self._stream_client()

    async def close(self) -> None:
        """Close all connections."""
        official, self._official = self._official, None
        if official is not None:
            await official.aclose()
        await super().close()

    async def _stream_client(self) -> httpx.AsyncClient:
        await self._client()
        async with self._making:
            if self._official is None:
                async with self._translated():
                    self._official = await asyncio.to_thread(self._make_official)
            return self._official

    def _make_official(self) -> httpx.AsyncClient:
        import ollama

        options = network.client_options(self.url, verify_tls=self.verify_tls)
        http: httpx.AsyncClient = ollama.AsyncClient(self.url, headers=self.headers, **options)._client
        if not any(name.lower() == "authorization" for name in self.headers):
            # It sends OLLAMA_API_KEY to every server; which one may have it, `engines.hosts` decides.
            http.headers.pop("Authorization", None)
        return http
