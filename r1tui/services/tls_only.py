"""The rule that whatever R1TUI asks of the world outside goes over TLS."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from r1tui.domain.address import is_loopback
from r1tui.domain.phrase import PhrasedError, phrase

if TYPE_CHECKING:
    import httpx


def tls_only(error: type[PhrasedError], *, loopback: bool) -> Callable[[httpx.Request], Awaitable[None]]:
    """A hook for an httpx client's requests, those of redirects too, that raises `error` for one without TLS.

    `loopback`: one to this machine may do without.
    """

    async def refuse_plain(request: httpx.Request) -> None:
        if request.url.scheme != "https" and not (loopback and is_loopback(str(request.url))):
            raise error(phrase("install.no_tls", host=request.url.host))

    return refuse_plain
