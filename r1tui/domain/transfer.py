"""Conversations as plain data, in the shape that `r1tui export --format json` writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from enum import StrEnum
from typing import Any, TypeVar

from r1tui.domain.chat import ThinkMode
from r1tui.domain.conversation import Conversation
from r1tui.domain.message import AnswerStats, Message, MessageStatus, Role, new_id
from r1tui.domain.phrase import Phrase

FORMAT_VERSION = 1
MAX_ID = 100

Word = TypeVar("Word", bound=StrEnum)


class NotAConversation(ValueError):
    """The data does not hold a conversation."""


def conversation_to(conversation: Conversation) -> dict[str, Any]:
    """Every field that is stored, messages as a list, oldest first."""
    return {
        "id": conversation.id,
        "title": conversation.title,
        "created": conversation.created,
        "updated": conversation.updated,
        "model": conversation.model,
        "system": conversation.system,
        "think": str(conversation.think),
        "options": dict(conversation.options),
        "pinned": conversation.pinned,
        "archived": conversation.archived,
        "leaf": conversation.leaf,
        "messages": [message_to(message) for message in conversation.messages.values()],
    }


def message_to(message: Message) -> dict[str, Any]:
    """Every field that means something outside the process that writes the message."""
    return {
        "id": message.id,
        "parent": message.parent,
        "role": str(message.role),
        "content": message.content,
        "reasoning": message.reasoning,
        "status": str(message.status),
        "model": message.model,
        "created": message.created,
        "reasoning_seconds": message.reasoning_seconds,
        "reasoning_tokens": message.reasoning_tokens,
        "answer_tokens": message.answer_tokens,
        "stats": None if message.stats is None else asdict(message.stats),
        "error": None if message.error is None else phrase_to(message.error),
    }


def conversation_from(data: object) -> Conversation:
    """The reverse, for data from anywhere: what has the wrong type becomes the default, the tree is mended.

    Raises `NotAConversation` where there are no messages at all.
    """
    if not isinstance(data, Mapping) or not isinstance(data.get("messages"), list):
        raise NotAConversation
    conversation = Conversation(
        id=identifier(data.get("id")),
        title=text(data.get("title")),
        created=number(data.get("created")),
        updated=number(data.get("updated")),
        model=text(data.get("model")),
        system=text(data.get("system")),
        think=word(ThinkMode, data.get("think"), ThinkMode.AUTO),
        options=options(data.get("options")),
        pinned=data.get("pinned") is True,
        archived=data.get("archived") is True,
        leaf=data["leaf"] if isinstance(data.get("leaf"), str) else None,
    )
    for item in data["messages"]:
        if isinstance(item, Mapping):
            message = message_from(item)
            if message.id in conversation.messages:
                message.id = new_id()
            conversation.messages[message.id] = message
    conversation.mend()
    return conversation


def message_from(data: Mapping[str, Any]) -> Message:
    """One message; one that was still streaming was interrupted, as far as the reader is concerned."""
    status = word(MessageStatus, data.get("status"), MessageStatus.COMPLETE)
    parent = data.get("parent")
    return Message(
        role=word(Role, data.get("role"), Role.USER),
        content=text(data.get("content")),
        reasoning=text(data.get("reasoning")),
        status=MessageStatus.INTERRUPTED if status is MessageStatus.STREAMING else status,
        id=identifier(data.get("id")),
        parent=parent if isinstance(parent, str) else None,
        model=text(data.get("model")),
        created=number(data.get("created")),
        reasoning_seconds=number(data.get("reasoning_seconds")),
        reasoning_tokens=int(number(data.get("reasoning_tokens"))),
        answer_tokens=int(number(data.get("answer_tokens"))),
        stats=_stats(data.get("stats")),
        error=phrase_from(data.get("error")),
    )


def phrase_to(phrase: Phrase) -> dict[str, Any]:
    """A phrase, and phrases within it, as data."""
    params = {
        name: phrase_to(value) if isinstance(value, Phrase) else value
        for name, value in phrase.params.items()
    }
    return {"key": phrase.key, "params": params}


def phrase_from(data: object, depth: int = 4) -> Phrase | None:
    """The reverse; None for anything else."""
    if not isinstance(data, Mapping) or data.keys() != {"key", "params"} or depth == 0:
        return None
    key, params = data["key"], data["params"]
    if not isinstance(key, str) or not isinstance(params, Mapping):
        return None
    return Phrase(key, {str(name): phrase_from(value, depth - 1) or value for name, value in params.items()})


def _stats(data: object) -> AnswerStats | None:
    if not isinstance(data, Mapping):
        return None
    values = {field.name: data.get(field.name) for field in fields(AnswerStats)}
    return AnswerStats(**{name: value for name, value in values.items() if _is_number(value)})


def text(value: object) -> str:
    """Text, or nothing."""
    return value if isinstance(value, str) else ""


def number(value: object) -> float:
    """A finite number that is not negative, or 0."""
    return float(value) if _is_number(value) else 0.0  # type: ignore[arg-type]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e15


def identifier(value: object) -> str:
    """A usable identifier, or a new one."""
    return value if isinstance(value, str) and 0 < len(value) <= MAX_ID and value.isprintable() else new_id()


def word(kind: type[Word], value: object, default: Word) -> Word:
    """The member of an enumeration that `value` names, else `default`."""
    try:
        return kind(value)  # type: ignore[arg-type]
    except ValueError:
        return default


def options(value: object) -> dict[str, float | int | str]:
    """Parameters of a request: names with numbers or text; everything else is left out."""
    if not isinstance(value, Mapping):
        return {}
    return {str(name): each for name, each in value.items() if isinstance(each, int | float | str)}
