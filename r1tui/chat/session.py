"""One conversation being had: what is asked, queued, written, changed and undone, whoever watches.

The app's chat screen, `r1tui ask` and whoever ends answers without a terminal use the same object.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import field, replace
from time import monotonic, time
from typing import TYPE_CHECKING

from r1tui.chat import elsewhere
from r1tui.chat.asking_again import Manner, language_of, manner_after, prepared
from r1tui.chat.attachment_count import count_attachment
from r1tui.chat.context import ContextMeter
from r1tui.chat.draft import NEW, Draft, Edit, Field, PlainField
from r1tui.chat.events import (
    AnswerEnded,
    AttachmentsCounted,
    BranchChanged,
    Event,
    MessageChanged,
    NeedsContext,
    Observable,
    OutOfSight,
    PromptsLoaded,
    RunningChanged,
    StateChanged,
    VoteChanged,
)
from r1tui.chat.generation import Budget, Generation, empty_answer
from r1tui.chat.generations import Generations
from r1tui.chat.prefill import Prefill
from r1tui.chat.queue import Question, QuestionQueue
from r1tui.chat.request import RequestBuilder
from r1tui.chat.running_vote import RunningVote
from r1tui.chat.sent_prompt import (
    SentPrompt,
    SentRequests,
    counted_by,
    left_out,
    opened_by,
    rendered_by,
    with_question,
)
from r1tui.chat.server import Server
from r1tui.chat.vote import NotBegun, Vote, VoteCost, expected_tokens, sample_request
from r1tui.chat.vote_counter import VoteCounter, resumed, samples_of, shown_at_end
from r1tui.domain.attachment import Attachment, rendered
from r1tui.domain.chat import ChatRequest, ChatTurn, ThinkMode
from r1tui.domain.context_window import TURN_TOKENS
from r1tui.domain.conversation import PARTIAL, Conversation
from r1tui.domain.dataclass import dataclass
from r1tui.domain.edge import AtEdge, Edge
from r1tui.domain.message import Message, MessageStatus, Phase, Role, VotePlan, new_id
from r1tui.domain.options import ORIGIN
from r1tui.domain.phrase import Phrase, phrase
from r1tui.domain.sizing import bytes_per_token
from r1tui.domain.vote import VoteState
from r1tui.locale import clock, t
from r1tui.services.container import REOPEN, Services
from r1tui.services.engines.engine import Engine, EngineError, ModelManager, PromptCounter
from r1tui.services.store.database import StoreError
from r1tui.services.store.edits import SUMMARY

if TYPE_CHECKING:
    from r1tui.chat.summary import SummaryPlan
    from r1tui.services.server.process import OwnServer

AT_EDGE = frozenset({"generation.edge", "generation.edge_reasoning", "generation.no_room"})
"""Notes of answers that had no room left."""
PROMPTS_RECALLED = 200
"""Earlier prompts that are read for the prompt's history."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The question is stored, and `generation` writes its answer."""

    generation: Generation
    request: ChatRequest


@dataclass(frozen=True, slots=True)
class Queued:
    """The question waits behind the answer that is being written, or for the server's first answer."""


@dataclass(frozen=True, slots=True)
class NotAsked:
    """No answer was begun; why was told, and what was written is back in the draft or in the conversation."""


@dataclass(eq=False, slots=True)
class Sending:
    """What was sent last, so that it can be taken back while its answer has not begun."""

    question: Message | None
    """The new question; None where one of before was asked again."""
    leaf: str | None
    """Where the branch ended before."""
    beside: bool = False
    """Whether the question stands beside an earlier one, in whose place it was asked."""
    answer: Message | None = None
    """The empty answer, once there is one."""
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the answer is no longer prepared: it is being written, or never will be."""


Outcome = Asked | Queued | NotAsked | NeedsContext
"""What became of a question. `NeedsContext`: somebody has to decide."""
Undo = Callable[[], Awaitable[Phrase | None]]


class ChatSession(Observable):
    """The conversation at hand and its running answer. Commands are its methods; `StateChanged` and other events tell
    of their effects. An answer under way goes on when another conversation is opened."""

    def __init__(
        self, services: Services, server: Server, generations: Generations, field: Field | None = None
    ) -> None:
        super().__init__()
        self._services = services
        self.server = server
        self.machine = server.machine
        self.generations = generations
        self.requests = RequestBuilder(services.settings)
        self.queue = QuestionQueue()
        self.draft = Draft(services, field or PlainField(), self.queue, lambda: self.conversation)
        self.draft.subscribe(self.emit)
        self.sent = SentRequests()
        self.prefill = Prefill()
        self.first_token_seconds: float | None = None
        """About how long the first token would take if what is written were sent now; None where nobody knows."""
        self.generation: Generation | None = None
        """The answer of this conversation that this process writes."""
        self._refreshing = asyncio.Lock()
        """Held while it is looked whether the conversation at hand was deleted."""
        self.preparing: Message | None = None
        """The answer whose question is being stored and whose request is being made."""
        self.can_ask = True
        """Whether there is somebody who can be asked while an answer is written."""
        self.live_elsewhere = False
        """Whether another process writes an answer of this conversation."""
        self.origin: str | None = None
        """Title of the conversation that this one goes on from; "" where that is gone, None where there is none."""
        self.undo: list[Undo] = []
        """What can be undone until the app ends, newest last."""
        self.votes: Mapping[str, VoteState] = {}
        """Question's message id → how its last vote stands; of the conversation at hand."""
        self._counter = VoteCounter()
        self._voting_elsewhere: frozenset[str] = frozenset()
        """Ids of the conversation's votes that another process runs."""
        self._unwanted = False
        """The answer that is prepared was stopped before it began."""
        self._sending: Sending | None = None
        """What was sent last; None where that cannot be taken back."""
        self._connected = asyncio.Event()
        """Set once the server was asked for its models for the first time: until then no model is known to ask."""
        self._followed: asyncio.Task[None] | None = None
        self.conversation = Conversation()
        self.conversation = self._fresh()
        self.context = ContextMeter(self.conversation, services.settings)
        server.subscribe(self._server_changed)

    # State

    @property
    def starting(self) -> bool:
        """Whether the server is asked for its models for the first time; what is sent meanwhile is queued."""
        return not self._connected.is_set()

    @property
    def busy(self) -> bool:
        """Whether an answer of this conversation is being written, or about to be, by this process. While a vote runs
        it is so between its samples too.
        """
        return self.generation is not None or self.preparing is not None or self._voting is not None

    @property
    def _voting(self) -> RunningVote | None:
        """The vote that this process runs in this conversation."""
        return self.generations.votes.get(self.conversation.id)

    @property
    def _voting_now(self) -> frozenset[str]:
        """Ids of the conversation's votes that are run, by whichever process."""
        own = self._voting
        return self._voting_elsewhere | ({own.plan.id} if own is not None else set())

    @property
    def streaming(self) -> Message | None:
        """The answer that is being written, by this process or another."""
        if self.generation is not None:
            return self.generation.message
        if self.preparing is not None:
            return self.preparing
        branch = self.conversation.branch() if self.live_elsewhere else []
        return next(iter(reversed(elsewhere.streaming(branch))), None)

    @property
    def last_answer(self) -> Message | None:
        """The newest answer of the branch."""
        return self.conversation.last_answer()

    @property
    def rate(self) -> float | None:
        """Tokens a second of the answer that is being written, else of the last one."""
        if self.generation is not None:
            return self.generation.rate
        return next(reversed(self.machine.speeds), None)

    @property
    def reserve_begins(self) -> int | None:
        """Tokens in use from which on only the answer's reserve is left; None while nothing is thought."""
        generation = self.generation
        if (
            generation is None
            or generation.message.phase is not Phase.THINKING
            or not generation.edge.context
        ):
            return None
        return generation.edge.begins

    def context_use(self) -> tuple[int, int | None]:
        """Tokens in use and the context length, None where that is not known."""
        generation = self.generation
        if generation is not None and generation.edge.context:
            return generation.used, generation.edge.context
        streaming = generation.tokens if generation is not None else None
        return self.context.used(streaming), self.context.size

    # Start and end

    async def restore(self) -> None:
        """Bring back what the last run left: draft, prompts, and an answer that outlived its terminal.

        Raises `StoreError`.
        """
        store = await self._services.opened_store()
        interrupted = await store.mark_interrupted()
        await self.load_prompts()
        await self.draft.load()
        reopen = await self._services.state_get(REOPEN)
        # A line that has just dropped holds its R1TUI until the SSH server notices: the answer is live there.
        live = await store.live_answers()
        if reopen not in live:
            if reopen:  # what is still written is for the next start too, unless its end is seen here
                await self._services.state_set(REOPEN, "")
            reopen = next(reversed(live), "") or (interrupted[-1][0] if interrupted else reopen)
        if reopen:
            put_back = self.draft.carry() if self.draft else None
            await self.open(reopen)
            if put_back is not None:  # what was typed since the start goes along
                put_back()
            if interrupted:
                self.tell(phrase("chat.interrupted", n=len(interrupted)), "warning")
        elif not self.draft and (elsewhere := await self.draft.elsewhere()):
            self.tell(phrase("chat.draft_elsewhere", n=len(elsewhere)))

    async def asked_server(self) -> None:
        """Wait until the server was asked for its models for the first time."""
        await self._connected.wait()

    def connected(self, ready: bool) -> None:
        """The server has answered for the first time, or not: ask what was sent before, or give it back."""
        self._connected.set()
        if not ready:
            self._give_back()
        elif self.streaming is None:
            self._ask_next()

    async def close(self) -> None:
        """Keep the draft and let go; an answer or a vote under way goes on, and is told of no more."""
        self._unfollow()
        for running in self.generations.votes.values():
            with suppress(ValueError):  # another session's
                running.watchers.remove(self._vote_changed)
        with suppress(StoreError):
            await self.draft.store()
        for each in (self, self.draft, self.server, self.server.downloads, self.machine):
            each.end_tasks()

    # Conversations

    def _fresh(self) -> Conversation:
        return Conversation(model=self.conversation.model, think=self._services.settings.chat.think)

    def _turn_to(self, conversation: Conversation) -> None:
        old, self.conversation, self.origin = self.context, conversation, None
        self.context = ContextMeter(conversation, self._services.settings)
        self.context.size, self.context.before = old.size, old.before
        self._voting_elsewhere = frozenset()
        self.votes = self._counter.states(conversation, self._voting_now)

    async def start_new(self, *, private: bool = False) -> None:
        """Begin an empty conversation; an answer under way goes on by itself, the draft stays with the old one."""
        await self._leave()
        self._turn_to(self._fresh())
        self.conversation.private = private
        if private:
            await (await self._services.opened_store()).save_conversation(self.conversation)
        self._show()
        await self.draft.load()

    async def open(
        self, conversation_id: str, message_id: str | None = None, needle: str = "", where: str = ""
    ) -> None:
        """Turn to a stored conversation, live where its answer is still being written, at the message named.

        There at `needle` in what `where` names, as `Hit.where` does.
        """
        from r1tui.services.store.rows import mended_notice

        store = await self._services.opened_store()
        conversation = await store.load(conversation_id)
        if conversation is None:
            self.tell(phrase("chat.conversation_gone"), "warning")
            return
        await self._leave()
        await self._counter.read(conversation)
        generation = self.generations.of_conversation(conversation_id)
        if generation is not None and generation.message.id in conversation.messages:
            conversation.messages[generation.message.id] = generation.message
        if (running := self.generations.votes.get(conversation_id)) is not None:
            running.go_on_in(conversation)
        self._turn_to(conversation)
        if notice := mended_notice(conversation):
            self.tell(notice, "warning")
        if message_id:
            conversation.show(message_id)
        await self._learn_origin()
        self._show(message_id, needle, where)
        if conversation.messages:
            self.server.go_with(conversation.model)
        if (generation := self.generations.of_conversation(conversation_id)) is not None:
            if generation is not self.generation:  # as where a vote has begun its next sample meanwhile
                self._follow(generation)
        elif self._voting is None:
            await self._follow_elsewhere()
        await self.draft.load()

    async def _leave(self) -> None:
        """Let go of the conversation, its draft kept."""
        self.queue.asking.clear()
        await self.draft.save()
        self._unfollow()
        self.preparing = None
        self.queue.clear()
        self.draft.clear()

    def _show(self, message_id: str | None = None, needle: str = "", where: str = "") -> None:
        self.emit(BranchChanged(self.conversation, message_id, needle, where))
        self.emit(StateChanged())
        self.foretell()

    async def refresh(self) -> None:
        """Go along with what was done to the stored conversation by its list: a new title, or its deletion.

        A deleted one is left: what is asked next would be deleted with it.
        """
        at_hand = self.conversation
        if not at_hand.messages or self.preparing is not None:
            return
        async with self._refreshing:
            store = await self._services.opened_store()
            kept = [*store.private_summaries(), await store.summary(at_hand.id)]
            summary = next((each for each in kept if each and each.id == at_hand.id), None)
            if summary is None:
                put_back = self.draft.carry()
                await self.start_new()
                put_back()
            elif summary.title != at_hand.title:
                at_hand.title = summary.title
                self.emit(StateChanged())

    async def rename(self, title: str) -> None:
        """Give the conversation another title."""
        self.conversation.title = title
        store = await self._services.opened_store()
        await store.rename(self.conversation.id, title)
        self.emit(StateChanged())

    async def set_system(self, text: str) -> None:
        """Give the conversation another system text."""
        self.conversation.system = text
        await self._save_conversation()

    async def set_option(self, name: str, value: float | int | str | None) -> None:
        """Set a sampling parameter of this conversation; None leaves it to the model and the settings again."""
        if value is None:
            self.conversation.options.pop(name, None)
        else:
            self.conversation.options[name] = value
        await self._save_conversation()

    def set_think(self, mode: ThinkMode) -> None:
        """Ask the model to think or not, in this conversation from now on."""
        self.conversation.think = mode
        self.emit(StateChanged())
        self.start(self._save_conversation())

    def use_default_think(self) -> None:
        """The setting was changed: an empty conversation goes along."""
        if not self.conversation.messages:
            self.conversation.think = self._services.settings.chat.think
            self.emit(StateChanged())

    async def use_default_model(self) -> None:
        """The setting was changed: an empty conversation goes along, where the server has that model."""
        name = self._services.settings.chat.model
        if not name or self.conversation.messages:
            return
        if self.server.model(name) is None:
            self.tell(phrase("chat.model_missing", name=name), "warning")
        elif name != self.server.selected:
            await self.select_model(name)

    async def _save_conversation(self) -> None:
        """Keep the conversation's own settings; one without messages is not kept."""
        if self.conversation.messages:
            store = await self._services.opened_store()
            await store.save_conversation(self.conversation)

    async def delete_everything(self) -> None:
        """Erase every conversation, draft and remembered word, for good. Raises `StoreError`."""
        await self.generations.stop_all()
        self.queue.waiting.clear()
        self.draft.clear()  # it would be stored again as this conversation's draft
        await (await self._services.opened_store()).delete_everything()
        self.emit(PromptsLoaded(()))
        self.undo.clear()
        await self.start_new()
        self.tell(phrase("chat.everything_deleted"))

    # What was written before, and what is attached now

    async def load_prompts(self) -> None:
        """Read the prompts of before that are stored."""
        store = await self._services.opened_store()
        prompts = await store.prompts(limit=PROMPTS_RECALLED)
        self.emit(PromptsLoaded(tuple(reversed(prompts))))

    def attachment_cost(self, attachment: Attachment) -> tuple[int, float | None]:
        """Tokens that an attachment takes, about, and the seconds of reading them; None where that was never measured."""
        turn = ChatTurn(Role.USER, rendered((attachment,), ""))
        tokens = self.context.estimate((turn,)) - TURN_TOKENS
        engine = self.server.engine
        rate = self.prefill.rate(engine.url, self.conversation, self.server.selected) if engine else None
        return tokens, tokens / rate if rate else None

    async def count_attachment(self, attachment: Attachment) -> int | None:
        """Tokens that an attachment takes by the server's own count; None where it does not count before it is asked."""
        if self.server.engine is None or not self.server.selected:
            return None
        turn = ChatTurn(Role.USER, rendered((attachment,), ""))
        counted = await counted_by(self.server.engine, ChatRequest(self.server.selected, (turn,)))
        return None if counted is None else max(counted - TURN_TOKENS, 0)

    # Asking

    def submit(
        self, text: str, *, checked: bool = False, attachments: tuple[Attachment, ...] | None = None
    ) -> None:
        """Ask, beside everything else, with what is attached to the draft unless `attachments` are given. What somebody
        has to decide comes as an event (`NeedsContext`).
        """
        question = self.draft.sent(text, attachments)
        self.draft.keep(question)
        self.start(self._submit(question, self.queue.draft_key, checked))

    async def _submit(self, question: Question, draft_key: str, checked: bool) -> None:
        conversation = self.conversation
        outcome = await self.ask(question.text, checked=checked, attachments=question.attachments)
        if isinstance(outcome, NeedsContext):
            self.emit(outcome)
            return
        self.queue.settled(question)
        if conversation is self.conversation:  # else the draft is another one's
            await self.draft.save(draft_key)

    async def withdraw(self, text: str, back: bool = True, attachments: tuple[Attachment, ...] = ()) -> None:
        """A question that needed context is not asked: it goes `back` into the draft, before what is written there."""
        question = Question(text, attachments)
        self.queue.settled(question)
        if back:
            self.draft.write_again([question])
        await self.draft.save()

    async def ask(
        self, text: str, *, checked: bool = False, attachments: tuple[Attachment, ...] | None = None
    ) -> Outcome:
        """Ask, or queue the question behind the answer that streams; with what is attached to the draft unless
        `attachments` are given.

        `checked`: somebody has decided already that messages may fall out of the model's sight.
        """
        asked = self.draft.sent(text, attachments)
        async with self._refreshing:  # a conversation that was deleted is left first
            pass
        if self._has_to_wait(asked):
            return Queued()
        if not checked:
            conversation = self.conversation
            needs = await self.context_needed(text, asked.attachments)
            # While the server counted another conversation may have been opened, or another question asked.
            if conversation is not self.conversation:
                await self.withdraw(text, attachments=asked.attachments)
                return NotAsked()
            if self._has_to_wait(asked):
                return Queued()
            if needs is not None:
                return needs
        question = Message(Role.USER, text, attachments=asked.attachments)
        sending = Sending(question, self.conversation.leaf)
        self.conversation.add(question)
        return await self._ask_question(question, sending=sending)

    def _has_to_wait(self, asked: Question) -> bool:
        """Whether an answer is written, or the server looked for, so that a question waits, which is told."""
        if not (self.starting or self.busy or self.live_elsewhere):
            return False
        self.queue.wait(asked)
        self.emit(StateChanged())
        return True

    async def context_needed(
        self, text: str, attachments: tuple[Attachment, ...] | None = None
    ) -> NeedsContext | None:
        """What somebody has to decide before this is asked, with what is attached to the draft unless `attachments` are
        given; None where all of it fits the context. A server that counts prompts is asked where an estimate may be wrong.
        """
        attached = self.draft.attachments if attachments is None else attachments
        sent = rendered(attached, text)
        await self._count_ahead(sent)
        if not self.context.overflows(sent):
            return None
        size, needed = self.context.size or 0, self.context.needed(sent)
        return NeedsContext(text, needed, size, self.context.too_long(sent), attachments=attached)

    async def _count_ahead(self, sent: str) -> None:
        """Have the server count the conversation with this question, if it can and an estimate may be wrong."""
        engine, meter, model = self.server.engine, self.context, self.server.selected
        counter: object = engine
        if engine is None or not isinstance(counter, PromptCounter) or not model or not meter.is_near(sent):
            return
        turns = meter.with_question(sent)
        request = ChatRequest(model, turns, self.conversation.think, {})
        request = self._prepared(request, self.conversation, Manner())
        counted = await counted_by(engine, request)
        if counted:
            meter.counted(turns, counted)

    async def _ask_question(
        self,
        question: Message,
        sibling_of: str | None = None,
        manner: Manner | None = None,
        sending: Sending | None = None,
    ) -> Outcome:
        """Store the question and an empty answer, then begin to fill it. `sending`: how to take it back until then."""
        model, conversation, manner = self.server.selected, self.conversation, manner or Manner()
        conversation.model = model
        answer = empty_answer(model, vote=manner.vote, seed=manner.seed)
        with self._preparation(answer, sending):
            if self._voting is None and not await self._stored(question):  # that of a vote is stored already
                return NotAsked()
            self.queue.settled(Question.of(question))
            await self.server.warn_of_remote()
            await self.server.remember(model)
            if sibling_of is None:
                conversation.add(answer)
            else:
                conversation.branch_from(sibling_of, answer)
            if conversation is self.conversation:
                self._show()
            return await self._generate(conversation, answer, question.id, manner)

    @contextmanager
    def _preparation(self, answer: Message, sending: Sending | None = None) -> Iterator[None]:
        """What is sent meanwhile waits; where no answer begins it goes back to its writer."""
        self.preparing, self._unwanted, self._sending = answer, False, sending
        if sending is not None:
            sending.answer = answer
        try:
            yield
        finally:
            if sending is not None:
                sending.begun.set()
            if self.preparing is answer:  # else another conversation was opened meanwhile
                self.preparing = None
                if self.generation is None and self._voting is None:
                    self._give_back()
                self.emit(StateChanged())

    async def _stored(self, question: Message) -> bool:
        """Commit a question before any request is made; a disk that refuses is told, the text is written again."""
        conversation = self.conversation
        try:
            store = await self._services.opened_store()
            await store.save_conversation(conversation)
            await store.save_message(conversation.id, question)
        except Exception as error:
            conversation.delete(question.id)
            self.queue.settled(Question.of(question))
            self.draft.write_again([Question.of(question)])
            self._show()
            self.tell(not_saved(error), "error")
            return False
        return True

    async def _generate(
        self, conversation: Conversation, answer: Message, upto: str, manner: Manner | None = None
    ) -> Outcome:
        """Begin to fill an answer that is in the conversation already."""
        engine = self.server.engine
        if engine is None:
            answer.status, answer.phase = MessageStatus.FAILED, None
            answer.error = phrase("chat.no_server")
            self.emit(MessageChanged(answer))
            return NotAsked()
        store = await self._services.opened_store()
        meter = self.context.of(conversation)
        request = await self._request(conversation, answer.model, upto, meter)
        if conversation is self.conversation:
            size = request.options.get("num_ctx")
            self.context.size, self.context.before = int(size) if size else None, meter.before
            if lost := self._mark_lost():
                self.tell(phrase("chat.out_of_sight", n=lost), "warning")
        manner = manner or Manner()
        request = self._prepared(request, conversation, manner)
        if manner.seed is not None:
            defaults = await self.requests.defaults(engine, answer.model)
            request = sample_request(request, manner.seed, defaults)
        edge = await self.requests.edge(engine, conversation, request)
        if edge.at is AtEdge.ASK and not self.can_ask:
            edge = replace(edge, at=AtEdge.END)
        known = conversation.sibling_ids(answer.id)
        if not await store.claim_answer(conversation.id, answer, known):
            conversation.delete(answer.id)
            self.tell(phrase("chat.answered_elsewhere"), "warning")
            await self.open(conversation.id)
            return NotAsked()
        await store.save_conversation(conversation)
        chat = self._services.settings.chat
        budget = Budget(chat.reasoning_budget_seconds, chat.reasoning_budget_tokens, edge)
        self._remember_sent(answer, engine, conversation, request, edge)
        generation = self.generations.start(
            engine, conversation.id, answer, request, self._services.sink, budget
        )
        if self.preparing is answer:
            self._follow(generation)
            if self._unwanted:
                generation.stop()
        return Asked(generation, request)

    def _remember_sent(
        self, answer: Message, engine: Engine, conversation: Conversation, request: ChatRequest, edge: Edge
    ) -> None:
        """Keep what an answer is asked with, to be shown, and foretell how the server reads it."""
        self.sent.keep(answer.id, request)
        answer.reading = self.prefill.expected(engine.url, conversation, request, edge.prompt)

    def _prepared(self, request: ChatRequest, conversation: Conversation, manner: Manner) -> ChatRequest:
        """The request as it is sent."""
        model = self.server.model(request.model)
        language = language_of(conversation, self._services.settings.chat.reasoning_language)
        return prepared(request, language, model.thinks if model is not None else None, manner)

    async def prompt_to_come(self, text: str) -> SentPrompt | None:
        """What would be sent if `text` were asked now; None without a server or a model."""
        engine = self.server.engine
        if engine is None or not self.server.selected:
            return None
        conversation = with_question(self.conversation, text, self.draft.attachments)
        meter = self.context.of(conversation)
        request = await self._request(conversation, self.server.selected, None, meter)
        request = self._prepared(request, conversation, Manner())
        without = left_out(conversation, request, None)
        text = await rendered_by(engine, request)
        counted, estimate = await counted_by(engine, request), meter.estimate(request.turns, text)
        loads = await self._loads(engine)
        reading = self.prefill.expected(engine.url, conversation, request, counted or estimate, loads=loads)
        return SentPrompt(
            request, text, estimate, counted, without, to_come=True, reading_seconds=reading.seconds
        )

    async def _loads(self, engine: Engine) -> bool:
        """Whether the selected model is loaded for the next request."""
        sized = self.server.sized(self.server.selected)
        if not engine.sizes_context:  # such a server has what it was started with
            return False
        return self.server.loaded(self.server.selected) is None or await self.requests.reloads(
            engine, self.machine.profile, **sized
        )

    def foretell(self) -> None:
        """Reckon how long the first token would take if what is written were sent now; it is told where that is new."""
        self.start(self._foretell(), only="first token")

    async def _foretell(self) -> None:
        engine, model, conversation = self.server.engine, self.server.selected, self.conversation
        if self.busy:
            return
        seconds: float | None = None
        if engine is not None and model:
            loads = await self._loads(engine)
            future = with_question(conversation, self.draft.text, self.draft.attachments)
            meter = self.context.of(future)

            def reckon() -> float | None:
                request = ChatRequest(model, meter.turns(), conversation.think, {})
                prompt = meter.estimate(request.turns)
                return self.prefill.first_token(engine.url, future, request, prompt, loads=loads)

            seconds = await asyncio.to_thread(reckon)
        if conversation is self.conversation and seconds != self.first_token_seconds:
            self.first_token_seconds = seconds
            self.emit(StateChanged())

    async def prompt_of(self, answer: Message) -> SentPrompt | None:
        """What was sent for an answer; as it would be sent now where another run of R1TUI has asked."""
        conversation, upto = self.conversation, answer.parent
        request = self.sent.of(answer.id)
        if request is None:
            if self.server.engine is None:
                return None
            request = await self._request(conversation, answer.model or self.server.selected, upto)
            request = self._prepared(request, conversation, self._manner_of(answer))
        without = left_out(conversation, request, upto)
        text = await rendered_by(self.server.engine, request)
        counted = answer.stats.question_tokens if answer.stats is not None else None
        resumed = answer.stats.resumed_tokens if answer.stats is not None else None
        estimate = self.context.estimate(request.turns, text)
        opened = await opened_by(self.server.engine, request)
        return SentPrompt(
            request, text, estimate, counted, without, to_come=False, resumed=resumed, opened=opened
        )

    async def _request(
        self, conversation: Conversation, model: str, upto: str | None, meter: ContextMeter | None = None
    ) -> ChatRequest:
        assert self.server.engine is not None
        sized, profile = self.server.sized(model), self.machine.profile
        return await self.requests.build(
            self.server.engine, conversation, upto, profile, **sized, meter=meter
        )

    def _manner_of(self, answer: Message) -> Manner:
        question = self.conversation.messages.get(answer.parent or "")
        plan = question.plan if question is not None else None
        return Manner(boxed=plan is not None and plan.id == answer.vote and plan.boxed)

    # Votes

    async def vote_cost(self, planned: int) -> VoteCost:
        """What asking so often costs if it does not end early: tokens, and how long these take the selected model."""
        tokens = expected_tokens(planned, self.context.size)
        return VoteCost(tokens, await self._seconds_for(tokens))

    async def _seconds_for(self, tokens: int) -> float | None:
        known, profile = self.machine.calibration, self.machine.profile
        shape = await self.server.shape(self.server.selected)
        processor = "gpu" if profile is not None and profile.usable_gpus else "cpu"
        if known is None or shape is None or not known.answered(processor, shape.name):
            return None
        bandwidth = known.effective(processor, shape.name)
        return tokens * bytes_per_token(shape) / bandwidth if bandwidth else None

    async def ask_vote(
        self,
        planned: int,
        *,
        text: str | None = None,
        question: str | None = None,
        attachments: tuple[Attachment, ...] | None = None,
        boxed: bool = False,
        checked: bool = False,
    ) -> Outcome:
        """Ask several times until the short answer with the most votes is decided: a new question, or that of the
        message named, whose answers so far are no samples. The outcome is that of the first sample.

        `attachments`: those of a new question, else what is attached to the draft goes with it. `checked`: somebody has
        decided already that messages may fall out of the model's sight.
        """
        attached: tuple[Attachment, ...] = ()
        if text is not None:
            written = self.draft.sent(text, attachments)
            attached = written.attachments
            self.draft.keep(written)
        await self._connected.wait()
        if self.live_elsewhere or self.busy:
            self.tell(phrase("chat.busy"), "warning")
            if text is not None:
                await self.withdraw(text, attachments=attached)
            return NotAsked()
        if text is not None and not checked and (needs := await self.context_needed(text, attached)):
            return needs
        messages = self.conversation.messages
        asked = (
            messages.get(question or "") if text is None else Message(Role.USER, text, attachments=attached)
        )
        if asked is not None and asked.role is Role.ASSISTANT:
            asked = messages.get(asked.parent or "")
        if asked is None or asked.role is not Role.USER:
            return NotAsked()
        sending: Sending | None = None
        if text is not None:
            sending = Sending(asked, self.conversation.leaf)
            self.conversation.add(asked)
        asked.plan = VotePlan(new_id(), asked.id, planned, boxed)
        return await self._run_vote(asked, asked.plan, Vote(planned), sending)

    async def end_of_vote(self) -> None:
        """Wait until the vote that runs in this conversation has ended; whoever is cancelled here leaves it alone."""
        if (running := self._voting) is not None and running.task is not None:
            await asyncio.wait([running.task])

    async def go_on_with_vote(self, question: str) -> Outcome:
        """Ask what is missing of a question's vote that was stopped, or that a fault or the end of its R1TUI has ended."""
        await self._connected.wait()
        if self.live_elsewhere or self._refused_as_busy():
            return NotAsked()
        await self._count_votes()
        state, asked = self.votes.get(question), self.conversation.messages.get(question)
        if state is None or asked is None or state.tally.decided:
            return NotAsked()
        asked.plan = replace(state.plan, stopped=False)
        return await self._run_vote(asked, asked.plan, resumed(state))

    async def _run_vote(
        self, question: Message, plan: VotePlan, vote: Vote, sending: Sending | None = None
    ) -> Outcome:
        """Store the plan, then have one sample after the other asked; returns once the first was begun.

        `sending`: the question is a new one.
        """
        conversation = self.conversation
        running = RunningVote(self._services, self.generations.start, self._counter, conversation, plan, vote)
        self.generations.add_vote(running)  # busy from here on
        first: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

        async def begin(seed: int) -> Generation:
            outcome = await self._first_sample(running, seed, sending)
            first.set_result(outcome)
            if not isinstance(outcome, Asked):
                raise NotBegun
            return outcome.generation

        def ended(task: asyncio.Task[None]) -> None:
            if not first.done():
                first.set_result(NotAsked())
            self._done(task)

        try:
            if sending is not None:
                stored = await self._stored(question)
                self.queue.settled(Question.of(question))
                await self.draft.save(self.queue.draft_key)
                if not stored:
                    return NotAsked()
            else:
                conversation.leaf = question.id
                store = await self._services.opened_store()
                await store.save_message(conversation.id, question)
            store = await self._services.opened_store()
            if not await store.claim_vote(conversation.id, plan, conversation.child_ids(question.id)):
                self.tell(phrase("chat.answered_elsewhere"), "warning")
                await self.open(conversation.id)
                return NotAsked()
            running.watchers.append(self._vote_changed)
            running.start(begin)
            assert running.task is not None
            running.task.add_done_callback(ended)
        except StoreError as error:
            self.tell(error.phrase, "error")
            return NotAsked()
        finally:
            if running.task is None:
                del self.generations.votes[conversation.id]
                self._refresh_votes()
                self.emit(StateChanged())
        return await first

    async def _first_sample(self, running: RunningVote, seed: int, sending: Sending | None) -> Outcome:
        """Begin the first sample of a vote, where its conversation is still the one at hand."""
        conversation = self.conversation
        question = conversation.messages.get(running.plan.question)
        if conversation is not running.conversation or question is None:
            return NotAsked()
        manner = Manner(seed=seed, vote=running.plan.id, boxed=running.plan.boxed)
        beside = next(iter(conversation.child_ids(question.id)), None)
        if beside is None:
            conversation.leaf = question.id
        try:
            return await self._ask_question(question, beside, manner, sending)
        except StoreError as error:
            for sample in samples_of(conversation, question):
                if sample.status is MessageStatus.STREAMING and sample.id not in self.generations.active:
                    conversation.delete(sample.id)  # it was never begun
            self._show()
            self.tell(error.phrase, "error")
            return NotAsked()

    def _vote_changed(self, running: RunningVote) -> None:
        """A vote has begun a sample, counted one, or ended."""
        begun = running.under_way
        if running.conversation is not self.conversation:
            return
        if running.ended:
            self._vote_ended(running)
        elif begun is not None and begun is not self.generation and begun.task and not begun.task.done():
            answer = begun.message
            self._remember_sent(answer, begun.engine, self.conversation, begun.request, begun.edge)
            self._refresh_votes()
            self._show()
            self._follow(begun)
        else:
            self._refresh_votes()

    def _vote_ended(self, running: RunningVote) -> None:
        """Turn to the answer that has won, and go on with what waits."""
        if running.fault is not None:
            self.tell(running.fault, "error")
            self.start(self.look_elsewhere())
        self._refresh_votes()
        if running.shown is not None:
            self._show(running.shown)
        self.emit(StateChanged())
        if running.vote.tally.decided:
            self._ask_next()
        else:
            self._give_back()  # after a stop or a fault the next question waits for its writer

    async def _count_votes(self) -> None:
        """Find out how the votes of the conversation stand."""
        await self._counter.read(self.conversation)
        self._refresh_votes()

    def _refresh_votes(self) -> None:
        before, self.votes = self.votes, self._counter.states(self.conversation, self._voting_now)
        for question in before.keys() | self.votes.keys():
            if before.get(question) != self.votes.get(question):
                self.emit(VoteChanged(question))

    # The running answer

    def _follow(self, generation: Generation) -> None:
        """Tell of this answer from now on."""
        self.generation = generation
        generation.watchers.append(self._generation_changed)
        self.emit(StateChanged())

    def _unfollow(self) -> None:
        """Tell of no answer any more; it goes on by itself."""
        self.live_elsewhere = False
        if self._followed is not None:
            self._followed.cancel()
            self._followed = None
        if self.generation is not None:
            self.generation.watchers.remove(self._generation_changed)
            self.generation = None

    def _generation_changed(self, generation: Generation) -> None:
        message = generation.message
        if message.status is not MessageStatus.STREAMING:
            self._ended(generation)
            return
        self.emit(MessageChanged(message))
        if generation.loop_found and not generation.loop_told:
            generation.loop_told = True
            self.tell(phrase("chat.loop"), "warning")
        if generation.noticed is not None and not generation.notice_told:
            generation.notice_told = True
            self.tell(generation.noticed, "warning")
            self.emit(StateChanged())  # there is a key for it now, and perhaps no further text
        if not generation.near_told and generation.is_near_edge:
            generation.near_told = True
            self.start(self._tell_of_edge(generation, generation.seconds_to_edge))
        if generation.at_edge and generation.has_a_choice and not generation.edge_told:
            generation.edge_told = True
            self.tell(phrase("chat.at_edge", n=generation.edge.reserve), "warning")
        if generation.save_error is not None and not generation.error_told:
            generation.error_told = True
            self.tell(not_saved(generation.save_error), "error")

    async def _tell_of_edge(self, generation: Generation, seconds: float) -> None:
        """Say that the context is full in so many seconds, and which longer one the memory has."""
        size, time = generation.edge.context, clock.wait(seconds)
        longer = await self._longer_context(size)
        if generation.edge_told or generation.message.only_reasoning:
            return  # it has come to that meanwhile, and more is said of it
        if longer:
            self.tell(phrase("chat.edge_is_near_longer", time=time, size=size, longer=longer), "warning")
        else:
            self.tell(phrase("chat.edge_is_near", time=time, size=size), "warning")

    async def _make_room(self) -> None:
        """An answer that has reached the edge goes on: with a longer context where the memory has one, else with what
        is old left out.
        """
        longer = await self._longer_context(self.context.size or 0)
        if longer and self.server.engine is not None:
            self.requests.set_context(self.server.engine, self.server.selected, longer)
            self.context.size = longer
            self.tell(phrase("chat.goes_on_longer", size=longer))
        else:
            self.tell(phrase("chat.goes_on_shortened"))

    async def _longer_context(self, than: int) -> int:
        server = self.server
        if server.engine is None:
            return 0
        return await self.requests.longer_context(
            server.engine, self.machine.profile, than, **server.sized(server.selected)
        )

    def _ended(self, generation: Generation) -> None:
        message = generation.message
        if generation.save_error is not None and not generation.error_told:
            self.tell(not_saved(generation.save_error), "error")
        self._unfollow()
        self.prefill.note(generation)
        self.emit(MessageChanged(message))
        if count_attachment(self.conversation, message, generation.request):
            self.start(self._keep_counts(self.conversation, self.conversation.messages[message.parent or ""]))
        self._judge_by_answer(message)
        self.emit(AnswerEnded(message))
        self.emit(StateChanged())
        if generation.engine is self.server.engine:  # else it tells nothing of the server chosen meanwhile
            self.start(self._learn(message))
        voting = self._voting is not None and self._voting.plan.id == message.vote
        if message.vote is not None and not voting:
            self.start(self._count_votes())  # a sample that was gone on with
        if generation.too_long and self._too_long(message):
            pass  # somebody is asked
        elif message.status is MessageStatus.FAILED and message.error is not None:
            self.tell(message.error, "error")
        elif voting:
            pass  # the vote goes on, whatever is to be said of one sample
        elif message.only_reasoning:
            edge = message.error if message.error is not None and message.error.key in AT_EDGE else None
            self.tell(edge or phrase("chat.only_reasoning"))
        elif generation.noticed is not None and not generation.notice_told:
            self.tell(generation.noticed, "warning")
        if not voting:
            self._go_on(message)

    async def _keep_counts(self, conversation: Conversation, question: Message) -> None:
        """Show and store what the server has counted of what went with a question."""
        if conversation is self.conversation:
            self.emit(AttachmentsCounted(question))
        store = await self._services.opened_store()
        await store.save_message(conversation.id, question)

    def _too_long(self, answer: Message) -> bool:
        """The server refused the prompt: have somebody decide; False where its question is gone."""
        question = self.conversation.messages.get(answer.parent or "")
        if question is None or answer.error is None:
            return False
        told = answer.error.params.get("needed")
        needed = told if isinstance(told, int) else None
        self.context.refused(needed)
        self.emit(
            NeedsContext(
                question.content,
                needed or self.context.needed(""),
                self.context.size or 0,
                self.context.too_long(question.sent),
                answer.id,
                question.attachments,
            )
        )
        return True

    async def _learn(self, message: Message) -> None:
        await self.server.refresh_running()  # where the model runs tells what its speed is the speed of
        if self.machine.note_speed(message) and (shape := await self.server.shape(message.model)):
            await self.machine.learn(message, shape, self.server.loaded(message.model))

    def _go_on(self, ended: Message) -> None:
        """An answer has ended: ask the question that waits behind it."""
        if ended.status is not MessageStatus.COMPLETE:
            self._give_back()  # after a stop or a fault the next question waits for its writer
        else:
            self._ask_next()

    def _ask_next(self) -> None:
        if (question := self.queue.take_next()) is not None:
            self.submit(question.text, attachments=question.attachments)

    def _give_back(self) -> None:
        """Put what waits back into the draft."""
        if taken := self.queue.take_all():
            self.draft.write_again(taken)
            self.emit(StateChanged())

    def take_waiting(self, at: int) -> None:
        """Put one of the questions that wait back into the draft, before what is written there."""
        if at < len(self.queue.waiting):
            self.draft.write_again([self.queue.waiting.pop(at)])
            self._queue_changed()

    def drop_waiting(self, at: int) -> None:
        """Do not ask one of the questions that wait."""
        if at < len(self.queue.waiting):
            del self.queue.waiting[at]
            self._queue_changed()

    def _queue_changed(self) -> None:
        self.start(self.draft.save())
        self.emit(StateChanged())

    def stop(self) -> bool:
        """Stop the running answer or vote, keeping what is there; False when there is none."""
        if self._voting is not None:
            self._voting.vote.stop()
        if self.generation is not None:
            self.generation.stop()
        elif self.preparing is not None:
            self._unwanted = True
        elif self.live_elsewhere:
            self.start(self._stop_writer())
        else:
            return self._voting is not None
        return True

    # Taking back what was sent

    @property
    def can_take_back(self) -> bool:
        """Whether what was sent last can be taken back: its answer has not begun, and the draft has room for it."""
        if self.starting:
            return bool(self.queue.waiting) and not self.draft
        sending, generation = self._sending, self.generation
        if sending is None or sending.answer is None or sending.answer is not self.streaming:
            return False
        if sending.question is None and sending.leaf == sending.answer.parent:
            return False  # no earlier answer to show instead
        if generation is not None and generation.tokens:
            return False
        return sending.question is None or not self.draft

    def unsend(self) -> bool:
        """Take back what was sent last: question and empty answer leave the conversation, and the text is the draft
        again, with what waits behind it. An answer that was to stand beside an earlier one leaves by itself.
        False, and nothing is done, where it cannot be taken back.
        """
        if not self.can_take_back:
            return False
        if self.starting:
            self._give_back()
            self.start(self.draft.save())
            return True
        sending, self._sending, running = self._sending, None, self._voting
        assert sending is not None
        if sending.question is not None:
            asked = Question.of(sending.question)
            self.queue.settled(asked)
            self.draft.write_again([asked, *self.queue.take_all()])
        self.stop()
        self.start(self._take_out(self.conversation, sending, running))
        return True

    async def _take_out(
        self, conversation: Conversation, sending: Sending, running: RunningVote | None
    ) -> None:
        """Take a question (or its further answer) out, once the answer has stopped and the draft is on disk. Where
        something came after all, or another conversation was opened, it stays.
        """
        answer = sending.answer
        assert answer is not None
        await sending.begun.wait()
        generation = self.generations.active.get(answer.id)
        tasks = [generation.task if generation else None, running.task if running else None]
        if ends := [each for each in tasks if each is not None]:
            await asyncio.wait(ends)
        first = sending.question or answer
        try:
            whole = conversation.messages.keys() <= {first.id, answer.id} and not conversation.private
            if conversation is self.conversation and sending.question is not None:
                await self.draft.store(NEW if whole else None)
            if conversation is not self.conversation or self.busy or answer.content or answer.reasoning:
                return
            if first.id not in conversation.messages:
                return
            removed = conversation.delete(first.id)
            if not conversation.messages:
                conversation.title = ""
            if whole:  # as new, with the settings that it had
                fresh = replace(conversation, id=new_id(), created=time(), updated=0.0, messages={})
                self._turn_to(fresh)
            elif sending.leaf in conversation.messages:
                conversation.leaf = sending.leaf
                self._refresh_votes()
            self._show()
            store = await self._services.opened_store()
            await store.delete_messages(conversation, removed)
            if whole:
                await store.delete(conversation.id)
            if sending.beside:
                self.tell(phrase("chat.edit_taken_back"))
        except StoreError as error:
            self.tell(error.phrase, "error")

    def answer_now(self) -> bool:
        """End the reasoning and have the model answer from it; False when it is not thinking."""
        return self.generation is not None and self.generation.answer_now()

    def answer_now_if_offered(self) -> None:
        """The same, where a notice has offered it: the reasoning repeats itself, or has filled the context."""
        generation = self.generation
        if generation is not None and (generation.loop_told or generation.edge_told):
            generation.answer_now()

    # Answers of other processes

    async def _follow_elsewhere(self) -> None:
        """Follow the answer that another process writes, or the vote that it runs, if there is one."""
        branch = self.conversation.branch()
        if await self._votes_elsewhere() or elsewhere.streaming(branch):
            for message in branch:
                elsewhere.since_creation(message, monotonic(), time())
            self.live_elsewhere = True
            self._followed = self.start(self._look_at_answer())

    async def _votes_elsewhere(self) -> bool:
        """Whether another process runs a vote of this conversation: between two samples nothing may be asked."""
        store, conversation = await self._services.opened_store(), self.conversation
        plans = [each.plan for each in conversation.messages.values() if each.plan is not None]
        found = frozenset([each.id for each in plans if await store.votes_elsewhere(each.id)])
        if conversation is self.conversation and found != self._voting_elsewhere:
            self._voting_elsewhere = found
            self._refresh_votes()
        return bool(found)

    async def _look_at_answer(self) -> None:
        """Take over what another process has stored of its answer since the last look, until it has ended."""
        conversation, going = self.conversation, True
        while going and conversation is self.conversation:
            await asyncio.sleep(elsewhere.ANSWER_POLL)
            with suppress(StoreError):  # the next look tries again
                going = await self._take_over(conversation)

    async def _take_over(self, conversation: Conversation) -> bool:
        store = await self._services.opened_store()
        streaming = elsewhere.streaming(conversation.branch())
        if streaming:
            await store.mark_interrupted()
        for known in streaming:
            fresh = await store.load_message(conversation.id, known.id)
            if fresh is not None and conversation is self.conversation:
                elsewhere.take_over(known, fresh, monotonic())
                self.emit(MessageChanged(known))
        if conversation is not self.conversation:
            return False  # another one was opened meanwhile, which is followed by itself
        running = [question for question, vote in self.votes.items() if vote.running]
        ended = bool(streaming) and not elsewhere.streaming(streaming)
        going = bool(elsewhere.streaming(streaming)) or await self._votes_elsewhere()
        stored = await store.load(conversation.id) if going and (ended or not streaming) else None
        if conversation is not self.conversation:
            return False
        if ended:
            await self._count_votes()
        if stored is not None:
            await self._take_in(stored)  # the next sample of a vote
        if not going:
            self._ended_elsewhere(running)
            if await self._services.state_get(REOPEN) == conversation.id:
                await self._services.state_set(REOPEN, "")
        self.emit(StateChanged())
        return going

    def _ended_elsewhere(self, running: list[str]) -> None:
        """Nothing of this conversation is written by another process any more; `running`: questions whose votes were."""
        self.live_elsewhere, self._followed = False, None
        votes = [self.votes[question] for question in running if question in self.votes]
        for vote in votes:
            if (shown := shown_at_end(vote)) is not None:
                self.conversation.show(shown)
                self._show(shown)
        if not all(vote.tally.decided for vote in votes):
            self._give_back()
        elif ended := self.conversation.last_answer():
            self._go_on(ended)

    async def _stop_writer(self) -> None:
        """Ask the process that writes the answer, or runs the vote, to stop."""
        store = await self._services.opened_store()
        streaming = [each.id for each in elsewhere.streaming(self.conversation.branch())]
        for claim in (*self._voting_elsewhere, *streaming):
            await store.request_stop(claim)

    async def watch_elsewhere(self) -> None:
        """Look regularly for what another R1TUI adds to this conversation; runs until it is cancelled."""
        while True:
            await asyncio.sleep(elsewhere.CHANGES_POLL)
            await self.look_elsewhere()

    async def look_elsewhere(self) -> None:
        """Show what another R1TUI has added to this conversation since the last look."""
        with suppress(StoreError):
            await self._look_elsewhere()

    async def _look_elsewhere(self) -> None:
        conversation = self.conversation
        followed = self.live_elsewhere and elsewhere.streaming(conversation.branch())
        if self.busy or followed or not conversation.messages:
            return  # between two samples of a vote elsewhere the next one is looked for
        store = await self._services.opened_store()
        if not await store.changed_elsewhere():
            return
        fresh = await store.load(conversation.id)
        if fresh is None or conversation is not self.conversation:
            return
        if fresh.messages.keys() - conversation.messages.keys():
            await self._take_in(fresh)

    async def _take_in(self, fresh: Conversation) -> None:
        """Show what another R1TUI has added to the conversation at hand, as it is stored now."""
        conversation = self.conversation
        if fresh.messages.keys() <= conversation.messages.keys():
            return
        for ident, message in fresh.messages.items():
            elsewhere.since_creation(message, monotonic(), time())
            conversation.messages.setdefault(ident, message).plan = message.plan
        conversation.leaf = fresh.leaf
        await self._count_votes()
        self._show()
        if not self.live_elsewhere:
            await self._follow_elsewhere()

    # Changing what was said; nothing is ever overwritten

    async def continue_(self, message_id: str | None = None) -> None:
        """Go on with a partial answer where there is text to go on from, else ask its question again.

        Where no answer is named and something went wrong with the last one, its question is asked again as helps.
        """
        await self._connected.wait()
        if message_id is None and await self._ask_again():
            return
        answer = self.conversation.messages.get(message_id or "") or self.last_answer
        if answer is None or self.busy:
            return
        branch = self.conversation.branch()
        limited = answer.was_cut_short and manner_after(answer) is None
        open_end = answer.status in PARTIAL or limited or answer.only_reasoning
        if not (open_end and (answer.content or answer.reasoning) and answer is branch[-1]):
            await self.regenerate(answer.id)
            return
        if answer.status is MessageStatus.COMPLETE:
            answer.status = MessageStatus.STOPPED
        if not answer.content:
            self.tell(phrase("chat.continues_with_answer"))
        at_edge = answer.error is not None and answer.error.key in AT_EDGE
        answer.error = None
        if at_edge:
            await self._make_room()
        with self._preparation(answer):
            await self._generate(self.conversation, answer, answer.id)

    async def _ask_again(self) -> bool:
        """Ask the last question again, since something was noticed about its answer; False where nothing was."""
        generation, answer = self.generation, self.last_answer
        if self._voting is not None:
            return False
        if generation is not None and generation.noticed is not None and generation.task is not None:
            generation.stop()
            await generation.task
            answer = generation.message
        manner = manner_after(answer)
        if self.busy or answer is None or manner is None or answer is not self.conversation.branch()[-1]:
            return False
        await self.regenerate(answer.id, manner)
        return True

    async def regenerate(self, message_id: str, manner: Manner | None = None) -> None:
        """A new answer beside the old one, which stays as a sibling; asked in another manner this once."""
        await self._connected.wait()
        if self._refused_as_busy():
            return
        message = self.conversation.messages.get(message_id)
        if message is None:
            return
        sending = Sending(None, self.conversation.leaf)
        if message.role is Role.USER:
            self.conversation.leaf = message.id
            await self._ask_question(message, manner=manner, sending=sending)
        elif self._was_begun_for_a_vote(message):
            await self.go_on_with_vote(message.parent or "")
        elif message.parent is not None:
            question = self.conversation.messages[message.parent]
            await self._ask_question(question, message.id, manner, sending)

    def _was_begun_for_a_vote(self, answer: Message) -> bool:
        """Whether it is a sample that failed, of a vote that is not decided: the vote goes on in its place."""
        state = self.votes.get(answer.parent or "")
        failed = answer.vote is not None and answer.status is MessageStatus.FAILED
        return failed and state is not None and state.plan.id == answer.vote and not state.tally.decided

    def edit_of(self, question: Message) -> Edit:
        """What this question of the conversation is being changed to."""
        text, attachments = question.content, question.attachments
        return Edit(self._services, self.draft, self.conversation, question.id, text, attachments)

    def edit_of_summary(self) -> Edit:
        """The summary of the conversation as it is now, which is read and changed before it is used."""
        return Edit(self._services, self.draft, self.conversation, f"{SUMMARY}{self.conversation.leaf}")

    async def edit(
        self, message_id: str, text: str, attachments: tuple[Attachment, ...] | None = None
    ) -> bool:
        """Ask a changed question beside the old one, with what went with that unless `attachments` are given. False, and
        said, where nothing can be asked now.
        """
        await self._connected.wait()
        if self._refused_as_busy():
            return False
        if attachments is None:
            attachments = self.conversation.messages[message_id].attachments
        question = Message(Role.USER, text, attachments=attachments)
        asks = not self._is_summary(self.conversation.messages[message_id])
        sending = Sending(question, self.conversation.leaf, beside=True)
        self.conversation.branch_from(message_id, question)
        if asks:
            await self._ask_question(question, sending=sending)
        elif await self._stored(question):
            self._show()
        return True

    async def show_sibling(self, message_id: str, step: int) -> None:
        """Turn to the previous or next sibling of a message and what follows it."""
        sibling = self.conversation.select_sibling(message_id, step)
        if sibling is not None:
            self._show(sibling)
            await self._save_conversation()

    async def turn_to(self, message_id: str) -> None:
        """Show a message and what follows it, in place of its siblings."""
        self.conversation.show(message_id)
        self._show(message_id)
        await self._save_conversation()

    async def delete(self, message_id: str) -> None:
        """Take a message and what follows it out; `take_back` puts them back until the app ends."""
        if self._refused_as_busy():
            return
        conversation = self.conversation
        removed = conversation.delete(message_id)
        store = await self._services.opened_store()
        await store.delete_messages(conversation, removed)

        async def undo() -> None:
            conversation.restore(removed)
            for message in removed:
                await store.save_message(conversation.id, message)
            await store.save_conversation(conversation)
            if self.conversation is conversation:
                await self._count_votes()
                self._show()

        self.undo.append(undo)
        await self._save_conversation()
        await self._count_votes()
        self._show()
        self.tell(phrase("chat.deleted", n=len(removed)))

    async def take_back(self) -> None:
        """Undo the last deletion."""
        if not self.undo:
            self.tell(phrase("chat.nothing_to_undo"))
            return
        try:
            said = await self.undo.pop()()
        except StoreError as error:
            self.tell(error.phrase, "error")
        else:
            if said is not None:
                self.tell(said)

    def _refused_as_busy(self) -> bool:
        if self.busy:
            self.tell(phrase("chat.busy"), "warning")
        return self.busy

    # A new conversation that begins with a summary of this one

    async def plan_summary(self) -> SummaryPlan | None:
        """What it takes to have the model sum this conversation up; None, and said, where that cannot be asked now."""
        from r1tui.chat.summary import make_plan

        conversation, engine = self.conversation, self.server.engine
        if self.busy or self.live_elsewhere or not conversation.messages:
            self.tell(phrase("chat.busy"), "warning")
            return None
        if engine is None or not self.server.selected:
            self.tell(phrase("chat.no_server"), "warning")
            return None
        request = await self._request(conversation, self.server.selected, None)
        size = request.options.get("num_ctx")
        context = int(size) if size else self.context.size
        rates, turns = self.context.rates, conversation.context()
        return make_plan(engine, request, turns, rates, conversation.branch(), context)

    async def begin_from_summary(
        self, text: str, question: str = "", attachments: tuple[Attachment, ...] = ()
    ) -> None:
        """Begin a new conversation whose first message is a summary of this one, with `question` and its attachments in
        the draft.

        It has this one's settings, is private where this one is, and knows which one it goes on from. Raises `StoreError`;
        then nothing has changed.
        """
        asked = self.conversation
        fresh = self._fresh()
        fresh.model, fresh.private = self.server.selected or asked.model, asked.private
        fresh.system, fresh.think = asked.system, asked.think
        fresh.options = {**asked.options, ORIGIN: asked.id}
        fresh.title = t("chat.summary_title", title=asked.title)
        summary = fresh.add(Message(Role.USER, text))
        store = await self._services.opened_store()
        await store.save_conversation(fresh)
        await store.save_message(fresh.id, summary)
        await self.open(fresh.id)
        if question or attachments:
            self.draft.set(question)
            self.draft.put(attachments)

    async def open_origin(self) -> None:
        """Open the conversation that this one goes on from."""
        if origin := self.conversation.options.get(ORIGIN):
            await self.open(str(origin))

    async def _learn_origin(self) -> None:
        """The title of the conversation that this one goes on from, while there is such a one."""
        origin = self.conversation.options.get(ORIGIN)
        self.origin = None
        if origin:
            store = await self._services.opened_store()
            kept = [*store.private_summaries(), await store.summary(str(origin))]
            self.origin = next((each.title for each in kept if each and each.id == origin), "")

    def _is_summary(self, message: Message) -> bool:
        """Whether a message is the summary that the conversation begins with: it asks nothing."""
        return ORIGIN in self.conversation.options and message.parent is None and message.role is Role.USER

    # The context and the model

    def set_context(self, size: int) -> None:
        """Send this context length to the selected model from now on; it reloads at the next question."""
        if self.server.engine is None:
            return
        self.requests.set_context(self.server.engine, self.server.selected, size)
        self.context.size = size
        self._mark_lost()
        self.emit(StateChanged())
        self.foretell()
        self.tell(phrase("chat.context_set", size=size, name=self.server.selected))

    def _mark_lost(self, upto: str | None = None) -> int:
        number = self.context.look(upto)
        self.emit(OutOfSight(self.context.lost))
        return number

    def _judge_by_answer(self, answer: Message) -> None:
        """Mark what the model did not see: the server's count, which came with the answer, knows better."""
        marked = len(self.context.lost)
        if (lost := self._mark_lost(answer.parent)) > marked:
            self.tell(phrase("chat.out_of_sight", n=lost), "warning")

    def forget_contexts(self) -> None:
        """The setting was changed: work the context lengths out again."""
        self.requests.forget_contexts()
        self.start(self.server.refresh_running())

    async def restart_server(self, stopped: OwnServer | None = None) -> None:
        """Start the server that R1TUI started anew, and count with what it has now; `stopped`: it was stopped already.

        Raises `ProcessError`.
        """
        await self.server.restart_own(stopped)
        self.requests.forget_sizes()
        await self.server.refresh_running()

    def _server_changed(self, event: Event) -> None:
        if isinstance(event, RunningChanged):
            if self.server.engine is not None and self.server.engine.sizes_context:
                loaded = [model.name for model in self.server.running]
                self.prefill.unloaded(self.server.engine.url, loaded)
            self.start(self.learn_context(), only="context")

    async def learn_context(self) -> None:
        """Find out the context length that the next answer of the selected model has."""
        server, name = self.server, self.server.selected
        if server.engine is not None and name:
            loaded = server.loaded(name)
            self.context.size = await self.requests.context_in_effect(
                server.engine,
                self.machine.profile,
                **server.sized(name),
                loaded=loaded.context_length if loaded else 0,
            )
        self.emit(StateChanged())
        self.foretell()

    async def select_model(self, name: str) -> None:
        """Let another model answer from now on, loading it at once where the settings say so."""
        await self.server.select(name)
        engine: object = self.server.engine
        if not self._services.settings.chat.preload or not isinstance(engine, ModelManager):
            return
        try:
            await engine.load(await self._request(self.conversation, name, None))
        except EngineError as error:
            self.tell(error.phrase, "error")
        await self.server.refresh_running()


def not_saved(error: Exception) -> Phrase:
    """Why something could not be written to disk."""
    return error.phrase if isinstance(error, StoreError) else phrase("chat.not_saved", detail=str(error))
