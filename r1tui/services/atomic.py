"""Files written whole, or an error says that they are not."""

from __future__ import annotations

import os
import tempfile
from io import RawIOBase
from pathlib import Path


def write_atomically(path: Path, text: str) -> None:
    """Replace `path` by a file of 0600 with `text`, durable when this returns. Raises `OSError`.

    A link is written through: people keep their settings in a repository of dotfiles. One that leads to itself is replaced.
    """
    # `resolve` raises a RuntimeError for a circle of links before Python 3.13.
    path = Path(os.path.realpath(path))
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def write_all(file: RawIOBase, data: bytes | bytearray) -> None:
    """Write all of it to a file without a buffer. The system takes a part where the disk has room for no more, and says so
    at the next write only. Raises `OSError`.
    """
    left = memoryview(data)
    while left:
        left = left[file.write(left) :]
