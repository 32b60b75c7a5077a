"""A conversation of 2,000 messages and a million characters: opened, laid out, resized."""

from __future__ import annotations

import random
import time
from statistics import median

from r1tui.domain.message import Message, Role
from tests.bench.figures import Figure
from tests.bench.harness import MODEL, r1tui, server, until
from tests.support.pty_app import PtyApp

MIB = 1 << 20
MESSAGES = 2000
CHARACTERS = 1_000_000
LAST = "LASTWORDS"
PROMPT = b"sk anything"
"""Of the empty page (its first letter is under the cursor), before any conversation is read."""


def long_conversation() -> list[Message]:
    """Questions and Markdown answers, the same at every run."""
    chance = random.Random(1)
    words = ["the", "partition", "**grows**", "while", "mounted", "with", "`growpart`", "so", "that", "分区"]
    messages: list[Message] = []
    each = 2 * CHARACTERS // MESSAGES - 60
    for number in range(MESSAGES // 2):
        text = ""
        while len(text) < each:
            text += " ".join(chance.choice(words) for _ in range(40)) + "\n\n- one\n- two\n\n"
        end = LAST if number == MESSAGES // 2 - 1 else "."
        messages.append(Message(Role.USER, f"Question {number} about partitions and file systems?"))
        messages.append(Message(Role.ASSISTANT, f"{text[:each]}\n\n{end}", "so, " * 5, model=MODEL))
    return messages


def _until_rest(app: PtyApp, quiet: float = 1.0) -> float:
    """Wait until the app uses next to no processor; the seconds of processor time at that moment."""
    while True:
        before = app.cpu_seconds()
        time.sleep(quiet)
        if app.cpu_seconds() - before < 0.02:
            return before


def _first_paint_after(app: PtyApp, columns: int, rows: int) -> float:
    before = app.bytes_received
    began = time.monotonic()
    app.resize(columns, rows)
    wanted = LAST.encode()
    until(lambda: app.raw.find(wanted, before) >= 0, 30, "the resized screen")
    return time.monotonic() - began


def run(quick: bool = False) -> list[Figure]:
    """Opened by a start that brings the conversation back; resized when it is laid out."""
    conversation = long_conversation()
    characters = sum(len(message.content) for message in conversation)
    with server() as serving:
        bare, opened, resized = [], [], []
        memory = background = 0.0
        for number in range(2 if quick else 4):
            with r1tui(serving.url, conversation=conversation) as session:
                app = session.app
                app.wait_raw(PROMPT, 60)
                page = app.last_output
                app.wait_raw(LAST.encode(), 60)
                opened.append(app.last_output - page)
                bare.append(page - app.started)
                began = app.cpu_seconds()
                background = _until_rest(app) - began
                memory = app.pss_bytes() / MIB
                resized.append(_first_paint_after(app, 90 + number, 30))
                _until_rest(app)
                resized.append(_first_paint_after(app, 70, 24))
    return [
        Figure(
            f"{len(conversation)} messages, {characters / 1e6:.2f} million characters: to the first paint",
            median(opened),
            "s",
            0.3,
            reference=f"after the empty page's, {median(bare):.2f} s from the start",
        ),
        Figure("the same: laid out in the background, processor time", background, "s"),
        Figure("the same: memory (PSS)", memory, "MiB", 130),
        Figure(
            "the same: resized, to the first paint",
            min(resized),
            "s",
            0.3,
            reference=f"slowest of {len(resized)}: {max(resized):.2f} s",
        ),
    ]
