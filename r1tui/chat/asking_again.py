"""How to ask again where something went wrong with an answer and was noticed (`domain/answer_check.py`)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from r1tui.domain.answer_check import LOOPS, NO_THINKING
from r1tui.domain.chat import ChatRequest
from r1tui.domain.message import Message


@dataclass(frozen=True, slots=True)
class Manner:
    """How a question is asked this once."""

    opens_thinking: bool = False
    """The answer is begun with `<think>`, so that the model has to think."""
    seed: int | None = None
    """The answer is one of several, drawn with this seed (`chat/vote.py`)."""

    def applied(self, request: ChatRequest) -> ChatRequest:
        """The request, made in this manner."""
        return replace(request, opens_thinking=self.opens_thinking)


_AFTER = {NO_THINKING: Manner(opens_thinking=True), LOOPS: Manner()}


def manner_after(answer: Message | None) -> Manner | None:
    """How to ask the question of this answer again; None where nothing went wrong that asking again helps."""
    return _AFTER.get(answer.error.key) if answer is not None and answer.error is not None else None
