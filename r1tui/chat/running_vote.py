"""A vote being run: one sample after the other. Like an answer it is a task that no screen owns, so it goes on while
another conversation is at hand, and in the background once the terminal is gone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from r1tui.chat.generation import Budget, Generation, MessageSink, empty_answer
from r1tui.chat.vote import Begin, NotBegun, Vote
from r1tui.chat.vote_counter import VoteCounter, samples_of, shown_at_end
from r1tui.domain.chat import ChatRequest
from r1tui.domain.conversation import Conversation
from r1tui.domain.message import Message, MessageStatus, VotePlan
from r1tui.domain.phrase import Phrase, phrase
from r1tui.services.container import Services
from r1tui.services.engines.engine import Engine
from r1tui.services.store.database import StoreError

VOTE_BEATS = 20.0
"""Seconds between two heartbeats of a vote that runs."""
Start = Callable[[Engine, str, Message, ChatRequest, MessageSink, Budget], Generation]
"""Begins to fill an answer of a conversation, as `Generations.start` does."""


class RunningVote:
    """A vote that this process runs. Whoever asked for it begins its first sample; the others are begun here, and sent
    the same but for the seed.
    """

    def __init__(
        self,
        services: Services,
        start: Start,
        counter: VoteCounter,
        conversation: Conversation,
        plan: VotePlan,
        vote: Vote,
    ) -> None:
        self.conversation = conversation
        """The copy of it that further samples are added to."""
        self.plan = plan
        self.vote = vote
        self.under_way: Generation | None = None
        """The sample that was begun last."""
        self.fault: Phrase | None = None
        """Why a sample could not be begun."""
        self.shown: str | None = None
        """The sample that is shown as the answer, at its end."""
        self.task: asyncio.Task[None] | None = None
        self.watchers: list[Callable[[RunningVote], None]] = []
        """Called when a sample has begun, when it was counted, and at the end."""
        self.ended = False
        self._services = services
        self._start = start
        self._counter = counter
        vote.watchers.append(self._counted)

    def start(self, first: Begin) -> None:
        """Run it in a task of its own. `first` begins the first sample."""
        self.task = asyncio.create_task(self._run(first), name=f"vote {self.plan.id}")

    def stop(self) -> None:
        """Begin no more samples. The one under way is its own."""
        self.vote.stop()

    def interrupt(self) -> None:
        """End at once, to be gone on with another time."""
        self.vote.let_go()
        if self.task is not None:
            self.task.cancel()

    def go_on_in(self, conversation: Conversation) -> None:
        """Add further samples to this copy of the conversation, which was read from the store a while ago."""
        question = self.conversation.messages.get(self.plan.question)
        if question is not None and question.id in conversation.messages:
            for sample in samples_of(self.conversation, question):
                conversation.messages[sample.id] = sample
            conversation.leaf = self.conversation.leaf
        self.conversation = conversation

    async def _run(self, first: Begin) -> None:
        async def begin(seed: int) -> Generation:
            before = self.under_way
            self.under_way = await (first(seed) if before is None else self._begin_like(before, seed))
            self._tell()
            return self.under_way

        beating = asyncio.create_task(self._beat())
        try:
            await self.vote.run(begin)
            await self._end()
        except StoreError as error:
            self.fault = error.phrase
        finally:
            beating.cancel()
            self.ended = True
            self._tell()

    async def _begin_like(self, before: Generation, seed: int) -> Generation:
        """One more sample, asked as the one before it was."""
        asked, request, with_store = self.plan.question, before.request, self._services.with_store
        conversation = self.conversation.id
        if not await with_store(lambda store: store.is_kept(conversation)):
            raise NotBegun
        if await self._services.sink.stop_requested(self.plan.id):
            self.stop()
            raise NotBegun
        answer = empty_answer(request.model, vote=self.plan.id, seed=seed)
        known = self.conversation.child_ids(asked)
        self.conversation.answer_to(asked, answer)
        claimed = False
        try:
            claimed = await with_store(lambda store: store.claim_answer(conversation, answer, known))
            self.fault = None if claimed else phrase("chat.answered_elsewhere")
        except StoreError as error:
            self.fault = error.phrase
        finally:
            if not claimed:
                self.conversation.delete(answer.id)
        if not claimed:
            raise NotBegun
        budget = replace(before.budget, edge=before.edge)  # with the server's count of the prompt
        request = replace(request, options={**request.options, "seed": seed})
        generation = self._start(before.engine, conversation, answer, request, self._services.sink, budget)
        generation.near_told = before.near_told  # once for all samples
        if self.vote.stopped:
            generation.stop()
        return generation

    async def _end(self) -> None:
        """Keep that it was stopped and which sample is shown as the answer, and leave the question to others."""
        with_store, conversation = self._services.with_store, self.conversation.id
        await with_store(lambda store: store.release_vote(self.plan.id))
        question = self.conversation.messages.get(self.plan.question)
        if question is None or question.plan is None:
            return
        sample = self.under_way.message if self.under_way is not None else None
        if self.vote.stopped or (sample is not None and sample.status is MessageStatus.STOPPED):
            question.plan = replace(question.plan, stopped=True)
            await self._services.sink.save_message(conversation, question)
        await self._counter.read(self.conversation)
        state = self._counter.states(self.conversation).get(question.id)
        if state is not None and (shown := shown_at_end(state)) is not None:
            self.shown = shown
            self.conversation.show(shown)
            await with_store(lambda store: store.show(conversation, shown))

    async def _beat(self) -> None:
        """Say now and then that this process still runs the vote."""
        while True:
            await asyncio.sleep(VOTE_BEATS)
            with suppress(StoreError):
                await self._services.sink.heartbeat(self.plan.id)

    def _counted(self, vote: Vote) -> None:
        self._counter.note(vote.samples[-1])
        self._tell()

    def _tell(self) -> None:
        for watcher in tuple(self.watchers):
            watcher(self)
