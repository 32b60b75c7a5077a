"""The queue of downloads: one at a time, stalls noticed and retried, cancelled ones kept, none forgotten."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Callable
from dataclasses import field
from functools import partial
from pathlib import Path
from typing import Protocol

from r1tui.domain.dataclass import dataclass
from r1tui.domain.model import PullProgress
from r1tui.domain.model_name import parse_name, with_mirror
from r1tui.domain.phrase import Phrase, phrase
from r1tui.domain.pull_view import PullState, PullView
from r1tui.services.engines.engine import EngineError, RegistryUnreachable, ServerUnreachable, StreamCut
from r1tui.services.models.pull_memory import PullMemory, Remembered

STALL_SECONDS = 20.0
"""Without a byte for so long a download is broken off and begun again; Ollama itself retries a dead part for ever."""
RETRY_PAUSES = (2.0, 5.0, 10.0, 20.0, 40.0)
"""Seconds before each new try that follows one without a byte; after the last it has failed."""
_TELL_SECONDS = 0.2
_SMOOTHING_SECONDS = 5.0
# Bytes flow only in these; checking and writing a big model takes minutes in which nothing is told.
_FLOWING = ("manifest", "layer")


class Puller(Protocol):
    """What the queue needs of an engine."""

    url: str

    def pull(self, name: str, *, insecure: bool = False) -> AsyncIterator[PullProgress]: ...

    async def copy(self, source: str, destination: str) -> None: ...

    async def delete(self, name: str) -> None: ...


@dataclass(eq=False, slots=True)
class PullJob:
    """One download, from being asked for to its end."""

    name: str
    """The name that the model gets."""
    source: str
    """The name it is pulled by: another one where a mirror is used."""
    insecure: bool = False
    state: PullState = PullState.QUEUED
    progress: PullProgress = field(default_factory=lambda: PullProgress(""))
    speed: float | None = None
    """Bytes a second, smoothed; None while nothing flows."""
    error: Phrase | None = None
    """Why it failed, stalls, or what holds for a cancelled one."""
    task: asyncio.Task[None] | None = None

    def view(self) -> PullView:
        """What a widget shows."""
        return PullView.of(self.progress, self.state, speed=self.speed, error=self.error)


class _Stalled(EngineError):
    def __init__(self, seconds: float) -> None:
        super().__init__(phrase("pulls.stalled", n=round(seconds)))


class PullQueue:
    """Downloads of one server. `watchers` are called after every change, on the loop's thread, and must be quick."""

    def __init__(
        self,
        engine: Puller,
        memory: Path | None = None,
        *,
        stall_seconds: float = STALL_SECONDS,
        pauses: tuple[float, ...] = RETRY_PAUSES,
    ) -> None:
        """`memory`: the file in which unfinished downloads outlive the app; None for no memory."""
        self.jobs: list[PullJob] = []
        self.watchers: list[Callable[[PullJob], None]] = []
        self._engine = engine
        self._memory = PullMemory(memory, engine.url) if memory else None
        self._stall_seconds = stall_seconds
        self._pauses = pauses
        self._closing = False
        self._saving = asyncio.Lock()
        self._saves: set[asyncio.Task[None]] = set()

    def add(self, name: str, *, insecure: bool = False, mirror: str = "") -> PullJob:
        """Queue a download, or go on with one of that name. Raises `BadName`."""
        full, source = str(parse_name(name)), with_mirror(name, mirror)
        for job in self.jobs:
            if job.name == full and job.state is not PullState.DONE:
                job.insecure, job.source = job.insecure or insecure, source
                self.resume(job)
                return job
        job = PullJob(full, source, insecure, progress=PullProgress(full))
        self.jobs.append(job)
        self._changed(job, remember=True)
        self._start_next()
        return job

    def cancel(self, job: PullJob) -> None:
        """Stop a download and keep what is there."""
        if job.state.goes_on:
            job.state, job.speed = PullState.PAUSED, None
            job.error = phrase("pulls.kept") if job.progress.completed else None
            if job.task:
                job.task.cancel()
            self._changed(job, remember=True)

    def resume(self, job: PullJob) -> None:
        """Queue a cancelled or failed download again."""
        if job.state in (PullState.PAUSED, PullState.FAILED):
            job.state, job.error = PullState.QUEUED, None
            self._changed(job, remember=True)
            self._start_next()

    def dismiss(self, job: PullJob) -> None:
        """Take a job off the list, cancelling it if need be."""
        self.cancel(job)
        if job in self.jobs:
            self.jobs.remove(job)

    async def restore(self) -> list[PullJob]:
        """Queue what an earlier run of the app left unfinished on this server."""
        if not self._memory:
            return []
        found = await asyncio.to_thread(self._memory.load)
        return [self._restored(entry) for entry in found if not any(j.name == entry.name for j in self.jobs)]

    async def close(self) -> None:
        """End all requests; what was unfinished stays remembered."""
        self._closing = True
        tasks = [job.task for job in self.jobs if job.task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, *self._saves, return_exceptions=True)

    def _restored(self, entry: Remembered) -> PullJob:
        job = PullJob(entry.name, entry.source, entry.insecure, progress=PullProgress(entry.name))
        self.jobs.append(job)
        self._changed(job)
        self._start_next()
        return job

    def _start_next(self) -> None:
        if self._closing or any(job.task for job in self.jobs):
            return
        for job in self.jobs:
            if job.state is PullState.QUEUED:
                job.task = asyncio.create_task(self._run(job))
                # A callback rather than a `finally`: a task cancelled before its first step never runs one.
                job.task.add_done_callback(partial(self._ended, job))
                return

    def _ended(self, job: PullJob, task: asyncio.Task[None]) -> None:
        job.task, job.speed = None, None
        fault = None if task.cancelled() else task.exception()
        if fault:
            job.state, job.error = PullState.FAILED, phrase("pulls.unexpected", detail=repr(fault))
        if not self._closing:
            self._changed(job, remember=True)
            self._start_next()

    async def _run(self, job: PullJob) -> None:
        try:
            await self._tries(job)
            if job.source != job.name:  # known by its own name from now on, whichever way it came
                await self._engine.copy(job.source, job.name)
                await self._engine.delete(job.source)
            job.state, job.error = PullState.DONE, None
        except EngineError as error:
            job.state, job.error = PullState.FAILED, error.phrase

    async def _tries(self, job: PullJob) -> None:
        """Pull until it is here. Raises the last error when too many tries in a row brought no byte."""
        fruitless = 0
        while True:
            before = job.progress.completed
            job.state, job.error = PullState.ACTIVE, None
            self._changed(job)
            try:
                await self._pull(job)
                return
            except (_Stalled, StreamCut, RegistryUnreachable, ServerUnreachable) as error:
                fruitless = 0 if job.progress.completed > before else fruitless + 1
                if fruitless > len(self._pauses):
                    raise
                job.state, job.error, job.speed = PullState.STALLED, error.phrase, None
                self._changed(job)
            await asyncio.sleep(self._pauses[max(fruitless, 1) - 1] if self._pauses else 0)

    async def _pull(self, job: PullJob) -> None:
        """One request. Raises `_Stalled` when bytes should flow and do not."""
        clock = asyncio.get_running_loop().time
        stream = self._engine.pull(job.source, insecure=job.insecure)
        rate = _Rate(clock())
        stage, told, moved, flowed = "manifest", 0.0, clock(), -1
        try:
            while True:
                limit = moved + self._stall_seconds - clock() if stage in _FLOWING else None
                try:
                    async with asyncio.timeout(limit):
                        step = await anext(stream)
                except StopAsyncIteration:
                    return
                except TimeoutError:
                    raise _Stalled(self._stall_seconds) from None
                if step.completed != flowed or step.stage != stage:
                    moved, flowed = clock(), step.completed
                _take(job.progress, step)
                job.speed = rate.measure(step, clock())
                if step.stage != stage or clock() - told >= _TELL_SECONDS:
                    stage, told = step.stage, clock()
                    self._changed(job)
        finally:
            with contextlib.suppress(EngineError):
                await stream.aclose()  # type: ignore[attr-defined]

    def _changed(self, job: PullJob, *, remember: bool = False) -> None:
        if remember and self._memory:
            save = asyncio.create_task(self._remember())
            self._saves.add(save)
            save.add_done_callback(self._saves.discard)
        for watcher in tuple(self.watchers):
            watcher(job)

    async def _remember(self) -> None:
        assert self._memory is not None
        async with self._saving:
            unfinished = [
                Remembered(job.name, job.source, job.insecure) for job in self.jobs if job.state.goes_on
            ]
            with contextlib.suppress(OSError):  # a full disk must not end the download
                await asyncio.to_thread(self._memory.save, unfinished)


def _take(progress: PullProgress, step: PullProgress) -> None:
    """Carry over what one request tells; the bar of the job never goes back, over any number of requests."""
    for digest, (completed, total) in step.layers.items():
        progress.advance(digest, completed, total)
    progress.stage, progress.layer = step.stage, step.layer


class _Rate:
    """Bytes a second, smoothed, without the bytes that were there before the request."""

    def __init__(self, now: float) -> None:
        self._first: dict[str, int] = {}
        self._bytes = 0
        self._at = now
        self._value: float | None = None

    def measure(self, step: PullProgress, now: float) -> float | None:
        if step.stage != "layer":
            return None
        received = 0
        for digest, (completed, _) in step.layers.items():
            received += completed - self._first.setdefault(digest, completed)
        passed = now - self._at
        if passed >= _TELL_SECONDS:
            speed = max(received - self._bytes, 0) / passed
            weight = 1 - math.exp(-passed / _SMOOTHING_SECONDS)
            self._value = speed if self._value is None else self._value + weight * (speed - self._value)
            self._bytes, self._at = received, now
        return self._value
