"""What the commands for a shell share: exit codes, complaints, and the store they open."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from r1tui.domain.clean import Clean
from r1tui.locale import say
from r1tui.services.container import DATABASE
from r1tui.services.paths import data_dir
from r1tui.services.terminal.streams import put

if TYPE_CHECKING:
    from r1tui.services.store.conversations import ConversationStore

FAILED, WRONG_USE, TIE, INTERRUPTED = 1, 2, 3, 130
"""Exit codes: the server or the answer failed; wrong use; a vote ended in a tie; stopped by Ctrl+C."""


def complain(sentence: Clean) -> None:
    """Print a sentence on standard error, with the program's name before it."""
    put(f"r1tui: {sentence}", sys.stderr)


def typed_as(name: str) -> str:
    """A command's id as it is typed where there are no keys."""
    return name.partition(".")[2].replace("_", "-")


def with_store(run: Callable[[ConversationStore], Awaitable[int]]) -> int:
    """Open the store, do it, close it; a fault is one sentence and exit code 1."""
    from r1tui.services.store.conversations import ConversationStore
    from r1tui.services.store.database import StoreError

    async def opened() -> int:
        store = await ConversationStore.open(data_dir() / DATABASE)
        try:
            return await run(store)
        finally:
            await store.close()

    try:
        return asyncio.run(opened())
    except StoreError as error:
        complain(say(error.phrase))
        return FAILED
