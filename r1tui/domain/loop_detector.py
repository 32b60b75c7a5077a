"""Notices text that goes round in circles, in the reasoning or in the answer."""

from __future__ import annotations

from collections import Counter
from dataclasses import field

from r1tui.domain.dataclass import dataclass

WINDOW = 1200
"""Characters at the end of the text in which short repetitions are looked for."""
LONGEST = 6000
"""Characters at the end of the text in which a long passage is looked for three times."""
SHINGLE = 40
"""Length of the pieces compared; long enough that ordinary phrases do not repeat by chance."""
STEP = 200
"""A look is taken each time this many characters have come: the cost stays a few microseconds a token."""
REPEATED = 0.6
"""Part of the window's pieces that stand in it at least three times before it counts as a loop."""


@dataclass(slots=True)
class LoopDetector:
    """Fed with deltas; says when the end of the text only repeats itself.

    A loop is found when most pieces of `SHINGLE` characters in the last `WINDOW` occur three times or more, or when the
    text ends in one longer passage three times over. Digits are blurred, so that a list counted upwards without end is
    found too, unless `exact`: rows of a table in an answer differ by their digits alone. DeepSeek's model card for R1
    warns of endless repetition at low temperatures; this is its remedy.
    """

    exact: bool = False
    tail: str = ""
    looked_at: int = 0
    seen: int = 0
    found: bool = field(default=False)
    passage: int = 0
    """Length of the passage that was found three times over; 0 where short pieces repeat, or nothing does."""

    def feed(self, text: str) -> bool:
        """Take more text; True once the text loops (and from then on)."""
        if self.found:
            return True
        self.tail = (self.tail + text)[-LONGEST:]
        self.seen += len(text)
        if self.seen >= WINDOW and self.seen - self.looked_at >= STEP:
            self.looked_at = self.seen
            end = self.tail if self.exact else self.tail.translate(_BLUR)
            self.passage = _passage(end)
            self.found = bool(self.passage) or _repeats(end[-WINDOW:])
        return self.found


_BLUR = str.maketrans("123456789", "0" * 9)


def _repeats(text: str) -> bool:
    pieces = Counter(text[at : at + SHINGLE] for at in range(len(text) - SHINGLE + 1))
    often = sum(count for count in pieces.values() if count >= 3)
    return often >= REPEATED * (len(text) - SHINGLE + 1)


def _passage(text: str) -> int:
    """The length of a passage of more than a third of the window that stands at the end three times over; 0 for none."""
    last = text[-SHINGLE:]
    at = text.rfind(last, 0, -1)
    while at >= 0:
        length = len(text) - SHINGLE - at
        if 3 * length > len(text):
            return 0
        if (
            length > WINDOW // 3
            and text[-length:] == text[-2 * length : -length] == text[-3 * length : -2 * length]
        ):
            return length
        at = text.rfind(last, 0, at + SHINGLE - 1)
    return 0
