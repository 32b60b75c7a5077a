"""Downloads of the server in use: by name, their ends told, picked up after a restart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from r1tui.chat.events import InsecureRegistry, Observable, PullChanged, PullsChanged
from r1tui.chat.machine import Machine
from r1tui.domain.phrase import Phrase, phrase
from r1tui.domain.pull_view import PullState, PullView

if TYPE_CHECKING:
    from r1tui.services.models.pulls import PullJob, PullQueue


class Downloads(Observable):
    """The pull queue of the server in use. Ends and faults are told; `PullChanged` comes with each move."""

    def __init__(self, machine: Machine) -> None:
        super().__init__()
        self._machine = machine
        self.queue: PullQueue | None = None
        """None where the server pulls no models."""
        self._states: dict[str, PullState] = {}
        self._restoring = False
        self._stalls: dict[str, tuple[Phrase, int]] = {}
        """Why each last stood still, and with how many bytes."""

    def adopt(self, queue: PullQueue | None) -> None:
        """Follow this queue from now on."""
        if queue is self.queue:
            return
        self.queue = queue
        self._states.clear()
        if queue is not None:
            queue.watchers.append(self._changed)
        self.emit(PullsChanged())

    @property
    def views(self) -> Sequence[PullView]:
        """All downloads that are not done, as they stand."""
        views = [job.view() for job in self.queue.jobs] if self.queue is not None else []
        return [view for view in views if view.state is not PullState.DONE]

    def free_disk(self) -> int | None:
        """Bytes free on the disk of the server's models; None where that is not known."""
        profile = self._machine.profile
        return profile.disk.free if profile is not None and profile.disk is not None else None

    def allow_insecure(self, job: PullJob) -> None:
        """Go on with a download over a line without encryption: the user has said so."""
        if self.queue is not None:
            job.insecure = True
            self.queue.resume(job)

    def cancel(self, name: str) -> None:
        """End a download and keep what is there; a second time takes it off the list."""
        job = self._job(name)
        if job is None or self.queue is None:
            return
        if job.state in (PullState.PAUSED, PullState.FAILED):
            self.queue.dismiss(job)
            self.emit(PullsChanged())
            return
        self.queue.cancel(job)
        if job.error is not None:
            self.tell(job.error)

    def resume(self, name: str) -> None:
        """Go on with a download."""
        job = self._job(name)
        if job is not None and self.queue is not None:
            self.queue.resume(job)

    async def restore(self) -> None:
        """Pick up what a closed app, or a change of the server, left."""
        if self.queue is None:
            return
        self._restoring = True
        jobs = await self.queue.restore()
        self._restoring = False
        if jobs:
            self.tell(phrase("chat.pulls_resumed", n=len(jobs)))
            self.emit(PullsChanged())

    def _job(self, name: str) -> PullJob | None:
        jobs = self.queue.jobs if self.queue is not None else []
        return next((job for job in jobs if job.name == name and job.state is not PullState.DONE), None)

    def _changed(self, job: PullJob) -> None:
        before = self._states.get(job.name)
        if before is job.state:
            self.emit(PullChanged(job, moved=True))
            return
        self._states[job.name] = job.state
        began = job.state.goes_on and not (before and before.goes_on) and not self._restoring
        self.emit(PullChanged(job, moved=False, began=began))
        if job.state is PullState.DONE:
            self.tell(phrase("chat.pulled", name=job.name))
        elif job.state is PullState.FAILED and job.error and job.error.key == "engine.insecure_registry":
            self.emit(InsecureRegistry(job))
        elif job.state is PullState.FAILED and job.error is not None:
            self.tell(job.error, "error")
        elif job.state is PullState.STALLED and job.error is not None:
            self._tell_stall(job, job.error)

    def _tell_stall(self, job: PullJob, error: Phrase) -> None:
        """Once for each reason, not at each try: the list of downloads goes on showing it."""
        stall = (error, job.progress.completed)
        if self._stalls.get(job.name) != stall:
            self._stalls[job.name] = stall
            self.tell(phrase("pull.again", reason=error), "warning")
