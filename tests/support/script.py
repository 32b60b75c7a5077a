"""What the scripted server plays: steps of an answer or a download."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(r"\s*\S+|\s+$")


def tokens(text: str) -> list[str]:
    """Cut a text as a model streams it: a word with the white space before it is one token."""
    return _TOKEN.findall(text)


@dataclass(frozen=True, slots=True)
class Think:
    """One token of reasoning; left out when the request does not want thinking."""

    text: str


@dataclass(frozen=True, slots=True)
class Say:
    """One token of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait for some seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Gate:
    """Wait until the test sets `opened`; `reached` is set when the stream stands here."""

    opened: asyncio.Event = field(default_factory=asyncio.Event)
    reached: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class Line:
    """One object as a line of the stream, whatever it says: `Line({"error": "…"})` is a fault in mid-stream."""

    value: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes as they are (valid or not)."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """Drop the connection."""


@dataclass(frozen=True, slots=True)
class Hang:
    """Say nothing more, and keep the connection until the client closes it."""


Step = Think | Say | Pause | Gate | Line | Raw | Cut | Hang


@dataclass(slots=True)
class Answer:
    """How one `/api/chat` (or `/v1/chat/completions`) is answered."""

    steps: list[Step] = field(default_factory=list)
    rate: float | None = None
    """Tokens a second; None for as fast as the client reads."""
    cold: float = 0.0
    """Seconds before even the headers come, as while a model loads."""
    opening: Gate | None = None
    """The headers come when it is opened."""
    status: int = 200
    error: str = ""
    """With another status than 200: the error's words."""
    done: bool = True
    """Whether the closing line with the statistics comes; without it the stream just ends."""
    done_reason: str = "stop"
    prompt_tokens: int = 26
    counts: tuple[int, float] | None = None
    """(eval_count, eval seconds) to report; None for what was sent and how long that took."""


def answer(content: str = "", reasoning: str = "", **options: Any) -> Answer:
    """An answer that streams `reasoning`, then `content`, a word at a time; `options` are fields of `Answer`."""
    steps: list[Step] = [Think(token) for token in tokens(reasoning)]
    steps += [Say(token) for token in tokens(content)]
    return Answer(steps, **options)


def failure(error: str, status: int = 500) -> Answer:
    """An error before the first byte of an answer."""
    return Answer(status=status, error=error)


@dataclass(slots=True)
class Pull:
    """How one `/api/pull` (or push) is answered: lines, with `Pause`, `Gate`, `Cut` and `Hang` between them."""

    steps: list[Step] = field(default_factory=list)
    installs: bool = True
    """Whether the model is there afterwards, when the last line says `success`."""
    status: int = 200
    error: str = ""


def layer(digest: str, completed: int | None, total: int) -> Line:
    """A tick of one layer; `completed` None is left out, as Ollama does at 0."""
    value: dict[str, Any] = {"status": f"pulling {digest[:12]}", "digest": f"sha256:{digest}", "total": total}
    if completed is not None:
        value["completed"] = completed
    return Line(value)


def pull(total: int = 1000, ticks: int = 4, gate: Gate | None = None, *, last_figure: bool = True) -> Pull:
    """A download that succeeds: a manifest, one big layer in `ticks` steps (then `gate`), a small one, the end.

    Without `last_figure` the big layer's last tick does not come, as newer servers leave it out.
    """
    big, small = "a" * 64, "b" * 64
    steps: list[Step] = [Line({"status": "pulling manifest"}), layer(big, None, total)]
    steps += [layer(big, total * tick // ticks, total) for tick in range(1, ticks)]
    if gate is not None:
        steps.append(gate)
    if last_figure:
        steps.append(layer(big, total, total))
    steps.append(layer(small, 10, 10))
    steps += [
        Line({"status": status}) for status in ("verifying sha256 digest", "writing manifest", "success")
    ]
    return Pull(steps)
