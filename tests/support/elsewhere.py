"""A real server under an address of this machine that is not a loopback one, as if it ran on another machine."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import psutil


def own_address() -> str | None:
    """An address of this machine that others could reach it at; None where it has no network at all."""
    for addresses in psutil.net_if_addrs().values():
        for each in addresses:
            if each.family is socket.AF_INET and not each.address.startswith("127."):
                return str(each.address)
    return None


@contextlib.contextmanager
def elsewhere(server: str, address: str) -> Iterator[str]:
    """Pass on what comes to a port of `address` to the server at the URL `server`; yields the URL to use."""
    parts = urlsplit(server)
    target = (parts.hostname or "", parts.port or 0)
    opened: list[socket.socket] = []

    def copy(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(target)
                opened.extend((near, far))
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=copy, args=pair, daemon=True).start()

    with socket.create_server((address, 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        try:
            yield f"http://{address}:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for each in opened:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()
