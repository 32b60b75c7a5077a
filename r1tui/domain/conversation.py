"""A conversation: a tree of messages with one active branch."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from r1tui.domain.chat import ChatTurn, ThinkMode
from r1tui.domain.message import Message, Role, new_id


@dataclass(slots=True)
class Conversation:
    """Messages that belong together, and the settings they share."""

    id: str = field(default_factory=new_id)
    title: str = ""
    created: float = field(default_factory=time.time)
    model: str = ""
    system: str = ""
    think: ThinkMode = ThinkMode.AUTO
    options: dict[str, float | int | str] = field(default_factory=dict)
    """Parameters the user set for this conversation; they beat the defaults."""
    private: bool = False
    """A private conversation is never written to disk."""
    messages: dict[str, Message] = field(default_factory=dict)
    """All messages by id, oldest first."""
    leaf: str | None = None
    """The last message of the active branch; None when empty."""

    def add(self, message: Message) -> Message:
        """Append `message` to the active branch (its parent becomes the present leaf) and return it."""
        message.parent = self.leaf
        self.messages[message.id] = message
        self.leaf = message.id
        if not self.title and message.role is Role.USER:
            self.title = title_from(message.content)
        return message

    def branch(self) -> list[Message]:
        """The active branch, oldest first."""
        found: list[Message] = []
        at = self.leaf
        while at is not None:
            message = self.messages[at]
            found.append(message)
            at = message.parent
        found.reverse()
        return found

    def context(self, upto: str | None = None) -> tuple[ChatTurn, ...]:
        """What the model gets to see: the active branch up to and with message `upto`, without any past reasoning."""
        turns: list[ChatTurn] = []
        if self.system:
            turns.append(ChatTurn(Role.SYSTEM, self.system))
        for message in self.branch():
            if message.content or message.role is Role.USER:
                turns.append(ChatTurn(message.role, message.content))
            if message.id == upto:
                break
        return tuple(turns)


def title_from(text: str, limit: int = 60) -> str:
    """A title from the first message: its first words, on one line, at most `limit` characters."""
    words = " ".join(text.split())
    if len(words) <= limit:
        return words
    cut = words[:limit].rsplit(" ", 1)[0]
    return (cut if len(cut) > limit // 2 else words[:limit]) + "…"
