"""Opening the store: made private, brought to the newest schema, repaired where it is damaged."""

from __future__ import annotations

import os
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from r1tui.domain.phrase import Phrase, phrase
from r1tui.services.small_file import why
from r1tui.services.store import locks, migrations, recovery
from r1tui.services.store.backup import backup_of
from r1tui.services.store.database import (
    Database,
    StoreDamaged,
    StoreError,
    connect,
    immediate,
    make_private,
    network_file_system,
    suspicion,
    translated,
)
from r1tui.services.store.pages import HEADER
from r1tui.services.store.search import prepare_index

if TYPE_CHECKING:
    from sqlite3 import Connection

MOST_COPIED = 256 << 20
"""Bytes of a file of conversations that are copied into memory where it cannot be written."""


def open_database(path: Path) -> tuple[Database, list[Phrase]]:
    """The database at `path`, ready, and what a person should know of it (blocking). Raises `StoreError`."""
    notices: list[Phrase] = []
    try:
        make_private(path)
        with locks.opening(path):
            return _open(path, notices), notices
    except OSError as error:
        words = phrase("store.unwritable", path=str(path), detail=why(error))
        raise StoreError(words) from error


def open_in_memory(path: Path, *, copied: bool = True) -> Database:
    """A database that is nowhere on the disk, for a run in which `path` cannot be written (blocking).

    It begins with a copy of what can be read at `path`, so that old conversations are there to read and to
    export; with nothing where it is not to be `copied`.
    """
    database = Database(path, in_memory=True)
    database.connect()
    connection = database.writer()
    try:
        if copied:
            _copy_into(connection, path)
        migrations.migrate(connection, path, keep_old=False)  # the file stays as it is
        with immediate(connection):
            migrations.add_indexes(connection)
            prepare_index(connection)
    except BaseException:
        connection.close()
        raise
    return database


def _copy_into(connection: Connection, path: Path) -> None:
    """Copy what is stored at `path`, which is only read; nothing where it cannot be read or is of a newer version."""
    import sqlite3

    try:
        if path.stat().st_size > MOST_COPIED:
            return
    except OSError:
        return
    # `immutable` asks for no lock and no log beside the file, which a folder that cannot be written may not allow.
    for how in ("mode=ro", "immutable=1"):
        with (
            suppress(sqlite3.Error),
            closing(sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True)) as source,
        ):
            source.execute("SELECT count(*) FROM conversation").fetchone()
            if migrations.version(source) <= len(migrations.MIGRATIONS):
                source.backup(connection)
            return


def _open(path: Path, notices: list[Phrase]) -> Database:
    network = network_file_system(path.parent)
    if network is not None:
        notices.append(phrase("store.network", kind=network, path=str(path.parent)))
    lock = locks.hold(path)
    try:
        try:
            _prepare(path, network is not None, notices)
        except StoreDamaged as error:
            if not locks.hold_alone(lock):
                raise StoreError(phrase("store.damaged_in_use", path=str(path))) from error
            with translated(path):
                aside, saved = recovery.recover(path)
            suspicion(path).unlink(missing_ok=True)
            notices.append(phrase("store.recovered", path=str(aside), n=saved))
            _prepare(path, network is not None, notices)
            locks.share(lock)
        database = Database(path, network=network is not None, lock=lock)
        database.connect()
    except BaseException:
        os.close(lock)
        raise
    return database


def _prepare(path: Path, network: bool, notices: list[Phrase]) -> None:
    with translated(path):
        if recovery.interrupted(path):
            raise StoreDamaged(phrase("store.damaged", path=str(path)))
        # Cut to nothing, which SQLite takes for new: a new store has no backup, and an erased one has none any more.
        emptied = path.exists() and path.stat().st_size < HEADER and backup_of(path).exists()
        connection = connect(path, network=network)
        try:
            if emptied or (suspicion(path).exists() and not recovery.sound(connection)):
                raise StoreDamaged(phrase("store.damaged", path=str(path)))
            suspicion(path).unlink(missing_ok=True)
            backup = migrations.migrate(connection, path)
            if backup is not None:
                notices.append(phrase("store.migrated", path=str(backup)))
            if not (recovery.plausible(connection) or recovery.sound(connection)):
                raise StoreDamaged(phrase("store.damaged", path=str(path)))
            with immediate(connection):
                migrations.add_indexes(connection)
                prepare_index(connection)
        finally:
            connection.close()
