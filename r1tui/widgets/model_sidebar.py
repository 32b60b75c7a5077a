"""The models: which are installed, which one answers, what is being downloaded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from time import monotonic
from typing import ClassVar, Literal

from rich.cells import cell_len
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.timer import Timer

from r1tui.commands import Place
from r1tui.domain.clean import Clean, clean_line
from r1tui.domain.dataclass import dataclass
from r1tui.domain.model import Model, RunningModel
from r1tui.domain.pull_view import PullState, PullView
from r1tui.locale import clock, figures, t
from r1tui.toolkit.bindings import Attached, Commanded
from r1tui.toolkit.cells import cut_middle, pad, wrap_text
from r1tui.toolkit.glyphs import glyphs
from r1tui.widgets.lines import Line, Part
from r1tui.widgets.pull_bar import REDRAW_EVERY, bar, percent, state_words
from r1tui.widgets.side_panel import SidePanel

Kind = Literal["model", "pull", "add"]
Key = tuple[Kind, str]

_OVER = (PullState.PAUSED, PullState.FAILED)
"""Nothing goes on in these until somebody says so."""
NAME, DETAIL, CURSOR = "sidebar--name", "sidebar--detail", "sidebar--cursor"


class ModelSidebar(Commanded, SidePanel, can_focus=True, place=Place.SIDEBAR):
    """Rows for models and downloads, each of one line or more, and one to add a model."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {NAME, DETAIL, CURSOR}
    DEFAULT_CSS = """
    ModelSidebar {
        width: 30;
        & > .sidebar--name { color: $text; }
        & > .sidebar--detail { color: $text-muted; }
        & > .sidebar--cursor {
            background: $block-cursor-background; color: $block-cursor-foreground;
            text-style: $block-cursor-text-style;
        }
    }
    """

    MARGIN = Clean(" ")

    @dataclass
    class Selected(Message):
        """This model is to answer from now on."""

        name: str

    @dataclass
    class MenuRequested(Message):
        """The commands of this model are asked for."""

        name: str

    @dataclass
    class ExplainRequested(Message):
        """What this model is is asked for."""

        name: str

    class Moved(Message):
        """The cursor is on another entry, or another state of it: other keys have something to act on."""

    class AddRequested(Message):
        """Another model is to be downloaded or made."""

    @dataclass
    class PullCancelRequested(Message):
        """This download is to end, what is there being kept; one that is over is to leave the list."""

        name: str

    @dataclass
    class PullResumeRequested(Message):
        """This download is to go on."""

        name: str

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._models: list[Model] = []
        self._loaded: dict[str, RunningModel] = {}
        self._selected = ""
        self._pulls: list[PullView] = []
        self._highest: dict[str, float] = {}
        self._cursor: Key = ("add", "")
        self._pulls_drawn = -REDRAW_EVERY
        self._later: Timer | None = None
        self._told: tuple[Key, bool] | None = None
        """Where the cursor was when that was told last, and whether Enter did something there."""

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

    def _update(self) -> None:
        if self._later is not None:
            self._later.stop()
            self._later = None
        self._pulls_drawn = monotonic()
        keys = self._keys()
        if self._cursor not in keys:
            self._cursor = ("model", self._selected) if ("model", self._selected) in keys else keys[0]
        self.redraw()
        here = (self._cursor, self.matters("sidebar.choose"))
        if self.is_mounted and here != self._told:
            self._told = here
            self.post_message(self.Moved())

    def _keys(self) -> list[Key]:
        """Rows that the cursor can be on, from the top."""
        models: list[Key] = [("model", model.name) for model in self._models]
        return [*models, *(("pull", pull.name) for pull in self._pulls), ("add", "")]

    def heading(self) -> Clean:
        """The panel's name, above the models."""
        return t("sidebar.heading")

    def body(self, width: int) -> Iterator[Line]:
        """The models, downloads below them, and the row that adds."""
        width = max(width, 8)
        for model in self._models:
            yield from self._model_lines(model, width)
        if not self._models:
            yield Line((("  " + t("sidebar.none"), DETAIL),))
        for pull in self._pulls:
            yield Line()
            yield from self._pull_lines(pull, width)
        yield Line()
        yield self._row(("add", ""), (" + " + t("sidebar.add"), NAME))

    def _row(self, key: Key, *parts: Part) -> Line:
        """A line of a row that the cursor can be on."""
        return Line(parts, CURSOR if key == self._cursor and self.has_focus else "", key)

    def _name_lines(self, key: Key, marks: Clean, name: str, size: Clean, width: int) -> Iterator[Line]:
        """A name with its size a column before the right edge; under the cursor a long name is written out in full."""
        words = clean_line(name)
        room = width - cell_len(marks) - (cell_len(size) + 2 if size else 0)
        if cell_len(words) > room and key == self._cursor and self.has_focus:
            *first, last = wrap_text(words, room)
            for piece in first:
                yield self._row(key, (marks + piece, NAME))
                marks = Clean("   ")
            words = last
        figure = f" {size}" if size else Clean("")
        yield self._row(key, (marks + pad(cut_middle(words, room), room), NAME), (figure, DETAIL))

    def _model_lines(self, model: Model, width: int) -> Iterator[Line]:
        signs = glyphs()
        key: Key = ("model", model.name)
        running = self._loaded.get(model.name)
        marks = (
            (signs.selected if model.name == self._selected else " ")
            + (signs.running if running else " ")
            + " "
        )
        size = figures.short_size(model.size) if model.size else Clean("")
        yield from self._name_lines(key, marks, model.name, size, width)
        # Each with how soon it gives way: half a quantization is none, while where a model runs is seen nowhere else.
        facts = [(1, t("sidebar.cloud"))] if model.remote_host else []
        facts += [(2, t("sidebar.thinks"))] if model.thinks else []
        facts += [(3, clean_line(model.quantization))] if model.quantization else []
        if running is not None:
            share = round(running.gpu_share * 100)
            facts.append((0, t("sidebar.on_gpu", percent=share) if share else t("sidebar.on_cpu")))
        if facts:
            yield self._row(key, ("   " + _fitting(facts, f" {signs.dot} ", width - 3), DETAIL))

    def _pull_lines(self, pull: PullView, width: int) -> Iterator[Line]:
        key: Key = ("pull", pull.name)
        fraction = self._highest.get(pull.name, 0.0)
        yield from self._name_lines(key, f" {glyphs().down} ", pull.name, Clean(""), width)
        words = state_words(pull, fraction)
        if pull.state in (PullState.ACTIVE, PullState.STALLED) and pull.total:
            left = clock.wait(pull.seconds_left) if pull.seconds_left is not None else Clean("")
            figure = f"{percent(fraction, pull):>3}% {left}"
            room = max(width - 4 - max(cell_len(figure), 11), 3)
            yield self._row(key, ("   " + bar(fraction, room) + " ", NAME), (figure, DETAIL))
        for line in wrap_text(words, width - 3)[:6] if words else ():
            yield self._row(key, ("   " + line, DETAIL))
        keys = Clean("")
        if pull.state in _OVER:
            keys = t("sidebar.pull_over")
        elif key == self._cursor and self.has_focus:
            keys = t("sidebar.pull_going")
        for line in wrap_text(keys, width - 3) if keys else ():
            yield self._row(key, ("   " + line, DETAIL))

    def on_focus(self) -> None:
        """The cursor shows only with the focus."""
        self._update()

    def on_blur(self) -> None:
        """It goes with the focus."""
        self._update()

    def _move_to(self, key: Key) -> None:
        self._cursor = key
        self._update()
        own = [y for y, line in enumerate(self.shown) if line.key == key]
        if own:
            first = 0 if key == self._keys()[0] else own[0]
            self.scroll_to_region(Region(0, first, 1, own[-1] - first + 1), animate=False)

    def commands(self) -> Attached:
        """What moves in it, and what the screen is asked for."""
        return {
            "sidebar.up": partial(self._move, -1),
            "sidebar.down": partial(self._move, 1),
            "sidebar.first": partial(self._move, -999),
            "sidebar.last": partial(self._move, 999),
            "sidebar.choose": self._choose,
            "sidebar.menu": self._menu,
            "sidebar.explain": self._explain,
            "sidebar.add": self._add,
            "sidebar.cancel": self._cancel,
        }

    def offers(self, name: str) -> bool | None:
        """A key means something where there is what it acts on; else it is text for the prompt."""
        kind = {"sidebar.menu": "model", "sidebar.cancel": "pull"}.get(name)
        return True if kind is None or self._cursor[0] == kind else None

    def matters(self, name: str) -> bool:
        """A download that goes on is not chosen, and only a model is explained."""
        kind, pulled = self._cursor
        if name == "sidebar.choose" and kind == "pull":
            return any(pull.name == pulled and pull.state in _OVER for pull in self._pulls)
        return super().matters(name) and (name != "sidebar.explain" or kind == "model")

    def _move(self, by: int) -> None:
        keys = self._keys()
        at = keys.index(self._cursor) if self._cursor in keys else 0
        self._move_to(keys[min(max(at + by, 0), len(keys) - 1)])

    def _choose(self) -> None:
        """What Enter means on the row."""
        kind, name = self._cursor
        if kind == "model":
            self.post_message(self.Selected(name))
        elif kind == "add":
            self.post_message(self.AddRequested())
        elif any(pull.name == name and pull.state in _OVER for pull in self._pulls):
            self.post_message(self.PullResumeRequested(name))

    def _menu(self) -> None:
        if self._cursor[0] == "model":
            self.post_message(self.MenuRequested(self._cursor[1]))

    def _explain(self) -> None:
        if self._cursor[0] == "model":
            self.post_message(self.ExplainRequested(self._cursor[1]))

    def _add(self) -> None:
        self.post_message(self.AddRequested())

    def _cancel(self) -> None:
        if self._cursor[0] == "pull":
            self.post_message(self.PullCancelRequested(self._cursor[1]))

    def on_click(self, event: events.Click) -> None:
        """A click does what Enter does on that row, the right button what the menu's key does."""
        at = event.y + self.scroll_offset.y
        key = next((key for key in self._keys() if at < len(self.shown) and self.shown[at].key == key), None)
        if key is None:
            return
        self._move_to(key)
        if event.button == 3:
            self._menu()
        else:
            self._choose()


def _fitting(facts: Sequence[tuple[int, Clean]], between: Clean, width: int) -> Clean:
    """As many facts as there is room for, those with the highest figure left out first."""
    kept = list(facts)
    while len(kept) > 1 and cell_len(between.join(words for _, words in kept)) > width:
        kept.remove(max(kept))
    return cut_middle(between.join(words for _, words in kept), width)
