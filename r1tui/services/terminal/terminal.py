"""What this terminal is: reached over what, with which signs, and how far away.

All of it is to be asked before Textual is imported: Textual reads ESCDELAY once, at import.
"""

from __future__ import annotations

import os
import re
import select
import sys
import time
from collections.abc import Mapping, MutableMapping

from r1tui.domain.dataclass import dataclass

LOW_BANDWIDTH_ROUND_TRIP = 0.08
"""Seconds. Above it a line counts as slow, and bytes are spared."""

_CURSOR_REPORT = re.compile(rb"\x1b\[(\d+);(\d+)R")


@dataclass(slots=True)
class Terminal:
    """What the environment tells of the terminal."""

    ssh: bool
    multiplexer: str
    """`tmux`, `screen` or empty."""
    term: str
    utf8: bool
    desktop: bool
    """A clipboard of this very machine is at hand: not over SSH, and with a display (or macOS)."""
    colours: int
    """0 (NO_COLOR), 16, 256 or 16777216."""

    round_trip: float | None = None
    """Seconds to the terminal and back; None when local or not measured."""

    @classmethod
    def of(cls, environ: Mapping[str, str] = os.environ) -> Terminal:
        """What `environ` tells of the terminal."""
        return _described(environ, sys.platform)

    @property
    def ascii_only(self) -> bool:
        """Whether only ASCII signs are sure to show. A Linux console's font has 512 glyphs at most."""
        return not self.utf8 or self.term in ("linux", "dumb", "vt100", "vt220")

    def prepare_environment(self, environ: MutableMapping[str, str] = os.environ) -> None:
        """Over SSH measure the link and set ESCDELAY to suit, unless it is set; keep to the colours of GNU screen.

        Before Textual's import.
        """
        if self.ssh:
            self.round_trip = measure_round_trip()
            environ.setdefault("ESCDELAY", str(escape_delay(self.round_trip)))
        if self.multiplexer == "screen" and self.colours == 256:
            environ.setdefault("TEXTUAL_COLOR_SYSTEM", "256")

    def low_bandwidth(self, setting: str = "auto") -> bool:
        """Whether to save bytes: as the setting says, or by itself over SSH with a long round trip."""
        if setting != "auto":
            return setting == "on"
        return self.ssh and self.round_trip is not None and self.round_trip > LOW_BANDWIDTH_ROUND_TRIP


def _described(environ: Mapping[str, str], platform: str) -> Terminal:
    term = environ.get("TERM", "")
    ssh = any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))
    if environ.get("TMUX") and not (environ.get("STY") and term.startswith("screen.")):  # GNU screen in tmux
        multiplexer = "tmux"
    elif environ.get("STY") or term.startswith("screen"):
        multiplexer = "screen"
    else:
        multiplexer = ""
    display = platform == "darwin" or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))
    return Terminal(
        ssh=ssh,
        multiplexer=multiplexer,
        term=term,
        utf8=_utf8(environ, platform),
        desktop=display and not ssh,
        colours=_colours(environ, term, multiplexer),
    )


def _utf8(environ: Mapping[str, str], platform: str) -> bool:
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        if value := environ.get(name, ""):
            codeset = value.partition(".")[2].partition("@")[0]
            return codeset.lower().replace("-", "") == "utf8" or value == "UTF-8"
    # Nothing set says nothing about the terminal; on a server it is the rule, and terminals are UTF-8 today.
    return platform == "darwin" or environ.get("TERM", "") not in ("linux", "dumb", "")


def _colours(environ: Mapping[str, str], term: str, multiplexer: str) -> int:
    if "NO_COLOR" in environ:
        return 0
    if term.endswith("-direct"):
        return 1 << 24
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        # GNU screen hands on what its terminal said of itself, and takes the three numbers of such a colour for
        # attributes: dim letters in the colour of their ground. Version 5 knows them, but only by its configuration.
        return 256 if multiplexer == "screen" else 1 << 24
    return 256 if "256" in term else 16


def escape_delay(round_trip: float | None) -> int:
    """Milliseconds to wait for the rest of a key's sequence after ESC, over SSH.

    A sequence leaves the keyboard in one piece, and a link may cut it anywhere; the pieces arrive as far
    apart as the link jitters, or as a lost packet takes to be sent again: a round trip and at least 200 ms
    (TCP_RTO_MIN in Linux). Textual's own delay is 100 ms.
    """
    if round_trip is None:
        return 300
    return min(200 + round(round_trip * 1000), 1000)


def measure_round_trip(timeout: float = 0.5) -> float | None:
    """Seconds from asking the terminal for its cursor's position to the report; None without one in time.

    Blocks for `timeout` at the longest. Keys typed meanwhile are given back to the terminal's input where the
    system allows it, else dropped.
    """
    import termios
    import tty

    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return None
    try:
        before = termios.tcgetattr(terminal)
        tty.setcbreak(terminal, termios.TCSANOW)
        try:
            return _ask(terminal, timeout)
        finally:
            termios.tcsetattr(terminal, termios.TCSANOW, before)
    except (OSError, termios.error):
        return None
    finally:
        os.close(terminal)


def _ask(terminal: int, timeout: float) -> float | None:
    started = time.monotonic()
    os.write(terminal, b"\x1b[6n")
    answer = b""
    while (left := started + timeout - time.monotonic()) > 0:
        if not select.select([terminal], [], [], left)[0]:
            break
        answer += os.read(terminal, 1024)
        if match := _CURSOR_REPORT.search(answer):
            took = time.monotonic() - started
            _give_back(terminal, answer[: match.start()] + answer[match.end() :])
            return took
    _give_back(terminal, answer)
    return None


def _give_back(terminal: int, typed: bytes) -> None:
    """Put keys that came meanwhile back into the terminal's input (TIOCSTI; newer kernels refuse)."""
    if not typed:
        return
    import fcntl
    import termios

    try:
        for byte in typed:
            fcntl.ioctl(terminal, termios.TIOCSTI, bytes([byte]))
    except OSError:
        return
