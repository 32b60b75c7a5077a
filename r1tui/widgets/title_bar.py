"""The top line: the conversation's title, and the model that answers."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len

from r1tui.domain.clean import Clean, clean_line
from r1tui.toolkit.cells import cut, pad
from r1tui.widgets.lines import Line, Lines


class TitleBar(Lines):
    """One line. The model's name is never cut before the title is."""

    COMPONENT_CLASSES = {"title--title", "title--model"}
    DEFAULT_CSS = """
    TitleBar { height: 1; width: 1fr; background: $panel; color: $foreground; }
    TitleBar > .title--title { text-style: bold; }
    TitleBar > .title--model { color: $text-accent; }
    """
    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._title = Clean("")
        self._model = Clean("")

    def show(self, title: str, model: str) -> None:
        """Show a conversation's title and its model."""
        self._title, self._model = clean_line(title), clean_line(model)
        self.redraw()

    def styled_lines(self, width: int) -> Iterable[Line]:
        """Title on the left, model on the right, a blank at either edge."""
        room = max(width - 2, 0)
        model = cut(self._model, room)
        room = max(room - cell_len(model), 0)
        title = cut(self._title, max(room - 2, 0))
        gap = pad(Clean(""), room - cell_len(title))
        yield Line(((Clean(" "), ""), (title, "title--title"), (gap, ""), (model, "title--model")))
