"""Which asterisks and underscores are emphasis, where CommonMark's rules lose what a model means.

A star between two operands is a sign of arithmetic (`2*3*4`, `x**2`), and would vanish as emphasis. Bold text that ends
in a mark directly before Chinese (`**“引号”**后`) is emphasis, though CommonMark knows words by their spaces alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.rules_inline import StateInline

_STAR = ord("*")
_ENDS_OPERAND = frozenset(")]}|!%'）】")
_NEAR = 50
"""So many delimiters are looked back at: to look at all of them at each takes the square of a text's length."""
_PYTHON_NAME = re.compile(r"__[a-z][a-z0-9]*(?:_[a-z0-9]+)*__(?!\w)")
"""`__init__` is a name; who means bold text writes stars."""


def emphasis(state: StateInline, silent: bool) -> bool:
    """The rule of markdown-it, with other answers to whether a run of stars opens or closes."""
    from markdown_it.rules_inline.emphasis import tokenize

    start, known = state.pos, len(state.delimiters)
    before = state.src[start - 1] if start else " "
    if state.src[start] == "_" and not (before.isalnum() or before == "_"):
        name = _PYTHON_NAME.match(state.src, start, state.posMax)
        if name and not silent:
            state.push("text", "", 0).content = name.group()
            state.pos = name.end()
            return True
    found = tokenize(state, silent)
    run = state.delimiters[known:]
    if not found or run[0].marker != _STAR:
        return found
    after = state.src[state.pos] if state.pos < state.posMax else " "
    opens, closes = run[0].open, run[0].close
    if len(run) == 1:
        opens, closes = _single(state, known, before, after, opens, closes)
    else:
        opens, closes = _double(before, after, opens, closes)
    for delimiter in run:
        delimiter.open, delimiter.close = opens, closes
    return True


def _single(
    state: StateInline, known: int, before: str, after: str, opens: bool, closes: bool
) -> tuple[bool, bool]:
    if before.isalnum() and after.isalnum() and _chinese(before) == _chinese(after):
        # `长*宽*高` is a product; behind a star that opens it is the end of `*强调*后面`.
        near = state.delimiters[max(0, known - _NEAR) : known]
        begun = any(one.marker == _STAR and one.open and one.length == 1 for one in near)
        return False, begun and _chinese(before)
    return opens and not (before in _ENDS_OPERAND or before == "/"), closes


def _double(before: str, after: str, opens: bool, closes: bool) -> tuple[bool, bool]:
    if before == after == "/":  # any folder: `src/**/*.py`
        return False, False
    if _chinese(before) or _chinese(after):
        return not after.isspace(), not before.isspace()
    if after.isascii() and (before.isalnum() or before in ")]}"):
        return False, closes and not after.isdigit()  # an end is that of `**L**arge`
    return opens, closes


def _chinese(char: str) -> bool:
    """Whether it is a letter or mark of Chinese, Japanese or Korean, which stand without spaces."""
    return (
        "\u2e80" <= char <= "\ud7ff"
        or "\uf900" <= char <= "\ufaff"
        or "\ufe30" <= char <= "\ufe4f"
        or ("\uff00" <= char <= "\uffef" or "\U00020000" <= char <= "\U0003ffff")
    )
