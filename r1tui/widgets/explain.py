"""How any widget or screen asks for the guide."""

from __future__ import annotations

from textual.message import Message


class Explain(Message):
    """Somebody wants a topic explained: a chapter's number, an entry of the glossary; empty for the contents."""

    def __init__(self, topic: str = "") -> None:
        super().__init__()
        self.topic = topic
