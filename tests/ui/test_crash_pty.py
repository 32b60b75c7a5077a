"""A fault of the app's own: the prompt, the draft and the answer outlive it, and a report says what it was."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import patience
from tests.support.pty_app import PtyApp, clean_env
from tests.support.script import Answer, Gate, Say, Think
from tests.support.scripted import ScriptedServer
from tests.support.steps import sees

FAULTS = {
    "the prompt": "from r1tui.widgets.prompt import Prompt as C; C.action_cursor_up = broken",
    "the screen": "from r1tui.screens.chat.screen import ChatScreen as C; C.on_prompt_bare = C.action_boom = broken;"
    "from r1tui.widgets.prompt import Prompt as P;"
    "P.action_cursor_up = lambda self, select=False: self.screen.call_later(self.screen.action_boom)",
    "a line of the page": "from r1tui.widgets.prompt import Prompt as C; from r1tui.widgets.title_bar import TitleBar as B;"
    "C.action_cursor_up = lambda self, select=False:"
    " (setattr(B, 'render_line', broken), self.screen.query_one(B).refresh())",
    "a worker": "from r1tui.widgets.prompt import Prompt as C; C.action_cursor_up = lambda self, select=False:"
    " self.app.run_worker(later())",
    "a watcher": "from r1tui.widgets.prompt import Prompt as C; C.action_cursor_up = lambda self, select=False:"
    " (self.screen.session.generation.watchers.append(broken), open(os.environ['HOME'] + '/watched', 'w').close())",
}
MAIN = """
import os, sys
def broken(*args, **named):
    raise RuntimeError('boom \\x1b]0;PWNED\\x07 https://me:pa55word@host/ ' + 'Bearer 0123456789')
async def later():
    broken()
{fault}
from r1tui.cli import main
sys.exit(main())
"""


@pytest.fixture
def broken_app(tmp_path: Path) -> Iterator[Callable[..., PtyApp]]:
    """R1TUI with a fault that Up brings about."""
    started: list[PtyApp] = []

    def start(fault: str, *args: str) -> PtyApp:
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        app = PtyApp([sys.executable, "-c", MAIN.replace("{fault}", fault), *args], env=clean_env(home))
        started.append(app)
        return app

    yield start
    for app in started:
        app.close()


@pytest.mark.parametrize("place", FAULTS)
async def test_prompt_draft_and_answer_outlive_a_fault(
    scripted: ScriptedServer, broken_app: Callable[..., PtyApp], tmp_path: Path, place: str
) -> None:
    between, gate = Gate(), Gate()
    scripted.answers.append(
        Answer([Think("thoughts"), Say("first"), between, Say(" half"), gate, Say(" second half.")])
    )
    app = broken_app(FAULTS[place], "--host", scripted.url)
    await sees(app, "deepseek-r1:1.5b")
    app.send("my question", "enter")
    await sees(app, "first")
    app.send("my draft")
    await sees(app, "my draft")
    app.send("up")
    if place == "a watcher":  # it fails with what comes next
        async with asyncio.timeout(patience.SECONDS):
            while not (tmp_path / "home" / "watched").exists():  # noqa: ASYNC110  # another process makes it
                await asyncio.sleep(0.02)
        between.opened.set()
    assert await asyncio.to_thread(app.wait_exit, 30) == 1
    told = bytes(app.raw).decode()
    (path,) = (tmp_path / "home" / "data" / "crashes").iterdir()
    assert str(path) in "".join(told.split("\r\n"))
    report = path.read_text()
    assert "RuntimeError: boom ␛]0;PWNED␇" in report
    assert "pa55word" not in report
    assert "0123456789" not in report
    assert "Traceback" not in told
    assert app.cooked
    between.opened.set()
    gate.opened.set()
    again = broken_app("", "--host", scripted.url)
    await asyncio.to_thread(again.wait_for, "my question", "first half second half.", "my draft")


async def test_a_report_that_cannot_be_written_loses_nothing_either(
    scripted: ScriptedServer, broken_app: Callable[..., PtyApp], tmp_path: Path
) -> None:
    app = broken_app(FAULTS["the prompt"], "--host", scripted.url)
    await sees(app, "deepseek-r1:1.5b")
    (tmp_path / "home" / "data" / "crashes").write_text("a file where the folder should be")
    app.send("my draft")
    await sees(app, "my draft")
    app.send("up")
    assert await asyncio.to_thread(app.wait_exit, 30) == 1
    assert "No report could be written" in " ".join(bytes(app.raw).decode().split())
    again = broken_app("", "--host", scripted.url)
    await asyncio.to_thread(again.wait_for, "my draft")
