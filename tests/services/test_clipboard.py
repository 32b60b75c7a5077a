"""Copying tells the truth about where the text is."""

from __future__ import annotations

import asyncio
import base64
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from r1tui.locale import say
from r1tui.services.terminal import clipboard as clipboard_module
from r1tui.services.terminal.clipboard import OSC52_LIMIT, Clipboard, Method, osc52
from r1tui.services.terminal.terminal import Terminal
from tests.support import patience

SSH = {"SSH_TTY": "/dev/pts/1", "TERM": "xterm", "LANG": "C.UTF-8"}


def clipboard(tmp_path: Path, **environ: str) -> tuple[Clipboard, list[str]]:
    written: list[str] = []
    made = Clipboard(Terminal.of({**SSH, **environ}), tmp_path / "copies")
    made.write = written.append
    return made, written


def payload(sequence: str) -> str:
    return base64.b64decode(sequence.removeprefix("\x1b]52;c;").removesuffix("\x07")).decode()


async def test_over_ssh_osc_52_is_used_and_not_called_sure(tmp_path: Path) -> None:
    board, written = clipboard(tmp_path)
    result = await board.copy("你好\nworld")
    assert result.method is Method.OSC52
    assert payload(written[0]) == "你好\nworld"
    assert "no answer" in say(result.phrase)


async def test_what_is_copied_cannot_act_in_a_shell(tmp_path: Path) -> None:
    board, written = clipboard(tmp_path)
    await board.copy("rm\x1b[201~\r -rf\u202e")
    assert payload(written[0]) == "rm␛[201~␍ -rf"


async def test_for_screen_the_sequence_is_cut_and_wrapped(tmp_path: Path) -> None:
    board, written = clipboard(tmp_path, STY="1.host", TERM="screen")
    await board.copy("a" * 1000)
    pieces = re.findall("\x1bP(.*?)\x1b\\\\", written[0], re.DOTALL)
    assert len(pieces) > 1
    assert max(map(len, pieces)) <= 252
    assert "".join(pieces) == osc52("a" * 1000)


async def test_a_text_too_long_goes_to_a_private_file_whose_path_is_shown(tmp_path: Path) -> None:
    board, written = clipboard(tmp_path)
    text = "长" * (OSC52_LIMIT // 3 + 1)
    result = await board.copy(text)
    assert result.method is Method.FILE
    assert result.path is not None
    assert result.path.read_text() == text
    assert stat.S_IMODE(result.path.stat().st_mode) == 0o600
    assert str(result.path) in say(result.phrase)
    assert written == []


def everything_in(folder: Path) -> list[Path]:
    return list(folder.rglob("*"))


async def test_a_private_text_goes_into_no_file(tmp_path: Path) -> None:
    written: list[str] = []
    board = Clipboard(Terminal.of(SSH), tmp_path / "copies", private=lambda: True)
    board.write = written.append
    before = everything_in(tmp_path)
    result = await board.copy("x" * (OSC52_LIMIT + 1))
    assert result.path is None
    assert "private" in say(result.phrase)
    assert everything_in(tmp_path) == before
    assert written == []


async def test_the_longest_text_for_osc_52_fits_the_limit_of_terminals(tmp_path: Path) -> None:
    board, written = clipboard(tmp_path)
    assert (await board.copy("a" * OSC52_LIMIT)).method is Method.OSC52
    assert len(written[0]) <= 100_000


async def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "copies").write_text("in the way")
    board, _ = clipboard(tmp_path)
    result = await board.copy("a" * (OSC52_LIMIT + 1))
    assert result.path is None
    assert "Not copied" in say(result.phrase)


async def test_two_long_texts_in_one_second_keep_a_file_each(tmp_path: Path) -> None:
    board, _ = clipboard(tmp_path)
    first, second = await board.copy("a" * OSC52_LIMIT * 2), await board.copy("b" * OSC52_LIMIT * 2)
    assert first.path != second.path


@pytest.fixture
def tmux_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    if not shutil.which("tmux"):
        pytest.skip("tmux is not installed")
    socket = str(tmp_path / "tmux.sock")
    monkeypatch.delenv("TMUX", raising=False)
    subprocess.run(["tmux", "-S", socket, "-f", "/dev/null", "new-session", "-d", "sleep", "60"], check=True)
    monkeypatch.setenv("TMUX", f"{socket},1,0")
    yield socket
    subprocess.run(["tmux", "-S", socket, "kill-server"], check=True)


async def test_inside_tmux_the_buffer_holds_the_text(tmp_path: Path, tmux_environment: str) -> None:
    board, written = clipboard(tmp_path, TMUX=f"{tmux_environment},1,0")
    result = await board.copy("from R1\n你好" * 40_000)
    shown = await asyncio.to_thread(
        subprocess.run, ["tmux", "-S", tmux_environment, "show-buffer"], capture_output=True, check=True
    )
    assert shown.stdout.decode() == "from R1\n你好" * 40_000
    assert result.method is Method.TMUX
    assert written == []


async def test_when_tmux_is_gone_osc_52_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMUX", f"{tmp_path}/none,1,0")
    board, written = clipboard(tmp_path, TMUX=f"{tmp_path}/none,1,0")
    assert (await board.copy("x")).method is Method.OSC52
    assert len(written) == 1


DESKTOP = {"DISPLAY": ":0", "TERM": "xterm"}


WORKS = 'case "$*" in *-o*|*--no-newline*|*-n*) cat "$TAKEN";; *) cat > "$TAKEN";; esac'


def desktop_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, script: str) -> Path:
    """A clipboard program of a desktop, the only one there is, as a shell script; the file that stands for the clipboard."""
    programs = tmp_path / "programs"
    programs.mkdir()
    names = ("wl-copy", "wl-paste") if name == "wl-copy" else (name,)
    for each in names:
        (programs / each).write_text(f"#!/bin/sh\n{script}\n")
        (programs / each).chmod(0o700)
    for each in ("cat", "sleep", "which"):
        (programs / each).symlink_to(str(shutil.which(each)))
    taken = tmp_path / "taken"
    taken.write_text("what was there before")
    for variable, value in {"PATH": str(programs), "TAKEN": str(taken), **DESKTOP}.items():
        monkeypatch.setenv(variable, value)
    return taken


@pytest.mark.parametrize("text", ["长" * 100_000, "two\nlines\n"], ids=["long", "lines"])
@pytest.mark.parametrize("name", ["wl-copy", "xclip", "xsel"])
async def test_on_a_desktop_its_program_takes_the_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    if name == "wl-copy":
        monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    taken = desktop_program(tmp_path, monkeypatch, name, WORKS)
    result = await Clipboard(Terminal.of(DESKTOP), tmp_path).copy(text)
    assert result.method is Method.DESKTOP
    assert taken.read_text() == text


@pytest.mark.parametrize(
    "script",
    [
        'cat > /dev/null; echo "can\'t open display" >&2; echo oh; exit 1',
        "exit 1",
        "kill -9 $$",
        'case "$*" in *-o*) cat "$TAKEN";; *) cat > /dev/null;; esac',
    ],
)
async def test_a_program_that_fails_has_copied_nothing_and_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], script: str
) -> None:
    """A display that is named and gone, as in a session of tmux that has outlived it."""
    desktop_program(tmp_path, monkeypatch, "xclip", script)
    written: list[str] = []
    board = Clipboard(Terminal.of(DESKTOP), tmp_path)
    board.write = written.append
    assert (await board.copy("x")).method is Method.OSC52
    assert len(written) == 1
    assert capfd.readouterr() == ("", "")


async def test_a_program_that_never_ends_holds_nobody_up_and_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clipboard_module, "_PROGRAM_TIMEOUT", 5.0)
    taken = desktop_program(tmp_path, monkeypatch, "xclip", 'echo $$ > "$TAKEN"; exec sleep 600')
    board = Clipboard(Terminal.of(DESKTOP), tmp_path)
    board.write = lambda sequence: None
    assert (await board.copy("x" * 70_000)).method is Method.OSC52
    assert not await asyncio.to_thread(_still_runs, int(taken.read_text()))


def _still_runs(pid: int) -> bool:
    try:
        psutil.Process(pid).wait(patience.SECONDS)
    except psutil.NoSuchProcess:
        return False
    except psutil.TimeoutExpired:
        return True
    return False
