"""All answers that are being written by this process, and the votes that it runs, whichever screen looks at them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from r1tui.chat.generation import Budget, Generation, MessageSink
from r1tui.domain.chat import ChatRequest
from r1tui.domain.message import Message, MessageStatus
from r1tui.services.engines.engine import Engine

if TYPE_CHECKING:
    from r1tui.chat.running_vote import RunningVote


class Generations:
    """All answers that are being written by this process, and the votes whose samples are among them."""

    def __init__(self) -> None:
        self.active: dict[str, Generation] = {}
        """Message id → its generation."""
        self.votes: dict[str, RunningVote] = {}
        """Conversation's id → the vote that runs in it."""
        self.vote_watchers: list[Callable[[RunningVote], None]] = []
        """Called when a vote has ended and is no longer in `votes`."""
        self.watchers: list[Callable[[Generation], None]] = []
        """Called when an answer begins, and when it has ended and is no longer in `active`."""

    @property
    def writing(self) -> bool:
        """Whether text is still to come; an answer that is only being stored for the last time does not count."""
        streaming = (each.message.status is MessageStatus.STREAMING for each in self.active.values())
        return bool(self.votes) or any(streaming)

    @property
    def conversations(self) -> set[str]:
        """Ids of the conversations in which something is under way, if only being stored."""
        return {*self.votes, *(each.conversation_id for each in self.active.values())}

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

    def add_vote(self, vote: RunningVote) -> None:
        """Count it as under way from now on, until it has ended."""
        self.votes[vote.conversation.id] = vote
        vote.watchers.append(self._vote_changed)

    def _vote_changed(self, vote: RunningVote) -> None:
        if vote.ended:
            self.votes.pop(vote.conversation.id, None)
            for watcher in self.vote_watchers:
                watcher(vote)

    def of_conversation(self, conversation_id: str) -> Generation | None:
        """The running answer of a conversation, if there is one."""
        return next((each for each in self.active.values() if each.conversation_id == conversation_id), None)

    async def finish_unwatched(self, silence: float) -> None:
        """Wait until every answer has ended, by itself or by a bound (`Generation.bound`), and every vote."""
        bounds: list[asyncio.Task[None]] = []

        def bound(generation: Generation) -> None:
            if generation.message.id in self.active:
                bounds.append(asyncio.create_task(generation.bound(silence)))

        for generation in self.active.values():
            bound(generation)
        self.watchers.append(bound)
        await self.finish()
        self.watchers.remove(bound)
        for task in bounds:
            task.cancel()
        await asyncio.gather(*bounds, return_exceptions=True)

    async def finish(self, conversations: Collection[str] | None = None) -> None:
        """Wait until every answer and every vote has ended by itself; `conversations`: those of these alone."""
        while tasks := self._tasks(conversations):
            await asyncio.gather(*tasks, return_exceptions=True)

    def _tasks(self, conversations: Collection[str] | None) -> list[asyncio.Task[None]]:
        under_way = [(each.conversation_id, each.task) for each in self.active.values()]
        under_way += [(conversation, each.task) for conversation, each in self.votes.items()]
        return [
            task
            for conversation, task in under_way
            if task is not None
            and not task.done()
            and (conversations is None or conversation in conversations)
        ]

    def interrupt(self) -> None:
        """End everything at once, as where the machine shuts down: what came is kept, marked as interrupted."""
        for vote in list(self.votes.values()):
            vote.interrupt()
        for generation in self.active.values():
            if generation.task is not None:
                generation.task.cancel()

    async def stop_all(self) -> None:
        """Stop everything, keeping what is there."""
        for conversation_id in self.conversations:
            self.stop(conversation_id)
        await self.finish()

    def stop(self, conversation_id: str) -> None:
        """Stop what is under way in a conversation, keeping what is there."""
        if (vote := self.votes.get(conversation_id)) is not None:
            vote.stop()
        for generation in list(self.active.values()):
            if generation.conversation_id == conversation_id:
                generation.stop()
