"""Reads what a terminal sends, also where it sends what Textual's reader stumbles over.

An escape sequence in a paste, as of a coloured log out of tmux, is typed as keys by Textual's own: its return sends the
prompt, and when it swallows the mark of the paste's end the app hears no key any more. A byte that is no UTF-8, as a
terminal of another encoding sends for an accented letter, ends its reading for good.

What is read at once has arrived at once, and bears that time: by it a paste without marks is told from typing
(`toolkit/bursts.py`), however busy the machine is. Many lines at once are handed on as lines, not as a key a character.
"""

from __future__ import annotations

import codecs
import re
import select
import sys
from collections.abc import Callable, Iterable
from functools import partial
from time import monotonic

from textual._xterm_parser import XTermParser
from textual.drivers import linux_driver
from textual.message import Message

from r1tui.toolkit.bursts import LONG, QUIET, Lines
from r1tui.toolkit.hooks import hooks
from r1tui.toolkit.patches import Patch

_BEGIN, _END = "\x1b[200~", "\x1b[201~"
_ESCAPE, _PICTURE = "\x1b", "\u241b"
_CONTROLS = re.compile(r"[^\x20-\x7e\x80-\U0010ffff\r\n\t]")
_MORE_LINES = re.compile(r"[\r\n][^\r\n]")
WAITED = 0.01
"""Seconds after a reading in which the next one can only be of what had waited meanwhile: it is as old."""


class TerminalReader(XTermParser):
    """Textual's parser, for which pastes hold no escape characters."""

    telling = False
    """A reader of this process has read keys of which the app has not been told all."""

    def __init__(self, debug: bool = False) -> None:
        self._pasting = False
        self._arrived = self._told = 0.0
        """When what is being read arrived, and when the app had been told of what was read before."""
        self._lines_until = 0.0
        """Until when what comes at once goes on with a paste without marks."""
        self._before = ""
        """The end of what was read before, where a mark may have begun."""
        super().__init__(debug)

    def feed(self, data: str) -> Iterable[Message]:
        """Parse what came; of a paste, the beginning of its end mark waits for the rest."""
        harmless = self._harmless(data)
        if not harmless and data:
            return
        now = monotonic()
        if now - self._told > WAITED:
            self._arrived = now
        TerminalReader.telling = len(harmless) > 1
        lines = not self._pasting and self._are_lines(harmless)
        try:
            for message in (Lines(harmless),) if lines else super().feed(harmless):
                message.time = self._arrived
                yield message
        finally:
            TerminalReader.telling = False
            self._told = monotonic()

    def _are_lines(self, data: str) -> bool:
        """Whether what came at once begins a paste without marks, or goes on with one."""
        goes_on = self._arrived <= self._lines_until
        if len(data) < LONG or _CONTROLS.search(data) or not (goes_on or _MORE_LINES.search(data)):
            return False
        self._lines_until = self._arrived + QUIET
        return True

    def _harmless(self, data: str) -> str:
        parts: list[str] = []
        if self._pasting:
            data, self._before = self._before + data, ""
        while data:
            if not self._pasting:
                seen = self._before + data
                begin = seen.find(_BEGIN)
                end = begin + len(_BEGIN) - len(self._before) if begin >= 0 else len(data)
                self._before = seen[-len(_BEGIN) + 1 :] if begin < 0 else ""
                self._pasting = begin >= 0
                parts.append(data[:end])
            else:
                end = data.find(_END)
                if end < 0:
                    held = next((n for n in range(len(_END) - 1, 0, -1) if data.endswith(_END[:n])), 0)
                    end = len(data) - held
                    self._before = data[end:]
                    parts.append(data[:end].replace(_ESCAPE, _PICTURE))
                    break
                parts.append(data[:end].replace(_ESCAPE, _PICTURE) + _END)
                end += len(_END)
                self._pasting = False
            data = data[end:]
        return "".join(parts)


def _decoder(encoding: str) -> Callable[[], codecs.IncrementalDecoder]:
    return partial(codecs.getincrementaldecoder(encoding), errors="replace")


def _keys_come() -> bool:
    """Whether keys have been read or can be, of which the app does not know yet."""
    if TerminalReader.telling:
        return True
    try:
        return sys.__stdin__ is not None and bool(select.select([sys.__stdin__], [], [], 0)[0])
    except (OSError, ValueError):  # it is closed
        return False


def install() -> None:
    """Have Textual read so. Before the app runs."""
    hooks.keys_come = _keys_come
    linux_driver.XTermParser = TerminalReader  # type: ignore[attr-defined]
    linux_driver.getincrementaldecoder = _decoder  # type: ignore[attr-defined,assignment]


PATCH = Patch(
    "pastes that hold escape sequences, and bytes that are no UTF-8, are read as text; what came at once is known",
    leans_on=(
        "textual._xterm_parser:XTermParser.__init__(self, debug)",
        "textual._xterm_parser:XTermParser.feed(self, data)",
        "textual.message:Message.time",
        "textual.drivers.linux_driver:XTermParser",
        "textual.drivers.linux_driver:getincrementaldecoder",
    ),
    upstream="textual/drivers/linux_driver.py, run_input_thread: parser and decoder are named there, without a hook",
    without="an escape sequence in a paste is taken for keys, a byte that is no UTF-8 ends the reading, and a busy machine "
    "can take a paste without marks for typing",
    install=install,
)
