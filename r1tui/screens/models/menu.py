"""Everything that can be done with a model, as a menu with keys."""

from __future__ import annotations

from functools import partial

from textual.app import ComposeResult
from textual.containers import Vertical

from r1tui.commands import MODEL_COMMANDS, Command, Place, command
from r1tui.domain.clean import clean_line
from r1tui.locale import t
from r1tui.screens.base import Dialog
from r1tui.toolkit.bindings import Attached
from r1tui.toolkit.option import Option, OptionList
from r1tui.toolkit.shown import Static, Styled, assembled


def command_words(name: str = "") -> list[tuple[str, str]]:
    """(words, id) of every command, for the palette; those of a model only where one is named."""
    of_model = [
        (t("models.palette", name=name, command=t(each.words)), each.id)
        for each in MODEL_COMMANDS
        if each.of_model and name
    ]
    return [*of_model, *((t(each.words), each.id) for each in MODEL_COMMANDS if not each.of_model)]


class ModelMenuScreen(Dialog[str | None], place=Place.MODEL_MENU):
    """Dismisses with the id of the command chosen, None for Esc."""

    DEFAULT_CSS = """
    ModelMenuScreen > Vertical { width: 60; max-height: 100%; }
    ModelMenuScreen OptionList, ModelMenuScreen OptionList:focus { max-height: 20; }
    ModelMenuScreen Static { text-style: bold; }
    """

    def __init__(self, name: str, remote_host: str = "") -> None:
        super().__init__()
        self._model = name
        self._remote_host = remote_host

    def commands(self) -> Attached:
        """Each answers the question what to do."""
        return {
            "model_menu.close": self.close,
            **{each.id: partial(self._choose, each.id) for each in MODEL_COMMANDS},
        }

    def offers(self, name: str) -> bool | None:
        """What is done with a model needs one."""
        return bool(self._model) or not command(name).of_model

    def compose(self) -> ComposeResult:
        """The model's name above the commands, each with its key."""
        with Vertical():
            yield Static(clean_line(self._model) or t("models.menu"))
            if self._remote_host:
                yield Static(t("models.cloud", host=self._remote_host))
            offered = [each for each in MODEL_COMMANDS if self.offers(each.id)]
            yield OptionList(*(Option(self._row(each), id=each.id) for each in offered))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter, or a click."""
        self.dismiss(event.option.id)

    def _choose(self, name: str) -> None:
        self.dismiss(name)

    def _row(self, each: Command) -> Styled:
        """The key first, where a narrow terminal shows it too."""
        return assembled((clean_line(each.keys), "bold $text-accent"), f"  {t(each.words)}")
