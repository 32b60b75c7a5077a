"""A vote's tally in words."""

from __future__ import annotations

from r1tui.domain.clean import Clean, clean_line
from r1tui.domain.vote import Contender, Tally
from r1tui.locale import t
from r1tui.locale.clock import wait
from r1tui.locale.lists import enumerated

NAMED = 4
"""Answers that a line names."""
LABEL = 32
"""Characters of an answer that a line shows."""


def label(answer: str) -> Clean:
    """An answer on a line, cut where it is long."""
    words = clean_line(answer)
    return words if len(words) <= LABEL else words[: LABEL - 1] + "…"


def count(contender: Contender) -> Clean:
    """A short answer with its votes: `42 ×3`."""
    return t("vote.count", answer=label(contender.answer), votes=contender.votes)


def summary(tally: Tally, seconds_left: float | None) -> Clean:
    """`Vote · 4 of 9 · 42 ×3 · 41 ×1 · about 6 min left`."""
    parts = [t("vote.heading"), t("vote.progress", asked=tally.asked, planned=tally.planned)]
    parts += map(count, tally.contenders[:NAMED])
    if (further := len(tally.contenders) - NAMED) > 0:
        parts.append(t("vote.more", n=further))
    if tally.unanswered:
        parts.append(t("vote.unanswered", n=tally.unanswered))
    if seconds_left and not tally.decided:
        parts.append(t("vote.time_left", time=wait(seconds_left)))
    return " · ".join(parts)


def tie(tally: Tally) -> Clean:
    """Which answers are level, and with how many votes."""
    names = enumerated(label(each.answer) for each in tally.level)
    return t("vote.tie", answers=names, votes=tally.level[0].votes)
