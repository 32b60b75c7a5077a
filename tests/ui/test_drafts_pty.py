"""Drafts of several R1TUIs on one data folder, in terminals beside each other."""

from __future__ import annotations

import asyncio

from tests.support.pty_app import PtyApp
from tests.support.scripted import ScriptedServer
from tests.support.steps import Start, opened_on, quiet, sees

ELSEWHERE = "Another R1TUI has a draft in its prompt"


def drafts(app: PtyApp) -> list[str]:
    return app.stored("SELECT text FROM draft ORDER BY text")


async def kept(app: PtyApp, *texts: str) -> None:
    """Wait until these drafts are on the disk, and no other."""
    await asyncio.to_thread(app.wait_until, lambda: drafts(app) == sorted(texts), f"the drafts {texts}")


async def test_two_terminals_have_a_draft_each_and_a_kill_loses_neither(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    one = await opened_on(pty_app, scripted)
    one.write("begun in the first")
    await kept(one, "begun in the first")
    two = await opened_on(pty_app, scripted)
    await sees(two, ELSEWHERE)
    assert "begun in the first" not in two.screen_text()
    two.write("begun in the second")
    await kept(two, "begun in the first", "begun in the second")
    for app in (one, two):
        app.kill()
        await asyncio.to_thread(app.wait_exit)
    three = await opened_on(pty_app, scripted)
    await sees(three, "› begun in the second")
    four = await opened_on(pty_app, scripted)
    await sees(four, "› begun in the first")
    four.send("ctrl+u")
    await kept(three, "begun in the second")


async def test_what_is_written_in_another_terminal_can_be_had_here(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    one = await opened_on(pty_app, scripted)
    one.write("written on a line that dropped")
    await kept(one, "written on a line that dropped")
    two = await opened_on(pty_app, scripted)
    await sees(two, ELSEWHERE)
    two.send("ctrl+r")
    await sees(two, "Earlier prompts", "written on a line that dropped")
    await quiet(two)
    two.send("enter")
    await sees(two, "› written on a line that dropped")
