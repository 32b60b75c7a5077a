"""Texts that go with a question, on a shelf: shown, changed, read in another encoding, taken off, others added. Whoever
holds them, a draft or a question that is edited, says only how.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

from textual.app import App
from textual.screen import Screen
from textual.widget import Widget

from r1tui.chat.events import Severity
from r1tui.domain.attachment import Attachment, AttachmentKind
from r1tui.domain.clean import Clean, clean_line
from r1tui.domain.phrase import Phrase, phrase
from r1tui.locale import figures, t
from r1tui.services.attachments import ENCODINGS, AttachmentError, read_attachment, recoded
from r1tui.services.paths import present_folder
from r1tui.widgets.shelf import Shelf, ShelfEntry

SHOWN = 1 << 16
"""Characters of a text that are shown in a dialogue, or changed there: a longer one would hold up the keys."""


class ShelfTexts(ABC):
    """What is done with the texts of a shelf, by its lines."""

    def __init__(self, app: App[Any], tell: Callable[[Phrase, Severity], object]) -> None:
        self._app = app
        self._tell = tell

    # Said by whoever holds them

    @abstractmethod
    def at(self, line: int) -> Attachment | None:
        """The text of a line, where it has one."""

    @abstractmethod
    def add(self, attachment: Attachment) -> None:
        """Have one more text go with the question."""

    @abstractmethod
    def put(self, line: int, changed: Attachment | None) -> None:
        """Have another one in the place of a line's text, or none."""

    @property
    @abstractmethod
    def private(self) -> bool:
        """Whether nothing of them may be left behind."""

    # Done with one

    async def open(self, line: int) -> bool:
        """Show a text; that of a paste can be changed. True where that leads to the field of the question."""
        if (attachment := self.at(line)) is not None:
            self._changed(line, attachment, await self._shown(attachment))
        return False

    async def open_outside(self, line: int) -> None:
        """Show all of a text in the user's pager."""
        from r1tui.screens.chat.outside import show_outside

        if (attachment := self.at(line)) is not None:
            await show_outside(self._app, self._tell, attachment.text, "pager", private=self.private)

    def remove(self, line: int) -> None:
        """Take a line's text off the shelf."""
        if self.at(line) is not None:
            self.put(line, None)

    async def change_encoding(self, line: int) -> None:
        """Read a file in the next encoding."""
        attachment = self.at(line)
        if attachment is None or attachment.kind is not AttachmentKind.FILE:
            return
        try:
            self._changed(line, attachment, await recoded(attachment))
        except AttachmentError as error:
            self._tell(error.phrase, "information")

    async def choose(self, typed: str = "") -> Path | str | None:
        """Ask for a file; of Esc, what was typed."""
        from r1tui.screens.dialogs.pick_file import PickFileScreen

        root = await asyncio.to_thread(present_folder)
        return await self._app.push_screen_wait(PickFileScreen(root, typed))

    async def read(self, path: Path) -> None:
        """Read a file and have it, or say why not."""
        try:
            self.add(await read_attachment(path))
        except AttachmentError as error:
            self._tell(error.phrase, "error")

    def _changed(self, line: int, before: Attachment, now: Attachment | None) -> None:
        if now is not None and self.at(line) is before:
            self.put(line, now)

    async def _shown(self, attachment: Attachment) -> Attachment | None:
        """Show a text; the changed one, where it was changed."""
        from r1tui.screens.dialogs.text_editor import TextScreen
        from r1tui.screens.dialogs.text_view import TextViewScreen

        if attachment.kind is AttachmentKind.PASTE and len(attachment.text) <= SHOWN:
            text = await self._app.push_screen_wait(TextScreen(phrase("attachment.edit"), attachment.text))
            if not text or text == attachment.text:
                return None
            return replace(attachment, text=text, size=len(text.encode("utf-8", "replace")))
        shown = (
            attachment.text if len(attachment.text) <= SHOWN else attachment.text[:SHOWN].rpartition("\n")[0]
        )
        title = phrase("attachment.title", name=attachment.name)
        if len(shown) < len(attachment.text):
            shown = shown or attachment.text[:SHOWN]
            title = phrase("attachment.title_cut", name=attachment.name, n=attachment.lines)
        await self._app.push_screen_wait(TextViewScreen(title, shown))
        return None


class HasShelf:
    """A screen with a shelf: what its keys ask for is done with the texts on it."""

    @property
    def texts(self) -> ShelfTexts:
        """What is on the shelf."""
        raise NotImplementedError

    def writing_field(self) -> Widget | None:
        """The field of the question."""
        raise NotImplementedError

    def open_once(self, dialogue: Callable[[], Coroutine[Any, Any, bool]]) -> None:
        """Open a dialogue, in place of one that is still being opened."""
        assert isinstance(self, Screen)
        self.run_worker(dialogue(), group="shelf", exclusive=True)

    def on_shelf_open_requested(self, event: Shelf.OpenRequested) -> None:
        """Show the text of the line under the cursor."""
        self.open_once(lambda: self.texts.open(event.at))

    def on_shelf_pager_requested(self, event: Shelf.PagerRequested) -> None:
        """Show the whole text in the user's pager."""
        assert isinstance(self, Screen)
        self.run_worker(self.texts.open_outside(event.at))

    def on_shelf_remove_requested(self, event: Shelf.RemoveRequested) -> None:
        """Take the line's text off the shelf."""
        self.texts.remove(event.at)

    def on_shelf_encoding_requested(self, event: Shelf.EncodingRequested) -> None:
        """Read the line's file in the next encoding."""
        assert isinstance(self, Screen)
        self.run_worker(self.texts.change_encoding(event.at), group="encoding", exclusive=True)

    def on_shelf_left(self) -> None:
        """Back to the question."""
        assert isinstance(self, Screen)
        self.set_focus(self.writing_field())


def entry_of(attachment: Attachment, tokens: Clean | None = None, seconds: Clean | None = None) -> ShelfEntry:
    """What a line shows of a text: how large it is, its tokens, its encoding, the seconds of reading it."""
    encoding = attachment.encoding
    shown = None if encoding == "utf-8" else clean_line(ENCODINGS.get(encoding, encoding))
    facts = (_measure(attachment), tokens, shown, seconds)
    is_file = attachment.kind is AttachmentKind.FILE
    return ShelfEntry(clean_line(attachment.name), tuple(each for each in facts if each), is_file)


def _measure(attachment: Attachment) -> Clean:
    """How large a text is, or which part of a file it is."""
    if attachment.part:
        return figures.part(attachment.part)
    if attachment.kind is not AttachmentKind.FILE:
        return t("attachment.lines", n=attachment.lines)
    return figures.size(attachment.size) if attachment.size >= 1000 else clean_line(f"{attachment.size} B")
