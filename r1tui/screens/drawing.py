"""Draws the answer that streams, at the frame rate."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from r1tui.domain.message import MessageStatus, Phase
from r1tui.domain.phrase import phrase
from r1tui.screens import chat_tools
from r1tui.services.generation import Generation
from r1tui.widgets.terminal_writer import behind

if TYPE_CHECKING:
    from r1tui.screens.answers import Answers

FRAME = 1 / 10
"""Seconds between two updates of the transcript while text streams; reading speed does not gain from more."""
SLOW_FRAME = 0.5
"""The same in low-bandwidth mode."""
SOON = 0.01
"""Seconds until what came after a pause is drawn, so that what comes together is drawn together."""


class Drawing:
    """Follows one generation: draws what it brings, says what befalls it, tells of its end."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.screen = answers.screen
        self._drawn = 0.0
        self._ticked = 0.0
        self._phase: Phase | None = None
        """The phase at the last tick, which comes each second and with a new phase."""
        self._frame: asyncio.TimerHandle | None = None

    def follow(self, generation: Generation) -> None:
        """Draw this one from now on."""
        self.answers.generation = generation
        generation.watchers.append(self._changed)
        self.screen.status_changed()

    def stop(self) -> None:
        """Draw none any more; it goes on by itself."""
        if self.answers.generation is not None:
            self.answers.generation.watchers.remove(self._changed)
            self.answers.generation = None
        if self._frame is not None:
            self._frame.cancel()
            self._frame = None

    @contextmanager
    def _faults_told(self) -> Iterator[None]:
        """Neither the loop's timers nor a generation tell the app of a fault in drawing."""
        try:
            yield
        except Exception as error:
            self.screen.app._handle_exception(error)

    def _changed(self, generation: Generation) -> None:
        """Something came. Draw at the frame rate; the end and a new phase at once."""
        with self._faults_told():
            if generation.message.status is not MessageStatus.STREAMING:
                self._ended(generation)
            elif self._frame is None:
                self._draw_soon()

    def _draw_soon(self) -> None:
        # The loop's own timer takes a fifth of what Textual's costs.
        due = self._drawn + (SLOW_FRAME if self.screen.low_bandwidth else FRAME)
        loop = asyncio.get_running_loop()
        self._frame = loop.call_later(max(due - monotonic(), SOON), self._draw_frame)

    def _draw_frame(self) -> None:
        self._frame, self._drawn = None, monotonic()
        with self._faults_told():
            if behind(self.screen.app):
                self._draw_soon()
            elif self.screen.is_running:
                self._draw()

    def _draw(self) -> None:
        if (generation := self.answers.generation) is None:
            return
        self.screen.transcript.update(generation.message)
        phase = generation.message.phase
        if (now := monotonic()) - self._ticked >= 1 or phase is not self._phase:
            self._ticked, self._phase = now, phase
            self.screen.transcript.tick()
            self.screen.status_changed()
        if generation.loop_found and not generation.loop_told:
            generation.loop_told = True
            self.screen.tell(phrase("chat.loop"), "warning")
        if generation.save_error is not None and not generation.error_told:
            generation.error_told = True
            self.screen.tell(chat_tools.not_saved(generation.save_error), "error")

    def _ended(self, generation: Generation) -> None:
        message = generation.message
        try:
            self._draw()
        finally:  # a fault in drawing must not leave a conversation that seems to stream for ever
            self.answers.unfollow()
        self.screen.transcript.update(message)
        self.screen.answer_ended(message, generation.engine)
        self.answers.go_on(message)
