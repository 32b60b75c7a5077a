"""Textual's list to choose from and its rows, taking cleaned text alone. Apart from `shown`: no list is there at the start."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from textual import widgets
from textual.widgets import option_list

from r1tui.domain.clean import Clean
from r1tui.toolkit.shown import Styled


class Option(option_list.Option):
    """A row of a list, whose text is cleaned."""

    def __init__(self, prompt: Clean | Styled, id: str | None = None, disabled: bool = False) -> None:
        super().__init__(prompt, id=id, disabled=disabled)


class OptionList(widgets.OptionList):
    """Textual's, without markup, and with rows of ours alone."""

    def __init__(
        self, *rows: Option, id: str | None = None, classes: str | None = None, compact: bool = False
    ) -> None:
        super().__init__(*rows, id=id, classes=classes, markup=False, compact=compact)

    def add_option(self, option: Option | None = None) -> Self:  # type: ignore[override]
        """Add a row below the others; a line for none."""
        return super().add_option(option)

    def add_options(self, new_options: Iterable[Option]) -> Self:  # type: ignore[override]
        """Add rows below the others."""
        return super().add_options(new_options)

    def set_options(self, options: Iterable[Option]) -> Self:  # type: ignore[override]
        """These rows in place of those that are there."""
        return super().set_options(options)

    def replace_option_prompt(self, option_id: str, prompt: Clean | Styled) -> Self:  # type: ignore[override]
        """Another text for a row."""
        return super().replace_option_prompt(option_id, prompt)
