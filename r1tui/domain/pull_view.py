"""A download as a person sees it at one moment; plain data between the pull queue and the widgets."""

from __future__ import annotations

from collections import deque
from enum import StrEnum
from time import monotonic

from r1tui.domain.dataclass import dataclass
from r1tui.domain.model import PullProgress
from r1tui.domain.phrase import Phrase

# Every layer of a model but its weights (and a projector's) is text: template, parameters, licence.
_WEIGHTS_AT_LEAST = 8_000_000
_SPEED_WINDOW = 8.0
"""Seconds over which a transfer's speed is measured."""


class PullState(StrEnum):
    """What a download does right now."""

    QUEUED = "queued"
    ACTIVE = "active"
    STALLED = "stalled"
    """No byte came for a while; it is tried again."""
    PAUSED = "paused"
    """Cancelled by the user; what is there is kept."""
    FAILED = "failed"
    DONE = "done"

    @property
    def goes_on(self) -> bool:
        """Whether more of it is still to come by itself."""
        return self in (PullState.QUEUED, PullState.ACTIVE, PullState.STALLED)


@dataclass(frozen=True, slots=True)
class PullView:
    """One download, import, or upload. Sizes are bytes, times seconds."""

    name: str
    state: PullState = PullState.ACTIVE
    stage: str = "manifest"
    """As in `PullProgress.stage`."""
    completed: int = 0
    total: int = 0
    weights: bool = True
    """Whether the layer that moves is the weights, rather than one of the small texts."""
    speed: float | None = None
    """Bytes a second; None while not known."""
    seconds_left: float | None = None
    error: Phrase | None = None
    """Why it failed or stalls."""

    @property
    def fraction(self) -> float:
        """Part that is here, 0 to 1. It shrinks when a new layer becomes known: a bar keeps the highest."""
        if self.state is PullState.DONE:
            return 1.0
        return min(self.completed / self.total, 1.0) if self.total else 0.0

    @classmethod
    def of(
        cls,
        progress: PullProgress,
        state: PullState = PullState.ACTIVE,
        *,
        speed: float | None = None,
        error: Phrase | None = None,
    ) -> PullView:
        """What `progress` looks like now; the time left follows from the speed."""
        layer_total = progress.layers.get(progress.layer, (0, 0))[1]
        remaining = progress.total - progress.completed
        return cls(
            name=progress.name,
            state=PullState.DONE if progress.stage == "done" else state,
            stage=progress.stage,
            completed=progress.completed,
            total=progress.total,
            weights=layer_total >= _WEIGHTS_AT_LEAST,
            speed=speed,
            seconds_left=remaining / speed if speed and progress.stage == "layer" else None,
            error=error,
        )


class SpeedMeter:
    """The speed of a transfer over its last seconds, from how far it is at each moment."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, int]] = deque()

    def speed(self, completed: int, now: float | None = None) -> float | None:
        """Bytes a second, given that so many are here at `now` (`time.monotonic()`); None within the first second."""
        now = monotonic() if now is None else now
        if self._marks and completed < self._marks[-1][1]:
            self._marks.clear()
        self._marks.append((now, completed))
        while len(self._marks) > 2 and self._marks[1][0] <= now - _SPEED_WINDOW:
            self._marks.popleft()
        began, had = self._marks[0]
        return (completed - had) / (now - began) if now - began >= 1.0 else None
