"""From what servers stream to the events of an answer: the part that all engines share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from r1tui.domain.message import AnswerStats, Phase
from r1tui.domain.stream import (
    Alternatives,
    AnswerEnded,
    ContentDelta,
    ContentWasReasoning,
    PhaseChanged,
    ReasoningDelta,
    StreamEvent,
)
from r1tui.domain.think_parser import Part, ThinkParser
from r1tui.domain.untrusted import LARGEST, number, tables, text


class AnswerReader:
    """Counts tokens, tells phases, and splits off reasoning that the server has left in the text."""

    def __init__(self, parser: ThinkParser, *, answer_only: bool = False) -> None:
        """`answer_only`: all that comes is the answer, whatever the server takes it for."""
        self._parser = parser
        self._answer_only = answer_only
        self._phase: Phase | None = None
        self._uncounted = 0
        self.tokens = 0
        """Tokens that have come, tags included."""
        self.reasoned = False
        """Whether there was reasoning among them."""
        self.started = False
        """Whether any text has come."""

    def take(self, reasoning: str, content: str) -> list[StreamEvent]:
        """The events of one token: reasoning and content as the server told them apart."""
        events: list[StreamEvent] = []
        if self._answer_only:
            reasoning, content = "", reasoning + content
        if reasoning or content:
            self._uncounted += 1
            self.tokens += 1
        if reasoning:
            self._parser.server_reasoned()
            self._add(events, Part.REASONING, reasoning)
        if content:
            for part, piece in self._parser.feed(content):
                self._add(events, part, piece)
        return events

    def end(self, reason: str, stats: AnswerStats, *, tells_reasoning: bool = True) -> list[StreamEvent]:
        """What was held back, and the end."""
        events = self.flush()
        events.append(AnswerEnded(reason, stats, tells_reasoning))
        return events

    def flush(self) -> list[StreamEvent]:
        """What was held back."""
        events: list[StreamEvent] = []
        for part, rest in self._parser.finish():
            self._add(events, part, rest)
        return events

    def _add(self, events: list[StreamEvent], part: Part, text: str) -> None:
        self.started = True
        self.reasoned |= part is not Part.CONTENT
        if part is Part.WAS_REASONING:
            events.append(ContentWasReasoning())
            return
        phase = Phase.THINKING if part is Part.REASONING else Phase.ANSWERING
        if phase is not self._phase:
            self._phase = phase
            events.append(PhaseChanged(phase))
        tokens, self._uncounted = self._uncounted, 0
        delta = ReasoningDelta if part is Part.REASONING else ContentDelta
        events.append(delta(text, tokens))


def alternatives(told: object) -> list[Alternatives]:
    """What a list of `logprobs` tells, Ollama's and OpenAI's alike; whatever is no such thing is left out."""
    found = []
    for entry in tables(told):
        own = _likely(entry)
        if own is not None:
            likeliest = map(_likely, tables(entry.get("top_logprobs"), MOST_LIKELY))
            found.append(Alternatives(*own, tuple(each for each in likeliest if each is not None)))
    return found


MOST_LIKELY = 100
"""Tokens that are taken of those that might have stood in one's place; servers tell 20 at most."""
_LEAST_LOGPROB = -1e6
"""Stands for a token that is as good as impossible: servers tell of minus infinity in several ways."""


def _likely(entry: Mapping[str, Any]) -> tuple[str, float] | None:
    token, logprob = entry.get("token"), number(entry.get("logprob"), -LARGEST, LARGEST)
    if not isinstance(token, str) or logprob is None:
        return None
    return text(token), max(min(logprob, 0.0), _LEAST_LOGPROB)


def merged(events: list[StreamEvent]) -> list[StreamEvent]:
    """Neighbouring deltas of one kind made one: what came together is handed on together."""
    result: list[StreamEvent] = []
    for event in events:
        last = result[-1] if result else None
        if isinstance(event, ReasoningDelta) and isinstance(last, ReasoningDelta):
            result[-1] = ReasoningDelta(last.text + event.text, last.tokens + event.tokens)
        elif isinstance(event, ContentDelta) and isinstance(last, ContentDelta):
            result[-1] = ContentDelta(last.text + event.text, last.tokens + event.tokens)
        else:
            result.append(event)
    return result
