"""How a reasoning goes: its paragraphs, to choose one from."""

from __future__ import annotations

import asyncio
from typing import Any

from textual.app import App

from r1tui.domain.message import Message
from r1tui.domain.phrase import phrase
from r1tui.domain.thoughts import paragraphs, seconds_at
from r1tui.screens.dialogs.pick import PickScreen
from r1tui.toolkit.glyphs import glyphs


async def choose_thought(app: App[Any], message: Message) -> int | None:
    """Where the chosen paragraph of a message's reasoning begins, in characters; None for Esc.

    Each stands with the time since the thinking began, where that was seen, and a sign where it turns back.
    """
    found = await asyncio.to_thread(paragraphs, message.reasoning)
    moments = [seconds_at(each.start, message.thought_times) for each in found]
    seen = max((each for each in moments if each is not None), default=None)
    wide = 0 if seen is None else len(_minutes(seen))
    signs = glyphs()
    entries = [
        (
            str(each.start),
            " ".join(
                [
                    *([_minutes(moment, wide)] if wide else ()),
                    signs.back if each.turns else signs.dot,
                    each.words,
                ]
            ),
        )
        for moment, each in zip(moments, found, strict=True)
    ]
    question = phrase("outline.question_times" if wide else "outline.question", sign=signs.back)
    chosen = await app.push_screen_wait(PickScreen(question, entries))
    return None if chosen is None else int(chosen)


def _minutes(seconds: float | None, wide: int = 0) -> str:
    """`0:07`, or `00:07` where others take five cells; lines where it is not known."""
    words = "-" * wide if seconds is None else f"{int(seconds) // 60}:{int(seconds) % 60:02}"
    return words.rjust(wide, "0")
