"""The heads of the three steps: number, what it is about, how it stands."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len

from r1tui.domain.clean import Clean
from r1tui.domain.dataclass import dataclass
from r1tui.toolkit.cells import pad, wrap_text
from r1tui.widgets.lines import Line, Lines

_TITLE_CELLS = 44


@dataclass(frozen=True, slots=True)
class StepHead:
    """One step's head line."""

    number: int
    title: Clean
    state: Clean = Clean("")


def head_line(head: StepHead, width: int) -> Clean:
    """The line in at most `width` cells; on a narrow screen the state goes to a line of its own."""
    title = f" {head.number}  {head.title}"
    if not head.state:
        return title
    line = f"{pad(title, _TITLE_CELLS)}  {head.state}"
    if cell_len(line) <= width:
        return line
    return f"{title}\n    {head.state}"


class StepHeads(Lines):
    """The headings of some of setup's steps, each with its state."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._heads: tuple[StepHead, ...] = ()

    def show(self, *heads: StepHead) -> None:
        """Show these from now on."""
        self._heads = heads
        self.display = bool(heads)
        self.redraw()

    def styled_lines(self, width: int) -> Iterable[Line]:
        """Each head in one line, or in what a narrow screen makes of it."""
        for head in self._heads:
            for line in wrap_text(head_line(head, width), width):
                yield Line(((line, ""),))
