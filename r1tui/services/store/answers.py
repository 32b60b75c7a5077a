"""Which process writes which answer: claims, heartbeats, requests to stop, answers whose writer died."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import TYPE_CHECKING

from r1tui.services import process_identity
from r1tui.services.store.rows import text
from r1tui.services.store.writes import NEXT_REVISION

if TYPE_CHECKING:
    from sqlite3 import Connection


def claim(
    connection: Connection, conversation_id: str, parent: str | None, message_id: str, known: Collection[str]
) -> bool:
    """Reserve answering `parent` for this process, as the answer `message_id`.

    False when a living process other than this one answers it, or when it has an answer that is not among `known`:
    the caller's view is old. One process may write several answers to one message.
    """
    me = process_identity.this_process()
    for message, owner, heartbeat in connection.execute(
        "SELECT message, owner, heartbeat FROM answer WHERE conversation = ? AND parent IS ?",
        (conversation_id, parent),
    ).fetchall():
        if owner != me and process_identity.alive(owner, heartbeat):
            return False
        if owner != me:
            connection.execute("DELETE FROM answer WHERE message = ?", (message,))
    answers = connection.execute(
        "SELECT id FROM message WHERE role = 'assistant' AND parent IS ?"
        " AND conversation = (SELECT number FROM conversation WHERE id = ?)",
        (parent, conversation_id),
    )
    if any(ident not in known and ident != message_id for (ident,) in answers):
        return False
    connection.execute(
        "INSERT OR REPLACE INTO answer (message, conversation, parent, owner, heartbeat) VALUES (?, ?, ?, ?, ?)",
        (message_id, conversation_id, parent, me, time.time()),
    )
    return True


def newest(connection: Connection, conversation_id: str, parent: str | None) -> str | None:
    """Id of the answer to `parent` that is being written, else of the newest one; None where there is none."""
    found = connection.execute(
        "SELECT message.id FROM message LEFT JOIN answer ON answer.message = message.id"
        " WHERE message.role = 'assistant' AND message.parent IS ?"
        " AND message.conversation = (SELECT number FROM conversation WHERE id = ?)"
        " ORDER BY answer.message IS NOT NULL DESC, message.number DESC LIMIT 1",
        (parent, conversation_id),
    ).fetchone()
    return None if found is None else text(found[0])


def release(connection: Connection, ident: str) -> None:
    """Let go of what `claim` has reserved, where nothing was written in its place."""
    connection.execute("DELETE FROM answer WHERE message = ?", (ident,))


def lives_elsewhere(connection: Connection, ident: str) -> bool:
    """Whether another living process holds what `claim` has reserved under this id."""
    me = process_identity.this_process()
    return any(
        message == ident and owner != me and process_identity.alive(owner, heartbeat)
        for message, _, owner, heartbeat in owners(connection)
    )


def beat(connection: Connection, message_id: str) -> None:
    """Say that the answer is still being written, by this process: after a fork it is another one."""
    connection.execute(
        "UPDATE answer SET heartbeat = ?, owner = ? WHERE message = ?",
        (time.time(), process_identity.this_process(), message_id),
    )


def request_stop(connection: Connection, message_id: str) -> None:
    """Ask whichever process writes the answer to stop."""
    connection.execute("UPDATE answer SET stop = 1 WHERE message = ?", (message_id,))


def stop_requested(connection: Connection, message_id: str) -> bool:
    """Whether somebody asked this process to stop writing the answer."""
    row = connection.execute("SELECT stop FROM answer WHERE message = ?", (message_id,)).fetchone()
    return bool(row and row[0])


def owners(connection: Connection) -> list[tuple[str, str, str, float]]:
    """(message, conversation, owner, heartbeat) of every answer under way."""
    return connection.execute("SELECT message, conversation, owner, heartbeat FROM answer").fetchall()


def mark_interrupted(connection: Connection) -> list[tuple[str, str]]:
    """Streaming messages whose process is dead become interrupted, with all the text that was committed.

    Returns their (conversation id, message id).
    """
    living = {
        (conversation, message)
        for message, conversation, owner, heartbeat in owners(connection)
        if process_identity.alive(owner, heartbeat)
    }
    rows = connection.execute(
        "SELECT message.number, conversation.id, message.id FROM message"
        " JOIN conversation ON conversation.number = message.conversation WHERE message.status = 'streaming'"
    ).fetchall()
    dead = [
        (number, conversation, ident)
        for number, conversation, ident in rows
        if (conversation, ident) not in living
    ]
    for number, conversation, ident in dead:
        pieces = connection.execute(
            "SELECT content, reasoning FROM piece WHERE message = ? ORDER BY number", (number,)
        ).fetchall()
        connection.execute(
            "UPDATE message SET status = 'interrupted', phase = NULL, content = content || ?,"
            " reasoning = reasoning || ? WHERE number = ?",
            (*("".join(text(piece[at]) for piece in pieces) for at in (0, 1)), number),
        )
        connection.execute("DELETE FROM piece WHERE message = ?", (number,))
        connection.execute(
            f"UPDATE conversation SET revision = {NEXT_REVISION} WHERE id = ?", (conversation,)
        )
        connection.execute("DELETE FROM answer WHERE message = ?", (ident,))
    return [(conversation, ident) for _, conversation, ident in dead]
