"""In which language a model reasons: what is asked for, by which line, and whether it goes over to another.

R1 and its distills go back and forth between English and Chinese, most of all in their reasoning. No parameter says in
which language to think; a line in the user's turn is what is found to help.
"""

from __future__ import annotations

import re
from enum import StrEnum


class ReasoningLanguage(StrEnum):
    """What the user wants."""

    AS_IT_COMES = "auto"
    QUESTION = "question"
    """The question's own."""
    ENGLISH = "english"
    CHINESE = "chinese"


class Script(StrEnum):
    """What tells the two languages apart."""

    LATIN = "latin"
    HAN = "han"


HAN_TOKENS, LATIN_TOKENS = 0.6, 0.3
"""Tokens a character: DeepSeek's rule of thumb (`domain/context_window.py`)."""
TOKENS = 200
"""Tokens at the end of the reasoning that are looked at."""
SHARE = 1 / 3
"""Part of them in the other script from which the language counts as another."""
STEP = 100
"""A look is taken each time this many characters have come."""
_TAIL = round(TOKENS / LATIN_TOKENS)
_WORD = re.compile(r"(?<![A-Za-z\\])[A-Za-z]{2,}")
"""A word; one letter is a name in a formula, and what follows a backslash a command of one."""


def weights(text: str) -> dict[Script, float]:
    """Tokens of a text in either script, about; digits and signs are in none."""
    han = 0 if text.isascii() else sum("\u3400" <= each <= "\u9fff" for each in text)
    latin = sum(len(word) for word in _WORD.findall(text))
    return {Script.HAN: han * HAN_TOKENS, Script.LATIN: latin * LATIN_TOKENS}


def script_of(text: str) -> Script | None:
    """The script that two thirds of a text's words are in; None for neither."""
    found = weights(text)
    script = max(found, key=lambda each: found[each])
    return script if found[script] > (1 - SHARE) * sum(found.values()) else None


def line_for(language: ReasoningLanguage, question: str) -> str:
    """The line that is put behind a question, in the language that it asks for; "" where nothing is asked for."""
    match language, script_of(question):
        case (ReasoningLanguage.CHINESE, _) | (ReasoningLanguage.QUESTION, Script.HAN):
            return "请用中文思考。"
        case ReasoningLanguage.ENGLISH, _:
            return "Please think in English."
        case ReasoningLanguage.QUESTION, Script.LATIN:
            return "Please think in the language of this question."
        case _:
            return ""


def expected_script(language: ReasoningLanguage, question: str) -> Script | None:
    """The script that the reasoning should be in; None where it is the one that it begins in."""
    match language:
        case ReasoningLanguage.CHINESE:
            return Script.HAN
        case ReasoningLanguage.ENGLISH:
            return Script.LATIN
        case ReasoningLanguage.QUESTION:
            return script_of(question)
        case ReasoningLanguage.AS_IT_COMES:
            return None


class DriftDetector:
    """Fed with reasoning; says once when it has gone over to the other script."""

    def __init__(self, expected: Script | None) -> None:
        self.expected = expected
        """The script that it should be in; the first `TOKENS` say it where that is None."""
        self.drifted_to: Script | None = None
        self._tail = ""
        self._seen = 0
        self._looked_at = 0

    def feed(self, text: str) -> bool:
        """Take more reasoning; True at the moment when it is found to have gone over."""
        if self.drifted_to is not None:
            return False
        self._tail = (self._tail + text)[-_TAIL:]
        self._seen += len(text)
        if self._seen - self._looked_at < STEP:
            return False
        self._looked_at = self._seen
        end = _last_tokens(self._tail)
        if end is None:
            return False
        if self.expected is None:
            self.expected = script_of(end)
            return False
        other = Script.LATIN if self.expected is Script.HAN else Script.HAN
        if weights(end)[other] > SHARE * TOKENS:
            self.drifted_to = other
        return self.drifted_to is not None


def _last_tokens(text: str) -> str | None:
    """The end of a text that makes `TOKENS` tokens; None where there are not so many yet."""
    tokens = 0.0
    for at in range(len(text) - 1, -1, -1):
        tokens += HAN_TOKENS if "\u2e80" <= text[at] <= "\uffef" else LATIN_TOKENS
        if tokens >= TOKENS:
            return text[at:]
    return None


def answer_heading(reasoning: str) -> str:
    """What leads from a reasoning to its answer where both are one text, in the reasoning's language."""
    return "**最终答案：**" if script_of(reasoning) is Script.HAN else "**Final answer:**"
