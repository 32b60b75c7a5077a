"""One sentence for each verdict."""

from __future__ import annotations

from r1tui.domain.candidate import Candidate, Verdict, one, rate, two
from r1tui.domain.hardware import GIB, HardwareProfile
from r1tui.domain.phrase import Phrase, phrase
from r1tui.domain.sizing import Placement

ARC_CREDIT = 0.8
"""Part of ZFS's cache that can be hoped for."""
DISK_FACTOR = 1.1
"""Free disk that a pull needs, in sizes of the file."""
_NEAR_FLOOR = 1.05


def reason(each: Candidate, profile: HardwareProfile) -> Phrase:
    """One sentence on one size."""
    assert each.speed is not None
    assert each.have_bytes is not None
    speed, needs, have = rate(each.speed.expected), one(each.need_bytes), one(each.have_bytes)
    if each.missing_bytes and each.verdict in (Verdict.GPU, Verdict.CPU):
        return phrase("hardware.reason.just", size=each.size, need=needs, have=have, speed=speed)
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
            "hardware.reason.slow",
            size=each.size,
            speed=speed,
            minutes=f"{minutes:.0f}" if minutes >= 2 else f"{minutes:.1f}",
        )
    memory = profile.memory
    if each.verdict is Verdict.FREE_FIRST:
        free = one(max(each.missing_bytes, GIB // 10))
        if each.placement is Placement.GPU:
            return phrase("hardware.reason.free_gpu", size=each.size, free=free, need=needs, have=have)
        if memory and memory.reclaimable:
            credit = one(ARC_CREDIT * memory.reclaimable)
            return phrase(
                "hardware.reason.free_zfs", size=each.size, free=free, need=needs, have=have, credit=credit
            )
        return phrase("hardware.reason.free", size=each.size, free=free, need=needs, have=have)
    if each.placement is Placement.GPU or memory is None:
        most = sum(gpu.total for gpu in profile.usable_gpus)
        return phrase("hardware.reason.too_big", size=each.size, need=needs, most=one(most))
    if each.need_bytes <= memory.ceiling + profile.swap_free:
        return phrase("hardware.reason.swap", size=each.size, need=needs, most=one(memory.ceiling))
    return phrase("hardware.reason.too_big", size=each.size, need=needs, most=one(memory.ceiling))


def near_floor(best: Candidate, ranked: tuple[Candidate, ...]) -> Phrase | None:
    """Words for a size that is only just fast enough, with the next one, which is as right."""
    speed, floor = best.speed, best.tag.floor
    following = next((each for each in ranked[1:] if each.verdict.recommends), None)
    if not best.verdict.recommends or not speed or speed.expected > floor * _NEAR_FLOOR or not following:
        return None
    return phrase(
        "hardware.reason.at_floor",
        size=best.size,
        speed=rate(speed.expected),
        floor=f"{floor:.0f}",
        other=following.size,
    )


def nothing(reduced: Candidate | None) -> Phrase:
    if reduced is None:
        return phrase("hardware.reason.nothing")
    return phrase(
        "hardware.reason.nothing_reduced", need=two(reduced.need_bytes), have=two(reduced.have_bytes or 0)
    )


def disk_warning(name: str, size: int, free: int) -> Phrase:
    """Why a model of `size` bytes is not pulled onto a disk with `free` bytes."""
    wanted = DISK_FACTOR * size
    return phrase("hardware.warn.disk", size=name, need=f"{wanted / 1e9:.1f}", free=f"{free / 1e9:.1f}")
