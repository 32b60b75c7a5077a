"""What the history shows of conversations without reading their messages."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from r1tui.domain.history import Summary
from r1tui.services import process_identity
from r1tui.services.store import answers, rows

if TYPE_CHECKING:
    from sqlite3 import Connection

_SUMMARY = """
SELECT conversation.id, title, conversation.model, updated, pinned, archived,
    (SELECT count(*) FROM message WHERE message.conversation = conversation.number)
FROM conversation WHERE deleted IS NULL AND """


def summaries(connection: Connection, where: str, values: tuple[object, ...]) -> list[Summary]:
    """Summaries of the conversations that `where` chooses."""
    being_written = live(connection)
    return [
        Summary(
            rows.text(ident),
            rows.text(title),
            rows.text(model),
            size,
            rows.number(updated),
            bool(pinned),
            bool(archived),
            live=ident in being_written,
        )
        for ident, title, model, updated, pinned, archived, size in connection.execute(
            _SUMMARY + where, values
        )
    ]


def by_number(connection: Connection, numbers: Collection[int]) -> dict[int, Summary]:
    """Summaries of the conversations with these numbers, by them."""
    chosen = f"number IN ({', '.join('?' * len(numbers))})"
    idents = connection.execute(f"SELECT id, number FROM conversation WHERE {chosen}", (*numbers,))
    number_of = {rows.text(ident): number for ident, number in idents}
    found = summaries(connection, f"conversation.{chosen}", (*numbers,))
    return {number_of[each.id]: each for each in found}


def recent(connection: Connection, limit: int, offset: int, archived: bool) -> list[Summary]:
    """One page of the history."""
    where = "archived = ? ORDER BY pinned DESC, updated DESC LIMIT ? OFFSET ?"
    return summaries(connection, where, (archived, limit, offset))


def count(connection: Connection, archived: bool) -> int:
    """How long the history is."""
    query = "SELECT count(*) FROM conversation WHERE deleted IS NULL AND archived = ?"
    return int(connection.execute(query, (archived,)).fetchone()[0])


def models_used(path: Path) -> list[str]:
    """Models of the conversations stored at `path`, latest first; none where it cannot be read at once.

    The file is only read, whatever its version, and not waited for.
    """
    import sqlite3

    query = "SELECT model FROM conversation WHERE deleted IS NULL GROUP BY model ORDER BY max(updated) DESC LIMIT 50"
    if not path.exists():
        return []
    with (
        suppress(sqlite3.Error),
        closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=0.2)) as database,
    ):
        return [name for (name,) in database.execute(query) if isinstance(name, str)]
    return []


def live(connection: Connection) -> dict[str, str]:
    """Conversation id → message id of the answers being written now, by whichever process."""
    return {
        conversation: message
        for message, conversation, owner, heartbeat in answers.owners(connection)
        if process_identity.alive(owner, heartbeat)
    }


def all_ids(connection: Connection) -> list[str]:
    """Every conversation, archived ones too, the first made first."""
    return [
        rows.text(ident)
        for (ident,) in connection.execute(
            "SELECT id FROM conversation WHERE deleted IS NULL ORDER BY number"
        )
    ]
