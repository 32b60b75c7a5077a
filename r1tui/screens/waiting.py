"""Questions that were sent and are not stored yet: none is lost, and none comes back once it was asked."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from r1tui.screens import chat_tools

if TYPE_CHECKING:
    from r1tui.screens.answers import Answers


class Waiting:
    """What waits behind an answer, before the server has answered, or on its way to the disk."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.screen = answers.screen
        self.queue: list[str] = []
        """Prompts sent while an answer streams; they follow it in their order."""
        self.asking: list[str] = []
        """Those on their way to the disk; until they are there they belong to the draft."""
        self.key = ""
        """Where that draft is kept."""
        self.started = asyncio.Event()
        """Set once the server was asked for its models for the first time: until then no model is known to ask."""

    def connected(self, ready: bool) -> None:
        """The server has answered for the first time, or not: ask what was sent before, or give it back."""
        self.started.set()
        if not ready:
            self.give_back()
        elif self.answers.streaming() is None:
            self.ask_next()

    def texts(self) -> list[str]:
        """All of them, in their order."""
        return [*self.asking, *self.queue]

    def ask(self, text: str) -> None:
        """Ask it, or queue it."""
        if not self.asking:
            self.key = chat_tools.draft_key(self.screen)
        self.asking.append(text)
        self.screen.run_worker(self._ask(text, self.key))

    async def _ask(self, text: str, draft: str) -> None:
        conversation = self.answers.conversation
        await self.answers.send(text)
        self.settled(text)
        if conversation is self.answers.conversation:  # else the prompt holds another one's draft
            await chat_tools.save_draft(self.screen, draft)

    def settled(self, text: str) -> None:
        """It is stored, queued, or back in the prompt."""
        with suppress(ValueError):
            self.asking.remove(text)

    def ask_next(self) -> None:
        """Ask the first of the queue, if there is one."""
        if self.queue:
            self.ask(self.queue.pop(0))

    def give_back(self) -> None:
        """Put the queue back into the prompt."""
        if self.queue:
            self.screen.prompt.set_draft("\n".join([*self.queue, self.screen.prompt.text]).strip())
            self.queue.clear()

    def leave(self) -> None:
        """Another conversation takes the page: what is on its way to the disk arrives there all the same."""
        self.asking.clear()
