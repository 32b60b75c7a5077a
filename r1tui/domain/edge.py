"""The end of the context while a model thinks: what is kept for its answer, and when its reasoning has to end.

A server that may not shift its context ends an answer where the context is full. Asking for the answer is too late
there, so the reasoning is ended before it, while there is still room for an answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from r1tui.domain.chat import ChatTurn
from r1tui.domain.context_window import TokenRates, last_counted, rates_from
from r1tui.domain.conversation import Conversation
from r1tui.domain.dataclass import dataclass
from r1tui.domain.message import Role
from r1tui.domain.reserve import reserve

CLOSING = 8
"""Tokens that closing the reasoning takes, whatever the template writes there."""
MINUTE = 60
"""Seconds before the edge at which it is told of."""
EXACT = 8
"""Tokens by which a server's own counts may miss the length of its context where they say that it is full."""
UNCOUNTED, COUNTED = 16, 8
"""Tokens by which the estimate of a prompt may be short, where no prompt of the conversation was counted, and where
one was."""
_MOST_EXTRA = 512
"""Tokens beyond an estimate that may be the template's; more of them is a count of something else."""
_OMITTED = "\n…\n"


class AtEdge(StrEnum):
    """What happens when the reasoning has used all of the context but the reserve."""

    END = "end"
    """It is ended, and the answer asked for from it."""
    ASK = "ask"
    """The user chooses, while it goes on."""
    RUN = "run"
    """It goes on to the end of the context."""


@dataclass(frozen=True, slots=True)
class Edge:
    """Where the context of one request ends, in tokens."""

    context: int = 0
    """All of it; 0 where that is not known."""
    prompt: int = 0
    """What the question takes with everything before it, rather too much than too little."""
    wanted: int = 0
    """The reserve that was asked for; 0 for the automatic one."""
    at: AtEdge = AtEdge.END

    @property
    def reserve(self) -> int:
        """Tokens kept for the answer."""
        return reserve(self.context, self.prompt, self.wanted)

    @property
    def begins(self) -> int:
        """Tokens in use from which on only the reserve is left."""
        return self.context - self.reserve

    def used(self, generated: int) -> int:
        """Tokens in use, as far as one can tell."""
        return self.prompt + generated

    def reached(self, generated: int) -> bool:
        """Whether reasoning of so many tokens has left nothing but the reserve."""
        return bool(self.context and generated) and self.used(generated) + CLOSING >= self.begins

    def left(self, generated: int) -> int:
        """Tokens that reasoning of so many may still have before only the reserve is left."""
        return max(self.begins - self.used(generated), 0)

    def is_near(self, generated: int, rate: float | None) -> bool:
        """Whether only the reserve is left within a minute at so many tokens a second; where that is more than half of
        the room for reasoning, only once half of it is used.
        """
        soon = min(MINUTE * (rate or 0.0), self.left(0) / 2)
        return bool(self.context and soon) and self.left(generated) <= soon

    def counted(self, prompt: int | None, generated: int | None, sent: int, full: bool) -> Edge:
        """The same after the server's counts of a request that has ended.

        `sent`: tokens of the answer itself in its prompt. `full`: the context has ended it, which tells its length.
        """
        if not prompt:
            return self
        context = self.context or (prompt + (generated or 0) if full else 0)
        return replace(self, context=context, prompt=self.prompt if sent else prompt)

    def tighter(self) -> Edge:
        """The same once a server has refused what was reckoned to fit."""
        return replace(self, prompt=self.prompt + self.context // 8)

    def is_full(self, prompt: int | None, generated: int | None, limit: int = 0) -> bool:
        """Whether an answer that a limit ended was ended by the context, and not by `limit`, the most tokens that an
        answer may have (0: any number).
        """
        if not prompt or not generated:
            return False
        if self.context:
            return prompt + generated >= self.context - EXACT
        return not limit or generated < limit

    def fitted(self, turn: ChatTurn, reasoning_tokens: int, content_tokens: int) -> ChatTurn | None:
        """A last turn that is to be gone on with, shortened where it would leave less than half of the reserve: the
        middle of its reasoning is left out first, then the beginning of its text. None where nothing would be left.
        """
        if not self.context:
            return turn
        most = self.context - self.prompt - CLOSING
        if reasoning_tokens + content_tokens <= most - self.reserve // 2:
            return turn
        left = most - self.reserve
        if left <= 0 or not self.reserve:
            return None
        content = _end_of(turn.content, left, content_tokens)
        room = left - min(content_tokens, left)
        return replace(
            turn, content=content, reasoning=without_middle(turn.reasoning, room, reasoning_tokens)
        )


def without_middle(text: str, tokens: int, of: int) -> str:
    """`text`, which takes `of` tokens, in at most `tokens`: how it began, and more of how it ended."""
    if of <= tokens:
        return text
    keep = len(text) * max(tokens - CLOSING, 0) // of
    if keep <= 0:
        return ""
    head, tail = text[: keep // 4], text[len(text) - (keep - keep // 4) :]
    head = head[: head.rfind(" ") + 1] or head  # whole words, where there are any
    return f"{head.rstrip()}{_OMITTED}{tail[tail.find(' ') + 1 :].lstrip()}"


def _end_of(text: str, tokens: int, of: int) -> str:
    """The end of `text`, which takes `of` tokens, in at most `tokens`."""
    if of <= tokens:
        return text
    keep = len(text) * tokens // of
    tail = text[len(text) - keep :] if keep else ""
    return tail[tail.find(" ") + 1 :]


def prompt_tokens(
    conversation: Conversation, turns: Sequence[ChatTurn], context: int, own: Sequence[str]
) -> int:
    """About what `turns` of the conversation take as a prompt, rather too much than too little.

    `own`: texts that the model's own file puts before them. A server's count of an earlier prompt of the conversation
    tells what the template adds.
    """
    counted = last_counted(conversation)
    rates = rates_from(counted, context, TokenRates())
    estimate = rates.turns(turns)
    if counted is not None:
        before, count = counted
        known = rates.turns(before)
        extra = count - known
        if -known // 2 <= extra <= _MOST_EXTRA:
            return estimate + extra + COUNTED + max(estimate - known, 0) // 8
    added = rates.turns([ChatTurn(Role.SYSTEM, each) for each in own])
    return estimate + added + UNCOUNTED + estimate // 8
