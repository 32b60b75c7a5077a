"""A stated machine: read, written, and refused with the field named."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from r1tui.domain.bandwidth import GB, cpu_bandwidth, gpu_bandwidth
from r1tui.domain.hardware_file import HardwareFileError, profile_from_dict, profile_to_dict
from r1tui.locale import say

WHOLE: dict[str, Any] = {
    "memory": {"total": 16 << 30, "available": 12 << 30, "limit": None, "reclaimable": 0},
    "swap": {"free": 1 << 30},
    "cpu": {"name": "Intel(R) N100", "bandwidth": None},
    "gpus": [
        {
            "vendor": "nvidia",
            "name": "NVIDIA GeForce RTX 3060",
            "total": 12 << 30,
            "free": 11 << 30,
            "bandwidth": None,
            "usable": True,
            "unified": False,
        }
    ],
    "disk": {"path": "/var/lib/ollama", "free": 10**11},
    "server": "local",
}


def changed(field: str, value: object) -> dict[str, Any]:
    """The whole machine with one field changed; `gpus[0].free` names a card's."""
    data = copy.deepcopy(WHOLE)
    at: Any = data
    *path, last = field.replace("[0]", ".0").split(".")
    for part in path:
        at = at[int(part)] if part.isdigit() else at[part]
    at[int(last) if last.isdigit() else last] = value
    return data


def test_a_machine_is_read_and_written_back() -> None:
    profile = profile_from_dict(WHOLE)
    again = json.loads(json.dumps(profile_to_dict(profile)))
    assert again["cpu"]["bandwidth"] == 30 * GB  # looked up by name
    assert again["gpus"][0]["bandwidth"] == 360 * GB
    again["cpu"]["bandwidth"] = again["gpus"][0]["bandwidth"] = None
    assert again == WHOLE


def test_only_memory_has_to_be_stated() -> None:
    profile = profile_from_dict({"memory": {"total": 4 << 30, "available": 3 << 30}})
    assert profile.memory is not None
    assert (profile.gpus, profile.disk, profile.local, profile.swap_free) == ((), None, True, 0)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("memory", None),
        ("memory", 5),
        ("memory.total", None),
        ("memory.total", "16G"),
        ("memory.total", 0),
        ("memory.total", True),
        ("memory.total", float("nan")),
        ("memory.available", -1),
        ("memory.available", 17 << 30),
        ("memory.limit", 0),
        ("memory.reclaimable", "much"),
        ("swap.free", []),
        ("cpu.name", 100),
        ("cpu.bandwidth", 0),
        ("gpus", {"vendor": "nvidia"}),
        ("gpus[0]", "RTX"),
        ("gpus[0].vendor", "matrox"),
        ("gpus[0].vendor", None),
        ("gpus[0].total", None),
        ("gpus[0].free", 13 << 30),
        ("gpus[0].bandwidth", "fast"),
        ("gpus[0].usable", "yes"),
        ("gpus[0].unified", 1),
        ("disk.path", 7),
        ("disk.free", None),
        ("server", "cloud"),
    ],
)
def test_a_bad_field_is_named(field: str, value: object) -> None:
    with pytest.raises(HardwareFileError) as caught:
        profile_from_dict(changed(field, value))
    assert caught.value.field == field
    assert say(caught.value.phrase).startswith(f"{field}: ")


@pytest.mark.parametrize("data", [[], "x", None, 5])
def test_something_else_than_a_table_is_refused(data: object) -> None:
    with pytest.raises(HardwareFileError):
        profile_from_dict(data)


def test_a_field_that_there_is_not_is_named_and_ignored() -> None:
    profile = profile_from_dict(changed("gpus[0].bandwith", 1))
    assert any("gpus[0].bandwith" in say(note) for note in profile.notes)


def test_a_remote_server_needs_no_memory() -> None:
    profile = profile_from_dict({"server": "remote"})
    assert not profile.local
    assert profile.memory is None


@pytest.mark.parametrize(
    ("vendor", "name", "expected"),
    [
        ("nvidia", "NVIDIA GeForce RTX 3060", 360),
        ("nvidia", "NVIDIA GeForce RTX 3060 Ti", 448),
        ("nvidia", "NVIDIA GeForce RTX 3060 Laptop GPU", 336),
        ("nvidia", "NVIDIA GeForce RTX 4070 Ti SUPER", 672),
        ("nvidia", "NVIDIA A100-SXM4-80GB", 1935),
        ("nvidia", "Tesla T4", 300),
        ("nvidia", "NVIDIA GeForce GTX 1650", 128),
        ("nvidia", "GeForce RTX 3090", 936),
        ("amd", "AMD Radeon RX 7900 XTX", 960),
        ("intel", "Intel(R) Arc(TM) A770 Graphics", 512),
        ("apple", "Apple M1", 68),
        ("apple", "Apple M1 Max", 400),
        ("apple", "Apple M3 Ultra", 819),
    ],
)
def test_a_known_gpu_has_its_makers_bandwidth(vendor: str, name: str, expected: float) -> None:
    assert gpu_bandwidth(vendor, name) == (expected * GB, True)


@pytest.mark.parametrize("vendor", ["nvidia", "amd", "intel", "apple"])
def test_an_unknown_gpu_gets_a_cautious_figure(vendor: str) -> None:
    figure, known = gpu_bandwidth(vendor, "Something New 9999")
    assert not known
    assert 0 < figure <= 200 * GB


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Intel(R) N100", 30),
        ("Raspberry Pi 5 Model B Rev 1.0", 17),
        ("Raspberry Pi 4 Model B Rev 1.4", 6),
        ("11th Gen Intel(R) Core(TM) i5-1135G7 @ 2.40GHz", 45),
        ("AMD Ryzen 7 5800X 8-Core Processor", 45),
        ("AMD Ryzen AI 5 340 w/ Radeon 840M", 90),
        ("Apple M2", 100),
    ],
)
def test_a_known_processor_has_a_bandwidth(name: str, expected: float) -> None:
    assert cpu_bandwidth(name) == (expected * GB, True)


def test_an_unknown_processor_gets_a_cautious_figure() -> None:
    figure, known = cpu_bandwidth("QEMU Virtual CPU version 2.5+")
    assert not known
    assert figure <= 20 * GB
