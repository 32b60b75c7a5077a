"""Importing in the app: how far it is shows, Esc stops it, what was taken stays, and what was wrong is named."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from r1tui.services.container import DATABASE
from tests.real.test_conversations_pty import command
from tests.support import big_export
from tests.support.pty_app import PtyApp, clean_env
from tests.support.scripted import ScriptedServer
from tests.support.shown_notices import wait_said

pytestmark = pytest.mark.real


def stored(home: Path) -> int:
    """How many conversations the store has."""
    with closing(sqlite3.connect(Path(clean_env(home)["R1TUI_DATA_DIR"]) / DATABASE)) as database:
        (count,) = database.execute("SELECT count(*) FROM conversation").fetchone()
    return int(count)


async def test_an_import_shows_how_far_it_is_and_esc_stops_it_keeping_what_was_taken(
    scripted: ScriptedServer, tmp_path: Path, pty_app: Callable[..., PtyApp]
) -> None:
    home = tmp_path / "home"
    path = tmp_path / "export.json"
    big_export.write(path, 60 * 1024**2)
    whole = 60 * 1024**2 // (64 * 1024) // 2

    def use() -> None:
        app = pty_app("--host", scripted.url, folder=home, size=(100, 30))
        app.wait_for("Ask anything", "deepseek-r1", timeout=60)
        command(app, "Import conversations from a file", "File to import")
        app.write(str(path))
        app.wait_for("export.json")
        app.send("enter")
        app.wait_match(r"\d+ % · [1-9]\d* imported", timeout=120)
        app.send("escape")
        app.wait_for("The import was stopped", timeout=60)
        app.wait_gone("Esc stops")
        app.write("still here")
        app.wait_for("still here")

    await asyncio.to_thread(use)
    assert 0 < stored(home) < whole


async def test_an_import_names_what_was_wrong_and_tells_the_count(
    scripted: ScriptedServer, tmp_path: Path, pty_app: Callable[..., PtyApp]
) -> None:
    home = tmp_path / "home"
    path = tmp_path / "export.json"
    good = json.dumps({"title": "Good", "messages": [{"role": "user", "content": "x"}]})
    path.write_text(f'[{good}, {{"title": "Bad one", oops}}]')

    def use() -> None:
        app = pty_app("--host", scripted.url, folder=home, size=(100, 30))
        app.wait_for("Ask anything", "deepseek-r1", timeout=60)
        command(app, "Import conversations from a file", "File to import")
        app.write(str(path))
        app.wait_for("export.json")
        app.send("enter")
        wait_said(app, "Entry 2 “Bad one”", "1 imported, 0 known already, 1 unreadable", timeout=60)

    await asyncio.to_thread(use)
    assert stored(home) == 1
