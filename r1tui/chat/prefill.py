"""How long a model reads a prompt before its first token, as its earlier answers foretell."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from r1tui.chat.generation import Generation
from r1tui.domain.chat import ChatRequest, ChatTurn
from r1tui.domain.context_window import TokenRates
from r1tui.domain.conversation import Conversation
from r1tui.domain.message import Message, Role
from r1tui.domain.prefill import Reading

REMEMBERED = 5
"""Prompts whose speed counts: one among them may have been in the server's memory without our knowing."""


@dataclass(slots=True)
class _Known:
    """What is known of one model on one server."""

    rates: deque[float] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    """Tokens read in a second."""
    turns: Sequence[ChatTurn] = ()
    """Of the last prompt, which the server has in memory."""


class Prefill:
    """Remembers how fast prompts were read in this run, and which one was the last."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], _Known] = {}

    def expected(self, url: str, conversation: Conversation, request: ChatRequest, prompt: int) -> Reading:
        """How the prompt of a request will be read, which has about so many tokens."""
        known = self._known.get((url, request.model), _Known())
        rate = self.rate(url, conversation, request.model)
        return Reading(prompt, round(prompt * _kept_share(request.turns, known.turns)), rate=rate)

    def rate(self, url: str, conversation: Conversation, model: str) -> float | None:
        """Tokens of a prompt that a model reads in a second; None where that was never measured."""
        known = self._known.get((url, model))
        return _median(known.rates) if known and known.rates else _stored_rate(conversation, model)

    def note(self, ended: Generation) -> None:
        """An answer has ended: learn how fast its prompt was read."""
        if not ended.tokens:
            return  # perhaps it was not read to its end
        request = ended.request
        known = self._known.setdefault((ended.engine.url, request.model), _Known())
        known.turns = request.turns
        if ended.read_rate is not None:
            known.rates.append(ended.read_rate)


def _kept_share(turns: Sequence[ChatTurn], before: Sequence[ChatTurn]) -> float:
    """The part of a prompt that a server still has, which was sent `before` last: how far both begin alike."""
    alike = 0
    while alike < min(len(turns), len(before)) and turns[alike] == before[alike]:
        alike += 1
    rates = TokenRates()
    return rates.turns(turns[:alike]) / max(rates.turns(turns), 1)


def _stored_rate(conversation: Conversation, model: str) -> float | None:
    """By the stored answers of the conversation, where it is known how much of their prompts was read: the server has
    told what it had in memory, or it was the first prompt.
    """
    answers = [message for message in conversation.branch() if message.role is Role.ASSISTANT]
    rates = [_rate_of(each, first=number == 0) for number, each in enumerate(answers) if each.model == model]
    found = [rate for rate in rates if rate is not None]
    return _median(found[-REMEMBERED:]) if found else None


def _rate_of(message: Message, *, first: bool) -> float | None:
    stats = message.stats
    if stats is None or stats.resumed_tokens or not (first or stats.cached_tokens is not None):
        return None
    return Reading(0).measured(stats.prompt_tokens, stats.cached_tokens, stats.prompt_seconds)


def _median(rates: Collection[float]) -> float:
    return sorted(rates)[len(rates) // 2]  # `statistics` takes 10 ms to import
