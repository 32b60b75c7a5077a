"""Which clipboard reaches the person, and what is sure about it."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import time
from collections.abc import Callable
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

_TMUX_TIMEOUT = 2.0

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
        private = (
            self._private()
        )  # asked first: while a program is waited for, another conversation may be shown
        text = clean(text)
        if self._terminal.multiplexer == "tmux" and await _tmux(text):
            return CopyResult(Method.TMUX, None, phrase("copy.tmux"))
        if self._terminal.desktop and await asyncio.to_thread(_desktop, text):
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


async def _tmux(text: str) -> bool:
    """Hand the text to tmux: it keeps a buffer and passes it to its clients' terminals (`-w`, tmux 3.2)."""
    try:
        process = await asyncio.create_subprocess_exec(
            "tmux",
            "load-buffer",
            "-w",
            "-",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError:
        return False
    try:
        await asyncio.wait_for(process.communicate(text.encode()), _TMUX_TIMEOUT)
    except (TimeoutError, OSError):
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        return False
    return process.returncode == 0


def _desktop(text: str) -> bool:
    import pyperclip

    try:
        pyperclip.copy(text)
    except (pyperclip.PyperclipException, OSError):
        return False
    return True
