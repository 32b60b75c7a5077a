"""What the environment tells of a terminal, and how long an arrow key may take."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time

import pytest

from r1tui.services.terminal.terminal import Terminal, escape_delay

UTF8 = {"LANG": "en_US.UTF-8", "TERM": "xterm-256color"}


@pytest.mark.parametrize("name", ["SSH_CONNECTION", "SSH_TTY"])
def test_ssh_is_seen(name: str) -> None:
    assert Terminal.of({**UTF8, name: "x"}).ssh
    assert not Terminal.of(UTF8).ssh


def test_a_display_over_ssh_is_no_desktop_of_the_person() -> None:
    assert Terminal.of({**UTF8, "DISPLAY": ":0"}).desktop
    assert Terminal.of({**UTF8, "WAYLAND_DISPLAY": "wayland-0"}).desktop
    assert not Terminal.of({**UTF8, "DISPLAY": "localhost:10.0", "SSH_TTY": "/dev/pts/1"}).desktop


def test_multiplexers_are_told_apart() -> None:
    assert (
        Terminal.of({**UTF8, "TMUX": "/tmp/tmux-0/default,1,0", "TERM": "screen-256color"}).multiplexer
        == "tmux"
    )
    assert Terminal.of({**UTF8, "STY": "123.pts-0.host", "TERM": "screen"}).multiplexer == "screen"
    nested = {**UTF8, "STY": "123.pts-0.host", "TMUX": "/tmp/tmux-0/default,1,0"}
    assert Terminal.of({**nested, "TERM": "screen.xterm-256color"}).multiplexer == "screen"
    assert Terminal.of({**nested, "TERM": "tmux-256color"}).multiplexer == "tmux"
    assert Terminal.of(UTF8).multiplexer == ""


@pytest.mark.parametrize(
    ("environ", "ascii_only"),
    [
        ({"LANG": "en_US.UTF-8", "TERM": "xterm"}, False),
        ({"LANG": "zh_CN.utf8", "TERM": "xterm"}, False),
        ({"LC_CTYPE": "UTF-8", "LANG": "C", "TERM": "xterm"}, False),
        ({"LC_ALL": "C", "LANG": "en_US.UTF-8", "TERM": "xterm"}, True),
        ({"LANG": "zh_CN.GB18030", "TERM": "xterm"}, True),
        ({"LANG": "en_US.UTF-8", "TERM": "linux"}, True),
        ({"LANG": "en_US.UTF-8", "TERM": "dumb"}, True),
        ({"TERM": "xterm-256color"}, False),
    ],
)
def test_ascii_signs_where_no_others_are_sure(environ: dict[str, str], ascii_only: bool) -> None:
    assert Terminal.of(environ).ascii_only is ascii_only


def test_colours() -> None:
    assert Terminal.of({**UTF8, "COLORTERM": "truecolor"}).colours == 1 << 24
    assert Terminal.of(UTF8).colours == 256
    assert Terminal.of({"TERM": "linux"}).colours == 16
    assert Terminal.of({**UTF8, "NO_COLOR": "1"}).colours == 0


def test_colours_that_gnu_screen_misreads_are_not_used_in_it() -> None:
    for term in ("screen", "screen.xterm-256color"):
        screen = Terminal.of({**UTF8, "TERM": term, "STY": "1.pts", "COLORTERM": "truecolor"})
        environ: dict[str, str] = {}
        screen.prepare_environment(environ)
        assert (screen.colours, environ["TEXTUAL_COLOR_SYSTEM"]) == (256, "256")
    tmux = {**UTF8, "TERM": "screen-256color", "TMUX": "x", "COLORTERM": "truecolor"}
    assert Terminal.of(tmux).colours == 1 << 24


def test_low_bandwidth_is_automatic_only_over_a_long_way() -> None:
    far = Terminal.of({**UTF8, "SSH_TTY": "x"})
    far.round_trip = 0.2
    near = Terminal.of({**UTF8, "SSH_TTY": "x"})
    near.round_trip = 0.02
    assert far.low_bandwidth()
    assert not far.low_bandwidth("off")
    assert not near.low_bandwidth()
    assert near.low_bandwidth("on")
    assert not Terminal.of(UTF8).low_bandwidth()


def test_the_escape_delay_grows_with_the_round_trip_to_a_bound() -> None:
    assert escape_delay(0.01) < escape_delay(0.3) < escape_delay(5) == 1000
    assert escape_delay(None) > 100


def test_a_local_terminal_is_asked_nothing_and_a_users_delay_is_kept() -> None:
    environ: dict[str, str] = {}
    Terminal.of(UTF8).prepare_environment(environ)
    assert environ == {}
    environ = {"ESCDELAY": "25"}
    Terminal.of({**UTF8, "SSH_TTY": "x"}).prepare_environment(environ)
    assert environ == {"ESCDELAY": "25"}


MEASURE = (
    "from r1tui.services.terminal.terminal import measure_round_trip; print('RTT', measure_round_trip(1.5))"
)


def run_in_pty(code: str, answer: bytes | None, after: float) -> str:
    """Run Python in a pseudo-terminal of its own that answers a cursor query `after` seconds later."""
    pid, master = pty.fork()
    if pid == 0:  # pragma: no cover
        os.execv(sys.executable, [sys.executable, "-c", code])
    seen = b""
    while True:
        try:
            data = os.read(master, 4096)
        except OSError:
            break
        seen += data
        if answer and b"\x1b[6n" in seen:
            time.sleep(after)
            os.write(master, answer)
            answer = None
    os.close(master)
    os.waitpid(pid, 0)
    return seen.decode()


def measured(seen: str) -> str:
    return seen.partition("RTT ")[2].split()[0]


def test_the_round_trip_is_measured_by_a_cursor_report() -> None:
    assert float(measured(run_in_pty(MEASURE, b"\x1b[12;5R", 0.15))) >= 0.15


def test_a_key_typed_meanwhile_does_not_spoil_the_measurement() -> None:
    assert float(measured(run_in_pty(MEASURE, b"x\x1b[12;5Ry", 0.0))) >= 0


def test_a_terminal_that_never_answers_gives_no_figure() -> None:
    assert measured(run_in_pty(MEASURE, None, 0)) == "None"


def test_without_a_terminal_there_is_no_figure() -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEASURE],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,
    )
    assert measured(done.stdout) == "None"


ARROW = """
import os, sys
from textual._xterm_parser import XTermParser
from textual import constants
import time
parser = XTermParser()
keys = [event.key for event in parser.feed("\\x1b")]
time.sleep(0.2)
keys += [event.key for event in parser.tick()]
keys += [event.key for event in parser.feed("[A")]
time.sleep(0.7)
keys += [event.key for event in parser.tick()]
print(keys)
"""


@pytest.mark.parametrize(
    ("delay", "keys"), [("100", "['escape', 'left_square_bracket', 'A']"), ("60000", "['up']")]
)
def test_an_arrow_cut_by_the_link_is_an_arrow_with_the_raised_delay(delay: str, keys: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ARROW], capture_output=True, text=True, env={**os.environ, "ESCDELAY": delay}
    )
    assert done.stdout.strip() == keys, done.stderr
