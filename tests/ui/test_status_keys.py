"""The status bar tells the keys of what has the focus."""

from __future__ import annotations

from tests.support.scripted import ScriptedServer
from tests.ui.app_kit import Chat, running


def last_line(chat: Chat) -> str:
    return chat.text.splitlines()[-1]


async def test_the_keys_of_the_models_and_of_the_machine_are_told_while_they_have_the_focus(
    scripted: ScriptedServer,
) -> None:
    async with running(scripted) as chat:
        assert "^T fold" in last_line(chat)
        await chat.press("ctrl+o")
        await chat.until(lambda: "Enter choose  m menu  a add" in last_line(chat))
        await chat.press("ctrl+g")
        await chat.until(lambda: "? why  p download" in last_line(chat))
        await chat.press("escape")
        await chat.until(lambda: "^T fold" in last_line(chat))
