"""The prompt as the model gets it: before it is sent, and afterwards. The answer to "why does it not know what I said"."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from r1tui.domain.attachment import Attachment
from r1tui.domain.chat import ChatRequest
from r1tui.domain.conversation import Conversation
from r1tui.domain.dataclass import dataclass
from r1tui.domain.message import Message, Role
from r1tui.services.engines.engine import Engine, EngineError, OpensThinking, PromptCounter

PATIENCE = 3.0
"""Seconds that a server may take to say how it renders a prompt."""


@runtime_checkable
class Renderer(Protocol):
    """An engine whose server tells the text that its template makes of a request (Ollama)."""

    async def rendered(self, request: ChatRequest) -> str | None:
        """That text; None where the server does not tell, or would have to load the model for it."""
        ...


@dataclass(frozen=True, slots=True)
class SentPrompt:
    """What is sent, or was."""

    request: ChatRequest
    rendered: str
    """The text as the server's template makes it of the turns; empty where it does not tell."""
    estimate: int
    """Tokens by our own reckoning."""
    counted: int | None
    """Tokens by the server's; None where it does not tell before it is sent."""
    left_out: tuple[Message, ...]
    """Messages before it that the context has no room for."""
    to_come: bool
    """Whether it has not been sent yet."""
    resumed: int | None = None
    """Tokens of the answer itself that were sent along when it was gone on with; None where it was made in one go."""
    opened: bool = False
    """Whether the answer is begun with `<think>` for the model."""
    reading_seconds: float | None = None
    """About how long the server will read before the first token; None where that was never measured."""


def left_out(conversation: Conversation, request: ChatRequest, upto: str | None) -> tuple[Message, ...]:
    """The messages up to `upto` that a request does without: whole ones, the oldest."""
    pairs = conversation.visible(upto)
    sent = sum(turn.role is not Role.SYSTEM for turn in request.turns)
    return tuple(message for message, _ in pairs[: max(len(pairs) - sent, 0)])


def with_question(
    conversation: Conversation, text: str, attachments: tuple[Attachment, ...] = ()
) -> Conversation:
    """The conversation as it will be once this is asked; the one given stays as it is."""
    copy = Conversation(
        id=conversation.id,
        model=conversation.model,
        system=conversation.system,
        think=conversation.think,
        options=dict(conversation.options),
        messages=dict(conversation.messages),
        leaf=conversation.leaf,
    )
    copy.add(Message(Role.USER, text, attachments=attachments))
    return copy


async def rendered_by(engine: Engine | None, request: ChatRequest) -> str:
    """The text that the server makes of a request; empty where it does not say within a moment."""
    renderer: object = engine
    if not isinstance(renderer, Renderer):
        return ""
    try:
        async with asyncio.timeout(PATIENCE):
            return await renderer.rendered(request) or ""
    except (EngineError, TimeoutError):
        return ""


async def opened_by(engine: Engine | None, request: ChatRequest) -> bool:
    """Whether the answer to a request is begun with `<think>`, which it wants."""
    opener: object = engine
    if not request.opens_thinking or not isinstance(opener, OpensThinking):
        return False
    try:
        async with asyncio.timeout(PATIENCE):
            return await opener.opens_thinking(request)
    except (EngineError, TimeoutError):
        return False


async def counted_by(engine: Engine, request: ChatRequest) -> int | None:
    """The tokens of a request by the server's own count; None where it does not count before it is asked."""
    counter: object = engine
    if not isinstance(counter, PromptCounter):
        return None
    try:
        async with asyncio.timeout(PATIENCE):
            return await counter.count_prompt(request)
    except (EngineError, TimeoutError):
        return None  # whoever sends it will see what is wrong


class SentRequests:
    """The last requests of this process, by the answer that they were made for."""

    KEPT = 50

    def __init__(self) -> None:
        self._requests: dict[str, ChatRequest] = {}

    def keep(self, answer_id: str, request: ChatRequest) -> None:
        """Remember the newest request for an answer."""
        self._requests.pop(answer_id, None)
        self._requests[answer_id] = request
        for oldest in list(self._requests)[: -self.KEPT]:
            del self._requests[oldest]

    def of(self, answer_id: str) -> ChatRequest | None:
        """The request that an answer was made with, where this process made it."""
        return self._requests.get(answer_id)


def answer_to(branch: Sequence[Message], message: Message) -> Message | None:
    """The answer that a message of a branch is, or has."""
    if message.role is Role.ASSISTANT:
        return message
    return next((each for each in branch if each.parent == message.id and each.role is Role.ASSISTANT), None)
