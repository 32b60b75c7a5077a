"""Start-up: until the prompt is drawn and takes keys, and until the model's name has come from the server."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.bench.figures import Figure
from tests.bench.harness import ALTERNATE, MODEL, PROBE, echoes, empty_app, r1tui, server, until
from tests.support.pty_app import PtyApp

Start = tuple[float, float]
"""Seconds by the clock, seconds of processor time."""


def _until_prompt(app: PtyApp) -> Start:
    """Until a key stands on the screen that is pressed again and again: those that come before the prompt are lost."""
    app.wait_raw(ALTERNATE, 60)
    until(lambda: not echoes(app), 60, "a terminal that no longer echoes by itself")
    wanted = PROBE.encode()
    deadline = time.monotonic() + 60
    while wanted not in app.raw and time.monotonic() < deadline:
        app.write(PROBE)
        time.sleep(0.01)
    app.wait_raw(wanted, 1)
    return app.last_output - app.started, app.cpu_seconds()


def _until_model(app: PtyApp) -> Start:
    app.wait_raw(MODEL.encode(), 60)
    return app.last_output - app.started, app.cpu_seconds()


def run(quick: bool = False) -> list[Figure]:
    """Rounds of: the empty app, R1TUI to its prompt and to its model."""
    empty: list[Start] = []
    prompt: list[Start] = []
    model: list[Start] = []
    sent: list[int] = []
    bare_sent: list[int] = []
    with server() as serving, TemporaryDirectory(prefix="r1tui-bench-", ignore_cleanup_errors=True) as home:
        for number in range(4 if quick else 12):
            with empty_app() as app:
                bare = _until_prompt(app)
                bare_drawn = app.bytes_received
            with r1tui(serving.url, home=Path(home)) as session:
                first = _until_prompt(session.app)
                second = _until_model(session.app)
                drawn = session.app.bytes_received
            if number:  # the first round compiles, makes the database, warms the disk's cache
                empty.append(bare)
                prompt.append(first)
                model.append(second)
                sent.append(drawn)
                bare_sent.append(bare_drawn)

    def middle(starts: list[Start], which: int) -> float:
        return median(start[which] for start in starts)

    def figure(name: str, starts: list[Start], which: int, target: float | None) -> Figure:
        reference = f"empty Textual app {middle(empty, which):.2f} s, R1TUI {middle(starts, which):.2f} s"
        ratios = [start[which] / bare[which] for start, bare in zip(starts, empty, strict=True)]
        return Figure(name, median(ratios), "×", target, reference=reference)

    return [
        figure("start to a prompt that takes keys, over an empty Textual app", prompt, 0, 1.6),
        figure("the same, processor time", prompt, 1, None),
        figure("start to the model's name from the server, over the same", model, 0, 2.8),
        figure("the same, processor time", model, 1, None),
        Figure(
            "bytes to the terminal up to then",
            median(sent),
            "B",
            8000,
            reference=f"empty app to its prompt {median(bare_sent):.0f} B",
        ),
    ]
