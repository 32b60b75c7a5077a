"""How soon a key stands in the prompt while an answer of 100 tokens a second streams."""

from __future__ import annotations

import time
from statistics import median, quantiles

from tests.bench.figures import Figure
from tests.bench.harness import echo, empty_app, r1tui, server
from tests.support.pty_app import PtyApp

LETTERS = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
"""What no scripted answer holds."""
RATE = 100.0


def _echoes(app: PtyApp, count: int) -> list[float]:
    """Milliseconds of each key, pressed as a person types: six or so a second, out of step with any timer."""
    times = []
    for number in range(count):
        times.append(1000 * echo(app, LETTERS[number % len(LETTERS)]))
        if number % len(LETTERS) == len(LETTERS) - 1:
            app.write("\x7f" * len(LETTERS))
        time.sleep(0.1 + 0.013 * (number % 7))
    return times


def _late(times: list[float]) -> float:
    return quantiles(times, n=20)[-1]


def run(quick: bool = False) -> list[Figure]:
    """The same keys in the empty app, in R1TUI at rest, and in R1TUI while it shows an answer."""
    count = 40 if quick else 200
    with server() as serving:
        with empty_app() as app:
            app.wait_quiet(1)
            bare = _echoes(app, count)
        serving.answers(2000, 4000, RATE)
        with r1tui(serving.url) as session:
            session.ready()
            rest = _echoes(session.app, count)
            session.app.write("\x7f" * count)
            session.ask()
            time.sleep(2)
            times = _echoes(session.app, count)
    return [
        Figure(
            "a key's echo while 100 tokens a second stream, 95th percentile",
            _late(times),
            "ms",
            35,
            reference=f"empty app {_late(bare):.0f} ms, R1TUI at rest {_late(rest):.0f} ms",
        ),
        Figure("the same, median", median(times), "ms", reference=f"empty app {median(bare):.0f} ms"),
    ]
