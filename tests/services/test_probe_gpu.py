"""GPUs as drivers, tools and sysfs tell of them, for each kind of card in the field."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from r1tui.domain.bandwidth import GB
from r1tui.domain.hardware import GIB, Gpu, Memory
from r1tui.locale import say
from r1tui.services.machine.probe.drm import probe_drm
from r1tui.services.machine.probe.nvidia import has_flash_attention, probe_nvidia
from r1tui.services.machine.probe.platform import probe_apple
from tests.support.machines import recorded

MAIN = (16 * GIB, 12 * GIB)


class NVMLError(Exception):
    """As the library's."""


class Nvml:
    """Stands for the library: cards as (name, total, free, capability), sizes in GiB; None where not
    supported.
    """

    NVMLError = NVMLError

    def __init__(
        self,
        cards: Sequence[tuple[str, float | None, float, tuple[int, int]]],
        driver: str = "570.86.15",
        mig: Any = (),
    ) -> None:
        self.cards, self.driver, self.mig = cards, driver, mig
        self.shut = False

    def nvmlInit(self) -> None: ...

    def nvmlShutdown(self) -> None:
        self.shut = True

    def nvmlSystemGetDriverVersion(self) -> str:
        return self.driver

    def nvmlDeviceGetCount(self) -> int:
        return len(self.cards)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> Any:
        return self.cards[index]

    def nvmlDeviceGetName(self, handle: Any) -> str:
        return str(handle[0])

    def nvmlDeviceGetMemoryInfo(self, handle: Any) -> Any:
        if handle[1] is None:
            raise NVMLError("not supported")
        return SimpleNamespace(total=int(handle[1] * GIB), free=int(handle[2] * GIB))

    def nvmlDeviceGetCudaComputeCapability(self, handle: Any) -> tuple[int, int]:
        return handle[3]  # type: ignore[no-any-return]

    def nvmlDeviceGetMigMode(self, handle: Any) -> tuple[int, int]:
        if not self.mig:
            raise NVMLError("not supported")
        return 1, 1

    def nvmlDeviceGetMaxMigDeviceCount(self, handle: Any) -> int:
        return 7

    def nvmlDeviceGetMigDeviceHandleByIndex(self, handle: Any, index: int) -> Any:
        if index >= len(self.mig):
            raise NVMLError("not found")
        return self.mig[index]


class NoDriver(Nvml):
    """The library without a driver."""

    def nvmlInit(self) -> None:
        raise NVMLError("driver not loaded")


def by_nvml(tmp_path: Path, nvml: Nvml) -> list[Gpu]:
    return probe_nvidia(recorded(tmp_path, {}), MAIN, nvml)


def test_a_card_by_the_library(tmp_path: Path) -> None:
    nvml = Nvml([("NVIDIA GeForce RTX 3060", 12, 11.6, (8, 6))])
    (gpu,) = by_nvml(tmp_path, nvml)
    assert (gpu.name, gpu.total, gpu.free) == ("NVIDIA GeForce RTX 3060", 12 * GIB, int(11.6 * GIB))
    assert gpu.usable
    assert not gpu.unified
    assert nvml.shut


def test_several_cards(tmp_path: Path) -> None:
    card = ("NVIDIA GeForce RTX 3090", 24, 23.5, (8, 6))
    assert [gpu.usable for gpu in by_nvml(tmp_path, Nvml([card, card]))] == [True, True]


@pytest.mark.parametrize(
    ("name", "capability", "driver", "usable"),
    [
        ("Tesla K80", (3, 7), "570.1", False),  # Kepler
        ("GeForce GTX 1650", (7, 5), "470.256.02", False),
        ("GeForce GTX 1650", (7, 5), "550.54.14", True),
        ("GeForce GTX 1060", (6, 1), "550.54.14", False),  # Pascal and Maxwell need 570
        ("GeForce GTX 1060", (6, 1), "570.86.15", True),
        ("GeForce GTX 960", (5, 2), "565.57", False),
    ],
)
def test_too_old_a_card_or_driver_is_not_usable(
    tmp_path: Path, name: str, capability: tuple[int, int], driver: str, usable: bool
) -> None:
    (gpu,) = by_nvml(tmp_path, Nvml([(name, 6, 5, capability)], driver))
    assert gpu.usable is usable
    assert (gpu.unusable is None) is usable


@pytest.mark.parametrize("name", ["Orin (nvgpu)", "NVIDIA GB10"])
def test_a_gpu_without_memory_of_its_own_takes_main_memory(tmp_path: Path, name: str) -> None:
    (gpu,) = by_nvml(tmp_path, Nvml([(name, None, 0, (8, 7))]))
    assert (gpu.unified, gpu.total, gpu.free, gpu.usable) == (True, *MAIN, True)


def test_of_mig_instances_the_largest_is_used(tmp_path: Path) -> None:
    mig = [("", 10, 9.8, ()), ("", 20, 19.5, ())]
    gpus = by_nvml(tmp_path, Nvml([("NVIDIA A100", 40, 0, (8, 0))], mig=mig))
    assert [(gpu.total // GIB, gpu.usable) for gpu in gpus] == [(10, False), (20, True)]


SMI = "nvidia-smi --format=csv,noheader,nounits --query-gpu=name,memory.total,memory.free,driver_version"
SEEN = {"/proc/driver/nvidia/version": "NVRM"}


def test_without_the_library_the_tool_is_asked(tmp_path: Path) -> None:
    row = "NVIDIA GeForce RTX 2060, 6144, 5734, 550.54.14, 7.5\nNVIDIA GB10, [N/A], [N/A], 580.95, 12.1\n"
    system = recorded(tmp_path, SEEN, {SMI + ",compute_cap": row})
    discrete, shared = probe_nvidia(system, MAIN, NoDriver([]))
    assert (discrete.total, discrete.free, discrete.usable) == (6144 << 20, 5734 << 20, True)
    assert (shared.unified, shared.total) == (True, MAIN[0])


def test_an_old_tool_that_does_not_know_compute_capability(tmp_path: Path) -> None:
    system = recorded(tmp_path, SEEN, {SMI: "Tesla K80, 11441, 11000, 470.256.02\n"})
    (gpu,) = probe_nvidia(system, MAIN, NoDriver([]))
    assert not gpu.usable
    assert gpu.unusable is not None
    assert "470.256.02" in say(gpu.unusable)


def test_a_card_without_a_driver_is_told_of(tmp_path: Path) -> None:
    device = "/sys/bus/pci/devices/0000:01:00.0"
    system = recorded(tmp_path, {f"{device}/vendor": "0x10de\n", f"{device}/class": "0x030000\n"})
    (gpu,) = probe_nvidia(system, MAIN, NoDriver([]))
    assert not gpu.usable


def test_without_any_card_of_theirs_neither_library_nor_tool_is_asked(tmp_path: Path) -> None:
    system = recorded(tmp_path, {"/sys/bus/pci/devices/0000:00:02.0/vendor": "0x8086\n"})
    assert probe_nvidia(system, MAIN) == []
    assert system.run.asked == []  # type: ignore[attr-defined]


def amd(
    vram: float, used: float, gtt: float, gfx: int | None = None, device: str = "0x7480"
) -> dict[str, str]:
    """sysfs of an AMD card, sizes in GiB."""
    base = "/sys/class/drm/card0/device"
    files = {
        f"{base}/vendor": "0x1002\n",
        f"{base}/device": f"{device}\n",
        f"{base}/mem_info_vram_total": f"{int(vram * GIB)}\n",
        f"{base}/mem_info_vram_used": f"{int(used * GIB)}\n",
        f"{base}/mem_info_gtt_total": f"{int(gtt * GIB)}\n",
        f"{base}/mem_info_gtt_used": "0\n",
        f"{base}/drm/renderD128/dev": "226:128\n",
        "/sys/class/drm/card0-HDMI-A-1/device/vendor": "0x1002\n",
    }
    if gfx is not None:
        node = "/sys/class/kfd/kfd/topology/nodes/1/properties"
        files[node] = f"cpu_cores_count 0\nsimd_count 64\ngfx_target_version {gfx}\ndrm_render_minor 128\n"
    return files


def test_an_amd_card_by_sysfs(tmp_path: Path) -> None:
    (gpu,) = probe_drm(recorded(tmp_path, amd(8, 0.5, 16, 110002)))
    assert (gpu.vendor, gpu.total, gpu.free, gpu.usable, gpu.unified) == (
        "amd",
        8 * GIB,
        int(7.5 * GIB),
        True,
        False,
    )


@pytest.mark.parametrize(("gfx", "gigabytes"), [(110000, 576), (110001, 432), (100300, 512), (90010, 1638)])
def test_an_amd_card_that_tells_only_its_chip_has_that_chips_bandwidth(
    tmp_path: Path, gfx: int, gigabytes: int
) -> None:
    (gpu,) = probe_drm(recorded(tmp_path, amd(16, 0.5, 16, gfx)))
    assert gpu.speed()[0] == gigabytes * GB


@pytest.mark.parametrize("gfx", [110003, None])
def test_an_amd_integrated_gpu_is_not_used(tmp_path: Path, gfx: int | None) -> None:
    (gpu,) = probe_drm(recorded(tmp_path, amd(0.5, 0.1, 16, gfx)))
    assert not gpu.usable


@pytest.mark.parametrize(("gfx", "device"), [(110501, "0x1586"), (None, "0x1586")])
def test_a_strix_halo_counts_with_the_larger_part_of_its_memory(
    tmp_path: Path, gfx: int | None, device: str
) -> None:
    (gpu,) = probe_drm(recorded(tmp_path, amd(0.5, 0.1, 96, gfx, device)))
    assert (gpu.usable, gpu.unified, gpu.total, gpu.free) == (True, True, 96 * GIB, 96 * GIB)


def test_an_amd_card_of_before_rocm_is_not_used(tmp_path: Path) -> None:
    (gpu,) = probe_drm(recorded(tmp_path, amd(8, 0.5, 16, 80003)))
    assert not gpu.usable


def test_an_amd_card_without_its_driver_is_told_of(tmp_path: Path) -> None:
    (gpu,) = probe_drm(recorded(tmp_path, {"/sys/class/drm/card0/device/vendor": "0x1002\n"}))
    assert not gpu.usable


@pytest.mark.parametrize("file", ["device/tile0/physical_vram_size_bytes", "lmem_total_bytes"])
def test_an_intel_arc_tells_only_its_total(tmp_path: Path, file: str) -> None:
    base = "/sys/class/drm/card1"
    system = recorded(tmp_path, {f"{base}/device/vendor": "0x8086\n", f"{base}/{file}": f"{16 * GIB}\n"})
    (gpu,) = probe_drm(system)
    assert (gpu.vendor, gpu.total, gpu.free, gpu.usable) == ("intel", 16 * GIB, None, True)
    assert gpu.room < gpu.total


def test_an_intel_integrated_gpu_is_not_used(tmp_path: Path) -> None:
    (gpu,) = probe_drm(recorded(tmp_path, {"/sys/class/drm/card0/device/vendor": "0x8086\n"}))
    assert not gpu.usable


@pytest.mark.parametrize(
    ("size", "wired", "expected"),
    [
        (8, "0\n", 8 * GIB * 2 // 3),
        (64, "0\n", 48 * GIB),
        (64, "57344\n", 56 * GIB),
        (16, None, 16 * GIB * 2 // 3),
    ],
)
def test_apple_silicon_gives_its_gpu_a_part_of_memory(
    tmp_path: Path, size: int, wired: str | None, expected: int
) -> None:
    tools = {
        "sysctl -n hw.memsize": f"{size * GIB}\n",
        "sysctl -n machdep.cpu.brand_string": "Apple M1 Max\n",
    }
    if wired is not None:
        tools["sysctl -n iogpu.wired_limit_mb"] = wired
    system = recorded(tmp_path, {}, tools, platform="darwin", machine="arm64")
    (gpu,) = probe_apple(system, Memory(size * GIB, size * GIB))
    assert (gpu.total, gpu.unified, gpu.name) == (expected, True, "Apple M1 Max")
    assert gpu.speed()[0] == 400e9


def test_an_intel_mac_has_no_such_gpu(tmp_path: Path) -> None:
    system = recorded(tmp_path, {}, {"sysctl -n hw.memsize": "1"}, platform="darwin", machine="x86_64")
    assert probe_apple(system, None) == []


@pytest.mark.parametrize(
    ("capability", "has"), [(6.1, False), (7.0, True), (7.2, False), (7.5, True), (8.9, True), (None, True)]
)
def test_flash_attention_is_counted_on_where_ollama_has_it(capability: float | None, has: bool) -> None:
    assert has_flash_attention(capability) is has
