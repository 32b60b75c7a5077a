"""A person who looks elsewhere is told by the terminal that an answer or a download has ended."""

from __future__ import annotations

import asyncio
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from r1tui.screens.chat import attention
from tests.support import patience
from tests.support.pty_app import PtyApp, clean_env
from tests.support.script import Answer, Gate, Say, Think, answer, pull
from tests.support.scripted import ScriptedServer
from tests.support.steps import SCRIPTED_MODEL, Start, answered, opened_on, quiet, sees

FOCUS_IN, FOCUS_OUT = "\x1b[I", "\x1b[O"
SLOW = 4
"""Tokens a second at which an answer of a dozen words takes seconds."""
WORDS = "One two three four five six seven eight nine ten eleven twelve."


def settings(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "home" / "config"
    folder.mkdir(parents=True, mode=0o700)
    (folder / "settings.toml").write_text(f"[notify]\n{text}\n")


def bells(app: PtyApp) -> int:
    """How often the bell rang; the one that ends a string is none."""
    return re.sub(rb"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)", b"", app.raw).count(b"\a")


async def test_the_bell_rings_when_no_key_came_for_long(
    scripted: ScriptedServer, pty_app: Start, tmp_path: Path
) -> None:
    settings(tmp_path, "after = 1")
    app = await opened_on(pty_app, scripted)
    await answered(app, scripted, WORDS, rate=SLOW)
    await asyncio.to_thread(app.wait_until, lambda: bells(app), "waiting for the bell")
    assert bells(app) == 1
    await asyncio.to_thread(app.wait_title_like, r"✓ The answer is there, after \d+ s – R1TUI")
    app.send("x")
    await asyncio.to_thread(app.wait_title, "R1TUI")


async def test_a_quick_answer_is_not_told(scripted: ScriptedServer, pty_app: Start, tmp_path: Path) -> None:
    settings(tmp_path, "after = 600")
    app = await opened_on(pty_app, scripted)
    app.write(FOCUS_OUT)
    await answered(app, scripted, WORDS)
    assert not bells(app)


async def test_a_terminal_that_has_told_its_focus_is_believed(
    scripted: ScriptedServer, pty_app: Start, tmp_path: Path
) -> None:
    settings(tmp_path, "after = 1")
    app = await opened_on(pty_app, scripted)
    app.write(FOCUS_IN)
    await answered(app, scripted, WORDS, rate=SLOW)
    assert not bells(app), "somebody looks"
    app.write(FOCUS_OUT)
    await answered(app, scripted, WORDS, rate=SLOW)
    await asyncio.to_thread(app.wait_until, lambda: bells(app), "waiting for the bell")


@pytest.mark.parametrize("text", ["after = 0", 'after = 1\nhow = "off"'])
async def test_who_wants_no_signal_gets_none(
    scripted: ScriptedServer, pty_app: Start, tmp_path: Path, text: str
) -> None:
    settings(tmp_path, text + "\ntitle = false")
    app = await opened_on(pty_app, scripted)
    app.write(FOCUS_OUT)
    await answered(app, scripted, WORDS, rate=SLOW)
    assert not bells(app)
    assert b"\x1b]2;" not in app.raw


async def test_an_answer_that_was_stopped_is_not_told(
    scripted: ScriptedServer, pty_app: Start, tmp_path: Path
) -> None:
    settings(tmp_path, "after = 1")
    app = await opened_on(pty_app, scripted)
    app.write(FOCUS_OUT)
    scripted.answers.append(answer("word " * 4000, rate=10))
    app.paste("Tell me")
    app.send("enter")
    await sees(app, "word word word word word word word word word word word word")
    app.write(FOCUS_OUT)
    app.send("escape")
    await sees(app, "stopped")
    await quiet(app)
    assert not bells(app)


async def test_the_users_command_gets_the_sentence_and_one_that_fails_is_said(
    scripted: ScriptedServer, pty_app: Start, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    script = tmp_path / "tell"
    script.write_text(f'#!/bin/sh\nprintf %s "$1" > {told}.new && mv {told}.new {told}\n')
    script.chmod(0o755)
    settings(tmp_path, f'after = 1\nhow = "osc9"\ncommand = "{script}"')
    app = await opened_on(pty_app, scripted)
    app.write(FOCUS_OUT)
    await answered(app, scripted, WORDS, rate=SLOW)
    await asyncio.to_thread(app.wait_raw, b"\x1b]9;The answer is there, after ")
    deadline = asyncio.get_running_loop().time() + patience.SECONDS
    while not told.exists():
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.02)
    assert told.read_text().startswith("The answer is there, after ")
    script.unlink()
    await answered(app, scripted, WORDS, rate=SLOW)
    await sees(app, "failed: ")


async def test_the_title_says_what_goes_on_and_is_given_back(
    scripted: ScriptedServer, pty_app: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = await opened_on(pty_app, scripted)
    await quiet(app)
    assert b"\x1b]2;" not in app.raw, "idle costs nothing"
    gate = Gate()
    scripted.answers.append(Answer([Think("Hm."), gate, Say("Yes.")]))
    app.paste("Tell me")
    app.send("enter")
    await asyncio.to_thread(app.wait_title_like, "● thinking 0:.* – R1TUI")
    assert app.raw.count(b"\x1b]2;") == 1 + app.raw.count(b"\x1b]2;\xe2\x97\x8f thinking 1:")
    gate.opened.set()
    await asyncio.to_thread(app.wait_title_like, "✓ .* – R1TUI")
    app.send("ctrl+q")
    await asyncio.to_thread(app.wait_exit)
    assert app.raw.count(b"\x1b[22;2t") == app.raw.count(b"\x1b[23;2t") == 1
    assert app.raw.rindex(b"\x1b[23;2t") > app.raw.rindex(b"\x1b]2;")


async def test_a_download_that_ends_is_told_by_name(
    scripted: ScriptedServer, pty_app: Start, tmp_path: Path
) -> None:
    settings(tmp_path, 'after = 1\nhow = "osc777"')
    gate = Gate()
    script = pull()
    script.steps.insert(1, gate)
    scripted.pulls.append(script)
    app = await opened_on(pty_app, scripted)
    app.write(FOCUS_OUT)
    app.send("ctrl+o", "a")
    await sees(app, "Which model?")
    app.write("tiny:1b")
    app.send("enter")
    await sees(app, "Download tiny:1b?")
    app.send("down", "enter")
    await asyncio.wait_for(gate.reached.wait(), patience.SECONDS)
    await asyncio.sleep(1.1)  # what the setting wants it to have taken, not a wait for anything
    app.write(FOCUS_OUT)
    gate.opened.set()
    await asyncio.to_thread(app.wait_raw, b"\x1b]777;notify;R1TUI;tiny:1b is downloaded\x1b\\")


@pytest.mark.parametrize("passthrough", ["on", "off"])
async def test_tmux_marks_the_window_shows_the_title_and_hands_the_notice_on_where_it_may(
    scripted: ScriptedServer, tmp_path: Path, passthrough: str
) -> None:
    if not shutil.which("tmux"):
        pytest.skip("tmux is not installed")
    settings(tmp_path, 'after = 1\nhow = "osc9"')
    environ = [f"{name}={value}" for name, value in clean_env(tmp_path / "home").items() if name != "TERM"]
    r1tui = shlex.join(["env", *environ, sys.executable, "-m", "r1tui", "--host", scripted.url])
    socket = str(tmp_path / "tmux")
    conf = tmp_path / "tmux.conf"
    conf.write_text(f"set -g allow-passthrough {passthrough}\nset -g default-shell /bin/sh\n")
    outer = PtyApp(
        ["tmux", "-S", socket, "-f", str(conf), "new-session", "-x", "80", "-y", "24", r1tui],
        env=clean_env(tmp_path / "home"),
        size=(80, 24),
    )
    try:
        await sees(outer, SCRIPTED_MODEL)
        scripted.answers.append(answer(WORDS, rate=SLOW))
        outer.paste("Tell me")
        outer.send("enter")
        await sees(outer, "twelve.")
        await quiet(outer)

        def pane_title() -> str:
            asked = ["tmux", "-S", socket, "display", "-p", "#{pane_title}"]
            return subprocess.run(asked, capture_output=True, text=True, check=True).stdout

        deadline = asyncio.get_running_loop().time() + patience.SECONDS
        while "The answer is there" not in await asyncio.to_thread(pane_title):
            assert asyncio.get_running_loop().time() < deadline
            await asyncio.sleep(0.05)
        if passthrough == "on":
            await asyncio.to_thread(outer.wait_raw, b"\x1b]9;The answer is there")
        else:
            assert b"\x1b]9;" not in outer.raw
    finally:
        await asyncio.to_thread(subprocess.run, ["tmux", "-S", socket, "kill-server"], check=False)
        outer.close()


def test_the_title_is_not_changed_more_than_once_a_minute() -> None:
    assert attention.TITLE_EVERY >= 60
