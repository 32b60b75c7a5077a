"""Without what leans on private parts of Textual and Rich the app costs more bytes, and nothing is broken."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from r1tui.toolkit import patches
from tests.support.script import answer
from tests.support.scripted import ScriptedServer
from tests.support.steps import SCRIPTED_MODEL, Start, gone, quiet, sees

WITHOUT = """
import atexit, json, sys
for name in {names!r}:
    sys.modules["r1tui.toolkit.patches." + name] = None  # whoever imports it gets an ImportError
from r1tui.cli import main
from r1tui.toolkit.patches import apply
atexit.register(lambda: open({report!r}, "w").write(json.dumps(apply())))
sys.exit(main())
"""
HOSTILE = "before \x1b]0;PWNED\x07 after"


@pytest.mark.parametrize("refused", [patches.names(), *([name] for name in patches.names())], ids=" ".join)
async def test_a_conversation_is_walked_by_keys_without_a_patch_and_without_any(
    refused: list[str], scripted: ScriptedServer, pty_app: Start, tmp_path: Path
) -> None:
    report = tmp_path / "refused.json"
    code = WITHOUT.format(names=refused, report=str(report))
    app = pty_app("--host", scripted.url, python=("-c", code))
    await sees(app, SCRIPTED_MODEL)
    scripted.answers.append(answer(f"The **first** answer. {HOSTILE}", "Some thoughts.", rate=200))
    app.paste("A question\nof two lines")
    await sees(app, "of two lines")
    app.send("enter")
    await asyncio.to_thread(app.wait_answers, 1)
    await sees(app, "The first answer", "after")
    app.send("ctrl+p")
    await sees(app, "What do you want to do?")
    app.write("xyzzy")
    await sees(app, "No command of this name")
    app.send("escape")
    await gone(app, "xyzzy")
    app.send("ctrl+up")
    await quiet(app)
    app.send("y")  # one notice in the place of another, or two
    await sees(app, "clipboard")
    app.send("y")
    await quiet(app)
    app.send("f1")
    await gone(app, "The first answer")
    app.send("escape")
    await sees(app, "The first answer")
    scripted.answers.append(answer("The second answer."))
    app.paste("Another question")
    await sees(app, "Another question")
    app.send("enter")
    await asyncio.to_thread(app.wait_answers, 2)
    await sees(app, "The second answer")
    app.resize(100, 30)
    await sees(app, "The second answer", SCRIPTED_MODEL)
    assert b"]0;PWNED\x07" not in app.raw
    app.send("ctrl+q")
    assert await asyncio.to_thread(app.wait_exit) == 0
    assert set(json.loads(report.read_text())) == set(refused)
