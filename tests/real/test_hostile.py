"""Hostile text through every place where foreign text reaches the screen: the terminal gets none of it as control."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import Callable

import pytest

from tests.support.pty_app import PtyApp
from tests.support.script import Answer, Say, Think, answer, failure
from tests.support.scripted import ScriptedServer

MARK = "PWNED"
HOSTILE = (
    f"start\x1b]0;{MARK}\x07 \x1b]52;c;{base64.b64encode(MARK.encode()).decode()}\x07"
    f"\x1b[31m{MARK}\x1b[0m\x1b[2J\x1b[999;1H\x1bc\x1bP$q{MARK}\x1b\\\x9b31m\x9d0;{MARK}\x9c"
    "\x00\x07\x08\x7f\x85\u202etxt.exe\u202c\u2066\u2069\u200b\u200e\ufeff\U000e0041"
    "[bold red]markup[/bold red] [@click=app.quit]click[/] [link=file:///etc/passwd]x[/link] $primary end"
)
FORBIDDEN = re.compile(
    # Window title, clipboard, full reset, DCS, C1 controls, direction and zero-width signs, tags, other C0 controls.
    rb"\x1b\]0;|\x1b\]52;c;UFdORUQ=|\x1bc|\x1bP\$q|\x1b\[999;1H|\xc2[\x80-\x9f]"
    rb"|\xe2\x80[\x8b\x8e\x8f\xaa-\xae]|\xe2\x81[\xa6-\xa9]|\xef\xbb\xbf|\xf3\xa0\x81\x81|[\x07\x7f\x08\x00]"
)
OURS = re.compile(rb"\x1b\]22;[a-z-]*\x07|\x1b\]52;c;(?!UFdORUQ=\x07)[A-Za-z0-9+/=]*\x07")
"""What the app itself sends that ends in BEL: the pointer's shape, and a copy that was asked for."""
SGR_FROM_TEXT = re.compile(rb"\x1b\[31m" + MARK.encode())


def harmless(app: PtyApp) -> None:
    """The terminal got none of the hostile sequences."""
    raw = OURS.sub(b"", bytes(app.raw))
    found = FORBIDDEN.search(raw) or SGR_FROM_TEXT.search(raw)
    assert found is None, raw[max(found.start() - 60, 0) : found.end() + 20]
    assert MARK not in app.title


async def ready(app: PtyApp, text: str) -> None:
    """Wait, off the loop that the scripted server runs in."""
    await asyncio.to_thread(app.wait_for, text)


async def left(app: PtyApp, text: str) -> None:
    """Press Esc and wait until what it closes is gone: with a key close behind it it would be Alt and that key."""
    app.send("escape")
    await asyncio.to_thread(app.wait_gone, text)


async def ask(app: PtyApp, text: str) -> None:
    """Type a question and send it."""
    app.write(text)
    await ready(app, text)
    app.send("enter")


async def test_answers_and_reasoning_are_shown_as_text(
    scripted: ScriptedServer, pty_app: Callable[..., PtyApp]
) -> None:
    scripted.answers.append(
        Answer([Think(HOSTILE), Say(HOSTILE), Say("\n\n```\n" + HOSTILE + "\n```\nlast")])
    )
    app = pty_app("--host", scripted.url, size=(100, 40))
    await ready(app, "deepseek-r1:1.5b")
    await ask(app, "hello")
    await ready(app, "last")
    await ready(app, "[bold red]markup[/bold red]")
    app.send("ctrl+t")
    await asyncio.to_thread(app.wait_match, "▾ Thought")
    harmless(app)
    app.send("f2")
    copied = await asyncio.to_thread(
        app.wait_until, lambda: re.search(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07", app.raw), "a copy"
    )
    assert copied is not None
    text = base64.b64decode(copied[1]).decode()
    assert "[bold red]markup[/bold red]" in text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\u200b\ufeff]", text)


async def test_model_names_errors_titles_and_history_are_shown_as_text(
    scripted: ScriptedServer, pty_app: Callable[..., PtyApp]
) -> None:
    scripted.add(f"evil{HOSTILE}:latest", quantization=HOSTILE[:60], family=HOSTILE)
    scripted.answers.append(failure(f"broken {HOSTILE}"))
    app = pty_app("--host", scripted.url, "--model", "deepseek-r1:1.5b", size=(160, 50))
    await ready(app, "deepseek-r1:1.5b")
    app.paste(f"title {HOSTILE}")
    await ready(app, "title")
    app.send("enter")
    await ready(app, "failed")
    await ready(app, "broken")
    app.send("f6")
    await ready(app, "Today")
    await left(app, "Today")
    app.send("ctrl+r")
    await ready(app, "Earlier prompts")
    await left(app, "Earlier prompts")
    app.send("ctrl+p")
    await ready(app, "What do you want to do?")
    await left(app, "What do you want to do?")
    app.send("f8")
    await ready(app, "Copy it to another name")
    await asyncio.to_thread(app.wait_quiet)
    harmless(app)


async def test_a_hostile_conversation_is_harmless_when_it_is_opened_again(
    scripted: ScriptedServer, pty_app: Callable[..., PtyApp]
) -> None:
    scripted.answers.append(answer(HOSTILE, HOSTILE))
    first = pty_app("--host", scripted.url)
    await ready(first, "deepseek-r1:1.5b")
    await ask(first, "hello")
    await ready(first, "tokens/s ·")
    first.send("ctrl+q")
    await asyncio.to_thread(first.wait_exit)
    again = pty_app("--host", scripted.url)
    await ready(again, "deepseek-r1:1.5b")
    again.send("f6")
    await ready(again, "Today")
    again.send("enter")
    await ready(again, "tokens/s ·")
    harmless(again)


async def test_a_server_that_talks_nonsense_is_a_sentence(
    scripted: ScriptedServer, pty_app: Callable[..., PtyApp]
) -> None:
    scripted.failing["/api/tags"] = (500, HOSTILE)
    app = pty_app("--host", scripted.url)
    await ready(app, "Welcome")
    await asyncio.to_thread(app.wait_quiet)
    harmless(app)


_NAMES = (
    "models message details model_info capabilities version error done status total completed digest eval_count template"
    " parameters system license cloud"
)
_WRONG = {"a": [HOSTILE, 10**400, -1, None, {"b": HOSTILE}]}
_MODELS = [
    1,
    None,
    HOSTILE,
    {"name": 7},
    {"name": HOSTILE, "size": 10**400, "details": HOSTILE, "digest": []},
]
GARBAGE: dict[str, bytes] = {
    "wrong types": json.dumps(dict.fromkeys(_NAMES.split(), _WRONG)).encode(),
    "lists of wrong types": json.dumps({"models": _MODELS}).encode(),
    "another value": json.dumps([HOSTILE]).encode(),
    "nested": b"[" * 100_000 + b"]" * 100_000,
    "huge numbers": b'{"models": 1e999, "message": {"content": NaN}, "eval_count": %s, "done": true}'
    % (b"9" * 5000),
    "a page": f"<html><body>{HOSTILE}</body></html>".encode(),
    "cut off": b'{"models": [{"name": "dee',
    "bytes": b"\x80\xff\x00{" + HOSTILE.encode(),
    "nothing": b"",
    "an error that is none": json.dumps({"error": {"message": HOSTILE, "code": "x"}}).encode(),
}
"""What a program that is no Ollama, or a broken one, may send to any question."""


@pytest.mark.parametrize("kind", GARBAGE)
async def test_a_server_that_sends_garbage_at_every_path_ends_nothing(
    scripted: ScriptedServer, pty_app: Callable[..., PtyApp], kind: str
) -> None:
    scripted.garbage[""] = GARBAGE[kind]
    app = pty_app("--host", scripted.url, size=(100, 30))
    await ready(
        app, MARK if kind == "lists of wrong types" else "Welcome"
    )  # a list with one model that has a name
    await asyncio.to_thread(app.wait_quiet)
    harmless(app)
    app.send("ctrl+q")
    assert await asyncio.to_thread(app.wait_exit) == 0
    assert scripted.requests
    assert b"Traceback" not in app.raw


@pytest.mark.parametrize("kind", GARBAGE)
async def test_a_server_that_begins_to_send_garbage_costs_neither_question_nor_prompt(
    scripted: ScriptedServer, pty_app: Callable[..., PtyApp], kind: str
) -> None:
    app = pty_app("--host", scripted.url, size=(100, 30))
    await ready(app, "deepseek-r1:1.5b")
    scripted.garbage[""] = GARBAGE[kind]
    await ask(app, "does it still answer")
    await asyncio.to_thread(app.wait_match, r"\n *! ")
    app.write("/pull qwen3:0.6b")
    app.send("ctrl+o")
    await ready(app, "MODELS")
    app.send("escape")
    await asyncio.to_thread(app.wait_quiet)
    app.send("f8")
    await ready(app, "Copy it to another name")
    app.send("enter")
    await asyncio.to_thread(app.wait_quiet)
    app.send("escape", "escape")
    await ready(app, "does it still answer")
    await ready(app, "/pull qwen3:0.6b")
    harmless(app)
    app.send("ctrl+q")
    assert await asyncio.to_thread(app.wait_exit) == 0
    assert b"Traceback" not in app.raw
    assert scripted.sent_to("/api/chat")


def test_these_tests_would_see_the_hostile_text() -> None:
    raw = HOSTILE.encode()
    assert len(FORBIDDEN.findall(OURS.sub(b"", raw))) > 10
    assert SGR_FROM_TEXT.search(raw)
