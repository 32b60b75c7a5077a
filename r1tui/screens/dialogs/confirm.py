"""Dialogues that ask before something is lost or done."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from textual import events
from textual.app import ComposeResult

from r1tui.commands import Place
from r1tui.domain.phrase import Phrase
from r1tui.locale import say, t
from r1tui.screens.base import Dialog, Frame
from r1tui.toolkit.bindings import Attached
from r1tui.toolkit.bursts import Lines
from r1tui.toolkit.option import Option, OptionList
from r1tui.toolkit.shown import Static, styled


class ChoiceScreen(Dialog[str | None], place=Place.CHOICE):
    """A question and its possible answers; dismisses with the id of the one chosen, None for Esc.

    The first choice is under the cursor when it opens: put the harmless one first. `danger` are the ids of those that
    destroy something; they have its colour, and stand last.
    """

    DEFAULT_CSS = """
    ChoiceScreen > Frame { width: 66; }
    ChoiceScreen OptionList { max-height: 12; }
    """

    def __init__(
        self,
        question: Phrase,
        choices: Sequence[tuple[str, Phrase]],
        *,
        danger: Collection[str] = (),
        not_meant: Callable[[events.Key | Lines], bool] | None = None,
    ) -> None:
        """`not_meant` takes what is typed first, and says whether it was none for the dialogue."""
        super().__init__()
        self._not_meant = not_meant
        self._question = question
        self._choices = sorted(choices, key=lambda choice: choice[0] in danger)
        self._danger = danger

    def commands(self) -> Attached:
        """Esc leaves without a choice."""
        return {"dialogue.close": self.close}

    async def typed(self, event: events.Key | events.Paste) -> tuple[events.Key | events.Paste, ...]:
        """As in `Typed`, of keys that are meant."""
        if self._not_meant is not None and isinstance(event, events.Key | Lines) and self._not_meant(event):
            return ()
        return await super().typed(event)

    def compose(self) -> ComposeResult:
        """The question above a list of answers."""
        title, rest = self.headed(say(self._question))
        with Frame(title, t("dialogue.keys")):
            if rest:
                yield Static(rest, classes="question")
            yield OptionList(
                *(
                    Option(styled(say(words), "$text-error" if name in self._danger else ""), id=name)
                    for name, words in self._choices
                ),
                compact=True,
            )

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Dismiss with the answer under the cursor."""
        self.dismiss(event.option.id)
