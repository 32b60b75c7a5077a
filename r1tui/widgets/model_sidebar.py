"""The models: which are installed, which one answers, what is being downloaded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import ClassVar, Literal

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer

from r1tui.domain.clean import clean_line
from r1tui.domain.model import Model, RunningModel
from r1tui.domain.pull_view import PullState, PullView
from r1tui.locale import figures, t
from r1tui.toolkit.cells import cut_middle, pad, wrap_text
from r1tui.toolkit.glyphs import glyphs
from r1tui.widgets.pull_progress import REDRAW_EVERY, bar, percent, state_words

Kind = Literal["model", "pull", "add"]
Key = tuple[Kind, str]
Part = tuple[str, str]
"""Text and the component class it is drawn with."""

_OVER = (PullState.PAUSED, PullState.FAILED)
"""Nothing goes on in these until somebody says so."""
NAME, DETAIL, HEADING = "sidebar--name", "sidebar--detail", "sidebar--heading"


@dataclass(frozen=True, slots=True)
class _Line:
    key: Key | None
    """The row that the line belongs to; None for headings and gaps."""
    parts: tuple[Part, ...]


class ModelSidebar(ScrollView, can_focus=True):
    """A list drawn line by line: only lines that changed are sent to the terminal."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "key.up", id="sidebar.up", show=False),
        Binding("down,j", "move(1)", "key.down", id="sidebar.down", show=False),
        Binding("home", "move(-999)", "key.first", id="sidebar.first", show=False),
        Binding("end", "move(999)", "key.last", id="sidebar.last", show=False),
        Binding("enter", "choose", "sidebar.key.choose", id="sidebar.choose"),
        Binding("m,space", "menu", "sidebar.key.menu", id="sidebar.menu"),
        Binding("plus,a", "add", "sidebar.key.add", id="sidebar.add"),
        Binding("x,delete", "cancel", "sidebar.key.cancel", id="sidebar.cancel"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {NAME, DETAIL, HEADING, "sidebar--cursor"}
    DEFAULT_CSS = """
    ModelSidebar {
        width: 28;
        height: 1fr;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        & > .sidebar--name { color: $text; }
        & > .sidebar--detail { color: $text-muted; }
        & > .sidebar--heading { color: $text-muted; text-style: bold; }
        & > .sidebar--cursor {
            background: $block-cursor-background; color: $block-cursor-foreground;
            text-style: $block-cursor-text-style;
        }
    }
    """

    class Selected(Message):
        """This model is to answer from now on."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    class MenuRequested(Message):
        """The commands of this model are asked for."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    class AddRequested(Message):
        """Another model is to be downloaded or made."""

    class PullCancelRequested(Message):
        """This download is to end, what is there being kept; one that is over is to leave the list."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    class PullResumeRequested(Message):
        """This download is to go on."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._models: list[Model] = []
        self._loaded: dict[str, RunningModel] = {}
        self._selected = ""
        self._pulls: list[PullView] = []
        self._highest: dict[str, float] = {}
        self._cursor: Key = ("add", "")
        self._lines: list[_Line] = []
        self._pulls_drawn = -REDRAW_EVERY
        self._later: Timer | None = None

    def show_models(self, models: Sequence[Model], running: Sequence[RunningModel], selected: str) -> None:
        """Show the installed ones; `running` are in the server's memory, `selected` answers."""
        if not self._models or self._cursor == ("model", self._selected):
            self._cursor = ("model", selected)
        self._models = list(models)
        self._loaded = {model.name: model for model in running}
        self._selected = selected
        self._update()

    def show_pulls(self, pulls: Sequence[PullView]) -> None:
        """Show downloads below the models; may be called at any rate, is drawn at most twice a second."""
        before = [(pull.name, pull.state) for pull in self._pulls]
        self._pulls = list(pulls)
        self._highest = {pull.name: max(self._highest.get(pull.name, 0.0), pull.fraction) for pull in pulls}
        wait = self._pulls_drawn + REDRAW_EVERY - monotonic()
        if wait <= 0 or before != [(pull.name, pull.state) for pull in pulls]:
            self._update()
        elif self._later is None:
            self._later = self.set_timer(wait, self._update)

    @property
    def text(self) -> str:
        """All lines as they are drawn."""
        return "\n".join("".join(text for text, _ in line.parts).rstrip() for line in self._lines)

    def _width(self) -> int:
        return max(self.scrollable_content_region.width or 28, 8)

    def _update(self) -> None:
        if self._later is not None:
            self._later.stop()
            self._later = None
        if not self.is_mounted or not self.size.width:
            return
        self._pulls_drawn = monotonic()
        keys = self._keys()
        if self._cursor not in keys:
            self._cursor = ("model", self._selected) if ("model", self._selected) in keys else keys[0]
        before, self._lines = self._lines, list(self._all_lines(self._width()))
        if len(before) != len(self._lines):
            self.virtual_size = Size(self._width(), len(self._lines))
            self.refresh()
            return
        for y, (old, new) in enumerate(zip(before, self._lines, strict=True)):
            if old != new:
                self._refresh_row(y)

    def _refresh_row(self, y: int) -> None:
        at = y - self.scroll_offset.y
        if 0 <= at < self.size.height:
            self.refresh(Region(0, at, self.size.width, 1))

    def _keys(self) -> list[Key]:
        """Rows that the cursor can be on, from the top."""
        models: list[Key] = [("model", model.name) for model in self._models]
        return [*models, *(("pull", pull.name) for pull in self._pulls), ("add", "")]

    def _all_lines(self, width: int) -> Iterator[_Line]:
        yield _Line(None, ((" " + t("sidebar.heading"), HEADING),))
        for model in self._models:
            yield from self._model_lines(model, width)
        if not self._models:
            yield _Line(None, (("  " + t("sidebar.none"), DETAIL),))
        for pull in self._pulls:
            yield _Line(None, ())
            yield from self._pull_lines(pull, width)
        yield _Line(None, ())
        yield _Line(("add", ""), ((" + " + t("sidebar.add"), NAME),))

    def _name_lines(self, key: Key, marks: str, name: str, size: str, width: int) -> Iterator[_Line]:
        """A name with its size at the right edge; under the cursor a long name is written out in full."""
        name = clean_line(name)
        room = width - cell_len(marks) - (cell_len(size) + 1 if size else 0)
        if cell_len(name) > room and key == self._cursor and self.has_focus:
            *first, last = wrap_text(name, room)
            for piece in first:
                yield _Line(key, ((marks + piece, NAME),))
                marks = "   "
            name = last
        yield _Line(
            key,
            ((marks + pad(cut_middle(name, room), room), NAME), (" " + size if size else "", DETAIL)),
        )

    def _model_lines(self, model: Model, width: int) -> Iterator[_Line]:
        signs = glyphs()
        key: Key = ("model", model.name)
        running = self._loaded.get(model.name)
        marks = (
            (signs.selected if model.name == self._selected else " ")
            + (signs.running if running else " ")
            + " "
        )
        size = figures.short_size(model.size) if model.size else ""
        yield from self._name_lines(key, marks, model.name, size, width)
        facts = [t("sidebar.cloud")] if model.remote_host else []
        facts += [t("sidebar.thinks")] if model.thinks else []
        facts += [clean_line(model.quantization)] if model.quantization else []
        if running is not None:
            share = round(running.gpu_share * 100)
            facts.append(t("sidebar.on_gpu", percent=share) if share else t("sidebar.on_cpu"))
        if facts:
            yield _Line(key, (("   " + cut_middle(f" {signs.dot} ".join(facts), width - 3), DETAIL),))

    def _pull_lines(self, pull: PullView, width: int) -> Iterator[_Line]:
        key: Key = ("pull", pull.name)
        fraction = self._highest.get(pull.name, 0.0)
        yield from self._name_lines(key, f" {glyphs().down} ", pull.name, "", width)
        words = state_words(pull, fraction)
        if pull.state in (PullState.ACTIVE, PullState.STALLED) and pull.total:
            left = figures.duration(pull.seconds_left) if pull.seconds_left is not None else ""
            figure = f"{percent(fraction, pull):>3}% {left}"
            room = max(width - 4 - max(cell_len(figure), 11), 3)
            yield _Line(key, (("   " + bar(fraction, room) + " ", NAME), (figure, DETAIL)))
        for line in wrap_text(words, width - 3)[:6] if words else ():
            yield _Line(key, (("   " + line, DETAIL),))
        keys = ""
        if pull.state in _OVER:
            keys = t("sidebar.pull_over")
        elif key == self._cursor and self.has_focus:
            keys = t("sidebar.pull_going")
        for line in wrap_text(keys, width - 3) if keys else ():
            yield _Line(key, (("   " + line, DETAIL),))

    def render_line(self, y: int) -> Strip:
        """Line `y` of what is visible."""
        at = y + self.scroll_offset.y
        width = self.size.width
        if at >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        line = self._lines[at]
        under_cursor = line.key == self._cursor and self.has_focus
        segments = [
            Segment(text, self.get_component_rich_style("sidebar--cursor" if under_cursor else style))
            for text, style in line.parts
            if text
        ]
        style = self.get_component_rich_style("sidebar--cursor") if under_cursor else self.rich_style
        return Strip(segments).adjust_cell_length(width, style)

    def on_resize(self) -> None:
        """Another width, other lines."""
        self._update()

    def on_focus(self) -> None:
        """The cursor shows only with the focus."""
        self._update()
        self.refresh()

    def on_blur(self) -> None:
        """It goes with the focus."""
        self._update()
        self.refresh()

    def _move_to(self, key: Key) -> None:
        before, self._cursor = self._cursor, key
        self._update()
        for y, line in enumerate(self._lines):
            if line.key is not None and line.key in (before, key):
                self._refresh_row(y)
        own = [y for y, line in enumerate(self._lines) if line.key == key]
        if own:
            first = 0 if key == self._keys()[0] else own[0]
            self.scroll_to_region(Region(0, first, 1, own[-1] - first + 1), animate=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key means something where there is what it acts on; else it is text for the prompt."""
        kind = {"menu": "model", "cancel": "pull"}.get(action)
        if kind is not None and self._cursor[0] != kind:
            return None
        return super().check_action(action, parameters)

    def action_move(self, by: int) -> None:
        """Move the cursor over rows."""
        keys = self._keys()
        at = keys.index(self._cursor) if self._cursor in keys else 0
        self._move_to(keys[min(max(at + by, 0), len(keys) - 1)])

    def action_choose(self) -> None:
        """What Enter means on the row."""
        kind, name = self._cursor
        if kind == "model":
            self.post_message(self.Selected(name))
        elif kind == "add":
            self.post_message(self.AddRequested())
        elif any(pull.name == name and pull.state in _OVER for pull in self._pulls):
            self.post_message(self.PullResumeRequested(name))

    def action_menu(self) -> None:
        """The commands of the model under the cursor."""
        if self._cursor[0] == "model":
            self.post_message(self.MenuRequested(self._cursor[1]))

    def action_add(self) -> None:
        """Add a model, whatever the cursor is on."""
        self.post_message(self.AddRequested())

    def action_cancel(self) -> None:
        """End the download under the cursor."""
        if self._cursor[0] == "pull":
            self.post_message(self.PullCancelRequested(self._cursor[1]))

    def on_click(self, event: events.Click) -> None:
        """A click does what Enter does on that row, the right button what the menu's key does."""
        at = event.y + self.scroll_offset.y
        key = self._lines[at].key if 0 <= at < len(self._lines) else None
        if key is None:
            return
        self._move_to(key)
        if event.button == 3:
            self.action_menu()
        else:
            self.action_choose()
