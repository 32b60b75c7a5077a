"""Notices reasoning that goes round in circles."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

WINDOW = 1200
"""Characters at the end of the reasoning that are looked at."""
SHINGLE = 40
"""Length of the pieces compared; long enough that ordinary phrases do not repeat by chance."""
STEP = 200
"""A look is taken each time this many characters have come: the cost stays a few microseconds a token."""
REPEATED = 0.6
"""Part of the window's pieces that stand in it at least three times before it counts as a loop."""


@dataclass(slots=True)
class LoopDetector:
    """Fed with deltas; says when the end of the text only repeats itself.

    A loop is found when most pieces of `SHINGLE` characters in the last `WINDOW` occur three times or more. Digits are
    blurred, so that a list counted upwards without end is found too. DeepSeek's model card for R1 warns of endless
    repetition at low temperatures; this is its remedy.
    """

    tail: str = ""
    looked_at: int = 0
    seen: int = 0
    found: bool = field(default=False)

    def feed(self, text: str) -> bool:
        """Take more text; True once the text loops (and from then on)."""
        if self.found:
            return True
        self.tail = (self.tail + text)[-WINDOW:]
        self.seen += len(text)
        if self.seen >= WINDOW and self.seen - self.looked_at >= STEP:
            self.looked_at = self.seen
            self.found = _repeats(self.tail)
        return self.found


_BLUR = str.maketrans("123456789", "0" * 9)


def _repeats(text: str) -> bool:
    text = text.translate(_BLUR)
    pieces = Counter(text[at : at + SHINGLE] for at in range(len(text) - SHINGLE + 1))
    often = sum(count for count in pieces.values() if count >= 3)
    return often >= REPEATED * (len(text) - SHINGLE + 1)
