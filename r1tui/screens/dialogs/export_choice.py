"""In which form conversations are exported: the same question wherever they are."""

from __future__ import annotations

from typing import Any

from textual.app import App

from r1tui.domain.phrase import Phrase, phrase
from r1tui.screens.dialogs.confirm import ChoiceScreen

_BARE = "-answers"


async def choose_form(app: App[Any], question: Phrase) -> tuple[str, bool] | None:
    """Ask; the format and whether with the reasoning, None for Esc. Call it in a worker."""
    choices = [
        ("markdown", phrase("history.as_markdown")),
        ("markdown" + _BARE, phrase("history.as_markdown_answers")),
        ("json", phrase("history.as_json")),
        ("text", phrase("history.as_text")),
    ]
    chosen = await app.push_screen_wait(ChoiceScreen(question, choices))
    return None if chosen is None else (chosen.removesuffix(_BARE), not chosen.endswith(_BARE))
