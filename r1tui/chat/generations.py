"""All answers that are being written by this process, whichever screen looks at them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from r1tui.chat.generation import Budget, Generation, MessageSink
from r1tui.domain.chat import ChatRequest
from r1tui.domain.message import Message, MessageStatus
from r1tui.services.engines.engine import Engine


class Generations:
    """All answers that are being written by this process."""

    def __init__(self) -> None:
        self.active: dict[str, Generation] = {}
        """Message id → its generation."""
        self.watchers: list[Callable[[Generation], None]] = []
        """Called when an answer begins, and when it has ended and is no longer in `active`."""

    @property
    def writing(self) -> bool:
        """Whether text is still to come; an answer that is only being stored for the last time does not count."""
        return any(each.message.status is MessageStatus.STREAMING for each in self.active.values())

    def start(
        self,
        engine: Engine,
        conversation_id: str,
        message: Message,
        request: ChatRequest,
        sink: MessageSink,
        budget: Budget | None = None,
    ) -> Generation:
        """Begin to fill `message`, which must already be stored."""
        generation = Generation(engine, conversation_id, message, request, sink, budget or Budget())
        self.active[message.id] = generation
        generation.task = asyncio.create_task(generation.run(), name=f"generation {message.id}")
        generation.task.add_done_callback(lambda _: self._ended(generation))
        self._tell(generation)
        return generation

    def _ended(self, generation: Generation) -> None:
        self.active.pop(generation.message.id, None)
        self._tell(generation)

    def _tell(self, generation: Generation) -> None:
        for watcher in self.watchers:
            watcher(generation)

    def of_conversation(self, conversation_id: str) -> Generation | None:
        """The running answer of a conversation, if there is one."""
        return next((each for each in self.active.values() if each.conversation_id == conversation_id), None)

    async def finish_unwatched(self, silence: float) -> None:
        """Wait until every answer has ended, by itself or by a bound: see `Generation.bound`."""
        bounds = [asyncio.create_task(each.bound(silence)) for each in self.active.values()]
        await self.finish()
        for task in bounds:
            task.cancel()
        await asyncio.gather(*bounds, return_exceptions=True)

    async def finish(self) -> None:
        """Wait until every answer has ended by itself."""
        await _all(self.active.values())

    def interrupt(self) -> None:
        """End every answer at once, as where the machine shuts down: what came is kept, marked as interrupted."""
        for generation in self.active.values():
            if generation.task is not None:
                generation.task.cancel()

    async def stop_all(self) -> None:
        """Stop every answer, keeping what is there."""
        for generation in list(self.active.values()):
            generation.stop()
        await self.finish()


async def _all(generations: Iterable[Generation]) -> None:
    tasks = [generation.task for generation in generations if generation.task is not None]
    if tasks:
        await asyncio.gather(*tasks, return_exceptions=True)
