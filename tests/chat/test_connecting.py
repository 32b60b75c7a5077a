"""Reaching the server: all of it, or nothing, so that the next try begins anew."""

from __future__ import annotations

import asyncio

import pytest

from r1tui.domain.settings import Settings
from r1tui.services.container import Services
from tests.support.by_now import by_now
from tests.support.scripted import ScriptedServer


async def test_a_connection_that_is_given_up_half_way_leaves_the_next_one_whole(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = Services.build(Settings(), [], scripted.url, None)
    reached, use = asyncio.Event(), services.processes.use

    async def waits(url: str) -> None:
        reached.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(services.processes, "use", waits)
    first = asyncio.create_task(services.connect())
    await reached.wait()
    first.cancel()  # as setup does, which looks again every few seconds
    with pytest.raises(asyncio.CancelledError):
        await first
    monkeypatch.setattr(services.processes, "use", use)
    assert services.pulls is None
    await services.connect()
    assert by_now(lambda: services.pulls) is not None  # else a model that is chosen is never downloaded
    await services.close()
