"""A line of the user's, run in their own shell without a terminal: its output is kept, its processes end with it."""

from __future__ import annotations

import math
import os
import re
import select
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from enum import Enum, auto

from r1tui.domain.dataclass import dataclass

KEPT = 512 * 1024
"""Bytes of the end of an output that are kept."""
_AT_ONCE = 64 * 1024
"""Bytes read, or made into text, at a time."""
_LOOK_EVERY = 0.1
"""Seconds between two looks at whether the line has ended or was told to."""
_PAUSE = 0.002
"""Seconds after a full read, so that an endless output leaves the processor to others."""
_GRACE = 1.0
"""Seconds between asking its processes to end and killing them."""
_SEQUENCE = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\|\Z)|[ -/]*[0-~])|\x9b[0-?]*[ -/]*[@-~]"
)
"""A control sequence: a colour, a title, a movement of the cursor."""
_STRUCK = re.compile(r"[^\n\x08]\x08")
"""A character that was struck over, as `man` does for bold, and underlines."""


class Ended(Enum):
    """What ended a line."""

    BY_ITSELF = auto()
    STOPPED = auto()
    TOO_LONG = auto()


@dataclass(frozen=True, slots=True)
class ShellResult:
    """A line that has ended."""

    output: str
    """The end of what it printed, without control sequences; foreign text."""
    left_out: int
    """Bytes at the beginning that were not kept."""
    received: int
    """Bytes in all."""
    code: int
    """Exit code; negative: the signal that ended it."""
    ended: Ended

    @property
    def for_model(self) -> str:
        """The output with what a model should know of it, in English as all that a model is told unseen."""
        before = f"[{self.left_out} bytes before this are left out]\n" if self.left_out else ""
        text = self.output + ("\n" if self.output and not self.output.endswith("\n") else "")
        if self.ended is not Ended.BY_ITSELF:
            return f"{before}{text}[ended before it was through]\n"
        return f"{before}{text}[exit code {self.code}]\n" if self.code else before + self.output


def user_shell() -> str:
    """The user's shell, or `sh` where `$SHELL` names none that runs lines."""
    shell = os.environ.get("SHELL", "")
    usable = os.path.basename(shell) not in ("nologin", "false", "true", "")
    return shell if usable and os.path.isabs(shell) and shutil.which(shell) else "sh"


class ShellLine:
    """One line. `run` blocks, for a thread; the rest may be called from any other meanwhile."""

    def __init__(self, line: str, seconds: float) -> None:
        """`seconds`: the longest that it may take; 0 for as long as it likes."""
        self.line = line
        self.seconds = seconds
        self.received = 0
        """Bytes of output so far."""
        self._kept = bytearray()
        self._stop = False

    def stop(self) -> None:
        """Have it ended, with all that it started in its process group."""
        self._stop = True

    def last(self, size: int) -> str:
        """The text of the last `size` bytes of its output so far; foreign text."""
        return _text(bytes(self._kept[-size:]))

    def run(self) -> ShellResult:
        """Run it in the folder R1TUI was started in, without input. Raises `OSError` where there is no shell."""
        process = subprocess.Popen(
            [user_shell(), "-c", self.line],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "TERM": "dumb", "PAGER": "cat"},
            start_new_session=True,
            bufsize=0,
        )
        assert process.stdout is not None
        output = process.stdout.fileno()
        os.set_blocking(output, False)
        try:
            ended = self._watch(process.pid, output)
        finally:
            _end_group(process.pid)
            code = process.wait()
            self._drain(output)
            process.stdout.close()
        kept = bytes(self._kept)
        left_out = self.received - len(kept)
        if left_out:  # not from the middle of a line
            begin = kept.find(b"\n") + 1
            kept, left_out = kept[begin:], left_out + begin
        return ShellResult(_text(kept), left_out, self.received, code, ended)

    def _watch(self, pid: int, output: int) -> Ended:
        """Read until it has ended, was told to, or has taken too long."""
        deadline = time.monotonic() + (self.seconds or math.inf)
        waiting = select.poll()
        waiting.register(output, select.POLLIN)
        open_ = True
        while not self._stop:
            left = deadline - time.monotonic()
            if left <= 0:
                return Ended.TOO_LONG
            pause = min(left, _LOOK_EVERY)
            if not open_:
                time.sleep(pause)
            elif waiting.poll(pause * 1000):
                read = self._read(output)
                if read:
                    time.sleep(_PAUSE if read == _AT_ONCE else 0)
                    continue
                open_ = False
            # Programs that it left behind may hold its output open, and are not waited for.
            if _has_ended(pid):
                return Ended.BY_ITSELF
        return Ended.STOPPED

    def _read(self, output: int) -> int:
        """Take what there is. Returns how many bytes; 0 where nothing more comes."""
        try:
            data = os.read(output, _AT_ONCE)
        except BlockingIOError:
            return 0
        self.received += len(data)
        self._kept += data
        if len(self._kept) > 2 * KEPT:
            del self._kept[:-KEPT]
        return len(data)

    def _drain(self, output: int) -> None:
        """What was printed at the very end; no more than a pipe holds, should somebody still print."""
        for _ in range(32):
            if not self._read(output):
                break
        del self._kept[:-KEPT]


def _has_ended(pid: int) -> bool:
    """Whether a child has ended; it stays in the process table, so that its number is nobody else's."""
    if hasattr(os, "waitid"):
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None
    import psutil  # Python has no waitid on macOS before 3.13

    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:  # some systems tell nothing more of one that has ended
        return True


def _end_group(pid: int) -> None:
    """End all of the process group of a child that was not waited for: asked to, then killed."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGTERM)
        deadline = time.monotonic() + _GRACE
        while time.monotonic() < deadline and not _has_ended(pid):
            time.sleep(0.02)
        os.killpg(pid, signal.SIGKILL)


def _text(data: bytes) -> str:
    """Output as text: what a terminal would do with control sequences, and would not show, is left out."""
    parts: list[str] = []
    begin = 0
    while begin < len(data):  # in pieces of whole lines, so that other threads get their turn between two
        end = data.find(b"\n", begin + _AT_ONCE) + 1 or len(data)
        text = _SEQUENCE.sub("", data[begin:end].decode("utf-8", "replace"))
        text = _STRUCK.sub("", text).replace("\b", "").replace("\0", "")
        # A return within a line writes over what stands before it, as the bar of a download does.
        parts.append("\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n")))
        begin = end
    return "".join(parts)
