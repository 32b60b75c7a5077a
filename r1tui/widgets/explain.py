"""How any widget or screen asks for the guide."""

from __future__ import annotations

from textual.message import Message

from r1tui.domain.dataclass import dataclass


@dataclass
@dataclass
class Explain(Message):
    """Somebody wants a topic explained: a chapter's number, an entry of the glossary; empty for the contents."""

    topic: str = ""


@dataclass
class TryLive(Message):
    """Somebody wants to try something on the model: one of the guide's live parts, by its name."""

    name: str
