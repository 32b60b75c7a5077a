"""Tells a paste without marks, as GNU screen 4 and `tmux paste-buffer` send it, from what is typed: by when keys arrive.

Nobody types two keys within `WITHIN` over and over. An Enter that comes so soon behind text is held for as long: if
more text follows, all of it is a paste; else it was a typed line whose Enter came in one piece with it, as over SSH.
Long lines that are read at once are known as `Lines` before keys are made of them: megabytes would take minutes as keys.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from textual.events import Key, Paste

WITHIN = 0.05
"""Seconds between two keys of a burst."""
QUIET = 0.2
"""Seconds without a key after which a paste is through: a slow line brings it in pieces."""
SEEN = 0.5
"""Seconds after a paste in which nobody has read the question about it: what comes then still belongs to it."""
LONG = 1000
"""Characters that are read at once from which lines are never typed."""
_SIGNS = {"enter": "\n", "ctrl+j": "\n", "tab": "\t"}


class Lines(Paste):
    """Lines, or a piece of them, that came without the marks of a paste. A field takes them as one."""

    def __init__(self, text: str) -> None:
        super().__init__(text.replace("\r\n", "\n").replace("\r", "\n"))


Lines.handler_name = Paste.handler_name


def sign_of(key: Key | Lines) -> str:
    """What a key writes; empty for one that writes nothing."""
    if isinstance(key, Lines):
        return key.text
    return _SIGNS.get(key.key) or (key.character if key.is_printable else None) or ""


class Bursts:
    """What becomes of each key. Its times are those of arrival (`Event.time`)."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._text: list[str] = []
        """The burst so far, as text."""
        self._given = 0
        """How many characters of it were handed on before an Enter was held."""
        self._held: list[Key] = []
        """An Enter, and Enters and Tabs behind it, that wait for what follows."""
        self._pasting = False
        self._last = 0.0
        self.entered = 0.0
        """When the last Enter arrived."""
        self.length = 0
        """Characters of the burst that the last Enter ended."""

    @property
    def waits(self) -> bool:
        """Whether something is held, so that `settle` is to be called after `left` seconds."""
        return self._pasting or bool(self._held)

    def left(self, now: float) -> float:
        """Seconds until the burst, and what is held of it, can be judged, if no key comes."""
        return self._last + (QUIET if self._pasting else WITHIN) - now

    def take(self, key: Key, more: Callable[[], bool]) -> tuple[Key, ...]:
        """Look at a key for the prompt; returns the keys that it gets now. `more`: whether further keys are known of."""
        if key.key == "enter":
            self.entered = key.time
        sign = sign_of(key)
        soon = key.time - self._last <= WITHIN
        if self._pasting:
            self._text.append(sign)
            self._last = max(key.time, self._clock())  # there may be time for it long after it arrived
            return ()
        free: tuple[Key, ...] = ()
        if self._held and (not soon or not sign):
            free = self.release()
        if not soon or not sign:
            self._text.clear()
        if not sign:
            self._last = 0.0
            return (*free, key)
        self._last = key.time
        if key.key == "enter" and not self._held:
            self.length = self._given = len(self._text)
            if not self._text and not more():
                return (*free, key)
        self._text.append(sign)
        if not self._held and key.key != "enter":
            return (*free, key)
        if key.is_printable:
            self._pasting = True
            self._held.clear()
        else:
            self._held.append(key)
        return free

    def take_lines(self, lines: Lines) -> tuple[Key, ...]:
        """The same for lines: they are a paste, with what came right before them."""
        free: tuple[Key, ...] = ()
        if not self._pasting:
            if lines.time - self._last > WITHIN:
                free = self.release()
            if not self._held:
                self._given = len(self._text)
            self._held.clear()
            self._pasting = True
        self._text.append(lines.text)
        self._last = max(lines.time, self._clock())
        return free

    def release(self) -> tuple[Key, ...]:
        """Let go of what is held: it was typed."""
        held = tuple(self._held)
        self._held.clear()
        self._text.clear()
        return held

    def pasted(self) -> tuple[str, str] | None:
        """The paste that has come: what of it the prompt got already, and the rest. None where it is none."""
        if not self._pasting:
            return None
        text = "".join(self._text)
        self._text.clear()
        self._pasting = False
        return text[: self._given], text[self._given :]
