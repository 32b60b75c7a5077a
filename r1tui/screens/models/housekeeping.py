"""Models kept in order: what they take on the disk, what was downloaded in part, what is new of all of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import Any

from textual.app import App
from textual.notifications import SeverityLevel

from r1tui.domain.clean import Clean, clean_line
from r1tui.domain.model import Model, PullProgress
from r1tui.domain.phrase import Phrase, phrase
from r1tui.locale import clock, figures, say, t
from r1tui.locale.lists import enumerated
from r1tui.screens.dialogs.confirm import ChoiceScreen
from r1tui.screens.dialogs.text_view import TextViewScreen
from r1tui.screens.models.download import start_updates
from r1tui.screens.models.upload import TransferScreen
from r1tui.screens.models.words import disk_text
from r1tui.services.models.disk import DiskError, Manifest, Partial, disk_use, manifests, partials, remove
from r1tui.services.models.pulls import PullQueue
from r1tui.services.models.updates import Update, UpdateState, asked_at, updates

_NAMES = 12
"""Names that a question lists."""


class Housekeeping:
    """The dialogues about all models of a server. Each is to be awaited in a worker, and raises `DiskError`."""

    def __init__(
        self,
        app: App[Any],
        pulls: PullQueue,
        tell: Callable[[Phrase, SeverityLevel], object],
        mirror: str,
        free: Callable[[], int | None],
        folder: Callable[[], Path | None],
        forget: Callable[[str], object],
    ) -> None:
        """As of `ModelCommands`."""
        self._app = app
        self._pulls = pulls
        self._tell = tell
        self._mirror = mirror
        self._free = free
        self._folder = folder
        self._forget = forget

    async def disk(self, models: Sequence[Model]) -> None:
        """What each model takes, and what removing it would free."""
        folder = self._seen_folder()
        use = await asyncio.to_thread(disk_use, folder, models)
        text = disk_text(use, str(folder))
        await self._app.push_screen_wait(TextViewScreen(phrase("housekeeping.disk"), text))

    def _seen_folder(self) -> Path:
        folder = self._folder()
        if folder is None:
            raise DiskError(phrase("housekeeping.elsewhere"))
        return folder

    async def partials(self, models: Sequence[Model]) -> None:
        """What was downloaded in part: remove one, or all, after a question."""
        folder = self._seen_folder()
        await asyncio.to_thread(manifests, folder, models)  # it is this server's
        found = await asyncio.to_thread(partials, folder)
        if not found:
            self._tell(phrase("housekeeping.none", path=str(folder)), "information")
            return
        now, going = time.time(), self._digests(going=True)
        still = [each for each in found if each.digest not in going and not self._moves(each, now)]
        if not still:
            self._tell(phrase("housekeeping.all_move"), "information")
            return
        chosen = await self._choose(still, folder, now)
        if not chosen:
            return
        size = sum(each.size for each in chosen)
        answers = [("no", phrase("housekeeping.no")), ("yes", phrase("housekeeping.yes"))]
        sure = phrase("housekeeping.sure", size=figures.size(size))
        if await self._app.push_screen_wait(ChoiceScreen(sure, answers, danger=("yes",))) != "yes":
            return
        names = self._digests(going=False)
        for each in chosen:
            if each.digest in self._digests(going=True):
                raise DiskError(phrase("housekeeping.moves_again"))
            await asyncio.to_thread(remove, each)
            if (name := names.get(each.digest)) is not None:
                self._forget(name)
        self._tell(phrase("housekeeping.removed", size=figures.size(size)), "information")

    def _moves(self, partial: Partial, now: float) -> bool:
        """Whether somebody else than R1TUI, which would know, seems to download it."""
        return partial.moves(now) and partial.digest not in self._digests(going=False)

    def _digests(self, *, going: bool) -> dict[str, str]:
        """Digest of each file of the downloads that go on, or do not → the model."""
        return {
            digest.removeprefix("sha256:"): job.name
            for job in self._pulls.jobs
            if job.state.goes_on is going
            for digest in job.progress.layers
        }

    async def _choose(self, found: Sequence[Partial], folder: Path, now: float) -> Sequence[Partial]:
        names = self._digests(going=False)
        size = figures.size(sum(each.size for each in found))
        choices = [("", phrase("housekeeping.keep"))]
        choices += [
            (
                each.digest,
                phrase(
                    "housekeeping.one",
                    size=figures.size(each.size),
                    whole=figures.size(each.whole),
                    name=names.get(each.digest) or t("housekeeping.unknown_model"),
                    day=clock.day(each.changed, now),
                ),
            )
            for each in found
        ]
        if len(found) > 1:
            choices.append(("all", phrase("housekeeping.all", size=size)))
        question = phrase("housekeeping.question", n=len(found), size=size, path=str(folder))
        answer = await self._app.push_screen_wait(
            ChoiceScreen(question, choices, danger=[name for name, _ in choices[1:]])
        )
        return [each for each in found if answer and answer in (each.digest, "all")]

    async def update_all(self, models: Sequence[Model]) -> None:
        """Ask the registries, where the user wants that, which models are newer there; then download them after another
        question.
        """
        hosts = asked_at(models, self._mirror)
        if not hosts:
            self._tell(phrase("updates.none"), "information")
            return
        names = [name for asked in hosts.values() for name in asked]
        question = phrase("updates.ask", hosts=_listed(hosts), names=_listed(names))
        answers = [("no", phrase("updates.ask.no")), ("yes", phrase("updates.ask.yes"))]
        if await self._app.push_screen_wait(ChoiceScreen(question, answers)) != "yes":
            return
        found: list[Update] = []
        steps = self._asking(models, await self._here(models), found)
        fault = await self._app.push_screen_wait(TransferScreen(phrase("updates.title"), steps))
        if fault is not None:
            self._tell(fault, "warning")
            return
        await self._offer(found)

    async def _here(self, models: Sequence[Model]) -> Mapping[str, Manifest] | None:
        """What the server has, where that can be read."""
        folder = self._folder()
        try:
            return await asyncio.to_thread(manifests, folder, models) if folder is not None else None
        except DiskError:
            return None

    async def _asking(
        self, models: Sequence[Model], here: Mapping[str, Manifest] | None, found: list[Update]
    ) -> AsyncIterator[PullProgress]:
        progress = PullProgress("")
        yield progress
        async for each in updates(models, here, self._mirror):
            found.append(each)
            yield progress

    async def _offer(self, found: Sequence[Update]) -> None:
        newer = [each for each in found if each.state is UpdateState.NEWER]
        rest = _rest(found)
        if not newer:
            failed = any(each.state is UpdateState.FAILED for each in found)
            self._tell(phrase("updates.nothing", rest=rest), "warning" if failed else "information")
            return
        size, free = sum(each.size for each in newer), self._free()
        if free is not None and free < size:
            self._tell(phrase("updates.no_room", size=figures.size(size), free=figures.size(free)), "error")
            return
        names = _listed(
            say(phrase("updates.one", name=each.name, size=figures.size(each.size))) for each in newer
        )
        question = phrase("updates.question", n=len(newer), size=figures.size(size), names=names, rest=rest)
        answers = [("no", phrase("updates.no")), ("yes", phrase("updates.yes"))]
        if await self._app.push_screen_wait(ChoiceScreen(question, answers)) == "yes":
            start_updates(self._pulls, (each.name for each in newer), self._mirror)


def _listed(names: Iterable[str]) -> str:
    """The first of them, and how many more."""
    known = list(names)
    return enumerated(map(clean_line, known[:_NAMES])) + (
        f" +{len(known) - _NAMES}" if len(known) > _NAMES else ""
    )


def _rest(found: Sequence[Update]) -> Clean:
    """What is to be said of the models that have no update."""
    of = {state: [each for each in found if each.state is state] for state in UpdateState}
    said = []
    if same := of[UpdateState.SAME]:
        said.append(say(phrase("updates.same", n=len(same))))
    if unknown := of[UpdateState.UNKNOWN]:
        said.append(say(phrase("updates.nowhere", names=_listed(each.name for each in unknown))))
    failed: dict[Clean, list[str]] = {}
    for each in of[UpdateState.FAILED]:
        if each.why is not None:
            failed.setdefault(say(each.why), []).append(each.name)
    said += [t("updates.failed", names=_listed(names), reason=why) for why, names in failed.items()]
    if not said:
        return Clean("")
    return reduce(lambda one, other: t("updates.and", one=one, other=other), said)
