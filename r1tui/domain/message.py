"""Messages of a conversation."""

from __future__ import annotations

import time
import uuid
from dataclasses import field
from enum import StrEnum

from r1tui.domain.attachment import Attachment, rendered
from r1tui.domain.dataclass import dataclass
from r1tui.domain.phrase import Phrase
from r1tui.domain.prefill import Reading


class Role(StrEnum):
    """Who speaks in a message."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


class MessageStatus(StrEnum):
    """How far a message came."""

    COMPLETE = "complete"
    STOPPED = "stopped"
    """The user stopped it; what was there is kept."""
    INTERRUPTED = "interrupted"
    """The process or the machine ended while it was written."""
    STREAMING = "streaming"
    FAILED = "failed"
    """The server or the line failed; `Message.error` says how."""


class Phase(StrEnum):
    """What an answer waits for right now."""

    CONNECTING = "connecting"
    LOADING = "loading"
    """The server reads the model into memory."""
    READING = "reading"
    """The model reads the prompt (prompt evaluation)."""
    THINKING = "thinking"
    ANSWERING = "answering"


_FASTEST = 1e6
"""Tokens a second beyond which a duration is wrong: no hardware of today comes near."""


@dataclass(slots=True)
class AnswerStats:
    """Measured facts of one answer. Times are seconds, counts are tokens; None where the server did not say."""

    prompt_tokens: int | None = None
    """Tokens of the prompt that the server evaluated, cached ones included."""
    answer_tokens: int | None = None
    """Tokens generated, reasoning included."""
    load_seconds: float | None = None
    prompt_seconds: float | None = None
    eval_seconds: float | None = None
    """Time spent generating `answer_tokens`."""
    first_token_seconds: float | None = None
    """From sending the request to the first token, loading included."""
    cached_tokens: int | None = None
    """Those of the prompt that the server had in memory from before and did not read again."""
    resumed_tokens: int | None = None
    """Those of the prompt that were this answer itself as far as it had come, where it was gone on with."""
    edge_tokens: int | None = None
    """Tokens of reasoning after which it was ended, as only the answer's reserve was left of the context; None where it
    was not."""

    @property
    def question_tokens(self) -> int | None:
        """Tokens of the prompt without the answer itself."""
        return max((self.prompt_tokens or 0) - (self.resumed_tokens or 0), 0) or None

    @property
    def tokens_per_second(self) -> float | None:
        """Generation speed, or None where it is not known, or is none that a machine has."""
        if self.answer_tokens and self.eval_seconds:
            speed = self.answer_tokens / self.eval_seconds
            return speed if speed <= _FASTEST else None
        return None


def new_id() -> str:
    """A new identifier that nothing else has: 32 hexadecimal digits."""
    return uuid.uuid4().hex


@dataclass(frozen=True, slots=True)
class VotePlan:
    """That a question is asked several times (`domain/vote.py`). It is kept with the question."""

    id: str
    question: str
    """Id of the question's message."""
    planned: int
    """How often it is asked at most."""
    boxed: bool = False
    """Whether the answer is asked for in a box."""
    stopped: bool = False
    """Whether the user has ended it."""


@dataclass(slots=True)
class Message:
    """One turn of a conversation. While its status is `STREAMING`, text is only ever appended."""

    role: Role
    content: str = ""
    reasoning: str = ""
    """The model's thoughts, apart from its answer; never sent back to the model."""
    status: MessageStatus = MessageStatus.COMPLETE
    id: str = field(default_factory=new_id)
    parent: str | None = None
    """The message this one follows; siblings share a parent."""
    model: str = ""
    """Full name of the model that answered; empty for the user's messages."""
    created: float = field(default_factory=time.time)
    """Seconds since the epoch."""
    phase: Phase | None = None
    """Set only while streaming."""
    phase_started: float = 0.0
    """`time.monotonic()` at the last change of phase; meaningful only while streaming, in this process."""
    reading: Reading | None = None
    """How its prompt is read; meaningful only until its first token, in this process."""
    reasoning_seconds: float = 0.0
    thought_times: list[tuple[int, int, float]] = field(default_factory=list, compare=False, repr=False)
    """Which part of the reasoning, from one character up to another, came at which second of it, where a paragraph may
    begin there; known only in the process that made the answer."""
    reasoning_tokens: int = 0
    answer_tokens: int = 0
    """Tokens counted as they came, reasoning excluded; `stats` has the server's own count at the end."""
    stats: AnswerStats | None = None
    error: Phrase | None = None
    """Why it failed, for a person; set with status `FAILED`, and where a note is due with another."""
    vote: str | None = None
    """Of an answer: id of the vote of which it is a sample. Samples are siblings, the question is their parent."""
    seed: int | None = None
    """Of a sample: what it was drawn with."""
    plan: VotePlan | None = None
    """Of a question: the last vote that was asked for."""
    attachments: tuple[Attachment, ...] = ()
    """Of a question: the texts that go with it."""

    @property
    def sent(self) -> str:
        """What the model is given of it: the content, behind its attachments."""
        return rendered(self.attachments, self.content) if self.attachments else self.content

    @property
    def was_cut_short(self) -> bool:
        """Whether a limit, or the end of the context, has ended it, so that more would have come."""
        return self.status is MessageStatus.COMPLETE and self.stats is not None and self.error is not None

    @property
    def ended_at_edge(self) -> bool:
        """Whether the reasoning was ended since the context was full but for the answer's reserve."""
        return self.stats is not None and self.stats.edge_tokens is not None

    @property
    def only_reasoning(self) -> bool:
        """Whether the model ended its turn by itself without having answered, as R1 can."""
        return self.status is MessageStatus.COMPLETE and bool(self.reasoning) and not self.content.strip()
