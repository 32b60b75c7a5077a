"""Main memory: the kernel's figures, control groups' limits, ZFS's cache, and what Ollama itself holds."""

from __future__ import annotations

from dataclasses import replace

from r1tui.domain.hardware import Memory
from r1tui.domain.phrase import phrase
from r1tui.services.machine.probe.cgroup import memory_limit
from r1tui.services.machine.probe.system import System


def _kibibytes(text: str) -> dict[str, int]:
    """`Name:  123 kB` lines as bytes."""
    found: dict[str, int] = {}
    for line in text.splitlines():
        name, _, rest = line.partition(":")
        words = rest.split()
        if words and words[0].isdigit():
            found[name] = int(words[0]) * (1024 if words[1:] == ["kB"] else 1)
    return found


def _from_psutil() -> tuple[Memory, int] | None:
    import psutil

    memory = psutil.virtual_memory()
    source = phrase("hardware.source.file", path="psutil")
    return Memory(memory.total, memory.available, source=source), psutil.swap_memory().free


def _zfs_cache(system: System) -> int:
    """Bytes of ZFS's ARC above its minimum, which MemAvailable does not count."""
    rows = dict[str, int]()
    for line in (system.text("/proc/spl/kstat/zfs/arcstats") or "").splitlines():
        words = line.split()
        if len(words) == 3 and words[2].isdigit():
            rows[words[0]] = int(words[2])
    return max(0, rows.get("size", 0) - rows.get("c_min", 0))


def read_memory(system: System | None = None) -> tuple[Memory, int] | None:
    """(memory, free swap) now, within the limits of a container; None where it cannot be read.

    Cheap enough to be asked every 2 s (a few small files): it leaves out what Ollama holds.
    """
    system = system or System()
    if system.platform != "linux":
        return _from_psutil()
    figures = _kibibytes(system.text("/proc/meminfo") or "")
    if "MemTotal" not in figures:
        return None
    total = figures["MemTotal"]
    # Kernels before 3.14 have no MemAvailable.
    available = figures.get("MemAvailable", figures.get("MemFree", 0) + figures.get("Cached", 0) // 2)
    memory = Memory(
        total,
        min(available, total),
        reclaimable=_zfs_cache(system),
        source=phrase("hardware.source.file", path="/proc/meminfo"),
    )
    group = memory_limit(system)
    if group and group.limit < total:
        # A limit as large as the machine is none.
        memory = replace(
            memory,
            limit=group.limit,
            available=min(memory.available, group.available),
            limit_source=phrase("hardware.source.limit", path=group.path),
        )
    return memory, figures.get("SwapFree", 0)


def held_by_ollama(system: System) -> int:
    """Bytes of memory, files apart, that processes named `ollama` hold: a loaded model's context and buffers.

    Weights mapped from the file are in the page cache, which the kernel counts as available already.
    """
    held = 0
    for process in system.processes():
        if system.text(f"/proc/{process}/comm") in ("ollama", "llama-server", "ollama_llama_se"):
            held += _kibibytes(system.text(f"/proc/{process}/status") or "").get("RssAnon", 0)
    return held


def probe_memory(system: System) -> tuple[Memory, int] | None:
    """Read the main memory and the free bytes of swap; None where the system does not tell them."""
    found = read_memory(system)
    if found is None or system.platform != "linux":
        return found
    return replace(found[0], held=held_by_ollama(system)), found[1]
