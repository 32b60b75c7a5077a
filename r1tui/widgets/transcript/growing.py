"""Foreign text made harmless as it grows: only what is new is cleaned, right over the seams."""

from __future__ import annotations

from r1tui.domain.clean import Clean, clean

_JOINERS = "\u200d\ufe0f"
_CONTEXT = 4


class CleanText:
    """Cleaned copy of a text that is only appended to."""

    __slots__ = ("_taken", "text")

    def __init__(self) -> None:
        self.text = Clean("")
        self._taken = 0

    def grow(self, raw: str) -> Clean:
        """Take `raw`, which begins with what was given before. A joiner or carriage return at the end waits for what follows."""
        end = len(raw)
        while end > self._taken and raw[end - 1] in "\u200d\r":
            end -= 1
        if end <= self._taken:
            return self.text
        start = self._taken
        # Whether a joiner is kept depends on the characters before it: these are cleaned along, and taken off again.
        while start and raw[start] in _JOINERS and self._taken - start < _CONTEXT:
            start -= 1
        if raw[self._taken] in _JOINERS:
            before = clean(raw[start : self._taken])
            self.text += clean(raw[start:end])[len(before) :]
        else:
            self.text += clean(raw[self._taken : end])
        self._taken = end
        return self.text
