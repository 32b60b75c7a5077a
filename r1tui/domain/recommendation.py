"""Which size of deepseek-r1 a machine should run, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from r1tui.domain.calibration import Calibration
from r1tui.domain.catalogue import TAGS, ModelShape, Tag
from r1tui.domain.hardware import GIB, HardwareProfile
from r1tui.domain.phrase import Phrase, phrase
from r1tui.domain.sizing import (
    NUM_BATCH,
    NUM_CTX,
    NUM_CTX_LEAST,
    Fit,
    MemoryNeed,
    Placement,
    SpeedEstimate,
    gpu_need,
    need,
    on_both,
    on_cpu,
    on_gpus,
)

SPLIT_FLOOR = 10.0
"""Tokens a second from which a split is as good as a smaller model that is on the GPU as a whole."""
DISK_FACTOR = 1.1
"""Free disk that a pull needs, in sizes of the file."""
REDUCED_CTX, REDUCED_BATCH = 2048, 128
"""The last resort for the smallest size where nothing fits."""
ARC_CREDIT = 0.8
"""Part of ZFS's cache that can be hoped for."""

# Hysteresis: what was good enough stays so until it is worse by more than this.
_SPEED_BAND = 0.95
_MEMORY_BAND = GIB // 4
_NEAR_FLOOR = 1.05

_SIZE_ORDER = [tag.size for tag in TAGS]


class Verdict(StrEnum):
    """What becomes of a size on a machine. The first three recommend it."""

    GPU = "gpu"
    SPLIT = "split"
    CPU = "cpu"
    SLOW = "slow"
    FREE_FIRST = "free-first"
    NONE = "none"

    @property
    def recommends(self) -> bool:
        """Whether a size with this verdict can be recommended without reserve."""
        return self in (Verdict.GPU, Verdict.SPLIT, Verdict.CPU)

    @property
    def runs(self) -> bool:
        """Whether it fits now."""
        return self.recommends or self is Verdict.SLOW


_RANK = {Verdict.GPU: 0, Verdict.SPLIT: 0, Verdict.CPU: 0, Verdict.SLOW: 1, Verdict.FREE_FIRST: 2, Verdict.NONE: 3}


@dataclass(frozen=True, slots=True)
class Candidate:
    """One size, judged."""

    tag: Tag
    verdict: Verdict
    num_ctx: int
    need: MemoryNeed
    have_bytes: int | None
    """Bytes that it may take now; None where the machine is not known."""
    speed: SpeedEstimate | None
    reason: Phrase
    """One sentence."""
    placement: Placement | None = None
    share: float = 0.0
    """Part of the model on GPUs."""
    num_batch: int = NUM_BATCH
    disk_ok: bool = True
    """Whether the disk has room for the pull."""

    @property
    def size(self) -> str:
        """Such as `8b`."""
        return self.tag.size

    @property
    def file_bytes(self) -> int:
        """Bytes to pull."""
        return self.tag.shape.file_bytes

    @property
    def need_bytes(self) -> int:
        """The whole sum."""
        return self.need.total

    @property
    def missing_bytes(self) -> int:
        """Bytes to free before it fits."""
        return 0 if self.have_bytes is None else max(0, self.need_bytes - self.have_bytes)

    @property
    def wait_seconds(self) -> float | None:
        """For a typical answer."""
        return self.speed.wait_seconds if self.speed else None

    @property
    def sum_line(self) -> Phrase:
        """The sum in one line: `4.87 weights + 1.12 context + 0.31 work + 0.35 = 6.65 of 10.2 GiB`."""
        terms = {
            "weights": two(self.need.weights),
            "context": two(self.need.context),
            "work": two(self.need.work),
            "allowance": two(self.need.allowance),
            "total": two(self.need.total),
        }
        if self.have_bytes is None:
            return phrase("hardware.sum_open", **terms)
        return phrase("hardware.sum", **terms, have=one(self.have_bytes))


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The answer for a machine."""

    best: Candidate | None
    """What to run; None where nothing can be recommended."""
    candidates: tuple[Candidate, ...]
    """Every size, best first."""
    verdict: Verdict
    reason: Phrase
    """One sentence on the whole."""
    advice: Candidate | None = None
    """What would run after memory has been freed, where nothing does now."""
    reduced: Candidate | None = None
    """The smallest size with a reduced context, where nothing else runs but that does."""
    warnings: tuple[Phrase, ...] = ()
    final: bool = True
    """False while GPUs are still looked for."""

    def candidate(self, name: str) -> Candidate | None:
        """The candidate with that tag (`deepseek-r1:8b`) or size (`8b`)."""
        return next((each for each in self.candidates if name in (each.tag.tag, each.tag.size)), None)


def one(count: float) -> str:
    """GiB with one decimal."""
    return f"{count / GIB:.1f}"


def two(count: float) -> str:
    """GiB with two decimals."""
    return f"{count / GIB:.2f}"


def rate(speed: float) -> str:
    """Tokens a second as a person says it: one decimal below 10."""
    return f"{speed:.1f}" if speed < 9.95 else f"{speed:.0f}"


class _Judge:
    """Judges the sizes on one machine at one context length."""

    def __init__(
        self, profile: HardwareProfile, calibration: Calibration | None, previous: Recommendation | None, num_ctx: int
    ) -> None:
        self.profile = profile
        self.calibration = calibration
        self.previous = {each.size: each for each in previous.candidates} if previous else {}
        self.num_ctx = num_ctx

    def _before(self, tag: Tag, placement: Placement) -> Candidate | None:
        """The earlier judgement, where it had the size run in that place with no shorter a context."""
        before = self.previous.get(tag.size)
        if before and before.verdict.runs and before.placement is placement and before.num_ctx >= self.num_ctx:
            return before
        return None

    def _slack(self, tag: Tag, placement: Placement) -> int:
        return _MEMORY_BAND if self._before(tag, placement) else 0

    def _fast_enough(self, tag: Tag, fit: Fit, floor: float) -> bool:
        before = self._before(tag, fit.placement)
        eased = before is not None and before.verdict.recommends
        return fit.speed.expected >= floor * (_SPEED_BAND if eased else 1.0)

    def _fits(self, tag: Tag) -> tuple[Fit | None, Fit | None, Fit | None]:
        shape, ctx, profile, calibration = tag.shape, self.num_ctx, self.profile, self.calibration
        gpu = on_gpus(shape, ctx, profile, calibration, self._slack(tag, Placement.GPU))
        if profile.unified:
            return gpu, None, None
        split = on_both(shape, ctx, profile, calibration, self._slack(tag, Placement.SPLIT))
        return gpu, split, on_cpu(shape, ctx, profile, calibration, self._slack(tag, Placement.CPU))

    def whole_gpu_above_smallest(self) -> bool:
        """Whether a size above 1.5b is recommended wholly on the GPUs."""
        for tag in TAGS[:-1]:
            gpu = self._fits(tag)[0]
            if gpu and gpu.fits and self._fast_enough(tag, gpu, tag.floor):
                return True
        return False

    def judge(self, tag: Tag, whole_gpu: bool) -> Candidate:
        """The verdict on one size."""
        gpu, split, cpu = self._fits(tag)
        if gpu and gpu.fits and self._fast_enough(tag, gpu, tag.floor):
            return self._candidate(tag, Verdict.GPU, gpu)
        if split and split.fits:
            floor = max(SPLIT_FLOOR, tag.floor) if whole_gpu else tag.floor
            if self._fast_enough(tag, split, floor):
                return self._candidate(tag, Verdict.SPLIT, split)
        if cpu and cpu.fits and self._fast_enough(tag, cpu, tag.floor):
            return self._candidate(tag, Verdict.CPU, cpu)
        for fit in (gpu, split, cpu):
            if fit and fit.fits:
                return self._candidate(tag, Verdict.SLOW, fit)
        return self._unfit(tag, gpu, cpu)

    def _unfit(self, tag: Tag, gpu: Fit | None, cpu: Fit | None) -> Candidate:
        """What does not fit now: would it, once memory is freed?"""
        gpus = self.profile.usable_gpus
        memory = self.profile.memory
        if cpu and memory and cpu.need.total <= memory.ceiling:
            return self._candidate(tag, Verdict.FREE_FIRST, cpu)
        if gpu and gpu.need.total <= sum(each.total for each in gpus):
            return self._candidate(tag, Verdict.FREE_FIRST, gpu)
        fit = cpu or gpu
        assert fit is not None  # `recommend` asks for no judgement where neither memory nor a GPU is known
        return self._candidate(tag, Verdict.NONE, fit)

    def _candidate(self, tag: Tag, verdict: Verdict, fit: Fit) -> Candidate:
        candidate = Candidate(
            tag,
            verdict,
            self.num_ctx,
            fit.need,
            fit.have,
            fit.speed,
            phrase("hardware.reason.none"),
            fit.placement,
            fit.share,
            disk_ok=_disk_ok(tag.shape, self.profile),
        )
        return replace(candidate, reason=_reason(candidate, self.profile))


def _disk_ok(shape: ModelShape, profile: HardwareProfile) -> bool:
    return profile.disk is None or profile.disk.free >= DISK_FACTOR * shape.file_bytes


def _reason(each: Candidate, profile: HardwareProfile) -> Phrase:
    """One sentence on one size."""
    assert each.speed is not None
    assert each.have_bytes is not None
    speed, needs, have = rate(each.speed.expected), one(each.need_bytes), one(each.have_bytes)
    if each.verdict is Verdict.GPU:
        return phrase("hardware.reason.gpu", size=each.size, need=needs, have=have, speed=speed)
    if each.verdict is Verdict.SPLIT:
        return phrase("hardware.reason.split", size=each.size, share=f"{each.share:.0%}", speed=speed)
    if each.verdict is Verdict.CPU:
        return phrase("hardware.reason.cpu", size=each.size, need=needs, have=have, speed=speed)
    if each.verdict is Verdict.SLOW:
        if each.speed.expected >= each.tag.floor:
            return phrase("hardware.reason.split_behind", size=each.size, speed=speed)
        minutes = 1000 / each.speed.expected / 60
        return phrase(
            "hardware.reason.slow", size=each.size, speed=speed, minutes=f"{minutes:.0f}" if minutes >= 2 else f"{minutes:.1f}"
        )
    memory = profile.memory
    if each.verdict is Verdict.FREE_FIRST:
        free = one(max(each.missing_bytes, GIB // 10))
        if each.placement is Placement.GPU:
            return phrase("hardware.reason.free_gpu", size=each.size, free=free, need=needs, have=have)
        if memory and memory.reclaimable:
            credit = one(ARC_CREDIT * memory.reclaimable)
            return phrase("hardware.reason.free_zfs", size=each.size, free=free, need=needs, have=have, credit=credit)
        return phrase("hardware.reason.free", size=each.size, free=free, need=needs, have=have)
    if each.placement is Placement.GPU or memory is None:
        most = sum(gpu.total for gpu in profile.usable_gpus)
        return phrase("hardware.reason.too_big", size=each.size, need=needs, most=one(most))
    if each.need_bytes <= memory.ceiling + profile.swap_free:
        return phrase("hardware.reason.swap", size=each.size, need=needs, most=one(memory.ceiling))
    return phrase("hardware.reason.too_big", size=each.size, need=needs, most=one(memory.ceiling))


def _pass(judge: _Judge) -> list[Candidate]:
    whole_gpu = judge.whole_gpu_above_smallest()
    return [judge.judge(tag, whole_gpu) for tag in TAGS]


def _first(candidates: Iterable[Candidate], *verdicts: Verdict) -> Candidate | None:
    return next((each for each in candidates if each.verdict in verdicts), None)


def recommend(
    profile: HardwareProfile, calibration: Calibration | None = None, previous: Recommendation | None = None
) -> Recommendation:
    """Judge every size on the machine, at 8192 tokens of context and, where nothing above 1.5b is recommended, at 4096.

    With the `previous` answer of the same session, a figure that wavers about a floor or a limit does not flip it:
    what ran goes on to, until it is short by more than 5 % of its floor or a quarter of a GiB.
    """
    if not profile.local:
        return _unknown(profile, phrase("hardware.reason.remote"))
    if profile.memory is None and not profile.unified:
        return _unknown(profile, phrase("hardware.reason.unknown"))
    candidates = _pass(_Judge(profile, calibration, previous, NUM_CTX))
    if not any(each.verdict.recommends for each in candidates[:-1]):
        shorter = _pass(_Judge(profile, calibration, previous, NUM_CTX_LEAST))
        # A context shorter than comfortable is taken only where it makes a size better than it was.
        candidates = [
            less if _RANK[less.verdict] < _RANK[full.verdict] else full
            for full, less in zip(candidates, shorter, strict=True)
        ]
    ranked = tuple(sorted(candidates, key=lambda each: (_RANK[each.verdict], _SIZE_ORDER.index(each.size))))
    best = _first(ranked, Verdict.GPU, Verdict.SPLIT, Verdict.CPU) or _first(ranked, Verdict.SLOW)
    advice = None if best else _first(ranked, Verdict.FREE_FIRST)
    reduced = None if best else _reduced(profile, calibration)
    if best:
        best = replace(best, reason=_near_floor(best, ranked) or best.reason)
        ranked = (best, *ranked[1:])
    chosen = best or advice
    return Recommendation(
        best,
        ranked,
        chosen.verdict if chosen else Verdict.NONE,
        chosen.reason if chosen else _nothing(reduced),
        advice,
        reduced,
        _warnings(profile, ranked, best, reduced),
        not profile.looking,
    )


def _near_floor(best: Candidate, ranked: tuple[Candidate, ...]) -> Phrase | None:
    """Words for a size that is only just fast enough, with the next one, which is as right."""
    speed, floor = best.speed, best.tag.floor
    following = next((each for each in ranked[1:] if each.verdict.recommends), None)
    if not best.verdict.recommends or not speed or speed.expected > floor * _NEAR_FLOOR or not following:
        return None
    return phrase(
        "hardware.reason.at_floor", size=best.size, speed=rate(speed.expected), floor=f"{floor:.0f}", other=following.size
    )


def _nothing(reduced: Candidate | None) -> Phrase:
    if reduced is None:
        return phrase("hardware.reason.nothing")
    return phrase("hardware.reason.nothing_reduced", need=two(reduced.need_bytes), have=two(reduced.have_bytes or 0))


def _reduced(profile: HardwareProfile, calibration: Calibration | None) -> Candidate | None:
    """1.5b with a context of 2048 in batches of 128, where that fits without the reserve."""
    tag, gpus = TAGS[-1], profile.usable_gpus
    if profile.unified:
        takes, have = gpu_need(tag.shape, REDUCED_CTX, num_batch=REDUCED_BATCH), gpus[0].room
        fit = on_gpus(tag.shape, REDUCED_CTX, profile, calibration)
    else:
        takes = need(tag.shape, REDUCED_CTX, num_batch=REDUCED_BATCH)
        have = profile.memory.free if profile.memory else 0
        fit = on_cpu(tag.shape, REDUCED_CTX, profile, calibration)
    if fit is None or takes.total > have:
        return None
    return Candidate(
        tag,
        Verdict.NONE,
        REDUCED_CTX,
        takes,
        have,
        fit.speed,
        phrase("hardware.reason.reduced", need=two(takes.total), have=two(have)),
        fit.placement,
        fit.share,
        REDUCED_BATCH,
        _disk_ok(tag.shape, profile),
    )


def _warnings(
    profile: HardwareProfile, ranked: tuple[Candidate, ...], best: Candidate | None, reduced: Candidate | None
) -> tuple[Phrase, ...]:
    found = list(profile.notes)
    found += [gpu.unusable for gpu in profile.gpus if gpu.unusable]
    if profile.looking:
        found.append(phrase("hardware.warn.looking"))
    if reduced:
        found.append(reduced.reason)
    chosen = best or next((each for each in ranked if each.verdict is Verdict.FREE_FIRST), None)
    if chosen and not chosen.disk_ok and profile.disk:
        found.append(disk_warning(chosen, profile.disk.free))
    if best and best.verdict is Verdict.SLOW:
        fastest = max((each for each in ranked if each.verdict.runs and each.speed), key=_speed, default=best)
        if fastest is not best:
            found.append(phrase("hardware.warn.faster", size=fastest.size, speed=rate(_speed(fastest))))
    return tuple(found)


def disk_warning(candidate: Candidate, free: int) -> Phrase:
    """Why a pull is blocked."""
    wanted = DISK_FACTOR * candidate.file_bytes
    return phrase("hardware.warn.disk", size=candidate.size, need=f"{wanted / 1e9:.1f}", free=f"{free / 1e9:.1f}")


def _speed(candidate: Candidate) -> float:
    return candidate.speed.expected if candidate.speed else 0.0


def _unknown(profile: HardwareProfile, reason: Phrase) -> Recommendation:
    """No verdict, for want of figures; what each size needs is told all the same."""
    candidates = tuple(
        Candidate(tag, Verdict.NONE, NUM_CTX, need(tag.shape, NUM_CTX), None, None, reason) for tag in TAGS
    )
    return Recommendation(None, candidates, Verdict.NONE, reason, warnings=profile.notes, final=not profile.looking)
