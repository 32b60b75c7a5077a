"""What `?` explains in the chat: the topic of what is under the cursor, and the words that the screen shows now."""

from __future__ import annotations

from collections.abc import Iterator

from r1tui.chat.session import ChatSession
from r1tui.commands import Place
from r1tui.domain.message import Message, Role
from r1tui.guide import topics


def topic(place: Place, message: Message | None, out_of_sight: bool) -> str:
    """The topic under the cursor: of a message by what it is doing, of the list of models what their sizes mean."""
    if place is Place.SIDEBAR:
        return topics.MODEL
    if place is Place.MACHINE:
        return topics.FIGURES
    if message is None:
        return ""
    if out_of_sight:
        return topics.OUT_OF_SIGHT
    if message.phase is not None:
        return topics.PHASES[message.phase.value]
    return topics.ANSWER if message.role is Role.ASSISTANT else topics.QUESTION


def on_screen(session: ChatSession) -> Iterator[str]:
    """The glossary's entries for what title and status line show now, the most fleeting first."""
    message = session.streaming
    if message is not None and message.phase is not None:
        yield topics.PHASES[message.phase.value]
    if session.rate:
        yield topics.STATUS["speed"]
    used, size = session.context_use()
    if used or size:
        yield topics.STATUS["context"]
    if session.server.selected:
        yield topics.STATUS["model"]
        yield topics.MODEL
        yield topics.STATUS["quantization"]
    if session.server.prompts_go_to:
        yield topics.STATUS["server"]
    yield topics.STATUS["reasoning"]
