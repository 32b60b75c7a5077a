"""Rows of the store and the domain's objects, each made from the other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from r1tui.domain import message_codec, untrusted
from r1tui.domain.chat import ThinkMode
from r1tui.domain.conversation import Conversation, title_from
from r1tui.domain.message import Message, MessageStatus
from r1tui.domain.message_codec import FIELDS, Field, written
from r1tui.domain.options import options
from r1tui.domain.phrase import Phrase, phrase
from r1tui.locale import is_complete
from r1tui.services.store import attachments
from r1tui.services.store.database import Mended, decoded

if TYPE_CHECKING:
    from sqlite3 import Connection


CONVERSATION = "id, title, created, updated, model, system, think, options, pinned, archived, leaf"
MESSAGE = ", ".join(FIELDS)
MESSAGE_UPSERT = f"""
INSERT INTO message (conversation, {MESSAGE}) VALUES (?{", ?" * len(FIELDS)})
ON CONFLICT (conversation, id) DO UPDATE SET
    {", ".join(f"{name} = excluded.{name}" for name in FIELDS if name not in ("id", "created"))}
"""

_DAMAGED = frozenset((Mended, bytes))
MENDED_NAMED = 3
"""How many messages a sentence names."""


def storable(written: str) -> str:
    """Text that UTF-8 can hold: lone surrogates, which JSON from elsewhere may bring, become a sign."""
    return untrusted.text(written)


def text(value: object) -> str:
    """What a column of text holds, whatever damage made of it: SQLite keeps values of any type in any column."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return Mended(decoded(value))
    return "" if value is None else Mended(value)


def number(value: object) -> float:
    """A time in seconds since the epoch; 0 for anything else."""
    return untrusted.moment(value) or 0.0


def message_row(message: Message) -> tuple[object, ...]:
    """The values of the columns `MESSAGE`."""
    return tuple(message_values(message).values())


def message_values(message: Message) -> dict[str, object]:
    """The value of each column of a message's row."""
    return {name: _column(field, value) for name, field, value in written(message)}


def _column(field: Field, value: object) -> object:
    if isinstance(value, str):
        return storable(value)
    if field.kind is list:
        return attachments.references(value)
    return value if value is None or field.kind is not dict else json.dumps(value, default=str)


def message_from(connection: Connection, row: Sequence[Any]) -> Message:
    """A message from the columns `MESSAGE`, with the contents of its attachments. What a damaged row holds in place of
    a known word becomes the default."""
    told = zip(_READERS, row, strict=True)
    message = message_codec.message_of(
        {
            name: stored if stored.__class__ is plain else read(stored)
            for (name, plain, read), stored in told
            if stored is not None
        }
    )
    if row[_ERROR] and (message.error is None or not is_complete(message.error)):
        message.error = phrase("store.unknown_fault")  # this version has no words for it
    if message.attachments:
        message.attachments = attachments.load(connection, row[_ATTACHMENTS])
    return message


def _reader(field: Field) -> Callable[[Any], Any]:
    """What makes a field's value of a column that holds something, whatever damage has put there."""
    read = field.read
    if field.kind is dict:
        return lambda stored: read(_object(stored))
    if field.kind is list:
        return lambda stored: read(attachments.referred(stored))
    if field.kind is not str:
        return read
    if _is_plain(field):
        return text
    return lambda stored: read(stored if stored.__class__ is str else text(stored))


def _is_plain(field: Field) -> bool:
    """Whether any text in its column is its value: no column holds a lone surrogate, all that `untrusted.text` looks for."""
    return field.read is untrusted.text


def _object(stored: object) -> dict[str, Any] | None:
    """The object that a column holds as JSON; None where it holds none."""
    try:
        found = untrusted.parse_json(untrusted.text(stored))
    except untrusted.Malformed:
        return None
    return found if isinstance(found, dict) else None


_READERS = [(name, str if _is_plain(field) else None, _reader(field)) for name, field in FIELDS.items()]
"""Name, type of which a value is taken as it stands (a call each takes longer than SQLite does), what reads any other."""
_ERROR, _ATTACHMENTS = (list(FIELDS).index(name) for name in ("error", "attachments"))
"""Columns of a row."""


def conversation_from(row: Iterable[Any]) -> Conversation:
    """A conversation without its messages, from the columns `CONVERSATION`."""
    ident, title, created, updated, model, system, think, chosen, pinned, archived, leaf = row
    return Conversation(
        id=text(ident),
        title=text(title),
        created=number(created),
        updated=number(updated),
        model=text(model),
        system=text(system),
        think=untrusted.word(ThinkMode, think, ThinkMode.AUTO),
        options=options(_object(chosen)),
        pinned=bool(pinned),
        archived=bool(archived),
        leaf=None if leaf is None else text(leaf),
    )


def mended_notice(conversation: Conversation) -> Phrase | None:
    """A sentence that names the messages in which bytes that are no text were replaced; None where there are none."""
    if not conversation.mended:
        return None
    numbers = {ident: number for number, ident in enumerate(conversation.messages, 1)}
    named = [
        f"{numbers[ident]} “{title_from(conversation.messages[ident].content)}”"
        for ident in conversation.mended[:MENDED_NAMED]
        if ident in numbers
    ]
    more = ["…"] if len(conversation.mended) > len(named) else []
    which, count = ", ".join([*named, *more]), len(conversation.mended)
    return phrase("store.no_text", n=count, title=conversation.title or conversation.id, which=which)


def load(connection: Connection, conversation_id: str) -> Conversation | None:
    """A whole conversation; None where there is none (any more)."""
    row = connection.execute(
        f"SELECT number, {CONVERSATION} FROM conversation WHERE id = ? AND deleted IS NULL",
        (conversation_id,),
    ).fetchone()
    if row is None and "\ufffd" in conversation_id:
        row = _by_mended_id(connection, conversation_id)
    if row is None:
        return None
    conversation = conversation_from(row[1:])
    # By the numbers, which come sorted: sorting whole messages would write a long conversation to a temporary file.
    for each in _as_text(
        connection,
        f"SELECT {MESSAGE} FROM message WHERE number IN (SELECT number FROM message WHERE conversation = ?)"
        " ORDER BY number",
        row[0],
    ):
        message = message_from(connection, each)
        conversation.messages[message.id] = message
        if not _DAMAGED.isdisjoint(map(type, each)):
            conversation.mended.append(message.id)
        if message.status is MessageStatus.STREAMING and add_pieces(connection, row[0], message):
            conversation.mended.append(message.id)
    conversation.mend()
    return conversation


def _as_text(connection: Connection, query: str, *parameters: object) -> list[tuple[Any, ...]]:
    """The rows of a query, decoded by sqlite3 itself, which fails where some bytes are no text; then one by one."""
    import sqlite3

    ours, connection.text_factory = connection.text_factory, str
    try:
        return connection.execute(query, parameters).fetchall()
    except sqlite3.OperationalError:
        pass
    finally:
        connection.text_factory = ours
    return connection.execute(query, parameters).fetchall()


def _by_mended_id(connection: Connection, conversation_id: str) -> tuple[Any, ...] | None:
    """The row of a conversation whose id itself is damaged: such an id finds nothing in an index."""
    for row in connection.execute(f"SELECT number, {CONVERSATION} FROM conversation WHERE deleted IS NULL"):
        if text(row[1]) == conversation_id:
            return tuple(row)
    return None


def load_message(connection: Connection, conversation_id: str, message_id: str) -> Message | None:
    """One message as it is now."""
    row = connection.execute(
        f"SELECT conversation, {MESSAGE} FROM message WHERE id = ?"
        " AND conversation = (SELECT number FROM conversation WHERE id = ?)",
        (message_id, conversation_id),
    ).fetchone()
    if row is None:
        return None
    message = message_from(connection, row[1:])
    add_pieces(connection, row[0], message)
    return message


def add_pieces(connection: Connection, conversation_number: int, message: Message) -> bool:
    """Give a streaming message what it grew by since its row was written. Returns whether bytes were replaced."""
    pieces = connection.execute(
        "SELECT piece.content, piece.reasoning FROM piece JOIN message ON message.number = piece.message"
        " WHERE message.conversation = ? AND message.id = ? ORDER BY piece.number",
        (conversation_number, message.id),
    ).fetchall()
    message.content += "".join(text(content) for content, _ in pieces)
    message.reasoning += "".join(text(reasoning) for _, reasoning in pieces)
    return any(not _DAMAGED.isdisjoint(map(type, piece)) for piece in pieces)
