"""What a token costs: processor time and bytes, first and fiftieth answer, open, folded, over a slow line."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from r1tui.domain.message import Message
from tests.bench.figures import Figure
from tests.bench.harness import (
    ANSWER,
    RATE,
    REASONING,
    ROOMY,
    Meter,
    past_answers,
    r1tui,
    server,
)
from tests.support.script import Answer, Say, Step, Think
from tests.support.scripted import WORDS

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one token of an answer."""

    cpu: float
    """Milliseconds."""
    sent: float
    """Bytes."""


def answer_cost(
    url: str,
    *,
    reasoning: int = REASONING,
    content: int = ANSWER,
    settings: str = "",
    conversation: Sequence[Message] = (),
) -> tuple[Cost, float]:
    """Cost per token of one answer as the app shows it, and the app's memory afterwards in MiB."""
    with r1tui(url, settings=settings, conversation=conversation) as session:
        session.ready()
        session.settle(15.0)  # a busy machine is looked at more than once
        session.send("How do I grow it?")
        session.settle(1.5)
        meter = Meter(session.app)
        session.send("\r")
        session.settle(3.0)
        spent = meter.read()
        tokens = reasoning + content
        return Cost(1000 * spent.cpu / tokens, spent.sent / tokens), session.app.pss_bytes() / MIB


def folded_sent(url: str, told: bool) -> float:
    """Bytes a second while folded reasoning goes on, with its latest sentence or without, between two seconds of it."""
    settings = f'[interface]\nreasoning = "folded"\nreasoning_told = {str(told).lower()}\n{ROOMY}'
    with r1tui(url, settings=settings) as session:
        session.ready()
        session.ask()
        time.sleep(4.0)
        meter = Meter(session.app)
        time.sleep(10.0)
        spent = meter.read()
        return spent.sent / spent.seconds


def musing(seconds: float) -> Answer:
    """A reasoning of sentences of a dozen words, none like another."""
    draw, words = random.Random(1), WORDS.split()
    steps: list[Step] = []
    for at in range(round(seconds * RATE)):
        word = draw.choice(words).strip(".")
        steps.append(
            Think(f" {word}." if at % 12 == 11 else f" {word.title()}" if at % 12 == 0 else f" {word}")
        )
    return Answer([*steps, Say("Done.")], rate=RATE)


def interface(**values: str) -> str:
    """A settings file with some values in `[interface]`."""
    return "[interface]\n" + "".join(f'{name} = "{value}"\n' for name, value in values.items()) + ROOMY


def run(quick: bool = False) -> list[Figure]:
    """Each answer in an app of its own."""
    reasoning, content = (REASONING // 3, ANSWER // 3) if quick else (REASONING, ANSWER)
    with server() as serving:
        serving.answers(reasoning, content, RATE)
        size: dict[str, Any] = {"reasoning": reasoning, "content": content}
        opened, _ = answer_cost(serving.url, settings=interface(reasoning="open"), **size)
        low, _ = answer_cost(serving.url, settings=interface(reasoning="open", low_bandwidth="on"), **size)
        fiftieth, memory = answer_cost(
            serving.url, settings=interface(reasoning="open"), conversation=past_answers(49), **size
        )
        # With an answer, if a short one: it would be asked for again.
        size = {"reasoning": reasoning + content, "content": 1}
        serving.answers(**size, rate=RATE)
        folded, _ = answer_cost(serving.url, settings=interface(reasoning="folded"), **size)
        serving.scripted.default = lambda: musing(16.0)
        untold, told = (folded_sent(serving.url, each) for each in (False, True))
    return [
        Figure("processor time per token, reasoning open", opened.cpu, "ms", 2),
        Figure("processor time per token of folded reasoning", folded.cpu, "ms", 0.7),
        Figure("bytes per token", opened.sent, "B", 120, reference="the text itself: about 5.5"),
        Figure("bytes per token of folded reasoning", folded.sent, "B", None),
        Figure(
            "bytes a second of the sentence that folded reasoning shows",
            told - untold,
            "B",
            120,
            reference=f"without it {untold:.0f} B",
        ),
        Figure("bytes per token, low bandwidth", low.sent, "B", 50),
        Figure("processor time per token, low bandwidth", low.cpu, "ms", None),
        Figure(
            "processor time per token on the 50th answer, over the first",
            fiftieth.cpu / opened.cpu,
            "×",
            1.15,
            reference=f"first {opened.cpu:.2f} ms, 50th {fiftieth.cpu:.2f} ms",
        ),
        Figure(
            "bytes per token on the 50th answer, over the first",
            fiftieth.sent / opened.sent,
            "×",
            1.15,
            reference=f"first {opened.sent:.0f} B, 50th {fiftieth.sent:.0f} B",
        ),
        Figure("memory after 50 answers (PSS)", memory, "MiB", 110),
    ]
