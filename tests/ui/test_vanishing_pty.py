"""Files and terminals that vanish, or become something else, below the running app: it says so where it needs them, and
nothing is lost.
"""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil
import pytest

from r1tui.services.attachments import shown_name
from tests.support import patience
from tests.support.processes import wait_ended, working_in
from tests.support.pty_app import PtyApp
from tests.support.script import Answer, Gate, Hang, Pause, Say, answer
from tests.support.scripted import ScriptedServer
from tests.support.steps import Start, answered, begun_answer, opened_on, quiet, sees


def folder_of_files(path: Path) -> None:
    """Each file of a folder made a folder."""
    for file in path.iterdir():
        file.unlink()
        (file / "x").mkdir(parents=True)


DATABASE = [f"conversations.db{ending}" for ending in ("", "-wal", "-shm")]
SMALL = ["calibration.json", "pulls.json", "ollama-server.json", "ollama-server.users", "ollama.log"]


async def left_well(app: PtyApp, tmp_path: Path) -> bool:
    """Whether the app goes through some of its pages and then ends as it does when nothing is wrong."""
    for key in ("f8", "escape", "f6", "escape", "ctrl+n"):
        app.send(key)
        await quiet(app)
    app.send("ctrl+q")
    code = await asyncio.to_thread(app.wait_exit)
    return code == 0 and "crashes" not in os.listdir(tmp_path / "data")


async def test_conversations_that_were_moved_away_are_missed_and_go_on_once_they_are_back(
    tmp_path: Path, scripted: ScriptedServer, pty_app: Start
) -> None:
    data = tmp_path / "data"
    app = await opened_on(pty_app, scripted, size=(110, 34), env={"R1TUI_DATA_DIR": str(data)})
    await answered(app, scripted, "The first answer.", "Thoughts.")
    moved = [(data / name, tmp_path / name) for name in DATABASE if (data / name).exists()]
    for here, there in moved:
        here.rename(there)
    app.paste("And now")
    app.send("enter")
    await sees(app, "while R1TUI runs", "And now")
    for here, there in moved:
        there.rename(here)
    scripted.answers.append(answer("The second answer.", "More thoughts."))
    app.send("enter")
    await sees(app, "The second answer.")
    await asyncio.to_thread(app.wait_answers, 2)
    assert await left_well(app, tmp_path)


@pytest.mark.parametrize("change", [shutil.rmtree, folder_of_files])
async def test_a_data_folder_that_is_gone_is_said_and_ends_nothing(
    tmp_path: Path, scripted: ScriptedServer, pty_app: Start, change: Callable[[Path], None]
) -> None:
    data = tmp_path / "data"
    app = await opened_on(pty_app, scripted, size=(110, 34), env={"R1TUI_DATA_DIR": str(data)})
    await answered(app, scripted, "The first answer.", "Thoughts.")
    change(data)
    app.paste("And now")
    app.send("enter")
    await sees(app, "while R1TUI runs", "And now")
    data.mkdir(exist_ok=True)
    assert await left_well(app, tmp_path)


async def test_pipes_in_the_place_of_small_files_hold_nobody_up(
    tmp_path: Path, scripted: ScriptedServer, pty_app: Start
) -> None:
    data = tmp_path / "data"
    app = await opened_on(pty_app, scripted, size=(110, 34), env={"R1TUI_DATA_DIR": str(data)})
    for name in SMALL:
        (data / name).unlink(missing_ok=True)
        os.mkfifo(data / name)
    await answered(app, scripted, "The first answer.", "Thoughts.")
    assert await left_well(app, tmp_path)


async def test_a_folder_that_the_app_was_started_in_and_is_gone_ends_nothing(
    tmp_path: Path, scripted: ScriptedServer, pty_app: Start
) -> None:
    folder, home = tmp_path / "work", tmp_path / "home"
    folder.mkdir()
    app = await opened_on(pty_app, scripted, size=(110, 34), cwd=folder)
    await answered(app, scripted, "The first answer.", "Thoughts.")
    folder.rmdir()
    (home / "notes.txt").write_text("some notes")
    app.send("@")
    await sees(app, "notes.txt")
    app.send("enter")
    await sees(app, "notes.txt")
    app.send("f6")
    await sees(app, "Today")
    app.send("e")
    await quiet(app)
    app.send("enter")
    await asyncio.to_thread(app.wait_until, lambda: list(home.glob("*.md")), "the exported file")
    app.send("escape", "ctrl+q")
    assert await asyncio.to_thread(app.wait_exit) == 0


@pytest.mark.parametrize("name", ["/dev/null", "notes.txt"])
def test_a_name_is_shown_where_the_present_folder_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "getcwd", gone)
    assert shown_name(Path(name)) == Path(name).name


def gone() -> str:
    raise FileNotFoundError


def stored(app: PtyApp) -> None:
    """Wait until its answer has ended on the disk, behind its terminal."""
    end = time.monotonic() + patience.SECONDS
    while not app.answers():
        assert time.monotonic() < end
        time.sleep(0.05)


async def test_an_answer_that_ends_as_the_terminal_hangs_up_is_what_the_next_start_shows(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    app = await opened_on(pty_app, scripted)
    gate = await begun_answer(app, scripted)
    os.kill(app.pid, signal.SIGSTOP)  # so that the end of the answer waits for it before the signal does
    gate.opened.set()
    await asyncio.sleep(0.5)
    app.hang_up()
    os.kill(app.pid, signal.SIGCONT)
    again = await opened_on(pty_app, scripted)
    await sees(again, "The beginning and the end.")


@pytest.mark.parametrize("files", ["none", "as many as are open"])
async def test_an_answer_goes_on_behind_a_terminal_that_hangs_up_when_no_file_can_be_opened(
    files: str, scripted: ScriptedServer, pty_app: Start
) -> None:
    app = await opened_on(pty_app, scripted)
    gate = await begun_answer(app, scripted)
    limit = 3 if files == "none" else len(os.listdir(f"/proc/{app.pid}/fd"))
    resource.prlimit(app.pid, resource.RLIMIT_NOFILE, (limit, limit))
    app.hang_up()
    again = await opened_on(pty_app, scripted)
    await sees(again, "The beginning", "Esc stop")
    gate.opened.set()
    await sees(again, "The beginning and the end.")


async def test_ctrl_c_in_the_moment_of_leaving_does_not_end_what_goes_on(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    app = await opened_on(pty_app, scripted)
    gate = await begun_answer(app, scripted)
    app.send("ctrl+q")
    await sees(app, "in the background")
    app.send("enter")
    while app.process.poll() is None:
        app.kill(signal.SIGINT)
        await asyncio.sleep(0.01)
    gate.opened.set()
    again = await opened_on(pty_app, scripted)
    await sees(again, "The beginning and the end.")


async def test_an_answer_is_shown_by_each_start_until_its_end_was_seen(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    gate = Gate()
    scripted.answers.append(Answer([Say("The beginning "), gate, Say("and the end.")]))
    app = await opened_on(pty_app, scripted)
    app.send("Tell me", "enter")
    for _ in range(2):
        await sees(app, "The beginning", "Esc stop")
        app.hang_up()
        await asyncio.to_thread(app.wait_exit)
        app = await opened_on(pty_app, scripted)
    await sees(app, "The beginning", "Esc stop")
    app.hang_up()
    gate.opened.set()
    await asyncio.to_thread(stored, app)
    again = await opened_on(pty_app, scripted)
    await sees(again, "The beginning and the end.")


async def test_an_answer_whose_end_was_seen_is_not_opened_again(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    app = await opened_on(pty_app, scripted)
    gate = await begun_answer(app, scripted)
    app.hang_up()
    again = await opened_on(pty_app, scripted)
    await sees(again, "The beginning", "Esc stop")
    gate.opened.set()
    await sees(again, "The beginning and the end.")
    await asyncio.to_thread(again.wait_gone, "Esc stop")
    again.send("ctrl+q")
    await asyncio.to_thread(again.wait_exit)
    third = await opened_on(pty_app, scripted)
    await quiet(third)
    assert "The beginning" not in third.screen_text()


@pytest.mark.parametrize("how", ["killed", "hung up"])
async def test_what_came_of_an_answer_to_ask_is_stored_when_it_is_told_to_end(
    how: str, scripted: ScriptedServer, pty_app: Start
) -> None:
    scripted.answers.append(Answer([Say("The beginning "), Pause(1.5), Say("and more"), Hang()]))
    app = pty_app("ask", "--save", "--host", scripted.url, "Tell me")
    await sees(app, "and more")
    if how == "killed":
        app.kill(signal.SIGTERM)
    else:
        app.hang_up()
    await asyncio.to_thread(app.wait_exit)
    (kept,) = app.stored("SELECT status || ': ' || content FROM message WHERE role = 'assistant'")
    assert kept == "stopped: The beginning and more"


TAKEN = b"\x1b[?1049h"
"""What an app sends when it takes the terminal."""


def is_stopped(app: PtyApp) -> bool:
    return psutil.Process(app.pid).status() == psutil.STATUS_STOPPED


def drawn_since(app: PtyApp) -> bool:
    """Whether the page was sent since the terminal, whose other screen is empty, was taken last."""
    since = app.raw[app.raw.rfind(TAKEN) :]
    return b"DeepSeek-R1 on your own machine" in since and b"commands" in since


def taken_again(app: PtyApp, before: int) -> bool:
    """Once more than `before`, and not echoing what is typed any more."""
    return app.raw.count(TAKEN) > before and not app.cooked


COUNTED = """
import sys, threading
began, most = threading.Thread.start, 0
def start(thread):
    global most
    began(thread)
    most = max(most, sum(each.name == "textual-input" for each in threading.enumerate()))
    open({report!r}, "w").write(str(most))
threading.Thread.start = start
from r1tui.cli import main
sys.exit(main())
"""
"""R1TUI, which writes how many threads have read the keyboard at once."""


def answers(app: PtyApp) -> list[str]:
    return app.stored(
        "SELECT status || ': ' || content FROM message WHERE role = 'assistant' ORDER BY number"
    )


@pytest.mark.parametrize("before", ["", "hung up"])
@pytest.mark.parametrize("mode", ["", "plain"])
async def test_a_shutdown_waits_for_nothing_and_finds_what_came_on_the_disk(
    mode: str, before: str, scripted: ScriptedServer, pty_app: Start, tmp_path: Path
) -> None:
    app = pty_app(*filter(None, [mode]), "--host", scripted.url)
    await sees(app, "/help" if mode else "Ask anything", "deepseek-r1")
    await begun_answer(app, scripted)
    os.killpg(app.pid, signal.SIGSTOP)  # so that it finds both signals
    if before:
        os.killpg(app.pid, signal.SIGHUP)
    os.killpg(app.pid, signal.SIGTERM)  # once to each process that there is, as systemd does
    os.killpg(app.pid, signal.SIGCONT)
    assert await asyncio.to_thread(app.wait_exit) == 0
    assert not working_in(tmp_path / "home")
    assert answers(app) == ["interrupted: The beginning "]
    again = await opened_on(pty_app, scripted)
    await sees(again, "The beginning", "interrupted", "F5 continue")


@pytest.mark.parametrize("stopped", [None, signal.SIGSTOP, signal.SIGTSTP])
async def test_an_app_that_is_continued_reads_its_keys_once_and_leaves_the_terminal_as_it_was(
    stopped: signal.Signals | None, scripted: ScriptedServer, pty_app: Start, tmp_path: Path
) -> None:
    report = tmp_path / "readers"
    app = pty_app("--host", scripted.url, python=("-c", COUNTED.format(report=str(report))))
    await sees(app, "Ask anything", "deepseek-r1")
    for text in ("first ", "second ", "third "):
        if stopped is not None:
            app.kill(stopped)
            await asyncio.to_thread(app.wait_until, partial(is_stopped, app), "stopped")
        taken = app.raw.count(TAKEN)
        app.kill(signal.SIGCONT)
        await asyncio.to_thread(app.wait_until, partial(taken_again, app, taken), "taken up again")
        await asyncio.to_thread(app.wait_until, partial(drawn_since, app), "drawn again")
        app.send(*text)
        await sees(app, text.strip())
    await sees(app, "first second third")
    app.send("ctrl+u", "ctrl+q")
    assert await asyncio.to_thread(app.wait_exit) == 0
    assert report.read_text() == "1"
    assert app.cooked


IN_THE_BACKGROUND = """
import os, signal, sys
job = os.fork()
if job == 0:
    os.setpgid(0, 0)
    os.execv(sys.executable, [sys.executable, "-m", "r1tui", *sys.argv[1:]])
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
os.waitpid(job, os.WUNTRACED)
print("$ fg", flush=True)
os.tcsetpgrp(0, job)
os.killpg(job, signal.SIGCONT)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(job, 0)[1]))
"""
"""A shell that begins R1TUI in the background, where it is stopped, and then brings it to the front."""


async def test_an_app_that_was_begun_in_the_background_shows_once_it_is_in_front(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    app = pty_app("--host", scripted.url, python=("-c", IN_THE_BACKGROUND))
    await sees(app, "Ask anything", "deepseek-r1")
    assert b"$ fg" in app.raw
    app.send(*"first")
    await sees(app, "first")
    app.send("ctrl+u", "ctrl+q")
    assert await asyncio.to_thread(app.wait_exit) == 0


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGHUP])
async def test_an_end_with_a_continuation_behind_it_as_systemd_and_shells_send_it_ends_the_app(
    end: signal.Signals, scripted: ScriptedServer, pty_app: Start, tmp_path: Path
) -> None:
    app = await opened_on(pty_app, scripted)
    await begun_answer(app, scripted)
    os.killpg(app.pid, end)
    os.killpg(app.pid, signal.SIGCONT)
    assert await asyncio.to_thread(app.wait_exit) == 0
    left = working_in(tmp_path / "home")
    for each in left:  # what goes on after the hang-up is ended in the same way
        each.terminate()
        each.resume()
    await asyncio.to_thread(wait_ended, [each.pid for each in left])
    assert answers(app) == ["interrupted: The beginning "]


async def test_a_shutdown_waits_for_no_vote_which_can_be_gone_on_with(
    scripted: ScriptedServer, pty_app: Start, tmp_path: Path
) -> None:
    app = await opened_on(pty_app, scripted)
    scripted.answers += [answer("It is \\boxed{4}."), Answer([Say("The beginning "), Hang()])]
    app.paste("2 plus 2?")
    await sees(app, "2 plus 2?")
    app.send("alt+v")
    await sees(app, "Up to 5 times")
    app.send("enter")
    await sees(app, "Vote · 1 of 5", "sample 2 of 5")
    os.killpg(app.pid, signal.SIGTERM)
    assert await asyncio.to_thread(app.wait_exit) == 0
    assert not working_in(tmp_path / "home")
    again = await opened_on(pty_app, scripted)
    await sees(again, "Vote · 1 of 5", "F5 goes on with the 4 that are missing")


@pytest.mark.parametrize("end", ["hung up", "killed", "left and quit"])
async def test_what_a_question_was_being_changed_to_is_there_after_the_end_of_the_app(
    end: str, scripted: ScriptedServer, pty_app: Start
) -> None:
    async def edit(app: PtyApp) -> None:
        app.send("ctrl+up", "ctrl+up", "e")
        await sees(app, "Change the question")

    app = await opened_on(pty_app, scripted)
    await answered(app, scripted, "Four.", question="What is two")
    await edit(app)
    app.write(" plus two")
    await sees(app, "What is two plus two")
    if end == "killed":
        edits = "SELECT text FROM draft"
        await asyncio.to_thread(app.wait_until, lambda: app.stored(edits) == ["What is two plus two"], edits)
        app.kill()
    elif end == "hung up":
        app.hang_up()
    else:
        app.send("escape")
        await sees(app, "Your changes are kept")
        app.send("ctrl+q")
    await asyncio.to_thread(app.wait_exit)
    again = await opened_on(pty_app, scripted)
    again.send("f6")
    await sees(again, "Today", "What is two")
    again.send("enter")
    await sees(again, "Four.")
    await edit(again)
    await sees(again, "What is two plus two")
    scripted.answers.append(answer("It is four."))
    again.send("enter")
    await sees(again, "It is four.")
    await asyncio.to_thread(again.wait_until, lambda: not again.stored("SELECT text FROM draft"), "no draft")
