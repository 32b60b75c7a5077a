"""Finding words in a conversation, folded reasoning included."""

from __future__ import annotations

from r1tui.domain.clean import clean
from r1tui.domain.dataclass import dataclass
from r1tui.domain.message import Message
from r1tui.widgets.transcript.entry import Entry, Section, shown_parts
from r1tui.widgets.transcript.ink import REVERSE, Ink
from r1tui.widgets.transcript.layout import Layout, RowAt
from r1tui.widgets.transcript.painting import Mark
from r1tui.widgets.transcript.rows import Row

Lengths = tuple[int, int, int]
"""A message's attachments, and the characters of its reasoning and of its text."""
Counts = tuple[int, int, int]
"""Places in the attachments, the reasoning and the body of a message."""
_SECTIONS = (Section.ATTACHMENTS, Section.REASONING, Section.BODY)
_NEVER: tuple[Lengths, Counts] = ((-1, -1, -1), (0, 0, 0))


@dataclass(frozen=True, slots=True)
class Match:
    """One place: the entry, the section of it, and its number among the matches there, from 0."""

    entry: int
    section: Section
    nth: int

    @property
    def folds(self) -> bool:
        """Whether it can be in what is folded away."""
        return self.section is not Section.BODY


@dataclass(frozen=True, slots=True)
class Found:
    """How a search stands."""

    position: int
    """The place that is looked at, from 1; 0 for none."""
    total: int
    turned: int = 0
    """1 where the last step went on from the last place to the first, -1 from the first to the last."""


class Search:
    """Words that are looked for, where they stand, and which place is looked at now."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._needle = ""
        self._counts: dict[str, tuple[Lengths, Counts]] = {}
        """How often it stands in each message, by the message's id."""
        self._matches: list[Match] = []
        self._now = -1
        self._turned = 0
        self._place: RowAt | None = None
        """The row of the present match."""

    @property
    def active(self) -> bool:
        """Whether something is looked for and its places are marked."""
        return bool(self._needle)

    @property
    def total(self) -> int:
        """How many places there are."""
        return len(self._matches)

    @property
    def position(self) -> int:
        """Which of them is looked at, from 1; 0 for none."""
        return self._now + 1

    @property
    def found(self) -> Found | None:
        """How the search stands, in what was written since too; None where nothing is looked for."""
        self.catch_up()
        return Found(self.position, self.total, self._turned) if self.active else None

    @property
    def match(self) -> Match | None:
        """The place that is looked at."""
        return self._matches[self._now] if self._now >= 0 else None

    def look_for(self, needle: str) -> None:
        """Find all places of `needle`; none of them is looked at yet. Empty: nothing is looked for."""
        self._needle = needle
        self._counts.clear()
        self._find()
        self._now = -1
        self._turned = 0
        self._place = None

    def again(self) -> None:
        """Find the same in other entries; the place that is looked at stays where it is still there."""
        match, place, turned = self.match, self._place, self._turned
        self._find()
        self._now, self._turned, self._place = -1, 0, None
        if match in self._matches:
            self._now, self._turned, self._place = self._matches.index(match), turned, place

    def catch_up(self) -> None:
        """Find it in what was written since the last look."""
        if self.active and any(
            self._counts.get(entry.message.id, _NEVER)[0] != _lengths(entry.message)
            for entry in self._layout.entries
        ):
            self.again()

    def _find(self) -> None:
        """All its places: oldest message first, attachments before the question, reasoning before the answer."""
        self._matches = []
        wanted = self._needle.casefold()
        if not wanted:
            return
        for at, entry in enumerate(self._layout.entries):
            message = entry.message
            lengths = _lengths(message)
            known, counts = self._counts.get(message.id, _NEVER)
            if known != lengths:
                counts = _counts(message, wanted)
                self._counts[message.id] = lengths, counts
            for section, count in zip(_SECTIONS, counts, strict=True):
                self._matches += [Match(at, section, nth) for nth in range(count)]

    def go_before(self, entry: int) -> None:
        """To the last place in an entry or above it, else to the first of all."""
        before = [number for number, match in enumerate(self._matches) if match.entry <= entry]
        self._now = before[-1] if before else 0 if self._matches else -1

    def go_into(self, entry: int, section: Section | None = None) -> None:
        """To the first place in a section of an entry, else to the first in the entry, where there is one."""
        inside = [number for number, match in enumerate(self._matches) if match.entry == entry]
        inside.sort(key=lambda number: self._matches[number].section is not section)
        self._now = inside[0] if inside else -1

    def step(self, by: int) -> None:
        """To the next or the previous place; after the last comes the first."""
        if self._matches:
            to = self._now + by
            self._now = to % len(self._matches)
            self._turned = 0 if to == self._now else by

    def locate(self, match: Match) -> int:
        """The row of a match in its entry, which is laid out; it is marked as the present one."""
        row = row_of(self._layout.entries[match.entry], match, self._needle)
        self._place = (match.entry, row)
        return row

    def marks(self, place: RowAt, row: Row) -> tuple[Mark, ...]:
        """The places in a row, the present one more strongly."""
        if not self._needle or self._layout.entries[place[0]].section_of(place[1]) is Section.HEADER:
            return ()
        ink = (Ink.BOXED if self._place == place else Ink.FIND) | REVERSE
        return tuple((start, end, ink) for start, end in spans(row.text, self._needle))


def _lengths(message: Message) -> Lengths:
    """What tells whether more was written: a message only grows."""
    return len(message.attachments), len(message.reasoning), len(message.content)


def _counts(message: Message, wanted: str) -> Counts:
    """How often a word, case-folded, stands in each of a message's sections; in attachments as far as they are shown."""
    names = (each.name for each in message.attachments)
    attached = "\n".join([*names, *shown_parts(message.attachments)])
    one, two, three = (
        clean(text).casefold().count(wanted) if text else 0
        for text in (attached, message.reasoning, message.content)
    )
    return one, two, three


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
    """The row of an entry, laid out with what folds open, where a match stands; the nearest before it when
    rendering hid it (an address, a mark)."""
    rows = entry.rows_of(match.section)
    best = rows.start
    seen = 0
    for index in rows:
        here = len(spans(entry.rows[index].text, needle))
        if here:
            best = index
            seen += here
            if seen > match.nth:
                break
    return best
