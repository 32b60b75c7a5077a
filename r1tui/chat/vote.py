"""One question asked several times: its samples, one after the other, until their vote is decided.

Who asks for a vote says how a sample begins, so that one that is only printed and one that is stored are the same here.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from r1tui.chat.generation import Generation
from r1tui.domain.chat import ChatRequest
from r1tui.domain.dataclass import dataclass
from r1tui.domain.message import Message, MessageStatus
from r1tui.domain.options import option_from_text
from r1tui.domain.phrase import Phrase
from r1tui.domain.sizing import TYPICAL_ANSWER
from r1tui.domain.vote import Tally, tally

TEMPERATURE = 0.6
"""DeepSeek's advice for R1, for a model whose own is 0: its samples would all be the same."""
_SEEDS = range(1, 2**31)
_LOOPED = "generation.looped"
_CUT = frozenset({"generation.limit", "generation.edge", _LOOPED})
"""Notes of answers that a limit, the end of the context or their own repeating has ended."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One of the answers, at its end."""

    message: Message
    seed: int
    answer: str | None
    """The short answer that is counted; None where none was found."""


@dataclass(frozen=True, slots=True)
class VoteCost:
    """What a vote takes if it does not end early, about."""

    tokens: int
    seconds: float | None
    """None where the model's speed was not measured here."""


class NotBegun(Exception):
    """A sample could not be begun; why was told."""


Begin = Callable[[int], Awaitable[Generation]]
"""Begins a sample with a seed; raises `NotBegun`."""


class Vote:
    """A question being asked several times. Watchers are called after each sample."""

    def __init__(self, planned: int) -> None:
        self.planned = planned
        self.samples: list[Sample] = []
        """Those that came to their end."""
        self.used: set[int] = set()
        """Further seeds that are not used again."""
        self.stopped = False
        self._let_go = False
        self.error: Phrase | None = None
        """Why no more samples can be had."""
        self.watchers: list[Callable[[Vote], None]] = []

    @property
    def tally(self) -> Tally:
        """The count of the samples that ended."""
        return tally([each.answer for each in self.samples], self.planned)

    @property
    def seconds_left(self) -> float | None:
        """How long it still takes if all that is left is asked, as the samples so far foretell; None before the first."""
        return seconds_left([each.message for each in self.samples], self.tally.left)

    def stop(self) -> None:
        """Begin no more samples. The one under way is its own."""
        self.stopped = True

    def let_go(self) -> None:
        """The same where the sample under way is to go on by itself when `run` is cancelled."""
        self._let_go = True

    async def run(self, begin: Begin) -> None:
        """Ask until it is decided, or a sample fails. Cancelled, it stops the sample under way, which is not counted."""
        for seed in self._seeds():
            if self.tally.decided or self.stopped or self._let_go:
                return
            try:
                generation = await begin(seed)
            except NotBegun:
                return
            assert generation.task is not None
            try:
                await asyncio.shield(generation.task)
            except asyncio.CancelledError:
                if not self._let_go:
                    generation.stop()
                    await generation.task
                raise
            message = generation.message
            if not counts(message):
                self.error = message.error
                return
            self.samples.append(Sample(message, seed, await short_answer(message)))
            for watcher in self.watchers:
                watcher(self)

    def _seeds(self) -> Iterator[int]:
        """One for each sample that may still be asked, and none twice."""
        used = self.used | {each.seed for each in self.samples}
        fresh = (seed for seed in random.sample(_SEEDS, self.planned + len(used)) if seed not in used)
        for _ in range(self.planned - len(self.samples)):
            yield next(fresh)


def counts(sample: Message) -> bool:
    """Whether a sample came to its end; one that was ended since it only repeated itself had no other."""
    looped = sample.error is not None and sample.error.key == _LOOPED
    return sample.status is MessageStatus.COMPLETE or looped


async def short_answer(message: Message) -> str | None:
    """The short answer of a sample that came to its end, found beside everything else: it may be long."""
    from r1tui.domain.final_answer import final_answer

    whole = message.error is None or message.error.key not in _CUT
    return await asyncio.to_thread(final_answer, message.content, whole=whole)


def seconds_left(samples: Sequence[Message], left: int) -> float | None:
    """How long so many more samples take if they are as those so far; None before the first."""
    times = [seconds for each in samples if (seconds := _seconds(each)) is not None]
    return sum(times) / len(times) * left if times else None


def sample_request(request: ChatRequest, seed: int, parameters: Mapping[str, str]) -> ChatRequest:
    """The request of one sample. `parameters`: what the model has where the request says nothing."""
    options = {**request.options, "seed": seed}
    if "temperature" not in options and not option_from_text(
        "temperature", parameters.get("temperature", "")
    ):
        options["temperature"] = TEMPERATURE
    return replace(request, options=options)


def expected_tokens(planned: int, context: int | None) -> int:
    """Tokens that all samples take together, about: none is longer than the context, where that is known."""
    return planned * min(TYPICAL_ANSWER, context or TYPICAL_ANSWER)


def _seconds(message: Message) -> float | None:
    stats = message.stats
    if stats is None or not stats.eval_seconds:
        return None
    return stats.eval_seconds + (stats.prompt_seconds or 0.0)
