"""Everything that can be done with a model, as a menu with keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from textual.app import ComposeResult

from r1tui.commands import MODEL_COMMANDS, Command, Place, Section, command
from r1tui.domain.clean import Clean, clean_line
from r1tui.domain.phrase import Phrase, phrase
from r1tui.locale import say, t
from r1tui.screens.base import Dialog, Frame
from r1tui.toolkit.bindings import Attached
from r1tui.toolkit.option import Option, OptionList
from r1tui.toolkit.shown import Static, Styled, assembled, styled


def command_words(name: str = "") -> list[tuple[str, Command]]:
    """(words, command) of every command, for the palette; with the model's name where it is done with one."""
    return [
        (
            t("models.palette", name=name, command=t(each.words))
            if each.of_model and name
            else t(each.words),
            each,
        )
        for each in MODEL_COMMANDS
    ]


class ModelMenuScreen(Dialog[str | None], place=Place.MODEL_MENU):
    """Dismisses with the id of the command chosen, None for Esc.

    Commands stand in groups, what cannot be done now muted, with the reason; below the list, what the one under the cursor
    does.
    """

    DEFAULT_CSS = """
    ModelMenuScreen > Frame { width: 66; max-width: 100%; max-height: 100%; }
    ModelMenuScreen OptionList, ModelMenuScreen OptionList:focus { max-height: 97%; }
    """

    def __init__(
        self, name: str, remote_host: str = "", impossible: Mapping[str, Phrase] | None = None
    ) -> None:
        """`impossible`: ids of commands that would do nothing now, each with why. Their keys work all the same: the server
        may know better.
        """
        super().__init__()
        self._model = name
        self._remote_host = remote_host
        self._impossible = impossible or {}

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
        """The model's name above the commands, each with its key; what the chosen one does."""
        with Frame(clean_line(self._model) or t("models.menu"), t("models.menu_keys"), footed=True):
            if self._remote_host:
                yield Static(t("models.cloud", host=self._remote_host))
            yield OptionList(*self._rows(), compact=True)
            yield Static(classes="about")

    def _rows(self) -> Iterator[Option]:
        """The commands in three groups, and below them what deletes."""
        groups = {section.value: list[Command]() for section in (Section.MODEL, Section.GET, Section.SERVER)}
        for each in sorted(MODEL_COMMANDS, key=lambda each: each.danger):
            groups.setdefault("palette.danger" if each.danger else each.section.value, []).append(each)
        for heading, commands in groups.items():
            colour = "$text-error" if heading == "palette.danger" else "$text-accent"
            yield Option(styled(t(heading), f"bold {colour}"), disabled=True)
            for each in commands:
                why = self._why_not(each)
                yield Option(self._row(each, why), id=each.id, disabled=why is not None)

    def _why_not(self, each: Command) -> Phrase | None:
        return self._impossible.get(each.id) if self.offers(each.id) else phrase("models.not.none")

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Say what it does."""
        about = command(event.option.id).about if event.option.id else ""
        self.query_one(".about", Static).update(t(about) if about else Clean(""))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter, or a click."""
        self.dismiss(event.option.id)

    def _choose(self, name: str) -> None:
        self.dismiss(name)

    def _row(self, each: Command, why: Phrase | None) -> Styled:
        """The key first, where a narrow terminal shows it too."""
        key = f"  {clean_line(each.keys)}"
        if why is not None:
            return styled(f"{key}  {t(each.words)} · {say(why)}", "$text-muted")
        colour = "$text-error" if each.danger else ""
        return assembled((key, f"bold {colour or '$text-accent'}"), (f"  {t(each.words)}", colour))
