"""R1TUI in a pseudo-terminal, as a person has it: keys go in, bytes come out and are drawn on an emulated screen."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import sqlite3
import struct
import subprocess
import sys
import termios
import threading
import time
import unicodedata
from array import array
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import psutil
import pyte
from wcwidth import wcwidth

from tests.support import patience

ROOT = Path(__file__).parents[2]
T = TypeVar("T")

KEYS = {
    "enter": "\r", "escape": "\x1b", "tab": "\t", "shift+tab": "\x1b[Z", "backspace": "\x7f", "space": " ",
    "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D", "home": "\x1b[H", "end": "\x1b[F",
    "pageup": "\x1b[5~", "pagedown": "\x1b[6~", "insert": "\x1b[2~", "delete": "\x1b[3~",
    "ctrl+up": "\x1b[1;5A", "ctrl+down": "\x1b[1;5B", "ctrl+right": "\x1b[1;5C", "ctrl+left": "\x1b[1;5D",
    "ctrl+home": "\x1b[1;5H", "ctrl+end": "\x1b[1;5F", "shift+up": "\x1b[1;2A", "shift+down": "\x1b[1;2B",
    "alt+enter": "\x1b\r", "f1": "\x1bOP", "f2": "\x1bOQ", "f3": "\x1bOR", "f4": "\x1bOS", "f5": "\x1b[15~",
    "f6": "\x1b[17~", "f7": "\x1b[18~", "f8": "\x1b[19~", "f9": "\x1b[20~", "f10": "\x1b[21~",
}  # fmt: skip
"""What a legacy terminal sends for a key."""


def key(name: str) -> str:
    """The characters of a key: a name of `KEYS`, `ctrl+LETTER`, `alt+CHARACTER`, or the character itself."""
    if name in KEYS:
        return KEYS[name]
    if name.startswith("ctrl+"):
        return chr(ord(name[5:].upper()) & 0x1F)
    if name.startswith("alt+"):
        return "\x1b" + key(name[4:])
    return name


# What pyte does not know and would print or stumble over: DCS, APC and PM strings, the kitty keyboard protocol, mode
# queries, private and coloured-underline forms of SGR.
_UNKNOWN = re.compile(
    rb"\x1b[P_^X][^\x1b\x07]*(?:\x1b\\|\x07)|\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*(?:\$p|[mnu])|\x1b\[[0-9;]*:[0-9;:]*m"
)
_INCOMPLETE = re.compile(rb"\x1b(?:[P_^X\]][^\x07\x1b]*\x1b?|\[[0-?]*[ -/]*)?\Z")

# Synchronised output (DEC private mode 2026): the app asks whether the terminal has it, and then brackets each frame.
_ASKED, _SUPPORTED = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
_BEGIN, _END = b"\x1b[?2026h", b"\x1b[?2026l"
HELD_SECONDS = 5.0
HELD_BYTES = 1 << 20
"""How long, and how much of, a frame whose end does not come is held back."""

_TAKE_TERMINAL = 'exec "$@" <>"$0" >&0 2>&0'
"""A terminal that the leader of a new session opens by its path becomes its controlling one."""


class _Screen(pyte.Screen):
    """pyte's screen, which would drop the rest of a text after a zero-width character that combines with nothing."""

    @property
    def display(self) -> list[str]:
        """The rows as text. Half of a wide character that was written over is a blank, as on a terminal; pyte's own
        property fails on it, and what comes in pieces leaves one for a moment.
        """
        rows = []
        for y in range(self.lines):
            row, x = "", 0
            while x < self.columns:
                char = self.buffer[y][x].data or " "
                row += char
                x += 2 if wcwidth(char[0]) == 2 else 1
            rows.append(row)
        return rows

    def draw(self, data: str) -> None:
        if not data.isascii():
            data = "".join(char for char in data if wcwidth(char) > 0 or unicodedata.combining(char))
        super().draw(data)


def emulated(columns: int, rows: int = 1) -> pyte.Screen:
    """A terminal's screen, without autowrap, as the app runs in it."""
    screen = _Screen(columns, rows)
    screen.reset_mode(pyte.modes.DECAWM)
    return screen


class PtyApp:
    """A process in a pseudo-terminal. A thread always reads it, so that it never waits for the reader.

    The emulated screen shows whole frames, as a terminal with synchronised output does: what a `wait_…` has seen, and
    what is read after it, is never the beginning of a frame whose rest is on its way. Two changes can be two frames,
    though: wait for whatever is read.

    `emulate=False` only counts and keeps bytes (for figures); `synchronised=False` is a terminal that does not know
    synchronised output, which costs 16 bytes a frame.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        size: tuple[int, int] = (80, 24),
        cwd: Path = ROOT,
        emulate: bool = True,
        synchronised: bool = True,
    ) -> None:
        columns, rows = size
        self.data = Path(env.get("R1TUI_DATA_DIR", ""))
        """The folder of its conversations."""
        self.raw = bytearray()
        """Every byte that the terminal got, as it came."""
        self.emulate = emulate
        self._synchronised = synchronised and emulate
        self._screen = _Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._held = b""
        """What came of a frame or control sequence whose end has not come yet."""
        self._held_since = 0.0
        self._writing = threading.Lock()
        self._news = threading.Condition()
        self._stop, self._stopped = os.pipe()
        """Readable, and then closed, once the reader is to end."""
        self._reading = threading.Event()
        self._reading.set()
        self._closed = False
        self.last_output = 0.0
        """`time.monotonic()` of the last byte."""
        self.started = time.monotonic()
        self._master, slave = pty.openpty()
        self._terminal = os.ttyname(slave)
        self._set_size(columns, rows)
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", _TAKE_TERMINAL, self._terminal, *command],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The process id of the app."""
        return self.process.pid

    @property
    def bytes_received(self) -> int:
        """How many bytes the terminal got so far."""
        return len(self.raw)

    def _set_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def _read(self) -> None:
        while True:
            self._reading.wait()
            try:
                ready, _, _ = select.select([self._master, self._stop], [], [])
                data = os.read(self._master, 65536) if self._stop not in ready else b""
            except OSError:  # Linux: EIO when the last process has closed the terminal
                data = b""
            with self._news:
                if data:
                    asked = self._synchronised and _ASKED in self.raw[1 - len(_ASKED) :] + data
                    self.raw += data
                    self.last_output = time.monotonic()
                    if asked:  # by another thread: this one never waits for the app to read
                        threading.Thread(target=self.write, args=(_SUPPORTED,), daemon=True).start()
                    if self.emulate:
                        self._draw(data)
                else:
                    self._closed = True
                    self._let_go()
                self._news.notify_all()
            if not data:
                return

    def _draw(self, data: bytes) -> None:
        """Draw what came up to the frame or control sequence that is not whole yet."""
        data = self._held + data
        whole = self._whole(data)
        if len(data) - whole > HELD_BYTES:
            whole = len(data)
        if whole or not self._held:
            self._held_since = time.monotonic()
        self._stream.feed(_UNKNOWN.sub(b"", data[:whole]))
        self._held = data[whole:]

    def _whole(self, data: bytes) -> int:
        """How much of it is whole. What comes after the question for brackets is a frame without them, or with."""
        begins = max(data.rfind(_BEGIN), data.rfind(_ASKED) if self._synchronised else -1)
        if begins > data.rfind(_END):
            return begins
        cut = _INCOMPLETE.search(data)
        return cut.start() if cut else len(data)

    def _let_go(self) -> None:
        """Draw what was held back."""
        self._stream.feed(_UNKNOWN.sub(b"", self._held))
        self._held = b""

    def _shown(self) -> _Screen:
        """The screen as it is now. The caller has the lock."""
        if self._held and time.monotonic() - self._held_since > HELD_SECONDS:
            self._let_go()
        return self._screen

    def write(self, text: str | bytes) -> None:
        """Send characters as they are."""
        data = text.encode() if isinstance(text, str) else text
        with self._writing, contextlib.suppress(OSError):
            while data and self._master >= 0:
                select.select([], [self._master], [], 5)
                data = data[os.write(self._master, data[:1024]) :]

    def send(self, *keys: str) -> None:
        """Press keys, by name (`enter`, `ctrl+t`, `f1`, `alt+enter`) or text to type; Esc is given time to be alone."""
        for name in keys:
            self.write(key(name))
            if name == "escape":
                self._wait_taken()

    def _wait_taken(self) -> None:
        """Wait until the app has read what was written, if it reads, and for the time in which another key would be Alt
        with the Esc: a busy machine hands what is written on late, so that nothing waits for a moment before.
        """
        waiting, deadline = array("i", [0]), time.monotonic() + 15
        read = time.monotonic()
        try:
            terminal = os.open(self._terminal, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
        except OSError:  # it has hung up
            return
        try:
            while (now := time.monotonic()) - read < 0.2 and not self._closed and now < deadline:
                time.sleep(0.005)
                fcntl.ioctl(terminal, termios.FIONREAD, waiting)
                if waiting[0]:
                    read = time.monotonic()
        finally:
            os.close(terminal)

    def paste(self, text: str) -> None:
        """Paste text in brackets, as a terminal does."""
        self.write(f"\x1b[200~{text}\x1b[201~")

    def screen_lines(self) -> list[str]:
        """The rows of the screen, without trailing blanks."""
        with self._news:
            return [line.rstrip() for line in self._shown().display]

    def screen_text(self) -> str:
        """The whole screen as text."""
        return "\n".join(self.screen_lines())

    @property
    def cursor(self) -> tuple[int, int]:
        """Column and row of the terminal's cursor, from 0."""
        with self._news:
            cursor = self._shown().cursor
            return cursor.x, cursor.y

    @property
    def title(self) -> str:
        """The window's title."""
        with self._news:
            return str(self._shown().title)

    @property
    def cooked(self) -> bool:
        """Whether the terminal echoes and edits lines, as a shell expects to find it."""
        flags = int(termios.tcgetattr(self._master)[3])
        return bool(flags & termios.ECHO and flags & termios.ICANON)

    def cells(self, row: int) -> list[pyte.screens.Char]:
        """The characters of a row with their colours and attributes, one for each column."""
        with self._news:
            screen = self._shown()
            return [screen.buffer[row][x] for x in range(screen.columns)]

    def wait_until(self, met: Callable[[], T], what: str, timeout: float = patience.SECONDS) -> T:
        """Wait until a condition on what the terminal has got is true, and return its value."""
        return self._wait(met, timeout, what)

    def _wait(self, met: Callable[[], T], timeout: float, what: str) -> T:
        deadline = time.monotonic() + timeout
        with self._news:
            while not (found := met()):
                left = deadline - time.monotonic()
                if left <= 0 or (self._closed and not met()):
                    state = "the app has ended" if self._closed else f"not within {timeout:g} s"
                    raise AssertionError(f"{what}: {state}. The screen:\n{self.screen_text()}")
                self._news.wait(min(left, 0.5))
            return found

    def wait_for(self, *texts: str, timeout: float = patience.SECONDS) -> str:
        """Wait until all texts stand on the screen, and return the screen's text with them in it.

        Raises `AssertionError` with the screen when they do not come.
        """

        def screen() -> str:
            shown = self._display()
            return self.screen_text() if all(text in shown for text in texts) else ""

        return self._wait(screen, timeout, f"waiting for {texts}")

    def wait_gone(self, text: str, timeout: float = patience.SECONDS) -> None:
        """Wait until a text no longer stands on the screen."""
        self._wait(lambda: text not in self._display(), timeout, f"waiting for {text!r} to go")

    def wait_changed(self, screen: str, timeout: float = patience.SECONDS) -> None:
        """Wait until the screen's text is another one than `screen`."""
        self._wait(lambda: self.screen_text() != screen, timeout, "waiting for a change")

    def wait_match(self, pattern: str, timeout: float = patience.SECONDS) -> re.Match[str]:
        """Wait until a regular expression matches in the screen's text, and return the match."""
        found = self._wait(
            lambda: re.search(pattern, self.screen_text()), timeout, f"waiting for /{pattern}/"
        )
        assert found is not None
        return found

    def wait_matches(
        self, pattern: str, count: int, timeout: float = patience.SECONDS
    ) -> list[re.Match[str]]:
        """Wait until a regular expression matches so many times, and return the matches."""
        found: list[re.Match[str]] = []

        def met() -> bool:
            found[:] = re.finditer(pattern, self.screen_text())
            return len(found) == count

        self._wait(met, timeout, f"waiting for {count} of /{pattern}/")
        return found

    def wait_title(self, title: str, timeout: float = patience.SECONDS) -> None:
        """Wait until the window has this title."""
        self._wait(lambda: self.title == title, timeout, f"waiting for the title {title!r}")

    def wait_title_like(self, pattern: str, timeout: float = patience.SECONDS) -> None:
        """Wait until a regular expression matches the whole of the window's title."""
        self._wait(
            lambda: re.fullmatch(pattern, self.title), timeout, f"waiting for a title like {pattern!r}"
        )

    def wait_raw(self, data: bytes, timeout: float = patience.SECONDS) -> None:
        """Wait until the terminal has got these bytes."""
        self._wait(lambda: data in self.raw, timeout, f"waiting for bytes {data!r}")

    def wait_quiet(self, seconds: float = 0.5, timeout: float = patience.SECONDS) -> None:
        """Wait until nothing came for so long (and something has come before)."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            with self._news:
                self._shown()
                if self.raw and not self._held and time.monotonic() - self.last_output >= seconds:
                    return
            time.sleep(0.02)
        raise AssertionError(f"the terminal never was quiet for {seconds} s")

    def stored(self, query: str) -> list[str]:
        """What a query for texts finds in its store, which need not be there yet."""
        file = self.data / "conversations.db"
        if not file.exists():
            return []
        try:
            with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)) as store:
                return [str(text) for (text,) in store.execute(query)]
        except sqlite3.OperationalError:  # its tables are being made
            return []

    def answers(self) -> int:
        """How many answers of its store have ended, in whichever way."""
        return len(self.stored("SELECT id FROM message WHERE role = 'assistant' AND status != 'streaming'"))

    def wait_answers(self, number: int, timeout: float = 180) -> None:
        """Wait until so many answers have ended, on the disk and then on the screen.

        An answer can be too short to see that it runs, and what the screen shows before it begins looks like its end.
        """
        deadline = time.monotonic() + timeout
        while (ended := self.answers()) < number:
            assert time.monotonic() < deadline, (
                f"{ended} of {number} answers. The screen:\n{self.screen_text()}"
            )
            time.sleep(0.05)
        self.wait_gone("Esc stop")

    def _display(self) -> str:
        return "\n".join(self._shown().display)

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size; the app gets SIGWINCH."""
        with self._news:
            self._screen.resize(rows, columns)
        self._set_size(columns, rows)

    def cpu_seconds(self) -> float:
        """Processor time of the app and its children so far, user and system."""
        processes = [psutil.Process(self.pid)]
        processes += processes[0].children(recursive=True)
        total = 0.0
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                total += times.user + times.system
        return total

    def pss_bytes(self) -> int:
        """Memory of the app: its proportional set size."""
        return int(psutil.Process(self.pid).memory_full_info().pss)

    def kill(self, sig: signal.Signals = signal.SIGKILL) -> None:
        """Send the app a signal."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(sig)

    def stall(self) -> None:
        """Take nothing more, as a line that is dead before anybody has noticed; `hang_up` is when somebody does."""
        self._reading.clear()

    def hang_up(self) -> None:
        """Close the terminal, as when an SSH connection drops: the app gets SIGHUP, then EIO."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGHUP)
        self._let_go_of_terminal()

    def wait_exit(self, timeout: float = patience.SECONDS) -> int:
        """Wait for the app's end and return its exit status (negative: the signal that ended it)."""
        status = self.process.wait(timeout)
        if self._master >= 0:
            self._reader.join(5)
        return status

    def close(self) -> None:
        """End the app, whatever it does, and let go of the terminal."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait(10)
        self._reading.set()
        self._reader.join(2)
        self._let_go_of_terminal()

    def _let_go_of_terminal(self) -> None:
        """Close the terminal, after its reader has ended: in a read it would keep it open, and before one it could read
        another file that got the same number.
        """
        with self._writing:
            if self._master >= 0:
                os.close(self._stopped)
                self._reading.set()
                self._reader.join()
                os.close(self._stop)
                os.close(self._master)
                self._master = -1


def clean_env(folder: Path, **more: str) -> dict[str, str]:
    """An environment with nothing of this machine's user: its own home, settings and data, a plain terminal."""
    env = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": str(folder),
        "R1TUI_DATA_DIR": str(folder / "data"),
        "R1TUI_CONFIG_DIR": str(folder / "config"),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": os.environ.get("PYTHONDONTWRITEBYTECODE", ""),
    }
    return env | more


def start_r1tui(
    folder: Path,
    *args: str,
    size: tuple[int, int] = (80, 24),
    env: Mapping[str, str] | None = None,
    cwd: Path = ROOT,
    emulate: bool = True,
    synchronised: bool = True,
    python: Sequence[str] = ("-m", "r1tui"),
) -> PtyApp:
    """Start `python -m r1tui ARGS` with its home, settings and data in `folder`; `python` is what is run instead,
    in the folder `cwd`.
    """
    return PtyApp(
        [sys.executable, *python, *args],
        env=clean_env(folder, **(env or {})),
        size=size,
        cwd=cwd,
        emulate=emulate,
        synchronised=synchronised,
    )
