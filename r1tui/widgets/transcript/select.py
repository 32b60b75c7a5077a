"""From rows selected with the mouse back to the source they were rendered from.

Rendering leaves marks out and writes formulas anew, and the parser keeps no positions inside a line. So the characters
that are shown are looked for in the source one after another; what lies between two of them belongs to both.
"""

from __future__ import annotations

from collections.abc import Sequence

from r1tui.domain.clean import clean
from r1tui.widgets.transcript.blocks import MarkdownRows
from r1tui.widgets.transcript.entry import Entry, View
from r1tui.widgets.transcript.rows import Row

_LOOKAHEAD = 300
"""Characters of source searched for the next one that is shown."""

Place = tuple[int, int, int]
"""Entry, row in it, character in the row."""


def source_between(entries: Sequence[Entry], view: View, start: Place, end: Place) -> str:
    """The source of what is shown from `start` up to `end`; the transcript's own lines are left out between texts."""
    pieces: list[str] = []
    for at in range(start[0], min(end[0], len(entries) - 1) + 1):
        entry = entries[at]
        rendered = bool(entry.rows)
        if not rendered:
            entry.lay_out(view)
        first, left = (start[1], start[2]) if at == start[0] else (0, 0)
        last, right = (end[1], end[2]) if at == end[0] else (len(entry.rows) - 1, 1 << 30)
        pieces += _of_entry(entry, first, left, min(last, len(entry.rows) - 1), right)
        if not rendered:
            entry.drop()
    if not pieces and start[:2] == end[:2] and start[0] < len(entries):
        rows = entries[start[0]].rows[start[1] : start[1] + 1]  # none where it was folded away since
        return "".join(row.text[start[2] : end[2]] for row in rows)
    return "\n\n".join(pieces)


def _of_entry(entry: Entry, first: int, left: int, last: int, right: int) -> list[str]:
    pieces: list[str] = []
    row = first
    while row <= last:
        part, inside = entry.part_at(row)
        length = _length(entry, part, row)
        if length == 0:
            row += 1
            continue
        until = min(last, row + length - 1)
        rows = entry.rows[row - inside : row - inside + inside + length]
        begin = left if row == first else 0
        finish = right if until == last else 1 << 30
        piece = _piece(entry, part, rows, inside, begin, inside + until - row, finish)
        if piece.strip():
            pieces.append(piece)
        row = until + 1
    return pieces


def _length(entry: Entry, part: MarkdownRows | None, row: int) -> int:
    """Rows from `row` to the end of the text that it belongs to; 0 for the transcript's own lines."""
    if part is not None:
        return len(part.rows) - entry.part_at(row)[1]
    return entry.plain_rows_from(row)


def _piece(
    entry: Entry, part: MarkdownRows | None, rows: list[Row], first: int, left: int, last: int, right: int
) -> str:
    if part is None:
        source = clean(entry.message.content)
        first, last, rows = first - entry.body_start, last - entry.body_start, entry.plain
        groups = [(0, len(source), 0, rows)]
    else:
        source = part.source
        groups, at = [], 0
        for unit in part.units:
            at += unit.gap
            groups.append((unit.start, unit.end, at, unit.rows))
            at += len(unit.rows)
    begin, finish = len(source), 0
    for low, high, at, inner in groups:
        if at + len(inner) <= first or at > last or not inner:
            continue
        places = _places(source, low, high, inner)
        a, b = max(first - at, 0), min(last - at, len(inner) - 1)
        begin = min(begin, _from(source, low, inner, places, a, left if at + a == first else 0))
        finish = max(finish, _to(source, high, inner, places, b, right if at + b == last else 1 << 30))
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
