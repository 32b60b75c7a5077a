"""NVIDIA's GPUs: by NVML, else by `nvidia-smi`."""

from __future__ import annotations

import csv
import io
from typing import Any

from r1tui.domain.hardware import Gpu
from r1tui.domain.phrase import Phrase, phrase
from r1tui.services.machine.probe.system import System

_LEAST_CAPABILITY = 5.0
_DRIVER = 550
_DRIVER_OLD_CARDS = 570
"""For compute capability 5.x and 6.x, whose CUDA libraries Ollama builds with a newer toolkit."""
_SMI = ("nvidia-smi", "--format=csv,noheader,nounits")
_FIELDS = "name,memory.total,memory.free,driver_version"


def unusable(capability: float | None, driver: str) -> Phrase | None:
    """Why Ollama would not use a card of this compute capability with this driver; None where it does."""
    if capability is not None and capability < _LEAST_CAPABILITY:
        return phrase("hardware.gpu.too_old", capability=f"{capability:.1f}")
    major = int(driver.split(".")[0]) if driver.split(".")[0].isdigit() else None
    wanted = _DRIVER_OLD_CARDS if capability is not None and capability < 7 else _DRIVER
    if major is not None and major < wanted:
        return phrase("hardware.gpu.old_driver", driver=driver, wanted=wanted)
    return None


def has_flash_attention(capability: float | None) -> bool:
    """Whether Ollama has flash attention on a card of this compute capability (`ml/device.go`)."""
    return capability is None or (capability >= 7 and capability != 7.2)


def _gpu(
    name: str,
    memory: tuple[int, int] | None,
    why: Phrase | None,
    source: str,
    main: tuple[int, int],
    capability: float | None = None,
) -> Gpu:
    """A card; without memory of its own (Jetson, GB10) it takes the main memory's `(total, available)`."""
    total, free = memory or main
    where, flash = phrase("hardware.source.file", path=source), has_flash_attention(capability)
    return Gpu(
        "nvidia", name, total, free, None, why is None and total > 0, memory is None, where, why, flash
    )


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _library() -> Any:
    try:
        import pynvml
    except ImportError:
        return None
    return pynvml


def by_nvml(main: tuple[int, int], nvml: Any = None) -> list[Gpu] | None:
    """Cards that NVML tells of; None without the library or a driver."""
    nvml = nvml or _library()
    if nvml is None:
        return None
    try:
        nvml.nvmlInit()
    except nvml.NVMLError:
        return None
    try:
        driver = _text(nvml.nvmlSystemGetDriverVersion())
        handles = [nvml.nvmlDeviceGetHandleByIndex(index) for index in range(nvml.nvmlDeviceGetCount())]
        return [gpu for handle in handles for gpu in _cards(nvml, handle, driver, main)]
    except nvml.NVMLError:
        return None
    finally:
        nvml.nvmlShutdown()


def _cards(nvml: Any, handle: Any, driver: str, main: tuple[int, int]) -> list[Gpu]:
    """One card, or its MIG instances: CUDA gives a process one of them, so only the largest is usable."""
    name = _text(nvml.nvmlDeviceGetName(handle))
    try:
        major, minor = nvml.nvmlDeviceGetCudaComputeCapability(handle)
        capability: float | None = major + minor / 10
    except nvml.NVMLError:
        capability = None
    why = unusable(capability, driver)
    parts = _instances(nvml, handle)
    if not parts:
        return [_gpu(name, _memory(nvml, handle), why, "NVML", main, capability)]
    sizes = [(_memory(nvml, part) or (0, 0)) for part in parts]
    largest = max(range(len(parts)), key=lambda index: sizes[index])
    apart = phrase("hardware.gpu.mig")
    return [
        _gpu(f"{name} MIG", size, why if index == largest else apart, "NVML", main, capability)
        for index, size in enumerate(sizes)
    ]


def _instances(nvml: Any, handle: Any) -> list[Any]:
    try:
        current, _ = nvml.nvmlDeviceGetMigMode(handle)
        if not current:
            return []
        found = []
        for index in range(nvml.nvmlDeviceGetMaxMigDeviceCount(handle)):
            try:
                found.append(nvml.nvmlDeviceGetMigDeviceHandleByIndex(handle, index))
            except nvml.NVMLError:
                continue
        return found
    except nvml.NVMLError:
        return []


def _memory(nvml: Any, handle: Any) -> tuple[int, int] | None:
    try:
        memory = nvml.nvmlDeviceGetMemoryInfo(handle)
    except nvml.NVMLError:
        return None  # not supported: no memory of its own
    return (int(memory.total), int(memory.free)) if memory.total else None


def by_smi(system: System, main: tuple[int, int]) -> list[Gpu] | None:
    """Cards that `nvidia-smi` tells of; None where it is not there or fails."""
    answer = system.run((*_SMI, f"--query-gpu={_FIELDS},compute_cap"))
    if answer is None:  # drivers before 510 do not know compute_cap
        answer = system.run((*_SMI, f"--query-gpu={_FIELDS}"))
    if answer is None:
        return None
    found = []
    for row in csv.reader(io.StringIO(answer), skipinitialspace=True):
        if len(row) < 4:
            continue
        name, total, free, driver = row[:4]
        capability = float(row[4]) if len(row) > 4 and row[4].replace(".", "").isdigit() else None
        memory = (int(total) << 20, int(free) << 20) if total.isdigit() and free.isdigit() else None
        found.append(_gpu(name, memory, unusable(capability, driver), "nvidia-smi", main, capability))
    return found


def _seen(system: System) -> bool:
    """Whether there can be a card of theirs: asking the library where there is none costs memory and time."""
    if any(
        system.exists(path) for path in ("/proc/driver/nvidia", "/dev/nvidiactl", "/dev/dxg", "/dev/nvgpu")
    ):
        return True
    return any(system.number(path) == 0x10DE for path in system.glob("/sys/bus/pci/devices/*/vendor"))


def probe_nvidia(system: System, main: tuple[int, int], nvml: Any = None) -> list[Gpu]:
    """All of NVIDIA's cards here; one without a working driver is told of and not usable."""
    if nvml is None and not _seen(system):
        return []
    found = by_nvml(main, nvml)
    if found is None:
        found = by_smi(system, main)
    if found is not None:
        return found
    cards = [
        path
        for path in system.glob("/sys/bus/pci/devices/*/vendor")
        if system.number(path) == 0x10DE and (system.number(path.replace("vendor", "class")) or 0) >> 16 == 3
    ]
    where, why = (
        phrase("hardware.source.file", path="/sys/bus/pci"),
        phrase("hardware.gpu.no_driver", vendor="NVIDIA"),
    )
    return [Gpu("nvidia", "NVIDIA", 0, None, None, False, False, where, why) for _ in cards]
