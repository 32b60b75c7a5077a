"""A larger field for text: the system text of a conversation, a question to be changed."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from r1tui.domain.clean import clean
from r1tui.domain.phrase import Phrase
from r1tui.locale import say, t
from r1tui.screens.base import R1Modal
from r1tui.widgets.fields import TextField


class Editor(TextField):
    """The field. Its keys are its own, so that Enter never overtakes what was typed before it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "done", "key.done", id="text.done"),
        Binding("ctrl+j,alt+enter,shift+enter", "new_line", "key.new_line", id="text.new_line"),
    ]

    class Done(Message):
        """Enter was pressed."""

    def action_done(self) -> None:
        """Take the text."""
        self.post_message(self.Done())

    def action_new_line(self) -> None:
        """Begin a new line."""
        self.insert("\n")


class TextScreen(R1Modal[str | None]):
    """Edit a text; dismisses with it, None for Esc. Alt+Enter and Ctrl+J are line breaks, as in the prompt."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "key.close", id="text.close")]
    DEFAULT_CSS = """
    TextScreen { align: center middle; }
    TextScreen > Vertical { width: 90%; max-width: 100; height: auto; padding: 1 2; background: $surface; }
    TextScreen Editor { height: 12; max-height: 60vh; border: none; background: $panel; margin: 1 0; }
    """

    def __init__(self, question: Phrase, text: str) -> None:
        super().__init__()
        self._question = question
        self._text = text

    def compose(self) -> ComposeResult:
        """Question, text, keys."""
        with Vertical():
            yield Static(say(self._question), markup=False)
            yield Editor(self._text)
            yield Static(t("text.keys"), markup=False)

    def on_mount(self) -> None:
        """Begin at the end."""
        area = self.query_one(Editor)
        area.move_cursor(area.document.end)

    def on_editor_done(self) -> None:
        """Take the text."""
        self.dismiss(clean(self.query_one(Editor).text))

    def action_cancel(self) -> None:
        """Leave everything as it was."""
        self.dismiss(None)
