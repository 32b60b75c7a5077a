r"""The short answer that a text ends in, as it is counted where one question is asked several times.

It is the content of the last `\boxed{…}`; else what stands behind the last "the answer is" or 答案是; else the last line
where it is short and no sentence. There a number, a choice or a formula also counts that ends the last sentence behind
"is", "equals" or 是, or that alone is bold. The text is foreign: each character is looked at a bounded number of times.
"""

from __future__ import annotations

import re

from r1tui.domain.answer_form import LONGEST, Form, form

SHORT = 40
"""Characters of a last line, or of words behind a phrase, that are an answer by themselves."""
_FEW_WORDS = 3
_LOOKED_AT = 240
"""Characters behind a phrase that are looked at."""
_LAST = 400
"""Characters at the end of a text in which its last line is looked for."""
_TAIL = 100_000
"""Characters at the end of a text in which phrases are looked for: an answer stands at the end."""

_PHRASES = 16
"""How many phrases are looked behind, from the last on."""

_BRACE = re.compile(r"\\(?:boxed|fbox)[ \n]{0,3}\{|\\.|[{}]", re.S)
_PHRASE = re.compile(
    r"(?:answers?\b(?:[ ](?:to|for|of|in|choice|option)\b[^\n.!?:]{0,60}?|[ ]?\([^()\n]{0,30}\))?"
    r"|\b(?:results?|solutions?|correct[ ](?:option|choice|letter))\b)"
    r"[*_ ]{0,4}(?:\bis\b|['’]s(?=[ ][\W\d])|\b(?:comes|works|turns)[ ]out[ ]to(?:[ ]be)?\b|[→⇒]|\bare\b|\bwould[ ]be\b|\bshould[ ]be\b|\bmust[ ]be\b|\bequals\b|[:：=])"
    r"|(?:答案|结果|正确的?选项)[*_ ]{0,4}(?:应该|应当|应|就|即)?(?:是|为|等于|[:：=])"
    r"|(?:故|应|应该|因此|所以|答案|[本此这]题)选(?:择|项)?"
    r"|(?<![\u3400-\u9fff])(?P<told>答)[*_ ]{0,4}[:：]",
    re.I,
)
_LOOSE = re.compile(
    r"(?:^|[.!?;:。！？；：，][ ]?|\b(?:so|thus|hence|therefore|then)\b)[\s*_]{0,4}"
    r"(?:(?:so|thus|hence|therefore|then|and[ ]so)\b[ ,]{1,2})?"
    r"(?:(?:it|that|this)(?:[ ](?:is|equals|makes)\b|['’]s\b)"
    r"|(?:所以|因此|因而|故|那么|于是|总共|一共|它|这|那|也){1,3}[，,]?(?:就|应该|应当)?(?:是|为|等于|有))",
    re.I,
)
"""What may stand before an answer, and before much else: looked for in the last line alone, at a sentence's beginning."""
_CONCLUDES = re.compile(
    r"\b(?:is|are|was|were|be|equals|gives|makes|costs)\b|(?<!不)(?:是|为|等于|得到)|共有|应填|=", re.I
)
"""What stands before a value that ends the last sentence."""
_TELLS = re.compile(
    r"\b(?:has|have|had|needs?|takes?|took|spent|spends|earns?|earned|pays?|paid|sold|sells)\b"
    r"|今年|还?剩[下余有]?了?|还?有|[花用走跑卖买赚付][了费掉去]|需要?|[一总]?共[有计]?",
    re.I,
)
"""What stands before a value that ends a concluding sentence without another number."""
_IN_ALL = re.compile(r"[一总]?共|\b(?:in total|in all|altogether)\b", re.I)
_CONDITION = re.compile(
    r",?[ ](?:(?:and[ ])?(?:is[ ])?(?:attained|achieved|reached|occurs|occurring)\b|when\b|where\b|at[ ]\$?[a-z][ ]?=).*"
    r"|[(（，,][ ]?(?:此时|当)[^。]*|[(（][^()（）]{0,40}时取[得到等][^()（）]*[)）]",
    re.I | re.S,
)
"""Says where a value is had, behind it."""
_ASSIGNED = re.compile(
    r"(?<![^\W_])(?P<name>[A-Za-z](?:_\{?\w{1,3}\}?|[₀-₉])?|[甲乙丙丁])[$* ]{0,4}=(?![=>])"
)
"""The name of a value, as of one of several unknowns."""
_DERIVES = re.compile(r"\b(?:when|where|at|for|since|as|with|if)\b|当|时|因为|由于|代入", re.I)
"""In a sentence that leads from one value to another."""
_BEST = re.compile(
    r"(?:(?:option|choice)\b|选项)?[*_ (（]{0,4}(?P<value>(?-i:[A-E])|[-+−]?\d[\d.,/]{0,20})[*_ )）]{0,4}"
    r"(?:\b(?:is|are)[ ](?:the[ ])?(?:correct|right|larg|bigg|great|small|heav|old|long|fast)\w*"
    r"|(?:是|为)?(?:正确|对)的?(?=[。，；]|\s|$)|(?:更|最|比[^。，]{1,20})(?:大|小|多|少|长|高|重|快)(?=[。，；]|\s|$))",
    re.I,
)
"""A sentence about the value that it begins with: `9.9 is larger than 9.11`, 选项 C 正确."""
_LAST_CLAUSE = re.compile(r",\s|，")
_COUNTED = re.compile(
    r"(?:\bthere[ ](?:are|is)|\bcontains?|\bappears?|\boccurs?)[ ](?:(?:exactly|only|just|a[ ]total[ ]of)[ ])?(?P<value>\d{1,9})(?=[ ])"
    r"|(?:共|出现了?|包含了?)[有 ]{0,2}(?P<times>\d{1,9})(?=[ ]?[次个])",
    re.I,
)
"""Says how many there are: `There are 3 r's in "strawberry"`."""
_VERDICT = re.compile(
    r"(?:yes|no(?!\.[ ]?\d)|true|false)\b(?=[*_]{0,2}(?:[,.!;:]|[ ]?[–—]|\s*$))"
    r"|(?:是的?|不是的?|对的?|不对|不?[能会够]|不?可以|不?正确|错误|否|不)(?=[*_]{0,2}(?:[，。！；,.!;]|\s*$))",
    re.I,
)
"""Begins the answer to a question that asks whether."""
_LABEL = re.compile(r"[^\W\d_][^\d=.,:：，。]{0,24}[:：]")
"""Names what stands behind it."""
_DAY = re.compile(r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:星期|周|礼拜)[一二三四五六日天]", re.I)
_INLINE = re.compile(r"\$(?=\S)([^$\n]*\S)\$(?!\d)")
"""A formula within a line."""
_ORNAMENT = re.compile(r"[\s■□▪∎✓\u2600-\u27bf\ufe0f\U0001f000-\U0001faff]+$")
"""What an answer is adorned with at its end."""
_SUPPOSES = re.compile(
    r"\b(?:if|whether|unless|suppose|assum\w*|let|not|cannot)\b|n['’]t\b|是否|是不是|假设|设|若|不", re.I
)
"""In a sentence that states nothing, or what is not."""
_HENCE = re.compile(
    r"(?:(?:so|thus|hence|therefore|then|finally|in[ ](?:total|all|conclusion)|altogether"
    r"|probably|likely|definitely|certainly|clearly|indeed|actually|simply|exactly|just)\b"
    r"|因此|所以|因而|于是|最后|那么|综上(?:所述)?|故|可能是?|大概是?|应该是?|正是|就是)[\s,，:：*_]{0,4}",
    re.I,
)
"""Leads to an answer, and is none of its words."""
_BOLD = re.compile(r"(\*\*|__)(?=[^\s*_])([^*\n]{1,60}?)\1")
_ITEM = re.compile(r"(?:[-*+]|\d{1,3}[.)])\s")
"""Begins an item of a list."""
_POLITE = re.compile(
    r"\b(?:hope|let[ ]me[ ]know|feel[ ]free|if[ ]you|happy[ ]to|would[ ]you|do[ ]you|anything[ ]else)\b|\bnote\b[ ]?[:：]|希望|如果|如有|需要我|请告诉|欢迎|注[:：]|备注",
    re.I,
)
"""What is said behind an answer."""
_NOTE = re.compile(r"[*_(（ ]{0,4}(?:note\b|注[:：]|备注)", re.I)
"""Begins a line that is no answer, whatever figures are in it."""
_NOT = re.compile(r"[\s*_]{0,4}(?:not\b|unclear\b|unknown\b|不是|不|未知)", re.I)
_SENTENCE_END = re.compile(r"[.!?](?=[\s*_]|$)|[。！？；]|;\s")
_REASON = re.compile(r",?[ ](?:because|since|as|where|which|when|so|after|for)\b|[,，]?(?:因为|由于)", re.I)
_CLAUSE_END = re.compile(r",\s|，|[ ]\(|（")
_TOKEN = re.compile(
    r"(?<![A-Za-z0-9_.])[-+−]?\d[\d,.]{0,40}(?:/\d{1,20})?[ ]?(?:%|\\%)?|(?<![A-Za-z])[A-E](?![A-Za-z'])"
)
_FRAME = " \t*_`\"'“”‘’:："
_MARKS = f"{_FRAME}#>"
"""Of Markdown and quotations, around a line; a box that begins with `>` says greater."""
_VERBS = "是不吗呢"
"""Any of these makes some Chinese characters a sentence."""
_MATHS = re.compile(r"\\[A-Za-z]{1,20}|\b(?:sin|cos|tan|cot|log|ln|exp|sqrt|mod)\b")
_NUMERALS = re.compile(r"[^\n]{0,300}\d[^\n]{0,300}|[零〇一二两三四五六七八九十百千万亿负点分之又半]{1,40}")
"""With a figure, or a number in Chinese and nothing else: 一个问题 counts nothing."""
_WORD = re.compile(r"[^\W\d_]{2,}|[\u3400-\u9fff]")
_DISPLAY = ("", "\\[", "$$", "\\]", "```", "---", "***", "___")


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
    return _shown(text[best[0] : best[1]], _FRAME)


def _behind_phrase(text: str) -> str | None:
    for match in reversed(list(_PHRASE.finditer(text))[-_PHRASES:]):
        tail = text[match.end() : match.end() + _LOOKED_AT]
        if match["told"] and (verdict := _verdict(tail)) is not None:
            return verdict
        if _NOT.match(tail) is not None:
            continue
        line = _first_line(tail)
        if match["told"] and (number := _only_number(line)) is not None:
            return number
        if (found := _stated(line)) is not None:
            return found
    return None


def _first_line(tail: str) -> str:
    """The rest of the line, or where nothing is there the next line that says something."""
    lines = (line.strip(_MARKS) for line in tail.split("\n"))
    return next((line for line in lines if line not in _DISPLAY), "")


def _stated(line: str) -> str | None:
    """What a line states behind "the answer is": a number, letter or the like, or a few words."""
    if "\\boxed" in line:
        return None  # an empty one
    for part in _parts(line):
        if len(part) <= LONGEST and _kind(part) != "text":
            return _shown(part)
    first, clause, _ = _parts(line)
    tokens = [each.group() for each in _TOKEN.finditer(first)]
    if _is_short(first) or _is_formula(first) or (len(tokens) > 1 and len(first) < SHORT):
        return _shown(first)  # `3 小时 20 分钟` is not 3
    if tokens:
        return _shown(tokens[0])
    return _shown(clause) if _is_short(clause) else None


def _only_number(line: str) -> str | None:
    """The number of a sentence that has one and no other."""
    tokens = [each.group().strip() for each in _TOKEN.finditer(_parts(line)[0])]
    return _shown(tokens[0]) if len(tokens) == 1 and tokens[0][-1:].isdigit() else None


def _parts(line: str) -> tuple[str, str, str]:
    """The first sentence of a line without its reasons, its first clause, and what stands behind the last `=` there."""
    sentence = _cut(_cut(_bare(line), _SENTENCE_END), _REASON)
    clause = _cut(sentence, _CLAUSE_END)
    return sentence, clause, clause.rpartition("=")[2].strip(_MARKS)


def _bare(line: str) -> str:
    """A line without the words that lead to what it says."""
    line = line.strip(_MARKS)
    while (found := _HENCE.match(line)) is not None:
        line = line[found.end() :].strip(_MARKS)
    return line


def _cut(text: str, end: re.Pattern[str]) -> str:
    found = end.search(text, 1)
    return (text[: found.start()] if found else text).strip(_MARKS)


def _last_line(text: str) -> str | None:
    end = text.rstrip()
    lines = end[-_LAST:].split("\n")
    if len(end) > _LAST:
        lines[0] = f"… {lines[0]}"  # its beginning is none
    said = [each.strip() for each in reversed(lines) if each.strip() not in _DISPLAY]
    said = [
        each for each in said if _POLITE.search(each) is None or (_digits(each) and _NOTE.match(each) is None)
    ]
    line = _ORNAMENT.sub("", said[0]) if said else ""
    if "\\boxed" in line:
        return None
    if (several := _assigned_lines(said)) is not None or (several := _assigned(line)) is not None:
        return several
    if loose := list(_LOOSE.finditer(line)):
        found = next(filter(None, (_reckoned(line[each.end() :]) for each in reversed(loose))), None)
        if found is not None or loose[0].start() == 0:
            return found
    if (concluded := _concluded(line)) is not None:
        return concluded
    if (verdict := _verdict(line)) is not None:
        return verdict
    if len(line) >= SHORT or line.rstrip("*_ ")[-1:] in (":", "："):
        return None
    if ("=" in line and _SUPPOSES.search(line)) or (_ITEM.match(line) and _kind(_bare(line)) == "text"):
        return None
    line = _bare(line)
    if (label := _LABEL.match(line)) is not None and (value := _reckoned(line[label.end() :])) is not None:
        return value
    return _shown(line) if line and (_kind(line) != "text" or _is_short(line)) else None


def _concluded(line: str) -> str | None:
    """The value that the last sentence of a line ends in, or that is the only one in bold there."""
    sentences = [each for each in _sentences(line) if _POLITE.search(each) is None]
    if not sentences or sentences[-1].rstrip("*_ ")[-1:] in ("?", "？"):
        return None
    last = sentences[-1]
    if _SUPPOSES.search(last) is not None:
        return None
    bold = list(_BOLD.finditer(last))
    if len(bold) == 1:
        word = bold[0][2]
        if (value := _reckoned(word)) is not None or (_kind(word) == "number" and word.casefold() != "one"):
            return value or _shown(word)
    clauses = last, _LAST_CLAUSE.split(last)[-1]
    if (found := _CONDITION.search(last, 1)) is not None and _digits(last[: found.start()]):
        last = last[: found.start()]
    verbs = list(_CONCLUDES.finditer(last))
    if verbs and (value := _reckoned(last[verbs[-1].end() :], whole=True)) is not None:
        return value
    for clause in clauses:
        if (best := _BEST.match(_bare(clause))) is not None:
            return _shown(best["value"])
    if verbs and len(bold) == 1 and not last[bold[0].end() :].strip(".。!！ ") and _is_short(bold[0][2]):
        return _shown(bold[0][2])
    told = list(_TELLS.finditer(last)) if _bare(last) != last.strip(_MARKS) or _IN_ALL.search(last) else []
    lone = told and not _digits(last[: told[-1].start()])
    if lone and (value := _reckoned(last[told[-1].end() :], whole=True)) is not None:
        return value
    counted = _COUNTED.search(last) if _only_number(last) is not None else None
    return counted["value"] or counted["times"] if counted is not None else None


def _assigned(line: str) -> str | None:
    """The values of several names, `x = 2 and y = 3`, where the last sentence of a line gives them."""
    last = (_sentences(line) or [""])[-1]
    names = list(_ASSIGNED.finditer(last))
    if len({each["name"] for each in names}) < 2 or _SUPPOSES.search(last) or _DERIVES.search(last):
        return None
    values = re.sub(r"\$|\\[()]", "", last[names[0].start() :]).strip(_MARKS).rstrip(".。")
    return _shown(values) if _kind(values) == "set" else None


def _assigned_lines(said: list[str]) -> str | None:
    """The same where each stands in a line of its own, the last ones of a text. `said`: its lines, the last first."""
    values: dict[str, str] = {}
    for line in said:
        line = _ITEM.sub("", line, count=1) if _ITEM.match(line) else line
        line = line.strip(_MARKS + "$").rstrip(".。;；,，")
        found = _ASSIGNED.match(line)
        if found is None or found["name"] in values or line.count("=") > 1 or _kind(line) != "number":
            break
        values[found["name"]] = line
    return _shown(", ".join(reversed(values.values()))) if len(values) > 1 else None


def _verdict(line: str) -> str | None:
    """The word that answers a question which asks whether; what stands behind it is a reason."""
    found = _VERDICT.match(_bare(line))
    return found.group() if found is not None else None


def _sentences(line: str) -> list[str]:
    found, start = [], 0
    for end in _SENTENCE_END.finditer(line):
        found.append(line[start : end.end()])
        start = end.end()
    found.append(line[start:])
    return [each for each in found if each.strip(_MARKS)]


def _digits(line: str) -> bool:
    return any(char.isdigit() for char in line)


def _reckoned(rest: str, *, whole: bool = False) -> str | None:
    """The number, choice or formula that a sentence consists of from here on (`whole`: to its end, reasons and clauses
    included); None where it is anything else.
    """
    if _NOT.match(rest) is not None:
        return None
    end = _SENTENCE_END.search(rest)
    if end is not None and end.group()[:1] in "?？":
        return None
    for part in [_cut(_bare(rest), _SENTENCE_END)] if whole else _parts(rest):
        if len(part) <= LONGEST and (_is_value(part) or _is_formula(part) or _DAY.fullmatch(part)):
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


def _shown(source: str, marks: str = _MARKS) -> str | None:
    """The answer as it stands there, without what only frames it."""
    text = _ORNAMENT.sub("", " ".join(source.split())).strip(marks).removesuffix("。")
    for before, behind in (("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]")):
        inside = text.removesuffix(".").removeprefix(before).removesuffix(behind)
        if text.startswith(before) and text.removesuffix(".").endswith(behind) and before not in inside:
            text = inside.strip()
        if text.endswith(behind) and before not in text.removesuffix(behind):
            text = text.removesuffix(behind).strip()  # the end of a formula whose beginning was cut off
    text = _INLINE.sub(r"\1", text.removesuffix(".") if not text.endswith("..") else text)
    said: Form = form(text)
    if said[0] == "choice":
        return str(said[1])
    behind = text.rpartition("=")[2].strip()
    return (behind if said[0] == "number" and form(behind) == said else text) or None
