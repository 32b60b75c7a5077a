"""A verdict on one size of the model, and on all of them."""

from __future__ import annotations

from enum import StrEnum

from r1tui.domain.catalogue import Tag
from r1tui.domain.clean import Clean
from r1tui.domain.dataclass import dataclass
from r1tui.domain.hardware import GIB
from r1tui.domain.phrase import Phrase, phrase
from r1tui.domain.sizing import NUM_BATCH, Basis, MemoryNeed, Placement, SpeedEstimate


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


@dataclass(frozen=True, slots=True)
class Candidate:
    """One size of R1 with the verdict on whether this machine can run it."""

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
        """The size as its tag has it, such as `8b`."""
        return self.tag.size

    @property
    def file_bytes(self) -> int:
        """Bytes to download and to keep on the disk."""
        return self.tag.shape.file_bytes

    @property
    def need_bytes(self) -> int:
        """Bytes of memory that it takes while it runs."""
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
        """The sum in one line: `4.87 weights + 1.12 context + 0.31 work + 0.35 allowance = 6.65 of 10.2 GiB`."""
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
    cache_advice: Phrase | None = None
    """A sentence where a smaller type of the context's numbers would make a size or a context fit that does not."""

    def candidate(self, name: str) -> Candidate | None:
        """The candidate with that tag (`deepseek-r1:8b`) or size (`8b`)."""
        return next((each for each in self.candidates if name in (each.tag.tag, each.tag.size)), None)


def one(count: float) -> Clean:
    """GiB with one decimal."""
    return f"{count / GIB:.1f}"


def two(count: float) -> Clean:
    """GiB with two decimals."""
    return f"{count / GIB:.2f}"


def rate(speed: float) -> Clean:
    """Tokens a second as a person says it: one decimal below 10, a comma from 1,000 on."""
    return f"{speed:.1f}" if speed < 9.95 else f"{speed:,.0f}"


def speed_cell(each: Candidate) -> Clean:
    """A size's speed as every table has it: `31`, measured; `25-41`, from measured; `~31`, a guess; blank where it cannot run."""
    speed = each.speed
    if speed is None or each.verdict is Verdict.NONE:
        return Clean("")
    if speed.basis is Basis.FROM_MEASURED:
        return f"{rate(speed.low)}-{rate(speed.high)}"
    return f"~{rate(speed.expected)}" if speed.basis is Basis.ESTIMATED else rate(speed.expected)
