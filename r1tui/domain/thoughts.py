"""What a model's reasoning says in short: its latest sentence, how often it turns back on itself, its paragraphs.

R1 turns back in words that hardly vary: "Wait, …", "Hmm, actually …", "Let me check …", 等等, 不对, 再想想. They count where
a sentence begins with them; neighbouring sentences of a line that turn back are one turn.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import cache

from r1tui.domain.dataclass import dataclass

SHOWN = 400
"""Characters of a sentence, or of a paragraph's beginning, that are kept: more fit into no line."""
_LONGEST_END = 12
"""Characters of what may end a sentence: some dots with quotes and marks behind them."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of a reasoning."""

    start: int
    """The place of its first character in the reasoning."""
    words: str
    """How it begins, in one line."""
    turns: int
    """How often it turns back."""


class ThoughtReader:
    """Reads a reasoning as it grows; what was read is not looked at again."""

    __slots__ = ("_begun", "_searched", "_turned", "_turns", "sentence")

    def __init__(self) -> None:
        self.sentence = ""
        """The latest whole sentence that says something, without the mark of a list or heading before it."""
        self._turns = 0
        self._turned = False
        """Whether the sentence before, in the same line, turns back."""
        self._begun = 0
        """Where the sentence begins that has not ended yet."""
        self._searched = 0
        """Up to here it has no end."""

    def grow(self, reasoning: str) -> None:
        """Take a reasoning that begins with what was given before."""
        for end in _ends().finditer(reasoning, self._searched):
            sign = end.group()
            ends_line = sign[0] == "\n"
            if not ends_line and end.end() == len(reasoning):
                break  # more of the sign may come
            text = reasoning[self._begun : min(end.end(), self._begun + SHOWN)]
            turns = turns_back(text)
            self._turns += turns and not self._turned
            self._turned = turns and not ends_line
            said = _plain(text)
            if _says_something().search(said):
                self.sentence = said
            self._begun = end.end()
        self._searched = max(self._begun, len(reasoning) - _LONGEST_END)

    def turns(self, reasoning: str) -> int:
        """How often the reasoning, which `grow` was given, turns back; the sentence at its end counts, too."""
        return self._turns + (not self._turned and turns_back(reasoning[self._begun : self._begun + SHOWN]))


def turns_back(sentence: str) -> bool:
    """Whether a sentence begins as one does that goes back on what was thought."""
    sentence = sentence.replace("’", "'")
    return bool(_turn().match(sentence) or (not sentence.isascii() and _chinese_turn().match(sentence)))


def paragraphs(reasoning: str) -> list[Paragraph]:
    """The paragraphs of a reasoning: what blank lines part, or its lines where it has no blank ones."""
    parts = re.compile(r"\n[ \t]*\n\s*" if "\n\n" in reasoning.strip() else r"\n\s*")
    found: list[Paragraph] = []
    start = 0
    for end in (*(part.span() for part in parts.finditer(reasoning)), (len(reasoning),) * 2):
        text = reasoning[start : end[0]]
        if text.strip():
            reader = ThoughtReader()
            reader.grow(text)
            begun = start + len(text) - len(text.lstrip())
            words = _plain(" ".join(text[:SHOWN].split()))
            found.append(Paragraph(begun, words, reader.turns(text)))
        start = end[1]
    return found


def seconds_at(place: int, times: Sequence[tuple[int, int, float]]) -> float | None:
    """At which second of the reasoning the character at `place` came; None where nobody saw it come."""
    at = bisect_right(times, place, key=lambda each: each[0]) - 1
    return times[at][2] if at >= 0 and place < times[at][1] else None


def _plain(text: str) -> str:
    return _marks().sub("", text.strip(), count=1)


# Compiled at the first use: the first paint needs none of them.


@cache
def _ends() -> re.Pattern[str]:
    """What ends a sentence: its sign, with what closes behind it; a sign of Latin scripts before a blank only."""
    closing, full_closing = "[\"')\\]*_”’]{0,3}", "[”’」』）*]{0,3}"
    return re.compile(
        r"[.!?…。！？\n](?:(?<=\n)\n*"
        rf"|(?<=[。！？])[。！？…]{{0,6}}{full_closing}"
        rf"|[.!?…]{{0,6}}(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bvs\.){closing}(?=\s)"
        rf"|(?<=…)[。！？…]{{0,6}}{full_closing})"
    )


@cache
def _marks() -> re.Pattern[str]:
    """The mark of a heading, quote, list or fence at the beginning."""
    return re.compile(r"^(?:[#>*+\-•`]+\s+|\d{1,3}[.)、]\s*|\*\*(?!.*\*\*))+")


@cache
def _says_something() -> re.Pattern[str]:
    """More than "Hmm." or "1.": four Chinese characters, or some letters and eight characters in all."""
    return re.compile(r"(?:[\u3400-\u9fff]\W*){4}|^(?=.*[^\W\d_]{2}|.*=).{8}", re.DOTALL)


@cache
def _turn() -> re.Pattern[str]:
    """How a sentence begins in English that turns back."""
    lead = "but|oh|ah|hm+|um+|uh|ok(?:ay)?|so|no|nope|well|yes|yeah|and|then|now|alternatively"
    again = "examine|consider|think|calculate|compute|evaluate|do|read|phrase|visit|start|trace"
    english = (
        r"wait\b(?! (?:time|for|until|list))",
        r"ho?ld on\b|hang on\b|scratch that\b|on second thoughts?\b|my mistake\b|actually\b",
        r"let(?:'s| me| us) (?:just |quickly |also |first )?(?:(?:(?:double|cross)[- ]?|re-?)?(?:check|verify)"
        rf"|re-?(?:{again})|make sure|go back|start over|try again|think again|look again)\b",
        r"i (?:think i |may have |might have |must have )?(?:made|make) (?:a|an|some) (?:mistake|error)",
        r"i(?: was|'m| am) wrong\b|i (?:misread|miscounted|misunderstood|miscalculated|overlooked)\b",
        r"that(?:'s| is) (?:not (?:right|correct|possible)|wrong|incorrect|impossible)\b",
        r"that (?:can't|cannot|can not|doesn't seem|does not seem|isn't|doesn't look) (?:be )?(?:right|correct)\b",
    )
    return re.compile(rf"[\s\"'“*_>\-]*(?:(?:{lead})\b[\s,.…!—–-]*)*(?:{'|'.join(english)})", re.IGNORECASE)


@cache
def _chinese_turn() -> re.Pattern[str]:
    """The same in Chinese."""
    lead = "嗯+|哦|噢|啊|呃|咦|诶|唔|但是?|不过|可是|那么?|所以|好的?|然后|现在"
    check = "检查|验证|核对|核实|确认"
    chinese = (
        "等等|等一下|等一等|等下|稍等|且慢|慢着|不对|不[，,。！]|不是[，,]|错了|有问题",
        "(?:让|我|们|还是|来|需要|应该|要|得)*(?:重新|回过头|再(?:次|仔细|想|看看|看一|算算|算一|读一|数一|考虑一"
        rf"|{check}))",
        rf"让我们?(?:来|先)?(?:{check})|(?:我们?)?(?:来|先)?(?:{check})一(?:下|遍)",
        "(?:这里)?我?(?:刚才|刚刚|前面|之前|上面)?(?:好像|可能|似乎|应该是)?我?(?:算|弄|搞|想|看|理解|记|数|漏)错",
    )
    return re.compile(rf"\s*(?:(?:{lead})[，、,…\s]*)*(?:{'|'.join(chinese)})")
