"""How a process stands, in a container too."""

from __future__ import annotations

import time
from collections.abc import Sequence

import psutil

from tests.support import patience


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
