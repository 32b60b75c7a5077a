"""Reads what a terminal sends, also where it sends what Textual's reader stumbles over.

An escape sequence in a paste, as of a coloured log out of tmux, is typed as keys by Textual's own: its return sends the
prompt, and when it swallows the mark of the paste's end the app hears no key any more. A byte that is no UTF-8, as a
terminal of another encoding sends for an accented letter, ends its reading for good.

Of text behind an Esc, as of a burst, it takes the first letter for one with Alt, swallows the Esc, and from 32 characters
on types a `^`; replies to another program's queries it types; on some numbers in a sequence it ends. `toolkit/escapes.py`
tells all of these apart before it hears of them.

What is read at once has arrived at once, and bears that time: by it a paste without marks is told from typing
(`toolkit/bursts.py`), however busy the machine is. Many lines at once are handed on as lines, not as a key a character.
"""

from __future__ import annotations

import codecs
import re
import select
import sys
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from time import monotonic

from textual import constants
from textual._xterm_parser import XTermParser
from textual.drivers import linux_driver
from textual.events import Key
from textual.message import Message

from r1tui.toolkit.bursts import LONG, QUIET, Lines
from r1tui.toolkit.escapes import ESC, Alone, Escapes, Pair, Piece
from r1tui.toolkit.hooks import hooks
from r1tui.toolkit.patches import Patch
from r1tui.toolkit.typing import AltKey

_BEGIN, _END = "\x1b[200~", "\x1b[201~"
_PICTURE = "\u241b"
_INTERRUPT = "\x03"
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MORE_LINES = re.compile(r"[\r\n][^\r\n]")
WAITED = 0.01
"""Seconds after a reading in which the next one can only be of what had waited meanwhile: it is as old."""
TORN = 0.005
"""Seconds between the two characters of Alt and a letter on a serial line; who types Esc, then the letter, takes longer."""
LOST = 1.0
"""Seconds of silence within a paste after which Esc or Ctrl+C alone is a person's, whose paste has lost its end."""
REPLY = 1.0
"""Seconds for which the end of a reply is waited for."""


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
        self._escapes = Escapes(_means_something)
        super().__init__(debug)

    def feed(self, data: str) -> Iterable[Message]:
        """Parse what came; of a paste, the beginning of its end mark waits for the rest."""
        now = monotonic()
        if self._pasting and data in (ESC, _INTERRUPT) and now - self._arrived > LOST:
            data = _END + data
        harmless = self._harmless(data)
        if not harmless and data:
            return
        if self._escapes.held == ESC and data[:1] not in ("[", "O") and now - self._arrived > TORN:
            yield from self._give_up()
        if now - self._told > WAITED:
            self._arrived = now
        TerminalReader.telling = len(harmless) > 1
        lines = not self._pasting and self._are_lines(harmless)
        if lines:
            yield from self._give_up()
        try:
            for message in (Lines(harmless),) if lines else self._told_of(self._escapes.cut(harmless)):
                message.time = self._arrived
                yield message
            if not data:
                yield from super().feed(data)
        finally:
            TerminalReader.telling = False
            self._told = monotonic()

    def tick(self) -> Iterable[Message]:
        """What is held is no sequence, once nothing more has come for a while."""
        late = monotonic() - self._arrived
        if late >= (REPLY if self._escapes.in_string else constants.ESCAPE_DELAY):
            yield from self._give_up()
        yield from super().tick()

    def _give_up(self) -> Iterable[Message]:
        for message in self._told_of(self._escapes.give_up()):
            message.time = self._arrived
            yield message

    def _told_of(self, pieces: Iterable[Piece]) -> Iterable[Message]:
        for piece in pieces:
            if isinstance(piece, Alone):
                yield Key("escape", ESC)
            elif isinstance(piece, Pair):
                yield from self._with_alt(piece)
            else:
                yield from super().feed(piece.text)

    def _with_alt(self, pair: Pair) -> Iterable[Message]:
        both = ESC + pair.character
        known = _means_something(both)
        for key in super().feed(both if known else pair.character):
            yield AltKey.of(key, pair.character, known, pair.followed) if isinstance(key, Key) else key

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
                    parts.append(data[:end].replace(ESC, _PICTURE))
                    break
                parts.append(data[:end].replace(ESC, _PICTURE) + _END)
                end += len(_END)
                self._pasting = False
            data = data[end:]
        return "".join(parts)


@lru_cache(maxsize=256)
def _means_something(sequence: str) -> bool:
    """Whether Textual's reader knows a sequence, and gets over it."""
    if sequence in (_BEGIN, _END):
        return True
    try:
        return any(XTermParser().feed(sequence))
    except (ValueError, OverflowError):  # a character that there is none of
        return False


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
    "pastes that hold escape sequences, and bytes that are no UTF-8, are read as text; what came at once is known; text "
    "behind Esc stays text, and a terminal's replies are nobody's keys",
    leans_on=(
        "textual._xterm_parser:XTermParser.__init__(self, debug)",
        "textual._xterm_parser:XTermParser.feed(self, data)",
        "textual._xterm_parser:XTermParser.tick(self)",
        "textual.message:Message.time",
        "textual.drivers.linux_driver:XTermParser",
        "textual.drivers.linux_driver:getincrementaldecoder",
    ),
    upstream="textual/drivers/linux_driver.py, run_input_thread: parser and decoder are named there, without a hook",
    without="an escape sequence in a paste and a terminal's reply are taken for keys, a byte that is no UTF-8 ends the "
    "reading, text in one piece with an Esc swallows it, and a busy machine can take a paste without marks for typing",
    install=install,
)
