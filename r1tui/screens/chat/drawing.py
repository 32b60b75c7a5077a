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


WAITS = 1.0
"""Seconds between two updates of a message of which nothing comes: its times move on, and what only a second changes,
such as counts, catches up with what came last."""


class Frames:
    """Calls `draw` for a changing message at the frame rate, each second while nothing comes of it, and at once when it
    has ended."""

    def __init__(self, draw: Callable[[Message], bool], behind: Callable[[], bool]) -> None:
        """`draw` returns whether all of the message's text is drawn: where it would have cost too much, it is tried again.

        `behind`: whether the terminal has not taken yet what was drawn before; then it is drawn later.
        """
        self.low_bandwidth = False
        self._draw = draw
        self._behind = behind
        self._drawn = 0.0
        self._due: asyncio.TimerHandle | None = None
        self._next_second: asyncio.TimerHandle | None = None
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
        for timer in (self._due, self._next_second):
            if timer is not None:
                timer.cancel()
        self._due = self._next_second = None

    def _draw_soon(self) -> None:
        # The loop's own timer takes a fifth of what Textual's costs.
        due = self._drawn + (SLOW_FRAME if self.low_bandwidth else FRAME)
        loop = asyncio.get_running_loop()
        self._due = loop.call_later(max(due - monotonic(), SOON), self._draw_frame)

    def _draw_frame(self) -> None:
        self._due, self._drawn = None, monotonic()
        if self._behind():
            self._draw_soon()
        elif (message := self._message) is not None:
            if not self._draw(message):
                self._draw_soon()  # nothing else may come for long that would have it drawn
            self._wait()

    def _wait(self) -> None:
        """Draw it again in a second if nothing has been drawn until then."""
        if self._next_second is not None:
            self._next_second.cancel()
        loop = asyncio.get_running_loop()
        self._next_second = loop.call_later(WAITS, self._second_passed)

    def _second_passed(self) -> None:
        self._next_second = None
        if self._due is None and self._message is not None:  # else a frame follows, and a second after it
            self._draw_frame()
