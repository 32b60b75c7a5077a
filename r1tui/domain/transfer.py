"""Conversations as plain data, in the shape that `r1tui export --format json` writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from r1tui.domain import message_codec
from r1tui.domain.attachment import digest_of
from r1tui.domain.chat import ThinkMode
from r1tui.domain.conversation import Conversation
from r1tui.domain.message import Message, MessageStatus, new_id
from r1tui.domain.message_codec import written
from r1tui.domain.options import options
from r1tui.domain.untrusted import moment, tables, text, word

FORMAT_VERSION = 1
MAX_ID = 100


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
        "messages": _messages_to(conversation),
    }


def _messages_to(conversation: Conversation) -> list[dict[str, Any]]:
    """The messages; a text that goes with several questions stands with the first alone, and has its digest there."""
    told = set[str]()
    messages = [message_to(message) for message in conversation.messages.values()]
    for message in messages:
        for attachment in message["attachments"] or ():
            if attachment["digest"] in told:
                del attachment["text"]
            told.add(attachment["digest"])
    return messages


def message_to(message: Message) -> dict[str, Any]:
    """Every field that means something outside the process that writes the message."""
    return {name: value for name, field, value in written(message) if field.exported}


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
    texts = dict[str, str]()
    for item in data["messages"]:
        if isinstance(item, Mapping):
            message = message_from({**item, "attachments": _whole(item.get("attachments"), texts)})
            if message.id in conversation.messages:
                message.id = new_id()
            conversation.messages[message.id] = message
    conversation.mend()
    return conversation


def _whole(attachments: object, texts: dict[str, str]) -> list[dict[str, Any]]:
    """Attachments with their texts; `texts`: those that were read before, by digest."""
    found = [dict(each) for each in tables(attachments)]
    for each in found:
        if isinstance(each.get("text"), str):
            texts[digest_of(each["text"])] = each["text"]
        else:
            each["text"] = texts.get(text(each.get("digest")), "")
    return found


def message_from(data: Mapping[str, Any]) -> Message:
    """One message; one that was still streaming was interrupted, as far as the reader is concerned."""
    message = message_codec.message_from(data)
    message.id = identifier(message.id)
    message.phase = None
    # Who does not say how far a message came, or says it in an unknown word, gives a whole one.
    status = word(MessageStatus, data.get("status"), MessageStatus.COMPLETE)
    message.status = MessageStatus.INTERRUPTED if status is MessageStatus.STREAMING else status
    return message


def identifier(value: object) -> str:
    """A usable identifier, or a new one."""
    found = text(value)
    return found if 0 < len(found) <= MAX_ID and found.isprintable() else new_id()
