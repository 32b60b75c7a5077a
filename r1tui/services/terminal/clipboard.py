"""Which clipboard reaches the person, and what is sure about it."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path

from r1tui.domain.clean import clean
from r1tui.domain.dataclass import dataclass
from r1tui.domain.phrase import Phrase, phrase
from r1tui.locale import clock
from r1tui.services.atomic import write_atomically
from r1tui.services.paths import data_dir
from r1tui.services.small_file import why
from r1tui.services.terminal.terminal import Terminal

OSC52_LIMIT = 74_994
"""Bytes of text: hterm takes sequences of up to 100,000 bytes: 8 are the envelope,
and base64 makes 4 bytes of 3. The other terminals that take OSC 52 take as much or more."""

_SCREEN_CHUNK = 252
"""Bytes between DCS and ST: older GNU screens drop control strings over 256 (MAXSTR in its sources)."""

_PROGRAM_TIMEOUT = 5.0
"""Seconds for a program to take a text; one whose display is gone may wait for it without end."""

_TMUX = ("tmux", "load-buffer", "-w", "-")
"""Keeps a buffer and passes it to the terminals of tmux's clients (`-w`, tmux 3.2)."""

_PYPERCLIP = (sys.executable, "-X", "utf8", "-m", "pyperclip")
"""Finds the desktop's program and runs it, here in a process of its own: what it says would show on the screen, and it may
wait for a display that is gone. It asks no program how it ended: only what it reads back is there.
"""

COPIES = "copies"
"""The folder, within the data folder, of texts that were too long for the terminal."""


class Method(StrEnum):
    """The way a text was copied."""

    TMUX = "tmux"
    OSC52 = "osc52"
    DESKTOP = "desktop"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class CopyResult:
    """Where a copied text is now."""

    method: Method
    path: Path | None
    phrase: Phrase
    """One sentence for the user; of OSC 52 it says that the terminal gives no answer."""


def osc52(text: str, multiplexer: str = "") -> str:
    """What asks a terminal to take `text` into its clipboard; for screen in pieces that it lets through."""
    sequence = f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\x07"
    if multiplexer != "screen":
        return sequence
    pieces = [sequence[at : at + _SCREEN_CHUNK] for at in range(0, len(sequence), _SCREEN_CHUNK)]
    return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)


_REFUSED = CopyResult(Method.FILE, None, phrase("copy.private"))


class Clipboard:
    """Copies by the way that fits the terminal."""

    def __init__(
        self,
        terminal: Terminal | None = None,
        copies: Path | None = None,
        private: Callable[[], bool] = lambda: False,
    ) -> None:
        """`copies` takes texts too long for the terminal; `copies` in the data folder by default.

        `private` tells whether what is copied now may belong to a private conversation: then it goes into no file.
        """
        self._private = private
        self._terminal = terminal or Terminal.of()
        self._copies = copies
        self.write: Callable[[str], None] | None = None
        """Sends a sequence to the terminal as it is, in turn with the rest; the app sets it."""

    async def copy(self, text: str) -> CopyResult:
        """Copy `text`, made harmless first: pasted into a shell it must not act by itself. Never raises.

        What is private and too long for the terminal is not copied, since it would be written to a file.
        """
        # Asked first: while a program is waited for, another conversation may be shown.
        private = self._private()
        text = clean(text)
        if self._terminal.multiplexer == "tmux" and await _taken_by(_TMUX, text):
            return CopyResult(Method.TMUX, None, phrase("copy.tmux"))
        if self._terminal.desktop and await _desktop(text):
            return CopyResult(Method.DESKTOP, None, phrase("copy.desktop"))
        if self.write is None or len(text.encode()) > OSC52_LIMIT:
            return await self._to_file(text) if not private else _REFUSED
        self.write(osc52(text, self._terminal.multiplexer))
        return CopyResult(Method.OSC52, None, phrase("copy.osc52"))

    async def _to_file(self, text: str) -> CopyResult:
        now = time.time_ns()
        stamp = clock.stamp(now // 10**9)
        name = f"copy-{stamp}-{now % 10**9 // 1000:06}.txt"
        path = (self._copies or data_dir() / COPIES) / name
        try:
            await asyncio.to_thread(write_atomically, path, text)
        except OSError as error:
            failed = phrase("copy.failed", path=str(path), reason=why(error))
            return CopyResult(Method.FILE, None, failed)
        return CopyResult(Method.FILE, path, phrase("copy.file", path=str(path)))


async def _desktop(text: str) -> bool:
    """Whether a text is on the clipboard of this machine's desktop after it was handed to it."""
    return await _taken_by((*_PYPERCLIP, "--copy"), text) and await _said_by((*_PYPERCLIP, "--paste"), text)


async def _taken_by(command: Sequence[str], text: str) -> bool:
    """Whether a program has read the text from its standard input and ended well; what it says shows nowhere."""
    return await _run(command, text.encode(), asyncio.subprocess.DEVNULL) is not None


async def _said_by(command: Sequence[str], text: str) -> bool:
    """Whether a program writes just the text to its standard output."""
    return await _run(command, b"", asyncio.subprocess.PIPE) == text.encode()


async def _run(command: Sequence[str], given: bytes, output: int) -> bytes | None:
    """The standard output, if it is a pipe, of a program that ends well and in time; None of any other."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=output,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return None
    try:
        said, _ = await asyncio.wait_for(process.communicate(given), _PROGRAM_TIMEOUT)
    except (TimeoutError, OSError):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # and what it has started
        return None
    return (said or b"") if process.returncode == 0 else None
