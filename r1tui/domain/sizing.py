"""Memory that a model needs and tokens a second that it makes, for a context length and a machine.

The formulas are derived from llama.cpp's allocations and checked against measurements
(`tests/real/test_sizing.py`): weights as the file is, keys and values of every layer for each token of the
context, and a compute buffer that holds the logits and activations of one batch. Speed is bound by memory
bandwidth: each token reads all weights but the token embedding, and the context filled so far.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from r1tui.domain.calibration import Calibration
from r1tui.domain.catalogue import ModelShape
from r1tui.domain.dataclass import dataclass
from r1tui.domain.hardware import GIB, Gpu, HardwareProfile
from r1tui.domain.kv_cache import KvCache

NUM_CTX = 8192
"""Context length, in tokens, that a reasoning model is comfortable with."""
NUM_CTX_LEAST = 4096
"""The least that still holds a reasoned answer."""
NUM_BATCH = 512
"""Sent with every request: servers from 0.30 on choose up to 2048 by themselves, which costs memory."""

REDUCED_CTX, REDUCED_BATCH = 2048, 128
"""The last resort where nothing else fits."""

ALLOWANCE = int(0.35 * GIB)
"""For the server and its runner, on the CPU."""
GPU_MARGIN = GIB
"""Left free on a GPU, where the allowance does not apply: driver, context, fragmentation."""
FURTHER_GPU = int(1.3 * GIB)
"""What each GPU after the first costs besides: its own compute buffer and margin."""
LEAST_SHARE = 0.1
"""A smaller part of a model is not worth putting on a GPU."""

TYPICAL_FILL = 2048
"""Tokens of context filled in the middle of a typical answer."""
TYPICAL_ANSWER = 1200
"""Tokens of a typical answer, reasoning included."""

_EFFICIENCY_GPU = 0.65
_EFFICIENCY_CPU = 0.6
_EFFICIENCY_UNIFIED = 0.5


class Basis(StrEnum):
    """Where a speed is known from."""

    MEASURED = "measured"
    """Answers of this very model on this processor."""
    FROM_MEASURED = "from measured"
    """Answers of another model, scaled by what is read for a token."""
    ESTIMATED = "estimated"
    """The memory's bandwidth, stated or guessed."""


_SPREADS = {Basis.MEASURED: 0.15, Basis.FROM_MEASURED: 0.25, Basis.ESTIMATED: 0.4}
"""Half the width of the range, as a part of the speed."""


class Placement(StrEnum):
    """Which processor a model runs on."""

    GPU = "gpu"
    SPLIT = "split"
    CPU = "cpu"


@dataclass(frozen=True, slots=True)
class MemoryNeed:
    """A sum of bytes, term by term."""

    weights: int
    context: int
    work: int
    allowance: int
    """The server's allowance, the GPUs' margin, or both in a split."""

    @property
    def total(self) -> int:
        """Bytes of all terms together."""
        return self.weights + self.context + self.work + self.allowance


@dataclass(frozen=True, slots=True)
class SpeedEstimate:
    """Tokens a second, as a range."""

    low: float
    expected: float
    high: float
    basis: Basis = Basis.ESTIMATED

    @property
    def wait_seconds(self) -> float:
        """For a typical answer."""
        return TYPICAL_ANSWER / self.expected


@dataclass(frozen=True, slots=True)
class Fit:
    """One way to place a model on a machine."""

    placement: Placement
    need: MemoryNeed
    have: int
    """Bytes that the model may take there now."""
    speed: SpeedEstimate
    fits: bool
    share: float = 0.0
    """Part of the model on GPUs."""


def need(
    shape: ModelShape, num_ctx: int, *, num_batch: int = NUM_BATCH, parallel: int = 1, kv_bytes: float = 2.0
) -> MemoryNeed:
    """Main memory that a model takes on the CPU. `kv_bytes`: f16 2, q8_0 1.06, q4_0 0.56."""
    return MemoryNeed(
        weights=shape.file_bytes,
        context=int(shape.kv_values * num_ctx * parallel * kv_bytes),
        work=4 * num_batch * (shape.hidden + shape.vocabulary) + 2 * num_batch * num_ctx,
        allowance=ALLOWANCE,
    )


def kept(shape: ModelShape, profile: HardwareProfile) -> float:
    """Bytes that each number of a model's context takes on a machine."""
    return profile.kv_bytes if shape.quantizable else KvCache.F16.bytes


def gpu_need(
    shape: ModelShape, num_ctx: int, gpus: int = 1, *, num_batch: int = NUM_BATCH, kv_bytes: float = 2.0
) -> MemoryNeed:
    """Memory that a model takes on `gpus` GPUs together, when it is there as a whole."""
    whole = need(shape, num_ctx, num_batch=num_batch, kv_bytes=kv_bytes)
    return MemoryNeed(
        whole.weights - shape.embedding_bytes,
        whole.context,
        whole.work,
        GPU_MARGIN + FURTHER_GPU * (gpus - 1),
    )


def bytes_per_token(shape: ModelShape, fill: float = TYPICAL_FILL) -> float:
    """Bytes read from memory to make one token, with `fill` tokens in the context."""
    return shape.file_bytes - shape.embedding_bytes + shape.kv_values * 2 * fill


def _estimate(seconds: float, basis: Basis) -> SpeedEstimate:
    rate = 1 / seconds
    spread = _SPREADS[basis]
    return SpeedEstimate(rate * (1 - spread), rate, rate * (1 + spread), basis)


def _effective(calibration: Calibration | None, processor: str, model: str) -> tuple[float | None, Basis]:
    """Bandwidth in effect, as far as answers have told, and whether it was this model that told it."""
    rate = calibration.effective(processor, model) if calibration else None
    if calibration is None or rate is None:
        return None, Basis.ESTIMATED
    return rate, Basis.MEASURED if calibration.answered(processor, model) else Basis.FROM_MEASURED


def _cpu_seconds(
    shape: ModelShape, profile: HardwareProfile, calibration: Calibration | None
) -> tuple[float, Basis]:
    """Seconds a token on the CPU, and where that is known from."""
    effective, basis = _effective(calibration, "cpu", shape.name)
    rate = effective or profile.cpu.speed()[0] * _EFFICIENCY_CPU
    return bytes_per_token(shape) / rate, basis


def _gpu_seconds(
    shape: ModelShape, gpus: Sequence[Gpu], calibration: Calibration | None
) -> tuple[float, Basis]:
    """Seconds a token on GPUs: they work one after another, and the slowest sets the pace."""
    effective, basis = _effective(calibration, "gpu", shape.name)
    efficiency = _EFFICIENCY_UNIFIED if gpus[0].unified else _EFFICIENCY_GPU
    rate = effective or min(gpu.speed()[0] for gpu in gpus) * efficiency
    return bytes_per_token(shape) / rate, basis


def on_cpu(
    shape: ModelShape,
    num_ctx: int,
    profile: HardwareProfile,
    calibration: Calibration | None = None,
    slack: int = 0,
) -> Fit | None:
    """The model in main memory; None where that is not known. `slack` bytes too much still fit."""
    if profile.memory is None:
        return None
    takes, have = need(shape, num_ctx, kv_bytes=kept(shape, profile)), profile.memory.budget
    speed = _estimate(*_cpu_seconds(shape, profile, calibration))
    return Fit(Placement.CPU, takes, have, speed, takes.total <= have + slack)


def on_gpus(
    shape: ModelShape,
    num_ctx: int,
    profile: HardwareProfile,
    calibration: Calibration | None = None,
    slack: int = 0,
) -> Fit | None:
    """The model as a whole on as few GPUs as hold it; None without a usable GPU."""
    gpus = profile.usable_gpus
    fit = None
    for count in range(1, len(gpus) + 1):
        takes = gpu_need(shape, num_ctx, count, kv_bytes=kept(shape, profile))
        have = sum(gpu.room for gpu in gpus[:count])
        speed = _estimate(*_gpu_seconds(shape, gpus[:count], calibration))
        fit = Fit(Placement.GPU, takes, have, speed, takes.total <= have + slack, 1.0)
        if fit.fits:
            break
    return fit


def on_both(
    shape: ModelShape,
    num_ctx: int,
    profile: HardwareProfile,
    calibration: Calibration | None = None,
    slack: int = 0,
) -> Fit | None:
    """The model split between discrete GPUs and the CPU; None where there is nothing to split between."""
    gpus = profile.usable_gpus
    if not gpus or profile.unified or profile.memory is None:
        return None
    takes = need(shape, num_ctx, kv_bytes=kept(shape, profile))
    margin = GPU_MARGIN + FURTHER_GPU * (len(gpus) - 1)
    free = sum(gpu.room for gpu in gpus)
    movable = takes.weights - shape.embedding_bytes + takes.context
    share = min(1.0, (free - margin - takes.work) / movable)
    rest = (1 - share) * movable + shape.embedding_bytes + ALLOWANCE
    fits = share > LEAST_SHARE and rest <= profile.memory.budget + slack
    cpu, cpu_basis = _cpu_seconds(shape, profile, calibration)
    gpu, gpu_basis = _gpu_seconds(shape, gpus, calibration)
    # Answers of a split model teach nothing of either processor: it is never measured itself.
    known = Basis.ESTIMATED not in (cpu_basis, gpu_basis)
    held = max(share, 0.0)
    speed = _estimate(held * gpu + (1 - held) * cpu, Basis.FROM_MEASURED if known else Basis.ESTIMATED)
    total = MemoryNeed(takes.weights, takes.context, takes.work, ALLOWANCE + margin)
    return Fit(Placement.SPLIT, total, free + profile.memory.budget, speed, fits, held)


LENGTHS = (2048, 4096, 8192, 16384, 32768, 65536, 131072)
"""Context lengths offered, in tokens."""


def best_fit(shape: ModelShape, num_ctx: int, profile: HardwareProfile) -> Fit | None:
    """The first way to place a model that fits, else the last that there is; None where the machine is not known."""
    fits = [on_gpus(shape, num_ctx, profile)]
    if not profile.unified:
        fits += [on_both(shape, num_ctx, profile), on_cpu(shape, num_ctx, profile)]
    known = [fit for fit in fits if fit is not None]
    return next((fit for fit in known if fit.fits), known[-1] if known else None)


def longer_context(shape: ModelShape, than: int, profile: HardwareProfile) -> int:
    """The next length beyond `than` that the model knows and the memory has; 0 where there is none."""
    for length in LENGTHS:
        if length > than and length <= shape.context_length:
            fit = best_fit(shape, length, profile)
            return length if fit is not None and fit.fits else 0
    return 0


def size_request(shape: ModelShape, profile: HardwareProfile | None) -> tuple[int, int]:
    """The context length and the batch to send for a model: 8192 where it fits, else 4096, in batches of 512; where
    that would swap and the last resort does not, that. Never more context than the model knows.

    Where the machine is not known (a server elsewhere) 4096.
    """
    most = shape.context_length
    if profile is None or not profile.local:
        return min(NUM_CTX_LEAST, most), NUM_BATCH
    for length in (NUM_CTX, NUM_CTX_LEAST):
        fit = best_fit(shape, length, profile)
        if fit is not None and fit.fits:
            return min(length, most), NUM_BATCH
    for length, batch in ((NUM_CTX_LEAST, NUM_BATCH), (REDUCED_CTX, REDUCED_BATCH)):
        takes, have = without_reserve(shape, length, batch, profile)
        if takes.total <= have:
            return min(length, most), batch
    return min(NUM_CTX_LEAST, most), NUM_BATCH


def without_reserve(
    shape: ModelShape, num_ctx: int, num_batch: int, profile: HardwareProfile
) -> tuple[MemoryNeed, int]:
    """What a model takes, and the bytes there are for it where the reserve may be used too."""
    kv_bytes = kept(shape, profile)
    if profile.unified:
        takes = gpu_need(shape, num_ctx, num_batch=num_batch, kv_bytes=kv_bytes)
        return takes, profile.usable_gpus[0].room
    takes = need(shape, num_ctx, num_batch=num_batch, kv_bytes=kv_bytes)
    return takes, profile.memory.free if profile.memory else 0
