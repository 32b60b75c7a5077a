"""No download begins without a question that tells its size and the free disk."""

from __future__ import annotations

import ast
import asyncio
from pathlib import Path

import r1tui
from tests.support.pty_app import PtyApp
from tests.support.script import pull
from tests.support.scripted import ScriptedServer
from tests.support.steps import SIZES, Start, gone, machine_is_read, opened_on, sees

QUESTION = (
    r"Download deepseek-r1:[\w.]+\?[\s\S]*"
    r"(?:It is [\d.]+ GB\.|It is here already \([\d.]+ GB\); only what is new[\s\S]+comes\.)[\s\S]+[\d.,]+ GB[\s\S]+of"
)


async def asked(app: PtyApp) -> None:
    """The question is on the screen."""
    await asyncio.to_thread(app.wait_match, QUESTION)


def pulls(server: ScriptedServer) -> int:
    """How many downloads the server was asked for."""
    return len(server.sent_to("/api/pull"))


@SIZES
async def test_p_in_the_machines_panel_asks_before_it_downloads(
    scripted: ScriptedServer, pty_app: Start, size: tuple[int, int]
) -> None:
    scripted.pulls.append(pull())
    app = await opened_on(pty_app, scripted, size=size)
    app.send("ctrl+g")
    await sees(app, "MACHINE", "◆", "p download")
    app.write("please")
    await asked(app)
    app.send("enter")  # the harmless answer is under the cursor
    await gone(app, "Download deepseek")
    assert pulls(scripted) == 0
    await sees(app, "› lease")
    app.send("ctrl+u", "ctrl+g")
    await sees(app, "p download")
    app.send("p")
    await asked(app)
    app.send("down", "enter")
    await gone(app, "Download deepseek")
    await asyncio.to_thread(app.wait_match, r"deepseek-r1:[\w.]+ is here")
    assert pulls(scripted) == 1


async def test_what_is_here_already_is_not_offered_as_if_it_were_missing(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    scripted.add("deepseek-r1:1.5b")
    app = await opened_on(pty_app, scripted, size=(80, 24))
    app.send("ctrl+o")
    await sees(app, "a add")
    app.send("a")
    await sees(app, "Which model?")
    app.send("DeepSeek-R1:1.5b", "enter")
    await sees(app, "Download deepseek-r1:1.5b?", "here already", "only what is new")


@SIZES
async def test_a_name_in_the_sidebar_is_asked_about(
    scripted: ScriptedServer, pty_app: Start, size: tuple[int, int]
) -> None:
    app = await opened_on(pty_app, scripted, size=size)
    app.send("ctrl+o")
    await sees(app, "a add")
    app.send("a")
    await sees(app, "Which model?")
    app.send("deepseek-r1", "enter")  # without a tag
    await asked(app)
    app.send("escape")
    await gone(app, "Download deepseek")
    app.send("a")
    await sees(app, "Which model?")
    app.send("someone/else:1b", "enter")
    await sees(app, "Download someone/else:1b?", "Its size shows")
    app.send("escape")
    await gone(app, "Download someone")
    assert pulls(scripted) == 0


@SIZES
async def test_enter_in_setup_asks_before_it_downloads(pty_app: Start, size: tuple[int, int]) -> None:
    async with ScriptedServer() as server:
        server.pulls.append(pull())
        app = pty_app("--host", server.url, size=size)
        await asyncio.to_thread(machine_is_read, app)
        app.send("enter")
        await asyncio.to_thread(app.wait_match, QUESTION)
        app.send("escape")
        await gone(app, "Download deepseek")
        assert pulls(server) == 0
        app.send("enter")
        await asyncio.to_thread(app.wait_match, QUESTION)
        app.send("down", "enter")
        await sees(app, "Ask anything")
        assert pulls(server) == 1


def test_one_place_of_the_screens_puts_a_download_into_the_queue() -> None:
    callers = [
        path.name
        for path in Path(r1tui.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "add"
        and ast.unparse(node.func.value).rpartition(".")[2].strip("_") in ("queue", "pulls")
    ]
    assert set(callers) == {"download.py"}
