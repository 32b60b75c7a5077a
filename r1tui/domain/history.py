"""Lines of the history: conversations, and messages in which a search found something."""

from __future__ import annotations

from r1tui.domain.dataclass import dataclass


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
    """A message in which a search found something."""

    conversation_id: str
    message_id: str
    where: str
    """`prompt`, `content`, `reasoning` or `attachment`."""
    snippet: str
    """Text around the first place, on one line; foreign text, not cleaned."""
    spans: tuple[tuple[int, int], ...]
    """Start and end of each word found in `snippet`."""
    created: float
    needle: str = ""
    """What stands at the first place: the whole of what is sought, or a word of it."""


@dataclass(frozen=True, slots=True)
class Found:
    """A conversation in which a search found something."""

    summary: Summary
    total: int
    """Messages with a hit; 0 where only the title has one."""
    hits: tuple[Hit, ...]
    """The first of them, in the order in which they were written."""
    title_spans: tuple[tuple[int, int], ...] = ()
    """Start and end of each word found in the title."""
