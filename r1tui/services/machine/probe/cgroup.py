"""Memory limits of control groups, versions 1 and 2, of the own group and every parent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from r1tui.domain.dataclass import dataclass
from r1tui.services.machine.probe.system import System

_NO_LIMIT = 1 << 62
"""Version 1 says 9223372036854771712 (or another number near 2^63) for none."""


@dataclass(frozen=True, slots=True)
class MemoryLimit:
    """The limits of all groups taken together."""

    limit: int
    """The smallest limit, in bytes."""
    available: int
    """The least that is left in any of the groups, caches that the kernel can drop counted as free."""
    path: str
    """The file of the smallest limit."""


@dataclass(frozen=True, slots=True)
class _Version:
    mounts: tuple[str, ...]
    limit: str
    usage: str
    droppable: tuple[str, ...]


_V2 = _Version(
    ("/sys/fs/cgroup", "/sys/fs/cgroup/unified"),
    "memory.max",
    "memory.current",
    ("inactive_file", "active_file", "slab_reclaimable"),
)
_V1 = _Version(
    ("/sys/fs/cgroup/memory",),
    "memory.limit_in_bytes",
    "memory.usage_in_bytes",
    ("total_inactive_file", "total_active_file"),
)


def _groups(system: System) -> Iterator[tuple[_Version, str]]:
    """(version, path) of the groups of this process."""
    for line in (system.text("/proc/self/cgroup") or "").splitlines():
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number == "0" and not controllers:
            yield _V2, path
        elif "memory" in controllers.split(","):
            yield _V1, path


def _folders(system: System, version: _Version, path: str) -> Iterator[str]:
    """The group's folder and its parents', up to the mount.

    In a container the path may be the host's, of which only the mount itself is seen here: then it alone
    counts.
    """
    inside = [part for part in PurePosixPath(path).parts if part not in ("/", "..")]
    for mount in version.mounts:
        for depth in range(len(inside), -1, -1):
            folder = "/".join([mount, *inside[:depth]])
            if system.exists(folder):
                yield folder


def _statistics(system: System, folder: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in (system.text(f"{folder}/memory.stat") or "").splitlines():
        key, _, value = line.partition(" ")
        if value.isdigit():
            found[key] = int(value)
    return found


def memory_limit(system: System) -> MemoryLimit | None:
    """What control groups leave to this process; None where none limits it."""
    limit: int | None = None
    available: int | None = None
    where = ""
    for version, path in _groups(system):
        for folder in _folders(system, version, path):
            most = system.number(f"{folder}/{version.limit}")  # "max" is no number
            if most is None or most >= _NO_LIMIT:
                continue
            used = system.number(f"{folder}/{version.usage}") or 0
            statistics = _statistics(system, folder)
            kept = max(0, used - sum(statistics.get(key, 0) for key in version.droppable))
            left = max(0, most - kept)
            available = left if available is None else min(available, left)
            if limit is None or most < limit:
                limit, where = most, f"{folder}/{version.limit}"
    if limit is None or available is None:
        return None
    return MemoryLimit(limit, available, where)
