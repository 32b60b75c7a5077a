"""Conversations that are never lost: what the rest of R1TUI asks of the store."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from r1tui.domain.conversation import Conversation
from r1tui.domain.history import Found, Hit, Summary
from r1tui.domain.message import Message, MessageStatus, VotePlan
from r1tui.domain.phrase import Phrase, phrase
from r1tui.services.store import answers, backup, erasing, rows, summaries, writes
from r1tui.services.store.database import Database, StoreDamaged, StoreError
from r1tui.services.store.drafts import Drafts
from r1tui.services.store.edits import EDIT
from r1tui.services.store.opening import open_database, open_in_memory
from r1tui.services.store.search import hits_in, search

if TYPE_CHECKING:
    from sqlite3 import Connection

HEARTBEAT_SECONDS = 20.0
"""How often a heartbeat is really written; `process_identity.STALE_SECONDS` is over four times as long."""

UNWRITABLE = frozenset({"store.unwritable", "store.read_only", "store.disk_full", "store.failed"})
"""Faults of opening that say that nothing can be kept in that place now."""


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
        self._backups: asyncio.Task[None] | None = None
        self._ends = threading.Event()
        """Set when the store is closed."""
        self._saved: writes.Saved = {}
        self._beats: dict[str, float] = {}

    @classmethod
    async def open(cls, path: Path) -> ConversationStore:
        """Open or make the store at `path`, repairing what can be. Raises `StoreError` when it cannot be
        used."""
        try:
            return await cls._opened(path)
        except (
            StoreDamaged
        ):  # which the first statements met: the next opening looks at the whole file, and repairs it
            return await cls._opened(path)

    @classmethod
    async def _opened(cls, path: Path) -> ConversationStore:
        database, notices = await asyncio.to_thread(open_database, path)
        try:
            store = cls(database, notices)
            await store.changed_elsewhere()  # from here on
            if await database.write(writes.purge):
                store._purging = asyncio.create_task(store._purge())
        except BaseException:
            await database.close()
            raise
        return store

    @classmethod
    async def open_or_in_memory(cls, path: Path) -> ConversationStore:
        """The same; where the folder or the disk cannot be written, a store that ends with this run and says why.

        Raises `StoreError` where the file is there and must not be gone around: in use, of a newer R1TUI.
        """
        try:
            return await cls.open(path)
        except StoreError as error:
            if error.phrase.key not in UNWRITABLE:
                raise
            database = await asyncio.to_thread(open_in_memory, path)
            return cls(database, [phrase("store.in_memory", reason=error.phrase)])

    @classmethod
    async def open_transient(cls, path: Path) -> ConversationStore:
        """A store that ends with this run: it has the words that the one at `path` remembers, none of its conversations.

        Raises `StoreError` only where memory itself fails.
        """
        remembered: dict[str, str] = {}
        if await asyncio.to_thread(path.exists):
            with suppress(StoreError):  # whoever wants it kept is told
                kept = await cls.open(path)
                try:
                    remembered = await kept.states()
                finally:
                    await kept.close()
        store = cls(await asyncio.to_thread(open_in_memory, path, copied=False), [])
        for key, value in remembered.items():
            await store.state_set(key, value)
        return store

    @property
    def in_memory(self) -> bool:
        """Whether nothing is kept beyond this run."""
        return self._database.in_memory

    async def _purge(self) -> None:
        """Go on with a long deletion, other writes in between."""
        with suppress(StoreError):  # the next start goes on
            while await self._database.write(writes.purge):
                pass

    async def close(self) -> None:
        """Commit what is under way and close."""
        if self._purging is not None:
            self._purging.cancel()
        self._ends.set()
        if self._backups is not None:
            self._backups.cancel()
            with suppress(asyncio.CancelledError):
                await self._backups
        await self._database.close()

    def keep_backup(self) -> None:
        """From now on make a backup of the sound store when one is due: at most once a day."""
        if self._backups is None and not self.in_memory:
            self._backups = asyncio.create_task(self._keep_backup())

    async def _keep_backup(self) -> None:
        wait = backup.FIRST_AFTER
        while True:
            await asyncio.sleep(wait)
            wait = backup.LOOK_SECONDS
            if not await asyncio.to_thread(backup.due, self.path):
                continue
            # A thread of its own, since its low priority stays: the shared ones read and parse for the screen.
            with ThreadPoolExecutor(1, "backup", initializer=backup.step_back) as thread:
                make = partial(backup.make_backup, self.path, self._ends)
                making = asyncio.get_running_loop().run_in_executor(thread, make)
                try:
                    await asyncio.shield(making)
                except asyncio.CancelledError:
                    await making  # told to stop: it takes no time
                    raise

    # Conversations

    async def save_conversation(self, conversation: Conversation) -> None:
        """Store everything of a conversation but its messages; a private one is only remembered."""
        if conversation.private:
            self._private_ids.add(conversation.id)
            self._private[conversation.id] = conversation
        else:
            await self._database.write(writes.save_conversation, conversation)

    async def load(self, conversation_id: str) -> Conversation | None:
        """A conversation with all its messages; None where there is none (any more)."""
        if conversation_id in self._private_ids:
            return self._private.get(conversation_id)
        return await self._database.read(rows.load, conversation_id)

    async def is_kept(self, conversation_id: str) -> bool:
        """Whether there is such a conversation (still)."""
        if conversation_id in self._private_ids:
            return conversation_id in self._private
        return await self.summary(conversation_id) is not None

    async def show(self, conversation_id: str, message_id: str) -> None:
        """Make the branch that ends in a message the one that is shown; that of a private conversation is its own."""
        if conversation_id not in self._private_ids:
            await self._database.write(writes.show, conversation_id, message_id)

    async def load_message(self, conversation_id: str, message_id: str) -> Message | None:
        """One message as it is now: this is how another process's live answer is followed."""
        if conversation_id in self._private_ids:
            private = self._private.get(conversation_id)
            return private.messages.get(message_id) if private is not None else None
        return await self._database.read(rows.load_message, conversation_id, message_id)

    async def recent(self, limit: int = 200, offset: int = 0, archived: bool = False) -> list[Summary]:
        """Summaries, pinned ones first, then the last changed first. Private ones are in
        `private_summaries`."""
        return await self._database.read(summaries.recent, limit, offset, archived)

    async def summary(self, conversation_id: str) -> Summary | None:
        """The summary of one conversation, archived or not."""
        found = await self._database.read(summaries.summaries, "conversation.id = ?", (conversation_id,))
        return found[0] if found else None

    async def count(self, archived: bool = False) -> int:
        """How many conversations `recent` has."""
        return await self._database.read(summaries.count, archived)

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
        if conversation_id in self._private_ids:
            if conversation_id in self._private:
                setattr(self._private[conversation_id], column, value)
        else:
            value = rows.storable(value) if isinstance(value, str) else value
            await self._database.write(writes.change, conversation_id, column, value)

    async def delete(self, conversation_id: str) -> None:
        """Delete a conversation; `undelete` undoes it until the app ends. A private one is gone at once."""
        for key in [each for each in self._private_drafts if each.partition(EDIT)[0] == conversation_id]:
            del self._private_drafts[key]
        self._private.pop(conversation_id, None)
        if conversation_id not in self._private_ids:
            await self._forget(conversation_id)
            await self._database.write(writes.hide, conversation_id)

    async def _forget(self, conversation_id: str, messages: list[str] | None = None) -> None:
        if not self.in_memory:
            await asyncio.to_thread(backup.forget, self.path, conversation_id, messages)

    async def undelete(self, conversation_id: str) -> None:
        """Bring back a conversation that `delete` took away."""
        await self._database.write(writes.show_again, conversation_id)

    async def all_ids(self) -> list[str]:
        """Ids of all stored conversations, archived ones too, the first made first."""
        return await self._database.read(summaries.all_ids)

    async def add_conversation(self, conversation: Conversation) -> str | None:
        """Store a whole conversation that comes from elsewhere and return its id, which is a new one where another
        has it. None, and nothing is done, where this very conversation is stored already."""
        return await self._database.write(writes.add_conversation, conversation)

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
        if conversation_id in self._private_ids:
            return
        state = replace(message)  # the text may grow while the writer's thread waits for its turn
        await self._database.write(writes.save_message, conversation_id, state, self._saved)
        self._remember(state)

    def _remember(self, state: Message) -> None:
        """How much of a growing text is written."""
        if state.status is MessageStatus.STREAMING:
            self._saved[state.id] = (len(state.content), len(state.reasoning))
        else:
            self._saved.pop(state.id, None)
            self._beats.pop(state.id, None)

    async def delete_messages(self, conversation: Conversation, removed: list[Message]) -> None:
        """Delete what `conversation.delete` took out. To undo, restore it there and `save_message` each."""
        if conversation.id not in self._private_ids:
            ids = [message.id for message in removed]
            await self._forget(conversation.id, ids)
            await self._database.write(writes.delete_messages, conversation.id, ids, conversation.leaf)

    # Answers and other processes

    async def claim_answer(self, conversation_id: str, answer: Message, known: Collection[str] = ()) -> bool:
        """Reserve answering the message above `answer` for this process, and store the answer, before any request.

        Both in one transaction: whoever is refused finds the answer there, at the end of the branch shown, whatever it
        has stored meanwhile. `known` are the answers to that message that the caller has seen. False: another R1TUI
        answers or has answered it.
        """
        if conversation_id in self._private_ids:
            return True
        state = replace(answer)
        claimed = await self._database.write(_claim, conversation_id, state, tuple(known), self._saved)
        if claimed:
            self._remember(state)
        return claimed

    async def claim_vote(self, conversation_id: str, plan: VotePlan, known: Collection[str]) -> bool:
        """Reserve the question for this process until `release_vote`, between its samples too. `known` are the answers
        to it that the caller has seen. False: another R1TUI answers or has answered it.
        """
        if conversation_id in self._private_ids:
            return True
        return await self._database.write(
            answers.claim, conversation_id, plan.question, plan.id, tuple(known)
        )

    async def release_vote(self, vote_id: str) -> None:
        """The vote has ended."""
        await self._database.write(answers.release, vote_id)

    async def votes_elsewhere(self, vote_id: str) -> bool:
        """Whether another R1TUI runs this vote."""
        return await self._database.read(answers.lives_elsewhere, vote_id)

    async def heartbeat(self, message_id: str) -> None:
        """Say that this process still writes the answer; call it as often as you like."""
        now = time.monotonic()
        if now - self._beats.get(message_id, 0.0) >= HEARTBEAT_SECONDS:
            self._beats[message_id] = now
            await self._database.write(answers.beat, message_id)

    async def request_stop(self, message_id: str) -> None:
        """Ask whichever R1TUI writes the answer to stop; it does within about a second."""
        await self._database.write(answers.request_stop, message_id)

    async def stop_requested(self, message_id: str) -> bool:
        """Whether another R1TUI asked this answer to stop."""
        return await self._database.read(answers.stop_requested, message_id)

    async def mark_interrupted(self) -> list[tuple[str, str]]:
        """At the start: answers whose process has died become `interrupted`. Their (conversation, message)
        ids."""
        return await self._database.write(answers.mark_interrupted)

    async def live_answers(self) -> dict[str, str]:
        """Conversation id → message id of the answers being written now, by whichever process."""
        return await self._database.read(summaries.live)

    async def changed_elsewhere(self) -> bool:
        """Whether another process committed anything since this was asked last. Costs a few microseconds."""
        return await self._database.outside(self._poll)

    def _poll(self, connection: Connection) -> bool:
        before, self._version = self._version, connection.execute("PRAGMA data_version").fetchone()[0]
        return before != self._version

    # Search

    async def search(self, text: str, limit: int = 50) -> list[Found]:
        """Conversations in which something holds every word of `text`, each with the first messages that do."""
        return await self._database.read(search, text, limit)

    async def hits_in(self, text: str, conversation_id: str, limit: int = 500) -> list[Hit]:
        """All messages of a conversation that hold every word of `text`, in the order in which they were written."""
        return await self._database.read(hits_in, text, conversation_id, limit)


def _claim(
    connection: Connection,
    conversation_id: str,
    answer: Message,
    known: Collection[str],
    saved: writes.Saved,
) -> bool:
    if not answers.claim(connection, conversation_id, answer.parent, answer.id, known):
        # The caller has stored its own, older view of the conversation since the other's claim.
        if (others := answers.newest(connection, conversation_id, answer.parent)) is not None:
            writes.show(connection, conversation_id, others)
        return False
    writes.save_message(connection, conversation_id, answer, saved)
    writes.show(connection, conversation_id, answer.id)
    return True
