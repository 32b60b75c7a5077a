"""The top line: the conversation's title, and the model that answers."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from r1tui.domain.clean import clean_line
from r1tui.toolkit.cells import cut


class TitleBar(Widget):
    """One line. The model's name is never cut before the title is."""

    COMPONENT_CLASSES = {"title--title", "title--model"}
    DEFAULT_CSS = """
    TitleBar { height: 1; width: 1fr; background: $panel; color: $foreground; }
    TitleBar > .title--title { text-style: bold; }
    TitleBar > .title--model { color: $text-accent; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._title = ""
        self._model = ""

    def show(self, title: str, model: str) -> None:
        """Draw what changed."""
        title, model = clean_line(title), clean_line(model)
        if (title, model) != (self._title, self._model):
            self._title, self._model = title, model
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Title on the left, model on the right."""
        width = self.size.width
        base = self.rich_style
        room = max(width - 2, 0)
        model = cut(self._model, room)
        title = cut(self._title, max(room - cell_len(model) - 2, 0))
        gap = max(room - cell_len(title) - cell_len(model), 0)
        return Strip(
            [
                Segment(" ", base),
                Segment(title, base + self.get_component_rich_style("title--title", partial=True)),
                Segment(" " * gap, base),
                Segment(model, base + self.get_component_rich_style("title--model", partial=True)),
                Segment(" ", base),
            ]
        ).crop(0, width)
