"""Rows of the store and the domain's objects, each made from the other."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from r1tui.domain.chat import ThinkMode
from r1tui.domain.conversation import Conversation
from r1tui.domain.message import AnswerStats, Message, MessageStatus, Phase, Role
from r1tui.domain.phrase import Phrase
from r1tui.domain.transfer import phrase_from, phrase_to

if TYPE_CHECKING:
    from sqlite3 import Connection

Kind = TypeVar("Kind", bound=StrEnum)


CONVERSATION = "id, title, created, updated, model, system, think, options, pinned, archived, leaf"
MESSAGE = (
    "id, parent, role, content, reasoning, status, model, created, phase, reasoning_seconds, reasoning_tokens,"
    " answer_tokens, stats, error"
)
MESSAGE_UPSERT = f"""
INSERT INTO message (conversation, {MESSAGE}) VALUES (?{", ?" * 14})
ON CONFLICT (conversation, id) DO UPDATE SET
    parent = excluded.parent, role = excluded.role, content = excluded.content, reasoning = excluded.reasoning,
    status = excluded.status, model = excluded.model, phase = excluded.phase,
    reasoning_seconds = excluded.reasoning_seconds, reasoning_tokens = excluded.reasoning_tokens,
    answer_tokens = excluded.answer_tokens, stats = excluded.stats, error = excluded.error
"""


def member(kind: type[Kind], value: str, default: Kind) -> Kind:
    """The member of an enumeration that `value` names, else `default`."""
    try:
        return kind(value)
    except ValueError:
        return default


def storable(text: str) -> str:
    """Text that UTF-8 can hold: lone surrogates, which JSON from elsewhere may bring, become a sign."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def message_row(message: Message) -> tuple[object, ...]:
    """The values of the columns `MESSAGE`."""
    return (
        message.id,
        message.parent,
        str(message.role),
        storable(message.content),
        storable(message.reasoning),
        str(message.status),
        storable(message.model),
        message.created,
        None if message.phase is None else str(message.phase),
        message.reasoning_seconds,
        message.reasoning_tokens,
        message.answer_tokens,
        None if message.stats is None else json.dumps(asdict(message.stats)),
        None if message.error is None else json.dumps(phrase_to(message.error), default=str),
    )


def message_from(row: Iterable[Any]) -> Message:
    """A message from the columns `MESSAGE`. What a damaged row holds in place of a known word becomes the
    default."""
    ident, parent, role, content, reasoning, status, model, created, *rest = row
    phase, seconds, thought, answered, stats, error = rest
    return Message(
        role=member(Role, role, Role.USER),
        content=content,
        reasoning=reasoning,
        status=member(MessageStatus, status, MessageStatus.INTERRUPTED),
        id=ident,
        parent=parent,
        model=model,
        created=created,
        phase=member(Phase, phase, Phase.CONNECTING) if phase and status == MessageStatus.STREAMING else None,
        reasoning_seconds=seconds,
        reasoning_tokens=thought,
        answer_tokens=answered,
        stats=_stats(stats),
        error=_error(error),
    )


def _stats(text: str | None) -> AnswerStats | None:
    found = _object(text)
    if found is None:
        return None
    return AnswerStats(**{name: found.get(name) for name in AnswerStats.__dataclass_fields__})


def _error(text: str | None) -> Phrase | None:
    return phrase_from(_object(text))


def _object(text: str | None) -> dict[str, Any] | None:
    if not text:
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def conversation_from(row: Iterable[Any]) -> Conversation:
    """A conversation without its messages, from the columns `CONVERSATION`."""
    ident, title, created, updated, model, system, think, options, pinned, archived, leaf = row
    return Conversation(
        id=ident,
        title=title,
        created=created,
        updated=updated,
        model=model,
        system=system,
        think=member(ThinkMode, think, ThinkMode.AUTO),
        options=_object(options) or {},
        pinned=bool(pinned),
        archived=bool(archived),
        leaf=leaf,
    )


def load(connection: Connection, conversation_id: str) -> Conversation | None:
    """A whole conversation; None where there is none (any more)."""
    row = connection.execute(
        f"SELECT number, {CONVERSATION} FROM conversation WHERE id = ? AND deleted IS NULL",
        (conversation_id,),
    ).fetchone()
    if row is None:
        return None
    conversation = conversation_from(row[1:])
    # By the numbers, which come sorted: sorting whole messages would write a long conversation to a temporary file.
    rows = connection.execute(
        f"SELECT {MESSAGE} FROM message WHERE number IN (SELECT number FROM message WHERE conversation = ?)"
        " ORDER BY number",
        (row[0],),
    )
    conversation.messages = {message.id: message for message in map(message_from, rows)}
    for message in conversation.messages.values():
        if message.status is MessageStatus.STREAMING:
            add_pieces(connection, row[0], message)
    conversation.mend()
    return conversation


def load_message(connection: Connection, conversation_id: str, message_id: str) -> Message | None:
    """One message as it is now."""
    row = connection.execute(
        f"SELECT conversation, {MESSAGE} FROM message WHERE id = ?"
        " AND conversation = (SELECT number FROM conversation WHERE id = ?)",
        (message_id, conversation_id),
    ).fetchone()
    if row is None:
        return None
    message = message_from(row[1:])
    add_pieces(connection, row[0], message)
    return message


def add_pieces(connection: Connection, conversation_number: int, message: Message) -> None:
    """Give a streaming message what it grew by since its row was written."""
    pieces = connection.execute(
        "SELECT piece.content, piece.reasoning FROM piece JOIN message ON message.number = piece.message"
        " WHERE message.conversation = ? AND message.id = ? ORDER BY piece.number",
        (conversation_number, message.id),
    ).fetchall()
    message.content += "".join(content for content, _ in pieces)
    message.reasoning += "".join(reasoning for _, reasoning in pieces)
