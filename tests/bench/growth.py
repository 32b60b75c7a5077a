"""Fifty answers in one run of the app: cost per token against the answers before it, drawn as a plot; memory at the end."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median

from tests.bench.figures import Figure
from tests.bench.harness import ANSWER, REASONING, ROOMY, Meter, r1tui, server
from tests.bench.plot import line_plot

MIB = 1 << 20
RATE = 600.0
"""Tokens a second: faster than people have it, so that fifty answers take minutes and not half an hour."""
PLOT = Path(__file__).parents[1] / "screenshots" / "cost.svg"


def run(quick: bool = False) -> list[Figure]:
    """One conversation that grows."""
    answers = 8 if quick else 50
    costs: list[float] = []
    with server() as serving:
        serving.answers(REASONING, ANSWER, RATE)
        with r1tui(serving.url, settings='[interface]\nreasoning = "open"\n' + ROOMY) as session:
            session.ready()
            for number in range(answers):
                session.app.write(f"How do I grow it, for the time {number + 1}?")
                session.settle(1.2)
                meter = Meter(session.app)
                session.app.write("\r")
                time.sleep(1)
                session.settle(1.2)
                costs.append(1000 * meter.read().cpu / (REASONING + ANSWER))
            memory = session.app.pss_bytes() / MIB
    if not quick:
        title = "Processor time per token, answers of 1,200 tokens at 600 a second"
        PLOT.write_text(line_plot(title, "answers before it", "ms", list(enumerate(costs))))
    early, late = median(costs[1:6]), median(costs[-5:])
    return [
        Figure(
            f"processor time per token, the last five of {answers} answers in one run over the first",
            late / early,
            "×",
            1.15,
            reference=f"{early:.2f} ms, {late:.2f} ms",
        ),
        Figure(f"memory after {answers} answers of 1,200 tokens in one run (PSS)", memory, "MiB", 110),
    ]
