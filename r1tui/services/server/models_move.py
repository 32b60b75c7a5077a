"""Moves the models of the server that R1TUI starts into another folder, so that no moment of it can lose one.

All files are first in both folders: as a second name of the same file where the folders share a file system, else as a
checked copy. Then the setting names the new folder, the server starts there, and only then the old files are removed.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import sys
import threading
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from r1tui.domain.dataclass import dataclass
from r1tui.domain.model import PullProgress
from r1tui.domain.phrase import PhrasedError, phrase
from r1tui.domain.untrusted import table, text
from r1tui.locale import figures
from r1tui.services.atomic import write_atomically
from r1tui.services.small_file import FileError, read_json, why

JOURNAL = "models-move.json"
"""Names, in the data folder, the two folders of a move whose old files may still have to be removed."""
_CHUNK = 4 << 20
_TELL_SECONDS = 0.2
_PARTS = "blobs", "manifests"
"""What a folder of models holds, in the order in which it is copied: a model whose manifest is there is there."""
_UNFINISHED = ".moving"
"""Ends the name of a copy that is being written. Ollama removes such a file at its start."""


class MoveError(PhrasedError):
    """The models cannot be moved. They are where they were."""


class _Stopped(Exception):
    """The user has stopped it."""


@dataclass(frozen=True, slots=True)
class MovePlan:
    """What a move would do."""

    source: Path
    target: Path
    names: tuple[str, ...]
    """The files, by their paths below either folder, in the order in which they are brought."""
    models: int
    size: int
    """Bytes of all files."""
    to_write: int
    """Bytes that have to be written; 0 where both folders share a file system."""
    free: int
    """Bytes that are free in the new folder."""
    by_links: bool
    """Whether both folders share a file system that gives a file a second name."""


def named_folder(named: str) -> Path:
    """The folder that a person means: `~` is home, and so is what a relative path begins at."""
    return Path.home() / os.path.expanduser(named)


def plan_move(source: Path, named: str) -> MovePlan:
    """Look at both folders; of the new one only the last part may be missing. Blocking. Raises `MoveError`."""
    target = named_folder(named)
    try:
        source = Path(os.path.realpath(source))
        made = not target.exists()
        target.mkdir(exist_ok=True)
        try:
            return _planned(source, target.resolve(), target)
        finally:
            if made:
                target.rmdir()
    except FileNotFoundError:
        raise MoveError(phrase("move.folder", path=str(target), reason=phrase("os.missing"))) from None
    except (OSError, ValueError) as error:
        reason = why(error) if isinstance(error, OSError) else phrase("os.missing")
        raise MoveError(phrase("move.folder", path=str(target), reason=reason)) from error


def _planned(source: Path, target: Path, named: Path) -> MovePlan:
    if _one_place(source, target) or any(_one_place(source / part, target / part) for part in _PARTS):
        raise MoveError(phrase("move.same", path=str(named)))
    if target.is_relative_to(source):
        raise MoveError(phrase("move.inside", path=str(named), source=str(source)))
    names = tuple(_files(source))
    by_links = _links(target, source / names[0] if names else None)
    for name in names:
        theirs = target / name
        if name.startswith("manifests/") and theirs.is_file() and not _equal(source / name, theirs):
            model = name.partition("/")[2]
            raise MoveError(phrase("move.conflict", path=str(named), name=model))
    sizes = {name: (source / name).stat().st_size for name in names}
    missing = sum(size for name, size in sizes.items() if _size(target / name) != size)
    free = shutil.disk_usage(target).free
    plan = MovePlan(
        source,
        target,
        names,
        sum(name.startswith("manifests/") for name in names),
        sum(sizes.values()),
        0 if by_links else missing,
        free,
        by_links,
    )
    if plan.to_write > free:
        need, left = figures.size(plan.to_write), figures.size(free)
        raise MoveError(phrase("move.room", path=str(named), need=need, free=left))
    return plan


def _files(folder: Path) -> Iterator[str]:
    for part in _PARTS:
        for path in sorted((folder / part).rglob("*")):
            if path.is_file() and not path.name.endswith(_UNFINISHED):
                yield str(path.relative_to(folder))


def _one_place(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)


def _size(path: Path) -> int | None:
    """Of a file of its own, in bytes; a link is none."""
    return path.stat().st_size if path.is_file() and not path.is_symlink() else None


def _equal(one: Path, other: Path) -> bool:
    return _size(other) == one.stat().st_size and one.read_bytes() == other.read_bytes()


def _links(target: Path, sample: Path | None) -> bool:
    """Whether a file of the old folder can be given a second name in the new one; else whether a file can be written
    there. Raises `OSError` where neither can be."""
    probe = target / f".r1tui{_UNFINISHED}"
    probe.unlink(missing_ok=True)
    try:
        if sample is not None:
            with suppress(OSError):
                os.link(os.path.realpath(sample), probe)
                return True
        probe.touch()
        return False
    finally:
        probe.unlink(missing_ok=True)


class ModelsMove:
    """One move that was decided: `steps` brings the files into the new folder, `undo` takes them out of it again."""

    def __init__(self, plan: MovePlan) -> None:
        self.plan = plan
        self.complete = False
        """All files are in both folders, and were checked."""
        self._copied = 0
        self._checking = False
        self._stop = threading.Event()
        self._made: list[Path] = []
        """Files and folders that are new in the new folder, in the order in which they were made."""
        self._task: asyncio.Task[None] | None = None

    async def steps(self) -> AsyncGenerator[PullProgress]:
        """Bring the files. Whatever ends it before they are complete leaves the new folder as it was.

        Raises `MoveError`.
        """
        progress = PullProgress(str(self.plan.target))
        task = self._task = asyncio.create_task(asyncio.to_thread(self._run))
        try:
            while not task.done():
                await asyncio.wait({task}, timeout=_TELL_SECONDS)
                progress.advance("files", self._copied, self.plan.to_write)
                if self._checking:
                    progress.stage = "verifying"
                yield progress
            await task
        finally:
            self._stop.set()
            await asyncio.wait({task})

    async def ended(self) -> None:
        """Wait until nothing of it is under way any more, its undoing neither."""
        if self._task is not None:
            await asyncio.wait({self._task})

    def undo(self) -> None:
        """Take away what was brought. Blocking."""
        self.complete = False
        for path in reversed(self._made):
            with suppress(OSError):
                if path.is_dir() and not path.is_symlink():
                    path.rmdir()
                else:
                    path.unlink()
        self._made.clear()

    def _run(self) -> None:
        try:
            self._make_folder(self.plan.target)
            for name in self.plan.names:
                self._bring(name)
            for folder in {self.plan.target, *((self.plan.target / name).parent for name in self.plan.names)}:
                _sync_folder(folder)
        except BaseException as error:
            self.undo()
            if isinstance(error, OSError):
                named = phrase("move.failed", path=str(self.plan.target), reason=why(error))
                raise MoveError(named) from error
            if not isinstance(error, _Stopped):
                raise
        else:
            self.complete = True

    def _bring(self, name: str) -> None:
        if self._stop.is_set():
            raise _Stopped
        source, target = self.plan.source / name, self.plan.target / name
        size = source.stat().st_size
        if _size(target) == size and self._right(target, source):
            return
        self._make_folder(target.parent)
        if self.plan.by_links and not target.is_symlink():
            with suppress(OSError):
                target.unlink(missing_ok=True)
                os.link(os.path.realpath(source), target)
                self._made.append(target)
                return
        self._copy(source, target, size)

    def _copy(self, source: Path, target: Path, size: int) -> None:
        unfinished = target.with_name(target.name + _UNFINISHED)
        self._made.append(unfinished)
        with source.open("rb", 0) as read, unfinished.open("wb", 0) as write:
            while chunk := read.read(_CHUNK):
                if self._stop.is_set():
                    raise _Stopped
                view = memoryview(chunk)
                while view:  # a disk that fills up takes a part, and refuses the next
                    view = view[write.write(view) :]
                self._copied += len(chunk)
            os.fsync(write.fileno())
            if sys.platform == "linux":  # what is checked is what the disk has, not what memory remembers
                os.posix_fadvise(write.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        if _size(unfinished) != size or not self._right(unfinished, source):
            raise MoveError(phrase("move.damaged", path=str(source)))
        shutil.copystat(source, unfinished)  # a manifest's time is when its model was changed
        unfinished.replace(target)
        self._made[-1] = target

    def _right(self, copy: Path, source: Path) -> bool:
        """Whether the file is what its name says, a digest; else whether it is the same as the other."""
        self._checking = True
        try:
            kind, _, digest = source.name.partition("-")
            if kind == "sha256" and len(digest) == 64:
                return self._digest(copy) == digest
            return self._digest(copy) == self._digest(source)
        finally:
            self._checking = False

    def _digest(self, path: Path) -> str:
        found = hashlib.sha256()
        with path.open("rb", 0) as file:
            while chunk := file.read(_CHUNK):
                if self._stop.is_set():
                    raise _Stopped
                found.update(chunk)
        return found.hexdigest()

    def _make_folder(self, folder: Path) -> None:
        for each in reversed([folder, *folder.parents]):
            if not each.exists():
                each.mkdir()
                self._made.append(each)


def _sync_folder(folder: Path) -> None:
    """Have the names in a folder survive a power cut. Raises `OSError`."""
    if not folder.is_dir():
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network file systems know no such thing
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def note_move(folder: Path, plan: MovePlan) -> None:
    """Remember, in the data folder, that all is in both folders: whoever uses the server next removes the old files.

    Blocking. Raises `OSError`.
    """
    write_atomically(folder / JOURNAL, json.dumps({"source": str(plan.source), "target": str(plan.target)}))


def finish_move(folder: Path, models: Path) -> int:
    """Remove the old files of the noted move, if the server now has its models in the new folder, and the note.

    Returns the bytes removed. Blocking. What cannot be removed stays.
    """
    journal = folder / JOURNAL
    if not journal.exists():
        return 0
    try:
        found = table(read_json(journal))
        source, target = Path(text(found.get("source"))), Path(text(found.get("target")))
        if not (source.is_absolute() and target.is_absolute() and Path(os.path.realpath(models)) == target):
            return 0
        freed = _remove_old(source, target)
        journal.unlink(missing_ok=True)
    except (FileError, OSError):
        return 0
    return freed


def _remove_old(source: Path, target: Path) -> int:
    names = list(_files(source))
    freed = _remove(source, target, [name for name in names if name.startswith("manifests/")])
    if not any(name.startswith("manifests/") for name in _files(source)):
        freed += _remove(source, target, [name for name in names if name.startswith("blobs/")])
    # else a model came into the old folder meanwhile, which may need any of its files
    for part in _PARTS:
        for path in sorted((source / part).rglob("*"), reverse=True):
            if path.is_dir() and not path.is_symlink():
                with suppress(OSError):  # not empty
                    path.rmdir()
        with suppress(OSError):
            (source / part).rmdir()
    return freed


def _remove(source: Path, target: Path, names: Iterable[str]) -> int:
    freed = 0
    for name in names:
        old, new = source / name, target / name
        size = _size(new)
        one_folder = new.parent.exists() and old.parent.samefile(new.parent)
        if size is None or one_folder or size != old.stat().st_size:
            continue
        if name.startswith("manifests/") and not _equal(old, new):
            continue
        with suppress(OSError):
            old.unlink()
            freed += size
    return freed
