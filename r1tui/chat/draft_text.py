"""How a draft is kept as one text: a command for the shell begins with its `!`, a question that begins so has a blank before it."""

from __future__ import annotations


def kept_draft(text: str, *, command: bool) -> str:
    """A draft as the store has it."""
    return f" {text}" if _begins_so(text) and not command else text


def read_draft(kept: str) -> tuple[str, bool]:
    """The draft that the store has, and whether it is a command."""
    if kept.startswith("!"):
        return kept, True
    return kept[1:] if _begins_so(kept) else kept, False


def _begins_so(text: str) -> bool:
    return text.lstrip(" ").startswith("!")
