"""What other processes do to the conversation on the screen: an answer left in the background, another R1TUI."""

from __future__ import annotations

from contextlib import suppress
from time import monotonic, time
from typing import TYPE_CHECKING

from textual.timer import Timer

from r1tui.domain.message import Message, MessageStatus
from r1tui.services.database import StoreError

if TYPE_CHECKING:
    from r1tui.screens.answers import Answers

CHANGES_POLL = 5.0
"""Seconds between two looks for changes by another R1TUI: a few microseconds of SQLite each."""
ANSWER_POLL = 1.0
"""Seconds between two looks at an answer that another process writes; it commits about once a second."""


class Elsewhere:
    """Follows the store where this process does not write it."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.screen = answers.screen
        self.live: Timer | None = None
        """Runs while another process writes an answer of this conversation."""

    def watch(self) -> None:
        """Begin to follow the answer of another process, if there is one."""
        branch = self.answers.conversation.branch()
        if any(message.status is MessageStatus.STREAMING for message in branch):
            for message in branch:
                message.phase_started = monotonic() - max(time() - message.created, 0.0)
            self.live = self.screen.set_interval(ANSWER_POLL, self._look_at_answer)

    def stop(self) -> None:
        """No more."""
        if self.live is not None:
            self.live.stop()
            self.live = None

    async def stop_writer(self) -> None:
        """Ask the process that writes the answer to stop."""
        store = await self.screen.services.opened_store()
        for message in self.answers.conversation.branch():
            if message.status is MessageStatus.STREAMING:
                await store.request_stop(message.id)

    async def _look_at_answer(self) -> None:
        """Take over what another process has stored of its answer since the last look."""
        with suppress(StoreError):  # the next look tries again
            await self._follow()

    async def _follow(self) -> None:
        store = await self.screen.services.opened_store()
        conversation = self.answers.conversation
        streaming = [each for each in conversation.branch() if each.status is MessageStatus.STREAMING]
        if streaming:
            await store.mark_interrupted()
        for known in streaming:
            fresh = await store.load_message(conversation.id, known.id)
            if fresh is not None and conversation is self.answers.conversation:
                _take_over(known, fresh)
                self.screen.transcript.update(known)
                self.screen.transcript.tick()
        if conversation is not self.answers.conversation:
            return  # another one was opened meanwhile, which has a watch of its own
        if not any(each.status is MessageStatus.STREAMING for each in streaming):
            self.stop()
            if streaming:
                self.answers.go_on(streaming[-1])
        self.screen.status_changed()

    async def look(self) -> None:
        """Show what another R1TUI added to this conversation."""
        with suppress(StoreError):
            await self._look()

    async def _look(self) -> None:
        answers = self.answers
        if answers.busy or self.live is not None or not answers.conversation.messages:
            return
        store = await self.screen.services.opened_store()
        if not await store.changed_elsewhere():
            return
        conversation = answers.conversation
        fresh = await store.load(conversation.id)
        if fresh is None or conversation is not answers.conversation:
            return
        if fresh.messages.keys() - conversation.messages.keys():
            await answers.open(conversation.id)


def _take_over(known: Message, fresh: Message) -> None:
    """Bring a message that is on the screen to the state another process stored."""
    if fresh.phase is not known.phase:
        known.phase_started = monotonic()
    for name in (
        "content",
        "reasoning",
        "status",
        "reasoning_seconds",
        "reasoning_tokens",
        "answer_tokens",
        "stats",
        "error",
        "phase",
    ):
        setattr(known, name, getattr(fresh, name))
