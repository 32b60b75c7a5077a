"""AMD's and Intel's GPUs, from sysfs alone."""

from __future__ import annotations

from r1tui.domain.hardware import GIB, Gpu
from r1tui.domain.phrase import Phrase, phrase
from r1tui.services.machine.probe.system import System

_AMD, _INTEL = 0x1002, 0x8086

_STRIX_HALO = 110501
"""gfx_target_version of gfx1151, the one integrated GPU that Ollama uses."""
_INTEGRATED = {90002, 90012, 100303, 100305, 100306, 110003, 110500, 110502, 110503}
"""gfx_target_version of APUs: gfx902, gfx90c, gfx1033, gfx1035, gfx1036, gfx1103, gfx1150, gfx1152,
gfx1153.
"""
_LEAST_GFX = 90000
"""ROCm 6 begins with gfx900 (Vega)."""
_STRIX_HALO_DEVICE = 0x1586
_SMALL_VRAM = int(1.5 * GIB)
"""Where no gfx version is told: less than this with a larger GTT is a carve-out of main memory."""


def _gfx_versions(system: System) -> dict[int, int]:
    """drm render minor → gfx_target_version, as the compute driver (KFD) tells."""
    found: dict[int, int] = {}
    for path in system.glob("/sys/class/kfd/kfd/topology/nodes/*/properties"):
        values: dict[str, int] = {}
        for line in (system.text(path) or "").splitlines():
            key, _, value = line.partition(" ")
            if value.strip().isdigit():
                values[key] = int(value)
        if values.get("gfx_target_version"):
            found[values.get("drm_render_minor", -1)] = values["gfx_target_version"]
    return found


def _render_minor(system: System, card: str) -> int:
    names = system.glob(f"{card}/device/drm/renderD*")
    suffix = names[0].rsplit("renderD", 1)[1] if names else ""
    return int(suffix) if suffix.isdigit() else -1


def _amd(system: System, card: str, gfx_versions: dict[int, int]) -> Gpu:
    device = f"{card}/device"
    where = phrase("hardware.source.file", path=device)
    name = system.text(f"{device}/product_name") or ""
    vram = system.number(f"{device}/mem_info_vram_total")
    if vram is None:
        why = phrase("hardware.gpu.no_driver", vendor="AMD")
        return Gpu("amd", name or "AMD", 0, None, None, False, False, where, why)
    used = system.number(f"{device}/mem_info_vram_used")
    gtt = system.number(f"{device}/mem_info_gtt_total") or 0
    gfx = gfx_versions.get(_render_minor(system, card), 0)
    if gfx == _STRIX_HALO or system.number(f"{device}/device") == _STRIX_HALO_DEVICE:
        # Main memory in two parts: a fixed one and one that grows; the larger is what the compute library
        # offers.
        if gtt > vram:
            vram, used = gtt, system.number(f"{device}/mem_info_gtt_used")
        free = None if used is None else max(0, vram - used)
        return Gpu("amd", name or "Radeon 8060S (gfx1151)", vram, free, None, True, True, where)
    why_not: Phrase | None = None
    if gfx in _INTEGRATED or (not gfx and vram < _SMALL_VRAM and gtt > vram):
        why_not = phrase("hardware.gpu.integrated", name=name or "AMD Radeon")
    elif gfx and gfx < _LEAST_GFX:
        why_not = phrase("hardware.gpu.amd_old", name=name or "AMD Radeon")
    free = None if used is None else max(0, vram - used)
    shown = name or (
        f"AMD Radeon (gfx{gfx // 10000}{gfx // 100 % 100:x}{gfx % 100:x})" if gfx else "AMD Radeon"
    )
    return Gpu("amd", shown, vram, free, None, why_not is None, False, where, why_not)


def _intel(system: System, card: str) -> Gpu:
    sizes = [
        system.number(path) or 0 for path in system.glob(f"{card}/device/tile*/physical_vram_size_bytes")
    ]
    total = sum(sizes) or system.number(f"{card}/lmem_total_bytes") or 0
    where = phrase("hardware.source.file", path=f"{card}/device")
    if not total:
        why = phrase("hardware.gpu.integrated", name="Intel")
        return Gpu("intel", "Intel", 0, None, None, False, True, where, why)
    return Gpu("intel", "Intel Arc", total, None, None, True, False, where)


def probe_drm(system: System) -> list[Gpu]:
    """AMD's and Intel's GPUs; integrated ones are told of, and not usable unless Ollama uses them."""
    found: list[Gpu] = []
    gfx_versions: dict[int, int] | None = None
    for path in system.glob("/sys/class/drm/card[0-9]*/device/vendor"):
        card = path.removesuffix("/device/vendor")
        if "-" in card.rsplit("/", 1)[1]:  # a connector, such as card0-HDMI-A-1
            continue
        vendor = system.number(path)
        if vendor == _AMD:
            gfx_versions = _gfx_versions(system) if gfx_versions is None else gfx_versions
            found.append(_amd(system, card, gfx_versions))
        elif vendor == _INTEL:
            found.append(_intel(system, card))
    return found
