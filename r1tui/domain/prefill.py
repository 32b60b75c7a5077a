"""Reading the prompt, which comes before the first token: how far it is, and how long it takes."""

from __future__ import annotations

from r1tui.domain.dataclass import dataclass

LONG = 10.0
"""Seconds of reading that are worth a word before they begin."""
MOST_SHARE = 0.99
"""Part that is shown at most of what is only reckoned: reading has not ended before the server says so."""
_LEAST_READ = 64
"""Tokens that have to be read for their speed to be one."""
_LEAST_SECONDS = 1.0
"""Seconds of reading after which the present prompt tells its own speed."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a prompt is read, in tokens."""

    total: int
    """Of the whole prompt."""
    kept: int = 0
    """Those that the server has in memory from before, and does not read again."""
    done: int | None = None
    """Those that are read, `kept` among them, as the server tells; None where it tells nothing."""
    told_at: float = 0.0
    """`time.monotonic()` when it told that."""
    rate: float | None = None
    """Tokens read in a second, as far as that was measured."""

    @property
    def seconds(self) -> float | None:
        """How long reading takes, about; None where nothing was measured."""
        return max(self.total - self.kept, 0) / self.rate if self.rate else None

    def share(self, passed: float) -> float | None:
        """The part that is read after `passed` seconds of reading: as the server tells, else about."""
        if self.done is not None:
            return min(self.done / self.total, 1.0) if self.total else None
        whole = self.seconds
        return min(passed / whole, MOST_SHARE) if whole else None

    def left(self, passed: float, now: float) -> float:
        """About how many seconds are left after `passed` of them; 0 where that cannot be said. `now`: monotonic."""
        if not self.rate:
            return 0.0
        if self.done is not None:
            return max((self.total - self.done) / self.rate - (now - self.told_at), 0.0)
        return max((self.seconds or 0.0) - passed, 0.0)

    def told(self, total: int, done: int, kept: int, seconds: float | None, now: float) -> Reading:
        """The same after what the server tells, `seconds` after it began to read."""
        read = done - kept
        measured = (
            read / seconds if seconds and seconds >= _LEAST_SECONDS and read >= _LEAST_READ else self.rate
        )
        return Reading(total, kept, done, now, measured)

    def measured(self, prompt: int | None, cached: int | None, seconds: float | None) -> float | None:
        """Tokens read in a second by the server's own figures at the end; None where they were too few to tell."""
        read = (prompt or 0) - (self.kept if cached is None else cached)
        return read / seconds if seconds and read >= _LEAST_READ else None
