"""The heads of the three steps: number, what it is about, how it stands."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len
from textual.widgets import Static

from r1tui.toolkit.cells import pad

_TITLE_CELLS = 44


@dataclass(frozen=True, slots=True)
class StepHead:
    """One step's head line."""

    number: int
    title: str
    state: str = ""


def head_line(head: StepHead, width: int) -> str:
    """The line in at most `width` cells; on a narrow screen the state goes to a line of its own."""
    title = f" {head.number}  {head.title}"
    if not head.state:
        return title
    line = f"{pad(title, _TITLE_CELLS)}  {head.state}"
    if cell_len(line) <= width:
        return line
    return f"{title}\n    {head.state}"


class StepHeads(Static):
    """Some step heads; redrawn only when one of them differs."""

    DEFAULT_CSS = """
    StepHeads { height: auto; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__("", id=id, markup=False)
        self._heads: tuple[StepHead, ...] = ()
        self._shown = ""

    def show(self, *heads: StepHead) -> None:
        """Show these from now on."""
        self._heads = heads
        text = "\n".join(head_line(head, self.app.size.width - 2) for head in heads)
        self.display = bool(text)
        if text != self._shown:
            self._shown = text
            self.update(text)

    def on_resize(self) -> None:
        """Another width may want other lines."""
        self.show(*self._heads)
