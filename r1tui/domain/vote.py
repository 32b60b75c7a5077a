"""One question asked several times, and its answers counted."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from r1tui.domain.dataclass import dataclass
from r1tui.domain.message import Message, MessageStatus
from r1tui.domain.message import VotePlan as VotePlan  # for whoever has to do with votes
from r1tui.domain.reasoning_language import Script, script_of

if TYPE_CHECKING:
    from r1tui.domain.answer_form import Form

FEWEST, MOST = 2, 64
"""How often a question can be asked."""
USUAL = (3, 5, 9, 16)


@dataclass(frozen=True, slots=True)
class Contender:
    """An answer that was given at least once."""

    answer: str
    """As it was written the first time."""
    samples: tuple[int, ...]
    """Which samples gave it, from 0."""

    @property
    def votes(self) -> int:
        """The number of samples that gave this answer."""
        return len(self.samples)


@dataclass(frozen=True, slots=True)
class Tally:
    """How a vote stands."""

    planned: int
    asked: int
    """Samples that came to their end."""
    contenders: tuple[Contender, ...]
    """Those with the most votes first; of as many the one that was given first."""

    @property
    def unanswered(self) -> int:
        """Samples in which no short answer was found."""
        return self.asked - sum(each.votes for each in self.contenders)

    @property
    def left(self) -> int:
        """Samples still to come, as far as they are wanted."""
        return max(self.planned - self.asked, 0)

    @property
    def lead(self) -> int:
        """Votes of the first before the second; 0 where there is none or they are level."""
        votes = [each.votes for each in self.contenders[:2]]
        return votes[0] - sum(votes[1:]) if votes else 0

    @property
    def decided(self) -> bool:
        """Whether what is left cannot change who leads: no sample is left, or all of them together are too few."""
        return not self.left or self.lead > self.left

    @property
    def tie(self) -> bool:
        """Whether two or more lead with as many votes."""
        return len(self.contenders) > 1 and not self.lead

    @property
    def winner(self) -> Contender | None:
        """The one that leads; None where nothing was counted, or several are level."""
        return self.contenders[0] if self.contenders and not self.tie else None

    @property
    def level(self) -> tuple[Contender, ...]:
        """All that have as many votes as the first."""
        return tuple(each for each in self.contenders if each.votes == self.contenders[0].votes)


class VoteEnd(StrEnum):
    """Why a vote does not go on."""

    DECIDED = "decided"
    STOPPED = "stopped"
    """The user has ended it."""
    FAILED = "failed"
    """The server or the line failed; the last sample's `error` says how, where it was begun."""


@dataclass(frozen=True, slots=True)
class VoteSample:
    """One of a vote's answers."""

    message: Message
    answer: str | None
    """Its short answer; None where none was found, and while it is written."""
    counted: bool
    """Whether it came to its end: one that was stopped, cut off or is being written does not count."""


@dataclass(frozen=True, slots=True)
class VoteState:
    """How a vote of a conversation stands."""

    plan: VotePlan
    samples: tuple[VoteSample, ...]
    """In the order in which they were begun."""
    tally: Tally
    """Of those that count."""
    running: bool
    """Whether a sample is being written, or about to be."""
    end: VoteEnd | None
    """None while it runs, and where whoever ran it has ended in its middle."""
    seconds_left: float | None
    """How long it takes still if all that is left is asked, as the samples so far foretell; None before the first."""
    winner: str | None
    """Id of the sample that is shown as the answer: the first with the answer that leads; None on a tie or where
    nothing was counted."""

    @property
    def asking(self) -> int:
        """The number of the sample that is under way, among those that count; 0 before there is one."""
        under_way = any(each.message.status is MessageStatus.STREAMING for each in self.samples)
        return sum(each.counted for each in self.samples) + under_way


def boxed_line(question: str) -> str:
    """The line with which DeepSeek has an answer put into a box, in the question's language."""
    if script_of(question) is Script.HAN:
        return r"请通过逐步推理来解答问题，并把最终答案放置于\boxed{}中。"
    return r"Please reason step by step, and put your final answer within \boxed{}."


def tally(answers: Sequence[str | None], planned: int) -> Tally:
    """Count the answers of the samples that ended; None is one in which none was found."""
    from r1tui.domain.answer_form import form

    found: dict[Form, tuple[str, list[int]]] = {}
    for number, answer in enumerate(answers):
        if answer is not None:
            found.setdefault(form(answer), (answer, []))[1].append(number)
    contenders = [Contender(answer, tuple(samples)) for answer, samples in found.values()]
    contenders.sort(key=lambda each: -each.votes)  # stable: the first given stays before the others
    return Tally(planned, len(answers), tuple(contenders))
