"""A prior for the speed of a machine whose processor is in no table: how fast its memory can be copied."""

from __future__ import annotations

import ctypes
import os
import threading
import time
from dataclasses import replace

from r1tui.domain.bandwidth import cpu_bandwidth
from r1tui.domain.hardware import HardwareProfile
from r1tui.domain.phrase import phrase

_SECONDS = 0.3
_BUFFER = 16 << 20
"""Bytes a thread copies at a time: with those of the others more than the last cache holds."""


def measure_bandwidth(threads: int | None = None) -> float:
    """Bytes a second read and written by all cores copying at once; takes about 0.4 s of every core.

    `ctypes.memmove` lets go of the interpreter's lock, so the threads do run together. A copy reads and
    writes each byte, hence twice its size. At most 4 threads, hence 128 MiB.
    """
    count = min(threads or os.cpu_count() or 1, 4)
    copied = [0] * count
    start = threading.Barrier(count)

    def labour(index: int) -> None:
        source, target = ctypes.create_string_buffer(_BUFFER), ctypes.create_string_buffer(_BUFFER)
        ctypes.memset(source, 1, _BUFFER)  # touch the pages: a page of zeros is one page
        ctypes.memset(target, 2, _BUFFER)
        start.wait()
        end = time.monotonic() + _SECONDS
        while time.monotonic() < end:
            ctypes.memmove(target, source, _BUFFER)
            copied[index] += 2 * _BUFFER

    workers = [threading.Thread(target=labour, args=(index,), daemon=True) for index in range(count)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=5)
    return sum(copied) / _SECONDS


def bandwidth_known(profile: HardwareProfile) -> bool:
    """Whether the processor's bandwidth is stated, measured or in the table: if not, measuring it is worth
    0.4 s.
    """
    return profile.cpu.bandwidth is not None or cpu_bandwidth(profile.cpu.name)[1]


def with_bandwidth(profile: HardwareProfile, bandwidth: float) -> HardwareProfile:
    """The profile with a measured bandwidth of its processor."""
    source = phrase("hardware.source.copied")
    return replace(profile, cpu=replace(profile.cpu, bandwidth=bandwidth, bandwidth_source=source))
