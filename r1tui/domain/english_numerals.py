"""Numbers in English words: twelve, forty-two, one hundred and five, three quarters."""

from __future__ import annotations

import re
from fractions import Fraction

_SMALL = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_UNITS = {word: number for number, word in enumerate(_SMALL)}
_TENS = {
    word: 10 * number
    for number, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2
    )
}
_LARGE = {"thousand": 10**3, "million": 10**6, "billion": 10**9}
_PARTS = {"half": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}
_SEVERAL = {f"{word}s": number for word, number in _PARTS.items() if word != "half"} | {"halves": 2}
_WORD = re.compile(r"[a-z]+")
_LONGEST = 100


def value_of(text: str) -> Fraction | None:
    """The number that a text consists of; None where it is anything else."""
    if len(text) > _LONGEST or not text.isascii():
        return None
    text = text.casefold()
    if re.sub(r"[a-z]+|[ -]", "", text):
        return None
    words = _WORD.findall(text)
    if words == ["half"]:
        return Fraction(1, 2)
    *before, last = words or [""]
    above = 1 if before == ["a"] else _whole(before)
    if above is not None and (below := (_PARTS if above == 1 else _SEVERAL).get(last)) is not None:
        return Fraction(above, below)
    whole = _whole(words)
    return None if whole is None else Fraction(whole)


def _whole(words: list[str]) -> int | None:
    """Thousands, then hundreds, tens and ones, each at most once and falling."""
    if not words:
        return None
    total, group, least, before = 0, 0, 10**12, ""
    room = 1000
    for word in words:
        if word in _LARGE and group and _LARGE[word] < least:
            least = _LARGE[word]
            total, group, room = total + group * least, 0, 1000
        elif word == "hundred" and 0 < group < 10:
            group, room = group * 100, 100
        elif word == "and" and before in ("hundred", *_LARGE):
            pass
        elif word in _TENS and room > 10 and (not group or room == 100):
            group, room = group + _TENS[word], 10
        elif word in _UNITS and _UNITS[word] < room and (room < 1000 or not group):
            group, room = group + _UNITS[word], 0
        else:
            return None
        before = word
    return total + group if before != "and" else None
