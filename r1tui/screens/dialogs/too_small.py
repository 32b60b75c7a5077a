"""What shows where the terminal is too small for the app."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.geometry import Size

from r1tui.locale import t
from r1tui.screens.base import R1Modal
from r1tui.toolkit.shown import Static

LEAST = Size(40, 10)
"""Columns and rows that the app needs."""


def fits(size: Size) -> bool:
    """Whether the app can be drawn on so many columns and rows."""
    return size.width >= LEAST.width and size.height >= LEAST.height


class TooSmallScreen(R1Modal[None]):
    """One sentence over everything; goes by itself once there is room."""

    # Not quite opaque: Textual tells screens behind an opaque one of no resize, and the page would keep its old layout.
    DEFAULT_CSS = "TooSmallScreen { background: $background 99%; }"

    def compose(self) -> ComposeResult:
        """One sentence that says what size is needed."""
        yield Static(t("app.too_small", width=LEAST.width, height=LEAST.height))

    def on_resize(self) -> None:
        """Leave when there is room."""
        self._leave()

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """There may be room already: of several sizes in quick succession the last can be told before this screen hears anything."""
        self.call_later(self._leave)

    def _leave(self) -> None:
        if fits(self.app.size) and self.app.screen is self:
            self.dismiss()
