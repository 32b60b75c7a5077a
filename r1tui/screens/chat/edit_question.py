"""A question that is changed: its text, and below it what goes with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from textual.app import ComposeResult
from textual.widget import Widget

from r1tui.domain.attachment import Attachment
from r1tui.domain.phrase import Phrase, phrase
from r1tui.locale import say, t
from r1tui.screens.base import Frame
from r1tui.screens.chat.shelf_texts import HasShelf, ShelfTexts, entry_of
from r1tui.screens.dialogs.text_editor import Editor, TextScreen
from r1tui.toolkit.shown import Static, styled
from r1tui.widgets.notices import tell
from r1tui.widgets.shelf import Shelf, ShelfEntry


class EditQuestionScreen(HasShelf, TextScreen):
    """Edit a question; dismisses with its text, None for Esc. `attachments` are what went with it at the end."""

    DEFAULT_CSS = """
    EditQuestionScreen Editor { height: 10; max-height: 45vh; }
    """

    def __init__(
        self,
        question: str,
        written: str,
        attachments: tuple[Attachment, ...],
        refused: Callable[[tuple[Attachment, ...], tuple[Attachment, ...]], Phrase | None],
        *,
        private: bool,
        keep: Callable[[str, tuple[Attachment, ...]], Awaitable[None]],
    ) -> None:
        """`written`: what is in the field at first; undo leads back to the `question`. `refused`: why
        some are too many to take the place of others. `keep` has to keep the text and what goes with it on the disk.
        """
        super().__init__(
            phrase("chat.edit_question"),
            question,
            keep=lambda text: keep(text, self.attachments),
        )
        self.written = written
        self.attachments = attachments
        self._refused = refused
        self.private = private

    def compose(self) -> ComposeResult:
        """The field, what goes with it, and a line with the keys of where the cursor is."""
        title, rest = self.headed(say(self._question))
        with Frame(title, t("edit.keys")):
            yield Static(rest, classes="question")
            yield Editor(self._text)
            yield Shelf()

    def on_mount(self) -> None:
        """Show what is there."""
        if self.written != self._text:
            area = self.query_one(Editor)
            area.replace(self.written, (0, 0), area.document.end)
        self._show()

    @property
    def texts(self) -> ShelfTexts:
        """What goes with the question."""
        return _Texts(self)

    def writing_field(self) -> Widget:
        """Text goes to the field, wherever it is typed."""
        return self.query_one(Editor)

    def on_descendant_focus(self) -> None:
        """Other keys matter elsewhere."""
        here = self.query_one(Shelf).has_focus
        self.query_one(Frame).border_subtitle = styled(t("edit.keys_files") if here else t("edit.keys"))

    def change(self, attachments: tuple[Attachment, ...]) -> None:
        """Have others go with it, or say why that cannot be."""
        if (why := self._refused(attachments, self.attachments)) is not None:
            tell(self.app, why, "warning")
            return
        self.attachments = attachments
        self.keep_soon()
        self._show()

    def _show(self) -> None:
        entries = map(entry_of, self.attachments)
        self.query_one(Shelf).show([*entries, ShelfEntry(t("edit.attach"), is_file=False)])


class _Texts(ShelfTexts):
    """Those of the question, a line each; the line behind them asks for another."""

    def __init__(self, screen: EditQuestionScreen) -> None:
        super().__init__(screen.app, partial(tell, screen.app))
        self._screen = screen

    def at(self, line: int) -> Attachment | None:
        """The text of a line, where it has one."""
        attachments = self._screen.attachments
        return attachments[line] if line < len(attachments) else None

    def add(self, attachment: Attachment) -> None:
        """Have one more go with the question."""
        self._screen.change((*self._screen.attachments, attachment))

    def put(self, line: int, changed: Attachment | None) -> None:
        """Have another one in the place of a line's text, or none."""
        before = self._screen.attachments
        new = () if changed is None else (changed,)
        self._screen.change((*before[:line], *new, *before[line + 1 :]))

    @property
    def private(self) -> bool:
        """Whether the conversation is."""
        return self._screen.private

    async def open(self, line: int) -> bool:
        """Show a text, or choose another file."""
        if self.at(line) is not None:
            return await super().open(line)
        if isinstance(path := await self.choose(), Path):
            await self.read(path)
        return False
