"""A line of the user's in their shell: its output, its end, and the end of all that it started."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from r1tui.services.shell import KEPT, Ended, ShellLine, ShellResult, user_shell
from tests.support import patience
from tests.support.processes import wait_ended


def run(line: str, seconds: float = 60) -> ShellResult:
    return ShellLine(line, seconds).run()


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + patience.SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture(autouse=True, params=[True, False], ids=["waitid", "no waitid"])
def _plain_shell(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/bin/sh")
    if not request.param:  # as on macOS before Python 3.13
        monkeypatch.delattr(os, "waitid")


def test_both_outputs_and_the_exit_code_are_told() -> None:
    result = run("echo out; echo wrong >&2; exit 3")
    assert sorted(result.output.split()) == ["out", "wrong"]
    assert (result.code, result.ended) == (3, Ended.BY_ITSELF)
    assert result.for_model.endswith("[exit code 3]\n")


def test_a_model_is_told_nothing_more_where_all_went_well() -> None:
    assert run("echo fine").for_model == "fine\n"


def test_it_has_no_input_no_terminal_and_says_so() -> None:
    result = run("cat; echo $TERM; tty; test -t 1 || echo no terminal; : </dev/tty && echo tty")
    assert result.output.startswith("dumb\nnot a tty\nno terminal\n")
    assert not result.output.endswith("tty\ntty\n")


def test_it_runs_in_the_folder_of_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("pwd").output.strip() == str(tmp_path.resolve())


@pytest.mark.parametrize(
    ("shell", "used"),
    [
        ("/bin/sh", "/bin/sh"),
        ("/usr/sbin/nologin", "sh"),
        ("/no/such/shell", "sh"),
        ("", "sh"),
        ("bash", "sh"),
    ],
)
def test_the_users_shell_is_used_where_it_runs_lines(
    monkeypatch: pytest.MonkeyPatch, shell: str, used: str
) -> None:
    monkeypatch.setenv("SHELL", shell)
    assert user_shell() == used
    assert run("echo yes").output == "yes\n"


def test_an_endless_output_is_ended_in_time_and_only_its_end_is_kept() -> None:
    line = ShellLine("yes 'a line of output'", 1)
    result = line.run()
    assert result.ended is Ended.TOO_LONG
    assert 0 < len(result.output.encode()) <= KEPT
    assert result.output.startswith("a line of output\n"), "no line is cut"
    assert result.left_out + len(result.output.encode()) == result.received
    assert result.for_model.startswith(f"[{result.left_out} bytes before this are left out]\n")


def test_it_is_ended_with_all_that_it_started_and_what_came_is_kept(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    child = f"{sys.executable} -c 'import time; print(1, flush=True); time.sleep(600)'"
    line = ShellLine(f"trap '' TERM; {child} & echo $! $$ > {pids}; wait", 600)
    results: list[ShellResult] = []
    thread = threading.Thread(target=lambda: results.append(line.run()))
    thread.start()
    until(lambda: line.received)
    line.stop()
    thread.join(30)
    (result,) = results
    assert (result.ended, result.output) == (Ended.STOPPED, "1\n")
    wait_ended([int(pid) for pid in pids.read_text().split()])


def test_what_it_leaves_behind_with_its_output_open_is_not_waited_for_and_ends() -> None:
    result = run("sleep 600 & echo $!")
    assert result.ended is Ended.BY_ITSELF
    pid = int(result.output)
    wait_ended([pid])


def test_one_that_closed_its_output_is_waited_for() -> None:
    assert run("exec >&- 2>&-; sleep 0.3; exit 4").code == 4


def test_control_sequences_strikes_and_progress_bars_are_text_in_the_end() -> None:
    result = run(
        r"printf '\033]0;title\007\033[1;31mred\033[0m N\bNA\bA _\bu\r\n10%%\r100%%\n\0\033(Bplain\033[K\n'"
    )
    assert result.output == "red NA u\n100%\nplain\n"


def test_any_bytes_are_text(tmp_path: Path) -> None:
    file = tmp_path / "bytes"
    file.write_bytes(os.urandom(1 << 20) + b"\x1b[" * 5000)
    result = run(f"cat {file}")
    assert "\x1b[" not in result.output
    assert result.received == (1 << 20) + 10000


def test_a_signal_is_told() -> None:
    assert run("kill -9 $$").code == -9
