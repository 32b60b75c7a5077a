"""The pieces that a growing Markdown text is made of, and the one that needs no parser: an open fence."""

from __future__ import annotations

import re
from dataclasses import field

from r1tui.domain.clean import Clean
from r1tui.domain.dataclass import dataclass
from r1tui.widgets.transcript.code import CodeRows
from r1tui.widgets.transcript.render import CodeBlock, Look
from r1tui.widgets.transcript.rows import Row

MARKER = re.compile(r"`{3,}|~{3,}")


@dataclass(slots=True)
class Unit:
    """A block or list item: where it stands in the source and what it looks like."""

    start: int
    """Character offset of its first line; `end` is that of the line after its last."""
    end: int
    kind: str
    """`list` and `item` for the first and further items of a list, else the type of the Markdown token."""
    ordinal: int | None = None
    """Number of an item of an ordered list."""
    markup: str = ""
    """The mark of the list that it is an item of."""
    gap: bool = False
    """A blank row stands before it."""
    empty: bool = False
    """An item without text of its own."""
    handed: bool = False
    """An empty item whose marker stands before the unit after it; it has no rows."""
    marker: Clean = Clean("")
    """The marker of the empty item before it, which stands before its first row."""
    hang: int = 0
    """Cells by which its rows are indented, as they belong to such an item."""
    first_code: int = 1
    rows: list[Row] = field(default_factory=list)
    codes: list[CodeBlock] = field(default_factory=list)


class OpenFence:
    """A fence at the left margin that has not ended: its lines are code whatever they look like."""

    def __init__(self, unit: Unit, opener: str, look: Look, pos: int) -> None:
        self.unit = unit
        found = MARKER.match(opener)
        marker = found.group() if found else "```"
        info = opener[len(marker) :].split()
        self.code = CodeRows(
            info[0].lower() if info else "",
            unit.first_code if look.copies else None,
            look.width,
            look.prefix,
            look.highlight,
        )
        self.pos = pos
        """Offset of the first line that has not been added."""
        self._closer = closer(marker)

    def ends_at(self, line: str) -> bool:
        """Whether a complete line ends it."""
        return self._closer.match(line) is not None


def closer(marker: str) -> re.Pattern[str]:
    """What the line looks like that ends a fence opened with `marker`."""
    return re.compile(rf" {{0,3}}{re.escape(marker[0])}{{{len(marker)},}}[ \t]*$")
