"""A damaged store: set aside under a name of its own, and what can be read of it saved into a fresh file."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from r1tui.services import migrations
from r1tui.services.database import immediate

if TYPE_CHECKING:
    from sqlite3 import Connection

_TABLES = ("conversation", "message", "piece", "draft", "state")
_MAX_SPLITS = 20_000
"""How often a damaged range is halved, over all tables: bounds the time on a file that is damaged everywhere."""


def hold(path: Path) -> int:
    """A lock that says that the store is in use; waits while another process repairs it. Close it to release."""
    descriptor = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def hold_alone(lock: int) -> bool:
    """Make the lock of `hold` exclusive. False when another process has the store open."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        fcntl.flock(lock, fcntl.LOCK_SH)
        return False
    return True


def share(lock: int) -> None:
    """Let others in again."""
    fcntl.flock(lock, fcntl.LOCK_SH)


def sound(connection: Connection) -> bool:
    """SQLite's own full check. Takes seconds on a large file: only for a suspicion."""
    import sqlite3

    try:
        return bool(connection.execute("PRAGMA integrity_check(1)").fetchone()[0] == "ok")
    except sqlite3.DatabaseError:
        return False


def recover(path: Path) -> tuple[Path, int]:
    """Set the file at `path` aside and make a fresh one with what can be read.

    Returns the damaged file's new name and the number of messages that were saved.
    """
    import sqlite3

    aside = path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}")
    for ending in ("", "-wal", "-shm", "-journal"):
        part = path.with_name(path.name + ending)
        if part.exists():
            part.rename(aside.with_name(aside.name + ending))
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    old, new = sqlite3.connect(aside), sqlite3.connect(path, isolation_level=None)
    old.text_factory = lambda data: data.decode("utf-8", "replace")
    try:
        known = len(migrations.MIGRATIONS)
        number = _version(old)
        migrations.migrate(new, path, migrations.MIGRATIONS[: number if 0 < number <= known else known])
        with immediate(new):
            for table in _TABLES:
                _copy(old, new, table)
            _adopt_orphans(new)
        return aside, new.execute("SELECT count(*) FROM message").fetchone()[0]
    finally:
        old.close()
        new.close()


def _version(connection: Connection) -> int:
    import sqlite3

    try:
        return migrations.version(connection)
    except sqlite3.DatabaseError:
        return 0


def _copy(old: Connection, new: Connection, table: str) -> None:
    import sqlite3

    columns = [row[1] for row in new.execute(f"PRAGMA table_info({table})")]
    insert = f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    for row in salvage(old, table, columns):
        try:
            new.execute(insert, row)
        except sqlite3.Error:
            continue


def salvage(connection: Connection, table: str, columns: list[str]) -> Iterator[tuple[Any, ...]]:
    """The rows of a table that can be read: all up to a damaged page, then by halving the range around it."""
    import sqlite3

    select = f"SELECT rowid, {', '.join(columns)} FROM {table} NOT INDEXED WHERE rowid BETWEEN ? AND ? ORDER BY rowid"
    try:
        last = connection.execute(f"SELECT max(rowid) FROM {table}").fetchone()[0] or 0
    except sqlite3.DatabaseError:
        last = 1 << 24
    ranges, splits = [(-1, last)], 0
    while ranges:
        low, high = ranges.pop()
        try:
            for row in connection.execute(select, (low, high)):
                low = row[0] + 1
                yield row[1:]
        except sqlite3.DatabaseError:
            splits += 1
            if low < high and splits < _MAX_SPLITS:
                middle = (low + high) // 2
                ranges += [(middle + 1, high), (low, middle)]


def _adopt_orphans(connection: Connection) -> None:
    """Messages whose conversation could not be read get one, named so by the caller's language later."""
    for (number,) in connection.execute(
        "SELECT DISTINCT conversation FROM message WHERE conversation NOT IN (SELECT number FROM conversation)"
    ).fetchall():
        newest = connection.execute(
            "SELECT max(created) FROM message WHERE conversation = ?", (number,)
        ).fetchone()[0]
        connection.execute(
            "INSERT INTO conversation (number, id, title, created, updated, model, system, think, options)"
            " VALUES (?, ?, '', ?, ?, '', '', 'auto', '{}')",
            (number, f"recovered{number}", newest, newest),
        )
    connection.execute("DELETE FROM piece WHERE message NOT IN (SELECT number FROM message)")
