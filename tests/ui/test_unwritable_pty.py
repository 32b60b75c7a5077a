"""A data folder that cannot be written: the app says so and runs, or every command ends in one sentence."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.mounts import PLACES, read_only
from tests.support.pty_app import PtyApp, clean_env
from tests.support.script import answer
from tests.support.scripted import ScriptedServer
from tests.support.steps import gone, sees

RUNS_IN_MEMORY = ["read-only", "full", "no database file"]


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def holds(folder: Path, text: bytes) -> bool:
    return any(text in file.read_bytes() for file in folder.iterdir() if file.is_file())


def database(folder: Path) -> bytes:
    return (folder / "conversations.db").read_bytes()


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    with PLACES[request.param](tmp_path / "data") as folder:
        yield folder


@pytest.mark.parametrize("command", ["export --all", "import x.json", "ask --save hello"])
async def test_a_command_that_needs_the_store_ends_in_one_sentence(
    tmp_path: Path, place: Path, command: str, scripted: ScriptedServer
) -> None:
    done = await asyncio.to_thread(run, tmp_path, place, command, scripted)
    assert done.returncode in (1, 2)
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("r1tui: ")
    assert str(place) in sentence
    assert scripted.sent_to("/api/chat") == []


def run(
    tmp_path: Path, place: Path, command: str, scripted: ScriptedServer
) -> subprocess.CompletedProcess[str]:
    (tmp_path / "x.json").write_text('{"version": 1, "conversations": []}')
    words = command.split()
    if words[0] in ("ask", "doctor"):
        words += ["--host", scripted.url]
    environment = clean_env(tmp_path / "home", R1TUI_DATA_DIR=str(place))
    return subprocess.run(
        [sys.executable, "-m", "r1tui", *words],
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": os.getcwd()},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("where", RUNS_IN_MEMORY)
async def test_doctor_tells_of_the_machine_all_the_same(
    tmp_path: Path, where: str, scripted: ScriptedServer
) -> None:
    with PLACES[where](tmp_path / "data") as place:
        done = await asyncio.to_thread(run, tmp_path, place, "doctor", scripted)
    assert done.returncode in (0, 1)
    assert "Traceback" not in done.stderr
    assert scripted.url in done.stdout


@pytest.mark.parametrize("where", RUNS_IN_MEMORY)
async def test_the_app_says_that_nothing_is_saved_shows_it_and_runs(
    tmp_path: Path, where: str, scripted: ScriptedServer, pty_app: Callable[..., PtyApp]
) -> None:
    scripted.answers.append(answer("forty-two is it"))
    with PLACES[where](tmp_path / "data") as place:
        before = names(place)
        app = pty_app("--host", scripted.url, size=(100, 30), env={"R1TUI_DATA_DIR": str(place)})
        await sees(app, "in memory", "NOT SAVED")
        app.send("what is it", "enter")
        await sees(app, "forty-two is it")
        app.send("ctrl+n")
        await gone(app, "forty-two is it")
        await sees(app, "NOT SAVED")
        app.send("ctrl+q")
        assert await asyncio.to_thread(app.wait_exit) == 0
        assert names(place) == before or where != "read-only"
        assert not holds(place, b"forty-two")


async def test_the_app_ends_in_one_sentence_where_a_file_is_the_folder(
    tmp_path: Path, scripted: ScriptedServer, pty_app: Callable[..., PtyApp]
) -> None:
    with PLACES["a file"](tmp_path / "data") as place:
        app = pty_app("--host", scripted.url, env={"R1TUI_DATA_DIR": str(place)})
        assert await asyncio.to_thread(app.wait_exit) != 0
    assert "Traceback" not in app.screen_text()
    assert "R1TUI_DATA_DIR" in app.screen_text()


async def test_what_a_read_only_folder_holds_is_there_to_read_and_left_as_it_is(
    tmp_path: Path, scripted: ScriptedServer, pty_app: Callable[..., PtyApp]
) -> None:
    place = tmp_path / "data"
    scripted.answers.append(answer("kept from before"))
    app = pty_app("--host", scripted.url, size=(100, 30), env={"R1TUI_DATA_DIR": str(place)})
    await sees(app, "deepseek-r1")
    app.send("first", "enter")
    await asyncio.to_thread(app.wait_answers, 1)
    app.send("ctrl+q")
    assert await asyncio.to_thread(app.wait_exit) == 0
    before = database(place)
    with read_only(place):
        again = pty_app("--host", scripted.url, size=(100, 30), env={"R1TUI_DATA_DIR": str(place)})
        await asyncio.to_thread(again.wait_for, "NOT SAVED")
        again.send("f6")
        await asyncio.to_thread(again.wait_for, "first", "Today")
        again.send("enter")
        await asyncio.to_thread(again.wait_for, "kept from before")
        again.send("ctrl+q")
        assert await asyncio.to_thread(again.wait_exit) == 0, again.screen_text()
    assert database(place) == before
