"""Which process something belongs to, and whether it still lives."""

from __future__ import annotations

import os
import platform
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

from r1tui.domain.untrusted import moment, text

STALE_SECONDS = 90.0
"""Without a heartbeat for so long, a process on another machine counts as dead."""


def this_process() -> str:
    """A name of this process that no other has, even after its number is used again: host/number/start."""
    return _name(os.getpid())


@cache  # it stays the same, and to ask again takes files, of which there may be none
def _name(pid: int) -> str:
    return f"{_host()}/{pid}/{_started(pid)}"


def alive(owner: object, heartbeat: object) -> bool:
    """Whether the process named `owner` still runs: asked of this machine, else, or where it cannot say, judged by its
    last heartbeat. Both are as a row of the store has them, which may be damaged."""
    owner, heartbeat = text(owner), moment(heartbeat) or 0.0
    host, _, rest = owner.rpartition("/")[0].rpartition("/")
    started = owner.rpartition("/")[2]
    if host == _host() and rest.isdigit():
        with suppress(OSError):
            return _started(int(rest)) == started != ""
    return abs(time.time() - heartbeat) < STALE_SECONDS


def _host() -> str:
    """This boot of this machine and its process-number namespace: a container counts its processes by
    itself."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}:{os.stat('/proc/self/ns/pid').st_ino}"
    except OSError:
        return platform.node() or "localhost"


def _started(pid: int) -> str:
    """When a process started, in the system's own unit; empty when it is gone or a zombie. Raises `OSError` where the
    system does not say, as to a process that may open no more files.
    """
    try:
        # The name in parentheses may hold spaces and parentheses itself; state is field 3, starttime field
        # 22.
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        return "" if fields[0] in "ZX" else fields[19]
    except (FileNotFoundError, ProcessLookupError, IndexError):
        if Path("/proc/self/stat").exists():
            return ""
    import psutil

    try:
        return str(psutil.Process(pid).create_time())
    except psutil.Error:
        return ""
