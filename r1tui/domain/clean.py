"""Foreign text made harmless: text of models, servers, files and the clipboard, before it reaches a terminal."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import NewType, cast

Clean = NewType("Clean", str)
"""Text that may be shown. Whatever shows text takes this type alone, so that mypy finds a cleaning that was forgotten.

What comes in is `str`, and becomes this by the functions below. `Clean("…")` is for a literal; what is put together from
clean text, literals and numbers is clean too. `tests/support/clean_text.py` has mypy see to both.
"""

# What a terminal or a reader's eye could be tricked with: C0 and C1 controls, DEL, bidirectional controls
# (CVE-2021-42574), zero-width and other invisible characters, line and paragraph separators, tags, lone surrogates.
# U+200D joins emoji, U+FE0F chooses their form: these two are judged by their neighbours below.
_SUSPECT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Blocks that hold combining marks, none of a Latin, Greek, Cyrillic, Han or kana text: a first look before the
# characters are judged one by one.
_MARK = (
    "[\u0300-\u036f\u0483-\u0489\u0591-\u1cff\u1dc0-\u1dff\u20d0-\u20ff\u2cef-\u2cff\u2d7f\u2de0-\u2dff\u302a-\u302f"
    "\u3099\u309a\ua66f-\uabff\ud7b0-\ud7ff\ufb1e\ufe00-\ufe2f\U000101fd-\U0001e94a\U000e0100-\U000e01ef]"
)
MAX_MARKS = 8
"""Combining marks on one character; no script needs more. A stack of them covers the lines above and below."""
_STACKED = re.compile(_MARK + f"{{{MAX_MARKS + 1},}}")
# What a terminal obeys, or what turns the order of its text around.
_OBEYED = "\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
_CONTROL = re.compile(f"[{_OBEYED}]")
_CONTROL_IN_LINES = re.compile(f"(?![\n\t])[{_OBEYED}]")
UNKNOWN_SIGN = "\ufffd"
_CONTROL_PICTURE = {code: chr(0x2400 + code) for code in range(0x20)} | {0x7F: "␡"}


def _replacement(text: str, match: re.Match[str]) -> str:
    char = match.group()
    code = ord(char)
    if char == "\r" and text[match.end() : match.end() + 1] in ("\n", ""):
        return ""
    if char in "\u2028\u2029":
        return "\n"
    if code in _CONTROL_PICTURE:
        return _CONTROL_PICTURE[code]
    at = match.start()
    before = text[at - 1] if at else ""
    if char == "\u200d":
        after = text[match.end()] if match.end() < len(text) else ""
        return char if _is_pictograph(before) and _is_pictograph(after) else ""
    if char == "\ufe0f":
        return char if _is_pictograph(before) or (before and before in "0123456789#*") else ""
    return "" if code >= 0xA0 else f"\\x{code:02x}"


def _is_pictograph(char: str) -> bool:
    return bool(char) and (unicodedata.category(char) in ("So", "Sk") or char == "\ufe0f")


def clean(text: str) -> Clean:
    """Text with line breaks and tabs kept, every other control shown as a picture and invisible characters dropped.

    Line ends become `\\n`. A return within a line, which would write over what stands before it, is shown too.
    """
    if text.isascii() and text.isprintable():
        return cast(Clean, text)
    return cast(Clean, _few_marks(_SUSPECT.sub(lambda match: _replacement(text, match), text)))


def _few_marks(text: str) -> str:
    """The text without the marks beyond `MAX_MARKS` on one character."""
    return _STACKED.sub(lambda match: _thinned(match.group()), text)


def _thinned(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for char in text:
        marks = marks + 1 if is_mark(char) else 0
        if marks <= MAX_MARKS:
            kept.append(char)
    return "".join(kept)


def is_mark(char: str) -> bool:
    """Whether a character is written upon the one before it: a combining mark, a vowel or final of conjoining Hangul."""
    return (
        unicodedata.category(char)[0] == "M" or "\u1160" <= char <= "\u11ff" or "\ud7b0" <= char <= "\ud7ff"
    )


def is_harmless(text: str) -> bool:
    """Whether a terminal gets nothing but signs to draw from `text`; also no line break and no tab."""
    if text.isprintable():
        return text.isascii() or _STACKED.search(text) is None
    return _CONTROL.search(text) is None and _STACKED.search(text) is None


def visible(text: str, *, lines: bool = False) -> Clean:
    """The text with a visible sign for every character that a terminal would obey. `lines` keeps line breaks and tabs.

    The last look, where text becomes bytes: text that was cleaned stays as it is.
    """
    if is_harmless(text):
        return cast(Clean, text)
    return cast(Clean, _few_marks((_CONTROL_IN_LINES if lines else _CONTROL).sub(_sign, text)))


def _sign(match: re.Match[str]) -> str:
    return _CONTROL_PICTURE.get(ord(match.group()), UNKNOWN_SIGN)


def clean_json(data: object, indent: int | None = None) -> Clean:
    """JSON that a person can read too: what `clean` would drop or replace stands in escapes, so nothing is lost."""
    text = json.dumps(data, ensure_ascii=False, indent=indent)
    return cast(Clean, _SUSPECT.sub(lambda match: json.dumps(match.group())[1:-1], text))


def clean_line(text: str) -> Clean:
    """The same on one line: runs of white space become one space."""
    return " ".join(clean(text).split())
