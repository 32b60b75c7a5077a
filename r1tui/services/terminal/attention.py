"""How a terminal is told that something has ended, and what its window is called: the sequences for it.

They pass a multiplexer where that lets them: tmux with `allow-passthrough on`, GNU screen always. The bell and the title
need no passing: a multiplexer shows both itself.
"""

from __future__ import annotations

import asyncio
import shlex
from contextlib import suppress

from r1tui.domain.clean import Clean, clean_line
from r1tui.services.terminal.terminal import Terminal

BELL = "\a"
COMMAND_SECONDS = 30.0
"""How long a command of the user's may take."""
_END = "\x1b\\"
_SIGNS = str.maketrans({"●": "*", "✓": "+", "–": "-", "—": "-", "·": "-", "…": "..."})
_KEEP_TITLE, _GIVE_BACK_TITLE = "\x1b[22;2t", "\x1b[23;2t"
"""xterm's stack of titles, which tmux has too."""


def notification(way: str, text: str, multiplexer: str) -> str:
    """What shows `text` as a notice of the desktop that the terminal runs on.

    `way`: `osc9` (iTerm2, WezTerm, foot, Windows Terminal), `osc777` (urxvt, foot, WezTerm), `osc99` (kitty), or `bell`.
    """
    text = clean_line(text)
    if multiplexer == "screen":
        text = _ascii(text)
    match way:
        case "osc9":
            return _through(f"\x1b]9;{text}{_END}", multiplexer)
        case "osc777":
            return _through(f"\x1b]777;notify;R1TUI;{text.replace(';', ',')}{_END}", multiplexer)
        case "osc99":
            return _through(f"\x1b]99;;{text}{_END}", multiplexer)
        case _:
            return BELL


def _through(sequence: str, multiplexer: str) -> str:
    """The same, wrapped so that the multiplexer hands it on to its own terminal."""
    if multiplexer == "tmux":
        return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + _END
    if multiplexer == "screen":
        # Its string ends at the first ST, so the notice's own end must be a bell.
        return f"\x1bP{sequence.removesuffix(_END)}\a{_END}"
    return sequence


def _ascii(text: Clean) -> Clean:
    """The same for GNU screen 4, which keeps but the last byte of each character of a title or of what it hands on: that
    of ✓ is a control character, and of many Chinese ones too. Version 5 is not to be told from it.
    """
    kept = "".join(char for char in text.translate(_SIGNS) if char.isascii())
    return Clean(" ".join(kept.split())) if any(map(str.isalpha, kept)) else Clean("R1TUI")


class Title:
    """What the terminal's window is called while the app runs. The title from before comes back at the end."""

    def __init__(self, terminal: Terminal) -> None:
        self._possible = terminal.term not in ("", "linux", "dumb") and not terminal.term.startswith("vt")
        self._screen = terminal.multiplexer == "screen"
        self._stack = not self._screen
        """The terminal keeps the title that it had; GNU screen's is empty by itself."""
        self._shown: str | None = None

    @property
    def used(self) -> bool:
        """Whether the window is called what the app wanted."""
        return self._shown is not None

    def change(self, text: str) -> str:
        """What calls the window `text`; empty where it is called so, or has no title."""
        text = clean_line(text)
        if self._screen:
            text = _ascii(text)
        if not self._possible or text == self._shown:
            return ""
        keep = _KEEP_TITLE if self._shown is None and self._stack else ""
        self._shown = text
        return f"{keep}\x1b]2;{text}{_END}"

    def give_back(self) -> str:
        """What brings the title from before back; empty where it was never changed."""
        if self._shown is None:
            return ""
        self._shown = None
        return _GIVE_BACK_TITLE if self._stack else f"\x1b]2;{_END}"


async def run_command(command: str, text: str) -> int:
    """Run the user's command with `text` as its last argument, without a terminal; returns its exit status.

    Raises `OSError` where it cannot be run, `ValueError` where it is no command line, `TimeoutError` where it had to be
    ended after `COMMAND_SECONDS`.
    """
    words = shlex.split(command)
    process = await asyncio.create_subprocess_exec(
        *words,
        clean_line(text),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return await asyncio.wait_for(process.wait(), COMMAND_SECONDS)
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
