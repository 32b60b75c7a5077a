"""How any widget or screen asks for the guide."""

from __future__ import annotations

from textual.message import Message


class Explain(Message):
    """Somebody wants a topic explained: a chapter's number, an entry of the glossary; empty for the contents."""

    def __init__(self, topic: str = "") -> None:
        super().__init__()
        self.topic = topic


class TryLive(Message):
    """Somebody wants to try something on the model: one of the guide's live parts, by its name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
