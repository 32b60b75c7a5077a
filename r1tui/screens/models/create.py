"""Makes a model of another: a form for what is changed most, and an editor for the whole Modelfile."""

from __future__ import annotations

from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from r1tui.commands import Place
from r1tui.domain.clean import Clean, clean
from r1tui.domain.dataclass import dataclass
from r1tui.domain.model_name import BadName, parse_name
from r1tui.domain.modelfile import (
    Modelfile,
    ModelfileError,
    format_modelfile,
    format_parameters,
    parse,
    parse_parameters,
)
from r1tui.domain.phrase import Phrase, phrase
from r1tui.locale import say, t
from r1tui.screens.base import Dialog, Frame
from r1tui.toolkit.bindings import Attached
from r1tui.toolkit.shown import Static
from r1tui.widgets.fields import Field, TextField


@dataclass(frozen=True, slots=True)
class NewModel:
    """A model to make."""

    name: str
    modelfile: Modelfile


class ModelCreateScreen(Dialog[NewModel | None], place=Place.MODEL_CREATE):
    """Dismisses with what to make, None for Esc. A mistake is named with its line and nothing is lost.

    The form and the Modelfile are two views of one thing: F3 carries what was written from one to the other.
    """

    DEFAULT_CSS = """
    ModelCreateScreen > Frame { width: 96%; max-width: 100; height: 96%; }
    ModelCreateScreen #form, ModelCreateScreen #source { height: 1fr; }
    ModelCreateScreen #source { display: none; }
    ModelCreateScreen TextField { border: none; height: 1fr; min-height: 2; background: $panel; padding: 0; }
    ModelCreateScreen #system, ModelCreateScreen #parameters { height: 4; margin-bottom: 1; }
    ModelCreateScreen #fault { color: $text-error; }
    """

    def __init__(self, start: Modelfile) -> None:
        """`start`: the Modelfile to begin with; its source is what the new model is made from."""
        super().__init__()
        self._base = start

    def commands(self) -> Attached:
        """Make it, or see it otherwise, or make nothing."""
        return {
            "model_create.close": self.close,
            "model_create.make": self.make,
            "model_create.modelfile": self.other_view,
        }

    def compose(self) -> ComposeResult:
        """Name, the two views, what is wrong with them."""
        with Frame(t("models.create.name", source=self._base.source), t("models.create.keys")):
            yield Field(id="name", placeholder=Clean("my-r1:8b"))
            with Vertical(id="form"):
                yield Static(t("models.create.system"))
                yield TextField(id="system")
                yield Static(t("models.create.parameters"))
                yield TextField(id="parameters")
                yield Static(t("models.create.template"))
                yield TextField(id="template")
            with Vertical(id="source"):
                yield Static(t("models.create.modelfile"))
                yield TextField(id="modelfile")
            yield Static(id="fault")

    def on_mount(self) -> None:
        """The name is asked first."""
        self._fill_form()
        self.query_one("#name").focus()

    @property
    def _in_form(self) -> bool:
        return bool(self.query_one("#form").display)

    def _text(self, name: str) -> TextField:
        return self.query_one(f"#{name}", TextField)

    def _fill_form(self) -> None:
        self._text("system").text = self._base.system
        self._text("parameters").text = format_parameters(self._base.parameters)
        self._text("template").text = self._base.template

    @on(Input.Submitted)
    def _next(self) -> None:
        self._text("system" if self._in_form else "modelfile").focus()

    def other_view(self) -> None:
        """F3: the whole Modelfile, or the form again."""
        written = self._written()
        if written is None:
            return
        self._base = written
        to_form = not self._in_form
        if to_form:
            self._fill_form()
        else:
            self._text("modelfile").text = format_modelfile(written)
        self.query_one("#form").display = to_form
        self.query_one("#source").display = not to_form
        self._text("system" if to_form else "modelfile").focus()

    def _written(self) -> Modelfile | None:
        """What stands in the view that is shown; a mistake is told, and the cursor put on it."""
        self._fault(None)
        area = self._text("parameters" if self._in_form else "modelfile")
        try:
            if not self._in_form:
                return parse(clean(area.text))
            return replace(
                self._base,
                system=clean(self._text("system").text).strip(),
                parameters=parse_parameters(clean(area.text)),
                template=clean(self._text("template").text),
            )
        except ModelfileError as error:
            self._fault(error.phrase)
            area.focus()
            area.move_cursor((max(error.line - 1, 0), 0))
            return None

    def make(self) -> None:
        """F2: check, and make it."""
        name = self.query_one("#name", Input)
        try:
            parse_name(name.value)
        except BadName as error:
            self._fault(error.phrase)
            name.focus()
            return
        written = self._written()
        if written is None:
            return
        if written.from_file or written.adapter:
            self._fault(phrase("models.create.file"))
            return
        self.dismiss(NewModel(name.value.strip(), written))

    def _fault(self, words: Phrase | None) -> None:
        self.query_one("#fault", Static).update(say(words) if words else Clean(""))
