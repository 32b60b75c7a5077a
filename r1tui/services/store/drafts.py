"""The small things the store remembers: drafts, earlier prompts, and the app's state."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from r1tui.domain.attachment import Attachment
from r1tui.domain.conversation import Conversation
from r1tui.services import process_identity
from r1tui.services.store import attachments
from r1tui.services.store.database import Database, StoreError
from r1tui.services.store.edits import EDIT
from r1tui.services.store.rows import storable, text

if TYPE_CHECKING:
    from sqlite3 import Connection


Draft = tuple[str, tuple[Attachment, ...]]
"""What is written, and the texts that go with it."""


class Drafts:
    """Drafts, prompt history and state of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._private: dict[str, Conversation] = {}
        self._private_drafts: dict[str, Draft] = {}
        self._private_ids = set[str]()
        """Ids of all private conversations of this process, those that were deleted too: nothing is written of them."""
        self._version = 0

    @property
    def had_private(self) -> bool:
        """Whether this process has, or had, a private conversation."""
        return bool(self._private_ids)

    async def save_draft(
        self, conversation_id: str, text: str, attached: tuple[Attachment, ...] = ()
    ) -> None:
        """Keep what stands in this process's prompt of a conversation (any key, such as `new`, will do), and what is
        attached; where both are empty it is forgotten."""
        conversation = conversation_id.partition(EDIT)[0]
        if conversation in self._private_ids:
            if conversation in self._private:
                self._private_drafts[conversation_id] = text, attached
        else:
            await self._database.write(_save_draft, conversation_id, text, attached)

    async def draft(self, conversation_id: str) -> str:
        """What stood in the prompt last; empty for nothing."""
        return (await self.whole_draft(conversation_id))[0]

    async def whole_draft(self, conversation_id: str) -> Draft:
        """What stood in the prompt last, and what was attached; both empty for nothing, and where another process that
        lives is writing it."""
        if conversation_id.partition(EDIT)[0] in self._private_ids:
            return self._private_drafts.get(conversation_id, ("", ()))
        return await self._database.read(_draft, conversation_id)

    async def take_draft(self, conversation_id: str) -> Draft:
        """The same; from now on it is this process's, where it was left by one that has ended."""
        found = await self.whole_draft(conversation_id)
        if any(found) and conversation_id.partition(EDIT)[0] not in self._private_ids:
            with suppress(StoreError):  # it is read all the same
                return await self._database.write(_take, conversation_id)
        return found

    async def drafts_elsewhere(self) -> list[str]:
        """What other processes that live have in their prompts, the newest first."""
        return await self._database.read(_elsewhere)

    async def prompts(self, limit: int = 200) -> list[str]:
        """Earlier prompts of all conversations, the last first, each once, at most `limit`."""
        return await self._database.read(_prompts, limit)

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


def _draft(connection: Connection, conversation_id: str) -> Draft:
    owner = _owner(connection, conversation_id)
    query = "SELECT text, attachments FROM draft WHERE conversation = ? AND owner = ?"
    row = connection.execute(query, (conversation_id, owner)).fetchone()
    return ("", ()) if row is None else (text(row[0]), attachments.load(connection, row[1]))


def _owner(connection: Connection, conversation_id: str) -> object:
    """Whose draft of a conversation is this process's: its own, else the newest of those that have ended. None for none."""
    me = process_identity.this_process()
    query = "SELECT owner FROM draft WHERE conversation = ? ORDER BY owner = ? DESC, written DESC"
    for (owner,) in connection.execute(query, (conversation_id, me)):
        if owner == me or not _alive(owner):
            return owner
    return None


def _alive(owner: object) -> bool:
    """Whether a process writes on this machine. One of another, or of before the last boot, counts as ended: a draft that
    is there twice costs less than one that is missing."""
    return process_identity.alive(text(owner), heartbeat=0.0)


def _take(connection: Connection, conversation_id: str) -> Draft:
    owner, me = _owner(connection, conversation_id), process_identity.this_process()
    query = "UPDATE draft SET owner = ? WHERE conversation = ? AND owner = ?"
    connection.execute(query, (me, conversation_id, owner))
    return _draft(connection, conversation_id)


def _elsewhere(connection: Connection) -> list[str]:
    me = process_identity.this_process()
    query = (
        "SELECT text, owner FROM draft WHERE text != '' AND NOT instr(conversation, ?) ORDER BY written DESC"
    )
    rows = connection.execute(query, (EDIT,))
    return [text(written) for written, owner in rows if owner != me and _alive(owner)]


def _save_draft(
    connection: Connection, conversation_id: str, text: str, attached: tuple[Attachment, ...]
) -> None:
    mine = conversation_id, process_identity.this_process()
    query = "SELECT attachments FROM draft WHERE conversation = ? AND owner = ?"
    (before,) = connection.execute(query, mine).fetchone() or (None,)
    if text or attached:
        attachments.save(connection, attached)
        connection.execute(
            "INSERT OR REPLACE INTO draft (conversation, owner, text, attachments, written) VALUES (?, ?, ?, ?, ?)",
            (*mine, storable(text), attachments.references_to(attached), time.time()),
        )
    else:
        connection.execute("DELETE FROM draft WHERE conversation = ? AND owner = ?", mine)
    attachments.remove_orphans(connection, attachments.digests(before) - {each.digest for each in attached})


def _state_set(connection: Connection, key: str, value: str) -> None:
    connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (key, storable(value)))


def _prompts(connection: Connection, limit: int) -> list[str]:
    rows = connection.execute(
        "SELECT content FROM message WHERE role = 'user'"
        " AND EXISTS (SELECT 1 FROM conversation WHERE number = message.conversation AND deleted IS NULL)"
        " ORDER BY number DESC"
    )
    found: dict[str, None] = {}
    for (content,) in rows:
        if content:
            found.setdefault(text(content))
        if len(found) >= limit:
            break
    return list(found)
