"""The terminal that the tests emulate shows whole frames."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import pty_app as support
from tests.support.pty_app import PtyApp, clean_env

PROGRAM = r"""
import sys, tty
tty.setcbreak(0)
def show(text):
    sys.stdout.write(text)
    sys.stdout.flush()
show("\x1b[?2026$p")
reply = sys.stdin.read(11)
show(f"\x1b[?2026h{reply[3:-2]}\x1b[?2026l")
show("\x1b[?2026hfirst\x1b[?20")
sys.stdin.read(1)
show("26l\x1b[?2026hsecond")
sys.stdin.read(1)
show(" rest\x1b[?2026l")
sys.stdin.read(1)
show("\x1b[?2026hlast")
"""
"""Asks, and draws frames whose ends come with a key each; the last has none."""

Start = Callable[[], PtyApp]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[PtyApp] = []

    def begin() -> PtyApp:
        started.append(PtyApp([sys.executable, "-c", PROGRAM], env=clean_env(tmp_path)))
        return started[-1]

    yield begin
    for each in started:
        each.close()


def test_a_frame_is_shown_when_its_end_has_come(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(support, "HELD_SECONDS", 1000.0)
    app = start()
    app.wait_raw(b"first")
    assert "first" not in app.screen_text()
    app.send("x")
    assert "second" not in app.wait_for("first")
    app.wait_raw(b"second")
    assert "second" not in app.screen_text()
    app.send("x")
    assert "second rest" in app.wait_for("second")


def test_the_program_is_told_that_frames_may_be_bracketed(start: Start) -> None:
    start().wait_for("2026;2")


def test_the_end_of_a_program_ends_its_frame(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(support, "HELD_SECONDS", 1000.0)
    app = start()
    app.wait_raw(b"first")
    app.send("x", "x", "x")
    app.wait_for("last")


def test_a_frame_without_an_end_is_shown_after_a_while(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(support, "HELD_SECONDS", 0.1)
    start().wait_for("first")


def test_a_frame_that_is_too_long_is_shown_as_it_comes(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(support, "HELD_SECONDS", 1000.0)
    monkeypatch.setattr(support, "HELD_BYTES", 10)
    start().wait_for("first")


def test_r1tui_brackets_what_it_draws(pty_app: Callable[..., PtyApp]) -> None:
    app = pty_app("--host", "http://127.0.0.1:9")
    app.wait_for("Ask anything")
    app.send("§")
    app.wait_for("§")
    end = app.raw.rindex("§".encode())
    assert app.raw.rindex(b"\x1b[?2026h", 0, end) > app.raw.rindex(b"\x1b[?2026l", 0, end)


SLOW = r"""
import os, sys, time, tty
tty.setraw(0)
print("ready", flush=True)
time.sleep(1)
print(os.read(0, 9), os.read(0, 9), flush=True)
"""


def test_an_esc_is_read_alone_however_late_the_app_reads(tmp_path: Path) -> None:
    app = PtyApp([sys.executable, "-c", SLOW], env=clean_env(tmp_path))
    try:
        app.wait_for("ready")
        app.send("escape", "x")
        app.wait_for(r"b'\x1b' b'x'")
    finally:
        app.close()
