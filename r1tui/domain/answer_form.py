"""What a short answer says, whichever way it is written: a form that two equal answers share.

As equality is that of forms, it is symmetric and transitive. It is exact: 0.333 is not 1/3, and where the same is not
shown by the rules here, two answers are two. A unit is stripped, so `5`, `5 cm` and `5 \\text{ m}` have one form: all
are answers to one question.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise

from r1tui.domain import english_numerals
from r1tui.domain.chinese_numerals import leading_numeral, value_of

LONGEST = 300
"""Characters of an answer that is looked into; what is longer is only itself."""
_DEEPEST = 12
"""Brackets within brackets that are told apart."""
_POWER_BITS = 4096
"""Bits of the largest power that is worked out."""

Form = tuple[object, ...]
"""Kind (`number`, `choice`, `sequence`, `set`, `union`, `text`) and what is said, hashable."""

_SET, _TES, _WORDS, _SDROW = "\ue000\ue001\ue002\ue003"
"""Stand for `\\{`, `\\}`, and for the beginning and end of `\\text{…}`."""

_SUPERSCRIPT = {ord(sign): f"^{digit}" for digit, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")} | {ord("⁻"): "^-"}
_SUBSCRIPT = {ord(sign): f"_{digit}" for digit, sign in enumerate("₀₁₂₃₄₅₆₇₈₉")}
_SIGNS = str.maketrans(
    {"∛": "√[3]", "∜": "√[4]"} |
    dict.fromkeys("−–‐‑﹣", "-") | dict.fromkeys("×·⋅∙✕∗", "*") | dict.fromkeys("÷⁄∕", "/")
    | dict.fromkeys("、", ",") | dict.fromkeys("∶", ":") | dict.fromkeys("$€£¥`", "") | {"~": " ", "〔": "(", "〕": ")", "º": "°", "′": "'"}
)  # fmt: skip
_COMMANDS = (
    dict.fromkeys((",", ";", ":", " ", ">", "quad", "qquad", "enspace", "thinspace", "\n", "\t"), " ")
    | dict.fromkeys(("!", "left", "right", "big", "Big", "bigl", "bigr", "Bigl", "Bigr", "bigg", "Bigg"), "")
    | dict.fromkeys(
        ("displaystyle", "textstyle", "limits", "boxed", "fbox", "mathbf", "bm", "boldsymbol"), ""
    )
    | dict.fromkeys(("(", ")", "[", "]", "$", "mathit", "mathbb", "mathcal", "operatorname"), "")
    | dict.fromkeys(("frac", "dfrac", "tfrac", "cfrac"), "\\frac")
    | dict.fromkeys(("text", "textrm", "textbf", "textit", "textsf", "mathrm", "mathsf", "mbox"), "\\text")
    | dict.fromkeys(("cdot", "times", "ast"), "*")
    | dict.fromkeys(("{", "lbrace"), _SET)
    | dict.fromkeys(("}", "rbrace"), _TES)
    | dict.fromkeys(("le", "leq", "leqslant"), "≤")
    | dict.fromkeys(("ge", "geq", "geqslant"), "≥")
    | dict.fromkeys(("ne", "neq"), "≠")
    | dict.fromkeys(("circ", "degree"), "°")
    | {"%": "%", "&": "&", "_": "_", "div": "/", "infty": "∞", "pi": "π", "sqrt": "√", "cup": "∪", "in": "∈"}
    | {
        name: name
        for name in ("sin", "cos", "tan", "cot", "sec", "csc", "log", "ln", "exp", "gcd", "lcm", "max", "min")
    }
    | {
        "alpha": "α",
        "beta": "β",
        "gamma": "γ",
        "theta": "θ",
        "lambda": "λ",
        "mu": "μ",
        "phi": "φ",
        "omega": "ω",
    }
    | {"angle": "∠", "triangle": "△", "emptyset": "∅", "varnothing": "∅"}
    | {"approx": "≈", "pm": "±", "langle": "(", "rangle": ")", "lbrack": "[", "rbrack": "]"}
)
_COMMAND = re.compile(r"\\([A-Za-z]+|[^A-Za-z])")
_BRACES = re.compile(r"\{([^{}]{0,300})\}")
_ROOT_WORD = re.compile(r"\bsqrt(?=\()")
_THOUSANDS = re.compile(r"(?<![\d.,])[1-9]\d{0,2}(?:,\d{3})+(?!,?\d)")
_ALTERNATIVES = re.compile(r"\b(?:or|and)\b|[或和与]")
_NAME = re.compile(r"(?:[A-Za-zπθα-ω](?:_\(?\w{1,3}\)?)?|[a-zA-Z]\([a-z]\))")
_NAMES = re.compile(r"\([A-Za-z](?:, ?[A-Za-z]){1,5}\)")
_ARITHMETIC = re.compile(r"[\d.,()/*+^ -]+")
_APPROXIMATE = re.compile(r"≈|大约|约为?|approximately\b|about\b|roughly\b")
_CHOICE = re.compile(
    r"(?:(?:option|choice|answer|选项|选择|选)[\s:]{0,3})?"
    r"(?:[(\[]([A-E])[)\]](?!\s{0,3}(?:and|or|,|&|[和与或及])\s{0,3}[(\[]?[A-E]\b)(?:[\s.:,\u3400-\u9fff].*)?"
    r"|([A-E])(?:\s?选?项|,\s?[\u3400-\u9fff].*|[.:)][.:)]?(?:[\s\u3400-\u9fff].*)?)?)",
    re.I | re.S,
)
_AND = r"\s{0,3}(?:and|or|,|&|[和与或及])\s{0,3}"
_CHOICES = re.compile(rf"[(\[]?[A-E][)\]]?(?:{_AND}[(\[]?[A-E][)\]]?){{1,4}}")
_SEVERAL = re.compile("[A-E]{2,5}")
_DECIMAL = r"(?:\d{1,3}(?:[ ']\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
_POWER_OF_TEN = re.compile(rf"({_DECIMAL})\*10\^\(?([+-]?\d{{1,3}})\)?")
_EXPONENT = re.compile(rf"({_DECIMAL})[eE]([+-]?\d{{1,3}})(?![\w.])")
_POWER = re.compile(r"(\d+)\^\(?([+-]?\d{1,4})\)?")
_MIXED = re.compile(r"(\d+) (\d+)/(\d+)")
_RATIO = re.compile(rf"\(?([+-]?{_DECIMAL})\)?/\(?([+-]?{_DECIMAL})\)?(?![\d.])")
_RECURRING = re.compile(r"(\d*)\.(\d*)(?:\\(?:overline|dot|bar)\(?|\()(\d+)\)?")
_PLAIN = re.compile(rf"({_DECIMAL})(?![\d.])")

_FACTORS = {
    "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12,
    "百": 100, "千": 1000, "百万": 10**6, "千万": 10**7, "万亿": 10**12, "万": 10**4, "亿": 10**8,
}  # fmt: skip
_FACTOR = re.compile("thousand|million|billion|trillion|百万|千万|万亿|[百万亿]|千(?![米克瓦卡帕焦赫伏])")
_KILO = re.compile(r"[\d.,/ ]+[万亿]?千[米克瓦卡帕焦赫伏]")
"""A figure with a unit that begins with 千, which is no thousand there."""
_PERCENT = re.compile(r"%|percent\b|per cent\b")
_UNIT = (
    "mm|cm|dm|km|mi|ft|in|yd|mg|kg|lb|lbs|oz|ml|mL|dL|min|sec|hr|hrs|day|ms|Hz|kHz|MHz|GHz|kW|kWh|kJ|kPa|Pa|mol|eV|"
    "mph|km/h|kmh|m/s|m/s\\^2|m\\^[23]|rad|cal|kcal|egg|men|boy|box|cup|pen|car|dog|cat|bit|bits|GB|MB|KB|kB|TB|RMB|USD|EUR"
)
_KNOWN_UNIT = re.compile(rf"(?:{_UNIT})(?:\^\(?-?\d\)?)?(?:[/*](?:{_UNIT}|[smhLgd])(?:\^\(?-?\d\)?)?)?")
_WORDS_ONLY = re.compile(r"[A-Za-z]{2,}(?:[ -][A-Za-z]+){0,6}(?:\^[23])?")
_NOT_UNITS = frozenset(
    ("and", "or", "to", "plus", "minus", "times", "over", "divided", "by", "mod", "squared", "cubed", "dozen", "hundred",
     "half", "third", "quarter", "not", "more", "less", "fewer", "than", "between", "sin", "cos", "tan", "cot", "sec", "csc", "log",
     "ln", "exp", "sqrt", "pi", "thousand", "million", "billion", "trillion", "percent", "if", "when", "where", "below",
     "above", "under", "left", "right", "north", "south", "east", "west", "before", "after", "ago", "factorial", "remainder")
)  # fmt: skip
_FUNCTIONS = ("sin", "cos", "tan", "cot", "log", "exp", "sqrt", "arc")
_DEGREES = re.compile(r"\^?\(?°\)?[CFK]?|degrees?(?: (?:Celsius|Fahrenheit|C|F))?|度")
_HAN_UNIT = re.compile(r"[\u3400-\u9fff]{1,8}(?:/[\u3400-\u9fff]{1,4})?")
_NOT_HAN_UNITS = frozenset("或和与到至分之点又第成折半多几于以")
_MEASURES = frozenset("个元米人只天分秒岁块克吨升次种条张本度倍年月日名位棵支辆页组件套") | frozenset(
    ("厘米", "分米", "毫米", "千米", "公里", "小时", "分钟", "千克", "公斤", "毫升", "平方米", "平方厘米", "立方米", "立方厘米")
)  # fmt: skip


def form(answer: str) -> Form:
    """What an answer says."""
    if len(answer) > LONGEST:
        return "text", "".join(answer.split())
    return _form(_plain(answer), 0)


def same(one: str, other: str) -> bool:
    """Whether two answers are shown to be equal."""
    return form(one) == form(other)


# From LaTeX, Markdown and typography to plain signs


def _plain(text: str) -> str:
    text = "".join(f" {char}" if _is_vulgar_fraction(char) else char for char in text)
    text = re.sub(r"(?<=\^[\d-])\^(?=\d)", "", text.translate(_SUPERSCRIPT).translate(_SUBSCRIPT))
    text = "".join(char for char in unicodedata.normalize("NFKC", text) if unicodedata.category(char) != "Cf")
    text = re.sub(r"(?<=[\w)])\*\*(?=[\w(])", "^", text).replace("**", "")
    text = _COMMAND.sub(lambda match: _COMMANDS.get(match[1], match[0]), text.replace("\\$", ""))
    text = text.translate(_SIGNS)
    text = re.sub(r"(?<=\d)\{,\}(?=\d)", "", text)
    text = _with_arguments(text, "\\text", 1, lambda inside: f"{_WORDS}{inside[0]}{_SDROW}")
    text = _with_arguments(text, "√", 1, lambda inside: f"√({inside[0]})", keeps=True)
    text = _with_arguments(text, "\\frac", 2, lambda inside: f" {_above(inside[0])}/{_below(inside[1])}")
    text = _ROOT_WORD.sub("√", text)
    whole = text.strip(" *_")
    if whole.startswith("{") and whole.endswith("}") and "," in whole and not _BRACES.sub("", whole):
        text = f"{_SET}{whole[1:-1]}{_TES}"
    while (opened := _BRACES.sub(_without_braces, text)) != text:
        text = opened
    text = re.sub(r"([\^_])\((-?\d+|\w)\)(?!\w)", r"\1\2", text)
    text = re.sub(r"(?<![\w)])\+∞", "∞", text)
    for written, sign in (("^°", "°"), (">=", "≥"), ("<=", "≤"), ("!=", "≠")):
        text = text.replace(written, sign)
    return " ".join(text.split()).strip("*_ ")


def _is_vulgar_fraction(char: str) -> bool:
    return char > "\x7f" and unicodedata.decomposition(char).startswith("<fraction>")


def _argument(text: str, start: int) -> tuple[str, int]:
    """What a command's argument is, from `start` on, and where it ends: a group in braces, else one sign."""
    while start < len(text) and text[start].isspace():
        start += 1
    if text[start : start + 1] != "{":
        return text[start : start + 1], start + 1
    depth = 0
    for at in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if not depth:
            return text[start + 1 : at], at + 1
    return text[start + 1 :], len(text)


def _with_arguments(
    text: str, command: str, count: int, write: Callable[[list[str]], str], keeps: bool = False
) -> str:
    """The text with each `command` and its arguments written otherwise, the last first: arguments hold no further one."""
    end = len(text)
    while (at := text.rfind(command, 0, end)) >= 0:
        end = at
        place = at + len(command)
        if keeps and text[place : place + 1] in ("(", "["):
            continue
        inside: list[str] = []
        for _ in range(count):
            argument, place = _argument(text, place)
            inside.append(argument)
        text = text[:at] + write(inside) + text[place:]
    return text


def _above(text: str) -> str:
    """A numerator, in brackets unless it is a product."""
    text = text.strip()
    return text if re.fullmatch(r"[+-]?(?:[\w.]+|[\w.]*√\(\w+\))", text) else f"({text})"


def _below(text: str) -> str:
    """A denominator, in brackets unless it is one number, root or name."""
    text = text.strip()
    return text if re.fullmatch(r"[+-]?(?:[\w.]+|√\(\w+\))", text) else f"({text})"


def _without_braces(match: re.Match[str]) -> str:
    inside, before = match[1], match.string[match.start() - 1 : match.start()]
    if before and (before in "^_" or before.isalpha()):
        number = re.fullmatch(r"\s*-?(?:\d+|\w)\s*" if before == "^" else r"\s*-?\w+\s*", inside)
        behind = match.string[match.end() : match.end() + 1]
        return inside.strip() if number and before in "^_" and not behind.isalnum() else f"({inside})"
    return inside


# From plain signs to a form


def _form(text: str, depth: int) -> Form:
    text = _joined(text.strip(" ").rstrip(" .。,;:"))
    if text.startswith(_WORDS) and text.find(_SDROW) == len(text) - 1:
        text = text[1:-1].strip()  # `\text{3 cm}`
    if depth > _DEEPEST:
        return _text(text)
    return (
        _choice(text)
        or _several_choices(text)
        or _named(text, depth)
        or _union(text, depth)
        or _bracketed(text, depth)
        or _in_words(text)
        or _list(text, depth)
        or _quantity(text)
        or _text(text)
    )


def _choice(text: str) -> Form | None:
    found = _CHOICE.fullmatch(_bare_words(text))
    letter = (found[1] or found[2]) if found else None
    return ("choice", letter) if letter and letter.isupper() else None


def _several_choices(text: str) -> Form | None:
    """`ACD`, as where several answers are right, is `A, C, D`."""
    said = _bare_words(text)
    letters = re.findall(r"\b[A-E]\b", said) if _CHOICES.fullmatch(said) else said
    if not _SEVERAL.fullmatch("".join(letters)) or any(one >= other for one, other in pairwise(letters)):
        return None
    return "set", frozenset(("choice", letter) for letter in letters)


def _in_words(text: str) -> Form | None:
    value = english_numerals.value_of(_bare_words(text))
    return None if value is None else ("number", value)


def _bare_words(text: str) -> str:
    return text.replace(_WORDS, "").replace(_SDROW, " ").strip()


def _named(text: str, depth: int) -> Form | None:
    """`x = 5`, `f(x) = 5`, `x ∈ [0, 1]`, `2 + 3 = 5`: what stands behind; of several names it is a list."""
    if len(_split(text, ",;")) > 1 or _ALTERNATIVES.search(text):
        return None
    before, sign, behind = text.rpartition("=")
    if not sign:
        before, sign, behind = text.partition("∈")
    before = before.strip(f" ∠△{_WORDS}{_SDROW}")
    if not sign or not behind.strip():
        return None
    named = (
        _NAME.fullmatch(before)
        or _NAMES.fullmatch(before)
        or _ARITHMETIC.fullmatch(before)
        or before.replace(" ", "").isalpha()
    )
    return _form(behind, depth + 1) if named or not before else None


def _union(text: str, depth: int) -> Form | None:
    parts = _split(text, "∪")
    return ("union", frozenset(_form(each, depth + 1) for each in parts)) if len(parts) > 1 else None


def _bracketed(text: str, depth: int) -> Form | None:
    first, last = text[:1], text[-1:]
    if len(text) < 3 or not first or first not in f"([]{_SET}" or last not in f")][{_TES}":
        return None
    if first == "]" or last == "[":  # how the French write an open end
        turned = {"]": "(", "[": ")"}
        opening = turned[first] if first == "]" else first
        return _interval(opening, text[1:-1], ")" if last == "[" else last, depth)
    if not _encloses(text):
        return None
    if first == _SET:
        return "set", frozenset(_form(each, depth + 1) for each in _split(text[1:-1], ",;"))
    if first == "(" and last == ")" and len(_split(text[1:-1], ",;")) == 1:
        return _form(text[1:-1], depth + 1)
    return _sequence(first, text[1:-1], last, depth)


def _interval(first: str, inside: str, last: str, depth: int) -> Form | None:
    return _sequence(first, inside, last, depth) if len(_split(inside, ",;")) == 2 else None


def _sequence(first: str, inside: str, last: str, depth: int) -> Form:
    return "sequence", first, tuple(_form(each, depth + 1) for each in _split(inside, ",;")), last


def _encloses(text: str) -> bool:
    """Whether the bracket at the beginning is closed at the end."""
    depth = 0
    for at, char in enumerate(text):
        depth += (char in f"([{_SET}") - (char in f")]{_TES}")
        if depth <= 0:
            return at == len(text) - 1
    return False


def _split(text: str, separators: str) -> list[str]:
    """The parts between separators that stand in no bracket."""
    parts, depth, start = list[str](), 0, 0
    for at, char in enumerate(text):
        depth += (char in f"([{_SET}{_WORDS}") - (char in f")]{_TES}{_SDROW}")
        if char in separators and depth <= 0:
            parts.append(text[start:at])
            start = at + 1
    return [*parts, text[start:]]


def _list(text: str, depth: int) -> Form | None:
    """Several answers, `2, 3`, `x = 2 or x = 3`, `±2`: they are a set, as of solutions."""
    if text.startswith("±"):
        number = _form(text[1:], depth + 1)
        if number[0] == "number" and isinstance(number[1], Fraction):
            return "set", frozenset({number, ("number", -number[1])})
        return None
    parts = [each for each in _split(text, ",;") if each.strip()]
    words = len(parts) == 1
    for part in list(parts):
        found = _split_words(part)
        if len(found) > 1:
            at = parts.index(part)
            parts[at : at + 1] = found
    if len(parts) < 2:
        return None
    names = {_name_of(each) for each in parts} - {""}
    if len(names) > 1:
        forms = [("named", _name_of(each), _form(each, depth + 1)) for each in parts]
        return "set", frozenset(forms)
    found_forms = [_form(each, depth + 1) for each in parts]
    if any(
        kind[0] == "text" and (words or len(part.split()) > 2)
        for kind, part in zip(found_forms, parts, strict=True)
    ):
        return None  # `salt and pepper`
    several = frozenset(found_forms)
    return ("set", several) if len(several) > 1 else found_forms[0]  # `1/2 or 0.5` says one thing


def _joined(text: str) -> str:
    """The text without the commas of thousands, where no bracket makes them commas of a list."""
    if not any(char in text for char in f"([{_SET}"):
        return _THOUSANDS.sub(lambda match: match[0].replace(",", ""), text)
    return text


def _split_words(text: str) -> list[str]:
    """The parts between `or`, `and` and their like, where each of them says something."""
    if any(char in text for char in f"([{_SET}"):
        return [text]
    parts = [each.strip(f" {_WORDS}{_SDROW}") for each in _ALTERNATIVES.split(text)]
    return [each for each in parts if each]


def _name_of(text: str) -> str:
    before, sign, _ = text.partition("=")
    before = before.strip()
    return before if sign and _NAME.fullmatch(before) else ""


def _text(text: str) -> Form:
    """Anything else, without its spacing."""
    signs = "".join(text.replace(_WORDS, "").replace(_SDROW, "").split())
    signs = re.sub(r"(?<!\d)\*|\*(?!\d)", "", signs)
    signs = re.sub(r"(?<=\d)([ap])\.?m\.?$", lambda half: f"{half[1].lower()}m", signs, flags=re.I)
    signs = re.sub(r"^(?:周|礼拜)(?=[一二三四五六日天]$)", "星期", signs)
    letters = re.sub("[-'!]", "", signs)
    return "text", signs.rstrip("!").casefold() if len(letters) > 1 and letters.isalpha() else signs


# Numbers


def _quantity(text: str) -> Form | None:
    value = _value(_compact(_APPROXIMATE.sub("", text, count=1) if _APPROXIMATE.match(text) else text))
    return None if value is None else ("number", value)


def _compact(text: str) -> str:
    """The text without spaces, but between two digits, where they tell `3 1/2` from `31/2`, or two letters."""
    text = re.sub(r"(?<=[^\W\d_]) (?=[^\W\d_])|(?<=\d) (?=\d)", "\0", text)
    return text.replace(" ", "").replace("\0", " ")


def _value(text: str) -> Fraction | None:
    sign = -1 if text.startswith("-") else 1
    text = text[1:] if text[:1] in ("-", "+") else text
    if text.startswith(_WORDS):  # `\text{about } 5`
        words, _, behind = text[1:].partition(_SDROW)
        text = behind if behind and not _NOT_UNITS & set(words.casefold().split()) else text
    kilo = _KILO.match(text)
    numeral = leading_numeral(text[: kilo.end() - 2] if kilo is not None else text)
    numeral = numeral if value_of(numeral) is not None else numeral.removesuffix("分")  # 十五分钟
    if numeral:
        chinese = value_of(numeral)
        rest = text[len(numeral) :]
        counted = not rest or rest in _MEASURES or (rest[0] == "个" and _HAN_UNIT.fullmatch(rest))
        if chinese is not None and counted:
            return sign * chinese
    for pattern, worth in _READERS:
        found = pattern.match(text)
        number = worth(found) if found else None
        if found and number is not None:
            scale = _scale(text[found.end() :])
            return None if scale is None else sign * number * scale
    return None


def _number(text: str) -> Fraction:
    return Fraction(text.replace(" ", "").replace("'", ""))


def _power(found: re.Match[str]) -> Fraction | None:
    base, exponent = int(found[1]), int(found[2])
    if base.bit_length() * abs(exponent) > _POWER_BITS or (not base and exponent <= 0):
        return None
    return Fraction(base) ** exponent


def _ratio(found: re.Match[str]) -> Fraction | None:
    below = _number(found[2])
    return _number(found[1]) / below if below else None


def _mixed(found: re.Match[str]) -> Fraction | None:
    return int(found[1]) + Fraction(int(found[2]), int(found[3])) if int(found[3]) else None


def _recurring(found: re.Match[str]) -> Fraction:
    whole, first, again = found[1] or "0", found[2], found[3]
    return Fraction(
        int(whole + first + again) - int(whole + first), (10 ** len(again) - 1) * 10 ** len(first)
    )


_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Fraction | None]], ...] = (
    (_POWER_OF_TEN, lambda found: _number(found[1]) * Fraction(10) ** int(found[2])),
    (_EXPONENT, lambda found: _number(found[1]) * Fraction(10) ** int(found[2])),
    (_POWER, _power),
    (_MIXED, _mixed),
    (_RATIO, _ratio),
    (_RECURRING, _recurring),
    (_PLAIN, lambda found: _number(found[1])),
)


def _scale(rest: str) -> Fraction | None:
    """What the words and signs behind a number multiply it by; None where they are more than a unit."""
    scale = Fraction(1)
    rest = rest.strip(" ")
    bare = rest.replace(_WORDS, "").replace(_SDROW, "").strip()
    if (found := _PERCENT.match(bare)) is not None:
        scale, rest = Fraction(1, 100), bare[found.end() :]
    elif (found := _FACTOR.match(bare)) is not None:
        scale, rest = Fraction(_FACTORS[found.group()]), bare[found.end() :]
    return scale if _is_unit(rest.strip(" ")) else None


def _is_unit(text: str) -> bool:
    if not text:
        return True
    if text.startswith(_WORDS):
        words, _, behind = text[1:].partition(_SDROW)
        unit = not any(char.isdigit() or char in "=+<>" for char in words)
        behind = re.sub(r"^\^\(?-?\d\)?", "", behind.replace("/", "", 1).strip())
        return unit and not _NOT_UNITS & set(words.casefold().split()) and _is_unit(behind)
    if _KNOWN_UNIT.fullmatch(text) or _DEGREES.fullmatch(text):
        return True
    if _WORDS_ONLY.fullmatch(text):
        each = text.partition("^")[0].casefold().replace("-", " ").split()
        first = len(each[0]) > 3 or _KNOWN_UNIT.fullmatch(each[0]) is not None
        return first and not _NOT_UNITS & set(each) and not each[0].startswith(_FUNCTIONS)
    return _HAN_UNIT.fullmatch(text) is not None and not _NOT_HAN_UNITS & set(text)
