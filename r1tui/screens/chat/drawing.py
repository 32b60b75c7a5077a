"""How often a message that streams is drawn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic

from r1tui.domain.message import Message, MessageStatus

FRAME = 1 / 10
"""Seconds between two updates of the transcript while text streams; reading speed does not gain from more."""
SLOW_FRAME = 0.5
"""The same in low-bandwidth mode."""
SOON = 0.01
"""Seconds until what came after a pause is drawn, so that what comes together is drawn together."""


class Frames:
    """Calls `draw` for a changing message at the frame rate, and at once when it has ended."""

    def __init__(self, draw: Callable[[Message], None], behind: Callable[[], bool]) -> None:
        """`behind`: whether the terminal has not taken yet what was drawn before; then it is drawn later."""
        self.low_bandwidth = False
        self._draw = draw
        self._behind = behind
        self._drawn = 0.0
        self._due: asyncio.TimerHandle | None = None
        self._message: Message | None = None

    def changed(self, message: Message) -> None:
        """The message has other text, or another status."""
        if message is not self._message:
            self.stop()
            self._message = message
        if message.status is not MessageStatus.STREAMING:
            self.stop()
            self._draw(message)
        elif self._due is None:
            self._draw_soon()

    def stop(self) -> None:
        """Draw no more of the message at hand."""
        self._message = None
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _draw_soon(self) -> None:
        # The loop's own timer takes a fifth of what Textual's costs.
        due = self._drawn + (SLOW_FRAME if self.low_bandwidth else FRAME)
        loop = asyncio.get_running_loop()
        self._due = loop.call_later(max(due - monotonic(), SOON), self._draw_frame)

    def _draw_frame(self) -> None:
        self._due, self._drawn = None, monotonic()
        if self._behind():
            self._draw_soon()
        elif self._message is not None:
            self._draw(self._message)
