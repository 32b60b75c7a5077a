"""The files below a folder, found by a few letters of their paths: also a hundred thousand of them, off the loop."""

from __future__ import annotations

import asyncio
import heapq
import os
import re
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from r1tui.domain.dataclass import dataclass
from r1tui.services.small_file import FileError, read_text

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

MOST_FILES = 200_000
"""Files that are listed; a path can be typed all the same."""
MOST_FOUND = 100
"""Names that a search gives."""
_BATCH = 1000
_SLICE = 250
"""Names that are listed or matched before the app's own thread has its turn; about a millisecond."""
_TURN = 0.0002
"""Seconds of sleep in which it takes that. Without them it waits for five milliseconds at each of its steps."""
_MOST_STARS = 4
"""Stars of a pattern that is heeded: the time for matching grows with the power of their number."""

_MOST_LINES = 2000
"""Lines of an ignore file that are read."""
_NEW_SETS = re.compile(r"\[.*(?:\[|--|&&|~~|\|\|)")
"""What Python warns of in a set of characters, since it may mean something else one day."""


class FileIndex:
    """Paths of the files below `root`, relative to it, the nearest first."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.names: list[str] = []
        self.is_cut = False
        """There are more than `MOST_FILES`."""
        self._searches = 0

    async def read(self, *, hidden: bool = False) -> AsyncIterator[int]:
        """List the files anew; yields after each batch how many there are. `hidden`: those too whose names begin with a
        dot, and those that a `.gitignore` leaves out.
        """
        self.names, self.is_cut = [], False
        batches = _walk(self.root, hidden)
        while (batch := await asyncio.to_thread(next, batches, None)) is not None:
            self.names += batch[: MOST_FILES - len(self.names)]
            if len(self.names) >= MOST_FILES:
                self.is_cut = True
                return
            yield len(self.names)

    async def find(self, typed: str) -> list[str]:
        """The best matches, best first: every word's letters are in the path, in their order.

        A later call ends an earlier one, which gives nothing then.
        """
        self._searches += 1
        return await asyncio.to_thread(self._find, typed.lower().split(), self._searches, len(self.names))

    def _find(self, words: Sequence[str], search: int, count: int) -> list[str]:
        if not words:
            return self.names[:MOST_FOUND]
        patterns = [_letters(word) for word in words]
        best: list[tuple[int, int, str]] = []
        for at in range(0, count, _SLICE):
            if search != self._searches:
                return []
            ranked = (
                (
                    sum(_rank(word, pattern, low) for word, pattern in zip(words, patterns, strict=True)),
                    len(low),
                    name,
                )
                for name in self.names[at : min(at + _SLICE, count)]
                for low in (name.lower(),)
                if all(pattern.match(low) for pattern in patterns)
            )
            best = heapq.nsmallest(MOST_FOUND, [*best, *ranked])
            time.sleep(_TURN)
        return [name for _, _, name in best]


def _letters(word: str) -> re.Pattern[str]:
    """Matches what has the letters of a word in their order; in a time that grows with the length alone."""
    return re.compile("".join(f"[^{re.escape(letter)}]*{re.escape(letter)}" for letter in word), re.DOTALL)


def _rank(word: str, letters: re.Pattern[str], path: str) -> int:
    """How well a path that holds a word's letters matches; less is better."""
    name = path[path.rfind("/") + 1 :]
    if word in name:
        return 0 if name.startswith(word) else 1
    if word in path:
        return 2
    return 3 if letters.match(name) else 4


@dataclass(frozen=True, slots=True)
class _Ignored:
    """What a `.gitignore` leaves out of the folder that it is in."""

    folder: str
    """Below the index's root and with a slash at its end; empty for the root, and for folders above it."""
    above: str
    """Path of the root below the ignore file's folder, with a slash at its end; empty where it is not above the root."""
    spec: GitIgnoreSpec

    def decides(self, path: str) -> bool | None:
        """Whether it leaves a path out; None where it says nothing of it."""
        return self.spec.check_file(self.above + path[len(self.folder) :]).include


def _walk(root: Path, hidden: bool) -> Iterator[list[str]]:
    """Batches of names, folder by folder."""
    batch: list[str] = []
    rules: tuple[_Ignored, ...] = () if hidden else _rules_above(root)
    folders: list[tuple[str, tuple[_Ignored, ...]]] = [("", rules)]
    for folder, rules in folders:
        try:
            with os.scandir(root / folder) as found:
                slices = list(_sorted_slices(found))
        except (OSError, ValueError):  # also a name that no file can have
            continue
        if not hidden and any(each.name == ".gitignore" for some in slices for each in some):
            rules = (*_rules_of(root / folder, folder, ""), *rules)
        for number, entry in enumerate(heapq.merge(*slices, key=_name)):
            if number % _SLICE == _SLICE - 1:
                time.sleep(_TURN)
            path = folder + entry.name
            try:
                is_folder = entry.is_dir(follow_symlinks=False)
                if not (is_folder or entry.is_file()):
                    continue
            except OSError:
                continue
            if not hidden and (entry.name.startswith(".") or _is_left_out(path + "/" * is_folder, rules)):
                continue
            if is_folder:
                folders.append((path + "/", rules))
                continue
            batch.append(path)
            if len(batch) == _BATCH:
                yield batch
                batch = []
    yield batch


def _sorted_slices(found: Iterator[os.DirEntry[str]]) -> Iterator[list[os.DirEntry[str]]]:
    """What a folder holds, in slices that are sorted each: no other thread runs while a list is sorted."""
    while some := sorted(islice(found, _SLICE), key=_name):
        yield some
        time.sleep(_TURN)


def _name(entry: os.DirEntry[str]) -> str:
    return entry.name


def _is_left_out(path: str, rules: tuple[_Ignored, ...]) -> bool:
    """By the nearest rule that says something."""
    return next((decided for each in rules if (decided := each.decides(path)) is not None), False)


def _rules_above(root: Path) -> tuple[_Ignored, ...]:
    """What the ignore files of the folders above leave out, up to that of the repository which `root` is in."""
    root = root.absolute()
    above = [root, *root.parents]
    top = next((at for at, folder in enumerate(above) if (folder / ".git").exists()), 0)
    rules: list[_Ignored] = []
    for folder in above[1 : top + 1]:
        rules += _rules_of(folder, "", f"{root.relative_to(folder).as_posix()}/")
    return tuple(rules)


def _rules_of(folder: Path, name: str, above: str) -> tuple[_Ignored, ...]:
    from pathspec import GitIgnoreSpec

    try:
        lines = read_text(folder / ".gitignore").splitlines()
    except FileError:
        return ()
    kept = [line for line in lines[:_MOST_LINES] if _is_heeded(line)]
    return (_Ignored(name, above, GitIgnoreSpec.from_lines(kept)),)


def _is_heeded(line: str) -> bool:
    """Whether a line of an ignore file is a pattern that is understood and soon matched."""
    from pathspec import GitIgnoreSpec

    if len(re.findall(r"\*+", line)) > _MOST_STARS or _NEW_SETS.search(line):
        return False
    try:
        GitIgnoreSpec.from_lines([line])
    except (ValueError, re.error):
        return False
    return True


def is_typed_path(typed: str) -> bool:
    """Whether somebody types a path, rather than letters to find a file by."""
    return typed.startswith(("/", "~", "./", "../")) or typed in (".", "..")


async def complete(root: Path, typed: str) -> list[str]:
    """What a typed path can go on as, folders first and with a slash at their end; as it would be typed."""
    return await asyncio.to_thread(_complete, root, typed)


def expanded(root: Path, typed: str) -> Path:
    """The file that a typed path means."""
    try:
        return root / Path(typed).expanduser()
    except RuntimeError:  # no such user
        return root / typed


def _complete(root: Path, typed: str) -> list[str]:
    if typed in (".", "..", "~"):
        return [f"{typed}/"]
    folder, _, begun = typed.rpartition("/")
    folder += "/"
    try:
        with os.scandir(expanded(root, folder)) as found:
            names = heapq.nsmallest(
                MOST_FOUND,
                (
                    (not entry.is_dir(), entry.name)
                    for entry in found
                    if entry.name.lower().startswith(begun.lower())
                    and (begun or not entry.name.startswith("."))
                ),
            )
    except (OSError, ValueError):
        return []
    return [f"{folder}{name}{'/' * (not is_file)}" for is_file, name in names]
