"""A summary while the model writes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual.app import ComposeResult

from r1tui.commands import Place
from r1tui.domain.clean import clean
from r1tui.domain.phrase import Phrase, PhrasedError
from r1tui.locale import say, t
from r1tui.screens.base import Dialog, Frame
from r1tui.toolkit.bindings import Attached
from r1tui.toolkit.shown import Static

SHOWN = 600
"""Characters of its end that are shown."""

Tell = Callable[[int, str], object]


class SummingUpScreen(Dialog[str | Phrase | None], place=Place.SUMMING_UP):
    """Shows what there is of it; dismisses with the summary, a fault, or None for Esc."""

    DEFAULT_CSS = """
    SummingUpScreen .text { height: 8; margin-top: 1; color: $text-muted; }
    """

    def __init__(self, title: Phrase, parts: int, write: Callable[[Tell], Awaitable[str]]) -> None:
        """`write` writes it, telling which of the `parts` is read and what there is of its summary."""
        super().__init__()
        self._title = title
        self._parts = parts
        self._write = write

    def commands(self) -> Attached:
        """End it; nothing has changed."""
        return {"summary.stop": self._stop}

    def compose(self) -> ComposeResult:
        """What is done, how far it is, its words, how to end it."""
        with Frame(say(self._title), t("chat.summary_esc")):
            yield Static(t("chat.summary_reading", part=1, parts=self._parts), classes="at")
            yield Static(classes="text")

    def on_mount(self) -> None:
        """Have the model write the summary."""
        self._worker = self.run_worker(self._run(), exit_on_error=False)

    async def _run(self) -> None:
        try:
            text = await self._write(self._told)
        except PhrasedError as error:
            self.dismiss(error.phrase)
        else:
            self.dismiss(text)

    def _told(self, part: int, text: str) -> None:
        if self.is_attached:
            at = {"part": part + 1, "parts": self._parts}
            words = t("chat.summary_writing", **at) if text else t("chat.summary_reading", **at)
            self.query_one(".at", Static).update(words)
            self.query_one(".text", Static).update(clean(text[-SHOWN:]))

    def _stop(self) -> None:
        self._worker.cancel()
        self.dismiss(None)
