"""A request for an answer, whatever engine serves it."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum

from r1tui.domain.dataclass import dataclass
from r1tui.domain.message import Role
from r1tui.domain.reasoning_language import Script


class ThinkMode(StrEnum):
    """Whether the model is asked to think, and how much. AUTO leaves it to the model's own default.

    The levels are for models that know them (`Model.levels`); any other simply thinks.
    """

    AUTO = "auto"
    ON = "on"
    OFF = "off"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def is_level(self) -> bool:
        """Whether it says how much."""
        return self in (ThinkMode.LOW, ThinkMode.MEDIUM, ThinkMode.HIGH)


@dataclass(frozen=True, slots=True)
class ChatTurn:
    """One message as the model sees it."""

    role: Role
    content: str
    reasoning: str = ""
    """Only for a trailing assistant turn that is to be continued; earlier reasoning is never sent back."""


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """Everything an engine needs for one answer."""

    model: str
    turns: tuple[ChatTurn, ...]
    think: ThinkMode = ThinkMode.AUTO
    options: dict[str, float | int | str] = field(default_factory=dict)
    """Ollama's option names: num_ctx, num_batch, temperature, top_p, … The same at every turn, or the model reloads."""
    keep_alive: str | None = None
    """Seconds or a Go duration such as `5m`; negative for ever; None for the server's own default."""
    expects_thinking: bool = False
    """Whether the model is known to think when it is asked to, and is asked to."""
    line: str = ""
    """What R1TUI has put behind the question itself, such as in which language to think."""
    reasoning_script: Script | None = None
    """The script that the reasoning was asked to be in."""
    opens_thinking: bool = False
    """Have the answer begin inside `<think>`, where the server can: the model then has to think."""
    alternatives: int = 0
    """How many likely tokens to tell for each one generated (`Alternatives`), at most 20; servers that cannot, do not."""
