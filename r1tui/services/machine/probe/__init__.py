"""Readings of this machine, each with its source.

`probe` first tells what files say (within half a second), then what drivers and tools say (within five).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from r1tui.domain.hardware import Disk, Gpu, HardwareProfile, Memory, Processor
from r1tui.domain.phrase import Phrase, phrase
from r1tui.services.machine.probe.bandwidth import bandwidth_known, measure_bandwidth, with_bandwidth
from r1tui.services.machine.probe.disk import probe_disk
from r1tui.services.machine.probe.drm import probe_drm
from r1tui.services.machine.probe.memory import probe_memory
from r1tui.services.machine.probe.nvidia import probe_nvidia
from r1tui.services.machine.probe.platform import probe_apple, probe_cpu, probe_notes
from r1tui.services.machine.probe.system import FILES_SECONDS, TOOLS_SECONDS, System, bounded

__all__ = [
    "System",
    "bandwidth_known",
    "probe",
    "probe_memory",
    "probe_stages",
    "with_bandwidth",
]


def _gpus(system: System, memory: Memory | None, nvml: Any) -> list[Gpu]:
    main = (memory.bound, min(memory.available, memory.bound)) if memory else (0, 0)
    return [*probe_nvidia(system, main, nvml), *probe_drm(system), *probe_apple(system, memory)]


def _unread(memory: Memory | None, disk: Disk | None) -> tuple[Phrase, ...]:
    """A stated unknown for each reading that failed."""
    found = []
    if memory is None:
        found.append(phrase("hardware.note.no_memory"))
    if disk is None:
        found.append(phrase("hardware.note.no_disk"))
    return tuple(found)


async def probe_stages(
    system: System | None = None,
    *,
    local: bool = True,
    models: Path | None = None,
    nvml: Any = None,
) -> AsyncIterator[HardwareProfile]:
    """This machine, twice: with `looking` set and no GPU yet, then with the GPUs.

    `local` says whether the server is on this machine, `models` the folder of a server of our own.
    Nothing is raised: what fails or hangs is left out and named in the notes.
    """
    system = system or System()
    memory, cpu, disk, notes = await asyncio.gather(
        bounded(lambda: probe_memory(system), FILES_SECONDS),
        bounded(lambda: probe_cpu(system), FILES_SECONDS),
        bounded(lambda: probe_disk(system, models), FILES_SECONDS),
        bounded(lambda: probe_notes(system), FILES_SECONDS),
    )
    main = memory[0] if memory else None
    profile = HardwareProfile(
        memory=main,
        swap_free=memory[1] if memory else 0,
        cpu=cpu or Processor(),
        disk=disk,
        local=local,
        looking=True,
        notes=(*(notes or ()), *_unread(main, disk)),
    )
    yield profile
    gpus = await bounded(lambda: _gpus(system, main, nvml), TOOLS_SECONDS)
    notes = profile.notes
    if gpus is None:
        notes = (*notes, phrase("hardware.note.no_gpus"))
    elif any(gpu.vendor == "intel" and gpu.usable for gpu in gpus):
        notes = (*notes, phrase("hardware.note.vulkan"))
    yield replace(profile, gpus=tuple(gpus or ()), looking=False, notes=notes)


async def probe(
    system: System | None = None,
    *,
    local: bool = True,
    models: Path | None = None,
    nvml: Any = None,
    measure: bool = False,
) -> HardwareProfile:
    """This machine, once all is known (see `probe_stages`).

    `measure` copies memory, with up to four cores, where the processor is in no table (see `measure_bandwidth`).
    """
    profile = HardwareProfile()
    async for stage in probe_stages(system, local=local, models=models, nvml=nvml):
        profile = stage
    if measure and local and not bandwidth_known(profile):
        copied = await bounded(measure_bandwidth, TOOLS_SECONDS)
        profile = with_bandwidth(profile, copied.bandwidth) if copied else profile
    return profile
