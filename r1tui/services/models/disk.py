"""What models take on the disk, read in the folder of a server of this machine: manifests, blobs, and what was downloaded
in part. All functions block: use a thread.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from r1tui.domain.dataclass import dataclass
from r1tui.domain.model import Model
from r1tui.domain.phrase import PhrasedError, phrase
from r1tui.domain.untrusted import LARGEST, Malformed, number, parse_json, table, tables, text
from r1tui.services.small_file import FileError, read_bytes, why

_MANIFESTS = 10_000
"""Manifests that are read at most."""
_DIGEST = re.compile(r"sha256[:-]([0-9a-f]{64})")
_PARTIAL = re.compile(r"sha256-([0-9a-f]{64})-partial(?:-\d{1,6})?")
_MOVES = 60.0
"""Seconds without a byte after which nobody writes to what is there in part."""


class DiskError(PhrasedError):
    """The folder cannot be read, or something in it not be removed."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The files that a model consists of."""

    layers: Mapping[str, int]
    """Digest → bytes, its configuration among them."""

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(self.layers.values())

    @classmethod
    def read(cls, data: bytes) -> Manifest | None:
        """A manifest as a registry or a server keeps it; None where it is none."""
        try:
            told = table(parse_json(data))
        except Malformed:
            return None
        layers = {
            match[1]: int(number(each.get("size"), 0, LARGEST) or 0)
            for each in [*tables(told.get("layers")), table(told.get("config"))]
            if (match := _DIGEST.fullmatch(text(each.get("digest"))))
        }
        return cls(layers) if layers else None


@dataclass(frozen=True, slots=True)
class Partial:
    """A file of a model of which a part was downloaded."""

    digest: str
    size: int
    """Bytes that it takes on the disk."""
    whole: int
    """Bytes that it has when it is whole."""
    changed: float
    """When the last byte came, seconds since the epoch."""
    files: tuple[Path, ...]

    def moves(self, now: float) -> bool:
        """Whether somebody seems to be downloading it."""
        return now - self.changed < _MOVES


@dataclass(frozen=True, slots=True)
class Use:
    """What a model takes."""

    name: str
    size: int
    """Bytes of all its files."""
    own: int
    """Bytes of those that no other model has: what removing it frees."""
    shares_with: tuple[str, ...] = ()
    """The models that have some of its files too."""


@dataclass(frozen=True, slots=True)
class DiskUse:
    """All that is in a server's folder."""

    models: tuple[Use, ...]
    partials: tuple[Partial, ...]

    total: int
    """Bytes of all models, what they share counted once."""


def manifests(folder: Path, models: Iterable[Model]) -> dict[str, Manifest]:
    """A model's name → its manifest, as the folder has it.

    Raises `DiskError` where the folder cannot be read or is not that of the server which has these models.
    """
    found: dict[str, Manifest] = {}
    try:
        for path in _files(folder / "manifests"):
            data = read_bytes(path)
            if (manifest := Manifest.read(data)) is not None:
                found[sha256(data).hexdigest()] = manifest
    except FileError as error:
        raise DiskError(phrase("housekeeping.unreadable", path=str(folder), reason=error.phrase)) from None
    except OSError as error:
        raise DiskError(phrase("housekeeping.unreadable", path=str(folder), reason=why(error))) from None
    local = [each for each in models if not each.remote_host]
    known = {each.name: manifest for each in local if (manifest := found.get(each.digest)) is not None}
    if len(known) < len(local) or (found and not local):
        raise DiskError(phrase("housekeeping.another_folder", path=str(folder)))
    return known


def _files(folder: Path) -> Iterator[Path]:
    def raised(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            raise error

    number_of_files = 0
    for at, _, names in os.walk(folder, onerror=raised):
        for name in names:
            number_of_files += 1
            if number_of_files > _MANIFESTS:
                return
            yield Path(at) / name


def disk_use(folder: Path, models: Sequence[Model]) -> DiskUse:
    """What the models of the server with this folder take. Raises `DiskError`."""
    known = manifests(folder, models)
    owners: dict[str, list[str]] = {}
    sizes: dict[str, int] = {}
    for name, manifest in known.items():
        for digest, size in manifest.layers.items():
            owners.setdefault(digest, []).append(name)
            sizes[digest] = size
    uses = []
    for name, manifest in known.items():
        others = dict.fromkeys(
            other for digest in manifest.layers for other in owners[digest] if other != name
        )
        own = sum(size for digest, size in manifest.layers.items() if len(owners[digest]) == 1)
        uses.append(Use(name, manifest.size, own, tuple(others)))
    uses.sort(key=lambda each: -each.size)
    return DiskUse(tuple(uses), partials(folder), sum(sizes.values()))


def partials(folder: Path) -> tuple[Partial, ...]:
    """What was downloaded in part, the largest first. Raises `DiskError`."""
    found: dict[str, list[tuple[Path, os.stat_result]]] = {}
    try:
        with os.scandir(folder / "blobs") as entries:
            for entry in entries:
                match = _PARTIAL.fullmatch(entry.name)
                if match and entry.is_file(follow_symlinks=False):
                    with suppress(FileNotFoundError):  # it has just become whole
                        stat = entry.stat(follow_symlinks=False)
                        found.setdefault(match[1], []).append((Path(entry.path), stat))
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise DiskError(phrase("housekeeping.unreadable", path=str(folder), reason=why(error))) from None
    parts = [
        Partial(
            digest,
            sum(stat.st_blocks * 512 for _, stat in files),
            max(stat.st_size for _, stat in files),
            max(stat.st_mtime for _, stat in files),
            tuple(path for path, _ in files),
        )
        for digest, files in found.items()
    ]
    return tuple(sorted(parts, key=lambda each: -each.size))


def remove(partial: Partial) -> None:
    """Remove what is there of a file. Raises `DiskError`, also where it is being downloaded again."""
    folder = partial.files[0].parent
    now = next((each for each in partials(folder.parent) if each.digest == partial.digest), None)
    if now is None:
        return
    if now.changed > partial.changed and now.moves(time.time()):
        raise DiskError(phrase("housekeeping.moves_again"))
    for path in now.files:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise DiskError(phrase("housekeeping.not_removed", path=str(path), reason=why(error))) from None
