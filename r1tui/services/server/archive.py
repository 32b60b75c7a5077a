"""Unpacks an archive of Ollama into a folder, all of it or nothing; what it holds is not trusted.

Two checks, neither of which leans on the other. By name: every entry is a file, a folder or a link, stands below folders
that this archive made (never below a link, whatever the chain of links would resolve to), and its link's target is
relative and stays inside. By the kernel: each folder is opened from its parent without following links, and files are
made new, so that nothing is ever written through a link. `tarfile.data_filter` is asked as well where it is sound.
"""

from __future__ import annotations

import errno
import gzip
import os
import shutil
import stat
import struct
import sys
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, TypeVar, cast

from r1tui.domain.dataclass import dataclass
from r1tui.services.atomic import write_all

Value = TypeVar("Value")

NAME_LIMIT = 240
"""Bytes of one name; file systems take 255."""
PATH_LIMIT = 1000
"""Bytes of an entry's path, and of a link's target: with the folder's own well below PATH_MAX (1024 on macOS, 4096)."""
HEADER_LIMIT = 64 << 10
"""Bytes of headers before one entry (pax, GNU long names, maps of sparse files)."""
HEADERS_LIMIT = 8 << 20
"""Bytes of all headers of an archive: some ten thousand entries, where Ollama's have some ten."""
RATIO_LIMIT = 20
"""How many times its packed size an archive may become; Ollama's become two to four times as big."""
RATIO_FLOOR = 64 << 20
"""Bytes that may be unpacked whatever the ratio."""
DISK_RESERVE = 256 << 20
"""Bytes of the disk that stay free."""
_PIECE = 1 << 20
_SET_ID = stat.S_ISUID | stat.S_ISGID

# Where the `data` filter has the mends of CVE-2024-12718, -2025-4138, -4330, -4435 and -4517.
_SOUND_FILTERS = {(3, 11): 13, (3, 12): 11, (3, 13): 4}


class UnsafeArchive(Exception):
    """An entry that would be written elsewhere, is no file, folder or link, or is bigger than it may be."""


class DamagedArchive(Exception):
    """It cannot be read."""


_UNREADABLE = (
    tarfile.TarError,
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    zlib.error,
    EOFError,
    # What the standard library's readers raise for figures and names that make no sense.
    ValueError,
    OverflowError,
    RuntimeError,
    IndexError,
    struct.error,
)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry of an archive, before anything was checked."""

    name: str
    kind: str
    """`file`, `folder`, `link` (symbolic), `hard` (another name of a file before it); else refused."""
    mode: int
    size: int = 0
    target: str = ""
    """Of a link."""
    data: IO[bytes] | None = None


def unpack(archives: Sequence[Path], into: Path) -> Generator[int]:
    """Unpack each `.tar.zst`, `.tgz` or `.zip`; at the end `into` is replaced at once. Yields bytes written so far.

    Blocking. Raises `UnsafeArchive`, `DamagedArchive`, or `OSError` for a disk that does not take it; then, and when
    closed early, `into` is as it was before.
    """
    import zstandard

    fresh = into.with_name(into.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700, parents=True)
    try:
        with _Folder.opened(fresh) as folder:
            for archive in archives:
                with ExitStack() as stack:
                    folder.allow(
                        max(archive.stat().st_size * RATIO_LIMIT, RATIO_FLOOR),
                        shutil.disk_usage(fresh).free - DISK_RESERVE,
                    )
                    for entry in _entries(archive, fresh, stack):
                        yield from folder.add(entry)
        _replace(fresh, into)
    except (*_UNREADABLE, zstandard.ZstdError) as error:
        raise DamagedArchive(str(error)) from error
    except OSError as error:
        # No disk's fault: a place before the archive's beginning, or a name that is none.
        if error.errno == errno.EINVAL:
            raise DamagedArchive(str(error)) from error
        raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


class _Folder:
    """The folder that is filled, by descriptors: no name is ever resolved through a link."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._kinds: dict[tuple[str, ...], str] = {}
        """What every path is, by its folded parts: on some file systems `Lib` and `lib` are one."""
        self._room = self._free = 0
        self.written = 0
        """Bytes so far."""

    @classmethod
    @contextmanager
    def opened(cls, path: Path) -> Iterator[_Folder]:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            yield cls(descriptor)
        finally:
            os.close(descriptor)

    def allow(self, room: int, free: int) -> None:
        """The next archive may write `room` bytes, where the disk has `free`."""
        self._room, self._free = room, free

    def add(self, entry: _Entry) -> Iterator[int]:
        """Check an entry and write it; yields bytes written so far. Raises `UnsafeArchive`."""
        parts = _parts(entry.name)
        if entry.mode & _SET_ID:
            raise UnsafeArchive(f"{_shown(entry.name)}: set-id")
        if not parts:
            if entry.kind != "folder":
                raise UnsafeArchive(_shown(entry.name))
            yield self.written
            return
        with self._parent(parts) as parent:
            known = self._kinds.get(_folded(parts))
            if known is not None and (known == "folder") != (entry.kind == "folder"):
                raise UnsafeArchive(f"{_shown(entry.name)}: twice")
            if known in ("file", "link"):  # the later one holds, as in every tar; what a link leads to stays
                self._only_below(parent, os.unlink, parts[-1])
            match entry.kind:
                case "folder":
                    if known is None:
                        os.mkdir(parts[-1], 0o700, dir_fd=parent)
                case "file":
                    yield from self._write(entry, parts[-1], parent)
                case "link":
                    _check_target(entry, len(parts) - 1)
                    os.symlink(entry.target, parts[-1], dir_fd=parent)
                case "hard":
                    self._link(entry, parts[-1], parent)
                case _:
                    raise UnsafeArchive(f"{_shown(entry.name)}: {entry.kind}")
        self._kinds[_folded(parts)] = "file" if entry.kind == "hard" else entry.kind
        yield self.written

    @staticmethod
    def _only_below(folder: int, call: Callable[..., Value], name: str, *values: int) -> Value:
        """`call` on a name in an open folder; a link there, or nothing under that spelling, is the archive's fault."""
        try:
            return call(name, *values, dir_fd=folder)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise UnsafeArchive(_shown(name)) from error
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise UnsafeArchive(_shown(name)) from error
            raise

    @contextmanager
    def _parent(self, parts: Sequence[str]) -> Iterator[int]:
        """The folder that an entry stands in, made where the archive does not name it; never through a link."""
        descriptor = os.dup(self._descriptor)
        try:
            for depth, part in enumerate(parts[:-1], 1):
                path = _folded(parts[:depth])
                kind = self._kinds.setdefault(path, "")
                if kind == "":
                    os.mkdir(part, 0o700, dir_fd=descriptor)
                    self._kinds[path] = "folder"
                elif kind != "folder":
                    raise UnsafeArchive(f"{_shown('/'.join(parts))}: below a {kind}")
                below = self._only_below(
                    descriptor, os.open, part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
                )
                os.close(descriptor)
                descriptor = below
            yield descriptor
        finally:
            os.close(descriptor)

    def _write(self, entry: _Entry, name: str, parent: int) -> Iterator[int]:
        if not 0 <= entry.size <= self._room:
            raise UnsafeArchive(f"{_shown(entry.name)}: {entry.size} B")
        if entry.size > self._free:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        assert entry.data is not None
        mode = 0o700 if entry.mode & 0o100 else 0o600
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with os.fdopen(os.open(name, flags, mode, dir_fd=parent), "wb", buffering=0) as file:
            left = entry.size
            while left:
                piece = entry.data.read(min(left, _PIECE))
                if not piece:
                    raise EOFError(f"{_shown(entry.name)}: cut")
                write_all(file, piece)
                left -= len(piece)
                self._room -= len(piece)
                self._free -= len(piece)
                self.written += len(piece)
                yield self.written
            if entry.data.read(1):
                raise UnsafeArchive(f"{_shown(entry.name)}: more than {entry.size} B")

    def _link(self, entry: _Entry, name: str, parent: int) -> None:
        """A second name of a file that this folder already has."""
        source = _parts(entry.target)
        if self._kinds.get(_folded(source)) != "file" or source == _parts(entry.name):
            raise UnsafeArchive(f"{_shown(entry.name)} -> {_shown(entry.target)}")
        with self._parent(source) as folder:
            os.link(source[-1], name, src_dir_fd=folder, dst_dir_fd=parent, follow_symlinks=False)


def _parts(name: str) -> tuple[str, ...]:
    """The parts of an entry's path; none for the folder itself. Raises `UnsafeArchive` for a path that leads away."""
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    if (
        name.startswith("/")
        or ".." in parts
        or not _writable(name)
        or any(len(part.encode()) > NAME_LIMIT for part in parts)
    ):
        raise UnsafeArchive(_shown(name))
    return parts


def _writable(path: str) -> bool:
    """Whether it is a path as people write them: printable text of a length that every system takes."""
    return path.isprintable() and "\\" not in path and len(path.encode()) <= PATH_LIMIT


def _check_target(entry: _Entry, depth: int) -> None:
    """Raise `UnsafeArchive` unless a symbolic link, `depth` folders deep, leads to something inside.

    A target may climb first and descend then. Climbing starts in a real folder, as no entry stands below a link, so that
    counting is enough; descending it may meet other links, for which the same holds. Climbing again after a descent could
    start from where another link leads to, and is refused.
    """
    target = entry.target
    parts = [part for part in target.split("/") if part not in ("", ".")]
    climbs = next((at for at, part in enumerate(parts) if part != ".."), len(parts))
    if (
        not target
        or target.startswith("/")
        or not _writable(target)
        or climbs > depth
        or ".." in parts[climbs:]
    ):
        raise UnsafeArchive(f"{_shown(entry.name)} -> {_shown(target)}")


def _folded(parts: Sequence[str]) -> tuple[str, ...]:
    return tuple(unicodedata.normalize("NFC", part).casefold() for part in parts)


def _shown(name: str) -> str:
    """A name for a message, which it must not fill."""
    return name if len(name) <= 80 else name[:79] + "…"


def _entries(archive: Path, into: Path, stack: ExitStack) -> Iterator[_Entry]:
    return _of_zip(archive, stack) if archive.suffix == ".zip" else _of_tar(archive, into, stack)


# tar


class _Metered:
    """A stream that ends a reader's appetite: tarfile reads headers of any size whole, into memory."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._at_once = HEADER_LIMIT
        self._in_all = HEADERS_LIMIT

    def expect_header(self) -> None:
        """What is read next is the header of an entry."""
        self._at_once = HEADER_LIMIT

    def expect_data(self, size: int) -> None:
        """What is read next are `size` bytes of a file, and what stands behind them in the same block."""
        self._at_once = size + HEADER_LIMIT
        self._in_all += size + -size % tarfile.BLOCKSIZE

    def read(self, size: int = -1) -> bytes:
        if self._at_once <= 0 or self._in_all <= 0:
            raise UnsafeArchive(f"header > {HEADER_LIMIT} B")
        piece = self._stream.read(size)
        self._at_once -= len(piece)
        self._in_all -= len(piece)
        return piece


def _of_tar(archive: Path, into: Path, stack: ExitStack) -> Iterator[_Entry]:
    stream = _Metered(_unpacked(archive, stack))
    opened = tarfile.open(fileobj=cast(IO[bytes], stream), mode="r|")  # noqa: SIM115
    tar = stack.enter_context(opened)
    while True:
        stream.expect_header()
        try:
            member = tar.next()
        except RecursionError as error:  # a header for a header for a header…
            raise UnsafeArchive("headers") from error
        if member is None:
            return
        entry = _of_member(member)
        _ask_filter(member, into)
        if entry.kind == "file" and member.size >= 0:
            data = tar.extractfile(member)
            assert data is not None
            stream.expect_data(member.size)
            entry = replace(entry, data=data)
        yield entry


def _of_member(member: tarfile.TarInfo) -> _Entry:
    kind = "device or the like"
    if member.issparse():
        kind = "sparse file"
    elif member.type in (tarfile.REGTYPE, tarfile.AREGTYPE):
        kind = "file"
    elif member.isdir():
        kind = "folder"
    elif member.issym():
        kind = "link"
    elif member.islnk():
        kind = "hard"
    return _Entry(member.name, kind, member.mode, member.size, member.linkname)


def filter_is_sound(version: tuple[int, int, int]) -> bool:
    """Whether that Python's `tarfile.data_filter` holds what it promises."""
    return version >= (3, 14) or version[2] >= _SOUND_FILTERS.get(version[:2], 1 << 20)


def _ask_filter(member: tarfile.TarInfo, into: Path) -> None:
    """The standard library's opinion, where it can be trusted. Raises `UnsafeArchive`."""
    if not filter_is_sound(sys.version_info[:3]):
        return
    try:
        tarfile.data_filter(member, str(into))
    except tarfile.FilterError as error:
        raise UnsafeArchive(_shown(member.name)) from error
    except OSError:
        pass  # it looks where a path leads that the system does not take; our own checks say what is wrong with it


def _unpacked(archive: Path, stack: ExitStack) -> IO[bytes]:
    raw = stack.enter_context(archive.open("rb"))
    if archive.suffix != ".zst":
        return cast(IO[bytes], stack.enter_context(gzip.GzipFile(fileobj=raw)))
    import zstandard

    return cast(IO[bytes], stack.enter_context(zstandard.ZstdDecompressor().stream_reader(raw)))


# zip


class _Sipped:
    """A file that is read in pieces: zipfile reads the list of entries whole, however long it says that is."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size if 0 <= size <= HEADERS_LIMIT else HEADERS_LIMIT + 1)
        if len(piece) > HEADERS_LIMIT:
            raise UnsafeArchive(f"header > {HEADERS_LIMIT} B")
        return piece

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def _of_zip(archive: Path, stack: ExitStack) -> Iterator[_Entry]:
    raw = stack.enter_context(archive.open("rb"))
    packed = stack.enter_context(zipfile.ZipFile(cast(IO[bytes], _Sipped(raw))))
    for info in packed.infolist():
        mode = info.external_attr >> 16
        kind = _KINDS_OF_ZIP.get(stat.S_IFMT(mode), "device or the like")
        if info.is_dir():
            kind = "folder"
        if info.flag_bits & 1:
            kind = "encrypted file"
        elif info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            kind = "file of another packing"
        # `filename` ends at a zero byte; this is the name as it stands.
        name = info.orig_filename
        if kind == "link":
            with packed.open(info) as data:
                target = data.read(PATH_LIMIT + 1)
            yield _Entry(name, kind, mode, target=target.decode("utf-8", "surrogateescape"))
        elif kind == "file":
            with packed.open(info) as data:
                yield _Entry(name, kind, mode, info.file_size, data=data)
        else:
            yield _Entry(name, kind, mode)


_KINDS_OF_ZIP = {0: "file", stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link"}
"""A zip made where there are no kinds says 0."""


def _replace(fresh: Path, into: Path) -> None:
    old = into.with_name(into.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if into.exists():
        into.rename(old)
    fresh.rename(into)
    shutil.rmtree(old, ignore_errors=True)
