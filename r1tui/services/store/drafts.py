"""The small things the store remembers: drafts, earlier prompts, and the app's state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from r1tui.domain.conversation import Conversation
from r1tui.services.store.database import Database
from r1tui.services.store.rows import storable, text
from r1tui.services.store.search import like_pattern

if TYPE_CHECKING:
    from sqlite3 import Connection


class Drafts:
    """Drafts, prompt history and state of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._private: dict[str, Conversation] = {}
        self._private_drafts: dict[str, str] = {}
        self._private_ids = set[str]()
        """Ids of all private conversations of this process, those that were deleted too: nothing is written of them."""
        self._version = 0

    async def save_draft(self, conversation_id: str, text: str) -> None:
        """Keep what stands in the prompt of a conversation (any key, such as `new`, will do); empty
        forgets it."""
        if conversation_id in self._private_ids:
            if conversation_id in self._private:
                self._private_drafts[conversation_id] = text
        else:
            await self._database.write(_save_draft, conversation_id, text)

    async def draft(self, conversation_id: str) -> str:
        """What stood in the prompt last; empty for nothing."""
        if conversation_id in self._private_ids:
            return self._private_drafts.get(conversation_id, "")
        query = "SELECT text FROM draft WHERE conversation = ?"
        return await self._database.read(_value, query, conversation_id) or ""

    async def prompts(self, needle: str = "", limit: int = 200) -> list[str]:
        """Earlier prompts of all conversations that hold `needle`, the last first, each once."""
        return await self._database.read(_prompts, needle, limit)

    async def state_get(self, key: str) -> str | None:
        """A value that the app keeps between runs, such as the last model."""
        return await self._database.read(_value, "SELECT value FROM state WHERE key = ?", key)

    async def states(self) -> dict[str, str]:
        """All values that the app keeps between runs, by key."""
        return await self._database.read(_states)

    async def state_set(self, key: str, value: str) -> None:
        """Keep a value between runs."""
        await self._database.write(_state_set, key, value)


def _value(connection: Connection, query: str, key: str) -> str | None:
    row = connection.execute(query, (key,)).fetchone()
    return None if row is None else text(row[0])


def _states(connection: Connection) -> dict[str, str]:
    return {text(key): text(value) for key, value in connection.execute("SELECT key, value FROM state")}


def _save_draft(connection: Connection, conversation_id: str, text: str) -> None:
    if text:
        connection.execute("INSERT OR REPLACE INTO draft VALUES (?, ?)", (conversation_id, storable(text)))
    else:
        connection.execute("DELETE FROM draft WHERE conversation = ?", (conversation_id,))


def _state_set(connection: Connection, key: str, value: str) -> None:
    connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (key, storable(value)))


def _prompts(connection: Connection, needle: str, limit: int) -> list[str]:
    rows = connection.execute(
        "SELECT content FROM message WHERE role = 'user' AND content LIKE ? ESCAPE '\\'"
        " AND EXISTS (SELECT 1 FROM conversation WHERE number = message.conversation AND deleted IS NULL)"
        " ORDER BY number DESC",
        (like_pattern(needle),),
    )
    found: dict[str, None] = {}
    for (content,) in rows:
        found.setdefault(text(content))
        if len(found) >= limit:
            break
    return list(found)
