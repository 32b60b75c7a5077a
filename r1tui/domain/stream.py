"""What an engine tells while an answer comes: the events of one stream."""

from __future__ import annotations

from r1tui.domain.dataclass import dataclass
from r1tui.domain.message import AnswerStats, Phase


@dataclass(frozen=True, slots=True)
class PhaseChanged:
    """The answer waits for something else now."""

    phase: Phase


@dataclass(frozen=True, slots=True)
class PromptRead:
    """How far the server has come in reading the prompt, where it tells; in tokens."""

    total: int
    done: int
    """Those that are read, `kept` among them."""
    kept: int
    """Those that it had in memory from before."""
    seconds: float | None
    """How long it has been reading."""


@dataclass(frozen=True, slots=True)
class AnswerNamed:
    """The server can end the reasoning of this answer while it comes, by this name (`EndsReasoning`)."""

    name: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """More of the reasoning."""

    text: str
    tokens: int = 1


@dataclass(frozen=True, slots=True)
class ContentDelta:
    """More of the answer."""

    text: str
    tokens: int = 1


@dataclass(frozen=True, slots=True)
class ContentWasReasoning:
    """All content of this answer so far was reasoning: its closing tag came, and no opening tag ever had.

    Whoever keeps the message appends its content to its reasoning (and its answer tokens to its reasoning tokens) and
    empties the content.
    """


@dataclass(frozen=True, slots=True)
class Alternatives:
    """What the model held for likely where it generated one token; only where the request asked for it."""

    token: str
    logprob: float
    """Natural logarithm of the token's probability."""
    likeliest: tuple[tuple[str, float], ...]
    """(token, logarithm of its probability), the likeliest first."""


@dataclass(frozen=True, slots=True)
class AnswerEnded:
    """The server said that the answer is done."""

    reason: str
    """Ollama's `done_reason`: `stop`, `length` (a limit was reached), `load`, `unload`, or empty."""
    stats: AnswerStats
    tells_reasoning: bool = True
    """Whether the server tells what a model thinks; False where it may have hidden it."""


StreamEvent = (
    PhaseChanged
    | PromptRead
    | AnswerNamed
    | ReasoningDelta
    | ContentDelta
    | ContentWasReasoning
    | Alternatives
    | AnswerEnded
)
