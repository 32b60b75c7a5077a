"""Textual's list to choose from and its rows, taking cleaned text alone. Apart from `shown`: no list is there at the start."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Self

from textual import widgets
from textual.geometry import Region
from textual.strip import Strip
from textual.widgets import option_list

from r1tui.domain.clean import Clean
from r1tui.toolkit.shown import Styled


class Option(option_list.Option):
    """A row of a list, whose text is cleaned."""

    def __init__(self, prompt: Clean | Styled, id: str | None = None, disabled: bool = False) -> None:
        super().__init__(prompt, id=id, disabled=disabled)


class OptionList(widgets.OptionList):
    """Textual's, without markup, and with rows of ours alone."""

    _sparing = False
    """What is drawn anew is decided later."""

    def __init__(
        self, *rows: Option, id: str | None = None, classes: str | None = None, compact: bool = False
    ) -> None:
        super().__init__(*rows, id=id, classes=classes, markup=False, compact=compact)

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        """As Textual's; within `sparing` what is drawn anew is decided at its end."""
        if self._sparing and not (layout or recompose):
            return self
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    @contextmanager
    def sparing(self) -> Iterator[None]:
        """Change rows or move the cursor within it: only lines that differ are sent. Textual would send the whole list."""
        if self._sparing:  # within another one, which decides at its end
            yield
            return
        before = self._visible()
        self._sparing = True
        try:
            yield
        finally:
            self._sparing = False
        after = self._visible()
        width = self.scrollable_content_region.width
        if len(before) != len(after):
            self.refresh()
        elif rows := [y for y in range(len(after)) if before[y] != after[y]]:
            self.refresh(*(Region(0, y, width, 1) for y in rows))

    def _visible(self) -> list[Strip]:
        """The lines that are in sight."""
        return [self.render_line(y) for y in range(self.scrollable_content_region.height)]

    # The cursor's steps

    def action_cursor_up(self) -> None:
        """To the row above."""
        with self.sparing():
            super().action_cursor_up()

    def action_cursor_down(self) -> None:
        """To the row below."""
        with self.sparing():
            super().action_cursor_down()

    def action_first(self) -> None:
        """To the first row."""
        with self.sparing():
            super().action_first()

    def action_last(self) -> None:
        """To the last row."""
        with self.sparing():
            super().action_last()

    def action_page_up(self) -> None:
        """Move the cursor a page up."""
        with self.sparing():
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        """Move the cursor a page down."""
        with self.sparing():
            super().action_page_down()  # type: ignore[no-untyped-call]

    # Rows

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
