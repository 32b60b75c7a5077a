"""The HTTP connection to an Ollama server, and streams of JSON lines over it.

Model commands go over it by the official client (`official.py`); answers and the short questions are read here, why is
said there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from r1tui.domain.phrase import phrase
from r1tui.domain.untrusted import Malformed, parse_json
from r1tui.services.engines.engine import EngineError, StreamCut
from r1tui.services.engines.http_transport import SLOW_TO_PARSE, HttpTransport
from r1tui.services.engines.ollama import errors


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
