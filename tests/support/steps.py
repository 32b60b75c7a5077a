"""What a person does at the terminal and waits for, step by step, as many tests of the app in a pseudo-terminal do it.

The first half blocks; the second is for tests whose event loop runs the scripted server, which must go on meanwhile.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from tests.support import patience
from tests.support.pty_app import PtyApp
from tests.support.script import Answer, Gate, Say, answer
from tests.support.scripted import ScriptedServer

Start = Callable[..., PtyApp]
"""What the fixture `pty_app` gives."""
SIZES = pytest.mark.parametrize("size", [(80, 24), (160, 50)])
SCRIPTED_MODEL = "deepseek-r1:1.5b"
"""The model that the scripted server has and the app selects."""


def opened(pty_app: Start, url: str, model: str, **options: object) -> PtyApp:
    """R1TUI on this server, with this model, ready for keys."""
    app = pty_app("--host", url, "--model", model, **options)
    app.wait_for("Ask anything", model, timeout=60)
    return app


def press(app: PtyApp, *keys: str) -> None:
    """Press keys one by one, each after what the one before has drawn."""
    for name in keys:
        before, deadline = app.bytes_received, time.monotonic() + patience.SECONDS
        app.send(name)
        while app.bytes_received == before:
            assert time.monotonic() < deadline, f"{name} changed nothing:\n{app.screen_text()}"
            time.sleep(0.02)
        app.wait_quiet(0.2)


def machine_is_read(app: PtyApp) -> None:
    """Wait until setup's list of sizes is as it stays: the cursor is nobody's but the keys'."""
    app.wait_for("another model, by its name", timeout=120)
    app.wait_match(r"disk\s+free")  # the figures before it decide whether the line is broken there
    app.wait_gone("looking for GPUs")
    app.wait_quiet()


def typed(app: PtyApp, text: str) -> None:
    """Type a text and wait until it stands there; of a long one, which is wrapped or scrolled, its end."""
    app.write(text)
    app.wait_for(text if len(text) <= 20 else text[-12:].strip())


def send_question(app: PtyApp, text: str) -> None:
    """Type a question and send it."""
    app.write(text)
    app.wait_for(text[:20])
    app.send("enter")


def ask(app: PtyApp, text: str, timeout: float = 60) -> None:
    """Ask, and wait for the end of the answer, which is stored unless the conversation is private."""
    before = app.answers()
    send_question(app, text)
    app.wait_answers(before + 1, timeout)
    app.wait_quiet(0.3)


async def sees(app: PtyApp, *texts: str) -> None:
    """Wait until the texts stand on the screen."""
    await asyncio.to_thread(app.wait_for, *texts)


async def gone(app: PtyApp, text: str) -> None:
    """Wait until a text has left the screen."""
    await asyncio.to_thread(app.wait_gone, text)


async def quiet(app: PtyApp) -> None:
    """Wait until nothing more is drawn."""
    await asyncio.to_thread(app.wait_quiet)


async def opened_on(pty_app: Start, server: ScriptedServer, **options: object) -> PtyApp:
    """R1TUI on the scripted server, with its model selected."""
    app = pty_app("--host", server.url, **options)
    await sees(app, SCRIPTED_MODEL)
    return app


async def answered(
    app: PtyApp,
    server: ScriptedServer,
    content: str,
    reasoning: str = "",
    *,
    question: str = "Tell me",
    **options: object,
) -> None:
    """Ask, have the server answer so, and wait until that has ended; `options` are the answer's."""
    before = app.answers()
    server.answers.append(answer(content, reasoning, **options))
    app.paste(question)
    app.send("enter")
    await asyncio.to_thread(app.wait_answers, before + 1)
    await quiet(app)


async def conversation(app: PtyApp, server: ScriptedServer, *answers: str) -> None:
    """Have a conversation of so many questions, each with some reasoning before its answer."""
    for number, words in enumerate(answers):
        await answered(app, server, words, f"Thoughts {number}.", question=f"Question {number}")


def chats(server: ScriptedServer) -> int:
    """How many answers the server was asked for."""
    return len(server.sent_to("/api/chat"))


async def begun_answer(app: PtyApp, server: ScriptedServer) -> Gate:
    """Ask, and see "The beginning " of an answer; "and the end." comes once the gate is opened."""
    gate = Gate()
    server.answers.append(Answer([Say("The beginning "), gate, Say("and the end.")]))
    app.send("Tell me", "enter")
    await sees(app, "The beginning")
    return gate
