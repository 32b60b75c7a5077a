"""A damaged store: what can be read of it goes into a fresh file that takes its place, and it is set aside.

Each of four sources gives what those before it did not have: the rows of the file's own pages that are whole
(`pages.py`), the backup of the last sound state, what the `sqlite3` shell recovers where there is one that can
(`shell.py`), and the rows of which a part could be read. The shell comes behind the backup, since it takes damaged
rows for whole: before it, 96.6 % of conversations came back whole, behind it 97.4 % (`tests/bench/recovery.py`).
"""

from __future__ import annotations

import math
import os
import re
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from r1tui.domain.attachment import digest_of
from r1tui.domain.conversation import title_from
from r1tui.domain.message import new_id
from r1tui.domain.message_codec import FIELDS
from r1tui.locale import clock
from r1tui.services.store import attachments, migrations, shell
from r1tui.services.store.backup import backup_of
from r1tui.services.store.database import decoded, immediate
from r1tui.services.store.edits import EDIT
from r1tui.services.store.pages import PageFile, Value

if TYPE_CHECKING:
    from sqlite3 import Connection

_WHEN_MISSING: dict[str, Value] = {
    **{
        name: value
        for name, field in FIELDS.items()
        if isinstance(value := field.write(field.read(None)), str | int | float)
    },
    "think": "auto",
    "options": "{}",
}
"""What stands for a lost value of a column that must have one, where that is not an empty text or 0."""
_SHORTEST = 2 + sum(field.since == 1 for field in FIELDS.values())
"""Columns of a message's row: its number, its conversation's, and those that every version has."""
_DIGEST = re.compile("[0-9a-f]{64}")
_ROLE = 2 + list(FIELDS).index("role")


_INDEXED = {
    "conversation": ("sqlite_autoindex_conversation_1", "id"),
    "message": ("sqlite_autoindex_message_1", "conversation, id"),
    "piece": ("piece_message", "message"),
    "answer": ("sqlite_autoindex_answer_1", "message"),
    "draft": ("sqlite_autoindex_draft_1", "conversation"),
    "state": ("sqlite_autoindex_state_1", "key"),
    "attachment": ("sqlite_autoindex_attachment_1", "digest"),
}
"""Table → an index that has all of its rows, and by what."""


def plausible(connection: Connection) -> bool:
    """Whether the first and the last row of each table and of its index are known to the other: a look of a
    millisecond at each start.

    Whole pages in each other's place are obeyed by SQLite without a word: rows of one table, read as another's.
    """
    for table, (index, key) in _INDEXED.items():
        columns = key.split(", ")
        names = ", ".join(f"x{at}" for at in range(len(columns)))
        same = " AND ".join(f"{column} = x{at}" for at, column in enumerate(columns))
        ways = {"NOT INDEXED": "rowid", f"INDEXED BY {index}": key}
        for way, other in zip(ways, reversed(ways), strict=True):
            for order in ("ASC", "DESC"):
                by = ", ".join(f"{column} {order}" for column in ways[way].split(", "))
                row = f"SELECT rowid, {key} FROM {table} {way} ORDER BY {by} LIMIT 1"
                if not connection.execute(
                    f"WITH one (number, {names}) AS ({row}) SELECT NOT EXISTS (SELECT 1 FROM one) OR EXISTS"
                    f" (SELECT 1 FROM one, {table} {other} WHERE {table}.rowid = one.number AND {same})"
                ).fetchone()[0]:
                    return False
    return True


def sound(connection: Connection) -> bool:
    """SQLite's own full check. Takes seconds on a large file: only for a suspicion."""
    import sqlite3

    try:
        return bool(connection.execute("PRAGMA integrity_check(1)").fetchone()[0] == "ok")
    except sqlite3.DatabaseError:
        return False


def recover(path: Path) -> tuple[Path, int]:
    """Make a fresh file with what can be read, let it take the place of the one at `path`, set that aside.

    Returns the damaged file's new name and the number of messages that were saved. Until the fresh one is whole
    nothing is changed; from then on it has a name by which the next start goes on where this one is ended. Raises
    `OSError` and `sqlite3.Error`, for a full disk above all.
    """
    if not interrupted(path):
        _gather(path)
    _remove(_shell_file(path))
    return _take_place(path)


def interrupted(path: Path) -> bool:
    """Whether a recovery was ended when its fresh file was whole and did not stand at `path` yet."""
    return _whole(path).exists()


def _whole(path: Path) -> Path:
    return path.with_name(path.name + ".recovered")


def _gather(path: Path) -> None:
    """Make the fresh file."""
    import sqlite3

    fresh = path.with_name(path.name + ".recovering")
    _remove(fresh)
    os.close(os.open(fresh, os.O_CREAT | os.O_WRONLY, 0o600))
    try:
        with closing(sqlite3.connect(fresh, isolation_level=None)) as new:
            migrations.migrate(new, fresh)
            with immediate(new):
                doubtful = _insert_pages(new, PageFile.read(path))
                for source in (backup_of(path), _from_shell(path)):
                    if source is not None and source.exists():
                        with suppress(sqlite3.DatabaseError, ValueError, KeyError):
                            _insert_missing(new, source)
                for table, row in doubtful:
                    _insert(new, table, row)
                _adopt_orphans(new)
                attachments.remove_orphans(new)
        fresh.replace(_whole(path))
    except BaseException:
        _remove(fresh)
        _remove(_shell_file(path))
        raise


def _take_place(path: Path) -> tuple[Path, int]:
    """Set what is left at `path` aside, and have the fresh file there; each step only where it was not done before."""
    import sqlite3

    whole = _whole(path)
    saved = 0
    # A bad disk ends no start for good.
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(whole)) as new:
        saved = new.execute("SELECT count(*) FROM message").fetchone()[0]
    aside = path.with_name(f"{path.name}.damaged-{clock.stamp(whole.stat().st_mtime)}")
    for ending in ("", "-wal", "-shm", "-journal"):
        part, kept = (file.with_name(file.name + ending) for file in (path, aside))
        if part.exists() and not kept.exists():  # else it is the empty file that every start makes
            part.rename(kept)
    whole.replace(path)
    return aside, saved


def _shell_file(path: Path) -> Path:
    return path.with_name(path.name + ".shell")


def _from_shell(path: Path) -> Path | None:
    """A database of what the `sqlite3` shell can recover; None where it is missing or cannot."""
    _remove(into := _shell_file(path))
    return into if shell.recovered(path, into) else None


def _remove(path: Path) -> None:
    for ending in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _columns(connection: Connection, table: str) -> list[tuple[str, str, bool]]:
    """(name, type, whether it must have a value) of each column."""
    return [(row[1], row[2], bool(row[3])) for row in connection.execute(f"PRAGMA table_info({table})")]


def _insert_pages(new: Connection, pages: PageFile) -> list[tuple[str, list[Value]]]:
    """Insert the rows that are whole. Returns the others, with the names of their tables."""
    others: list[tuple[str, list[Value]]] = []
    words: list[list[Value]] = []
    for rowid, values, whole in pages.rows():
        table = _table(values)
        if table is None:
            continue
        if table in ("attachment", "conversation", "message", "piece"):
            values = [rowid, *values[1:]]
        if table == "draft":
            words.append(values)
        elif table == "attachment":
            if digest_of(str(values[2])) == values[1]:
                _insert(new, table, values)
        elif whole:
            _insert(new, table, values)
        else:
            others.append((table, values))
    known = {NEW_DRAFT, *(ident for (ident,) in new.execute("SELECT id FROM conversation"))}
    for values in words:  # two tables of two texts each, and since version 3 a draft has further columns
        if len(values) == 2 and values[0] not in known:
            _insert(new, "state", values)
        elif str(values[0]).partition(EDIT)[0] in known:
            _insert(new, "draft", values)
    return others


_DRAFT_REST = [
    (attachments, *rest) for attachments in (str, type(None)) for rest in ((), (str, float), (str, int))
]
"""Kinds of a draft's values beyond its first two: with attachments since version 3, an owner and a time since 4."""
NEW_DRAFT = "new"
"""Key of the draft of a conversation that is not stored yet."""


def _table(values: list[Value]) -> str | None:
    """Which of our tables a row is of, by the shape that its values have; None for any other."""
    kinds = tuple(type(value).__mro__[-2] for value in values[:7])
    number, text = {int, float}, {str}
    if kinds[:2] == (str, str) and (len(values) == 2 or kinds[2:] in _DRAFT_REST):
        return "draft"
    if len(values) == 3 and kinds[1:] == (str, str) and _DIGEST.fullmatch(str(values[1])):
        return "attachment"
    if len(values) >= 4 and kinds[0] is not type(None):
        return None
    if (
        len(values) >= _SHORTEST
        and kinds[1] is int
        and kinds[2] is str
        and kinds[_ROLE] is str
        and len(str(values[_ROLE])) < 16
    ):
        return "message"
    if len(values) >= 15 and {*kinds[1:3]} == text and {*kinds[3:5]} <= number and values[1]:
        return "conversation"
    if len(values) == 4 and kinds[1] is int and {*kinds[2:4]} <= {str, type(None)}:
        return "piece"
    return None


def _insert(new: Connection, table: str, values: list[Value]) -> None:
    """Insert a row unless it is there; of two versions of one message the longer stays."""
    import sqlite3

    columns = _columns(new, table)[: len(values)]
    names = ", ".join(name for name, _, _ in columns)
    fitting = [_fitting(value, *column) for value, column in zip(values, columns, strict=False)]
    insert = f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})"
    with suppress(sqlite3.IntegrityError, sqlite3.InterfaceError, OverflowError):
        new.execute(insert, fitting)


def _fitting(value: Value, name: str, kind: str, required: bool) -> Value:
    """A value that its column can have."""
    if kind == "TEXT" and isinstance(value, bytes):
        value = decoded(value)
    if kind in ("REAL", "INTEGER") and not (isinstance(value, int | float) and math.isfinite(value)):
        value = None
    if value is None and required:
        return _WHEN_MISSING.get(name, "" if kind == "TEXT" else 0)
    return value


def _insert_missing(new: Connection, source: Path) -> None:
    """Insert the conversations and messages of another database that are missing.

    Raises `sqlite3.DatabaseError` where its tables cannot be read, `ValueError` where they lack a column.
    """
    import sqlite3

    old = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)
    old.text_factory = decoded
    try:
        numbers = dict[int, int]()
        columns = [name for name, _, _ in _columns(old, "conversation")]
        at = columns.index("number"), columns.index("id"), columns.index("deleted")
        for row in old.execute("SELECT * FROM conversation"):
            number, ident, deleted = (row[each] for each in at)
            found = new.execute("SELECT number, deleted FROM conversation WHERE id = ?", (ident,)).fetchone()
            if found is None and deleted is None:
                numbers[number] = _insert_as(new, "conversation", columns, _placed(new, old, number, row))
            elif found is not None and found[1] is None and deleted is None:
                numbers[number] = found[0]
        columns = [name for name, _, _ in _columns(old, "message")]
        for row in old.execute("SELECT * FROM message ORDER BY number"):
            values = dict(zip(columns, row, strict=True))
            if values["conversation"] not in numbers:
                continue
            values["conversation"] = numbers[values["conversation"]]
            key = values["conversation"], values["id"]
            if new.execute("SELECT 1 FROM message WHERE conversation = ? AND id = ?", key).fetchone() is None:
                _insert_as(new, "message", columns, list(values.values()))
        if migrations.version(old) >= attachments.SINCE:
            for digest, text in old.execute("SELECT digest, text FROM attachment"):
                if digest_of(str(text)) == digest:
                    new.execute(
                        "INSERT OR IGNORE INTO attachment (digest, text) VALUES (?, ?)", (digest, text)
                    )
    finally:
        old.close()


def _placed(new: Connection, old: Connection, number: int, row: tuple[Value, ...]) -> list[Value]:
    """A conversation's row, under a number of its own where its number leads to another one's messages."""
    mine = {ident for (ident,) in old.execute("SELECT id FROM message WHERE conversation = ?", (number,))}
    there = {ident for (ident,) in new.execute("SELECT id FROM message WHERE conversation = ?", (number,))}
    if not there or mine & there:
        return list(row)
    return [None, *row[1:]]


def _insert_as(new: Connection, table: str, columns: list[str], values: list[Value]) -> int:
    """Insert a row, under another number where its own is taken, and return its number."""
    taken = new.execute(f"SELECT 1 FROM {table} WHERE number = ?", (values[0],)).fetchone()
    if values[0] is None or taken is not None:
        highest = (
            "SELECT max(coalesce((SELECT max(number) FROM conversation), 0),"
            " coalesce((SELECT max(conversation) FROM message), 0)) + 1"
            if table == "conversation"
            else "SELECT coalesce(max(number), 0) + 1 FROM message"
        )
        values = [new.execute(highest).fetchone()[0], *values[1:]]
    kinds = {name: (kind, required) for name, kind, required in _columns(new, table)}
    known = [
        (name, _fitting(value, name, *kinds[name]))
        for name, value in zip(columns, values, strict=True)
        if name in kinds
    ]
    names, places = ", ".join(name for name, _ in known), ", ".join("?" * len(known))
    new.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", [value for _, value in known])
    return int(str(values[0]))


def _adopt_orphans(connection: Connection) -> None:
    """Messages whose conversation could not be read get one, named by their first question."""
    for (number,) in connection.execute(
        "SELECT DISTINCT conversation FROM message WHERE conversation NOT IN (SELECT number FROM conversation)"
    ).fetchall():
        newest, first = connection.execute(
            "SELECT max(created), min(number) FROM message WHERE conversation = ?", (number,)
        ).fetchone()
        model = connection.execute(
            "SELECT model FROM message WHERE conversation = ? AND model <> '' ORDER BY number DESC LIMIT 1",
            (number,),
        ).fetchone()
        leaf, text = connection.execute(
            "SELECT (SELECT id FROM message WHERE conversation = ? ORDER BY number DESC LIMIT 1), content"
            " FROM message WHERE number = ?",
            (number, first),
        ).fetchone()
        connection.execute(
            "INSERT INTO conversation (number, id, title, created, updated, model, system, think, options, leaf)"
            " VALUES (?, ?, ?, ?, ?, ?, '', 'auto', '{}', ?)",
            (number, new_id(), title_from(str(text)), newest, newest, model[0] if model else "", leaf),
        )
    connection.execute("DELETE FROM piece WHERE message NOT IN (SELECT number FROM message)")
