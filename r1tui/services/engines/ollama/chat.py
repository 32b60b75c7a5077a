"""One answer from Ollama: the request in its words, and its stream as events."""

from __future__ import annotations

import math
import re
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from r1tui.domain.chat import ChatRequest, ThinkMode
from r1tui.domain.message import AnswerStats, Phase, Role
from r1tui.domain.model import ModelDetails
from r1tui.domain.phrase import phrase
from r1tui.domain.stream import PhaseChanged, StreamEvent
from r1tui.domain.think_parser import CLOSER, OPENER, ThinkParser
from r1tui.domain.untrusted import seconds, table, text, tokens
from r1tui.services.engines.answer_reader import AnswerReader, alternatives, merged
from r1tui.services.engines.engine import EngineError, StreamCut, ThinkingUnsupported
from r1tui.services.engines.ollama.going_on import inside, shut
from r1tui.services.engines.ollama.transport import OllamaTransport

# A template whose prompt ends inside reasoning: `<think>` and then only ends of conditions.
_ENDS_INSIDE = re.compile(re.escape(OPENER) + r"\s*(?:\{\{-?\s*end\s*-?\}\}\s*)*$")


def think_field(mode: ThinkMode, details: ModelDetails | None) -> bool | str | None:
    """The `think` of a request; None leaves it out. `details` None: nothing is known about the model.

    A model without the capability is never asked to think (HTTP 400), nor told not to: it would not matter.
    """
    if details is not None and not details.thinks:
        return None
    if mode is ThinkMode.AUTO:
        return None if details is None else True
    return mode.value if mode.is_level else mode is ThinkMode.ON


def keep_alive_field(value: str | None) -> str | float | None:
    """Seconds as a number (Ollama takes no bare number in a string), a Go duration as it is."""
    if not value:
        return None
    try:
        number = float(value)
    except ValueError:
        return value
    return number if math.isfinite(number) else value


def common_fields(request: ChatRequest) -> dict[str, Any]:
    """Model, options and keep-alive: equal in loading and chatting, or the model would be read again.

    By default the server cuts a prompt that is too long, and when the context is full drops half of it, the question
    included, both without a word: neither is wanted. Newer servers keep `shift` with the loaded model.
    """
    body: dict[str, Any] = {"model": request.model, "shift": False, "truncate": False}
    if request.options:
        body["options"] = request.options
    keep_alive = keep_alive_field(request.keep_alive)
    if keep_alive is not None:
        body["keep_alive"] = keep_alive
    return body


def chat_fields(
    request: ChatRequest, think: bool | str | None, details: ModelDetails | None = None
) -> dict[str, Any]:
    """The body of `/api/chat`."""
    messages: list[dict[str, str]] = []
    for turn in request.turns:
        message = {"role": turn.role.value, "content": turn.content}
        if turn.reasoning and think:
            message["thinking"] = turn.reasoning
        elif turn.reasoning:  # no capability: the text form is what such a model has seen
            message["content"] = f"{OPENER}\n{turn.reasoning}\n{CLOSER}\n\n{turn.content}"
        messages.append(message)
    if opens_thinking(request, think, details):
        messages.append({"role": Role.ASSISTANT.value, "content": f"{OPENER}\n"})
    body = common_fields(request) | {"messages": messages, "stream": True}
    if think is not None:
        body["think"] = think
    return body | _likely_fields(request)


def _likely_fields(request: ChatRequest) -> dict[str, Any]:
    """What asks for the likely tokens beside each one, where they are wanted."""
    return {"logprobs": True, "top_logprobs": request.alternatives} if request.alternatives else {}


def raw_fields(request: ChatRequest, prompt: str, think: bool | str | None) -> dict[str, Any]:
    """The body of `/api/generate` for the text that comes behind `prompt`, which goes to the model as it is."""
    body = common_fields(request) | {"prompt": prompt, "raw": True, "stream": True}
    if think is False:  # else the server would look for reasoning
        body["think"] = False
    return body | _likely_fields(request)


def opens_thinking(request: ChatRequest, think: bool | str | None, details: ModelDetails | None) -> bool:
    """Whether the answer is begun for the model, by a turn of its own that templates such as R1's leave open.

    One whose prompt ends inside reasoning already is left alone: there the turn would be a second one.
    """
    begun = request.opens_thinking and bool(think) and bool(request.turns)
    ends_inside = details is not None and bool(_ENDS_INSIDE.search(details.template.rstrip()))
    return begun and request.turns[-1].role is Role.USER and not ends_inside


def parser_for(request: ChatRequest, think: bool | str | None, details: ModelDetails | None) -> ThinkParser:
    """The fallback parser in the state in which the answer begins."""
    last = request.turns[-1] if request.turns else None
    if last is not None and last.role is Role.ASSISTANT:
        return ThinkParser(answering=bool(last.content), reasoned=True)
    inside = not think and bool(
        details and not details.thinks and _ENDS_INSIDE.search(details.template.rstrip())
    )
    return ThinkParser(inside=inside)


async def stream_answer(
    transport: OllamaTransport,
    request: ChatRequest,
    details: ModelDetails | None,
    *,
    began: float,
    load_seconds: float | None,
    prompt: str | None = None,
) -> AsyncGenerator[StreamEvent]:
    """Ask and read the answer: `READING`, then deltas, then the end. `began` is when the user sent it (monotonic).

    `prompt` is the text to go on from as it is, in place of the turns (`going_on.py`).
    """
    think = think_field(request.think, details)
    yield PhaseChanged(Phase.READING)
    while True:
        stream, parser = _asked(transport, request, think, details, prompt)
        try:
            async with aclosing(_events(stream, request, parser, began, load_seconds)) as events:
                async for event in events:
                    yield event
            return
        except ThinkingUnsupported:
            if not think:
                raise
            # Servers refuse a level where they know none for the model; thinking as such they may still do.
            think = True if isinstance(think, str) else None


def _asked(
    transport: OllamaTransport,
    request: ChatRequest,
    think: bool | str | None,
    details: ModelDetails | None,
    prompt: str | None,
) -> tuple[AsyncGenerator[list[dict[str, Any]]], ThinkParser]:
    """The lines of the answer, and what parts them into reasoning and answer."""
    if prompt is None:
        path, body = "/api/chat", chat_fields(request, think, details)
        parser = parser_for(request, think, details)
    else:
        path, body = "/api/generate", raw_fields(request, prompt, think)
        is_inside = inside(prompt)
        parser = ThinkParser(
            inside=is_inside, reasoned=not is_inside, answering=not is_inside and not shut(prompt)
        )
    return transport.stream(path, body, model=request.model), parser


async def _events(
    stream: AsyncGenerator[list[dict[str, Any]]],
    request: ChatRequest,
    parser: ThinkParser,
    began: float,
    load_seconds: float | None,
) -> AsyncGenerator[StreamEvent]:
    """The events of a stream of `/api/chat`, or of `/api/generate`, whose lines have the two texts themselves."""
    reader = AnswerReader(parser)
    first: float | None = None
    ended = False
    try:
        async with aclosing(stream):
            async for batch in stream:
                events: list[StreamEvent] = []
                for line in batch:
                    message = table(line.get("message"))
                    reasoning = text(message.get("thinking")) or text(line.get("thinking"))
                    content = text(message.get("content")) or text(line.get("response"))
                    events += reader.take(reasoning, content)
                    if request.alternatives:
                        events += alternatives(line.get("logprobs"))
                    if first is None and reader.started:
                        first = time.monotonic() - began
                    if line.get("done"):
                        ended = True
                        stats = stats_of(line, load_seconds, first)
                        events += reader.end(text(line.get("done_reason")), stats)
                        break
                for event in merged(events):
                    yield event
                if ended:
                    return
        raise StreamCut(phrase("engine.cut"))
    except EngineError:
        for event in reader.flush():
            yield event
        raise


def stats_of(line: dict[str, Any], load_seconds: float | None, first: float | None) -> AnswerStats:
    """The closing line's figures, nanoseconds as seconds. A load that we waited for counts, not the warm one after it."""
    return AnswerStats(
        prompt_tokens=tokens(line.get("prompt_eval_count")),
        answer_tokens=tokens(line.get("eval_count")),
        load_seconds=load_seconds if load_seconds is not None else _seconds(line, "load_duration"),
        prompt_seconds=_seconds(line, "prompt_eval_duration"),
        eval_seconds=_seconds(line, "eval_duration"),
        first_token_seconds=first,
    )


def _seconds(line: dict[str, Any], key: str) -> float | None:
    return seconds(line.get(key), 1e-9)
