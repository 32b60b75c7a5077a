"""A stated machine: the shape of `r1tui doctor --hardware FILE` and of `[hardware]` in the settings, both
ways.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NoReturn

from r1tui.domain.hardware import Disk, Gpu, HardwareProfile, Memory, Processor
from r1tui.domain.phrase import Phrase, PhrasedError, phrase

VENDORS = ("nvidia", "amd", "intel", "apple")

_FIELDS = {
    "": {"memory", "swap", "cpu", "gpus", "disk", "server"},
    "memory": {"total", "available", "limit", "reclaimable"},
    "swap": {"free"},
    "cpu": {"name", "bandwidth"},
    "gpus": {"vendor", "name", "total", "free", "bandwidth", "usable", "unified"},
    "disk": {"path", "free"},
}


_TOO_MUCH = 1e18
"""More bytes than any machine has: such a number, or one that is none, is a slip of the pen."""


class HardwareFileError(PhrasedError, ValueError):
    """A stated machine that cannot be used. `field` names the place, `phrase` says what would be right."""

    def __init__(self, field: str, reason: Phrase) -> None:
        super().__init__(reason)
        self.field = field


def _bad(field: str, wanted: Phrase) -> NoReturn:
    raise HardwareFileError(field, phrase("hardware.file.bad", field=field, wanted=wanted))


def _part(data: Mapping[str, object], field: str) -> Mapping[str, object] | None:
    value = data.get(field)
    if value is None:
        return None
    if not isinstance(value, Mapping):
        _bad(field, phrase("hardware.file.table"))
    return value


def _number(data: Mapping[str, object], key: str, field: str, positive: bool = False) -> float | None:
    """A number of bytes or bytes a second, None where absent or null."""
    value = data.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _TOO_MUCH:
        _bad(field, phrase("hardware.file.number"))
    if value < 0 or (positive and value == 0):
        _bad(field, phrase("hardware.file.positive"))
    return value


def _required(data: Mapping[str, object], key: str, field: str, positive: bool = False) -> int:
    value = _number(data, key, field, positive)
    if value is None:
        _bad(field, phrase("hardware.file.missing"))
    return int(value)


def _text(data: Mapping[str, object], key: str, field: str) -> str:
    value = data.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        _bad(field, phrase("hardware.file.text"))
    return value


def _flag(data: Mapping[str, object], key: str, field: str, default: bool) -> bool:
    value = data.get(key)
    if value is None:
        return default
    if not isinstance(value, bool):
        _bad(field, phrase("hardware.file.flag"))
    return value


def _memory(part: Mapping[str, object]) -> Memory:
    total = _required(part, "total", "memory.total", positive=True)
    available = _required(part, "available", "memory.available")
    if available > total:
        _bad("memory.available", phrase("hardware.file.over_total"))
    limit = _number(part, "limit", "memory.limit", positive=True)
    reclaimable = _number(part, "reclaimable", "memory.reclaimable")
    return Memory(total, available, None if limit is None else int(limit), int(reclaimable or 0))


def _gpu(value: object, at: str) -> Gpu:
    if not isinstance(value, Mapping):
        _bad(at, phrase("hardware.file.table"))
    vendor = _text(value, "vendor", f"{at}.vendor").lower()
    if vendor not in VENDORS:
        _bad(f"{at}.vendor", phrase("hardware.file.choice", choices=tuple(VENDORS)))
    total = _required(value, "total", f"{at}.total")
    free = _number(value, "free", f"{at}.free")
    if free is not None and free > total:
        _bad(f"{at}.free", phrase("hardware.file.over_total"))
    return Gpu(
        vendor,
        _text(value, "name", f"{at}.name"),
        total,
        None if free is None else int(free),
        _number(value, "bandwidth", f"{at}.bandwidth", positive=True),
        _flag(value, "usable", f"{at}.usable", True),
        _flag(value, "unified", f"{at}.unified", False),
    )


def _unknown(data: Mapping[str, object], gpus: list[object]) -> list[str]:
    """Fields that there are not, likely misspelt."""
    found = [key for key in data if key not in _FIELDS[""]]
    for name in ("memory", "swap", "cpu", "disk"):
        part = data.get(name)
        if isinstance(part, Mapping):
            found += [f"{name}.{key}" for key in part if key not in _FIELDS[name]]
    for index, gpu in enumerate(gpus):
        if isinstance(gpu, Mapping):
            found += [f"gpus[{index}].{key}" for key in gpu if key not in _FIELDS["gpus"]]
    return found


def profile_from_dict(data: object) -> HardwareProfile:
    """The machine that `data` states. Memory is required (but for a remote server), the rest may be left out.

    Raises `HardwareFileError`. Fields that there are not are named in the profile's notes and otherwise
    ignored.
    """
    if not isinstance(data, Mapping):
        _bad("memory", phrase("hardware.file.whole"))
    server = _text(data, "server", "server") or "local"
    if server not in ("local", "remote"):
        _bad("server", phrase("hardware.file.choice", choices="local, remote"))
    memory = _part(data, "memory")
    if memory is None and server == "local":
        _bad("memory", phrase("hardware.file.missing"))
    swap, cpu, disk = _part(data, "swap") or {}, _part(data, "cpu") or {}, _part(data, "disk")
    gpus = data.get("gpus")
    if gpus is not None and not isinstance(gpus, list):
        _bad("gpus", phrase("hardware.file.list"))
    return HardwareProfile(
        memory=None if memory is None else _memory(memory),
        swap_free=int(_number(swap, "free", "swap.free") or 0),
        cpu=Processor(
            _text(cpu, "name", "cpu.name"), 0, _number(cpu, "bandwidth", "cpu.bandwidth", positive=True)
        ),
        gpus=tuple(_gpu(gpu, f"gpus[{index}]") for index, gpu in enumerate(gpus or [])),
        disk=None
        if disk is None
        else Disk(_text(disk, "path", "disk.path"), _required(disk, "free", "disk.free")),
        local=server == "local",
        stated=True,
        notes=tuple(phrase("hardware.file.unknown", field=field) for field in _unknown(data, gpus or [])),
    )


def profile_of_server(data: object) -> HardwareProfile:
    """The same for a statement in the settings: it is of the server's machine, wherever that is."""
    return replace(profile_from_dict(data), local=True)


def profile_to_dict(profile: HardwareProfile) -> dict[str, object]:
    """The machine as `profile_from_dict` reads it; bandwidths are those reckoned with."""
    memory, disk = profile.memory, profile.disk
    return {
        "memory": None
        if memory is None
        else {
            "total": memory.total,
            "available": memory.available,
            "limit": memory.limit,
            "reclaimable": memory.reclaimable,
        },
        "swap": {"free": profile.swap_free},
        "cpu": {"name": profile.cpu.name, "bandwidth": profile.cpu.speed()[0]},
        "gpus": [
            {
                "vendor": gpu.vendor,
                "name": gpu.name,
                "total": gpu.total,
                "free": gpu.free,
                "bandwidth": gpu.speed()[0],
                "usable": gpu.usable,
                "unified": gpu.unified,
            }
            for gpu in profile.gpus
        ],
        "disk": None if disk is None else {"path": disk.path, "free": disk.free},
        "server": "local" if profile.local else "remote",
    }
