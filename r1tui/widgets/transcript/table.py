"""Tables that fit: columns keep their width where there is room, else the wide ones share what is left and wrap."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from r1tui.domain.clean import Clean
from r1tui.toolkit.cells import wrap
from r1tui.toolkit.glyphs import glyphs
from r1tui.widgets.transcript.ink import BOLD
from r1tui.widgets.transcript.rows import Run

Cell = list[list[Run]]
"""Logical lines of runs."""

_NARROWEST = 4
"""Below this many cells a column is not readable; the table is then shown row by row."""


def lay_out(rows: Sequence[Sequence[Cell]], aligns: Sequence[str], width: int, ink: int) -> list[list[Run]]:
    """Lines of a table whose first row is its header, at most `width` cells wide."""
    columns = len(aligns)
    separator = f" {glyphs().gutter} "
    room = width - len(separator) * (columns - 1)
    natural = [max((_width(row[at]) for row in rows), default=1) or 1 for at in range(columns)]
    if sum(natural) > room and room < _NARROWEST * columns:
        return _records(rows, width, ink)
    widths = _shares(natural, room)
    lines: list[list[Run]] = []
    for number, row in enumerate(rows):
        cells = [[line for part in row[at] for line in wrap(part, widths[at])] for at in range(columns)]
        for height in range(max((len(cell) for cell in cells), default=0)):
            line: list[Run] = []
            for at, cell in enumerate(cells):
                part = cell[height] if height < len(cell) else []
                free = widths[at] - sum(cell_len(text) for text, _ in part)
                before = {"right": free, "center": free // 2}.get(aligns[at], 0)
                after = free - before if at < columns - 1 else 0
                line += [(" " * before, ink), *part, (" " * after, ink)]
                if at < columns - 1:
                    line.append((separator, ink))
            lines.append(line)
        if number == 0:
            rule = glyphs().rule
            lines.append([((rule * len(separator)).join(rule * size for size in widths), ink)])
    return lines


def _width(cell: Cell) -> int:
    return max((sum(cell_len(text) for text, _ in line) for line in cell), default=0)


def _shares(natural: list[int], room: int) -> list[int]:
    """Narrow columns keep their width; the others share the rest evenly."""
    widths = [0] * len(natural)
    left = set(range(len(natural)))
    while left:
        share = max(1, room // len(left))
        fitting = {at for at in left if natural[at] <= share}
        if not fitting:
            for number, at in enumerate(sorted(left)):
                widths[at] = share + (1 if number < room - share * len(left) else 0)
            break
        for at in fitting:
            widths[at] = natural[at]
            room -= natural[at]
        left -= fitting
    return widths


def _records(rows: Sequence[Sequence[Cell]], width: int, ink: int) -> list[list[Run]]:
    """Each row as lines `header: value`, for more columns than the width carries."""
    lines: list[list[Run]] = []
    header, *body = rows
    for row in body or [header]:
        if lines:
            lines.append([])
        for name, value in zip(header, row, strict=True):
            label = [(text, style | BOLD) for part in name for text, style in part]
            first, *others = value or [[]]
            lines += wrap([*label, (Clean(": "), ink), *first], width)
            for other in others:
                lines += wrap(other, width)
    return lines
