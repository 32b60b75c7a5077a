"""Which size of deepseek-r1 a machine should run, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from r1tui.domain.calibration import Calibration
from r1tui.domain.candidate import Candidate, Recommendation, Verdict, one, rate, speed_cell, two
from r1tui.domain.catalogue import TAGS, ModelShape, Tag
from r1tui.domain.hardware import GIB, HardwareProfile
from r1tui.domain.kv_cache import KvCache
from r1tui.domain.phrase import Phrase, phrase
from r1tui.domain.reasons import DISK_FACTOR, disk_warning, near_floor, nothing, reason
from r1tui.domain.sizing import (
    NUM_CTX,
    NUM_CTX_LEAST,
    REDUCED_BATCH,
    REDUCED_CTX,
    Fit,
    Placement,
    need,
    on_both,
    on_cpu,
    on_gpus,
    without_reserve,
)

SPLIT_FLOOR = 10.0
"""Tokens a second from which a split is as good as a smaller model that is on the GPU as a whole."""

# Hysteresis: what was good enough stays so until it is worse by more than this.
_SPEED_BAND = 0.95
_MEMORY_BAND = GIB // 4

__all__ = ["Candidate", "Recommendation", "Verdict", "one", "rate", "recommend", "speed_cell", "two"]

_SIZE_ORDER = [tag.size for tag in TAGS]


_RANK = {
    Verdict.GPU: 0,
    Verdict.SPLIT: 0,
    Verdict.CPU: 0,
    Verdict.SLOW: 1,
    Verdict.FREE_FIRST: 2,
    Verdict.NONE: 3,
}


class _Judge:
    """Judges the sizes on one machine at one context length."""

    def __init__(
        self,
        profile: HardwareProfile,
        calibration: Calibration | None,
        previous: Recommendation | None,
        num_ctx: int,
    ) -> None:
        self.profile = profile
        self.calibration = calibration
        self.previous = {each.size: each for each in previous.candidates} if previous else {}
        self.num_ctx = num_ctx

    def _before(self, tag: Tag, placement: Placement) -> Candidate | None:
        """The earlier judgement, where it had the size run in that place with no shorter a context."""
        before = self.previous.get(tag.size)
        if (
            before
            and before.verdict.runs
            and before.placement is placement
            and before.num_ctx >= self.num_ctx
        ):
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
        return replace(candidate, reason=reason(candidate, self.profile))


def _disk_ok(shape: ModelShape, profile: HardwareProfile) -> bool:
    return profile.disk is None or profile.disk.free >= DISK_FACTOR * shape.file_bytes


def _pass(judge: _Judge) -> list[Candidate]:
    whole_gpu = judge.whole_gpu_above_smallest()
    return [judge.judge(tag, whole_gpu) for tag in TAGS]


def _first(candidates: Iterable[Candidate], *verdicts: Verdict) -> Candidate | None:
    return next((each for each in candidates if each.verdict in verdicts), None)


def recommend(
    profile: HardwareProfile, calibration: Calibration | None = None, previous: Recommendation | None = None
) -> Recommendation:
    """Judge every size on the machine (see `_judged`), and whether more would fit with a smaller context cache."""
    found = _judged(profile, calibration, previous)
    return replace(found, cache_advice=_cache_advice(found, profile, calibration))


def _cache_advice(
    found: Recommendation, profile: HardwareProfile, calibration: Calibration | None
) -> Phrase | None:
    """A sentence where q8_0 makes a larger size, or a longer context of the same size, fit; else None."""
    if not profile.quantizes or profile.kv_cache is not KvCache.F16:
        return None
    then, now = _judged(replace(profile, kv_cache=KvCache.Q8_0), calibration, None).best, found.best
    if then is None or then.have_bytes is None:
        return None
    larger = now is None or (
        then.verdict.recommends and _SIZE_ORDER.index(then.size) < _SIZE_ORDER.index(now.size)
    )
    longer = now is not None and then.size == now.size and then.num_ctx > now.num_ctx
    if not larger and not longer:
        return None
    words = phrase("hardware.cache.setting") if profile.own_server else phrase("hardware.cache.environment")
    return phrase(
        "hardware.cache.advice",
        size=then.size,
        context=then.num_ctx,
        need=one(then.need_bytes),
        have=one(then.have_bytes),
        how=words,
    )


def _judged(
    profile: HardwareProfile, calibration: Calibration | None, previous: Recommendation | None
) -> Recommendation:
    """Judge every size on the machine, at 8192 tokens of context and, where nothing above 1.5b is
    recommended, at 4096.

    With the `previous` answer of the same session, a figure that wavers about a floor or a limit does not
    flip it: what ran goes on to, until it is short by more than 5 % of its floor or a quarter of a GiB.
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
        best = replace(best, reason=near_floor(best, ranked) or best.reason)
        ranked = (best, *ranked[1:])
    chosen = best or advice
    return Recommendation(
        best,
        ranked,
        chosen.verdict if chosen else Verdict.NONE,
        chosen.reason if chosen else nothing(reduced),
        advice,
        reduced,
        _warnings(profile, ranked, best, reduced),
        not profile.looking,
    )


def _reduced(profile: HardwareProfile, calibration: Calibration | None) -> Candidate | None:
    """1.5b with a context of 2048 in batches of 128, where that fits without the reserve."""
    tag = TAGS[-1]
    takes, have = without_reserve(tag.shape, REDUCED_CTX, REDUCED_BATCH, profile)
    place = on_gpus if profile.unified else on_cpu
    fit = place(tag.shape, REDUCED_CTX, profile, calibration)
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
    found += [
        phrase("hardware.warn.gpu", name=gpu.name or gpu.vendor, reason=gpu.unusable)
        for gpu in profile.gpus
        if gpu.unusable
    ]
    if profile.looking:
        found.append(phrase("hardware.warn.looking"))
    if reduced:
        found.append(reduced.reason)
    chosen = best or next((each for each in ranked if each.verdict is Verdict.FREE_FIRST), None)
    if chosen and not chosen.disk_ok and profile.disk:
        found.append(disk_warning(chosen.size, chosen.file_bytes, profile.disk.free))
    if best and best.verdict is Verdict.SLOW:
        fastest = max((each for each in ranked if each.verdict.runs and each.speed), key=_speed, default=best)
        if fastest is not best:
            found.append(phrase("hardware.warn.faster", size=fastest.size, speed=rate(_speed(fastest))))
    return tuple(found)


def _speed(candidate: Candidate) -> float:
    return candidate.speed.expected if candidate.speed else 0.0


def _unknown(profile: HardwareProfile, reason: Phrase) -> Recommendation:
    """No verdict, for want of figures; what each size needs is told all the same."""
    candidates = tuple(
        Candidate(tag, Verdict.NONE, NUM_CTX, need(tag.shape, NUM_CTX), None, None, reason) for tag in TAGS
    )
    return Recommendation(
        None, candidates, Verdict.NONE, reason, warnings=profile.notes, final=not profile.looking
    )
