"""Lines of the history: conversations, and places where a search found something."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Summary:
    """One line of the history."""

    id: str
    title: str
    model: str
    size: int
    """Messages, all branches together."""
    updated: float
    pinned: bool = False
    archived: bool = False
    live: bool = False
    """An answer is being written, by whichever process."""
    private: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A place where a search found something."""

    conversation_id: str
    title: str
    message_id: str | None
    """None where the title was found."""
    where: str
    """`prompt`, `content`, `reasoning`, `attachment` or `title`."""
    snippet: str
    """Text around the first place, on one line; foreign text, not cleaned."""
    spans: tuple[tuple[int, int], ...]
    """Start and end of each word found in `snippet`."""
    created: float
