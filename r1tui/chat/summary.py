"""A conversation summed up by its model, so that a new one can begin with what matters of it.

The old conversation is read and never changed: the requests are of nobody's answers, and nothing of them is stored. What
is longer than the context holds is summed up in parts, each with the summary of those before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from r1tui.chat.generation import Budget, Generation, NoSink, empty_answer
from r1tui.domain.chat import ChatRequest, ChatTurn, ThinkMode
from r1tui.domain.context_window import TokenRates
from r1tui.domain.dataclass import dataclass
from r1tui.domain.message import Message, MessageStatus, Role
from r1tui.domain.phrase import Phrase, PhrasedError, phrase
from r1tui.domain.sizing import NUM_CTX_LEAST
from r1tui.locale import t
from r1tui.services.engines.engine import Engine

LEAST, MOST = 128, 512
"""Bounds of the tokens that a summary may have; else an eighth of the context."""
MARGIN = 32
"""Tokens that estimates may be wrong by, beside a tenth of the room."""


class NoSummary(PhrasedError):
    """The model gave none; `phrase` says why."""


@dataclass(frozen=True, slots=True)
class SummaryCost:
    """What a summary takes, about."""

    read: int
    """Tokens of prompts."""
    written: int
    """Tokens of summaries, at most."""
    seconds: float | None
    """None where no speed was measured yet."""


@dataclass(frozen=True, slots=True)
class SummaryPlan:
    """The requests for a summary, before any is made."""

    engine: Engine
    request: ChatRequest
    """Without turns."""
    system: tuple[ChatTurn, ...]
    parts: tuple[tuple[ChatTurn, ...], ...]
    """What is read by one request after another."""
    cost: SummaryCost

    def requested(self, part: int, before: str) -> ChatRequest:
        """The request for one part, given the summary of those before."""
        begins = (ChatTurn(Role.USER, begun_with(before)),) if before else ()
        asks = ChatTurn(Role.USER, t("chat.summary_prompt"))
        return replace(self.request, turns=(*self.system, *begins, *self.parts[part], asks))


def begun_with(summary: str) -> str:
    """How a conversation begins that goes on from a summary."""
    return f"{t('chat.summary_draft')}\n\n{summary.strip()}"


def make_plan(
    engine: Engine,
    request: ChatRequest,
    turns: Sequence[ChatTurn],
    rates: TokenRates,
    answers: Iterable[Message],
    context: int | None,
) -> SummaryPlan:
    """Cut a conversation into what one request can hold, and reckon what it costs by the speeds of its answers."""
    size = context or NUM_CTX_LEAST
    limit = min(max(size // 8, LEAST), MOST, max(size // 4, 1))
    system = tuple(turn for turn in turns if turn.role is Role.SYSTEM)
    said = [replace(turn, reasoning="") for turn in turns if turn.role is not Role.SYSTEM]
    frame = rates.turns((*system, ChatTurn(Role.USER, t("chat.summary_prompt"))))
    room = max((size - frame - limit) * 9 // 10 - MARGIN, size // 8)
    if rates.turns(said) > room:
        room = max(room - limit - rates.turn(ChatTurn(Role.USER, begun_with(""))), size // 8)
    parts = cut_up(said, room, rates)
    read = rates.turns(said) + len(parts) * frame + (len(parts) - 1) * limit
    written = len(parts) * limit
    # It is written at once: thinking would cost more than the summary, of a context that is full already.
    options = {**request.options, "num_predict": limit}
    request = replace(request, turns=(), think=ThinkMode.OFF, options=options, expects_thinking=False)
    return SummaryPlan(
        engine, request, system, parts, SummaryCost(read, written, _seconds(read, written, answers))
    )


def cut_up(turns: Sequence[ChatTurn], room: int, rates: TokenRates) -> tuple[tuple[ChatTurn, ...], ...]:
    """Turns in groups of at most `room` tokens each, in their order; a longer one is divided."""
    groups: list[list[ChatTurn]] = [[]]
    used = 0
    for turn in (piece for each in turns for piece in _pieces(each, room, rates)):
        tokens = rates.turn(turn)
        if groups[-1] and used + tokens > room:
            groups.append([])
            used = 0
        groups[-1].append(turn)
        used += tokens
    return tuple(tuple(group) for group in groups)


def _pieces(turn: ChatTurn, room: int, rates: TokenRates) -> list[ChatTurn]:
    tokens, text = rates.turn(turn), turn.content
    if tokens <= room or len(text) < 2:
        return [turn]
    middle = len(text) // 2
    blank = text.rfind(" ", 0, middle)
    middle = blank + 1 if blank > 0 else middle
    halves = (replace(turn, content=text[:middle]), replace(turn, content=text[middle:]))
    return [piece for half in halves for piece in _pieces(half, room, rates)]


def _seconds(read: int, written: int, answers: Iterable[Message]) -> float | None:
    """By the slowest reading and the last writing of these answers; a server that had read a prompt tells no speed."""
    reading = list[float]()
    writing: float | None = None
    for stats in (each.stats for each in answers if each.stats is not None):
        if stats.prompt_seconds and stats.prompt_tokens:
            fresh = stats.prompt_tokens - (stats.cached_tokens or 0)
            reading += [fresh / stats.prompt_seconds] if fresh > 0 else []
        writing = stats.tokens_per_second or writing
    if not reading or not writing:
        return None
    return read / min(reading) + written / writing


async def write(plan: SummaryPlan, tell: Callable[[int, str], object]) -> str:
    """Have it written; `tell` hears which part is read and what there is of its summary. Raises `NoSummary`.

    Cancelled, it ends the request under way; nothing is left of it.
    """
    summary = ""
    for part in range(len(plan.parts)):
        message = empty_answer(plan.request.model)
        generation = Generation(plan.engine, "", message, plan.requested(part, summary), NoSink(), Budget())

        def watch(generation: Generation, part: int = part) -> None:
            tell(part, generation.message.content)

        generation.watchers.append(watch)
        await generation.run()
        if message.status is not MessageStatus.COMPLETE:
            raise NoSummary(message.error or phrase("chat.summary_none"))
        if not message.content.strip():
            raise NoSummary(phrase("chat.summary_none"))
        summary = message.content.strip()
    return summary


def cost_words(plan: SummaryPlan) -> Phrase:
    """The cost as one sentence, in tokens and, where a speed is known, in time."""
    from r1tui.locale import clock

    cost = plan.cost
    words = {"read": cost.read, "written": cost.written, "n": len(plan.parts)}
    if cost.seconds is None:
        return phrase("chat.summary_cost_unknown", **words)
    return phrase("chat.summary_cost", time=clock.wait(cost.seconds), **words)
