"""Idle cost: bytes to the terminal, processor time and memory of an app that nobody touches."""

from __future__ import annotations

import time

from tests.bench.figures import Figure
from tests.bench.harness import Meter, empty_app, r1tui, server

MIB = 1 << 20


def run(quick: bool = False) -> list[Figure]:
    """The app with its model selected, at rest; at 160 columns too, where the machine's panel shows."""
    seconds = 15 if quick else 60
    with server() as serving:
        with empty_app() as app:
            app.wait_quiet(2)
            meter = Meter(app)
            time.sleep(min(seconds, 20))
            bare, bare_pss = meter.read(), app.pss_bytes() / MIB
        figures = []
        for size in ((100, 30), (160, 50)):
            with r1tui(serving.url, size=size) as session:
                session.ready()
                session.app.wait_quiet(20, 120)  # notices go; a busy machine is looked at more than once
                meter = Meter(session.app)
                time.sleep(seconds)
                spent, pss = meter.read(), session.app.pss_bytes() / MIB
            at = f"idle, {size[0]}x{size[1]}"
            figures += [
                Figure(
                    f"{at}: bytes a second",
                    spent.sent / spent.seconds,
                    "B/s",
                    0,
                    reference=f"empty app {bare.sent / bare.seconds:.0f}",
                ),
                Figure(
                    f"{at}: share of a core",
                    100 * spent.cpu / spent.seconds,
                    "%",
                    0.3,
                    reference=f"empty app {100 * bare.cpu / bare.seconds:.2f} %",
                ),
                Figure(f"{at}: memory (PSS)", pss, "MiB", 85, reference=f"empty app {bare_pss:.0f} MiB"),
            ]
    return figures
