"""How long a model reads a prompt before its first token, as its earlier answers foretell."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import field

from r1tui.chat.generation import Generation
from r1tui.domain.chat import ChatRequest, ChatTurn
from r1tui.domain.context_window import TokenRates
from r1tui.domain.conversation import Conversation
from r1tui.domain.dataclass import dataclass
from r1tui.domain.message import AnswerStats, Role
from r1tui.domain.prefill import Reading

REMEMBERED = 5
"""Prompts whose speed counts: one among them may have been in the server's memory without our knowing."""
_LOADED = 1.0
"""Seconds of loading that are those of a model which was not in memory, so that nothing of its prompt was."""


@dataclass(slots=True)
class _Known:
    """What is known of one model on one server."""

    rates: deque[float] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    """Tokens read in a second."""
    turns: Sequence[ChatTurn] = ()
    """Of the last prompt, which the server has in memory."""
    load_seconds: float | None = None
    """How long the model was loaded when that was last done."""


class Prefill:
    """Remembers how fast prompts were read in this run, and which one was the last."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], _Known] = {}

    def expected(
        self, url: str, conversation: Conversation, request: ChatRequest, prompt: int, *, loads: bool = False
    ) -> Reading:
        """How the prompt of a request will be read, which has about so many tokens. `loads`: the model is loaded anew for
        it, so that nothing of it is in memory.
        """
        known = self._known.get((url, request.model), _Known())
        rate = self.rate(url, conversation, request.model)
        kept = 0.0 if loads else _kept_share(request.turns, known.turns)
        return Reading(prompt, round(prompt * kept), rate=rate)

    def first_token(
        self, url: str, conversation: Conversation, request: ChatRequest, prompt: int, *, loads: bool
    ) -> float | None:
        """Seconds from sending a request to its first token, about; None where reading was never measured."""
        seconds = self.expected(url, conversation, request, prompt, loads=loads).seconds
        if seconds is None or not loads:
            return seconds
        known = self._known.get((url, request.model), _Known())
        return seconds + (known.load_seconds or _stored_loading(conversation, request.model))

    def unloaded(self, url: str, loaded: Collection[str]) -> None:
        """Only these models are in a server's memory now: it has forgotten the prompts of the others."""
        for (where, model), known in self._known.items():
            if where == url and model not in loaded:
                known.turns = ()

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
        if (stats := ended.message.stats) is not None and (stats.load_seconds or 0.0) >= _LOADED:
            known.load_seconds = stats.load_seconds


def _kept_share(turns: Sequence[ChatTurn], before: Sequence[ChatTurn]) -> float:
    """The part of a prompt that a server still has, which was sent `before` last: how far both begin alike."""
    alike = 0
    while alike < min(len(turns), len(before)) and turns[alike] == before[alike]:
        alike += 1
    rates = TokenRates()
    return rates.turns(turns[:alike]) / max(rates.turns(turns), 1)


def _answers(conversation: Conversation, model: str) -> list[AnswerStats]:
    """What the answers of a model took, as far as they are on the branch."""
    found = [each for each in conversation.branch() if each.role is Role.ASSISTANT and each.model == model]
    return [each.stats for each in found if each.stats is not None]


def _stored_rate(conversation: Conversation, model: str) -> float | None:
    """By the stored answers of the conversation. Where the server has not told what of a prompt it had in memory, that
    is nothing once the model was loaded for it, and else the prompt before.
    """
    rates: list[float] = []
    before = 0
    for stats in _answers(conversation, model):
        kept = 0 if (stats.load_seconds or 0.0) >= _LOADED else before
        before = stats.question_tokens or 0
        rate = Reading(0, kept).measured(stats.prompt_tokens, stats.cached_tokens, stats.prompt_seconds)
        if rate is not None and not stats.resumed_tokens:
            rates.append(rate)
    return _median(rates[-REMEMBERED:]) if rates else None


def _stored_loading(conversation: Conversation, model: str) -> float:
    """Seconds that loading a model has taken, by the stored answers; 0 where it was in memory for all of them."""
    loads = [stats.load_seconds or 0.0 for stats in _answers(conversation, model)]
    return next((each for each in reversed(loads) if each >= _LOADED), 0.0)


def _median(rates: Collection[float]) -> float:
    return sorted(rates)[len(rates) // 2]  # `statistics` takes 10 ms to import
