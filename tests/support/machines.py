"""Machines for tests: stated ones by a few figures, recorded ones as trees of /proc and /sys files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from r1tui.domain.hardware import GIB, Disk, Gpu, HardwareProfile, Memory, Processor
from r1tui.services.machine.probe.system import System


def machine(
    total: float,
    available: float,
    bandwidth: float | None = None,
    *gpus: Gpu,
    limit: float | None = None,
    arc: float = 0,
    swap: float = 0,
    disk: float | None = None,
    remote: bool = False,
) -> HardwareProfile:
    """A machine with GiB of memory, total and available, and GB/s of bandwidth."""
    return HardwareProfile(
        Memory(
            int(total * GIB),
            int(available * GIB),
            None if limit is None else int(limit * GIB),
            int(arc * GIB),
        ),
        swap_free=int(swap * GIB),
        cpu=Processor("", 4, None if bandwidth is None else bandwidth * 1e9),
        gpus=gpus,
        disk=None if disk is None else Disk("/models", int(disk * 1e9)),
        local=not remote,
    )


def card(
    free: float, bandwidth: float | None, vendor: str = "nvidia", *, name: str = "", usable: bool = True
) -> Gpu:
    """A graphics card with GiB free and GB/s of bandwidth."""
    speed = None if bandwidth is None else bandwidth * 1e9
    return Gpu(vendor, name, int(free * GIB), int(free * GIB), speed, usable)


def unified(free: float, bandwidth: float, vendor: str = "apple") -> Gpu:
    """A GPU that may take so many GiB of the main memory."""
    return Gpu(vendor, "", int(free * GIB), int(free * GIB), bandwidth * 1e9, True, True)


class RecordedTools:
    """Stands for the tools of a machine: the command line, joined by spaces, and what it prints."""

    def __init__(self, answers: Mapping[str, str]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def __call__(self, argv: Sequence[str]) -> str | None:
        self.asked.append(" ".join(argv))
        return self.answers.get(self.asked[-1])


def recorded(
    root: Path,
    files: Mapping[str, str],
    tools: Mapping[str, str] | None = None,
    environ: Mapping[str, str] | None = None,
    platform: str = "linux",
    machine: str = "x86_64",
) -> System:
    """A machine of recorded files below `root` (and recorded tools)."""
    for name, text in files.items():
        path = root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return System(
        root, {"HOME": "/root"} | dict(environ or {}), RecordedTools(tools or {}), platform, machine
    )
