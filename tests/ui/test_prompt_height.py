"""The prompt on the chat's page: what is written in it can be seen."""

from __future__ import annotations

import pytest

from tests.support.scripted import ScriptedServer
from tests.ui.app_kit import running


@pytest.mark.parametrize("size", [(80, 24), (60, 12), (40, 10), (160, 50)])
async def test_the_last_line_of_a_long_draft_is_seen(scripted: ScriptedServer, size: tuple[int, int]) -> None:
    async with running(scripted, size=size) as chat:
        chat.screen.prompt.set_draft("\n".join(f"line {n}" for n in range(1, 60)))
        await chat.sees("line 59")
        await chat.press(*"xyz")
        await chat.sees("line 59xyz")
        await chat.press("ctrl+j", *"end")
        await chat.sees("line 59xyz", "end")
