"""Full-text search over prompts, answers, reasoning, titles and attachments, in any script.

FTS5's trigram index finds words of three characters or more in any language; shorter ones, of which Chinese has many,
are found by reading. The index is kept by triggers, and only for messages that are finished: a streaming commit does
not pay for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from r1tui.domain.history import Hit
from r1tui.services.store import rows

if TYPE_CHECKING:
    from sqlite3 import Connection

MAX_WORDS = 8
SNIPPET_BEFORE = 40
SNIPPET_LENGTH = 160

_INDEX = """
CREATE VIEW IF NOT EXISTS finished AS
    SELECT number, content, reasoning FROM message WHERE status <> 'streaming';
CREATE VIRTUAL TABLE IF NOT EXISTS message_index USING fts5 (
    content, reasoning, content = 'finished', content_rowid = 'number', tokenize = 'trigram'
);
"""
_TRIGGERS = {
    "message_indexed": """AFTER INSERT ON message WHEN new.status <> 'streaming' BEGIN
        INSERT INTO message_index (rowid, content, reasoning) VALUES (new.number, new.content, new.reasoning); END""",
    "message_unindexed": """AFTER DELETE ON message WHEN old.status <> 'streaming' BEGIN
        INSERT INTO message_index (message_index, rowid, content, reasoning)
        VALUES ('delete', old.number, old.content, old.reasoning); END""",
    "message_finished": """AFTER UPDATE OF content, reasoning, status ON message
        WHEN old.status = 'streaming' AND new.status <> 'streaming' BEGIN
        INSERT INTO message_index (rowid, content, reasoning) VALUES (new.number, new.content, new.reasoning); END""",
    "message_reopened": """AFTER UPDATE OF content, reasoning, status ON message
        WHEN old.status <> 'streaming' AND new.status = 'streaming' BEGIN
        INSERT INTO message_index (message_index, rowid, content, reasoning)
        VALUES ('delete', old.number, old.content, old.reasoning); END""",
    "message_changed": """AFTER UPDATE OF content, reasoning, status ON message
        WHEN old.status <> 'streaming' AND new.status <> 'streaming'
            AND (old.content <> new.content OR old.reasoning <> new.reasoning) BEGIN
        INSERT INTO message_index (message_index, rowid, content, reasoning)
        VALUES ('delete', old.number, old.content, old.reasoning);
        INSERT INTO message_index (rowid, content, reasoning) VALUES (new.number, new.content, new.reasoning); END""",
}


def prepare_index(connection: Connection) -> bool:
    """Make the index and its triggers, filled, where this SQLite has trigrams; else take the triggers
    away, since
    they would make every write fail. Returns whether there is an index. Run in a transaction."""
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    if not has_trigrams(connection):
        for name in _TRIGGERS:
            connection.execute(f"DROP TRIGGER IF EXISTS {name}")
        return False
    if names >= _TRIGGERS.keys():
        return True
    for statement in _INDEX.split(";\n"):
        if statement.strip():
            connection.execute(statement)
    for name, body in _TRIGGERS.items():
        connection.execute(f"CREATE TRIGGER IF NOT EXISTS {name} {body}")
    connection.execute("INSERT INTO message_index (message_index) VALUES ('rebuild')")
    return True


def drop_index(connection: Connection) -> None:
    """Take the index and its triggers away."""
    for name in _TRIGGERS:
        connection.execute(f"DROP TRIGGER IF EXISTS {name}")
    if has_trigrams(connection):
        query = "SELECT 1 FROM sqlite_master WHERE name = 'message_index'"
        if (
            connection.execute(query).fetchone() is not None
        ):  # dropped full, all of it would be kept for an undo
            connection.execute("INSERT INTO message_index (message_index) VALUES ('delete-all')")
        connection.execute("DROP TABLE IF EXISTS message_index")


def has_trigrams(connection: Connection) -> bool:
    """Whether this SQLite was built with FTS5 and is new enough (3.34) for its trigram tokenizer."""
    import sqlite3

    enabled = connection.execute("SELECT sqlite_compileoption_used('ENABLE_FTS5')").fetchone()[0]
    return bool(enabled) and sqlite3.sqlite_version_info >= (3, 34)


def like_pattern(text: str) -> str:
    """A LIKE pattern (ESCAPE '\\') for text that holds `text`."""
    return "%" + re.sub(r"([\\%_])", r"\\\1", text) + "%"


def search(connection: Connection, text: str, limit: int) -> list[Hit]:
    """Titles, then messages, that hold every word of `text` somewhere; the newest first, at most `limit`."""
    words = [word for word in text.replace("\0", " ").split() if word][:MAX_WORDS]
    if not words:
        return []
    finder = re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))), re.IGNORECASE)
    hits = list(_titles(connection, words, finder, limit))
    hits += _messages(connection, words, finder, limit - len(hits))
    found = {(hit.conversation_id, hit.message_id) for hit in hits}
    attached = _attachments(connection, words, finder, limit - len(hits))
    return hits + [hit for hit in attached if (hit.conversation_id, hit.message_id) not in found]


def _titles(connection: Connection, words: list[str], finder: re.Pattern[str], limit: int) -> Iterator[Hit]:
    conditions = " AND ".join("title LIKE ? ESCAPE '\\'" for _ in words)
    for ident, title, updated in connection.execute(
        f"SELECT id, title, updated FROM conversation WHERE deleted IS NULL AND {conditions}"
        " ORDER BY updated DESC LIMIT ?",
        (*map(like_pattern, words), limit),
    ):
        ident, title = rows.text(ident), rows.text(title)
        snippet, spans = excerpt(title, finder)
        yield Hit(ident, title, None, "title", snippet, spans, rows.number(updated))


def _messages(connection: Connection, words: list[str], finder: re.Pattern[str], limit: int) -> Iterator[Hit]:
    indexed = [word for word in words if len(word) >= 3] if _has_index(connection) else []
    read = [word for word in words if word not in indexed]
    conditions, values = [], list[object]()
    source = "message"
    if indexed:
        source = "message_index JOIN message ON message.number = message_index.rowid"
        conditions.append("message_index MATCH ?")
        values.append(" AND ".join('"' + word.replace('"', '""') + '"' for word in indexed))
    for word in read:
        # instr is several times faster than LIKE, and the same where a word has no upper and lower case
        caseless = word.lower() == word.upper()
        test = "instr({0}, ?) > 0" if caseless else "{0} LIKE ? ESCAPE '\\'"
        conditions.append(f"({test.format('message.content')} OR {test.format('message.reasoning')})")
        values += [word if caseless else like_pattern(word)] * 2
    order = "message_index.rowid" if indexed else "message.number"
    for ident, title, message_id, role, content, reasoning, created in connection.execute(
        "SELECT conversation.id, title, message.id, role, message.content, message.reasoning, message.created"
        f" FROM {source} JOIN conversation ON conversation.number = message.conversation"
        f" WHERE deleted IS NULL AND {' AND '.join(conditions)} ORDER BY {order} DESC LIMIT ?",
        (*values, limit),
    ):
        ident, title, message_id = rows.text(ident), rows.text(title), rows.text(message_id)
        content, reasoning = rows.text(content), rows.text(reasoning)
        in_content = finder.search(content) is not None
        snippet, spans = excerpt(content if in_content else reasoning, finder)
        where = "prompt" if role == "user" else "content" if in_content else "reasoning"
        yield Hit(ident, title, message_id, where, snippet, spans, rows.number(created))


def _attachments(
    connection: Connection, words: list[str], finder: re.Pattern[str], limit: int
) -> Iterator[Hit]:
    """Questions with an attachment that holds every word. They are read: an index of a text of some MB takes seconds."""
    conditions = " AND ".join("attachment.text LIKE ? ESCAPE '\\'" for _ in words)
    for ident, title, message_id, text, created in connection.execute(
        "SELECT conversation.id, title, message.id, attachment.text, message.created FROM attachment"
        " CROSS JOIN message ON message.attachments IS NOT NULL AND instr(message.attachments, attachment.digest) > 0"
        " JOIN conversation ON conversation.number = message.conversation"
        f" WHERE {conditions} AND deleted IS NULL ORDER BY message.number DESC LIMIT ?",
        (*map(like_pattern, words), max(limit, 0)),
    ):
        snippet, spans = excerpt(rows.text(text), finder)
        yield Hit(
            rows.text(ident),
            rows.text(title),
            rows.text(message_id),
            "attachment",
            snippet,
            spans,
            rows.number(created),
        )


def _has_index(connection: Connection) -> bool:
    return (
        connection.execute(
            "SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name = 'message_indexed'"
        ).fetchone()
        is not None
    )


def excerpt(text: str, finder: re.Pattern[str]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """One line of text around the first find, and where in it the finds are."""
    first = finder.search(text)
    start = max(0, first.start() - SNIPPET_BEFORE) if first else 0
    if start:  # begin with a whole word where one begins nearby
        space = text.find(" ", start, first.start() if first else start)
        start = space + 1 if space >= 0 else start
    line = " ".join(text[start : start + SNIPPET_LENGTH * 2].split())[:SNIPPET_LENGTH]
    line = ("…" if start else "") + line
    return line, tuple(found.span() for found in finder.finditer(line) if found.group())
