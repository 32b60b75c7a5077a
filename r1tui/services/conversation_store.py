"""Conversations that are never lost: what the rest of R1TUI asks of the store."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from r1tui.domain.conversation import Conversation
from r1tui.domain.history import Hit, Summary
from r1tui.domain.message import Message, MessageStatus
from r1tui.domain.phrase import Phrase
from r1tui.services import erasing, store_answers, store_rows, store_summaries, store_writes
from r1tui.services.database import Database, StoreError
from r1tui.services.drafts import Drafts
from r1tui.services.opening import open_database
from r1tui.services.search import search

if TYPE_CHECKING:
    from sqlite3 import Connection

HEARTBEAT_SECONDS = 20.0
"""How often a heartbeat is really written; `process_identity.STALE_SECONDS` is over four times as long."""


class ConversationStore(Drafts):
    """One open store. Every method raises only `StoreError`.

    Private conversations are kept here in memory and never written; they end with this object.
    """

    def __init__(self, database: Database, notices: list[Phrase]) -> None:
        super().__init__(database)
        self.notices = notices
        """What a person should know of how the store opened, one sentence each."""
        self.path = database.path
        self._purging: asyncio.Task[None] | None = None
        self._saved: store_writes.Saved = {}
        self._beats: dict[str, float] = {}

    @classmethod
    async def open(cls, path: Path) -> ConversationStore:
        """Open or make the store at `path`, repairing what can be. Raises `StoreError` when it cannot be
        used."""
        database, notices = await asyncio.to_thread(open_database, path)
        store = cls(database, notices)
        if await database.write(store_writes.purge):
            store._purging = asyncio.create_task(store._purge())
        return store

    async def _purge(self) -> None:
        """Go on with a long deletion, other writes in between."""
        with suppress(StoreError):  # the next start goes on
            while await self._database.write(store_writes.purge):
                pass

    async def close(self) -> None:
        """Commit what is under way and close."""
        if self._purging is not None:
            self._purging.cancel()
        await self._database.close()

    # Conversations

    async def save_conversation(self, conversation: Conversation) -> None:
        """Store everything of a conversation but its messages; a private one is only remembered."""
        if conversation.private:
            self._private[conversation.id] = conversation
        else:
            await self._database.write(store_writes.save_conversation, conversation)

    async def load(self, conversation_id: str) -> Conversation | None:
        """A conversation with all its messages; None where there is none (any more)."""
        if conversation_id in self._private:
            return self._private[conversation_id]
        return await self._database.read(store_rows.load, conversation_id)

    async def load_message(self, conversation_id: str, message_id: str) -> Message | None:
        """One message as it is now: this is how another process's live answer is followed."""
        if conversation_id in self._private:
            return self._private[conversation_id].messages.get(message_id)
        return await self._database.read(store_rows.load_message, conversation_id, message_id)

    async def recent(self, limit: int = 200, offset: int = 0, archived: bool = False) -> list[Summary]:
        """Summaries, pinned ones first, then the last changed first. Private ones are in
        `private_summaries`."""
        return await self._database.read(store_summaries.recent, limit, offset, archived)

    async def summary(self, conversation_id: str) -> Summary | None:
        """The summary of one conversation, archived or not."""
        found = await self._database.read(
            store_summaries.summaries, "conversation.id = ?", (conversation_id,)
        )
        return found[0] if found else None

    async def count(self, archived: bool = False) -> int:
        """How many conversations `recent` has."""
        return await self._database.read(store_summaries.count, archived)

    def private_summaries(self) -> list[Summary]:
        """The private conversations of this process, last made first."""
        return [
            Summary(
                each.id,
                each.title,
                each.model,
                len(each.messages),
                each.updated or each.created,
                private=True,
            )
            for each in reversed(self._private.values())
        ]

    async def rename(self, conversation_id: str, title: str) -> None:
        """Give a conversation another title."""
        await self._change(conversation_id, "title", " ".join(title.split()))

    async def pin(self, conversation_id: str, pinned: bool = True) -> None:
        """Keep a conversation at the top of the history."""
        await self._change(conversation_id, "pinned", pinned)

    async def archive(self, conversation_id: str, archived: bool = True) -> None:
        """Put a conversation away, out of the history's first view."""
        await self._change(conversation_id, "archived", archived)

    async def _change(self, conversation_id: str, column: str, value: str | bool) -> None:
        if conversation_id in self._private:
            setattr(self._private[conversation_id], column, value)
        else:
            value = store_rows.storable(value) if isinstance(value, str) else value
            await self._database.write(store_writes.change, conversation_id, column, value)

    async def delete(self, conversation_id: str) -> None:
        """Delete a conversation; `undelete` undoes it until the app ends. A private one is gone at once."""
        if self._private.pop(conversation_id, None) is None:
            await self._database.write(store_writes.hide, conversation_id)

    async def undelete(self, conversation_id: str) -> None:
        """Undo `delete`."""
        await self._database.write(store_writes.show_again, conversation_id)

    async def all_ids(self) -> list[str]:
        """Ids of all stored conversations, archived ones too, the first made first."""
        return await self._database.read(store_summaries.all_ids)

    async def add_conversation(self, conversation: Conversation) -> str | None:
        """Store a whole conversation that comes from elsewhere and return its id, which is a new one where another
        has it. None, and nothing is done, where this very conversation is stored already."""
        return await self._database.write(store_writes.add_conversation, conversation)

    def files(self) -> list[Path]:
        """Every file that holds conversations: the store's own, backups, damaged ones set aside."""
        return erasing.files(self.path)

    async def delete_everything(self) -> list[Path]:
        """Erase all conversations, drafts and state, overwriting them, and the backups' files.

        Returns the files that were removed or emptied. There is no undo.
        """
        self._private.clear()
        self._private_drafts.clear()
        self._saved.clear()
        emptied = self.files()
        await self._database.outside(erasing.erase, self.path)
        return emptied

    # Messages

    async def save_message(self, conversation_id: str, message: Message) -> None:
        """Commit a message as it is now: on disk when this returns. Cheap for a long text that only grew."""
        if conversation_id in self._private:
            return
        state = replace(message)  # the text may grow while the writer's thread waits for its turn
        await self._database.write(store_writes.save_message, conversation_id, state, self._saved)
        if state.status is MessageStatus.STREAMING:
            self._saved[state.id] = (len(state.content), len(state.reasoning))
        else:
            self._saved.pop(state.id, None)
            self._beats.pop(state.id, None)

    async def delete_messages(self, conversation: Conversation, removed: list[Message]) -> None:
        """Delete what `conversation.delete` took out. To undo, restore it there and `save_message` each."""
        if conversation.id not in self._private:
            ids = [message.id for message in removed]
            await self._database.write(store_writes.delete_messages, conversation.id, ids, conversation.leaf)

    # Answers and other processes

    async def claim_answer(
        self, conversation_id: str, parent: str | None, message_id: str, known: Collection[str] = ()
    ) -> bool:
        """Reserve answering message `parent`, as `message_id`, for this process, before the request is made.

        `known` are the answers to it that the caller has seen. False: another R1TUI answers or has answered it.
        """
        if conversation_id in self._private:
            return True
        return await self._database.write(
            store_answers.claim, conversation_id, parent, message_id, tuple(known)
        )

    async def heartbeat(self, message_id: str) -> None:
        """Say that this process still writes the answer; call it as often as you like."""
        now = time.monotonic()
        if now - self._beats.get(message_id, 0.0) >= HEARTBEAT_SECONDS:
            self._beats[message_id] = now
            await self._database.write(store_answers.beat, message_id)

    async def request_stop(self, message_id: str) -> None:
        """Ask whichever R1TUI writes the answer to stop; it does within about a second."""
        await self._database.write(store_answers.request_stop, message_id)

    async def stop_requested(self, message_id: str) -> bool:
        """Whether another R1TUI asked this answer to stop."""
        return await self._database.read(store_answers.stop_requested, message_id)

    async def mark_interrupted(self) -> list[tuple[str, str]]:
        """At the start: answers whose process has died become `interrupted`. Their (conversation, message)
        ids."""
        return await self._database.write(store_answers.mark_interrupted)

    async def live_answers(self) -> dict[str, str]:
        """Conversation id → message id of the answers being written now, by whichever process."""
        return await self._database.read(store_summaries.live)

    async def changed_elsewhere(self) -> bool:
        """Whether another process committed anything since this was asked last. Costs a few microseconds."""
        return await self._database.outside(self._poll)

    def _poll(self, connection: Connection) -> bool:
        before, self._version = self._version, connection.execute("PRAGMA data_version").fetchone()[0]
        return before not in (0, self._version)

    # Search

    async def search(self, text: str, limit: int = 50) -> list[Hit]:
        """Messages and titles that hold every word of `text`, newest first."""
        return await self._database.read(search, text, limit)
