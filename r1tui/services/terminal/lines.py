"""Lines that a person types at a terminal, edited with readline where Python has it."""

from __future__ import annotations

import asyncio
import locale
import sys
import termios
from collections.abc import Iterable
from contextlib import suppress
from io import TextIOWrapper

from r1tui.services.terminal.reading import begin_reading
from r1tui.services.terminal.terminal import Terminal

BLOCK = '"""'
"""Alone on a line it begins and ends a text of several lines."""
_REMEMBERED = 200


class TypedLines:
    """What is typed, line after line, whatever is printed meanwhile."""

    def __init__(self) -> None:
        _type_utf8()
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self._modes = termios.tcgetattr(sys.stdin)
        begin_reading(self._read)

    def _read(self) -> None:
        line: str | None = ""
        while line is not None:
            try:
                line = input()
            except (EOFError, OSError, ValueError):
                line = None
            with suppress(RuntimeError):  # the loop is closed
                self._loop.call_soon_threadsafe(self._lines.put_nowait, line)

    async def text(self) -> str | None:
        """The next text, of several lines between two `BLOCK`s; None at the end of the input."""
        text = await self._lines.get()
        if text is None or text.strip() != BLOCK:
            return text
        lines: list[str] = []
        while (line := await self._lines.get()) is not None and line.strip() != BLOCK:
            lines.append(line)
        return "\n".join(lines)

    def __enter__(self) -> TypedLines:
        return self

    def __exit__(self, *fault: object) -> None:
        """Leave the terminal as it was: readline may be in the middle of a line."""
        with suppress(termios.error):
            termios.tcsetattr(sys.stdin, termios.TCSANOW, self._modes)


def _type_utf8() -> None:
    """Have readline and Python take what is typed as UTF-8, where the system lacks the locale that an SSH session asks for."""
    if Terminal.of().utf8:
        with suppress(locale.Error):
            locale.setlocale(locale.LC_CTYPE, "")
        if locale.nl_langinfo(locale.CODESET) != "UTF-8":
            with suppress(locale.Error):
                locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
        if isinstance(sys.stdin, TextIOWrapper):
            sys.stdin.reconfigure(encoding="utf-8", errors="replace")


def remember(texts: Iterable[str]) -> None:
    """Have Up bring back these texts, oldest first. Those of several lines are left out."""
    with suppress(ImportError):
        import readline

        for each in [text for text in texts if "\n" not in text][-_REMEMBERED:]:
            readline.add_history(each)
