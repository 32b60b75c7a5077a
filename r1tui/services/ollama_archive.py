"""Unpacks an archive of Ollama into a folder, all of it or nothing."""

from __future__ import annotations

import os
import shutil
import tarfile
from collections.abc import Generator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, cast


class UnsafeArchive(Exception):
    """A member would be written outside the folder, or is no file, folder or link."""


def _inside(root: str, path: str) -> bool:
    real = os.path.realpath(path)
    return real == root or real.startswith(root + os.sep)


def _check(member: tarfile.TarInfo, root: str) -> None:
    """What tarfile's `data` filter checks, on every Python (3.11 has filters only from 3.11.4 on)."""
    target = os.path.join(root, member.name)
    if os.path.isabs(member.name) or not _inside(root, target):
        raise UnsafeArchive(member.name)
    if member.isreg() or member.isdir():
        member.mode = 0o700 if member.isdir() or member.mode & 0o100 else 0o600
        return
    if member.issym():
        points_to = os.path.join(os.path.dirname(target), member.linkname)
    elif member.islnk():
        points_to = os.path.join(root, member.linkname)
    else:
        raise UnsafeArchive(member.name)
    if os.path.isabs(member.linkname) or not _inside(root, points_to):
        raise UnsafeArchive(member.name)


def _open(archive: Path, stack: ExitStack) -> tarfile.TarFile:
    if not archive.name.endswith(".zst"):
        return stack.enter_context(tarfile.open(archive, "r|gz"))
    import zstandard

    raw = stack.enter_context(archive.open("rb"))
    reader = stack.enter_context(zstandard.ZstdDecompressor().stream_reader(raw))
    return stack.enter_context(tarfile.open(fileobj=cast(IO[bytes], reader), mode="r|"))


def unpack(archives: Sequence[Path], into: Path) -> Generator[int]:
    """Unpack each `.tar.zst` or `.tgz`; at the end `into` is replaced at once. Yields bytes written so far.

    Blocking. Raises `UnsafeArchive`, `TarError`, `OSError`, `EOFError` or zstandard's `ZstdError` for a
    damaged archive; then, and when closed early, `into` is as it was before.
    """
    fresh = into.with_name(into.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700, parents=True)
    try:
        written = 0
        for archive in archives:
            with ExitStack() as stack:
                archive_file = _open(archive, stack)
                for member in archive_file:
                    _check(member, os.path.realpath(fresh))
                    if hasattr(tarfile, "data_filter"):
                        archive_file.extract(member, fresh, set_attrs=True, filter="data")
                    else:
                        archive_file.extract(member, fresh, set_attrs=True)
                    written += member.size
                    yield written
        _replace(fresh, into)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _replace(fresh: Path, into: Path) -> None:
    old = into.with_name(into.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if into.exists():
        into.rename(old)
    fresh.rename(into)
    shutil.rmtree(old, ignore_errors=True)
