"""A copy of the conversations in their last sound state, beside the store: what `recovery` takes from where a damaged
file has no more.

One file, made anew at most once a day, of 0600, without the search's index, which is most of a store. What is deleted
is deleted in it too, before it is in the store, so that it never comes back from there. Private conversations are not
in the store and so not in here.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from r1tui.services.store import attachments, migrations
from r1tui.services.store.database import StoreError, suspicion, translated

if TYPE_CHECKING:
    from sqlite3 import Connection

SECONDS_BETWEEN = 86_400.0
"""At most one backup a day."""
FIRST_AFTER = 20.0
"""Seconds after the start at which it is looked for the first time: the start's work is done by then."""
LOOK_SECONDS = 3600.0
"""Seconds between two looks in an app that stays open."""
BACKUP_BYTES = 256 * 2**20
"""Most of texts that a backup holds; of more the conversations changed last."""
STEPS_BETWEEN_LOOKS = 10_000
"""SQLite's own steps between two looks at whether the app ends."""


def backup_of(path: Path) -> Path:
    """Where the backup of the store at `path` is."""
    return path.with_name(path.name + ".backup-last")


def make_backup(path: Path, stop: threading.Event | None = None) -> bool:
    """Copy the conversations of the store at `path`, if it is sound, in place of the last backup (blocking).

    Returns whether there is a new one: not where the store is damaged or empty or the disk too full, nor where `stop`
    was set.
    """
    import sqlite3

    target, unfinished = backup_of(path), backup_of(path).with_name(backup_of(path).name + ".part")
    try:
        with translated(path):
            if _is_empty(path):
                return False  # the first conversation need not wait for a day
        if shutil.disk_usage(path.parent).free < 2 * min(path.stat().st_size, BACKUP_BYTES):
            return False
        unfinished.unlink(missing_ok=True)
        os.close(os.open(unfinished, os.O_CREAT | os.O_WRONLY, 0o600))
        copy = sqlite3.connect(unfinished, isolation_level=None)
        if stop is not None:
            copy.set_progress_handler(stop.is_set, STEPS_BETWEEN_LOOKS)
        try:
            with translated(path):  # which leaves a mark where the store is found to be damaged
                _copy(copy, path)
        finally:
            copy.close()
        with open(unfinished, "rb") as file:
            os.fsync(file.fileno())
        unfinished.replace(target)
        _forget_what_is_gone(path)
    except (OSError, StoreError, sqlite3.Error):
        return False  # the last one stays
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return True


def step_back() -> None:
    """Let the model and the app's other threads go before this one, for good: only root may take it back."""
    with suppress(AttributeError, OSError):  # where threads have no priority of their own
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, max(os.getpriority(os.PRIO_PROCESS, thread), 10))


def due(path: Path) -> bool:
    """Whether the last backup is a day old and the store has changed since."""
    try:
        last = backup_of(path).stat().st_mtime
    except OSError:
        return True
    changed = 0.0
    for name in (path, path.with_name(path.name + "-wal")):
        with suppress(OSError):
            changed = max(changed, name.stat().st_mtime)
    return changed > last and abs(time.time() - last) > SECONDS_BETWEEN


def _is_empty(path: Path) -> bool:
    """Whether no conversation is stored. Raises `sqlite3.Error`."""
    import sqlite3

    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as store:
        return store.execute("SELECT 1 FROM conversation WHERE deleted IS NULL LIMIT 1").fetchone() is None


def _copy(copy: Connection, path: Path) -> None:
    """Raises `sqlite3.Error` for a store that is not sound."""
    import sqlite3

    migrations.migrate(copy, path)
    copy.execute("PRAGMA secure_delete = ON")
    copy.execute("ATTACH ? AS store", (f"{path.absolute().as_uri()}?mode=ro",))
    copy.execute("BEGIN")
    if copy.execute("PRAGMA store.quick_check(1)").fetchone()[0] != "ok":
        suspicion(path).touch(mode=0o600)
        raise sqlite3.DatabaseError("not sound")
    size = 0
    kept = "INSERT INTO conversation SELECT * FROM store.conversation WHERE number = ?"
    messages = "INSERT INTO message SELECT * FROM store.message WHERE conversation = ?"
    pieces = (
        "INSERT INTO piece SELECT * FROM store.piece WHERE message IN"
        " (SELECT number FROM store.message WHERE conversation = ?)"
    )
    for number, length in copy.execute(
        "SELECT number, (SELECT sum(length(CAST(content AS BLOB)) + length(CAST(reasoning AS BLOB)) + 300)"
        " FROM store.message WHERE message.conversation = conversation.number)"
        " FROM store.conversation WHERE deleted IS NULL ORDER BY updated DESC"
    ).fetchall():
        size += (length or 0) + 300 + attachments.copy(copy, number, BACKUP_BYTES - size)
        if size > BACKUP_BYTES:
            break
        for statement in (kept, messages, pieces):
            copy.execute(statement, (number,))
    copy.execute("COMMIT")
    copy.execute("DETACH store")


def _forget_what_is_gone(path: Path) -> None:
    """Delete from the backup what was deleted from the store while it was made."""
    import sqlite3

    with closing(sqlite3.connect(backup_of(path), timeout=5, isolation_level=None)) as copy:
        copy.execute("PRAGMA secure_delete = ON")
        copy.execute("ATTACH ? AS store", (f"{path.absolute().as_uri()}?mode=ro",))
        copy.execute(
            "DELETE FROM main.message WHERE NOT EXISTS (SELECT 1 FROM store.message AS present"
            " WHERE present.conversation = message.conversation AND present.id = message.id)"
        )
        copy.execute(
            "DELETE FROM main.conversation WHERE id NOT IN"
            " (SELECT id FROM store.conversation WHERE deleted IS NULL)"
        )
        copy.execute(
            "DELETE FROM main.message WHERE conversation NOT IN (SELECT number FROM main.conversation)"
        )
        attachments.remove_orphans(copy)


def forget(path: Path, conversation_id: str, messages: Sequence[str] | None = None) -> None:
    """Delete a conversation, or some of its messages, from the backup of the store at `path`, before it is deleted
    there. Never fails: a backup that cannot be changed is removed."""
    import sqlite3

    target = backup_of(path)
    if not target.exists():
        return
    try:
        with closing(sqlite3.connect(target, timeout=5, isolation_level=None)) as copy:
            copy.execute("PRAGMA secure_delete = ON")
            copy.execute("BEGIN IMMEDIATE")
            where = "conversation = (SELECT number FROM conversation WHERE id = ?)"
            if messages is None:
                copy.execute(
                    f"DELETE FROM piece WHERE message IN (SELECT number FROM message WHERE {where})",
                    (conversation_id,),
                )
                copy.execute(f"DELETE FROM message WHERE {where}", (conversation_id,))
                copy.execute("DELETE FROM conversation WHERE id = ?", (conversation_id,))
            else:
                for ident in messages:
                    copy.execute(f"DELETE FROM message WHERE {where} AND id = ?", (conversation_id, ident))
            if migrations.version(copy) >= attachments.SINCE:
                attachments.remove_orphans(copy)
            copy.execute("COMMIT")
    except sqlite3.Error:
        with suppress(OSError):
            target.unlink(missing_ok=True)
