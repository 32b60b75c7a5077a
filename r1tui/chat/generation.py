"""One answer's life: engine → domain message → store, whoever watches.

A generation is a plain asyncio task. No screen owns it, so it goes on when the screen dies.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import field, replace
from typing import Protocol

from r1tui.domain.answer_check import AnswerCheck
from r1tui.domain.chat import ChatRequest, ChatTurn, ThinkMode
from r1tui.domain.dataclass import dataclass
from r1tui.domain.edge import AtEdge, Edge, without_middle
from r1tui.domain.loop_detector import LoopDetector
from r1tui.domain.message import AnswerStats, Message, MessageStatus, Phase, Role
from r1tui.domain.phrase import Phrase, phrase
from r1tui.domain.prefill import Reading
from r1tui.domain.stream import (
    AnswerEnded,
    AnswerNamed,
    ContentDelta,
    ContentWasReasoning,
    PhaseChanged,
    PromptRead,
    ReasoningDelta,
    StreamEvent,
)
from r1tui.services.engines.engine import (
    EndsReasoning,
    Engine,
    EngineError,
    PromptTooLong,
    ServerUnreachable,
    StreamCut,
)

WATCHER = "r1tui_watcher"
"""In the context of the loop's exception handler: what watched an answer and failed."""
SILENCE_SECONDS = 600.0
"""How long an answer that nobody watches may stand still after its first token, or its server be away before."""
CONTENT_LOOPS = 4
"""Windows of nothing but repetition, one after the other, that end an unwatched answer's text: tables repeat too."""
ASKS = 3
"""Requests for one answer after the first, at most: its reasoning was ended, or the model ended in it."""
THINKS_ON = 16
"""Tokens of reasoning that may still come after a server has said that it ends it."""
SAVE_EVERY = 1.0
"""Seconds between two commits of a growing answer: what a power cut can cost."""


class MessageSink(Protocol):
    """Where a generation keeps its message."""

    async def save_message(self, conversation_id: str, message: Message) -> None:
        """Commit the message as it is now."""
        ...

    async def stop_requested(self, message_id: str) -> bool:
        """Whether another R1TUI asked this answer to stop."""
        ...

    async def heartbeat(self, message_id: str) -> None:
        """Say that this process still works on the answer."""
        ...


class NoSink:
    """Keeps nothing, for an answer that is only printed."""

    async def save_message(self, conversation_id: str, message: Message) -> None:
        """Keep nothing: the text is printed as it comes."""

    async def heartbeat(self, message_id: str) -> None:
        """Tell nobody: no other process knows of the answer."""

    async def stop_requested(self, message_id: str) -> bool:
        """Nobody else knows of it."""
        return False


@dataclass(frozen=True, slots=True)
class Budget:
    """When to end the reasoning by itself; zeros mean never."""

    seconds: int = 0
    tokens: int = 0
    edge: Edge = field(default_factory=Edge)
    """Where the context ends."""


@dataclass(slots=True)
class _Attempt:
    """One of the requests for an answer, and what came of it. Moments are those of `time.monotonic()`, 0 before them."""

    asked_at: float = 0.0
    first_token: float = 0.0
    heard: float = 0.0
    """When it gave its last event after its first token."""
    made: int = 0
    """Tokens that it has brought."""
    end_reason: str = ""
    """The server's `done_reason`."""
    full: bool = False
    """Whether it was ended by the context."""
    cut_short: bool = False
    """It was ended so that the answer can be asked for."""
    named: str = ""
    """The server's name for its answer, where it can end the reasoning."""
    ended_after: int = 0
    """Tokens of reasoning after which the server has said that it ends it; 0 before."""
    resumes: str = ""
    """Content that the answer had before, sent along to be gone on with."""
    anew: str | None = None
    """The first new content, checked for a server that starts anew; None where that is known, or nothing was sent."""


class Generation:
    """Fills one assistant message. Start it with `Generations.start`."""

    def __init__(
        self,
        engine: Engine,
        conversation_id: str,
        message: Message,
        request: ChatRequest,
        sink: MessageSink,
        budget: Budget,
    ) -> None:
        self.conversation_id = conversation_id
        self.message = message
        self.loop_found = False
        """The reasoning repeats itself; the user is offered to have it end."""
        self.too_long = False
        """The server refused the prompt as too long for the context."""
        self.loop_told = False
        self.notice_told = False
        self.near_told = False
        self.edge_told = False
        self.error_told = False
        """Whether whoever watches has said the loop, what was noticed, that the edge is near, the edge, the save error, to the user."""
        self.save_error: Exception | None = None
        """Why the answer could not be written to disk at the last try; None when it could."""
        self.watchers: list[Callable[[Generation], None]] = []
        """Called after each batch of events and at the end, on the loop's thread; must be quick."""
        self.engine = engine
        self.request = request
        self._sink = sink
        self.budget = budget
        last = request.turns[-1] if request.turns else None
        begins = last is not None and last.role is Role.USER
        self._check = AnswerCheck(
            expects_thinking=request.expects_thinking and begins, script=request.reasoning_script
        )
        self._loops = LoopDetector()
        self._content_loops = LoopDetector()
        self._content_looped = 0
        """Windows of the content, up to now, that only repeated themselves."""
        self._attempt = _Attempt()
        """The present request."""
        self._why_ended: Phrase | None = None
        """Why an unwatched answer was ended."""
        self.at_edge = False
        """The reasoning has used all of the context but the answer's reserve."""
        self.edge = budget.edge
        """Where the context of the request ends, as far as is known by now."""
        self._sent = 0
        """Tokens of this answer that the present request has sent along, to be gone on with."""
        self._scale = _scale(message)
        """Tokens by the server's count over those that were seen to come: what is half a character comes with the rest."""
        self._asks = 0
        """Requests for the answer to what was reasoned."""
        self._answer_now = False
        self._ending: asyncio.Task[None] | None = None
        """Has the server end the reasoning."""
        self.read_rate: float | None = None
        """Tokens of the prompt that the server read in a second, where it was measured."""
        self._stopping = False
        self._phase_changed = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None
        self._began_thinking = 0.0
        self.tokens = 0
        """Tokens that came so far, reasoning included."""
        self._first_token = 0.0
        self.task: asyncio.Task[None] | None = None

    @property
    def rate(self) -> float | None:
        """Tokens a second so far, by our own clock; None in the first half second."""
        if not self._first_token:
            return None
        elapsed = time.monotonic() - self._first_token
        return (self.tokens - 1) / elapsed if elapsed > 0.5 else None

    @property
    def noticed(self) -> Phrase | None:
        """What has gone wrong with the answer as a whole; at its end it is a note of the message."""
        return self._check.noticed

    @property
    def has_a_choice(self) -> bool:
        """Whether somebody is there to choose what happens to reasoning that has left only the answer's reserve."""
        return self.edge.at is AtEdge.ASK and bool(self.watchers)

    @property
    def is_near_edge(self) -> bool:
        """Whether the reasoning is about to have filled the context."""
        thinks = self.message.phase is Phase.THINKING and not self.at_edge
        return thinks and self.edge.is_near(self._sent + self._attempt.made, self.rate)

    @property
    def seconds_to_edge(self) -> float:
        """How long the reasoning goes on at its present speed before it has filled the context but for the reserve."""
        return self.edge.left(self._sent + self._attempt.made) / self.rate if self.rate else 0.0

    @property
    def used(self) -> int:
        """Tokens of the context in use, as far as one can tell."""
        return self.edge.used(self._sent + self._attempt.made)

    @property
    def end_reason(self) -> str:
        """The server's `done_reason` for the last request; empty before."""
        return self._attempt.end_reason

    def stop(self) -> None:
        """Close the request at once and keep what is there, marked `stopped`."""
        self._stopping = True
        if self._reading is not None:
            self._reading.cancel()

    def answer_now(self) -> bool:
        """End the reasoning where it stands and ask for the answer from it. False when it is not thinking."""
        if self.message.phase is not Phase.THINKING or not self.message.reasoning or self._answer_now:
            return False
        self._answer_now = True
        if self.at_edge:
            self._note_edge()
        if self._attempt.named and isinstance(self.engine, EndsReasoning):
            self._ending = asyncio.create_task(self._end_reasoning(self.engine, self._attempt.named))
        else:
            self._cut()
        return True

    def _cut(self) -> None:
        """End the present request, so that another asks for the answer."""
        self._attempt.cut_short = True
        if self._reading is not None:
            self._reading.cancel()

    async def _end_reasoning(self, engine: EndsReasoning, name: str) -> None:
        """Have the server end it, which spares a request; else end the request."""
        try:
            ended = await engine.end_reasoning(name)
        except EngineError:
            ended = False
        if self.message.phase is Phase.THINKING:
            self._attempt.ended_after = self.message.reasoning_tokens
            if not ended:
                self._cut()

    async def bound(self, silence: float = SILENCE_SECONDS) -> None:
        """End the answer, which nobody watches any more, where it would not end by itself: it loops, it has stood
        still for `silence` seconds after its first token, or its server has been away as long before. A cold model or
        a long prompt is waited for.
        """
        away_since: float | None = None
        looked = time.monotonic()
        while self.message.status is MessageStatus.STREAMING and self._why_ended is None:
            await asyncio.sleep(min(SAVE_EVERY, silence / 4))
            now = time.monotonic()
            if self.loop_found or self._content_looped >= CONTENT_LOOPS or self._check.loops.passage:
                self._end(phrase("generation.looped"))
            elif self._attempt.heard:
                away_since = None
                if now - self._attempt.heard >= silence:
                    self._end(phrase("generation.silent", minutes=round(silence / 60)))
            elif now - looked >= silence / 10:
                looked = now
                if await self._server_lives(silence / 10):
                    away_since = None
                elif away_since is None:
                    away_since = now
                elif now - away_since >= silence:
                    self._end(phrase("generation.server_away", minutes=round(silence / 60)))

    async def _server_lives(self, patience: float) -> bool:
        try:
            async with asyncio.timeout(patience):
                await self.engine.version()
        except EngineError as error:
            return not isinstance(error, ServerUnreachable)
        except TimeoutError:
            return False
        return True

    def _end(self, why: Phrase) -> None:
        self._why_ended = why
        if self._reading is not None:
            self._reading.cancel()

    async def run(self) -> None:
        """Generate to the end. Never raises for a fault of the server: the message says what happened."""
        message = self.message
        message.status = MessageStatus.STREAMING
        message.error = None
        self._set_phase(Phase.CONNECTING)
        saver = asyncio.create_task(self._save_regularly())
        try:
            status = await self._stream_all()
        except EngineError as error:
            status = MessageStatus.FAILED
            message.error = error.phrase
            self.too_long = isinstance(error, PromptTooLong)
            if isinstance(error, StreamCut) and (message.content or message.reasoning):
                status = MessageStatus.INTERRUPTED
        except asyncio.CancelledError:
            status = MessageStatus.INTERRUPTED
            raise
        except Exception as error:
            status = MessageStatus.FAILED
            message.error = phrase("generation.unexpected", detail=f"{type(error).__name__}: {error}")
        finally:
            saver.cancel()
            self._note_reasoning_time()
            message.phase = message.reading = None
            message.status = status if not self._stopping else MessageStatus.STOPPED
            if self._why_ended is not None and not self._stopping:
                message.status, message.error = MessageStatus.INTERRUPTED, self._why_ended
            self._check.end(message)
            message.error = message.error or self.noticed
            await self._save()
            self._notify()

    async def _stream_all(self) -> MessageStatus:
        """The request, and those that ask for the answer where it has brought only reasoning."""
        message, request = self.message, self._fitted(self.request)
        while request is not None:
            try:
                status = await self._stream(request)
            except PromptTooLong:
                if self._asks >= ASKS or not _goes_on(request) or not (message.content or message.reasoning):
                    raise
                self._asks += 1
                self.edge = self.edge.tighter()
                request = self._fitted(self.request) if message.content else self._for_answer()
                continue
            if not self._lacks_answer():
                return status
            if self._attempt.cut_short:
                self._note_cut()
            if self._attempt.full and self.edge.at is AtEdge.RUN and not self._asks:
                message.error = phrase("generation.edge_reasoning")
                return status
            if self._asks >= ASKS:
                message.error = phrase("generation.no_answer")
                return status
            self._note_reasoning_time()
            if self._attempt.full:
                self._note_edge()
            message.error = None
            self._asks += 1
            request = self._for_answer()
        message.error = phrase("generation.no_room", context=self.edge.context)
        return MessageStatus.COMPLETE

    def _lacks_answer(self) -> bool:
        """Whether there is only reasoning, and not since somebody or a limit wanted no more."""
        if self._stopping or self._why_ended is not None or not self.message.reasoning:
            return False
        attempt = self._attempt
        if attempt.cut_short:
            return True
        return not self.message.content.strip() and (attempt.full or attempt.end_reason != "length")

    def _note_edge(self) -> None:
        stats = self.message.stats or AnswerStats()
        if stats.edge_tokens is None:
            self.message.stats = replace(stats, edge_tokens=self.message.reasoning_tokens)

    def _note_cut(self) -> None:
        """Keep our own figures of a request that was ended before the server told its own."""
        attempt = self._attempt
        if attempt.first_token:
            took, waited = attempt.heard - attempt.first_token, attempt.first_token - attempt.asked_at
            made = attempt.made if took > 0 else None
            ours = AnswerStats(answer_tokens=made, eval_seconds=took or None, first_token_seconds=waited)
            self.message.stats = _sum(self.message.stats, ours)

    def _for_answer(self) -> ChatRequest | None:
        """The request for the answer to what was reasoned, with ever less of that; None where it has no room."""
        reasoning, tokens = self.message.reasoning, self._thought
        if self._asks > 1:
            tokens, whole = tokens >> (self._asks - 1), tokens
            reasoning = without_middle(reasoning, tokens, whole)
        turn = self.edge.fitted(ChatTurn(Role.ASSISTANT, "", reasoning=reasoning), tokens, 0)
        if turn is None:
            return None
        self._sent = _share(turn.reasoning, self.message.reasoning, self._thought)
        turns = (*_without_trailing_answer(self.request.turns), turn)
        return replace(self.request, turns=turns, think=ThinkMode.ON)

    def _fitted(self, request: ChatRequest) -> ChatRequest | None:
        """The first request; of an answer that is gone on with so much as leaves room for more of it."""
        if not _goes_on(request):
            return request
        last, message = request.turns[-1], self.message
        answered = round(message.answer_tokens * self._scale)
        turn = self.edge.fitted(last, self._thought, answered)
        if turn is None:
            return None
        self._sent = _share(turn.reasoning, last.reasoning, self._thought) + _share(
            turn.content, last.content, answered
        )
        return replace(request, turns=(*request.turns[:-1], turn))

    @property
    def _thought(self) -> int:
        """Tokens of the reasoning so far."""
        return round(self.message.reasoning_tokens * self._scale)

    async def _stream(self, request: ChatRequest) -> MessageStatus:
        """Run one request in a task of its own, so that stopping it can be told from the loop's own end."""
        if self._stopping or self._why_ended is not None:
            return MessageStatus.STOPPED
        resumes = request.turns[-1].content if _goes_on(request) else ""
        self._attempt = _Attempt(time.monotonic(), resumes=resumes, anew="" if resumes else None)
        self._reading = asyncio.create_task(self._read(request))
        try:
            await self._reading
        except asyncio.CancelledError:
            writing = asyncio.current_task()
            if writing is not None and writing.cancelling():  # this task is ended, not the reading alone
                self._reading.cancel()
                raise
            return MessageStatus.STOPPED
        finally:
            self._reading = None
            if self._ending is not None:
                self._ending.cancel()
                self._ending = None
        return MessageStatus.COMPLETE

    async def _read(self, request: ChatRequest) -> None:
        stream = self.engine.chat(request)
        try:
            async for event in stream:
                self._take(event)
                self._notify()
                if isinstance(event, ReasoningDelta) and self._has_to_end() and self.answer_now():
                    await asyncio.sleep(0)  # ends here: what came with it is not taken
                if isinstance(event, ReasoningDelta) and self._thinks_on():
                    self._cut()
                    await asyncio.sleep(0)
        finally:
            close = getattr(stream, "aclose", None)
            if close is not None:
                await close()

    def _take(self, event: StreamEvent) -> None:
        message = self.message
        if self._attempt.heard:
            self._attempt.heard = time.monotonic()
        match event:
            case PhaseChanged(phase):
                self._set_phase(phase)
                if phase is Phase.LOADING and message.reading is not None:
                    message.reading = replace(message.reading, kept=0)
            case PromptRead(total, done, kept, seconds):
                known = message.reading or Reading(total)
                message.reading = known.told(total, done, kept, seconds, time.monotonic())
            case AnswerNamed(name):
                self._attempt.named = name
            case ReasoningDelta(text, tokens):
                if not self._began_thinking:
                    self._began_thinking = time.monotonic()
                self._count(tokens)
                self._note_time(text)
                message.reasoning += text
                message.reasoning_tokens += tokens
                self.loop_found = self._loops.feed(text)
                self._check.take_reasoning(text)
            case ContentDelta(text, tokens):
                self._note_reasoning_time()
                self._count(tokens)
                message.content += text
                message.answer_tokens += tokens
                self._watch_for_content_loops(text)
                self._check.take_content(text)
                if self._attempt.anew is not None:
                    self._watch_for_a_new_start(text)
            case ContentWasReasoning():  # a closing tag came whose opening tag never did
                message.reasoning_seconds += time.monotonic() - (self._first_token or time.monotonic())
                message.reasoning, message.content = message.reasoning + message.content, ""
                message.reasoning_tokens, message.answer_tokens = (
                    message.reasoning_tokens + message.answer_tokens,
                    0,
                )
            case AnswerEnded(reason, stats, tells_reasoning):
                self._attempt.end_reason = reason
                self._check.tells_reasoning = tells_reasoning
                has_edge = bool(self.edge.context)
                self._note_counts(stats)
                message.stats = _sum(message.stats, replace(stats, resumed_tokens=self._sent or None))
                if reason == "length":
                    message.error = phrase(
                        "generation.edge" if self._attempt.full and has_edge else "generation.limit"
                    )

    def _note_time(self, text: str) -> None:
        """Keep when text came that a paragraph may begin in: behind a line's end, or with one in it."""
        message = self.message
        before = len(message.reasoning)
        if not before or "\n" in text or "\n" in message.reasoning[-4:]:
            seconds = message.reasoning_seconds + time.monotonic() - self._began_thinking
            message.thought_times.append((before, before + len(text), seconds))

    def _note_counts(self, stats: AnswerStats) -> None:
        """Learn from the server's own counts of the request that has ended."""
        attempt, limit = self._attempt, self.request.options.get("num_predict", 0)
        prompt, made = stats.prompt_tokens, stats.answer_tokens
        if not self._asks:
            known = self.message.reading or Reading(0)
            self.read_rate = known.measured(prompt, stats.cached_tokens, stats.prompt_seconds)
        if attempt.end_reason == "length":
            attempt.full = self.edge.is_full(
                prompt, made, limit if isinstance(limit, int) and limit > 0 else 0
            )
        if attempt.made and made:
            self._scale = max(self._scale, made / attempt.made)
        self.edge = self.edge.counted(prompt, made, self._sent, attempt.full)

    def _count(self, tokens: int) -> None:
        attempt = self._attempt
        if not self._first_token:
            self._first_token = time.monotonic()
        attempt.heard = time.monotonic()
        attempt.first_token = attempt.first_token or attempt.heard
        self.tokens += tokens
        attempt.made += tokens

    def _watch_for_content_loops(self, text: str) -> None:
        """Count the windows that repeat themselves; one that does not begins the count anew."""
        loops = self._content_loops
        if loops.feed(text):
            self._content_looped += 1
        elif loops.looked_at:
            self._content_looped = 0
        else:
            return
        self._content_loops = LoopDetector()

    def _watch_for_a_new_start(self, text: str) -> None:
        """A template that closes the assistant's turn makes the model begin again; its first words then repeat."""
        attempt = self._attempt
        attempt.anew = (attempt.anew or "") + text
        probe = attempt.resumes.lstrip()[:24]
        if len(attempt.anew.lstrip()) >= len(probe):
            if len(probe) >= 12 and attempt.anew.lstrip().startswith(probe):
                self.message.error = phrase("generation.started_anew")
            attempt.anew = None

    def _has_to_end(self) -> bool:
        """Whether the reasoning has to end here and now."""
        return self._over_budget() or self._at_edge()

    def _at_edge(self) -> bool:
        """Whether only the answer's reserve is left of the context, and nobody wants it used for more reasoning."""
        self.at_edge = self.edge.reached(self._sent + self._attempt.made)
        return self.at_edge and not self.has_a_choice and self.edge.at is not AtEdge.RUN

    def _thinks_on(self) -> bool:
        """Whether the reasoning goes on although the server has said that it ends it."""
        after = self._attempt.ended_after
        return bool(after) and self.message.reasoning_tokens > after + THINKS_ON

    def _over_budget(self) -> bool:
        budget, message = self.budget, self.message
        too_long = budget.seconds and time.monotonic() - self._began_thinking > budget.seconds
        return bool(too_long or (budget.tokens and message.reasoning_tokens > budget.tokens))

    def _set_phase(self, phase: Phase) -> None:
        self.message.phase = phase
        self._phase_changed.set()
        self.message.phase_started = time.monotonic()

    def _note_reasoning_time(self) -> None:
        if self._began_thinking:
            self.message.reasoning_seconds += time.monotonic() - self._began_thinking
            self._began_thinking = 0.0

    def _notify(self) -> None:
        for watcher in tuple(self.watchers):
            try:
                watcher(self)
            except Exception as error:  # whoever draws must not end the answer
                if watcher in self.watchers:
                    self.watchers.remove(watcher)
                context = {"message": "watching an answer failed", "exception": error, WATCHER: watcher}
                asyncio.get_running_loop().call_exception_handler(context)

    async def _save(self) -> None:
        try:
            await self._sink.save_message(self.conversation_id, self.message)
            self.save_error = None
        except Exception as error:  # a full disk must not end the answer; the screen says it
            self.save_error = error

    async def _save_regularly(self) -> None:
        """Commit about once a second while there is something new, and at each change of phase."""
        saved: tuple[int, Phase | None] = (-1, None)
        while True:
            message = self.message
            now = (len(message.reasoning) + len(message.content), message.phase)
            if now != saved:
                await self._save()
                saved = now
            try:
                await self._sink.heartbeat(message.id)
                if await self._sink.stop_requested(message.id):
                    self.stop()
            except Exception as error:
                self.save_error = error
            await self._next_save()

    async def _next_save(self) -> None:
        """A second, or until the phase changes."""
        self._phase_changed.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._phase_changed.wait(), SAVE_EVERY)


def empty_answer(model: str, *, vote: str | None = None, seed: int | None = None) -> Message:
    """An answer that is about to be asked for; `vote`, `seed`: it is a sample of that vote."""
    return Message(
        Role.ASSISTANT,
        model=model,
        status=MessageStatus.STREAMING,
        phase=Phase.CONNECTING,
        phase_started=time.monotonic(),
        vote=vote,
        seed=seed,
    )


def _scale(message: Message) -> float:
    """Tokens of an answer by the server's count over those that were seen to come."""
    seen = message.reasoning_tokens + message.answer_tokens
    counted = message.stats.answer_tokens if message.stats is not None else None
    return max((counted or 0) / seen, 1.0) if seen else 1.0


def _goes_on(request: ChatRequest) -> bool:
    """Whether it goes on with an answer that has begun."""
    return bool(request.turns) and request.turns[-1].role is Role.ASSISTANT


def _share(part: str, whole: str, tokens: int) -> int:
    """Tokens of a part of a text that has so many of them."""
    return tokens * len(part) // len(whole) if whole else 0


def _without_trailing_answer(turns: tuple[ChatTurn, ...]) -> tuple[ChatTurn, ...]:
    return turns[:-1] if turns and turns[-1].role is Role.ASSISTANT else turns


def _sum(before: AnswerStats | None, after: AnswerStats) -> AnswerStats:
    """Statistics of an answer made in two requests (continued, or answered at once)."""
    if before is None:
        return after

    def plus(a: float | None, b: float | None) -> float | None:
        return b if a is None else a if b is None else a + b

    return AnswerStats(
        prompt_tokens=after.prompt_tokens,
        answer_tokens=int(plus(before.answer_tokens, after.answer_tokens) or 0) or None,
        load_seconds=plus(before.load_seconds, after.load_seconds),
        prompt_seconds=plus(before.prompt_seconds, after.prompt_seconds),
        eval_seconds=plus(before.eval_seconds, after.eval_seconds),
        first_token_seconds=after.first_token_seconds
        if before.first_token_seconds is None
        else before.first_token_seconds,
        cached_tokens=after.cached_tokens,
        resumed_tokens=after.resumed_tokens,
        edge_tokens=before.edge_tokens,
    )
