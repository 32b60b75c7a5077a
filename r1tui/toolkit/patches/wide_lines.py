"""Breaks lines of Chinese between its characters, which stand without blanks."""

from __future__ import annotations

from typing import Any

from textual import content

from r1tui.toolkit.cells import breaks, has_wide
from r1tui.toolkit.patches import Patch

_divide: Any = vars(content)["divide_line"]


def divide_line(text: str, width: int, fold: bool = True) -> list[int]:
    """The offsets at which a line is broken; Textual's own for a text without wide characters."""
    if not fold or not has_wide(text):
        offsets: list[int] = _divide(text, width, fold)
        return offsets
    return breaks(text, width)


def install() -> None:
    """Have Textual's texts be broken so."""
    vars(content)["divide_line"] = divide_line


PATCH = Patch(
    "a line of Chinese is broken between characters, and no sign that ends something begins a line",
    leans_on=("textual.content:divide_line(text, width, fold)",),
    upstream="textual/content.py, _wrap_and_format: rich/_wrap.py, divide_line, breaks at blanks alone",
    without="a Chinese sentence begins a new line behind its first blank, half of the line before empty",
    install=install,
)
