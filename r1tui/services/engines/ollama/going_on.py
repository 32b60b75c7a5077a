"""The beginning of an answer, where the server's template would drop it.

An answer is gone on with, given from the reasoning so far, begun inside `<think>`, or begun behind empty reasoning where
none is wanted: what R1TUI asks for, templates such as DeepSeek-R1's in Ollama's library write. Ollama since 0.30 takes the
template of the model's file in place of that one where the file's can do more (server/images.go,
`shouldPreferChatTemplate`): R1's distills are among them. That one knows nothing of not thinking; and a last turn of the
assistant is begun by llama.cpp's rules, with empty reasoning, since Ollama does not hand on what was reasoned
(llm/llama_server.go, `llamaServerChatMessage`): the model would answer without it, and nobody would say so.

So the server is asked how it renders the request. Where the beginning is not in that, it renders what comes before, and
the beginning follows in R1's form, as text that no template touches.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from enum import Enum, auto

from r1tui.domain.chat import ChatRequest, ChatTurn
from r1tui.domain.message import Role
from r1tui.domain.think_parser import CLOSER, OPENER


class Beginning(Enum):
    """How an answer begins."""

    REASONED = auto()
    """With the reasoning of the last turn, and what it has of an answer."""
    OPEN = auto()
    """Inside reasoning."""
    SHUT = auto()
    """Behind empty reasoning."""


_PROBE = "."
"""The answer of a turn that shows how the server begins one: of an empty one llama.cpp's begins none at all."""
Render = Callable[[ChatRequest], Awaitable[str]]
"""The text that the server makes of a request; empty where it does not tell."""


def beginning(request: ChatRequest, think: bool | str | None) -> Beginning | None:
    """How the answer to a request is to begin; None where that is the model's affair. `think` as it is asked for."""
    last = request.turns[-1] if request.turns else None
    if last is None or think is None:
        return None
    if last.role is Role.ASSISTANT:
        return Beginning.REASONED if last.reasoning and think else None
    if not think:
        return Beginning.SHUT
    return Beginning.OPEN if request.opens_thinking else None


async def own_prompt(request: ChatRequest, kind: Beginning, render: Render) -> str | None:
    """The text to go on from in place of the turns; None where the server's own keeps the beginning.

    A beginning is written for models alone whose reasoning stands between `<think>` and `</think>`.
    """
    turns = request.turns[:-1] if kind is Beginning.REASONED else request.turns
    told = await render(request)
    alone = await render(replace(request, turns=turns, opens_thinking=False))
    if not told or not alone:
        return None
    last = request.turns[-1]
    reasoning = last.reasoning.strip()
    opened = f"{alone.rstrip()}\n" if inside(alone) else f"{alone}{OPENER}\n"
    match kind:
        case Beginning.REASONED:
            kept = told.count(reasoning) > alone.count(reasoning)
            prompt = f"{opened}{reasoning}\n{CLOSER}\n\n{last.content}"
        case Beginning.OPEN:
            kept = "".join(told.split()) == "".join(opened.split())
            prompt = opened
        case Beginning.SHUT:
            kept = shut(told)
            prompt = f"{opened}\n{CLOSER}\n\n"
    if kept:
        return None
    if inside(alone):
        return prompt
    # llama.cpp's server begins a turn of the assistant with empty reasoning, for models whose tags are these.
    begun = await render(replace(request, turns=(*turns, ChatTurn(Role.ASSISTANT, _PROBE))))
    return prompt if begun.count(OPENER) > alone.count(OPENER) else None


def inside(prompt: str) -> bool:
    """Whether what comes behind it is reasoning."""
    return prompt.rstrip().endswith(OPENER)


def shut(prompt: str) -> bool:
    """Whether what comes behind it is the answer, since reasoning has just ended."""
    return prompt.rstrip().endswith(CLOSER)
