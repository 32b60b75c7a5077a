"""Textual's widgets and content that show text, taking cleaned text alone.

Textual takes any `str`. Whatever it is to show goes through this module, which a test sees to.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NewType

from rich.text import Text
from textual import widgets
from textual.content import Content

from r1tui.domain.clean import Clean

Styled = NewType("Styled", Content)
"""Lines put together from cleaned texts, each in a style."""


def styled(text: Clean, style: str = "") -> Styled:
    """A text in one style, as Textual's markup names it: `bold $text-accent`."""
    return Styled(Content.styled(text, style) if style else Content(text))


def assembled(*parts: Clean | Styled | tuple[Clean, str]) -> Styled:
    """Texts one behind the other, each plain, styled or with its style."""
    return Styled(Content.assemble(*parts))


def stacked(lines: Iterable[Styled]) -> Styled:
    """Lines one below the other."""
    return Styled(Content("\n").join(lines))


def tree_label(text: Clean) -> Text:
    """A text where Textual wants one of Rich's: a tree's label."""
    return Text(text)


class Static(widgets.Static):
    """Textual's, without markup: text quotes what others have written."""

    def __init__(
        self, content: Clean | Styled = Clean(""), *, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(content, id=id, classes=classes, markup=False)

    def update(self, content: Clean | Styled = Clean(""), *, layout: bool = True) -> None:  # type: ignore[override]
        """Show this from now on."""
        super().update(content, layout=layout)
