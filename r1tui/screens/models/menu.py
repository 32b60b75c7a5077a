"""Everything that can be done with a model, as a menu with keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from r1tui.domain.clean import clean_line
from r1tui.locale import t
from r1tui.screens.base import R1Modal


@dataclass(frozen=True, slots=True)
class ModelCommand:
    """One command: its id, its key in the menu, its words in the catalogue."""

    id: str
    key: str
    words: str


MODEL_COMMANDS = (
    ModelCommand("run", "r", "models.command.run"),
    ModelCommand("show", "s", "models.command.show"),
    ModelCommand("stop", "x", "models.command.stop"),
    ModelCommand("pull", "u", "models.command.pull"),
    ModelCommand("push", "h", "models.command.push"),
    ModelCommand("cp", "c", "models.command.cp"),
    ModelCommand("create", "e", "models.command.create"),
    ModelCommand("rm", "d", "models.command.rm"),
)
"""What is done with the model that the menu is of."""
SERVER_COMMANDS = (
    ModelCommand("add", "a", "models.command.add"),
    ModelCommand("import", "g", "models.command.import"),
    ModelCommand("list", "l", "models.command.list"),
    ModelCommand("ps", "p", "models.command.ps"),
    ModelCommand("serve", "v", "models.command.serve"),
)
"""What needs no model."""


def command_words(name: str = "") -> list[tuple[str, str]]:
    """(words, command id) of every command, for the palette; those of a model only where one is named."""
    of_model = [(t("models.palette", name=name, command=t(each.words)), each.id) for each in MODEL_COMMANDS]
    return [*(of_model if name else ()), *((t(each.words), each.id) for each in SERVER_COMMANDS)]


class ModelMenuScreen(R1Modal[str | None]):
    """Dismisses with the id of the command chosen, None for Esc."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "choose('')", "key.close", id="model_menu.close"),
        *(
            Binding(each.key, f"choose('{each.id}')", each.words, id=f"model_menu.{each.id}", show=False)
            for each in (*MODEL_COMMANDS, *SERVER_COMMANDS)
        ),
    ]
    DEFAULT_CSS = """
    ModelMenuScreen { align: center middle; }
    ModelMenuScreen > Vertical {
        width: 60; max-width: 96%; height: auto; max-height: 100%; padding: 1 2; background: $surface;
    }
    ModelMenuScreen Static { height: auto; text-style: bold; }
    ModelMenuScreen OptionList:focus { border: none; }
    ModelMenuScreen OptionList { height: auto; max-height: 16; border: none; padding: 0; background: $surface; }
    """

    def __init__(self, name: str, remote_host: str = "") -> None:
        super().__init__()
        self._model = name
        self._remote_host = remote_host

    def compose(self) -> ComposeResult:
        """The model's name above the commands, each with its key."""
        commands = (*MODEL_COMMANDS, *SERVER_COMMANDS) if self._model else SERVER_COMMANDS
        with Vertical():
            yield Static(clean_line(self._model) or t("models.menu"), markup=False)
            if self._remote_host:
                yield Static(t("models.cloud", host=self._remote_host), markup=False)
            yield OptionList(*(Option(_row(each), id=each.id) for each in commands), markup=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter, or a click."""
        self.dismiss(event.option.id)

    def action_choose(self, command: str) -> None:
        """A command's key."""
        wants_model = any(each.id == command for each in MODEL_COMMANDS)
        if not wants_model or self._model:
            self.dismiss(command or None)


def _row(command: ModelCommand) -> Content:
    """The key first, where a narrow terminal shows it too."""
    return Content.assemble((command.key, "bold $text-accent"), f"  {t(command.words)}")
