"""A text to read: what a model is, what runs, the server's log."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from r1tui.commands import Place
from r1tui.domain.clean import Clean, clean
from r1tui.domain.phrase import Phrase
from r1tui.locale import say, t
from r1tui.screens.base import Dialog, Frame
from r1tui.toolkit.bindings import Attached
from r1tui.toolkit.shown import Static, Styled, assembled, stacked, styled
from r1tui.widgets.explain import Explain


class TextViewScreen(Dialog[None], place=Place.TEXT_VIEW):
    """Shows a text, cleaned, with a title above it; arrows and Page keys scroll."""

    DEFAULT_CSS = """
    TextViewScreen > Frame { width: 98; }
    TextViewScreen VerticalScroll { height: auto; max-height: 100%; scrollbar-size-vertical: 1; }
    """

    def __init__(
        self, title: Phrase, text: str, *, at_end: bool = False, topic: str = "", labelled: bool = False
    ) -> None:
        """`topic`: what `?` opens the guide at; `labelled`: a line that begins with a word and a gap is a label and its value."""
        super().__init__()
        self._topic = topic
        self._title = title
        self._text = text
        self._at_end = at_end
        self._labelled = labelled

    def commands(self) -> Attached:
        """Done reading, or more in the guide."""
        return {"text_view.close": self.close, "text_view.explain": self._explain}

    def offers(self, name: str) -> bool | None:
        """`?` means something where there is a topic."""
        return name != "text_view.explain" or bool(self._topic)

    def compose(self) -> ComposeResult:
        """The title above a text that scrolls."""
        keys = t("guide.text_keys_more") if self._topic else t("guide.text_keys")
        with Frame(say(self._title), keys), VerticalScroll():
            text = clean(self._text)
            yield Static(_muted(text) if self._labelled else text, id="text")

    def on_mount(self) -> None:
        """The scroll bar's region takes the keys."""
        scroll = self.query_one(VerticalScroll)
        scroll.focus()
        if self._at_end:
            scroll.scroll_end(animate=False)

    def _explain(self) -> None:
        self.post_message(Explain(self._topic))


def _muted(text: Clean) -> Styled:
    """A text with its labels muted."""
    lines = list[Styled]()
    for line in text.split("\n"):
        label, gap, value = line.partition("  ")
        lines.append(assembled((label, "$text-muted"), gap + value) if value else styled(line))
    return stacked(lines)
