"""Locks between R1TUIs that share a store: one opens at a time, and who has it open is known.

`flock` is asked for on every folder. Where the file system has none (some network folders) there is no lock, and
SQLite's own locks alone keep the file whole; `database.connect` waits for them where SQLite itself does not.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

OPENING_SECONDS = 60.0
"""How long to wait for another that opens the store: it may migrate or repair it. One that was stopped meanwhile
(Ctrl+Z) keeps nobody out for longer."""
_LOOK_SECONDS = 0.005


@contextmanager
def opening(path: Path) -> Iterator[None]:
    """Be the only one that opens the store at `path`: makes it, changes its journal mode, migrates or repairs it.

    Raises `OSError` where the lock's file cannot be made.
    """
    descriptor = os.open(path.with_name(path.name + ".opening"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        end = time.monotonic() + OPENING_SECONDS
        while not _locked(descriptor) and time.monotonic() < end:
            time.sleep(_LOOK_SECONDS)
        yield
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # no locks here
    return True


def hold(path: Path) -> int:
    """A lock that says that the store is in use; waits while another process repairs it. Close it to release.

    Raises `OSError` where the lock's file cannot be made.
    """
    descriptor = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    share(descriptor)
    return descriptor


def hold_alone(lock: int) -> bool:
    """Make the lock of `hold` exclusive. False when another process has the store open."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        share(lock)
        return False
    except OSError:
        return True  # no locks here; a file that is damaged serves nobody else either
    return True


def share(lock: int) -> None:
    """Let others in again."""
    with suppress(OSError):  # no locks here
        fcntl.flock(lock, fcntl.LOCK_SH)
