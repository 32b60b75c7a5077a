"""What the store writes, each function one transaction's work on a connection."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from r1tui.domain.conversation import Conversation
from r1tui.domain.message import Message, MessageStatus, new_id
from r1tui.domain.message_codec import FIELDS
from r1tui.domain.phrase import phrase
from r1tui.domain.untrusted import moment
from r1tui.services import process_identity
from r1tui.services.store import attachments
from r1tui.services.store.database import StoreError
from r1tui.services.store.edits import forget_drafts, forget_edits
from r1tui.services.store.rows import MESSAGE_UPSERT, load, message_row, message_values, storable

if TYPE_CHECKING:
    from sqlite3 import Connection

NEXT_REVISION = "(SELECT coalesce(max(revision), 0) + 1 FROM conversation)"

PURGED_AT_ONCE = 50
"""Messages of deleted conversations that one transaction removes: about 0.1 s with their words in the index."""

_GROWING = [name for name, field in FIELDS.items() if field.changes and name not in ("content", "reasoning")]
"""Columns that are written with each piece of text."""

Saved = dict[str, tuple[int, int]]
"""Message id → characters of content and reasoning that are in its row and pieces; of streaming messages."""


def save_conversation(connection: Connection, conversation: Conversation) -> None:
    """Store all but the messages. Title, pin and archive of one that is stored change by their own
    functions only,
    so that a copy another process holds cannot undo them."""
    now = time.time()
    conversation.updated = conversation.updated or now
    connection.execute(
        f"""
        INSERT INTO conversation
            (id, title, created, updated, model, system, think, options, leaf, pinned, archived, revision)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, {NEXT_REVISION})
        ON CONFLICT (id) DO UPDATE SET
            title = CASE title WHEN '' THEN excluded.title ELSE title END, model = excluded.model,
            system = excluded.system, think = excluded.think, options = excluded.options, leaf = excluded.leaf,
            revision = excluded.revision
        """,
        (
            conversation.id,
            storable(conversation.title),
            conversation.created,
            conversation.updated,
            storable(conversation.model),
            storable(conversation.system),
            str(conversation.think),
            json.dumps(conversation.options),
            conversation.leaf,
            conversation.pinned,
            conversation.archived,
        ),
    )


def show(connection: Connection, conversation_id: str, message_id: str) -> None:
    """Make the branch that ends in a message the one that is shown."""
    connection.execute(
        f"UPDATE conversation SET leaf = ?, revision = {NEXT_REVISION} WHERE id = ?",
        (message_id, conversation_id),
    )


def add_conversation(connection: Connection, conversation: Conversation) -> str | None:
    """Store a whole conversation under its id, or a new one where that is taken. None when it is stored just so."""
    taken = connection.execute("SELECT 1 FROM conversation WHERE id = ?", (conversation.id,)).fetchone()
    if taken is not None:
        if load(connection, conversation.id) == conversation:
            return None
        conversation.id = new_id()
    save_conversation(connection, conversation)
    row = connection.execute("SELECT number FROM conversation WHERE id = ?", (conversation.id,)).fetchone()
    for message in conversation.messages.values():
        attachments.save(connection, message.attachments)
    connection.executemany(
        MESSAGE_UPSERT, [(row[0], *message_row(message)) for message in conversation.messages.values()]
    )
    return conversation.id


def save_message(connection: Connection, conversation_id: str, message: Message, saved: Saved) -> None:
    """Insert or update a message. A streaming one that only grew is written as the piece it grew by."""
    if message.status is MessageStatus.STREAMING and message.id in saved:
        grew = _append(connection, conversation_id, message, saved[message.id])
    else:
        grew = False
    if not grew:
        _write_whole(connection, conversation_id, message)
    _touch(connection, conversation_id)
    if message.status is MessageStatus.STREAMING:
        _own(connection, conversation_id, message)
    else:
        connection.execute("DELETE FROM answer WHERE message = ?", (message.id,))


def _write_whole(connection: Connection, conversation_id: str, message: Message) -> None:
    row = connection.execute("SELECT number FROM conversation WHERE id = ?", (conversation_id,)).fetchone()
    if row is None:
        raise StoreError(phrase("store.gone"))
    where = "conversation = ? AND id = ?"
    known = connection.execute(f"SELECT number FROM message WHERE {where}", (row[0], message.id)).fetchone()
    attachments.save(connection, message.attachments)
    connection.execute(MESSAGE_UPSERT, (row[0], *message_row(message)))
    if (
        known is None
    ):  # the newest message is where the conversation stands, even if nothing else gets written
        connection.execute("UPDATE conversation SET leaf = ? WHERE number = ?", (message.id, row[0]))
    else:
        connection.execute("DELETE FROM piece WHERE message = ?", known)


def _append(connection: Connection, conversation_id: str, message: Message, before: tuple[int, int]) -> bool:
    """Write a piece and the counters. False when the row is not there or the text did not just grow."""
    content, reasoning = before
    if len(message.content) < content or len(message.reasoning) < reasoning:
        return False
    values = message_values(message)
    row = connection.execute(
        f"UPDATE message SET {', '.join(f'{name} = ?' for name in _GROWING)}"
        " WHERE id = ? AND conversation = (SELECT number FROM conversation WHERE id = ?)"
        " AND status = 'streaming' RETURNING number",
        (*(values[name] for name in _GROWING), message.id, conversation_id),
    ).fetchone()
    if row is None:
        return False
    tail = storable(message.content[content:]), storable(message.reasoning[reasoning:])
    if any(tail):
        connection.execute(
            "INSERT INTO piece (message, content, reasoning) VALUES (?, ?, ?)", (row[0], *tail)
        )
    return True


def _touch(connection: Connection, conversation_id: str) -> None:
    connection.execute(
        f"UPDATE conversation SET updated = ?, revision = {NEXT_REVISION} WHERE id = ?",
        (time.time(), conversation_id),
    )


def _own(connection: Connection, conversation_id: str, message: Message) -> None:
    connection.execute(
        "INSERT INTO answer (message, conversation, parent, owner, heartbeat) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (message) DO UPDATE SET owner = excluded.owner, heartbeat = excluded.heartbeat",
        (message.id, conversation_id, message.parent, process_identity.this_process(), time.time()),
    )


def change(connection: Connection, conversation_id: str, column: str, value: object) -> None:
    """Set one column of a conversation: `title`, `pinned` or `archived`."""
    assert column in ("title", "pinned", "archived")
    connection.execute(
        f"UPDATE conversation SET {column} = ?, revision = {NEXT_REVISION} WHERE id = ?",
        (value, conversation_id),
    )


def hide(connection: Connection, conversation_id: str) -> None:
    """Delete a conversation so that `show_again` can bring it back until this process ends."""
    connection.execute(
        f"UPDATE conversation SET deleted = ?, deleted_by = ?, revision = {NEXT_REVISION} WHERE id = ?",
        (time.time(), process_identity.this_process(), conversation_id),
    )


def show_again(connection: Connection, conversation_id: str) -> None:
    """Bring back a conversation that `hide` took away."""
    connection.execute(
        f"UPDATE conversation SET deleted = NULL, deleted_by = NULL, revision = {NEXT_REVISION} WHERE id = ?",
        (conversation_id,),
    )


def purge(connection: Connection, limit: int = PURGED_AT_ONCE) -> bool:
    """Really delete what processes that have ended since had deleted, at most `limit` messages of it.

    Returns whether there may be more. In parts, so that nothing waits long for a large one to go.
    """
    gone = False
    rows = connection.execute(
        "SELECT number, id, deleted, deleted_by FROM conversation WHERE deleted IS NOT NULL"
    ).fetchall()
    for number, ident, deleted, owner in rows:
        if moment(deleted) is None or process_identity.alive(owner, deleted):
            continue  # or it is damaged: nobody has deleted it
        limit -= connection.execute(
            "DELETE FROM message WHERE number IN (SELECT number FROM message WHERE conversation = ? LIMIT ?)",
            (number, limit),
        ).rowcount
        if limit <= 0:
            return True
        forget_drafts(connection, ident)
        connection.execute("DELETE FROM answer WHERE conversation = ?", (ident,))
        connection.execute("DELETE FROM conversation WHERE number = ?", (number,))
        gone = True
    if gone:
        attachments.remove_orphans(connection)
    return False


def delete_messages(connection: Connection, conversation_id: str, ids: list[str], leaf: str | None) -> None:
    """Delete messages and set where the conversation stands then."""
    number = connection.execute("SELECT number FROM conversation WHERE id = ?", (conversation_id,)).fetchone()
    if number is None:
        return
    suspects = forget_edits(connection, conversation_id, ids)
    for ident in ids:
        (stored,) = connection.execute(
            "SELECT attachments FROM message WHERE conversation = ? AND id = ?", (number[0], ident)
        ).fetchone() or (None,)
        suspects |= attachments.digests(stored)
    connection.executemany(
        "DELETE FROM message WHERE conversation = ? AND id = ?", [(number[0], ident) for ident in ids]
    )
    attachments.remove_orphans(connection, suspects)
    connection.executemany("DELETE FROM answer WHERE message = ?", [(ident,) for ident in ids])
    connection.execute("UPDATE conversation SET leaf = ? WHERE number = ?", (leaf, number[0]))
    _touch(connection, conversation_id)
