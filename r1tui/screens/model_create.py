"""Makes a model of another: its name, what it is made from, and an editor for its Modelfile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from r1tui.domain.model_name import BadName, parse_name
from r1tui.domain.modelfile import Modelfile, ModelfileError, format_modelfile, parse
from r1tui.domain.phrase import Phrase, phrase
from r1tui.locale import say, t
from r1tui.screens.base import R1Modal
from r1tui.widgets.fields import Field, TextField


@dataclass(frozen=True, slots=True)
class NewModel:
    """A model to make."""

    name: str
    modelfile: Modelfile


class ModelCreateScreen(R1Modal[NewModel | None]):
    """Dismisses with what to make, None for Esc. A mistake is named with its line and nothing is lost."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "key.close", id="model_create.close"),
        Binding("f2", "make", "models.key.make", id="model_create.make", priority=True),
    ]
    DEFAULT_CSS = """
    ModelCreateScreen { align: center middle; }
    ModelCreateScreen > Vertical { width: 96%; max-width: 100; height: 96%; padding: 1 2; background: $surface; }
    ModelCreateScreen Static { height: auto; }
    ModelCreateScreen Field { margin-bottom: 1; }
    ModelCreateScreen TextField { border: none; height: 1fr; min-height: 3; background: $panel; padding: 0; }
    ModelCreateScreen .hint { color: $text-muted; }
    ModelCreateScreen #fault { color: $text-error; }
    """

    def __init__(self, start: Modelfile, name: str = "") -> None:
        """`start`: the Modelfile to begin with; its source is what the new model is made from."""
        super().__init__()
        self._start = start
        self._model = name

    def compose(self) -> ComposeResult:
        """Name, Modelfile, what is wrong with them."""
        with Vertical():
            yield Static(t("models.create.name"), markup=False)
            yield Field(self._model, id="name", placeholder="my-r1:8b")
            yield Static(t("models.create.modelfile"), markup=False)
            yield TextField(format_modelfile(self._start))
            yield Static("", id="fault", markup=False)
            yield Static(t("models.create.keys"), classes="hint", markup=False)

    def on_mount(self) -> None:
        """The name is asked first."""
        self.query_one("#name").focus()

    @on(Input.Submitted)
    def _next(self) -> None:
        self.query_one(TextField).focus()

    def action_make(self) -> None:
        """Check, and make it."""
        name, area = self.query_one("#name", Input), self.query_one(TextField)
        try:
            parse_name(name.value)
        except BadName as error:
            self._fault(error.phrase)
            name.focus()
            return
        try:
            modelfile = parse(area.text)
        except ModelfileError as error:
            self._fault(error.phrase)
            area.focus()
            area.move_cursor((max(error.line - 1, 0), 0))
            return
        if modelfile.from_file or modelfile.adapter:
            self._fault(phrase("models.create.file"))
            return
        self.dismiss(NewModel(name.value.strip(), modelfile))

    def _fault(self, words: Phrase) -> None:
        self.query_one("#fault", Static).update(say(words))

    def action_close(self) -> None:
        """Make nothing."""
        self.dismiss(None)
