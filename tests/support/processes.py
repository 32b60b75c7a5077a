"""How a process stands, in a container too."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from tests.support import patience
from tests.support.pty_app import clean_env


def ended(pid: int) -> bool:
    """Whether a process runs no more: gone, or left for whoever reaps orphans, which in a container may be nobody."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def wait_ended(pids: Sequence[int]) -> None:
    """Wait until none of them runs."""
    deadline = time.monotonic() + patience.SECONDS
    while running := [pid for pid in pids if not ended(pid)]:
        assert time.monotonic() < deadline, running
        time.sleep(0.02)


def working_in(home: Path) -> list[psutil.Process]:
    """The processes that keep their data in this home: R1TUIs, and what they have started."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("R1TUI_DATA_DIR") == clean_env(home)["R1TUI_DATA_DIR"]:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found
