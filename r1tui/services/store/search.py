"""Full-text search over prompts, answers, reasoning, titles and attachments, in any script.

FTS5's trigram index finds words of three characters or more in any language; shorter ones, of which Chinese has many,
are found by reading. The index is kept by triggers, and only for messages that are finished: a streaming commit does
not pay for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from r1tui.domain.history import Found, Hit
from r1tui.services.store import rows, summaries

if TYPE_CHECKING:
    from sqlite3 import Connection

MAX_WORDS = 8
LONGEST = 1000
"""Characters that are looked for; of a longer paste the beginning. SQLite refuses to compare 50,000."""
SNIPPET_BEFORE = 40
SNIPPET_LENGTH = 160
SCANNED = 2000
"""Messages found that are looked at, the newest."""
HITS_SHOWN = 3
"""Of a conversation, without being asked for more."""

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
    """Make the index and its triggers, filled, where this SQLite has trigrams; else take the triggers away, since they
    would make every write fail. Returns whether there is an index. Run in a transaction.
    """
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
    """A LIKE pattern (ESCAPE '\\') for text that holds the first `LONGEST` characters of `text`."""
    return "%" + re.sub(r"([\\%_])", r"\\\1", text[:LONGEST]) + "%"


class _Sought:
    """What a text looks for: messages that hold every word of it somewhere."""

    def __init__(self, text: str) -> None:
        words = text[:LONGEST].replace("\0", " ").split()[:MAX_WORDS]
        self.words = words
        ordered = sorted(words, key=len, reverse=True)
        self._word = re.compile("|".join(map(re.escape, ordered)), re.IGNORECASE)
        self._whole = re.compile(re.escape(" ".join(words)), re.IGNORECASE)

    def __bool__(self) -> bool:
        return bool(self.words)

    def first(self, text: str) -> re.Match[str] | None:
        """Where the whole of it stands in a text, else one of its words."""
        return self._whole.search(text) or self._word.search(text)

    def spans(self, text: str) -> tuple[tuple[int, int], ...]:
        """Where its words stand in a text."""
        return tuple(found.span() for found in self._word.finditer(text))

    def excerpt(self, text: str) -> tuple[str, tuple[tuple[int, int], ...], str]:
        """One line of text around the first find, where in it the finds are, and what was found first."""
        first = self.first(text)
        start = max(0, first.start() - SNIPPET_BEFORE) if first else 0
        if start:  # begin with a whole word where one begins nearby
            space = text.find(" ", start, first.start() if first else start)
            start = space + 1 if space >= 0 else start
        line = " ".join(text[start : start + SNIPPET_LENGTH * 2].split())[:SNIPPET_LENGTH]
        line = ("…" if start else "") + line
        return line, self.spans(line), first.group() if first else ""


def search(connection: Connection, text: str, limit: int) -> list[Found]:
    """Conversations whose title, or in which a message or an attachment, holds every word of `text` somewhere.

    Those found by their title come first, each kind by its last change, at most `limit`.
    """
    sought = _Sought(text)
    if not sought:
        return []
    titled = _titles(connection, sought, limit)
    places = _messages(connection, sought)
    for conversation, attached in _attachments(connection, sought).items():
        own = places.setdefault(conversation, {})
        own |= {message: text for message, text in attached.items() if message not in own}
    numbers = [*titled, *(each for each in places if each not in titled)][:limit]
    found = []
    for number, summary in summaries.by_number(connection, numbers).items():
        own = places.get(number, {})
        hits = tuple(_hits(connection, sought, summary.id, sorted(own.items())[:HITS_SHOWN]))
        found.append(Found(summary, len(own), hits, sought.spans(summary.title) if number in titled else ()))
    return sorted(found, key=lambda each: (not each.title_spans, -each.summary.updated))


def hits_in(connection: Connection, text: str, conversation_id: str, limit: int) -> list[Hit]:
    """The messages of one conversation that hold every word of `text`, in the order in which they were written."""
    sought = _Sought(text)
    if not sought:
        return []
    row = connection.execute("SELECT number FROM conversation WHERE id = ?", (conversation_id,)).fetchone()
    if row is None:
        return []
    places = _attachments(connection, sought, row[0]).get(row[0], {})
    places |= _messages(connection, sought, row[0]).get(row[0], {})
    return list(_hits(connection, sought, conversation_id, sorted(places.items())[:limit]))


_Places = dict[int, dict[int, int | None]]
"""Numbers of conversations → numbers of the messages found in them → of an attachment, where that was found."""


def _titles(connection: Connection, sought: _Sought, limit: int) -> list[int]:
    """Conversations found by their title, the last changed first."""
    conditions = " AND ".join("title LIKE ? ESCAPE '\\'" for _ in sought.words)
    return [
        number
        for (number,) in connection.execute(
            f"SELECT number FROM conversation WHERE deleted IS NULL AND {conditions} ORDER BY updated DESC LIMIT ?",
            (*map(like_pattern, sought.words), limit),
        )
    ]


def _messages(connection: Connection, sought: _Sought, conversation: int | None = None) -> _Places:
    """The newest `SCANNED` messages that hold every word, by conversation; of one alone where one is named."""
    indexed = [word for word in sought.words if len(word) >= 3] if _has_index(connection) else []
    conditions, values = ["deleted IS NULL"], list[object]()
    source = "message"
    if indexed:
        source = "message_index JOIN message ON message.number = message_index.rowid"
        conditions.append("message_index MATCH ?")
        values.append(" AND ".join('"' + word.replace('"', '""') + '"' for word in indexed))
    for word in sought.words:
        if word in indexed:
            continue
        # instr is several times faster than LIKE, and the same where a word has no upper and lower case
        caseless = word.lower() == word.upper()
        test = "instr({0}, ?) > 0" if caseless else "{0} LIKE ? ESCAPE '\\'"
        conditions.append(f"({test.format('message.content')} OR {test.format('message.reasoning')})")
        values += [word if caseless else like_pattern(word)] * 2
    if conversation is not None:
        conditions.append("message.conversation = ?")
        values.append(conversation)
    order = "message_index.rowid" if indexed else "message.number"
    places: _Places = {}
    for number, message in connection.execute(
        f"SELECT message.conversation, message.number FROM {source}"
        " JOIN conversation ON conversation.number = message.conversation"
        f" WHERE {' AND '.join(conditions)} ORDER BY {order} DESC LIMIT ?",
        (*values, SCANNED),
    ):
        places.setdefault(number, {})[message] = None
    return places


def _attachments(connection: Connection, sought: _Sought, conversation: int | None = None) -> _Places:
    """Questions with an attachment that holds every word. They are read: an index of a text of some MB takes seconds."""
    conditions = " AND ".join("attachment.text LIKE ? ESCAPE '\\'" for _ in sought.words)
    values: list[object] = [*map(like_pattern, sought.words)]
    if conversation is not None:
        conditions += " AND message.conversation = ?"
        values.append(conversation)
    places: _Places = {}
    for number, message, attachment in connection.execute(
        "SELECT message.conversation, message.number, attachment.number FROM attachment"
        " CROSS JOIN message ON message.attachments IS NOT NULL AND instr(message.attachments, attachment.digest) > 0"
        " JOIN conversation ON conversation.number = message.conversation"
        f" WHERE {conditions} AND deleted IS NULL ORDER BY message.number DESC LIMIT ?",
        (*values, SCANNED),
    ):
        places.setdefault(number, {})[message] = attachment
    return places


def _hits(
    connection: Connection, sought: _Sought, conversation_id: str, places: Iterable[tuple[int, int | None]]
) -> Iterator[Hit]:
    """What was found in these messages, each with the attachment where that holds it."""
    for number, attachment in places:
        ident, role, content, reasoning, created = connection.execute(
            "SELECT id, role, content, reasoning, created FROM message WHERE number = ?", (number,)
        ).fetchone()
        content, reasoning = rows.text(content), rows.text(reasoning)
        if attachment is not None:
            query = "SELECT text FROM attachment WHERE number = ?"
            where, text = "attachment", rows.text(connection.execute(query, (attachment,)).fetchone()[0])
        elif role == "user":
            where, text = "prompt", content
        elif sought.first(content):
            where, text = "content", content
        else:
            where, text = "reasoning", reasoning
        snippet, spans, needle = sought.excerpt(text)
        yield Hit(conversation_id, rows.text(ident), where, snippet, spans, rows.number(created), needle)


def _has_index(connection: Connection) -> bool:
    return (
        connection.execute(
            "SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name = 'message_indexed'"
        ).fetchone()
        is not None
    )
