"""A text to read: what a model is, what runs, the server's log."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from r1tui.domain.clean import clean
from r1tui.domain.phrase import Phrase
from r1tui.locale import say, t
from r1tui.screens.base import R1Modal
from r1tui.widgets.explain import Explain


class TextViewScreen(R1Modal[None]):
    """Shows a text, cleaned, with a title above it; arrows and Page keys scroll."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "key.close", id="text_view.close"),
        Binding("question_mark,f1", "explain", "key.guide", id="text_view.explain"),
    ]
    DEFAULT_CSS = """
    TextViewScreen { align: center middle; }
    TextViewScreen > Vertical {
        width: 96; max-width: 96%; height: auto; max-height: 96%; padding: 1 2; background: $surface;
    }
    TextViewScreen .title { height: auto; text-style: bold; }
    TextViewScreen .keys { height: auto; color: $text-muted; margin-bottom: 1; }
    TextViewScreen VerticalScroll { height: auto; max-height: 100%; scrollbar-size-vertical: 1; }
    TextViewScreen #text { height: auto; }
    """

    def __init__(self, title: Phrase, text: str, *, at_end: bool = False, topic: str = "") -> None:
        """`topic`: what `?` opens the guide at."""
        super().__init__()
        self._topic = topic
        self._title = title
        self._text = text
        self._at_end = at_end

    def compose(self) -> ComposeResult:
        """Title and text."""
        with Vertical():
            yield Static(say(self._title), classes="title", markup=False)
            yield Static(
                t("guide.text_keys_more") if self._topic else t("guide.text_keys"),
                classes="keys",
                markup=False,
            )
            with VerticalScroll():
                yield Static(clean(self._text), id="text", markup=False)

    def on_mount(self) -> None:
        """The scroll bar's region takes the keys."""
        scroll = self.query_one(VerticalScroll)
        scroll.focus()
        if self._at_end:
            scroll.scroll_end(animate=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """`?` means something where there is a topic."""
        return bool(self._topic) if action == "explain" else super().check_action(action, parameters)

    def action_explain(self) -> None:
        """More, in the guide."""
        self.post_message(Explain(self._topic))

    def action_close(self) -> None:
        """Done reading."""
        self.dismiss(None)
