"""Conversations of other programs, made ours. All data is hostile until it has its type."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

from r1tui.domain.conversation import Conversation
from r1tui.domain.message import Message, Role
from r1tui.domain.transfer import NotAConversation
from r1tui.domain.untrusted import moment, number, text

_DETAILS = '<details type="reasoning"'
_DURATION = re.compile(r'duration="(\d{1,6})"')
_QUOTED = re.compile(r"^>? ?", re.MULTILINE)


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
    above = _Above(mapping, kept)
    for wanted in (True, False):  # answers first: each thought goes to the first of them below it
        for node_id, message in kept.items():
            if (message.role is Role.ASSISTANT) is wanted:
                message.parent, skipped = above(node_id)
                if wanted:
                    found = [thoughts.pop(each) for each in reversed(skipped) if each in thoughts]
                    message.reasoning = "\n\n".join(found)
    leaf = data.get("current_node")
    if not isinstance(leaf, str):
        leaf = None
    elif leaf not in kept:
        leaf, _ = above(leaf)
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


class _Above:
    """Finds the nearest kept node above another, going over each node that is not kept only once."""

    def __init__(self, mapping: Mapping[str, Any], kept: Mapping[str, Message]) -> None:
        self._mapping = mapping
        self._kept = kept
        self._known: dict[str, str | None] = {}

    def __call__(self, node_id: str) -> tuple[str | None, list[str]]:
        """The node (None for the top), and those between that nobody went over before, nearest first."""
        met: dict[str, None] = {}
        at, found = node_id, None
        while True:
            node = self._mapping.get(at)
            parent = node.get("parent") if isinstance(node, Mapping) else None
            if not isinstance(parent, str) or parent in met or parent == node_id:
                break
            if parent in self._kept or parent in self._known:
                found = parent if parent in self._kept else self._known[parent]
                break
            met[parent] = None
            at = parent
        self._known.update(dict.fromkeys(met, found))
        return found, list(met)


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
    if item["role"] == "assistant":
        content, reasoning, took = _without_details(content)
    parent = item.get("parentId")
    return Message(
        Role(item["role"]),
        content,
        reasoning,
        parent=parent if isinstance(parent, str) else None,
        model=text(item.get("model")),
        created=seconds(item.get("timestamp")),
        reasoning_seconds=took,
    )


def _without_details(content: str) -> tuple[str, str, float]:
    """An answer without its `<details>` of reasoning, the reasoning, and its seconds. Looks at each character once."""
    rest: list[str] = []
    reasoning: list[str] = []
    took, at = 0.0, 0
    while True:
        start = content.find(_DETAILS, at)
        inside = content.find(">", start) + 1 if start >= 0 else 0
        end = content.find("</details>", inside) if inside else -1
        if end < 0:
            break
        duration = _DURATION.search(content, start, inside)
        took += float(duration.group(1)) if duration else 0.0
        quoted = content[inside:end].lstrip()
        if quoted.startswith("<summary>"):
            quoted = quoted.partition("</summary>")[2]
        reasoning.append(_QUOTED.sub("", _unescaped(quoted).strip()))
        rest.append(content[at:start])
        at = end + len("</details>")
    if not reasoning:
        return content, "", 0.0
    rest.append(content[at:].lstrip())
    return "".join(rest).strip(), "\n\n".join(filter(None, reasoning)), took


def _unescaped(quoted: str) -> str:
    try:
        return html.unescape(quoted)
    except ValueError:  # a number with more digits than Python reads
        return quoted


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
    for unit in (1, 1000, 10**9):
        found = number(value, 0, 1e11 * unit)
        if found is not None:
            return moment(found / unit) or 0.0
    return 0.0
