"""Conversations as plain data, in the shape that `r1tui export --format json` writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from r1tui.domain.chat import ThinkMode
from r1tui.domain.conversation import Conversation
from r1tui.domain.message import AnswerStats, Message, MessageStatus, Role, new_id
from r1tui.domain.options import options
from r1tui.domain.phrase import Phrase
from r1tui.domain.untrusted import moment, seconds, text, tokens, word

FORMAT_VERSION = 1
MAX_ID = 100
MAX_PARAMS = 16
MAX_PARAM = 10_000
"""Parameters of a phrase, and characters of one. Ours have five at most."""


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
        created=moment(data.get("created")) or 0.0,
        updated=moment(data.get("updated")) or 0.0,
        model=text(data.get("model")),
        system=text(data.get("system")),
        think=word(ThinkMode, data.get("think"), ThinkMode.AUTO),
        options=options(data.get("options")),
        pinned=data.get("pinned") is True,
        archived=data.get("archived") is True,
        leaf=text(data.get("leaf")) or None,
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
    return Message(
        role=word(Role, data.get("role"), Role.USER),
        content=text(data.get("content")),
        reasoning=text(data.get("reasoning")),
        status=MessageStatus.INTERRUPTED if status is MessageStatus.STREAMING else status,
        id=identifier(data.get("id")),
        parent=text(data.get("parent")) or None,
        model=text(data.get("model")),
        created=moment(data.get("created")) or 0.0,
        reasoning_seconds=seconds(data.get("reasoning_seconds")) or 0.0,
        reasoning_tokens=tokens(data.get("reasoning_tokens")) or 0,
        answer_tokens=tokens(data.get("answer_tokens")) or 0,
        stats=stats_from(data.get("stats")),
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
    """The reverse, for a phrase whose parameters are text, numbers and such phrases; None for anything else."""
    if not isinstance(data, Mapping) or data.keys() != {"key", "params"} or depth == 0:
        return None
    key, given = data["key"], data["params"]
    if not isinstance(key, str) or not isinstance(given, Mapping) or len(given) > MAX_PARAMS:
        return None
    params: dict[str, object] = {}
    for name, value in given.items():
        plain = _plain(value, depth)
        if plain is None or not isinstance(name, str):
            return None
        params[name] = plain
    return Phrase(key, params)


def _plain(value: object, depth: int) -> Phrase | str | int | float | None:
    """A parameter of a phrase; None for what cannot be one."""
    if isinstance(value, str):
        return value[:MAX_PARAM]
    if isinstance(value, int | float):
        return value if abs(value) < 1e15 else None  # nor NaN
    return phrase_from(value, depth - 1)


def stats_from(data: object) -> AnswerStats | None:
    """The figures of an answer; what is no such figure counts as not told."""
    if not isinstance(data, Mapping):
        return None
    stats = AnswerStats()
    for each in fields(AnswerStats):
        read = tokens if each.name.endswith("_tokens") else seconds
        setattr(stats, each.name, read(data.get(each.name)))
    return stats


def identifier(value: object) -> str:
    """A usable identifier, or a new one."""
    found = text(value)
    return found if 0 < len(found) <= MAX_ID and found.isprintable() else new_id()
