"""What the live parts of the guide share that show whole answers as they come."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from time import monotonic
from typing import cast

from textual.containers import VerticalScroll

from r1tui.chat.session import ChatSession
from r1tui.domain.chat import ChatRequest, ChatTurn, ThinkMode
from r1tui.domain.conversation import Conversation
from r1tui.domain.dataclass import dataclass
from r1tui.domain.message import Role
from r1tui.domain.stream import AnswerEnded, ContentDelta, ContentWasReasoning, ReasoningDelta, StreamEvent
from r1tui.screens.guide.asking import AskingScreen
from r1tui.services.engines.engine import Engine

MOST_TOKENS = 800
"""Tokens of each answer, reasoning included."""
FRAME = 0.25
"""Seconds between two drawings of what comes."""


@dataclass(slots=True)
class Way:
    """An answer as far as it is there."""

    mode: ThinkMode
    reasoning: str = ""
    answer: str = ""
    thought: int = 0
    """Tokens of reasoning."""
    said: int = 0
    """Tokens of the answer."""
    seconds: float = 0.0
    began: bool = False
    limit: bool = False
    """It ended at the limit."""

    def take(self, event: StreamEvent) -> None:
        """One event of its stream."""
        match event:
            case ReasoningDelta(text, tokens):
                self.reasoning += text
                self.thought += tokens
            case ContentDelta(text, tokens):
                self.answer += text
                self.said += tokens
            case ContentWasReasoning():
                self.reasoning += self.answer
                self.thought += self.said
                self.answer, self.said = "", 0
            case AnswerEnded(reason, _):
                self.limit = reason == "length"
            case _:
                pass


class AnsweringScreen(AskingScreen):
    """Asks for whole answers. A subclass draws them, in regions that scroll."""

    _drawn = 0.0
    """When it was drawn last, by `time.monotonic()`."""

    @property
    def _speed(self) -> float:
        """Tokens a second of the last answer, else what the model should make here; 0 where neither is known."""
        speeds = self._session.machine.speeds
        return speeds[-1] if speeds else expected_speed(self._session)

    async def _request(self, engine: Engine, question: str) -> ChatRequest:
        """A question outside of any conversation, its answer at most `MOST_TOKENS` long."""
        session = self._session
        built = await session.requests.build(
            engine,
            Conversation(),
            None,
            session.machine.profile,
            **session.server.sized(session.server.selected),
        )
        return replace(
            built,
            turns=(ChatTurn(Role.USER, question),),
            options=built.options | {"num_predict": MOST_TOKENS},
        )

    async def _stream(self, engine: Engine, request: ChatRequest, way: Way) -> None:
        """Take one answer as it comes, and draw at intervals. Raises `EngineError`."""
        began, way.began = monotonic(), True
        stream = cast(AsyncGenerator[StreamEvent], engine.chat(request))
        async with aclosing(stream) as events:
            async for each in events:
                way.take(each)
                way.seconds = monotonic() - began
                if monotonic() - self._drawn > FRAME:
                    self._draw()

    def _draw(self) -> None:
        """Show the answers as far as they are there."""
        raise NotImplementedError

    def scroll_page(self, by: int) -> None:
        """Scroll the answers by so many pages."""
        for scroll in self.query(VerticalScroll):
            scroll.scroll_relative(y=by * max(1, scroll.size.height - 1), animate=False)


def expected_speed(session: ChatSession) -> float:
    """Tokens a second that the selected model should make here; 0 where that is not known."""
    from r1tui.domain.catalogue import find

    tag, found = find(session.server.selected), session.machine.recommendation
    if tag is None or found is None or not session.server.local:
        return 0.0
    candidate = found.candidate(tag.tag)
    return candidate.speed.expected if candidate is not None and candidate.speed is not None else 0.0
