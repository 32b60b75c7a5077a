"""300 tokens a second: how long after its arrival the last one stands on the screen."""

from __future__ import annotations

from tests.bench.figures import Figure
from tests.bench.harness import LAST, Meter, r1tui, server

RATE = 300.0


def run(quick: bool = False) -> list[Figure]:
    """The delay of the last token of several answers; the worst counts."""
    reasoning, content = (200, 600) if quick else (600, 2400)
    delays, lasted = [], []
    cpu = 0.0
    with server() as serving, r1tui(serving.url) as session:
        app = session.app
        session.ready()
        for _ in range(2 if quick else 4):
            steps = serving.marked(reasoning, content, RATE)
            meter = Meter(app)
            session.ask()
            seen = session.seen(LAST, 120)
            session.settle()
            delays.append(seen - steps.sent)
            lasted.append(steps.sent - steps.begun)
            cpu = 1000 * meter.read().cpu / (reasoning + content)
    sent = (reasoning + content) / max(lasted)
    return [
        Figure(
            "300 tokens a second: the last token's delay, worst of all answers",
            max(delays),
            "s",
            0.3,
            reference=f"sent at {sent:.0f} a second",
        ),
        Figure("the same: processor time per token", cpu, "ms"),
    ]
