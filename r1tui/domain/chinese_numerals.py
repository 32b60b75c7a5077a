"""Numbers written in Chinese: 一百零五, 三点一四, 三分之二, 百分之五十, 二〇二四, 负三, 三万."""

from __future__ import annotations

import re
from fractions import Fraction

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "○": 0}
_DIGITS |= {str(value): value for value in range(10)}
_TENS = {"十": 10, "百": 100, "千": 1000}
_GROUPS = {"万": 10**4, "亿": 10**8}
_MOST = 40
"""Characters of the longest numeral that is read."""
_NUMERAL = re.compile("[负正]?[零〇○一二两三四五六七八九十百千万亿点分之又半0-9.]{1,40}")


def leading_numeral(text: str) -> str:
    """The numeral that a text begins with, empty where it begins otherwise, or is written with the digits 0 to 9 alone."""
    found = _NUMERAL.match(text)
    numeral = found.group() if found else ""
    return "" if re.fullmatch("[0-9.]*", numeral) else numeral


def value_of(numeral: str) -> Fraction | None:
    """The value of a numeral; None where it is none."""
    if not numeral or len(numeral) > _MOST:
        return None
    if numeral[0] in "负正":
        value = value_of(numeral[1:]) if numeral[1:2] not in "负正" else None
        return value if value is None or numeral[0] == "正" else -value
    whole, mixed, rest = numeral.rpartition("又")
    if mixed:
        first, second = _integer(whole), _fraction(rest)
        return None if first is None or second is None else first + second
    if numeral in ("半", "一半"):
        return Fraction(1, 2)
    return _fraction(numeral) if "分之" in numeral else _decimal(numeral)


def _fraction(text: str) -> Fraction | None:
    """三分之二 is two thirds; 百分之五十 half."""
    below, _, above = text.partition("分之")
    bottom, top = _integer(below), _decimal(above)
    return None if not bottom or top is None else top / bottom


def _decimal(text: str) -> Fraction | None:
    whole, _, behind = text.replace(".", "点").partition("点")
    integer = _integer(whole)
    if integer is None or ("点" in text.replace(".", "点") and not behind):
        return None
    if any(char not in _DIGITS for char in behind):
        return None
    digits = "".join(str(_DIGITS[char]) for char in behind)
    return integer + (Fraction(int(digits), 10 ** len(digits)) if digits else 0)


def _integer(text: str) -> Fraction | None:
    """By places (一百零五), or digit by digit (二〇二四)."""
    if not text or any(char not in _DIGITS and char not in _TENS and char not in _GROUPS for char in text):
        return None
    if all(char in _DIGITS for char in text):
        return Fraction(int("".join(str(_DIGITS[char]) for char in text)))
    total = section = digit = 0
    for char in text:
        if char in _DIGITS:
            digit = digit * 10 + _DIGITS[char] if char.isascii() else _DIGITS[char]
        elif char in _TENS:
            section += (digit or 1) * _TENS[char]
            digit = 0
        else:
            part = section + digit
            if char == "亿":  # 一万亿: of all before
                total, part = 0, total + part
            total += (part or 1) * _GROUPS[char]
            section = digit = 0
    return Fraction(total + section + digit)
