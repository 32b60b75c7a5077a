"""`r1tui --attach FILE` at 80x24: the file goes with the first question, and its line in the transcript opens."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from r1tui.services.container import DATABASE
from tests.support import patience
from tests.support.pty_app import PtyApp
from tests.support.script import answer
from tests.support.scripted import ScriptedServer


@pytest.mark.parametrize(
    ("language", "reckoned", "counted", "refused"),
    [
        (
            "en_GB.UTF-8",
            r"notes\.md +26 B +~\d+ tokens",
            "notes.md · 2 lines · 18 tokens",
            "“absent.md” was not attached",
        ),
        (
            "zh_CN.UTF-8",
            r"notes\.md +26 B +约 ?\d+ 个词元",
            "notes.md · 2 行 · 18 个词元",
            "“absent.md”没有附上",
        ),
    ],
)
async def test_a_file_of_the_command_line_goes_with_the_first_question(
    pty_app: Callable[..., PtyApp],
    scripted: ScriptedServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    reckoned: str,
    counted: str,
    refused: str,
) -> None:
    scripted.answers.append(answer("In May."))
    notes = tmp_path / "notes.md"
    notes.write_text("May 3: heron\nMay 4: egret\n")
    app = pty_app(
        "--host", scripted.url, "--attach", str(notes), "--attach", "absent.md", env={"LANG": language}
    )
    await asyncio.to_thread(app.wait_for, "deepseek-r1", refused)
    await asyncio.to_thread(app.wait_match, reckoned)
    await asyncio.to_thread(app.send, "Which dates?", "enter")
    await asyncio.to_thread(app.wait_for, "In May.", f"▸ {counted}")
    assert scripted.sent_to("/api/chat")[-1].json["messages"][-1]["content"].startswith("[file name]: ")
    await asyncio.to_thread(app.send, "tab")
    await asyncio.to_thread(app.wait_for, "› deepseek")
    await asyncio.to_thread(app.send, "k")
    await asyncio.to_thread(app.wait_for, "│ ▸ notes.md")
    await asyncio.to_thread(app.send, "enter")
    await asyncio.to_thread(app.wait_for, f"▾ {counted}", "May 3: heron", "May 4: egret")
    await asyncio.to_thread(app.send, "enter")
    await asyncio.to_thread(app.wait_gone, "May 3: heron")


def drafted(database: Path) -> bool:
    """Whether a draft on the disk refers to an attachment."""
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as store:
            return bool(store.execute("SELECT 1 FROM draft WHERE attachments IS NOT NULL").fetchall())
    except sqlite3.OperationalError:  # it is not there yet
        return False


async def test_a_kill_loses_nothing_that_was_attached(
    pty_app: Callable[..., PtyApp], scripted: ScriptedServer, tmp_path: Path
) -> None:
    notes = tmp_path / "notes.md"
    notes.write_text("May 3: heron\n")
    app = pty_app("--host", scripted.url, "--attach", str(notes))
    await asyncio.to_thread(app.wait_for, "deepseek-r1")
    database = app.data / DATABASE
    async with asyncio.timeout(patience.SECONDS):
        while not await asyncio.to_thread(drafted, database):  # noqa: ASYNC110  # another process writes it
            await asyncio.sleep(0.05)
    await asyncio.to_thread(app.kill)
    notes.unlink()
    again = pty_app("--host", scripted.url)
    await asyncio.to_thread(again.wait_for, "deepseek-r1")
    await asyncio.to_thread(again.send, "Which dates?", "enter")
    await asyncio.to_thread(again.wait_for, "▸ notes.md · 1 line", "The answer is 4.")
    assert "May 3: heron" in scripted.sent_to("/api/chat")[-1].json["messages"][-1]["content"]
