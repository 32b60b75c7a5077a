"""A transfer that is waited for: an upload, a model in the making, an import."""

from __future__ import annotations

from collections.abc import AsyncIterator

from textual.app import ComposeResult

from r1tui.commands import Place
from r1tui.domain.model import PullProgress
from r1tui.domain.phrase import Phrase, PhrasedError, phrase
from r1tui.domain.pull_view import PullView, SpeedMeter
from r1tui.locale import say, t
from r1tui.screens.base import Dialog, Frame
from r1tui.toolkit.bindings import Attached
from r1tui.widgets.pull_bar import PullBar


class TransferScreen(Dialog[Phrase | None], place=Place.MODEL_TRANSFER):
    """Shows the progress until it ends; dismisses with None for success, else with what went wrong."""

    def __init__(self, title: Phrase, steps: AsyncIterator[PullProgress]) -> None:
        super().__init__()
        self._title = title
        self._steps = steps

    def commands(self) -> Attached:
        """End it where it is."""
        return {"transfer.stop": self._stop}

    def compose(self) -> ComposeResult:
        """What is done, how far it is, how to stop it."""
        with Frame(say(self._title), t("models.transfer.esc")):
            yield PullBar()

    def on_mount(self) -> None:
        """Begin with the transfer, in a worker."""
        self._worker = self.run_worker(self._transfer(), exit_on_error=False)

    async def _transfer(self) -> None:
        shown, meter = self.query_one(PullBar), SpeedMeter()
        try:
            async for progress in self._steps:
                shown.show(PullView.of(progress, speed=meter.speed(progress.completed)))
        except PhrasedError as error:
            self.dismiss(error.phrase)
            return
        self.dismiss(None)

    def _stop(self) -> None:
        self._worker.cancel()
        self.dismiss(phrase("models.transfer.stopped"))
