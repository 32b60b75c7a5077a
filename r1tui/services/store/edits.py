"""What questions are being changed to, and summaries that are read: drafts beside that of their conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from r1tui.services.store import attachments

if TYPE_CHECKING:
    from sqlite3 import Connection

EDIT = " edit "
"""Between a conversation's id and that of a question of it: the key of what that is being changed to."""
SUMMARY = "summary "
"""Before the id of the last message that is summed up, in the place of a question's."""


def forget_drafts(connection: Connection, conversation_id: str) -> None:
    """Delete what was written in a conversation and not asked."""
    edits = conversation_id + EDIT
    connection.execute(
        "DELETE FROM draft WHERE conversation = ? OR substr(conversation, 1, ?) = ?",
        (conversation_id, len(edits), edits),
    )


def forget_edits(connection: Connection, conversation_id: str, ids: list[str]) -> set[str]:
    """Delete what questions were being changed to, and the summaries, which may tell what was in them. Returns the digests
    of the texts that went with that.
    """
    summaries = conversation_id + EDIT + SUMMARY
    connection.execute("DELETE FROM draft WHERE substr(conversation, 1, ?) = ?", (len(summaries), summaries))
    went = set[str]()
    for key in (conversation_id + EDIT + ident for ident in ids):
        for (stored,) in connection.execute("SELECT attachments FROM draft WHERE conversation = ?", (key,)):
            went |= attachments.digests(stored)
        connection.execute("DELETE FROM draft WHERE conversation = ?", (key,))
    return went
