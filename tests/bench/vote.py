"""The vote on the tiny test model: short answers found in its words, one sample beside five, what stopping early saved.

The sums are generated, the same ones each time. By itself so small a model does not add, and its reasoning ends in
nothing: it is shown examples, each time in another of the forms that answers have, and does not think. What is right and
wrong here is the tiny model's arithmetic, nobody else's.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
from dataclasses import dataclass
from pathlib import Path

from r1tui.chat.generation import NoSink
from r1tui.chat.generations import Generations
from r1tui.chat.vote import sample_request
from r1tui.domain.answer_form import same
from r1tui.domain.chat import ChatRequest, ChatTurn
from r1tui.domain.final_answer import final_answer
from r1tui.domain.message import Message, MessageStatus, Role
from r1tui.domain.settings import Settings
from r1tui.domain.vote import tally
from r1tui.services.engines.engine import Engine
from r1tui.services.engines.hosts import make_engine, resolve_host
from tests.bench.figures import Figure
from tests.support import provision
from tests.support.ollama_server import PLAIN_MODEL, new_server

SUMS, VOTED, SAMPLES = 200, 200, 5
"""Sums that are asked once, those of them that are asked again (all, but in a quick run), and how often in all."""
OPTIONS: dict[str, float | int | str] = {
    "temperature": 0.6,
    "top_p": 0.95,
    "num_ctx": 512,
    "num_predict": 32,
}
FORMS = ("The answer is {}.", "**Answer:** {}", "{}")
EXAMPLES = ((2, 3), (7, 6), (1, 4), (9, 8), (2, 2), (5, 4), (8, 3), (6, 9))


@dataclass(frozen=True, slots=True)
class Sum:
    """A question, the examples before it, and what is right."""

    turns: tuple[ChatTurn, ...]
    right: str


@dataclass(frozen=True, slots=True)
class Given:
    """What one sample said."""

    answer: str | None
    tokens: int
    telling: bool
    """Whether it came to its end and holds a digit: some are about something else."""


def sums(count: int) -> list[Sum]:
    """Additions of two numbers below 10."""
    chance = random.Random(13)
    pairs = [(chance.randrange(1, 10), chance.randrange(1, 10)) for _ in range(count)]
    return [
        Sum((*_examples(FORMS[number % len(FORMS)]), _question(*pair)), str(sum(pair)))
        for number, pair in enumerate(pairs)
    ]


def _question(one: int, two: int) -> ChatTurn:
    return ChatTurn(Role.USER, f"What is {one} plus {two}?")


def _examples(form: str) -> list[ChatTurn]:
    turns = [(_question(*pair), ChatTurn(Role.ASSISTANT, form.format(sum(pair)))) for pair in EXAMPLES]
    return [turn for both in turns for turn in both]


async def ask(engine: Engine, asked: Sum, seed: int) -> Given:
    """One sample."""
    plain = ChatRequest(PLAIN_MODEL, asked.turns, options=OPTIONS)
    request = sample_request(plain, seed, {})
    message = Message(Role.ASSISTANT, model=PLAIN_MODEL, status=MessageStatus.STREAMING)
    generation = Generations().start(engine, "bench", message, request, NoSink())
    assert generation.task is not None
    await generation.task
    if message.status is not MessageStatus.COMPLETE:
        raise RuntimeError(f"the server failed: {message.error}")
    whole = generation.end_reason != "length"
    counted = final_answer(message.content, whole=whole)
    telling = whole and any(char.isdigit() for char in message.content)
    return Given(counted, message.reasoning_tokens + message.answer_tokens, telling)


def needed(given: list[Given]) -> int:
    """Samples after which the vote was decided."""
    answers = [each.answer for each in given]
    return next(count for count in range(1, len(given) + 1) if tally(answers[:count], len(given)).decided)


def is_right(answer: str | None, asked: Sum) -> bool:
    """Whether an answer is the sum."""
    return answer is not None and same(answer, asked.right)


async def _measure(url: str, count: int, voted: int) -> list[Figure]:
    engine = make_engine(resolve_host(url, Settings()))
    asked = sums(count)
    try:
        first = [await ask(engine, each, 1) for each in asked]
        again = [[await ask(engine, each, seed) for seed in range(2, SAMPLES + 1)] for each in asked[:voted]]
    finally:
        await engine.close()
    votes = [[one, *more] for one, more in zip(first, again, strict=False)]
    samples = [given for vote in votes for given in vote]
    telling = [each for each in first if each.telling]
    found = sum(each.answer is not None for each in telling) / max(len(telling), 1)
    one_right = sum(
        is_right(given.answer, each) for vote, each in zip(votes, asked, strict=False) for given in vote
    )
    most_right = 0
    for vote, each in zip(votes, asked, strict=False):
        winner = tally([given.answer for given in vote], SAMPLES).winner
        most_right += winner is not None and is_right(winner.answer, each)
    spent = sum(given.tokens for vote in votes for given in vote[: needed(vote)])
    saved = 1 - spent / max(sum(given.tokens for given in samples), 1)
    tokens = sum(given.tokens for given in samples) / len(samples)
    tiny = f"{PLAIN_MODEL}, {voted} sums of two numbers below 10"
    return [
        Figure(
            "the tiny model's answers with a number in which a short answer is found",
            found * 100, "%", reference=f"{len(telling)} of {count} generated sums, the others hold no number or no end",
        ),
        Figure(
            f"the tiny model's sums that are right by a vote of {SAMPLES} (cons@{SAMPLES})",
            most_right / voted * 100, "%", reference=f"one sample (pass@1) {one_right / len(samples) * 100:.3g} %; {tiny}",
        ),
        Figure(
            f"tokens that stopping early saved of {SAMPLES} samples",
            saved * 100, "%", reference=f"{tokens:.0f} tokens a sample; {tiny}",
        ),
    ]  # fmt: skip


def run(quick: bool = False) -> list[Figure]:
    """Ask the sums of a server of our own."""
    found = provision.find()
    if not found.server_ready:
        print("vote: skipped, " + "; ".join(found.missing))
        return []
    with tempfile.TemporaryDirectory(prefix="r1tui-bench-", ignore_cleanup_errors=True) as name:
        server = new_server(found, Path(name) / "server")
        try:
            return asyncio.run(_measure(server.url, *((20, 8) if quick else (SUMS, VOTED))))
        finally:
            server.stop()
