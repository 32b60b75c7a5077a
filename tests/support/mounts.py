"""Folders that cannot be written, whoever asks: root, as whom tests often run, is stopped by no file's mode."""

from __future__ import annotations

import errno
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest


@contextmanager
def read_only(folder: Path) -> Iterator[Path]:
    """`folder`, with what is in it, read-only. Skips the test where nothing can be mounted."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _mounted("--bind", str(folder), str(folder), folder=folder):
        _mount("-o", "remount,ro,bind", str(folder))
        yield folder


@contextmanager
def full(folder: Path) -> Iterator[Path]:
    """`folder` on a disk that has no byte left. Skips the test where nothing can be mounted."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _mounted("-t", "tmpfs", "-o", "size=256k,mode=0700", "tmpfs", str(folder), folder=folder):
        try:
            with open(folder / "filler", "wb") as filler:
                while True:
                    filler.write(bytes(4096))
                    filler.flush()
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
        yield folder


@contextmanager
def file_in_the_way(folder: Path) -> Iterator[Path]:
    """A file where the folder should be."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("in the way")
    yield folder


@contextmanager
def database_unreadable(folder: Path) -> Iterator[Path]:
    """A folder where the file of conversations should be, which nobody can open as a file."""
    folder.mkdir(mode=0o700, parents=True)
    (folder / "conversations.db").mkdir()
    yield folder


@contextmanager
def _mounted(*arguments: str, folder: Path) -> Iterator[None]:
    _mount(*arguments)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def _mount(*arguments: str) -> None:
    try:
        subprocess.run(["mount", *arguments], check=True, capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("no mount here")
    except subprocess.CalledProcessError as error:
        pytest.skip(f"mounting is not allowed here: {error.stderr.strip()}")


PLACES: dict[str, Callable[[Path], AbstractContextManager[Path]]] = {
    "read-only": read_only,
    "full": full,
    "a file": file_in_the_way,
    "no database file": database_unreadable,
}
