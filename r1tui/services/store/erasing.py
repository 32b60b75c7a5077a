"""Erasing a store: what was written is overwritten, in every file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from r1tui.domain.phrase import phrase
from r1tui.services.small_file import why
from r1tui.services.store.database import StoreError, immediate
from r1tui.services.store.search import drop_index, prepare_index
from r1tui.services.terminal.clipboard import COPIES

if TYPE_CHECKING:
    from sqlite3 import Connection

_TABLES = ("answer", "piece", "message", "attachment", "conversation", "draft", "state")


def files(path: Path) -> list[Path]:
    """Every file that holds conversations: the store's own, and `_others`."""
    names = [path, *(path.with_name(path.name + ending) for ending in ("-wal", "-shm", "-journal"))]
    return [name for name in (*names, *_others(path)) if name.exists()]


def _others(path: Path) -> list[Path]:
    """Backups, damaged stores set aside, what a recovery that was ended has left, texts that were too long for the
    terminal's clipboard.
    """
    endings = ("backup-*", "damaged-*", "recovering*", "recovered*", "shell*")
    patterns = (*(f"{path.name}.{ending}" for ending in endings), f"{COPIES}/*")
    return sorted(file for pattern in patterns for file in path.parent.glob(pattern))


def erase(connection: Connection, path: Path) -> None:
    """Empty the database in place, so that another R1TUI that has it open stays right, and remove the other files.

    Raises `StoreError` for one that cannot be removed.
    """
    # Without references to follow a table is emptied page by page: no copy of its rows is kept meanwhile, for an undo.
    connection.execute("PRAGMA foreign_keys = OFF")
    try:
        with immediate(connection):
            drop_index(connection)
            for table in _TABLES:
                connection.execute(f"DELETE FROM {table}")
            prepare_index(connection)
    finally:
        connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("VACUUM")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    for file in _others(path):
        try:
            _overwrite(file)
            file.unlink(missing_ok=True)
        except OSError as error:
            words = phrase("store.unwritable", path=str(file), detail=why(error))
            raise StoreError(words) from error


def _overwrite(file: Path) -> None:
    """Zeros over the contents; on flash memory no program can promise more."""
    block = bytes(1 << 20)
    with file.open("r+b") as out:
        left = file.stat().st_size
        while left > 0:
            left -= out.write(block[:left])
