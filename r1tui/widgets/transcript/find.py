"""Finding words in a conversation, folded reasoning included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from r1tui.domain.clean import clean
from r1tui.widgets.transcript.entry import Entry


@dataclass(frozen=True, slots=True)
class Match:
    """One place: the entry, whether in its reasoning, and the how manieth there."""

    entry: int
    reasoning: bool
    nth: int


def matches(entries: Sequence[Entry], needle: str) -> list[Match]:
    """All places of `needle`, oldest message first, reasoning before the answer; case does not matter."""
    wanted = needle.casefold()
    found: list[Match] = []
    if not wanted:
        return found
    for at, entry in enumerate(entries):
        for reasoning, text in ((True, entry.message.reasoning), (False, entry.message.content)):
            if text:
                found += [Match(at, reasoning, nth) for nth in range(clean(text).casefold().count(wanted))]
    return found


def spans(text: str, needle: str) -> list[tuple[int, int]]:
    """Where `needle` stands in a row."""
    folded, wanted = text.casefold(), needle.casefold()
    if len(folded) != len(text):
        folded, wanted = text.lower(), needle.lower()
    found: list[tuple[int, int]] = []
    at = folded.find(wanted)
    while at >= 0 and wanted:
        found.append((at, at + len(wanted)))
        at = folded.find(wanted, at + len(wanted))
    return found


def row_of(entry: Entry, match: Match, needle: str) -> int:
    """The row of an entry, laid out with its reasoning open, where a match stands; the nearest before it when
    rendering hid it (an address, a mark)."""
    first, last = (2, entry.body_start) if match.reasoning else (entry.body_start, len(entry.rows))
    best = min(first, max(0, len(entry.rows) - 1))
    seen = 0
    for index in range(first, last):
        here = len(spans(entry.rows[index].text, needle))
        if here:
            best = index
            seen += here
            if seen > match.nth:
                break
    return best
