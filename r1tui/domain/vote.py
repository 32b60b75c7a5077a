"""One question asked several times, and its answers counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from r1tui.domain.answer_form import Form, form

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


def tally(answers: Sequence[str | None], planned: int) -> Tally:
    """Count the answers of the samples that ended; None is one in which none was found."""
    found: dict[Form, tuple[str, list[int]]] = {}
    for number, answer in enumerate(answers):
        if answer is not None:
            found.setdefault(form(answer), (answer, []))[1].append(number)
    contenders = [Contender(answer, tuple(samples)) for answer, samples in found.values()]
    contenders.sort(key=lambda each: -each.votes)  # stable: the first given stays before the others
    return Tally(planned, len(answers), tuple(contenders))
