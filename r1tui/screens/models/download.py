"""Starting a download. There is one way: asked first, with its size and the free disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from textual.app import App

from r1tui.domain.catalogue import find
from r1tui.domain.model import Model
from r1tui.domain.model_name import canonical
from r1tui.domain.phrase import Phrase, phrase
from r1tui.domain.reasons import DISK_FACTOR, disk_warning
from r1tui.locale import figures
from r1tui.screens.dialogs.confirm import ChoiceScreen
from r1tui.services.models.pulls import PullJob, PullQueue


async def start_download(
    app: App[Any],
    queue: PullQueue,
    name: str,
    *,
    free: int | None,
    refuse: Callable[[Phrase], object],
    insecure: bool = False,
    mirror: str = "",
    present: int = 0,
    warning: Phrase | None = None,
) -> PullJob | None:
    """Ask, then download a model, or go on with its download; None where the answer was no. Raises `BadName`.

    `free`: bytes free on the server's disk, None where that is not known; too few are told to `refuse`, without a
    question. `present`: bytes of the model that is there already, of which only what is new will come. `warning` stands
    before the question. To be awaited in a worker.
    """
    full = canonical(name)
    tag = find(full)
    size = tag.shape.file_bytes if tag else None
    if size is not None and free is not None and not present and free < DISK_FACTOR * size:
        refuse(disk_warning(full, size, free))
        return None
    question = phrase(
        "pull.question",
        name=full,
        size=_size(size, present),
        disk=phrase("pull.disk", free=figures.size(free))
        if free is not None
        else phrase("pull.disk_unknown"),
    )
    if warning is not None:
        question = phrase("pull.question_warned", warning=warning, question=question)
    answers = [("no", phrase("pull.question.no")), ("yes", phrase("pull.question.yes"))]
    if await app.push_screen_wait(ChoiceScreen(question, answers)) != "yes":
        return None
    return queue.add(name, insecure=insecure, mirror=mirror)


def installed_size(models: Iterable[Model], name: str) -> int:
    """Bytes of the model of that name, however it is spelt; 0 where there is none."""
    return next((each.size for each in models if canonical(each.name) == canonical(name)), 0)


def start_updates(queue: PullQueue, names: Iterable[str], mirror: str = "") -> None:
    """Download models again that were asked about together."""
    for name in names:
        queue.add(name, mirror=mirror)


def _size(size: int | None, present: int) -> Phrase:
    if present:
        return phrase("pull.size_new", size=figures.size(max(present, size or 0)))
    return phrase("pull.size", size=figures.size(size)) if size else phrase("pull.size_unknown")
