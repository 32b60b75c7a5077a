"""An import that goes on: how far it is, and Esc to stop it."""

from __future__ import annotations

import time
from pathlib import Path

from textual.app import ComposeResult

from r1tui.commands import Place
from r1tui.domain.phrase import Phrase, phrase
from r1tui.locale import say, t
from r1tui.screens.base import Dialog, Frame
from r1tui.services.store.conversations import ConversationStore
from r1tui.services.store.database import StoreError
from r1tui.services.transfer import ImportResult, import_file
from r1tui.toolkit.bindings import Attached
from r1tui.toolkit.shown import Static

DRAWN_EVERY = 0.3
"""Seconds between two looks at the progress."""


class ImportScreen(Dialog[ImportResult | Phrase], place=Place.IMPORT):
    """Imports a file and shows how far it is; dismisses with the result, or with why there is none."""

    def __init__(self, store: ConversationStore, path: Path) -> None:
        super().__init__()
        self._store = store
        self._path = path
        self._stopped = False
        self._drawn = 0.0

    def commands(self) -> Attached:
        """End it; what was taken is kept."""
        return {"import.stop": self._stop}

    def compose(self) -> ComposeResult:
        """What is read, how far it is, how to stop it."""
        with Frame(say(phrase("chat.importing", name=self._path.name)), t("chat.import_esc")):
            yield Static(t("chat.import_begins"), id="progress")

    def on_mount(self) -> None:
        """Begin with the import, in a worker."""
        self.run_worker(self._import(), exit_on_error=False)

    async def _import(self) -> None:
        try:
            self.dismiss(await import_file(self._store, self._path, self._show))
        except StoreError as error:
            self.dismiss(error.phrase)

    def _show(self, result: ImportResult) -> bool:
        now = time.monotonic()
        if now - self._drawn >= DRAWN_EVERY:
            self._drawn = now
            words = phrase(
                "chat.import_progress",
                percent=int(100 * result.part),
                n=len(result.added),
                present=result.present,
                unreadable=result.unreadable,
            )
            self.query_one("#progress", Static).update(say(words))
        return not self._stopped

    def _stop(self) -> None:
        """End after the entry that is being read; what was taken is kept."""
        self._stopped = True
