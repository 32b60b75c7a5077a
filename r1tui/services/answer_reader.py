"""From what servers stream to the events of an answer: the part that all engines share."""

from __future__ import annotations

from r1tui.domain.message import AnswerStats, Phase
from r1tui.domain.stream import (
    AnswerEnded,
    ContentDelta,
    ContentWasReasoning,
    PhaseChanged,
    ReasoningDelta,
    StreamEvent,
)
from r1tui.domain.think_parser import Part, ThinkParser


class AnswerReader:
    """Counts tokens, tells phases, and splits off reasoning that the server has left in the text."""

    def __init__(self, parser: ThinkParser) -> None:
        self._parser = parser
        self._phase: Phase | None = None
        self._uncounted = 0
        self.started = False
        """Whether any text has come."""

    def take(self, reasoning: str, content: str) -> list[StreamEvent]:
        """The events of one token: reasoning and content as the server told them apart."""
        events: list[StreamEvent] = []
        if reasoning or content:
            self._uncounted += 1
        if reasoning:
            self._parser.server_reasoned()
            self._add(events, Part.REASONING, reasoning)
        if content:
            for part, text in self._parser.feed(content):
                self._add(events, part, text)
        return events

    def end(self, reason: str, stats: AnswerStats) -> list[StreamEvent]:
        """What was held back, and the end."""
        events = self.flush()
        events.append(AnswerEnded(reason, stats))
        return events

    def flush(self) -> list[StreamEvent]:
        """What was held back."""
        events: list[StreamEvent] = []
        for part, text in self._parser.finish():
            self._add(events, part, text)
        return events

    def _add(self, events: list[StreamEvent], part: Part, text: str) -> None:
        self.started = True
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
