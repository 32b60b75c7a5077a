"""The second step of setup: the download that setup ends with, followed until it is here."""

from __future__ import annotations

from collections.abc import Callable

from r1tui.domain.clean import Clean
from r1tui.domain.phrase import Phrase
from r1tui.domain.pull_view import PullState
from r1tui.locale import say, t
from r1tui.screens.models.download import start_download
from r1tui.screens.setup.step_screen import StepScreen
from r1tui.services.models.pulls import PullJob, PullQueue


class ModelStep:
    """One download at a time: asked for here, or left unfinished by an app that was closed."""

    def __init__(
        self,
        screen: StepScreen,
        pulls: Callable[[], PullQueue | None],
        mirror: str,
        *,
        done: Callable[[str], None],
    ) -> None:
        """`done` is told the name of the model that has been downloaded."""
        self._screen = screen
        self._done = done
        self._pulls = pulls
        self._mirror = mirror
        self._job: PullJob | None = None
        """The one that setup ends with, also while it has failed: a dialogue may let it go on."""
        self.busy = False
        """Whether it is under way, and shown in place of the choices."""

    async def pull(
        self, name: str, *, free: int | None, insecure: bool = False, warning: Phrase | None = None
    ) -> None:
        """Ask, then download a model; setup ends with it. Raises `BadName`."""
        if (queue := self._pulls()) is None:
            return
        job = await start_download(
            self._screen.app,
            queue,
            name,
            free=free,
            refuse=lambda why: self._screen.note(say(why)),
            insecure=insecure,
            mirror=self._mirror,
            warning=warning,
        )
        if job is not None:
            self._watch(queue, job)

    async def pick_up(self) -> None:
        """Go on with what a closed app was downloading."""
        queue = self._pulls()
        if queue is not None and (jobs := await queue.restore()):
            self._watch(queue, jobs[0])

    def stop(self) -> bool:
        """Stop it and keep what is there. False where nothing is under way."""
        queue, job = self._pulls(), self._job
        if not self.busy or queue is None or job is None:
            return False
        self._job = None
        queue.cancel(job)
        self._over(t("setup.pull.kept"))
        return True

    def leave(self) -> None:
        """A download may go on; nobody here watches it any more."""
        if (queue := self._pulls()) is not None and self._changed in queue.watchers:
            queue.watchers.remove(self._changed)

    def _watch(self, queue: PullQueue, job: PullJob) -> None:
        if self._changed not in queue.watchers:
            queue.watchers.append(self._changed)
        self._job = job
        self._follow(job)

    def _changed(self, job: PullJob) -> None:
        if job is self._job and self._screen.is_attached:
            self._screen.call_later(self._follow, job)

    def _follow(self, job: PullJob) -> None:
        if job is not self._job:
            return
        if job.state is PullState.DONE:
            self._job, self.busy = None, False
            self._done(job.name)
        elif job.state is PullState.FAILED:
            self._over(say(job.error) if job.error else t("pull.failed"))
        else:
            if not self.busy:
                self._screen.note(t("setup.pull.esc"))
            self.busy = True
            self._screen.progress(job.view())

    def _over(self, words: Clean) -> None:
        self.busy = False
        self._screen.progress(None)
        self._screen.note(words)
