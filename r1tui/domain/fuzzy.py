"""Finds commands by what is typed: parts of names, their letters in order, and names of keys.

Full-width characters, as input methods send them, count as ASCII, and capitals as small letters.
"""

from __future__ import annotations

from collections.abc import Iterable
from unicodedata import normalize

from r1tui.domain.dataclass import dataclass

ALL = 120
"""Score of the whole text; less is found is worth less."""
BEGINNING = 100
WORD = 80
WITHIN = 60
LETTERS = 50
RUN = 5
"""What each further run of letters takes from the score of letters that do not stand together."""
KEY = 150
"""Score of a key's whole name."""
LETTER_KEY = 55
"""Score of a key that is a letter: whoever types one mostly begins a word."""


@dataclass(frozen=True, slots=True)
class Found:
    """How well a text suits what was typed (0: not at all), and the indices of the letters that do."""

    score: int = 0
    at: frozenset[int] = frozenset()


NOTHING = Found()


def folded(text: str) -> str:
    """A text as it is compared; it has as many characters as before."""
    return "".join(_folded(char) for char in text)


def _folded(char: str) -> str:
    plain = char.lower() if char.isascii() else normalize("NFKC", char).casefold()
    return plain if len(plain) == 1 else char


def find(typed: str, text: str) -> Found:
    """How well `text` suits a word that was typed without blanks; both folded."""
    if not typed or not set(typed) <= set(text):
        return NOTHING
    starts = [at for at in range(len(text)) if text[at] == typed[0] and _begins(text, at)]
    if typed in text:
        at = next((at for at in starts if text.startswith(typed, at)), text.index(typed))
        if at not in starts and len(typed) == 1 and typed.isascii() and typed.isalnum():
            return NOTHING  # any text has that letter somewhere
        score = ALL if typed == text else BEGINNING if at == 0 else WORD if at in starts else WITHIN
        return Found(score, frozenset(range(at, at + len(typed))))
    best = min((way for start in starts if (way := _letters(typed, text, start))), key=_runs, default=None)
    if best is None:
        return NOTHING
    pieces = [at for at in best if at - 1 not in best]
    if len(pieces) > len(typed) // 2 + 1 and not all(_begins(text, at) for at in pieces):
        return NOTHING
    return Found(LETTERS - RUN * len(pieces), frozenset(best))


def _begins(text: str, at: int) -> bool:
    """Whether a word begins there; each character of Chinese is one."""
    char = text[at]
    return char.isalnum() and (at == 0 or not text[at - 1].isalnum() or not char.isascii())


def _letters(typed: str, text: str, start: int) -> list[int] | None:
    """Indices of the typed letters in their order, the first at `start`: each next one where it suits, else where a word
    begins, else anywhere. None where they are not all there.
    """
    found, at = list[int](), start
    for letter in typed:
        if text[at : at + 1] != letter:
            places = [i for i in range(at, len(text)) if text[i] == letter]
            if not places:
                return None
            at = next((i for i in places if _begins(text, i)), places[0])
        found.append(at)
        at += 1
    return found


def _runs(indices: list[int]) -> int:
    """How many pieces the letters stand in."""
    return sum(at - 1 not in indices for at in indices)


def find_key(typed: str, names: Iterable[str]) -> int:
    """How well one of a key's names suits what was typed: `ctrl+o`, `Ctrl-O`, `^O`, `f5`."""
    wanted = _key(typed)
    best = 0
    for name in map(_key, names):
        if wanted == name:
            best = max(best, LETTER_KEY if len(name) == 1 and name.isalnum() else KEY)
        elif len(wanted) > 1 and name.startswith(wanted):
            best = max(best, WORD)
    return best


def _key(name: str) -> str:
    """A key's name without what people write between its parts; a sign that is a key stays."""
    plain = folded(name).strip()
    if len(plain) > 1:
        plain = plain.replace("^", "ctrl").replace("control", "ctrl")
        plain = "".join(plain.replace("-", "+").replace(" ", "+").split("+")) or plain
    return plain
