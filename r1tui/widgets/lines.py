"""A list of styled lines, longer than the screen perhaps, of which only the cells that changed are sent."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence

from rich.cells import cell_len
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from r1tui.domain.clean import Clean
from r1tui.domain.dataclass import dataclass
from r1tui.toolkit.line_diff import changed
from r1tui.toolkit.segments import segment, selected

Part = tuple[Clean, str]
"""Text and the component class it is drawn with; empty for the widget's own look."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line from its left edge."""

    parts: tuple[Part, ...] = ()
    over: str = ""
    """A component class for the line from edge to edge, whatever its parts have: a cursor."""
    key: Hashable = None
    """What the line belongs to, for whoever asks what was clicked or where something stands."""

    @property
    def text(self) -> str:
        """The line's characters, without their styles."""
        return "".join(text for text, _ in self.parts)


class Lines(ScrollView, can_focus=False):
    """Shows the lines that a subclass makes in `styled_lines`; call `redraw` when these may differ."""

    DEFAULT_CSS = """
    Lines { height: auto; overflow: hidden hidden; }
    """
    ALLOW_MAXIMIZE = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.shown: Sequence[Line] = ()
        """The lines as they were made last."""
        self._runs: list[list[Part]] = []
        """The same, each filled up to the width."""
        self._width = 0

    def styled_lines(self, width: int) -> Iterable[Line]:
        """All lines, each of at most `width` cells."""
        raise NotImplementedError

    @property
    def line_width(self) -> int:
        """Cells of a line; 0 before the widget has its place."""
        return self.scrollable_content_region.width

    @property
    def text(self) -> str:
        """All lines, those off the screen too."""
        return "\n".join(line.text.rstrip() for line in self.shown)

    def redraw(self) -> bool:
        """Make the lines anew and send what differs; False where nothing does."""
        width = self.line_width
        if not width:
            if self.styles.auto_dimensions:
                self.refresh(layout=True)  # without lines it had no place
            return False
        before, width_before = self._runs, self._width
        self._make(width)
        if len(self._runs) != self.virtual_size.height or width_before != width:
            self.virtual_size = Size(0, len(self._runs))
            self.refresh()
            return True
        if regions := list(self._changed(before)):
            self.refresh(*regions)
        return before != self._runs

    def _changed(self, before: Sequence[list[Part]]) -> Iterator[Region]:
        """What differs on the screen from lines that were as many."""
        top = self.scroll_offset.y
        for y in range(top, min(top + self.size.height, len(before), len(self._runs))):
            if before[y] != self._runs[y]:
                for start, end in changed(before[y], self._runs[y], self._width):
                    yield Region(start, y - top, end - start, 1)

    def _make(self, width: int) -> None:
        self.shown = tuple(self.styled_lines(width))
        self._runs = [_filled(line, width) for line in self.shown]
        self._width = width

    def on_resize(self) -> None:
        """Another width, other lines."""
        self.redraw()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many rows as there are lines."""
        return sum(1 for _ in self.styled_lines(width))

    def render_line(self, y: int) -> Strip:
        """Row `y` of what is visible."""
        if self._width != self.line_width:
            self._make(self.line_width)
        at = y + self.scroll_offset.y
        base = self.rich_style
        if at >= len(self._runs):
            return Strip.blank(self.size.width, base)
        segments = [
            segment(text, self.get_component_rich_style(name) if name else base)
            for text, name in self._runs[at]
        ]
        if not self.ALLOW_SELECT:
            return Strip(segments).adjust_cell_length(self.size.width, base)
        selection = self.text_selection
        if selection is not None and (span := selection.get_span(at)) is not None:
            segments = selected(segments, span, self.screen.get_component_rich_style("screen--selection"))
        return Strip(segments).adjust_cell_length(self.size.width, base).apply_offsets(0, at)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """What is selected with the mouse."""
        return selection.extract(self.text), "\n"


def _filled(line: Line, width: int) -> list[Part]:
    runs = [(text, line.over or name) for text, name in line.parts if text]
    rest = width - sum(cell_len(text) for text, _ in runs)
    return [*runs, (" " * rest, line.over)] if rest > 0 else runs
