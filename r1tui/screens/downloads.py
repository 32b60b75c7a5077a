"""Downloads as the screens need them: by name, drawn twice a second, their ends said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.timer import Timer

from r1tui.domain.phrase import Phrase, phrase
from r1tui.domain.pull_view import PullState, PullView

if TYPE_CHECKING:
    from r1tui.screens.chat_page import ChatPage
    from r1tui.services.pulls import PullJob, PullQueue

REDRAW_EVERY = 0.5
"""Seconds between two drawings of a moving bar."""
_GOING = (PullState.QUEUED, PullState.ACTIVE, PullState.STALLED)
_SHOWN = (PullState.QUEUED, PullState.ACTIVE, PullState.STALLED, PullState.PAUSED, PullState.FAILED)


class Downloads:
    """The pull queue of the server in use, joined to the sidebar."""

    def __init__(self, screen: ChatPage) -> None:
        self.screen = screen
        self._queue: PullQueue | None = None
        self._redraw: Timer | None = None
        self._told: dict[str, PullState] = {}
        self._restoring = False
        self._stalls: dict[str, tuple[Phrase, int]] = {}
        """Why each last stood still, and with how many bytes."""

    def adopt(self, queue: PullQueue | None) -> None:
        """Follow this queue from now on."""
        if queue is self._queue:
            return
        self._queue = queue
        self._told.clear()
        if queue is not None:
            queue.watchers.append(self._changed)
        self._draw()

    def start(self, name: str, *, insecure: bool = False) -> PullJob:
        """Download a model, or go on with it. Raises `BadName`."""
        assert self._queue is not None, "only an engine that manages models is asked to pull"
        return self._queue.add(name, insecure=insecure, mirror=self.screen.services.settings.server.mirror)

    def start_sized(self, tag: str) -> None:
        """Download one of the known sizes, unless the disk is too small for it: then say the figures."""
        if self._queue is None:
            self.screen.tell(phrase("chat.no_commands"), "warning")
            return
        if why := self.no_room(tag):
            self.screen.tell(why, "error")
        else:
            self.start(tag)

    def no_room(self, name: str) -> Phrase | None:
        """Why the disk is too small for a model; None where it is not, or where nobody knows the model's size."""
        machine = self.screen.machine
        candidate = machine.recommendation.candidate(name) if machine.recommendation else None
        disk = machine.profile.disk if machine.profile else None
        if candidate is None or disk is None or candidate.disk_ok:
            return None
        from r1tui.domain.recommendation import disk_warning

        return disk_warning(candidate, disk.free)

    def cancel(self, name: str) -> None:
        """End a download and keep what is there; a second time takes it off the list."""
        job = self._job(name)
        if job is None or self._queue is None:
            return
        if job.state in (PullState.PAUSED, PullState.FAILED):
            self._queue.dismiss(job)
            self._draw()
            return
        self._queue.cancel(job)
        if job.error is not None:
            self.screen.tell(job.error)

    def resume(self, name: str) -> None:
        """Go on with a download."""
        job = self._job(name)
        if job is not None and self._queue is not None:
            self._queue.resume(job)

    def views(self) -> Sequence[PullView]:
        """All downloads as they stand."""
        return [job.view() for job in self._queue.jobs] if self._queue is not None else ()

    async def restore(self) -> None:
        """Pick up what a closed app, or a change of the server, left."""
        if self._queue is None:
            return
        self._restoring = True
        jobs = await self._queue.restore()
        self._restoring = False
        if jobs:
            self.screen.tell(phrase("chat.pulls_resumed", n=len(jobs)))
            self._draw()

    def _job(self, name: str) -> PullJob | None:
        jobs = self._queue.jobs if self._queue is not None else []
        return next((job for job in jobs if job.name == name and job.state is not PullState.DONE), None)

    def _changed(self, job: PullJob) -> None:
        before = self._told.get(job.name)
        if before is not job.state:
            self._told[job.name] = job.state
            if job.state in _GOING and before not in _GOING and not self._restoring:
                self._tell_begun(job)
            if job.state is PullState.DONE:
                self.screen.tell(phrase("chat.pulled", name=job.name))
                self.screen.run_worker(self.screen.connection.refresh())
            elif job.state is PullState.FAILED and job.error and job.error.key == "engine.insecure_registry":
                self.screen.run_worker(self._ask_insecure(job))
            elif job.state is PullState.FAILED and job.error is not None:
                self.screen.tell(job.error, "error")
            elif job.state is PullState.STALLED and job.error is not None:
                self._tell_stall(job, job.error)
            self._draw()
        elif self._redraw is None:
            self._redraw = self.screen.set_timer(REDRAW_EVERY, self._draw)

    def _tell_begun(self, job: PullJob) -> None:
        """Where the sidebar is out of sight, and no other screen shows the bar, nothing else would tell."""
        if self.screen.app.screen is self.screen and not self.screen.sidebar.display:
            self.screen.tell(phrase("pull.begun", name=job.name))

    def _tell_stall(self, job: PullJob, error: Phrase) -> None:
        """Once for each reason, not at each try: the sidebar goes on showing it."""
        stall = (error, job.progress.completed)
        if self._stalls.get(job.name) != stall:
            self._stalls[job.name] = stall
            self.screen.tell(phrase("pull.again", reason=error), "warning")

    async def _ask_insecure(self, job: PullJob) -> None:
        """A registry that speaks without encryption is used only when the user says so."""
        from r1tui.domain.model_name import parse_name
        from r1tui.screens.confirm import ChoiceScreen

        sure = await self.screen.app.push_screen_wait(
            ChoiceScreen(
                phrase("pull_name.insecure_question", host=parse_name(job.source).host),
                [("no", phrase("pull_name.insecure_no")), ("yes", phrase("pull_name.insecure_yes"))],
            )
        )
        if sure == "yes":
            self.start(job.name, insecure=True)

    def _draw(self) -> None:
        if self._redraw is not None:
            self._redraw.stop()
            self._redraw = None
        self.screen.sidebar.show_pulls([view for view in self.views() if view.state in _SHOWN])
