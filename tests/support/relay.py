"""A line between R1TUI and a real server that remembers every word of an answer, and can be slow or stand still."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Piece:
    """One line of a streamed answer that went by."""

    at: float
    """`time.monotonic()` when it was passed on."""
    content: str
    reasoning: str


class Relay:
    """Listens at `url` and passes everything to and from the server at `server`.

    `pace`: seconds that each piece of an answer takes, as on a slow machine, so that there is a middle to act in.
    """

    def __init__(self, server: str, pace: float = 0.0) -> None:
        self.pieces: list[Piece] = []
        """What the server said, in the order of the line."""
        self.pace = pace
        self._flowing = threading.Event()
        self._flowing.set()
        self._hold_after: int | None = None
        parts = urlsplit(server)
        self._server = (parts.hostname or "", parts.port or 0)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = {self._listener}
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """The address to give to R1TUI."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def text(self) -> str:
        """The content that went by so far."""
        return "".join(piece.content for piece in tuple(self.pieces))

    def said_until(self, moment: float) -> str:
        """The content that had gone by at a `time.monotonic()`."""
        return "".join(piece.content for piece in tuple(self.pieces) if piece.at <= moment)

    def hold_after(self, pieces: int) -> None:
        """Stand still after so many further pieces of content, until `go_on`."""
        self._hold_after = sum(bool(piece.content) for piece in self.pieces) + pieces

    def wait_held(self, timeout: float = 180) -> None:
        """Wait until it stands still."""
        deadline = time.monotonic() + timeout
        while self._flowing.is_set():
            assert time.monotonic() < deadline, f"the server said only {self.text!r}"
            time.sleep(0.02)

    def go_on(self) -> None:
        """Let everything through again."""
        self._hold_after = None
        self._flowing.set()

    def close(self) -> None:
        """Cut every connection."""
        self.go_on()
        for each in tuple(self._open):
            _cut(each)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
                self._open |= {client, server}
                threading.Thread(target=self._pass, args=(client, server, False), daemon=True).start()
                threading.Thread(target=self._pass, args=(server, client, True), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, listening: bool) -> None:
        held = b""
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                *lines, held = (held + data).split(b"\n")
                for line in lines:
                    self._heard(line, listening)
                    target.sendall(line + b"\n")
                if self._heard(held, listening):
                    target.sendall(held)
                    held = b""
        _cut(source)
        _cut(target)

    def _heard(self, line: bytes, listening: bool) -> bool:
        """Take note of a line of an answer, at its pace. False for one that is not whole yet."""
        if not listening or not line.startswith(b'{"model":'):
            return True
        try:
            message = json.loads(line).get("message") or {}
        except ValueError:
            return False
        content = str(message.get("content") or "")
        said = sum(bool(piece.content) for piece in tuple(self.pieces))
        if content and self._hold_after is not None and said >= self._hold_after:
            self._flowing.clear()
        self._flowing.wait()
        time.sleep(self.pace)
        self.pieces.append(Piece(time.monotonic(), content, str(message.get("thinking") or "")))
        return True


def _cut(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
