"""The processor, the kind of machine, and Apple Silicon."""

from __future__ import annotations

from dataclasses import replace

from r1tui.domain.hardware import GIB, Gpu, Memory, Processor
from r1tui.domain.phrase import Phrase, phrase
from r1tui.services.machine.probe.system import System

_LARGE_MAC = 36 * GIB
"""From this much memory on, macOS lets the GPU have three quarters of it, else two thirds."""


def probe_cpu(system: System) -> Processor:
    """Name and physical cores. Boards without a name for their processor give the board's."""
    if system.platform == "darwin":
        name = (system.run(("sysctl", "-n", "machdep.cpu.brand_string")) or "").strip()
        count = (system.run(("sysctl", "-n", "hw.physicalcpu")) or "").strip()
        return Processor(
            name, int(count) if count.isdigit() else 0, source=phrase("hardware.source.file", path="sysctl")
        )
    name, source = "", "/proc/cpuinfo"
    cores: set[tuple[str, str]] = set()
    processors = 0
    package = ""
    for line in (system.text("/proc/cpuinfo") or "").splitlines():
        key, _, value = line.partition(":")
        key, value = key.strip(), value.strip()
        if key == "processor":
            processors += 1
        elif key in ("model name", "Model") and not name:
            name = value
        elif key == "physical id":
            package = value
        elif key == "core id":
            cores.add((package, value))
    board = system.text("/proc/device-tree/model")
    if board and (not name or "raspberry" in board.lower()):
        name, source = board, "/proc/device-tree/model"
    return Processor(name, len(cores) or processors, source=phrase("hardware.source.file", path=source))


def probe_notes(system: System) -> tuple[Phrase, ...]:
    """What is peculiar: a board, a virtual machine's memory, a container."""
    found = []
    if "microsoft" in (system.text("/proc/sys/kernel/osrelease") or "").lower():
        found.append(phrase("hardware.note.wsl"))
    if "container=lxc" in (system.text("/proc/1/environ") or "") or "lxcfs" in (
        system.text("/proc/mounts") or ""
    ):
        found.append(phrase("hardware.note.lxc"))
    return tuple(found)


def probe_apple(system: System, memory: Memory | None) -> list[Gpu]:
    """The GPU of Apple Silicon: the part of memory that macOS lets it have."""
    if system.platform != "darwin" or system.machine != "arm64":
        return []
    answer = (system.run(("sysctl", "-n", "hw.memsize")) or "").strip()
    if not answer.isdigit():
        return []
    size = int(answer)
    wired = (system.run(("sysctl", "-n", "iogpu.wired_limit_mb")) or "").strip()
    if wired.isdigit() and int(wired) > 0:
        total, source = int(wired) << 20, phrase("hardware.source.file", path="sysctl iogpu.wired_limit_mb")
    else:
        total = size * 3 // 4 if size >= _LARGE_MAC else size * 2 // 3
        source = phrase("hardware.source.wired")
    free = min(total, memory.available) if memory else total
    gpu = Gpu("apple", "", total, free, None, True, True, source)
    return [replace(gpu, name=probe_cpu(system).name)]
