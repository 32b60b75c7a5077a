"""The versions of the store's schema, and the way from each to the next.

`PRAGMA user_version` holds the version. A migration is never changed once it was released: a new one is appended,
with a test that starts from a file of the version before.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from r1tui.domain.phrase import phrase
from r1tui.services.store.database import StoreDamaged, StoreError, immediate

if TYPE_CHECKING:
    from sqlite3 import Connection

FIRST = """
CREATE TABLE conversation (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    created REAL NOT NULL,
    updated REAL NOT NULL,
    model TEXT NOT NULL,
    system TEXT NOT NULL,
    think TEXT NOT NULL,
    options TEXT NOT NULL,             -- JSON object
    leaf TEXT,
    pinned INTEGER NOT NULL DEFAULT 0,
    archived INTEGER NOT NULL DEFAULT 0,
    deleted REAL,                      -- when; the row goes when the process that deleted it has ended
    deleted_by TEXT,
    revision INTEGER NOT NULL DEFAULT 0 -- of the whole store, at the last change of this conversation
);
CREATE INDEX conversation_recent ON conversation (archived, pinned DESC, updated DESC) WHERE deleted IS NULL;
CREATE INDEX conversation_revision ON conversation (revision);

CREATE TABLE message (
    number INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL REFERENCES conversation (number) ON DELETE CASCADE,
    id TEXT NOT NULL,
    parent TEXT,
    role TEXT NOT NULL,
    content TEXT NOT NULL,
    reasoning TEXT NOT NULL,
    status TEXT NOT NULL,
    model TEXT NOT NULL,
    created REAL NOT NULL,
    phase TEXT,
    reasoning_seconds REAL NOT NULL,
    reasoning_tokens INTEGER NOT NULL,
    answer_tokens INTEGER NOT NULL,
    stats TEXT,                        -- JSON object
    error TEXT,                        -- JSON object: key, params
    UNIQUE (conversation, id)
);
CREATE INDEX message_prompt ON message (number) WHERE role = 'user';
CREATE INDEX message_streaming ON message (number) WHERE status = 'streaming';

-- What a streaming answer grew by since its row was written: a long text is not written again each second.
CREATE TABLE piece (
    number INTEGER PRIMARY KEY,
    message INTEGER NOT NULL REFERENCES message (number) ON DELETE CASCADE,
    content TEXT NOT NULL,
    reasoning TEXT NOT NULL
);
CREATE INDEX piece_message ON piece (message);

-- Which process writes which answer.
CREATE TABLE answer (
    message TEXT PRIMARY KEY,
    conversation TEXT NOT NULL,
    parent TEXT,
    owner TEXT NOT NULL,
    heartbeat REAL NOT NULL,
    stop INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE draft (conversation TEXT PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT NOT NULL);
"""

VOTES = """
ALTER TABLE message ADD COLUMN vote TEXT;      -- of an answer: the vote of which it is a sample
ALTER TABLE message ADD COLUMN seed INTEGER;
ALTER TABLE message ADD COLUMN plan TEXT;      -- of a question: JSON object of its last vote
"""

ATTACHMENTS = """
-- Texts that went with questions, each once. No conversation owns one: it goes with the last that refers to it.
CREATE TABLE attachment (
    number INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,       -- SHA-256 of the text as UTF-8, hexadecimal
    text TEXT NOT NULL
);
ALTER TABLE message ADD COLUMN attachments TEXT;  -- of a question: JSON list of objects: name, digest, kind, encoding, size, part
ALTER TABLE draft ADD COLUMN attachments TEXT;    -- the same
CREATE INDEX message_attached ON message (number) WHERE attachments IS NOT NULL;
"""

DRAFT_OWNERS = """
-- Two R1TUIs may write in one conversation, or each in a new one: a draft is of the process that writes it.
ALTER TABLE draft RENAME TO ownerless;
CREATE TABLE draft (
    conversation TEXT NOT NULL,
    text TEXT NOT NULL,
    attachments TEXT,                  -- as of a message
    owner TEXT NOT NULL DEFAULT '',    -- once it has ended, the next that opens the conversation takes the draft
    written REAL NOT NULL DEFAULT 0,
    PRIMARY KEY (conversation, owner)
);
INSERT INTO draft (conversation, text, attachments) SELECT conversation, text, attachments FROM ownerless;
DROP TABLE ownerless;
"""

MIGRATIONS: tuple[str, ...] = (FIRST, VOTES, ATTACHMENTS, DRAFT_OWNERS)
"""SQL that leads from version n to n + 1."""
MAX_VERSION = 1000
"""No R1TUI has a version beyond: such a number is damage."""

_INDEXES = """
-- The start asks for deleted conversations; without this it reads all of them.
CREATE INDEX IF NOT EXISTS conversation_deleted ON conversation (deleted) WHERE deleted IS NOT NULL;
"""
"""Indexes that came later. They hold nothing of their own: no new version, and an older R1TUI opens the file too."""


def version(connection: Connection) -> int:
    """The schema version of a file; 0 for an empty one."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(
    connection: Connection, path: Path, migrations: Sequence[str] = MIGRATIONS, *, keep_old: bool = True
) -> Path | None:
    """Bring the file at `path` to the newest version. Returns the backup that was made before, if there
    was data and the old state is to be kept.

    Raises `StoreError` for a file of a newer R1TUI, `StoreDamaged` for a version that none has. All of it happens, or nothing.
    """
    found = version(connection)
    if not 0 <= found <= MAX_VERSION:
        raise StoreDamaged(phrase("store.damaged", path=str(path)))
    if found > len(migrations):
        raise StoreError(phrase("store.newer", path=str(path), found=found, known=len(migrations)))
    if found == len(migrations):
        return None
    backup = back_up(connection, path, found) if found and keep_old else None
    with immediate(connection):
        for number in range(version(connection), len(migrations)):  # another process may have been first
            for statement in _statements(migrations[number]):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number + 1}")
    return backup


def add_indexes(connection: Connection) -> None:
    """Make the indexes that are missing. Run in a transaction."""
    for statement in _statements(_INDEXES):
        connection.execute(statement)


def back_up(connection: Connection, path: Path, number: int) -> Path:
    """Copy the database beside itself as `NAME.backup-vN`, replacing an older copy of the same version."""
    import os
    import sqlite3

    target = path.with_name(f"{path.name}.backup-v{number}")
    unfinished = target.with_name(target.name + ".part")
    unfinished.unlink(missing_ok=True)
    os.close(os.open(unfinished, os.O_CREAT | os.O_WRONLY, 0o600))
    copy = sqlite3.connect(unfinished)
    try:
        connection.backup(copy)
    finally:
        copy.close()
    unfinished.replace(target)
    return target


def _statements(script: str) -> list[str]:
    """Split a script; `executescript` would commit before it begins."""
    import sqlite3

    statements: list[str] = []
    part = ""
    for line in script.splitlines(keepends=True):
        part += line
        if sqlite3.complete_statement(part):
            statements.append(part)
            part = ""
    return statements
