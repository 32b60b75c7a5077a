"""From rows selected with the mouse back to the source they were rendered from.

Rendering leaves marks out and writes formulas anew, and the parser keeps no positions inside a line. So the characters
that are shown are looked for in the source one after another; what lies between two of them belongs to both.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.geometry import Offset
from textual.selection import Selection

from r1tui.domain.clean import clean
from r1tui.widgets.transcript.blocks import MarkdownRows
from r1tui.widgets.transcript.entry import Entry, Section
from r1tui.widgets.transcript.layout import Layout, RowAt
from r1tui.widgets.transcript.painting import MARGIN
from r1tui.widgets.transcript.rows import Row

_LOOKAHEAD = 300
"""Characters of source searched for the next one that is shown."""
_ENTRY_BITS = 20
_ROW_MASK = (1 << _ENTRY_BITS) - 1

Place = tuple[int, int, int]
"""Entry, row in it, character in the row."""


def line_number(place: RowAt) -> int:
    """The number of a row for Textual's selection: its entry's shifted by some bits, plus its row there. What grows or is
    laid out elsewhere does not move it.
    """
    return (place[0] << _ENTRY_BITS) + place[1]


def _place(offset: Offset) -> Place:
    """Where an end of Textual's selection is."""
    return offset.y >> _ENTRY_BITS, offset.y & _ROW_MASK, max(0, offset.x - MARGIN)


def selected_source(layout: Layout, selection: Selection) -> str:
    """The source of what is selected."""
    entries = layout.entries
    if not entries:
        return ""
    start = _place(selection.start) if selection.start else (0, 0, 0)
    end = _place(selection.end) if selection.end else (len(entries) - 1, _ROW_MASK, _ROW_MASK)
    return source_between(layout, start, end)


def source_between(layout: Layout, start: Place, end: Place) -> str:
    """The source of what is shown from `start` up to `end`; the transcript's own lines are left out between texts, but for
    those of a vote, which say something.
    """
    entries = layout.entries
    pieces: list[str] = []
    for at in range(start[0], min(end[0], len(entries) - 1) + 1):
        entry = entries[at]
        rendered = bool(entry.rows)
        if not rendered:
            entry.lay_out(layout.presentation)
        first, left = (start[1], start[2]) if at == start[0] else (0, 0)
        last, right = (end[1], end[2]) if at == end[0] else (len(entry.rows) - 1, 1 << 30)
        pieces += _of_entry(entry, first, left, min(last, len(entry.rows) - 1), right)
        if not rendered:
            entry.drop()
    if not pieces and start[:2] == end[:2] and start[0] < len(entries):
        rows = entries[start[0]].rows[start[1] : start[1] + 1]  # none where it was folded away since
        return "".join(row.text[start[2] : end[2]] for row in rows)
    return "\n\n".join(pieces)


def row_of_source(part: MarkdownRows, offset: int) -> int:
    """The row that shows a place in the source; the nearest before it where nothing of it shows."""
    best = at = 0
    for unit in part.units:
        at += unit.gap
        if unit.start > offset:
            break
        if unit.rows:
            best = at
            if offset < unit.end:
                places = _places(part.source, unit.start, unit.end, unit.rows)
                begun = (row for row, here in enumerate(places) if any(0 <= each <= offset for each in here))
                return at + max(begun, default=0)
        at += len(unit.rows)
    return best


def _of_entry(entry: Entry, first: int, left: int, last: int, right: int) -> list[str]:
    pieces: list[str] = []
    if Section.ATTACHMENTS in entry.sections:
        pieces += _as_shown(entry, Section.ATTACHMENTS, first, left, last, right)
    for section in (Section.REASONING, Section.BODY):
        rows = entry.rows_of(section)
        begin, until = max(first, rows.start), min(last, rows.stop - 1)
        if begin > until:
            continue
        a = (begin - rows.start, left if begin == first else 0)
        b = (until - rows.start, right if until == last else 1 << 30)
        piece = _piece(entry, section, a, b)
        if piece.strip():
            pieces.append(piece)
    for section in (Section.VOTE, *([Section.HEADER] if entry.is_line else [])):
        pieces += _as_shown(entry, section, first, left, last, right)
    return pieces


def _as_shown(entry: Entry, section: Section, first: int, left: int, last: int, right: int) -> list[str]:
    """The selected lines of a section that has no source; none where they are blank."""
    rows = entry.rows_of(section)
    said = [
        entry.rows[at].text[left if at == first else 0 : right if at == last else None]
        for at in range(max(first, rows.start), min(last + 1, rows.stop))
    ]
    return ["\n".join(said).rstrip("\n")] if any(line.strip() for line in said) else []


def _piece(entry: Entry, section: Section, first: tuple[int, int], last: tuple[int, int]) -> str:
    """The source of a section from one row of it and character there to another."""
    part = entry.markdown(section)
    if part is None:
        source: str = clean(entry.message.content)
        groups = [(0, len(source), 0, entry.plain)]
    else:
        source = part.source
        groups, at = [], 0
        for unit in part.units:
            at += unit.gap
            groups.append((unit.start, unit.end, at, unit.rows))
            at += len(unit.rows)
    begin, finish = len(source), 0
    for low, high, at, rows in groups:
        if at + len(rows) <= first[0] or at > last[0] or not rows:
            continue
        places = _places(source, low, high, rows)
        a, b = max(first[0] - at, 0), min(last[0] - at, len(rows) - 1)
        begin = min(begin, _from(source, low, rows, places, a, first[1] if at + a == first[0] else 0))
        finish = max(finish, _to(source, high, rows, places, b, last[1] if at + b == last[0] else 1 << 30))
    return source[begin:finish].strip("\n")


def _places(source: str, low: int, high: int, rows: Sequence[Row]) -> list[list[int]]:
    """Offset in the source of each character of each row; -1 where it does not stand there."""
    places: list[list[int]] = []
    at = low
    for row in rows:
        here: list[int] = []
        for index, char in enumerate(row.text):
            if index < row.lead or char == " ":
                here.append(-1)
                continue
            found = source.find(char, at, min(high, at + _LOOKAHEAD))
            here.append(found)
            if found >= 0:
                at = found + 1
        places.append(here)
    return places


def _from(source: str, low: int, rows: Sequence[Row], places: list[list[int]], row: int, left: int) -> int:
    """Where the selection begins: at the line's start where the row shows it from there."""
    known = [place for place in places[row][left:] if place >= 0]
    if not known:
        later = [place for line in places[row + 1 :] for place in line if place >= 0]
        return later[0] if later else low
    if left <= rows[row].lead or not any(place >= 0 for place in places[row][:left]):
        line = source.rfind("\n", low, known[0]) + 1 or low
        before = max((place for places_ in places[:row] for place in places_), default=-1)
        return max(line, low) if before < line else known[0]
    return known[0]


def _to(source: str, high: int, rows: Sequence[Row], places: list[list[int]], row: int, right: int) -> int:
    """Where the selection ends: at the line's end where the row shows it to there."""
    known = [place for place in places[row][:right] if place >= 0]
    if not known:
        earlier = [place for line in places[:row] for place in line if place >= 0]
        return earlier[-1] + 1 if earlier else 0
    if right >= len(rows[row].text):
        end = source.find("\n", known[-1], high)
        end = high if end < 0 else end
        after = min((place for places_ in places[row + 1 :] for place in places_ if place >= 0), default=end)
        return end if after >= end else known[-1] + 1
    return known[-1] + 1
