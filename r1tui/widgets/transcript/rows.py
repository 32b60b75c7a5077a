"""Rows of the transcript: a line of its text, each piece with its ink."""

from __future__ import annotations

from collections.abc import Iterable

from r1tui.domain.clean import Clean

Run = tuple[Clean, int]
"""Text and its ink."""


class Ground:
    """The cells that the rows of a block of code stand on, from its bar to a column behind its longest line."""

    __slots__ = ("begin", "end")

    def __init__(self, begin: int) -> None:
        self.begin = begin
        self.end = begin

    def hold(self, cells: int) -> None:
        """A row of so many cells is one of its."""
        self.end = max(self.end, cells + 1)


class Row:
    """One line as wide as the transcript at most: its runs, and where its text begins after gutters and indents."""

    __slots__ = ("ground", "lead", "runs")

    def __init__(self, runs: tuple[Run, ...], lead: int = 0, ground: Ground | None = None) -> None:
        self.ground = ground
        self.runs = runs
        self.lead = lead
        """Characters at the beginning that decorate (gutter, indent, bullet) and do not stand in the source."""

    @property
    def text(self) -> Clean:
        """The characters of the row."""
        return "".join(text for text, _ in self.runs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Row) and self.runs == other.runs

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"Row({self.text!r})"


BLANK = Row(())


def blank_row(prefix: tuple[Run, ...]) -> Row:
    """A row without text, behind the gutter of what it stands in."""
    if any(text.strip() for text, _ in prefix):
        return Row(merge(prefix), sum(len(text) for text, _ in prefix))
    return BLANK


def merge(runs: Iterable[Run]) -> tuple[Run, ...]:
    """The same text with neighbours of one ink joined: each run costs a colour sequence on the terminal."""
    merged: list[Run] = []
    for text, ink in runs:
        if not text:
            continue
        if merged and merged[-1][1] == ink:
            merged[-1] = (merged[-1][0] + text, ink)
        else:
            merged.append((text, ink))
    return tuple(merged)
