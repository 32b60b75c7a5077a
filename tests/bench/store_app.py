"""The whole app on stores of several sizes: started, its history shown, conversations opened by keys."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median

from tests.bench.harness import MODEL, Session, r1tui, server
from tests.bench.startup import _until_prompt
from tests.bench.store_fill import LONG, SCATTERED, TYPICAL, last_word

ROUNDS = 6
"""The first compiles and warms the disk's cache; it does not count."""
MIB = 1 << 20
PINNED = (TYPICAL, LONG, SCATTERED)
"""As they stand at the top of the history."""


def _until(session: Session, press: bytes, text: str) -> float:
    """Milliseconds from a key to a text on the terminal."""
    began = time.monotonic()
    session.app.write(press)
    return (session.seen(text) - began) * 1000


def _open(session: Session, ident: str) -> tuple[float, float]:
    """Milliseconds until the history shows, and until the conversation's end does after Enter on it."""
    history = _until(session, b"\x1b[17~", f"The {TYPICAL} one")
    session.settle(0.5)
    session.app.write(b"j" * PINNED.index(ident))
    session.settle(0.5)
    opened = _until(session, b"\r", last_word(ident))
    session.settle(1.0)
    return history, opened


def shown(paths: dict[str, Path]) -> dict[str, dict[str, float]]:
    """Name → title of the store → milliseconds, or MiB where the name says so."""
    taken: dict[str, dict[str, list[float]]] = {}

    def note(name: str, title: str, value: float) -> None:
        taken.setdefault(name, {each: [] for each in paths})[title].append(value)

    with server() as serving:
        for number in range(ROUNDS):
            for title, path in paths.items():
                with r1tui(serving.url, home=path.parent.parent) as session:
                    prompt, _ = _until_prompt(session.app)
                    session.app.wait_raw(MODEL.encode(), 60)
                    model = session.app.last_output - session.app.started
                    session.settle(1.0)
                    session.app.write(b"\x7f" * 40)
                    idle = session.app.pss_bytes() / MIB
                    history, typical = _open(session, TYPICAL)
                    memory = session.app.pss_bytes() / MIB
                    _, scattered = _open(session, SCATTERED)
                    if number:
                        note("start to a prompt that takes keys", title, prompt * 1000)
                        note("start to the model's name", title, model * 1000)
                        note("history by its key", title, history)
                        note("20 messages, from Enter to their end on the screen", title, typical)
                        note("2,000 messages, the same", title, scattered)
                        note("memory idle, MiB", title, idle)
                        note("memory with 20 messages open, MiB", title, memory)
    return {name: {title: median(values) for title, values in each.items()} for name, each in taken.items()}
