"""What a piece of text is drawn with: a meaning and its attributes in one small integer, resolved by the theme late.

Rows of text are kept far longer than they are on the screen. A number for each run is cheaper than a style, and a
change of theme needs no new rendering.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from rich.style import Style

if TYPE_CHECKING:
    from textual.widget import Widget

BOLD, ITALIC, STRIKE, UNDERLINE, REVERSE = 1, 2, 4, 8, 16
_BITS = 5


class Ink(IntEnum):
    """Meanings; each has a component class `transcript--<name>`. The low bits are left free for attributes."""

    TEXT = 0 << _BITS
    MUTED = 1 << _BITS
    THINK = 2 << _BITS
    HEADING = 3 << _BITS
    CODE = 4 << _BITS
    QUOTE = 5 << _BITS
    LINK = 6 << _BITS
    MATHS = 7 << _BITS
    BOXED = 8 << _BITS
    USER = 9 << _BITS
    MODEL = 10 << _BITS
    WARNING = 11 << _BITS
    ERROR = 12 << _BITS
    CURSOR = 13 << _BITS
    FIND = 14 << _BITS
    KEYWORD = 15 << _BITS
    STRING = 16 << _BITS
    COMMENT = 17 << _BITS
    NUMBER = 18 << _BITS
    NAME = 19 << _BITS


GROUND = "transcript--ground"
COMPONENTS = {GROUND, *(f"transcript--{ink.name.lower()}" for ink in Ink)}
"""The component classes a theme's author can style."""

_ATTRIBUTES = {
    bits: Style(
        bold=True if bits & BOLD else None,
        italic=True if bits & ITALIC else None,
        strike=True if bits & STRIKE else None,
        underline=True if bits & UNDERLINE else None,
        reverse=True if bits & REVERSE else None,
    )
    for bits in range(1 << _BITS)
}


class InkStyles:
    """Inks in the colours of the present theme; make a new one when the theme changes."""

    def __init__(self, widget: Widget) -> None:
        self._widget = widget
        self._styles: dict[int, Style] = {}

    def style(self, ink: int) -> Style:
        """The style of an ink with its attributes."""
        found = self._styles.get(ink)
        if found is None:
            attributes = ink & ((1 << _BITS) - 1)
            name = Ink(ink - attributes).name.lower()
            found = self._widget.get_component_rich_style(f"transcript--{name}") + _ATTRIBUTES[attributes]
            self._styles[ink] = found
        return found

    @property
    def ground(self) -> Style | None:
        """What is laid under finished code; None where the terminal has no colour for it beside the page's."""
        colour = self._widget.get_component_rich_style(GROUND).bgcolor
        few = self._widget.app.console.color_system in ("standard", "windows")
        return None if few or colour is None or colour.is_default else Style(bgcolor=colour)

    @property
    def selection(self) -> Style:
        """What is laid over the text selected with the mouse."""
        return self._widget.screen.get_component_rich_style("screen--selection")
