"""Dialogues that ask before something is lost or done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from r1tui.domain.phrase import Phrase
from r1tui.locale import say
from r1tui.screens.base import R1Modal


class ChoiceScreen(R1Modal[str | None]):
    """A question and its possible answers; dismisses with the id of the one chosen, None for Esc.

    The first choice is under the cursor when it opens: put the harmless one first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "key.close", id="dialogue.close"),
    ]
    DEFAULT_CSS = """
    ChoiceScreen { align: center middle; }
    ChoiceScreen > Vertical { width: 64; max-width: 95%; height: auto; max-height: 90%; padding: 1 2; background: $surface; }
    ChoiceScreen .question { height: auto; margin-bottom: 1; }
    ChoiceScreen OptionList { height: auto; max-height: 12; border: none; background: $surface; padding: 0; }
    """

    def __init__(self, question: Phrase, choices: Sequence[tuple[str, Phrase]]) -> None:
        super().__init__()
        self._question = question
        self._choices = choices

    def compose(self) -> ComposeResult:
        """The question above a list of answers."""
        with Vertical():
            yield Static(say(self._question), classes="question", markup=False)
            yield OptionList(
                *(Option(say(words), id=name) for name, words in self._choices),
                markup=False,
                compact=True,
            )

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter chooses."""
        self.dismiss(event.option.id)

    def action_cancel(self) -> None:
        """Esc chooses nothing."""
        self.dismiss(None)
