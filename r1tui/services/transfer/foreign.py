"""Conversations of other programs, made ours. All data is hostile until it has its type."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

from r1tui.domain.conversation import Conversation
from r1tui.domain.message import Message, Role
from r1tui.domain.transfer import NotAConversation, number, text

_DETAILS = re.compile(
    r'<details type="reasoning"([^>]*)>\s*(?:<summary>[^<]*</summary>)?(.*?)</details>\s*', re.DOTALL
)
_DURATION = re.compile(r'duration="(\d{1,6})"')


def from_chatgpt(data: object) -> Conversation:
    """An entry of ChatGPT's conversations.json: a `mapping` of nodes, most of them with a message.

    Nodes without text (system, tools, roots) are left out and their children hang on what is above them; the
    thoughts of a reasoning model become the reasoning of the answer below them.
    """
    if not isinstance(data, Mapping) or not isinstance(data.get("mapping"), Mapping):
        raise NotAConversation
    mapping: Mapping[str, Any] = data["mapping"]
    kept: dict[str, Message] = {}
    thoughts: dict[str, str] = {}
    for node_id, node in mapping.items():
        message = node.get("message") if isinstance(node, Mapping) else None
        if isinstance(message, Mapping):
            _take_node(node_id, message, kept, thoughts)
    conversation = Conversation(
        title=text(data.get("title")),
        created=seconds(data.get("create_time")),
        updated=seconds(data.get("update_time")),
        model=text(data.get("default_model_slug")),
    )
    for node_id, message in kept.items():
        message.parent, message.reasoning = _above(node_id, mapping, kept, thoughts)
        if message.role is not Role.ASSISTANT:
            message.reasoning = ""
    leaf = data.get("current_node")
    if isinstance(leaf, str) and leaf not in kept:
        leaf, _ = _above(leaf, mapping, kept, thoughts)
    return _finish(conversation, kept, leaf)


def _take_node(
    node_id: str, message: Mapping[str, Any], kept: dict[str, Message], thoughts: dict[str, str]
) -> None:
    author, content, metadata = (
        value if isinstance(value, Mapping) else {}
        for value in (message.get("author"), message.get("content"), message.get("metadata"))
    )
    if isinstance(content.get("thoughts"), list):
        parts = [text(each.get("content")) for each in content["thoughts"] if isinstance(each, Mapping)]
        thoughts[node_id] = "\n\n".join(filter(None, parts))
        return
    pieces = content.get("parts")
    body = "\n\n".join(filter(None, map(text, pieces))) if isinstance(pieces, list) else ""
    role = author.get("role")
    if (
        body
        and role in ("user", "assistant")
        and content.get("content_type") in ("text", "multimodal_text", None)
    ):
        kept[node_id] = Message(
            Role(role),
            body,
            model=text(metadata.get("model_slug")),
            created=seconds(message.get("create_time")),
        )


def _above(
    node_id: str, mapping: Mapping[str, Any], kept: Mapping[str, Message], thoughts: Mapping[str, str]
) -> tuple[str | None, str]:
    """The nearest kept node above, and the thoughts met on the way up to it."""
    met: list[str] = []
    seen = {node_id}
    while True:
        node = mapping.get(node_id)
        parent = node.get("parent") if isinstance(node, Mapping) else None
        if not isinstance(parent, str) or parent in seen:
            return None, "\n\n".join(reversed(met))
        if parent in kept:
            return parent, "\n\n".join(reversed(met))
        if parent in thoughts:
            met.append(thoughts[parent])
        seen.add(parent)
        node_id = parent


def from_open_webui(data: object) -> Conversation:
    """An entry of Open WebUI's export: `chat` with a `history` of messages, reasoning as `<details>` in the text."""
    chat = data.get("chat") if isinstance(data, Mapping) else None
    if not isinstance(data, Mapping) or not isinstance(chat, Mapping):
        raise NotAConversation
    history = chat["history"] if isinstance(chat.get("history"), Mapping) else {}
    items = history.get("messages")
    if not isinstance(items, Mapping):
        items = _in_a_row(chat.get("messages"))
    kept: dict[str, Message] = {}
    for item_id, item in items.items():
        if isinstance(item, Mapping) and item.get("role") in ("user", "assistant", "system"):
            kept[item_id] = _webui_message(item)
    models = chat.get("models")
    conversation = Conversation(
        title=text(chat.get("title")) or text(data.get("title")),
        created=seconds(data.get("created_at")),
        updated=seconds(data.get("updated_at")),
        model=text(models[0]) if isinstance(models, list) and models else "",
        pinned=data.get("pinned") is True,
        archived=data.get("archived") is True,
    )
    leaf = history.get("currentId")
    return _finish(conversation, kept, leaf if isinstance(leaf, str) else None)


def _in_a_row(items: object) -> dict[str, Any]:
    """Old exports have a plain list: each message follows the one before."""
    rows = [dict(item) for item in items if isinstance(item, Mapping)] if isinstance(items, list) else []
    return {str(at): {**row, "parentId": str(at - 1) if at else None} for at, row in enumerate(rows)}


def _webui_message(item: Mapping[str, Any]) -> Message:
    content, reasoning, took = text(item.get("content")), "", 0.0
    if item["role"] == "assistant" and (found := _DETAILS.search(content)):
        duration = _DURATION.search(found.group(1))
        took = float(duration.group(1)) if duration else 0.0
        lines = html.unescape(found.group(2)).strip().splitlines()
        reasoning = "\n".join(line.removeprefix(">").removeprefix(" ") for line in lines)
        content = content[: found.start()] + content[found.end() :]
    parent = item.get("parentId")
    return Message(
        Role(item["role"]),
        content.strip() if reasoning else content,
        reasoning,
        parent=parent if isinstance(parent, str) else None,
        model=text(item.get("model")),
        created=seconds(item.get("timestamp")),
        reasoning_seconds=took,
    )


def _finish(conversation: Conversation, kept: dict[str, Message], leaf: str | None) -> Conversation:
    """Give the messages ids of our own (theirs repeat between conversations) and make it a tree."""
    new = {theirs: message.id for theirs, message in kept.items()}
    for message in kept.values():
        message.parent = new.get(message.parent) if message.parent is not None else None
    conversation.messages = {message.id: message for message in kept.values()}
    conversation.leaf = new.get(leaf) if leaf is not None else None
    conversation.mend()
    return conversation


def seconds(value: object) -> float:
    """A time in seconds since the epoch, of one in seconds, milliseconds or nanoseconds; 0 for anything else."""
    nanoseconds = isinstance(value, int) and 1e15 <= value < 1e20
    found = float(value) / 1e9 if nanoseconds else number(value)  # type: ignore[arg-type]
    return found / 1000 if found > 1e11 else found
