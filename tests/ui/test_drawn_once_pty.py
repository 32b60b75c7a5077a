"""What changes is drawn once: a line costs its bytes over SSH each time."""

from __future__ import annotations

import asyncio
import re

from tests.support.script import Answer, Gate, Say
from tests.support.scripted import ScriptedServer
from tests.support.steps import SCRIPTED_MODEL, Start, quiet, sees


def drawn(raw: bytes) -> list[int]:
    """The rows that were drawn from their beginning, each as often as that happened."""
    return [int(row) for row in re.findall(rb"\x1b\[(\d+);1H[^\x1b]*(?:\x1b\[[\d;]*m[^\x1b]*)* {20}", raw)]


async def test_the_first_question_draws_the_conversation_once_in_the_place_of_the_empty_page(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    gate = Gate()
    scripted.answers.append(Answer([gate, Say("The answer.")]))
    app = pty_app("--host", scripted.url)
    await sees(app, SCRIPTED_MODEL, "Write below, or take one")
    page = next(n for n, line in enumerate(app.screen_lines(), 1) if "Write below" in line)
    app.write("Why?")
    await sees(app, "Why?")
    await quiet(app)
    before = len(app.raw)
    app.send("enter")
    await sees(app, "stop, take back")
    await quiet(app)
    rows = drawn(bytes(app.raw[before:]))
    assert rows.count(page) == 1
    assert 15 not in rows  # as blank as it was
    gate.opened.set()
    await sees(app, "The answer.")
    app.resize(70, 20)
    await sees(app, "The answer.", "Why?")
    await asyncio.to_thread(app.wait_answers, 1)
