"""Contents of attachments in the store: each once by its digest, for as long as a message or a draft refers to it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from r1tui.domain import untrusted
from r1tui.domain.attachment import Attachment
from r1tui.domain.message_codec import attachments_from, attachments_to

if TYPE_CHECKING:
    from sqlite3 import Connection

SINCE = 3
"""Version of the schema that has the table first."""


def references(plain: object) -> str | None:
    """What a row keeps of attachments as data: JSON of everything but the texts; None where there are none."""
    found = untrusted.tables(plain)
    kept = [{name: value for name, value in each.items() if name != "text"} for each in found]
    return json.dumps(kept) if kept else None


def references_to(attachments: tuple[Attachment, ...]) -> str | None:
    """The same of attachments."""
    return references(attachments_to(attachments))


def referred(stored: object) -> list[Any]:
    """The references that a row keeps, whatever damage has put there."""
    if not stored:
        return []
    try:
        return untrusted.items(untrusted.parse_json(untrusted.text(stored)))
    except untrusted.Malformed:
        return []


def digests(stored: object) -> set[str]:
    """The digests of what a row refers to."""
    return {untrusted.text(each.get("digest")) for each in untrusted.tables(referred(stored))}


def save(connection: Connection, attachments: Iterable[Attachment]) -> None:
    """Store the contents that are not stored yet."""
    for each in attachments:
        known = connection.execute("SELECT 1 FROM attachment WHERE digest = ?", (each.digest,)).fetchone()
        if known is None:
            connection.execute(
                "INSERT INTO attachment (digest, text) VALUES (?, ?)",
                (each.digest, untrusted.text(each.text)),
            )


def load(connection: Connection, stored: object) -> tuple[Attachment, ...]:
    """The attachments that a row refers to; the text is empty where its content is lost."""
    found = untrusted.tables(referred(stored))
    return attachments_from([{**each, "text": _text(connection, each.get("digest"))} for each in found])


def _text(connection: Connection, digest: object) -> str:
    row = connection.execute(
        "SELECT text FROM attachment WHERE digest = ?", (untrusted.text(digest),)
    ).fetchone()
    return untrusted.text(row[0]) if row is not None else ""


def copy(connection: Connection, conversation_number: int, most: int) -> int:
    """Copy the contents that a conversation of the attached database `store` refers to, as far as they come to no more
    than `most` bytes. Returns how many bytes were copied.
    """
    copied = 0
    for (stored,) in connection.execute(
        "SELECT attachments FROM store.message WHERE conversation = ? AND attachments IS NOT NULL",
        (conversation_number,),
    ).fetchall():
        for digest in digests(stored):
            query = "SELECT length(CAST(text AS BLOB)) FROM store.attachment WHERE digest = ?"
            (length,) = connection.execute(query, (digest,)).fetchone() or (None,)
            if length is None or copied + length > most:
                continue
            copied += (
                length
                * connection.execute(
                    "INSERT OR IGNORE INTO attachment SELECT * FROM store.attachment WHERE digest = ?",
                    (digest,),
                ).rowcount
            )
    return copied


def remove_orphans(connection: Connection, among: Iterable[str] | None = None) -> None:
    """Delete the contents that no message and no draft refers to; `among`: only of these digests."""
    suspects = (
        {untrusted.text(digest) for (digest,) in connection.execute("SELECT digest FROM attachment")}
        if among is None
        else set(among)
    )
    if not suspects:
        return
    for table in ("message", "draft"):
        for (stored,) in connection.execute(f"SELECT attachments FROM {table} WHERE attachments IS NOT NULL"):
            suspects -= digests(stored)
    connection.executemany("DELETE FROM attachment WHERE digest = ?", [(each,) for each in suspects])
