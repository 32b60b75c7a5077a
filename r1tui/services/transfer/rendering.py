"""The active branch of a conversation as Markdown and as plain text."""

from __future__ import annotations

import re
from html import escape

from r1tui.domain.attachment import Attachment
from r1tui.domain.clean import clean_line
from r1tui.domain.conversation import Conversation
from r1tui.domain.message import Message, MessageStatus, Role
from r1tui.locale import clock, say, t

_FENCE = re.compile("`{3,}")


def markdown(conversation: Conversation, reasoning: bool) -> str:
    """A heading for each message; reasoning folded as `<details>`, or left out."""
    parts: list[str] = [f"# {clean_line(conversation.title) or t('transfer.untitled')}\n"]
    for message in conversation.branch():
        parts.append(f"\n## {speaker(message)} ({clock.date_and_hour(message.created)})\n")
        if reasoning and message.reasoning:
            summary = thought(message)
            parts.append(
                f"\n<details>\n<summary>{summary}</summary>\n\n{message.reasoning.strip()}\n\n</details>\n"
            )
        parts += map(_folded, message.attachments)
        if message.content:
            parts.append(f"\n{message.content.strip()}\n")
        if note := ending(message):
            parts.append(f"\n*{note}*\n")
    return "".join(parts)


def _folded(attachment: Attachment) -> str:
    """A text that goes with a question, in a fence that nothing in it ends."""
    longest = max(map(len, _FENCE.findall(attachment.text)), default=0)
    fence = "`" * max(longest + 1, 3)
    text = attachment.text.rstrip("\n")
    return f"\n<details>\n<summary>{escape(_said(attachment))}</summary>\n\n{fence}\n{text}\n{fence}\n\n</details>\n"


def _said(attachment: Attachment) -> str:
    """The name of a text that goes with a question, which part of it that is, and how long it is."""
    name = clean_line(attachment.name)
    if attachment.part:
        name = f"{name} ({clean_line(attachment.part)})"
    return t("transfer.attachment", name=name, n=attachment.lines)


def plain(conversation: Conversation, reasoning: bool) -> str:
    """The same for reading anywhere; reasoning indented."""
    title = clean_line(conversation.title) or t("transfer.untitled")
    parts: list[str] = [f"{title}\n"]
    for message in conversation.branch():
        parts.append(f"\n{speaker(message)}, {clock.date_and_hour(message.created)}:\n")
        if reasoning and message.reasoning:
            lines = message.reasoning.strip().splitlines()
            if message.ended_at_edge:
                lines.append(f"[{thought(message)}]")
            parts.append("\n" + _indented(lines))
        parts += [f"\n[{_said(each)}]\n{_indented(each.text.splitlines())}" for each in message.attachments]
        if message.content:
            parts.append(f"\n{message.content.strip()}\n")
        if note := ending(message):
            parts.append(f"\n[{note}]\n")
    return "".join(parts)


def _indented(lines: list[str]) -> str:
    return "".join(f"    {line}".rstrip() + "\n" for line in lines)


def speaker(message: Message) -> str:
    """The name under which a message is exported."""
    if message.role is Role.ASSISTANT:
        return clean_line(message.model) or t("transfer.assistant")
    return t("transfer.you") if message.role is Role.USER else t("transfer.system")


def thought(message: Message) -> str:
    """How long it thought, and whether the context ended that."""
    seconds = round(message.reasoning_seconds)
    if message.ended_at_edge:
        return t("transfer.thought_to_edge", seconds=seconds)
    return t("transfer.thought", seconds=seconds)


def ending(message: Message) -> str:
    """Words for an answer that did not come to its end; empty for one that did."""
    if message.status is MessageStatus.FAILED and message.error is not None:
        return say(message.error)
    words = {
        MessageStatus.STOPPED: t("transfer.stopped"),
        MessageStatus.INTERRUPTED: t("transfer.interrupted"),
        MessageStatus.FAILED: t("transfer.failed"),
        MessageStatus.STREAMING: t("transfer.streaming"),
    }
    return words.get(message.status, "")
