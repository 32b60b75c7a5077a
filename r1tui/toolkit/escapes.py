"""Cuts what a terminal sends into text, escape sequences, Esc itself, and what nobody typed: its replies to queries.

A terminal sends ESC for Esc, for the beginning of a sequence, and before a character for Alt. A sequence is one where
its grammar says so; else ESC and a character that came at once are the character with Alt, but where more came with
them they may be Esc and text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator

from r1tui.domain.dataclass import dataclass

ESC = "\x1b"
_CSI = re.compile(r"\x1b\[(?:\[[A-E]|M[^\x1b]{3}|<[-\d;]+[Mm]|(?!M)[0-?]*[ -/]*[@-~])")
_SS3 = re.compile(r"\x1bO[^\x1b]")
_STRING = re.compile(r"\x1b(?:\]\d+(?:;|(?=[\x07\x1b]))|P[\d;]*[!$+=>|][\w|{~]|_G)")
"""The beginning of a control string: of replies alone, for text behind Esc may begin with `]` or `P` as well."""
_STRING_END = re.compile(r"\x07|\x1b\\|[\x18\x1a]|(?=\x1b[^\\])")
_UNFINISHED = re.compile(
    r"\x1b(?:\[(?:\[|M[^\x1b]{0,2}|<[-\d;]*|[0-?]*[ -/]*)|O|\]\d*|P[\d;]*[!$+=>|]?|_)?\Z"
)
LONGEST = 32
"""Characters of a sequence that keys and replies do not come near."""


@dataclass(frozen=True, slots=True)
class Text:
    """Characters that stand for themselves, or one sequence that means something."""

    text: str


@dataclass(frozen=True, slots=True)
class Alone:
    """The key Esc, which no character followed that may belong to it."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A character with Alt, or Esc and that character."""

    character: str
    followed: bool
    """More came with it."""


Piece = Text | Alone | Pair


class Escapes:
    """Cuts what comes piece by piece. What was torn at the end of what was read waits for the rest of it."""

    def __init__(self, known: Callable[[str], bool]) -> None:
        self._known = known
        """Whether a sequence means something."""
        self.held = ""
        """The beginning of a sequence, or Esc."""
        self.in_string = False
        """The end of a control string has not come yet."""

    def cut(self, data: str) -> Iterator[Piece]:
        """Cut what came at once."""
        data, self.held = self.held + data, ""
        at = 0
        while at < len(data):
            begin = data.find(ESC, at)
            if self.in_string:
                end = _STRING_END.search(data, at)
                if end is None:
                    self.held = ESC if data.endswith(ESC) else ""
                    return
                self.in_string, at = False, end.end()
            elif begin != at:
                begin = len(data) if begin < 0 else begin
                yield Text(data[at:begin])
                at = begin
            elif _UNFINISHED.match(data, at) and len(data) - at < LONGEST:
                self.held = data[at:]
                return
            else:
                at = yield from self._escape(data, at)

    def _escape(self, data: str, at: int) -> Generator[Piece, None, int]:
        """What begins with the ESC there, which is not the last character; returns where it ends."""
        if string := _STRING.match(data, at):
            self.in_string = True
            return string.end()
        if found := _CSI.match(data, at) or _SS3.match(data, at):
            known = found.end() - at < LONGEST and self._known(found[0])
            if known:
                yield Text(found[0])
            if known or found.end() - at > 3:
                return found.end()  # a reply, or a key that nobody knows, where it is not known
        second = data[at + 1]
        if second == ESC:
            yield Alone()
            return at + 1
        if second.isprintable():
            yield Pair(second, len(data) > at + 2)
        elif self._known(ESC + second):
            yield Text(ESC + second)
        else:
            yield Alone()
            yield Text(second)
        return at + 2

    def give_up(self) -> Iterator[Piece]:
        """Take what is held as what it is, since nothing comes that goes on with it."""
        held, self.held = self.held, ""
        if self.in_string:
            self.in_string = False
        elif held == ESC:
            yield Alone()
        elif held:
            yield Pair(held[1], False)
            if len(held) > 2:
                yield Text(held[2:])
