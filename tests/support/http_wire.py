"""Just enough of HTTP/1.1 for a test server: requests in, replies and chunked streams out."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Any


@dataclass
class Request:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes

    @cached_property
    def json(self) -> dict[str, Any]:
        """The body as an object; empty when it is none."""
        try:
            value = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}


class Connection:
    """One client's connection, kept alive from request to request."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._head = False
        self._ahead = b""

    async def next_request(self) -> Request | None:
        """The next request, or None when the client has closed. Raises `IncompleteReadError` in the middle of one."""
        try:
            head = self._ahead + await self._reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return None
        self._ahead = b""
        first, *lines = head.decode("latin-1").rstrip().split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if headers.get("expect", "").lower() == "100-continue":
            self._writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body = await self._chunked_body()
        else:
            body = await self._reader.readexactly(int(headers.get("content-length", "0")))
        self._head = method == "HEAD"
        return Request(method, target.partition("?")[0], headers, body)

    async def _chunked_body(self) -> bytes:
        parts: list[bytes] = []
        while size := int((await self._reader.readline()).split(b";")[0], 16):
            parts.append(await self._reader.readexactly(size))
            await self._reader.readline()
        await self._reader.readline()
        return b"".join(parts)

    async def closed_by_client(self) -> None:
        """Return when the client closes; a request sent ahead is kept."""
        while data := await self._reader.read(1):
            self._ahead += data

    async def send(self, body: bytes, status: int = 200, content_type: str = "application/json") -> None:
        """A whole reply."""
        self._writer.write(
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: {content_type}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n".encode()
            + (b"" if self._head else body)
        )
        await self._writer.drain()

    async def send_json(self, value: object, status: int = 200) -> None:
        """An object as a whole reply; None for an empty one."""
        await self.send(b"" if value is None else json.dumps(value).encode(), status)

    async def start_stream(self, content_type: str) -> None:
        """The headers of a reply in chunks."""
        self._writer.write(
            f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
        )
        await self._writer.drain()

    async def chunk(self, data: bytes) -> None:
        """One chunk of it."""
        self._writer.write(b"%x\r\n%b\r\n" % (len(data), data))
        await self._writer.drain()

    async def end_stream(self) -> None:
        """The end of it."""
        self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()

    def close(self) -> None:
        """Drop the connection."""
        self._writer.transport.abort()
