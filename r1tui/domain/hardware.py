"""A machine as sizing sees it: memory, processor, GPUs, disk, and where each figure came from.

Sizes are bytes, bandwidths bytes a second.
"""

from __future__ import annotations

from dataclasses import replace

from r1tui.domain.bandwidth import cpu_bandwidth, gpu_bandwidth
from r1tui.domain.dataclass import dataclass
from r1tui.domain.kv_cache import KvCache
from r1tui.domain.phrase import Phrase, phrase

GIB = 1 << 30

STATED = phrase("hardware.source.stated")


@dataclass(frozen=True, slots=True)
class Memory:
    """Main memory, in bytes."""

    total: int
    available: int
    """What can be had now without swapping, inside the limit of a container."""
    limit: int | None = None
    """The smallest limit of the control groups this process is in; None for none."""
    reclaimable: int = 0
    """A cache that `available` does not count (ZFS's ARC above its minimum); given back under pressure."""
    held: int = 0
    """Bytes that Ollama's own runners hold and give back when another model is loaded."""
    source: Phrase = STATED
    limit_source: Phrase | None = None

    @property
    def bound(self) -> int:
        """Total, or the limit where that is smaller."""
        return self.total if self.limit is None else min(self.total, self.limit)

    @property
    def reserve(self) -> int:
        """Left to the rest of the machine: half a GiB, or 5 % of the total where that is more."""
        return max(GIB // 2, self.bound * 5 // 100)

    @property
    def free(self) -> int:
        """Available now, with what Ollama would give back, within the limit."""
        return min(self.available + self.held, self.bound)

    @property
    def budget(self) -> int:
        """What a model may take now."""
        return max(0, self.free - self.reserve)

    @property
    def ceiling(self) -> int:
        """What a model may take once everything else that can be ended has ended."""
        return max(0, self.bound - self.reserve)


@dataclass(frozen=True, slots=True)
class Processor:
    """The CPU: its name, its cores and the bandwidth of its memory."""

    name: str = ""
    cores: int = 0
    """Physical cores; 0 where not known."""
    bandwidth: float | None = None
    """Measured or stated; None to look it up by name."""
    source: Phrase = STATED
    bandwidth_source: Phrase | None = None

    def speed(self) -> tuple[float, Phrase]:
        """Memory bandwidth to reckon with, and where it comes from."""
        if self.bandwidth:
            return self.bandwidth, self.bandwidth_source or STATED
        figure, known = cpu_bandwidth(self.name)
        return figure, phrase("hardware.source.table") if known else phrase("hardware.source.class")


@dataclass(frozen=True, slots=True)
class Gpu:
    """A graphics processor and the memory that it has."""

    vendor: str
    """`nvidia`, `amd`, `intel` or `apple`."""
    name: str = ""
    total: int = 0
    free: int | None = None
    """None where the driver tells only the total."""
    bandwidth: float | None = None
    """Stated; None to look it up by name."""
    usable: bool = True
    """Whether Ollama would use it; if not, all is as without it."""
    unified: bool = False
    """Its memory is the machine's main memory: `total` is the part that it may take."""
    source: Phrase = STATED
    unusable: Phrase | None = None
    """Why it is not usable."""
    flash_attention: bool = True
    """Whether Ollama has flash attention on it, without which a context is kept in f16."""

    @property
    def room(self) -> int:
        """Bytes to reckon with now: what is free, or nine tenths of a total whose use is not known."""
        return self.total * 9 // 10 if self.free is None else self.free

    def speed(self) -> tuple[float, Phrase]:
        """Memory bandwidth to reckon with, and where it comes from."""
        if self.bandwidth:
            return self.bandwidth, STATED
        figure, known = gpu_bandwidth(self.vendor, self.name, self.unified)
        return figure, phrase("hardware.source.table") if known else phrase("hardware.source.class")


@dataclass(frozen=True, slots=True)
class Disk:
    """Where Ollama keeps its models."""

    path: str
    free: int
    source: Phrase = STATED


@dataclass(frozen=True, slots=True)
class HardwareProfile:
    """All of it. What could not be read is None or empty, with a word in `notes`."""

    memory: Memory | None = None
    swap_free: int = 0
    cpu: Processor = Processor()
    gpus: tuple[Gpu, ...] = ()
    disk: Disk | None = None
    local: bool = True
    """Whether the server runs on this machine; if not, none of these figures is the server's."""
    looking: bool = False
    """GPUs are still being looked for: no recommendation is final."""
    stated: bool = False
    """Stated by the user instead of read."""
    notes: tuple[Phrase, ...] = ()
    """What is peculiar about this machine (a virtual one, a container), and what could not be read."""
    kv_cache: KvCache = KvCache.F16
    """How the server here was told to keep a context, as far as that is known."""
    own_server: bool = False
    """R1TUI has started the server: its settings decide how a context is kept."""

    @property
    def usable_gpus(self) -> tuple[Gpu, ...]:
        """The GPUs that a model would be put on: one maker's; one with unified memory only if alone.

        Ollama runs a model with one maker's library at a time.
        """
        usable = [gpu for gpu in self.gpus if gpu.usable and gpu.total > 0]
        apart = [gpu for gpu in usable if not gpu.unified]
        if not apart:
            return tuple(sorted(usable, key=lambda gpu: -gpu.room)[:1])
        vendors = {gpu.vendor for gpu in apart}
        best = max(vendors, key=lambda vendor: sum(gpu.room for gpu in apart if gpu.vendor == vendor))
        return tuple(
            sorted((gpu for gpu in apart if gpu.vendor == best), key=lambda gpu: (-gpu.room, -gpu.speed()[0]))
        )

    @property
    def gpu_name(self) -> str:
        """The names of these GPUs, whichever has most room now: what their measured speed is kept under."""
        return " + ".join(sorted(gpu.name for gpu in self.usable_gpus))

    @property
    def unified(self) -> bool:
        """Whether the one usable GPU shares the main memory."""
        gpus = self.usable_gpus
        return bool(gpus) and gpus[0].unified

    @property
    def quantizes(self) -> bool:
        """Whether the server can keep a context in less than f16 wherever it would put a model here."""
        return all(gpu.flash_attention for gpu in self.usable_gpus)

    @property
    def kv_bytes(self) -> float:
        """Bytes that each number of a context takes here."""
        return (self.kv_cache if self.quantizes else KvCache.F16).bytes

    def giving_back(self, vram: int) -> HardwareProfile:
        """The same machine once loaded models have given back `vram` bytes of GPU memory."""
        gpus: list[Gpu] = []
        for gpu in self.gpus:
            if gpu.usable and gpu.free is not None and vram > 0:
                back = min(vram, gpu.total - gpu.free)
                vram -= back
                gpu = replace(gpu, free=gpu.free + back)
            gpus.append(gpu)
        return replace(self, gpus=tuple(gpus))
