"""Foreign data, read with its type: JSON and TOML of servers, files and the store.

Whoever takes a value out of such data takes it through a function of this module: a number is finite and bounded, a
text can be written as UTF-8, a table is a table. What is none of that becomes the default, never an exception.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from itertools import islice
from typing import Any, TypeVar

LARGEST = 10**15
"""Bound of a number of bytes or tokens: a thousand times what the largest disk holds, and exact as a float."""
MOST_TOKENS = 10**10
"""Bound of a number of tokens of one answer or context."""
LATEST = 253_402_300_799.0
"""Seconds since the epoch of the last second of the year 9999, beyond which Python knows no date."""
_LEAST_SECONDS, _MOST_SECONDS = 1e-9, 1e9
"""Bounds of a duration. Servers count nanoseconds; 1e9 seconds are 31 years."""

MOST_VALUES = 400_000
"""Bound of the values of a JSON document, strings' own text not looked at. Nothing else can run while Python's decoder does:
32 MiB of `[[],[],…` take it 16 s and 1 GB, these 0.4 s; ten thousand models are listed with half of them."""

_NUMBERS = (int, float)

Word = TypeVar("Word", bound=StrEnum)


class Malformed(ValueError):
    """The bytes are no JSON that can be read."""


def _no_number(_: str) -> None:
    """In place of NaN and Infinity, which Python's JSON reads and which are no JSON."""


_VALUE_OR_STRING = re.compile(r'[\[{,]|"[^"\\]*+(?:\\.[^"\\]*+)*+"?+', re.DOTALL)


def most_values(data: str | bytes) -> int:
    """How many values some JSON has at most: what may begin one is counted in its strings too."""
    signs: tuple[Any, ...] = (",", "[", "{") if isinstance(data, str) else (b",", b"[", b"{")
    return sum(map(data.count, signs))


def _has_too_many(text: str) -> bool:
    if len(text) <= MOST_VALUES or most_values(text) <= MOST_VALUES:
        return False
    values = (found for found in _VALUE_OR_STRING.finditer(text) if found[0][0] != '"')
    return next(islice(values, MOST_VALUES, None), None) is not None


_decode: Callable[[str], Any] = json.JSONDecoder(parse_constant=_no_number).decode


def parse_json(data: bytes | str) -> object:
    """The value that some JSON says, `None` in place of NaN and Infinity. Raises `Malformed`, also for what is nested
    too deeply, has a number of thousands of digits or more than `MOST_VALUES` values."""
    text = data if isinstance(data, str) else data.decode("utf-8-sig", "replace")
    if _has_too_many(text):
        raise Malformed(f"more than {MOST_VALUES} values")
    try:
        return _decode(text)
    except (ValueError, RecursionError, MemoryError) as error:
        raise Malformed(str(error)) from None


def text(value: object, default: str = "") -> str:
    """A text that UTF-8 can hold: lone surrogates, which JSON may bring, become a question mark."""
    if not isinstance(value, str):
        return default
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-8", "replace").decode()
    return value


def number(value: object, low: float = 0.0, high: float = LARGEST) -> float | None:
    """A finite number from `low` to `high`."""
    if not isinstance(value, _NUMBERS) or isinstance(value, bool) or not low <= value <= high:
        return None
    return float(value)


def whole(value: object, low: int = 0, high: int = LARGEST) -> int | None:
    """A whole number from `low` to `high`; a fraction is cut off."""
    if not isinstance(value, _NUMBERS) or isinstance(value, bool) or not low <= value <= high:
        return None
    return int(value)


def tokens(value: object) -> int | None:
    """A number of tokens."""
    return whole(value, 0, MOST_TOKENS)


def seconds(value: object, unit: float = 1.0) -> float | None:
    """A duration in seconds, of one in units of `unit` seconds. Below a nanosecond it is 0: nothing is divided by it."""
    found = number(value, 0.0, _MOST_SECONDS / unit)
    if found is None:
        return None
    found *= unit
    return found if found >= _LEAST_SECONDS else 0.0


def moment(value: object) -> float | None:
    """Seconds since the epoch, up to the year 9999."""
    return number(value, 0.0, LATEST)


def table(value: object) -> Mapping[str, Any]:
    """An object of JSON, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def items(value: object) -> list[Any]:
    """A list, or an empty one."""
    return value if isinstance(value, list) else []


def tables(value: object, most: int | None = None) -> list[Mapping[str, Any]]:
    """The objects of a list, among its first `most`."""
    return [each for each in items(value)[:most] if isinstance(each, Mapping)]


def texts(value: object) -> list[str]:
    """The texts of a list."""
    return [text(each) for each in items(value) if isinstance(each, str)]


def word(kind: type[Word], value: object, default: Word) -> Word:
    """The member of an enumeration that `value` names, else `default`."""
    return _members(kind).get(value, default) if isinstance(value, str) else default


def words(kind: type[Word], default: Word) -> Callable[[object], Word]:
    """`word` for values of one kind, of which there may be thousands."""
    members = _members(kind)
    return lambda value: members.get(value, default) if isinstance(value, str) else default


@cache
def _members(kind: type[Word]) -> dict[str, Word]:
    """The members of an enumeration by what names them: asked for by a call each costs three times as much."""
    return {member.value: member for member in kind}
