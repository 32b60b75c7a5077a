"""What a search of the store finds, flat."""

from __future__ import annotations

from r1tui.domain.history import Hit
from r1tui.services.store.conversations import ConversationStore


async def hits(store: ConversationStore, text: str) -> list[Hit]:
    """The messages found, those of one conversation together."""
    return [hit for found in await store.search(text) for hit in found.hits]


async def places(store: ConversationStore, text: str) -> list[str]:
    """Where each conversation has it: `title`, then the place in each message."""
    return [
        where
        for found in await store.search(text)
        for where in [*(["title"] if found.title_spans else []), *(hit.where for hit in found.hits)]
    ]
