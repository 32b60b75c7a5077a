"""Foreign text made harmless: text of models, servers, files and the clipboard, before it reaches a terminal."""

from __future__ import annotations

import json
import re
import unicodedata

# What a terminal or a reader's eye could be tricked with: C0 and C1 controls, DEL, bidirectional controls
# (CVE-2021-42574), zero-width and other invisible characters, line and paragraph separators, tags, lone surrogates.
# U+200D joins emoji, U+FE0F chooses their form: these two are judged by their neighbours below.
_SUSPECT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
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


def clean(text: str) -> str:
    """Text with line breaks and tabs kept, every other control shown as a picture and invisible characters dropped.

    Line ends become `\\n`. A return within a line, which would write over what stands before it, is shown too.
    """
    if text.isascii() and text.isprintable():
        return text
    return _SUSPECT.sub(lambda match: _replacement(text, match), text)


def clean_json(data: object, indent: int | None = None) -> str:
    """JSON that a person can read too: what `clean` would drop or replace stands in escapes, so nothing is lost."""
    text = json.dumps(data, ensure_ascii=False, indent=indent)
    return _SUSPECT.sub(lambda match: json.dumps(match.group())[1:-1], text)


def clean_line(text: str) -> str:
    """The same on one line: runs of white space become one space."""
    return " ".join(clean(text).split())
