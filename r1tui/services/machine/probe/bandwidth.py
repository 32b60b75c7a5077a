"""A prior for the speed of a machine whose processor is in no table: how fast its memory can be copied."""

from __future__ import annotations

import ctypes
import mmap
import os
import threading
import time
from dataclasses import replace

from r1tui.domain.bandwidth import cpu_bandwidth
from r1tui.domain.dataclass import dataclass
from r1tui.domain.hardware import HardwareProfile
from r1tui.domain.phrase import phrase

_TRIES = 4
_SECONDS = 0.1
"""Of one try: the best of several short ones is the least disturbed."""
_ROUNDS = 3
_PAUSE = 0.3
"""Seconds before a round that follows a disturbed one."""
_BUFFER = 16 << 20
"""Bytes a thread copies at a time: with those of the others more than the last cache holds."""
_OURS = 0.9
"""Part of the time that the threads get of the processors on a calm machine, at least."""
_LOAD = 0.5
"""Runnable processes for each processor, over the last minute, from which a machine counts as busy."""


@dataclass(frozen=True, slots=True)
class CopySpeed:
    """How fast memory was copied."""

    bandwidth: float
    """Bytes a second, read and written."""
    calm: bool
    """Whether the machine had nothing else to do; else others took part of the bandwidth."""


def measure_bandwidth(threads: int | None = None) -> CopySpeed:
    """All cores copying at once: the best of several short tries, and of further ones where these were disturbed.

    Where the last minute was busy there are none: a minute's mean does not fall within a second, and the processors are
    wanted, perhaps by a model that answers. Whoever keeps the figure measures again at another time.

    `ctypes.memmove` lets go of the interpreter's lock, so the threads do run together. A copy reads and writes each
    byte, hence twice its size. At most 4 threads, hence 128 MiB; 0.4 s of every core, 1.2 s where it was disturbed.
    A thread's own processor time counts, not the clock: beside nine busy processes on two cores the clock gave 4 to 9
    GB/s where this gives 20 to 24.
    """
    best = CopySpeed(0.0, False)
    for number in range(_ROUNDS):
        if number:
            time.sleep(_PAUSE)
        tries = [_copy(min(threads or os.cpu_count() or 1, 4)) for _ in range(_TRIES)]
        found = max(tries, key=lambda each: each.bandwidth)
        busy = _load() >= _LOAD
        best = CopySpeed(max(best.bandwidth, found.bandwidth), found.calm and not busy)
        if found.calm or busy:
            break
    return best


def _load() -> float:
    """Runnable processes for each processor over the last minute; 0 where the system does not tell."""
    try:
        return os.getloadavg()[0] / (os.cpu_count() or 1)
    except (OSError, AttributeError):
        return 0.0


def _copy(count: int) -> CopySpeed:
    """One try with so many threads; calm where they had the processors for themselves."""
    copied, worked = [0] * count, [0.0] * count
    start = threading.Barrier(count)

    def labour(index: int) -> None:
        # Maps of their own, which the system has back at once. Memory of the C library's would be kept: once a block
        # of this size was freed, the next ones come from its heaps, and an idle app had 65 MiB more.
        with mmap.mmap(-1, _BUFFER) as source, mmap.mmap(-1, _BUFFER) as target:
            buffer = ctypes.c_char * _BUFFER
            read, written = buffer.from_buffer(source), buffer.from_buffer(target)
            ctypes.memset(read, 1, _BUFFER)  # touch the pages: a page of zeros is one page
            ctypes.memset(written, 2, _BUFFER)
            start.wait()
            began, end = time.thread_time(), time.monotonic() + _SECONDS
            while time.monotonic() < end:
                ctypes.memmove(written, read, _BUFFER)
                copied[index] += 2 * _BUFFER
            took = time.monotonic() - end + _SECONDS
            used = time.thread_time() - began
            del read, written  # a map with views of it cannot be closed
        copied[index] = round(copied[index] / (used or took))
        worked[index] = used / took

    workers = [threading.Thread(target=labour, args=(index,), daemon=True) for index in range(count)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=5)
    return CopySpeed(sum(copied), min(worked) >= _OURS)


def bandwidth_known(profile: HardwareProfile) -> bool:
    """Whether the processor's bandwidth is stated, measured or in the table: if not, measuring it is worth
    0.4 s.
    """
    return profile.cpu.bandwidth is not None or cpu_bandwidth(profile.cpu.name)[1]


def with_bandwidth(profile: HardwareProfile, bandwidth: float) -> HardwareProfile:
    """The profile with a measured bandwidth of its processor."""
    source = phrase("hardware.source.copied")
    return replace(profile, cpu=replace(profile.cpu, bandwidth=bandwidth, bandwidth_source=source))
