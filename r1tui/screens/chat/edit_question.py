"""A question that is changed: its text, and below it what goes with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.widget import Widget

from r1tui.domain.attachment import Attachment, AttachmentKind
from r1tui.domain.clean import Clean, clean, clean_line
from r1tui.domain.phrase import Phrase, phrase
from r1tui.locale import say, t
from r1tui.screens.base import Frame
from r1tui.screens.chat.attaching import measure, opened
from r1tui.screens.dialogs.text_editor import Editor, TextScreen
from r1tui.services.attachments import ENCODINGS, AttachmentError, read_attachment, recoded
from r1tui.toolkit.shown import Static, styled
from r1tui.widgets.notices import tell
from r1tui.widgets.shelf import Shelf, ShelfEntry


class EditQuestionScreen(TextScreen):
    """Edit a question; dismisses with its text, None for Esc. `attachments` and `written` are what was there at the end."""

    DEFAULT_CSS = """
    EditQuestionScreen Editor { height: 10; max-height: 45vh; }
    """

    def __init__(
        self,
        question: str,
        written: str,
        attachments: tuple[Attachment, ...],
        refused: Callable[[tuple[Attachment, ...]], Phrase | None],
        *,
        private: bool,
    ) -> None:
        """`written`: what is in the field at first; undo leads back to the `question`. `refused`: why these are too many."""
        super().__init__(phrase("chat.edit_question"), question)
        self.written = written
        self.attachments = attachments
        self._refused = refused
        self._private = private

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

    def writing_field(self) -> Widget:
        """Text goes to the field, wherever it is typed."""
        return self.query_one(Editor)

    def on_descendant_focus(self) -> None:
        """Other keys matter elsewhere."""
        here = self.query_one(Shelf).has_focus
        self.query_one(Frame).border_subtitle = styled(t("edit.keys_files") if here else t("edit.keys"))

    def on_text_area_changed(self) -> None:
        """Know what is written, however the dialogue is left."""
        self.written = clean(self.query_one(Editor).text)

    def _show(self) -> None:
        entries = [
            ShelfEntry(clean_line(each.name), _facts(each), each.kind is AttachmentKind.FILE)
            for each in self.attachments
        ]
        self.query_one(Shelf).show([*entries, ShelfEntry(t("edit.attach"), is_file=False)])

    def _change(self, changed: tuple[Attachment, ...]) -> None:
        why = self._refused(changed)
        if why is not None and len(changed) >= len(self.attachments):
            tell(self.app, why, "warning")
            return
        self.attachments = changed
        self._show()

    def _replace(self, old: Attachment, *new: Attachment) -> None:
        """Others in the place of one that is there still."""
        at = next((at for at, each in enumerate(self.attachments) if each is old), None)
        if at is not None:
            self._change((*self.attachments[:at], *new, *self.attachments[at + 1 :]))

    def _at(self, at: int) -> Attachment | None:
        return self.attachments[at] if at < len(self.attachments) else None

    # Asked for below the text

    @on(Shelf.Left)
    def _back(self) -> None:
        self.set_focus(self.query_one(Editor))

    @on(Shelf.OpenRequested)
    def _opened(self, event: Shelf.OpenRequested) -> None:
        attachment = self._at(event.at)
        opening = self._choose_file() if attachment is None else self._open(attachment)
        self.run_worker(opening, group="files", exclusive=True)

    @on(Shelf.PagerRequested)
    def _pager_wanted(self, event: Shelf.PagerRequested) -> None:
        if (attachment := self._at(event.at)) is not None:
            self.run_worker(self._open_outside(attachment), group="files", exclusive=True)

    @on(Shelf.RemoveRequested)
    def _removed(self, event: Shelf.RemoveRequested) -> None:
        if (attachment := self._at(event.at)) is not None:
            self._replace(attachment)

    @on(Shelf.EncodingRequested)
    def _encoding_wanted(self, event: Shelf.EncodingRequested) -> None:
        if (attachment := self._at(event.at)) is not None:
            self.run_worker(self._recode(attachment), group="files", exclusive=True)

    async def _open(self, attachment: Attachment) -> None:
        if (changed := await opened(self.app, attachment)) is not None:
            self._replace(attachment, changed)

    async def _open_outside(self, attachment: Attachment) -> None:
        from r1tui.screens.chat.outside import show_outside

        await show_outside(self.app, partial(tell, self.app), attachment.text, "pager", private=self._private)

    async def _choose_file(self) -> None:
        from r1tui.screens.dialogs.pick_file import PickFileScreen

        root = await asyncio.to_thread(Path.cwd)
        chosen = await self.app.push_screen_wait(PickFileScreen(root))
        if isinstance(chosen, Path):
            try:
                self._change((*self.attachments, await read_attachment(chosen)))
            except AttachmentError as error:
                tell(self.app, error.phrase, "error")

    async def _recode(self, attachment: Attachment) -> None:
        try:
            self._replace(attachment, await recoded(attachment))
        except AttachmentError as error:
            tell(self.app, error.phrase, "information")


def _facts(attachment: Attachment) -> tuple[Clean, ...]:
    encoding = attachment.encoding
    if encoding == "utf-8":
        return (measure(attachment),)
    return measure(attachment), clean_line(ENCODINGS.get(encoding, encoding))
