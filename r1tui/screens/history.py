"""The conversations of before: by their age, searched, renamed, pinned, archived, deleted, exported."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from textual.app import ComposeResult
from textual.notifications import SeverityLevel
from textual.widgets import Footer, Input

from r1tui.commands import Place
from r1tui.domain.history import Found, Hit, Summary
from r1tui.domain.phrase import Phrase, phrase
from r1tui.locale import say, t
from r1tui.screens.base import Dialog, Frame
from r1tui.screens.dialogs.confirm import ChoiceScreen
from r1tui.screens.dialogs.export_choice import choose_form
from r1tui.screens.dialogs.pick import LineScreen
from r1tui.screens.narrowing import Narrowing
from r1tui.services.paths import present_folder
from r1tui.services.store.conversations import ConversationStore
from r1tui.services.store.database import StoreError
from r1tui.services.transfer import export
from r1tui.toolkit.bindings import Attached
from r1tui.toolkit.shown import styled
from r1tui.widgets.fields import Field
from r1tui.widgets.history_list import HistoryHead, HistoryList, More, conversation_of
from r1tui.widgets.notices import tell

PAGE = 300
"""Conversations fetched at a time."""
FOUND = 50
"""Conversations that a search shows."""
TYPING_PAUSE = 0.12
"""Seconds without a key before a search begins."""


class Chosen(NamedTuple):
    """The conversation that Enter opened, and what of it to go to."""

    conversation_id: str
    message_id: str | None = None
    """The message to go to; None for where the conversation stands."""
    needle: str = ""
    """What was found there."""
    where: str = ""
    """What of the message holds it, as `Hit.where` names it."""


class Undelete:
    """Brings a deleted conversation back; stands among what the app can undo until it ends."""

    def __init__(self, store: ConversationStore, ident: str, title: str) -> None:
        self.ident = ident
        self._store = store
        self._title = title

    async def __call__(self) -> Phrase:
        """Do it, and say so. Raises `StoreError`."""
        await self._store.undelete(self.ident)
        return phrase("history.brought_back", title=self._title)


class HistoryScreen(Narrowing, Dialog[Chosen | None], place=Place.HISTORY):
    """Dismisses with what was opened, None for Esc."""

    DEFAULT_CSS = """
    HistoryScreen > Frame { width: 110; max-width: 98%; height: 92%; }
    HistoryScreen HistoryList, HistoryScreen HistoryList:focus { height: 1fr; max-height: 100%; }
    """

    def __init__(
        self,
        store: ConversationStore,
        export_folder: Path | None = None,
        undo: list[Callable[[], Awaitable[Phrase | None]]] | None = None,
    ) -> None:
        """`undo`: what the app can undo, newest last; deletions are added to it."""
        super().__init__()
        self._store = store
        self._export_folder = export_folder
        self._archived = False
        self._undo_list = undo if undo is not None else []
        self._shown = 0
        """Stored conversations given to the list so far."""
        self._searched_for: str | None = None
        """What the list shows the conversations for."""

    def commands(self) -> Attached:
        """What is done with the conversation under the cursor, and with the list."""
        return {
            "history.close": self._leave,
            "history.search": self._find,
            "history.rename": partial(self._act, self._rename),
            "history.pin": partial(self._act, self._pin),
            "history.archive": partial(self._act, self._archive),
            "history.view": self._view,
            "history.delete": partial(self._act, self._delete),
            "history.undo": self._undo_last,
            "history.export": partial(self._act, self._export),
            "history.to_list": self._to_list,
        }

    def offers(self, name: str) -> bool | None:
        """Undo is offered when there is something to undo."""
        return name != "history.undo" or self._last_deletion() is not None

    def compose(self) -> ComposeResult:
        """What is sought, what is there, the keys."""
        rows = HistoryList()
        with Frame(t("history.title"), t("history.keys"), footed=True):
            yield Field(placeholder=t("history.search"))
            yield HistoryHead(rows)
            yield rows
            yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """The list has the keys; `/` goes to the search."""
        self.query_one(HistoryList).focus()
        self._refresh()

    @property
    def _needle(self) -> str:
        return self.query_one(Input).value.strip()

    def in_accordance(self) -> bool:
        """Whether the list shows what is sought."""
        return self._searched_for == self._needle

    def _refresh(self, keep: str | None = None, pause: float = 0.0) -> None:
        # A function: one that is cancelled before it has begun leaves no coroutine behind.
        fill: Callable[[], Awaitable[None]] = partial(self._fill, keep, pause)
        self.run_worker(fill, exclusive=True, group="history")

    async def _fill(self, keep: str | None, pause: float) -> None:
        await asyncio.sleep(pause)
        needle, entries = self._needle, list[Summary | Found]()
        try:
            if needle:
                entries += await self._store.search(needle, FOUND)
                words = phrase(
                    "history.found" if len(entries) < FOUND else "history.found_many", n=len(entries)
                )
                empty = phrase("history.nothing_found", text=needle)
            else:
                total = await self._store.count(self._archived)
                page = await self._store.recent(PAGE, 0, self._archived)
                self._shown = len(page)
                entries += [] if self._archived else self._store.private_summaries()
                entries += page
                words = phrase("history.archived" if self._archived else "history.count", n=total)
                empty = phrase("history.none_archived" if self._archived else "history.none")
        except StoreError as error:
            words = empty = error.phrase
        self.query_one(HistoryList).show(entries, keep)
        counted = t("history.hit_count" if needle else "history.message_count")
        self.query_one(HistoryHead).show(say(words if entries else empty), counted if entries else None)
        keys = t("history.search_keys" if needle and entries else "history.keys")
        self.query_one(Frame).border_subtitle = styled(keys)
        self._searched_for = needle
        self.shows()

    def on_history_list_resized(self) -> None:
        """The headings follow their columns."""
        self.query_one(HistoryHead).draw()

    async def on_history_list_more_wanted(self) -> None:
        """The next page, unless something is sought, now or by the time it is here."""
        if not self._needle:
            await self._show_more()

    async def _show_more(self) -> None:
        try:
            page = await self._store.recent(PAGE, self._shown, self._archived)
        except StoreError:
            return
        if self._needle:
            return
        self._shown += len(page)
        self.query_one(HistoryList).extend(page)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search while typing, once the typing rests."""
        self._refresh(pause=TYPING_PAUSE)

    def on_input_submitted(self) -> None:
        """Enter in the search goes to what was found."""
        self.set_focus(self.query_one(HistoryList))

    def on_history_list_opened(self, event: HistoryList.Opened) -> None:
        """Open it, at the place that was found, or show the other messages that were found in it."""
        match event.entry:
            case Hit(conversation_id, message_id, where, needle=needle):
                self.dismiss(Chosen(conversation_id, message_id, needle, where))
            case Summary() | Found():
                self.dismiss(Chosen(conversation_of(event.entry)))
            case More(conversation_id):
                self.run_worker(self._unfold(conversation_id), exclusive=True, group="history")

    async def _unfold(self, conversation_id: str) -> None:
        """Show all messages found in a conversation."""
        try:
            hits = await self._store.hits_in(self._needle, conversation_id)
        except StoreError as error:
            self._say(error.phrase, "error")
        else:
            self.query_one(HistoryList).unfold(conversation_id, hits)

    def _find(self) -> None:
        """Type what to find."""
        self.set_focus(self.query_one(Input))  # at once: letters in the same burst would be the list's keys

    def _to_list(self) -> None:
        """From the search down to the list."""
        self.set_focus(self.query_one(HistoryList))  # at once: of a burst the next key is the list's

    def _leave(self) -> None:
        """Esc leaves the search first, then the history."""
        field = self.query_one(Input)
        if field.value:
            field.value = ""
            self._to_list()
        else:
            self.dismiss(None)

    def _view(self) -> None:
        """Between the conversations and the archived ones."""
        self._archived = not self._archived
        self._refresh()

    def _undo_last(self) -> None:
        """Bring back what was deleted last."""
        if self._last_deletion() is not None:
            self.run_worker(self._undo())

    def _act(self, act: Callable[[Summary], Awaitable[None]]) -> None:
        entry = self.query_one(HistoryList).current
        if entry is not None:
            self.run_worker(self._guarded(act, conversation_of(entry)))

    async def _guarded(self, act: Callable[[Summary], Awaitable[None]], ident: str) -> None:
        try:
            summary = next((each for each in self._store.private_summaries() if each.id == ident), None)
            summary = summary or await self._store.summary(ident)
            if summary is not None:
                await act(summary)
        except StoreError as error:
            self._say(error.phrase, "error")

    async def _rename(self, summary: Summary) -> None:
        question = LineScreen(phrase("history.rename_question"), summary.title, edit=True)
        title = await self.app.push_screen_wait(question)
        if title:
            await self._store.rename(summary.id, title)
            self._refresh(summary.id)

    async def _pin(self, summary: Summary) -> None:
        await self._store.pin(summary.id, not summary.pinned)
        self._refresh(summary.id)

    async def _archive(self, summary: Summary) -> None:
        await self._store.archive(summary.id, not summary.archived)
        words = {True: phrase("history.unarchived"), False: phrase("history.put_away")}
        self._say(words[summary.archived])
        self._refresh(self._neighbour())

    async def _delete(self, summary: Summary) -> None:
        title = summary.title or t("history.untitled")
        choices = [("keep", phrase("history.keep")), ("delete", phrase("history.delete_yes"))]
        question = phrase(
            "history.delete_private_question" if summary.private else "history.delete_question",
            title=title,
            n=summary.size,
        )
        if await self.app.push_screen_wait(ChoiceScreen(question, choices, danger=("delete",))) == "delete":
            keep = self._neighbour()
            await self._store.delete(summary.id)
            if not summary.private:
                self._undo_list.append(Undelete(self._store, summary.id, title))
                self.refresh_bindings()
                self._say(phrase("history.deleted", title=title))
            self._refresh(keep)

    def _last_deletion(self) -> Undelete | None:
        return next((each for each in reversed(self._undo_list) if isinstance(each, Undelete)), None)

    async def _undo(self) -> None:
        deletion = self._last_deletion()
        if deletion is None:
            return
        self._undo_list.remove(deletion)
        self.refresh_bindings()
        try:
            await deletion()
        except StoreError as error:
            self._say(error.phrase, "error")
        self._refresh(deletion.ident)

    async def _export(self, summary: Summary) -> None:
        form = await choose_form(self.app, phrase("history.export_question"))
        if form is not None:
            folder = self._export_folder or await asyncio.to_thread(present_folder)
            files = await export(
                self._store, [summary.id], form[0], folder, reasoning=form[1], tell=self._warn
            )
            self._say(phrase("history.exported", path=str(files[0])))

    def _neighbour(self) -> str | None:
        """The conversation below the cursor, where it goes when the present one leaves the list."""
        return self.query_one(HistoryList).below

    def _warn(self, words: Phrase) -> None:
        self._say(words, "warning")

    def _say(self, words: Phrase, severity: SeverityLevel = "information") -> None:
        tell(self.app, words, severity)
