"""Opening the store: made private, brought to the newest schema, repaired where it is damaged."""

from __future__ import annotations

import os
from pathlib import Path

from r1tui.domain.phrase import Phrase, phrase
from r1tui.services import migrations, recovery
from r1tui.services.database import (
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
from r1tui.services.search import prepare_index


def open_database(path: Path) -> tuple[Database, list[Phrase]]:
    """The database at `path`, ready, and what a person should know of it (blocking). Raises `StoreError`."""
    notices: list[Phrase] = []
    try:
        make_private(path)
    except OSError as error:
        raise StoreError(phrase("store.unwritable", path=str(path), detail=str(error.strerror))) from error
    network = network_file_system(path.parent)
    if network is not None:
        notices.append(phrase("store.network", kind=network, path=str(path.parent)))
    lock = recovery.hold(path)
    try:
        try:
            _prepare(path, network is not None, notices)
        except StoreDamaged as error:
            if not recovery.hold_alone(lock):
                raise StoreError(phrase("store.damaged_in_use", path=str(path))) from error
            aside, saved = recovery.recover(path)
            suspicion(path).unlink(missing_ok=True)
            notices.append(phrase("store.recovered", path=str(aside), n=saved))
            _prepare(path, network is not None, notices)
            recovery.share(lock)
        database = Database(path, network=network is not None, lock=lock)
        database.connect()
    except BaseException:
        os.close(lock)
        raise
    return database, notices


def _prepare(path: Path, network: bool, notices: list[Phrase]) -> None:
    with translated(path):
        connection = connect(path, network=network)
        try:
            if suspicion(path).exists() and not recovery.sound(connection):
                raise StoreDamaged(phrase("store.damaged", path=str(path)))
            suspicion(path).unlink(missing_ok=True)
            backup = migrations.migrate(connection, path)
            if backup is not None:
                notices.append(phrase("store.migrated", path=str(backup)))
            with immediate(connection):
                migrations.add_indexes(connection)
                prepare_index(connection)
        finally:
            connection.close()
