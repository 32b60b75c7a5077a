r"""The short answer that a text ends in, as it is counted where one question is asked several times.

It is the content of the last `\boxed{…}`; else what stands behind the last "the answer is" or 答案是; else the last line
where it is short and no sentence; there a number, a choice or a formula also counts behind "it is" or 所以是. The text is foreign: each character is looked at a bounded number of times.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from r1tui.domain.answer_form import LONGEST, Form, form

SHORT = 40
"""Characters of a last line, or of words behind a phrase, that are an answer by themselves."""
_FEW_WORDS = 3
_LOOKED_AT = 240
"""Characters behind a phrase that are looked at."""
_TAIL = 100_000
"""Characters at the end of a text in which phrases are looked for: an answer stands at the end."""

_PHRASES = 16
"""How many phrases are looked behind, from the last on."""

_BRACE = re.compile(r"\\(?:boxed|fbox)[ \n]{0,3}\{|\\.|[{}]", re.S)
_PHRASE = re.compile(
    r"(?:answers?\b(?:[ ](?:to|for|of|in|choice|option)\b[^\n.!?:]{0,60}?|[ ]?\([^()\n]{0,30}\))?"
    r"|\b(?:result|solution|correct[ ](?:option|choice|letter))\b)"
    r"[*_ ]{0,4}(?:\bis\b|\bare\b|\bwould[ ]be\b|\bshould[ ]be\b|\bmust[ ]be\b|\bequals\b|[:：=])"
    r"|(?:答案|结果|正确选项)[*_ ]{0,4}(?:应该|应当|应|就|即)?(?:是|为|等于|[:：=])"
    r"|(?:故|应|应该|因此|所以|答案)选(?:择|项)?",
    re.I,
)
_LOOSE = re.compile(
    r"(?:^|[.!?;:。！？；：，][ ]?|\b(?:so|thus|hence|therefore|then)\b)[\s*_]{0,4}"
    r"(?:(?:so|thus|hence|therefore|then|and[ ]so)\b[ ,]{1,2})?"
    r"(?:(?:it|that|this)(?:[ ](?:is|equals|makes)\b|['’]s\b)"
    r"|(?:所以|因此|因而|故|那么|于是|总共|一共|它|这|那|也){1,3}[，,]?(?:就|应该|应当)?(?:是|为|等于))",
    re.I,
)
"""What may stand before an answer, and before much else: looked for in the last line alone, at a sentence's beginning."""
_NOT = re.compile(r"[\s*_]{0,4}(?:not\b|unclear\b|unknown\b|不是|不|未知)", re.I)
_SENTENCE_END = re.compile(r"[.!?](?=[\s*_]|$)|[。！？；]|;\s")
_REASON = re.compile(r",?[ ](?:because|since|as|where|which|when|so|after|for)\b|[,，]?(?:因为|由于)", re.I)
_CLAUSE_END = re.compile(r",\s|，|[ ]\(|（")
_TOKEN = re.compile(
    r"(?<![\w.])[-+−]?\d[\d,.]{0,40}(?:/\d{1,20})?[ ]?(?:%|\\%)?|(?<![A-Za-z])[A-E](?![A-Za-z'])"
)
_MARKS = " \t*_#>`\"'“”‘’:："
_VERBS = "是不吗呢"
"""Any of these makes some Chinese characters a sentence."""
_MATHS = re.compile(r"\\[A-Za-z]{1,20}|\b(?:sin|cos|tan|cot|log|ln|exp|sqrt|mod)\b")
_NUMERALS = re.compile(r"[^\n]{0,300}\d[^\n]{0,300}|[零〇一二两三四五六七八九十百千万亿负点分之又半]{1,40}")
"""With a figure, or a number in Chinese and nothing else: 一个问题 counts nothing."""
_WORD = re.compile(r"[^\W\d_]{2,}|[\u3400-\u9fff]")
_DISPLAY = ("", "\\[", "$$", "\\]", "```")


def final_answer(text: str, *, whole: bool = True) -> str | None:
    """The short answer of a text, as it is written there; None where none is found.

    `whole`: the text came to its end; one that was cut off is believed only where it has a box.
    """
    boxed = _last_box(text)
    if boxed is not None or not whole:
        return boxed
    return _behind_phrase(text[-_TAIL:]) or _last_line(text)


def _last_box(text: str) -> str | None:
    """The content of the last box that is closed and not empty, the innermost of several."""
    opened: list[int | None] = []
    """Where the content of each open brace begins; None for one of no box."""
    best: tuple[int, int] | None = None
    for match in _BRACE.finditer(text):
        sign = match.group()
        if sign == "}":
            start = opened.pop() if opened else None
            if (
                start is not None
                and (best is None or start > best[0])
                and text[start : match.start()].strip()
            ):
                best = start, match.start()
        elif sign[-1] == "{" and (sign == "{" or len(sign) > 2):
            opened.append(match.end() if len(sign) > 2 else None)
    if best is None or best[1] - best[0] > LONGEST:
        return None
    return _shown(text[best[0] : best[1]])


def _behind_phrase(text: str) -> str | None:
    for match in reversed(list(_PHRASE.finditer(text))[-_PHRASES:]):
        tail = text[match.end() : match.end() + _LOOKED_AT]
        if _NOT.match(tail) is None and (found := _stated(_first_line(tail))) is not None:
            return found
    return None


def _first_line(tail: str) -> str:
    """The rest of the line, or where nothing is there the next line that says something."""
    lines = (line.strip(_MARKS) for line in tail.split("\n"))
    return next((line for line in lines if line not in _DISPLAY), "")


def _stated(line: str) -> str | None:
    """What a line states behind "the answer is": a number, letter or the like, or a few words."""
    for part in _parts(line):
        if len(part) <= LONGEST and _kind(part) != "text":
            return _shown(part)
    first = next(_parts(line), "")
    token = _TOKEN.search(first)
    if token is not None and not _is_short(first):
        return _shown(token.group())
    return _shown(first) if _is_short(first) else None


def _parts(line: str) -> Iterator[str]:
    """The first sentence of a line without its reasons, its first clause, and what stands behind the last `=` there."""
    sentence = _cut(_cut(line, _SENTENCE_END), _REASON)
    clause = _cut(sentence, _CLAUSE_END)
    yield sentence
    yield clause
    yield clause.rpartition("=")[2].strip(_MARKS)


def _cut(text: str, end: re.Pattern[str]) -> str:
    found = end.search(text, 1)
    return (text[: found.start()] if found else text).strip(_MARKS)


def _last_line(text: str) -> str | None:
    end = text.rstrip()
    lines = end[-4 * SHORT :].split("\n")
    if len(lines) == 1 and len(end) > 4 * SHORT:
        lines = [f"… {lines[0]}"]  # its beginning is none
    line = next((each.strip() for each in reversed(lines) if each.strip() not in _DISPLAY), "")
    if loose := list(_LOOSE.finditer(line)):
        found = next(filter(None, (_reckoned(line[each.end() :]) for each in reversed(loose))), None)
        if found is not None or loose[0].start() == 0:
            return found
    if len(line) >= SHORT or "\\boxed" in line or line.rstrip("*_ ")[-1:] in (":", "："):
        return None
    line = line.strip(_MARKS)
    return _shown(line) if line and (_kind(line) != "text" or _is_short(line)) else None


def _reckoned(rest: str) -> str | None:
    """The number, choice or formula that a sentence consists of from here on; None where it is anything else."""
    if _NOT.match(rest) is not None:
        return None
    end = _SENTENCE_END.search(rest)
    if end is not None and end.group()[:1] in "?？":
        return None
    for part in _parts(rest):
        if len(part) <= LONGEST and (_is_value(part) or _is_formula(part)):
            return _shown(part)
    return None


def _is_value(part: str) -> bool:
    """Whether it is a number, with a unit or without, or a choice, and no words besides."""
    kind, few = _kind(part), len(part.split()) <= _FEW_WORDS
    if kind == "choice":
        return not part[:2].islower() and few
    if kind == "text" or _NUMERALS.fullmatch(part) is None:
        return False
    return few or (kind == "number" and "=" in part)


def _is_formula(part: str) -> bool:
    """Whether it is of signs and single letters, a digit or an operator among them."""
    bare = _MATHS.sub(" ", part)
    return _WORD.search(bare) is None and (bare != part or re.search(r"[\d^+*/=√π]", part) is not None)


def _is_short(text: str) -> bool:
    """Whether words are few enough to be an answer, and no sentence."""
    han = sum("\u3400" <= char <= "\u9fff" for char in text)
    few = len(text.split()) <= _FEW_WORDS and han <= 8
    ends = text.rstrip(")*_ ")[-1:]
    sentence = len(text) > 2 and any(char in _VERBS for char in text)
    return (
        0 < len(text) < SHORT
        and few
        and not sentence
        and ends not in ("", ":", "：", "?", "？", "!", "！", "。", ",", "…")
    )


def _kind(text: str) -> str:
    return str(form(text)[0])


def _shown(source: str) -> str | None:
    """The answer as it stands there, without what only frames it."""
    text = " ".join(source.split()).strip(_MARKS).removesuffix("。")
    for before, behind in (("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]")):
        inside = text.removesuffix(".").removeprefix(before).removesuffix(behind)
        if text.startswith(before) and text.removesuffix(".").endswith(behind) and before not in inside:
            text = inside.strip()
    text = text.removesuffix(".") if not text.endswith("..") else text
    said: Form = form(text)
    if said[0] == "choice":
        return str(said[1])
    behind = text.rpartition("=")[2].strip()
    return (behind if said[0] == "number" and form(behind) == said else text) or None
