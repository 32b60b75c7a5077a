"""A larger field for text: the system text of a conversation, a question to be changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual.app import ComposeResult
from textual.message import Message
from textual.timer import Timer

from r1tui.chat.draft import DRAFT_PAUSE
from r1tui.commands import Place
from r1tui.domain.clean import clean
from r1tui.domain.phrase import Phrase
from r1tui.locale import say, t
from r1tui.screens.base import Dialog, Frame
from r1tui.toolkit.bindings import Attached, Commanded
from r1tui.toolkit.shown import Static
from r1tui.widgets.fields import TextField


class Editor(Commanded, TextField, place=Place.EDITOR):
    """The field. Its keys are its own, so that Enter never overtakes what was typed before it."""

    class Done(Message):
        """Enter was pressed in the field."""

    def commands(self) -> Attached:
        """What Enter means, alone and with others."""
        return {"text.done": self.done, "text.new_line": self.new_line}

    def done(self) -> None:
        """Say that the text is complete."""
        self.post_message(self.Done())

    def new_line(self) -> None:
        """Begin a new line."""
        self.insert("\n")


class TextScreen(Dialog[str | None], place=Place.EDITOR_DIALOGUE):
    """Edit a text; dismisses with it, None for Esc. Alt+Enter and Ctrl+J are line breaks, as in the prompt. `written` is
    what was there at the end, where it is kept.
    """

    MOST = 100
    DEFAULT_CSS = """
    TextScreen > Frame { width: 90%; max-width: 100; }
    TextScreen Editor { height: 12; max-height: 60vh; border: none; background: $panel; }
    """

    def __init__(
        self, question: Phrase, text: str, *, keep: Callable[[str], Awaitable[None]] | None = None
    ) -> None:
        """`keep` has to keep the text on the disk, whenever its writer pauses."""
        super().__init__()
        self._question = question
        self._text = text
        self.written = text
        self._keep = keep
        self._keep_timer: Timer | None = None

    def commands(self) -> Attached:
        """Leave everything as it was."""
        return {"text.close": self.close}

    def compose(self) -> ComposeResult:
        """The question, the field, and a line with the keys."""
        title, rest = self.headed(say(self._question))
        with Frame(title, t("text.keys")):
            if rest:
                yield Static(rest, classes="question")
            yield Editor(self._text)

    def on_mount(self) -> None:
        """Begin at the end."""
        area = self.query_one(Editor)
        area.move_cursor(area.document.end)

    def on_editor_done(self) -> None:
        """Dismiss with the text."""
        self.dismiss(clean(self.query_one(Editor).text))

    def on_text_area_changed(self) -> None:
        """Know what is written, however the dialogue is left; a text that is not kept may be large, and is read at the end."""
        if self._keep is not None:
            self.written = clean(self.query_one(Editor).text)
            self.keep_soon()

    def keep_soon(self) -> None:
        """Keep what is there, once the writer pauses."""
        if self._keep_timer is not None:
            self._keep_timer.stop()
        self._keep_timer = self.set_timer(DRAFT_PAUSE, self._keep_now)

    def _keep_now(self) -> None:
        if self._keep is not None and not self._left:
            self.run_worker(self._keep(self.written))

    async def on_unmount(self) -> None:
        """The app ends: what is there is kept."""
        if self._keep is not None and not self._left:
            await self._keep(self.written)
