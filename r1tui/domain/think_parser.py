"""Splits `<think>…</think>` out of an answer, for servers and models that leave the tags in the text.

The rules follow what R1 distills really write (and Ollama's `thinking/parser.go` where it has an opinion):

- An opener counts only at the start of the answer or right after a closer, white space aside: later it is prose about tags.
- Inside reasoning the first closer ends it.
- A closer without an opener, standing at an end of a line, means that the opener was missing: all text so far was reasoning.
  Inside a line it is prose. Once there was reasoning, a stray closer at an end of a line is dropped.
"""

from __future__ import annotations

from enum import Enum, auto

OPENER = "<think>"
CLOSER = "</think>"


class Part(Enum):
    """What a piece of text is."""

    REASONING = auto()
    CONTENT = auto()
    WAS_REASONING = auto()
    """No text of its own: all content so far was reasoning."""


class _State(Enum):
    START = auto()  # nothing but white space so far
    THINKING_START = auto()  # after an opener: its white space is dropped
    THINKING = auto()
    AFTER = auto()  # after a closer: white space and further closers are dropped
    ANSWER = auto()


class ThinkParser:
    """Feed it text in chunks of any size; the parts it returns do not depend on where the chunks were cut."""

    def __init__(self, *, inside: bool = False, reasoned: bool = False, answering: bool = False) -> None:
        """`inside`: the prompt already ended in an opener. `reasoned`: the reasoning came elsewhere (the server split it
        off). `answering`: the text continues an answer that has begun, so that no reasoning is looked for."""
        self._state = _State.THINKING_START if inside else _State.AFTER if reasoned else _State.START
        if answering:
            self._state = _State.ANSWER
        self._reasoned = inside or reasoned or answering
        self._held = ""
        self._at_line_start = True  # whether the last answer text given out ended a line, or there was none

    def feed(self, text: str) -> list[tuple[Part, str]]:
        """The parts that are certain now."""
        self._held += text
        return self._drain(final=False)

    def finish(self) -> list[tuple[Part, str]]:
        """What was still held back, when no more text comes."""
        return self._drain(final=True)

    def server_reasoned(self) -> None:
        """The server has sent reasoning apart from the text: a missing opener is impossible from now on."""
        self._reasoned = True
        if self._state in (_State.START, _State.THINKING_START):
            self._state = _State.AFTER

    def _drain(self, *, final: bool) -> list[tuple[Part, str]]:
        parts: list[tuple[Part, str]] = []
        while self._held and self._step(parts, final=final):
            pass
        return parts

    def _step(self, parts: list[tuple[Part, str]], *, final: bool) -> bool:
        """Take one step; False when more text is needed first."""
        if self._state is _State.THINKING_START:
            self._held = self._held.lstrip()
            if self._held.startswith(OPENER):  # begun once more, or told with what it was begun with
                self._held = self._held[len(OPENER) :]
            elif self._held and (final or not OPENER.startswith(self._held)):
                self._state = _State.THINKING
            else:
                return False
            return True
        if self._state is _State.THINKING:
            return self._think(parts, final=final)
        if self._state is _State.ANSWER:
            return self._answer(parts, final=final)
        return self._look(parts, final=final)

    def _look(self, parts: list[tuple[Part, str]], *, final: bool) -> bool:
        """At the start or after a closer: a tag may come."""
        trimmed = self._held.lstrip()
        if trimmed.startswith(OPENER):
            self._take(trimmed[len(OPENER) :], _State.THINKING_START)
            self._reasoned = True
            return True
        if trimmed.startswith(CLOSER):
            self._take(trimmed[len(CLOSER) :], _State.AFTER)
            return True
        if not final and (OPENER.startswith(trimmed) or CLOSER.startswith(trimmed)):
            return False
        if self._state is _State.AFTER:
            self._held = trimmed
        self._state = _State.ANSWER
        return True

    def _think(self, parts: list[tuple[Part, str]], *, final: bool) -> bool:
        before, closer, rest = self._held.partition(CLOSER)
        if closer:
            self._emit(parts, Part.REASONING, before)
            self._take(rest, _State.AFTER)
            return True
        keep = 0 if final else _overlap(self._held)
        cut = len(self._held) - keep
        self._emit(parts, Part.REASONING, self._held[:cut])
        self._held = self._held[cut:]
        return False

    def _answer(self, parts: list[tuple[Part, str]], *, final: bool) -> bool:
        before, closer, rest = self._held.partition(CLOSER)
        if not closer:
            keep = 0 if final else _overlap(self._held)
            cut = len(self._held) - keep
            self._content(parts, self._held[:cut])
            self._held = self._held[cut:]
            return False
        if not rest and not final:  # the next character decides what the closer is
            self._content(parts, before)
            self._held = CLOSER
            return False
        starts_line = before.endswith("\n") if before else self._at_line_start
        self._content(parts, before)
        if not starts_line and rest and not rest.startswith(("\n", "\r")):
            self._content(parts, CLOSER)
            self._held = rest
        elif self._reasoned:
            self._held = rest
            self._at_line_start = True
        else:
            parts.append((Part.WAS_REASONING, ""))
            self._reasoned = True
            self._take(rest, _State.AFTER)
        return True

    def _take(self, rest: str, state: _State) -> None:
        self._held = rest
        self._state = state

    def _content(self, parts: list[tuple[Part, str]], text: str) -> None:
        if text:
            self._at_line_start = text.endswith("\n")
            self._emit(parts, Part.CONTENT, text)

    @staticmethod
    def _emit(parts: list[tuple[Part, str]], part: Part, text: str) -> None:
        if not text:
            return
        if parts and parts[-1][0] is part:
            parts[-1] = (part, parts[-1][1] + text)
        else:
            parts.append((part, text))


def _overlap(text: str) -> int:
    """How many last characters of `text` may be the beginning of a closer."""
    at = text.rfind("<", -len(CLOSER) + 1)
    while at >= 0:
        if CLOSER.startswith(text[at:]):
            return len(text) - at
        at = text.find("<", at + 1)
    return 0
