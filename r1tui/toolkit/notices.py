"""What the app says by itself: one notice at a time, the others waiting, and the last ones kept to be read again."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import field
from typing import Any, Protocol, runtime_checkable

from rich.cells import cell_len
from textual.app import App
from textual.notifications import SeverityLevel
from textual.timer import Timer

from r1tui.domain.clean import Clean
from r1tui.domain.dataclass import dataclass
from r1tui.domain.phrase import Phrase

KEPT = 50
"""Notices that can be read again. They are in memory alone."""
MOST_WAITING = 20
"""Notices that wait for their turn; of more, the oldest are only kept."""
NOTICED = 2.5
"""Seconds until an eye has found a notice."""
READ_PER_SECOND = 15
"""Cells of text that a slow reader takes in a second."""
UNSEEN_ERROR = 60.0
"""Seconds that an error stays, beyond those that it takes to read, while nobody presses a key."""
READ_ENOUGH = 1.0
"""A notice that needs no longer than this does not come back once another has taken its place."""


@dataclass
class Notice:
    """One sentence, how grave it is, and since when it is said."""

    words: Clean
    severity: SeverityLevel = "information"
    subject: str = ""
    """What it is about: a newer one about the same takes its place."""
    said: float = 0.0
    """`time.time()` when it was said last."""
    times: int = 1
    """How often it was said in these words."""
    left: float = field(default=0.0, compare=False)
    """Seconds that it still needs to be read."""
    seen: bool = field(default=False, compare=False)
    """Somebody has pressed a key since it shows."""
    phrase: Phrase | None = field(default=None, compare=False)
    """What the words were made of, so that what stands in them can be shortened where there is little room."""


class Notices:
    """Which notice shows, which wait, and which were said: no screen, and no clock but the one that it is given.

    The newest shows, unless an error does that can still be being read: it has its time until a key is pressed. Whatever
    gives way comes back for what is left of its time. An error goes by a key, once there was time to read it; where none
    is pressed, the others have their turn and it comes back.
    """

    def __init__(
        self, now: Callable[[], float] = time.monotonic, today: Callable[[], float] = time.time
    ) -> None:
        self._now = now
        self._today = today
        self._standing: list[Notice] = []
        """The one that shows is the last."""
        self._since = now()
        """The present one's time is counted to here."""
        self._said: deque[Notice] = deque(maxlen=KEPT)

    @property
    def current(self) -> Notice | None:
        """The one that shows."""
        return self._standing[-1] if self._standing else None

    @property
    def standing(self) -> Sequence[Notice]:
        """Those that have not been read yet, the one that shows first."""
        return tuple(reversed(self._standing))

    @property
    def said(self) -> Sequence[Notice]:
        """The last ones, newest first."""
        return tuple(reversed(self._said))

    def tell(
        self,
        words: Clean,
        severity: SeverityLevel = "information",
        subject: str = "",
        seconds: float | None = None,
        phrase: Phrase | None = None,
    ) -> None:
        """Say something, for `seconds` or as long as it takes to read it, in place of what was said about the subject."""
        self._count()
        subject = subject or words
        notice = Notice(
            words, severity, subject, self._today(), left=seconds or reading_time(words), phrase=phrase
        )
        self._standing, past = (
            [each for each in self._standing if each.subject != subject],
            [each for each in self._standing if each.subject == subject],
        )
        if not past and self._said and self._said[-1].words == words:
            past = [self._said[-1]]
        for each in past:
            if each.words == words:
                notice.times += each.times
            if each in self._said:
                self._said.remove(each)
        self._said.append(notice)
        self._insert(notice)

    def _insert(self, notice: Notice) -> None:
        """As the one that shows, or behind errors that may be being read."""
        at = len(self._standing)
        if notice.severity != "error":
            while at and _is_unseen(self._standing[at - 1]) and self._standing[at - 1].left > 0:
                at -= 1
        if at == len(self._standing):
            self._standing = [each for each in self._standing if not _is_over(each, READ_ENOUGH)]
            at = len(self._standing)
        self._standing.insert(at, notice)
        del self._standing[:-MOST_WAITING]

    def key_pressed(self) -> bool:
        """Somebody is there. Whether another notice shows by that."""
        if not self._standing:
            return False
        self._count()
        self._standing[-1].seen = True
        return self.pass_time()

    def pass_time(self) -> bool:
        """Let the one go whose time is over. Whether another shows by that."""
        self._count()
        before = self.current
        while self._standing:
            last = self._standing[-1]
            if not _is_over(last):
                if not (_is_unseen(last) and last.left <= 0 and self._others_wait):
                    break
                self._standing.insert(0, last)
            self._standing.pop()
        return self.current is not before

    def until_next(self) -> float | None:
        """Seconds until the present one's time is over; None where there is none."""
        now = self.current
        if now is None:
            return None
        self._count()
        return max(0.0, now.left + (UNSEEN_ERROR if _is_unseen(now) and not self._others_wait else 0.0))

    @property
    def _others_wait(self) -> bool:
        """Whether there are others that need time."""
        return any(each.left > 0 for each in self._standing[:-1])

    def take_back(self, subject: str) -> None:
        """Let go what is not so any more."""
        self._count()
        self._standing = [each for each in self._standing if each.subject != subject]

    def clear(self) -> None:
        """Let all go; what was said can still be read."""
        self._standing.clear()

    def _count(self) -> None:
        """Take the time that has passed from the one that shows."""
        now = self._now()
        if self._standing:
            self._standing[-1].left -= now - self._since
        self._since = now


def _is_unseen(notice: Notice) -> bool:
    """Whether it is an error that nobody has seen."""
    return notice.severity == "error" and not notice.seen


def _is_over(notice: Notice, within: float = 0.0) -> bool:
    """Whether its time is over, or nearly; an error's is not while nobody has seen it."""
    if _is_unseen(notice):
        return notice.left <= -UNSEEN_ERROR
    return notice.left <= within


def reading_time(words: Clean) -> float:
    """Seconds that it takes to notice and read a text; a Chinese character takes as long as two letters."""
    return NOTICED + cell_len(words) / READ_PER_SECOND


@runtime_checkable
class ShowsNotices(Protocol):
    """A screen that has a place for a notice."""

    def show_notice(self, notice: Notice | None, waiting: int) -> None:
        """Show this one, and that so many wait, in place of another; None: nothing."""


class NoticeBoard(Notices):
    """The notices of an app, shown on whatever screen is on top."""

    def __init__(
        self,
        app: App[Any],
        now: Callable[[], float] = time.monotonic,
        today: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(now, today)
        self._app = app
        self._timer: Timer | None = None
        self.drawn = True
        """False for tests of something else: notices are kept, and take no place."""

    def tell(
        self,
        words: Clean,
        severity: SeverityLevel = "information",
        subject: str = "",
        seconds: float | None = None,
        phrase: Phrase | None = None,
    ) -> None:
        """At once, not by a message: of keys in a burst each must find what the one before said."""
        super().tell(words, severity, subject, seconds, phrase)
        self.show()

    def key_pressed(self) -> bool:
        """Somebody is there: an error that could be read goes. Whether another notice shows by that."""
        another = super().key_pressed()
        if another:
            self.show()
        elif self.current is not None:
            self._wait()  # an error's time has become shorter
        return another

    def clear(self) -> None:
        """Let all go; what was said can still be read."""
        super().clear()
        self.show()

    def take_back(self, subject: str) -> None:
        """Let go what is not so any more; what was told before it shows again, and how many wait."""
        before = self.standing
        super().take_back(subject)
        if self.standing != before:
            self.show()

    def show(self) -> None:
        """Show the present one on the screen on top, and nothing on those below it."""
        if not self._app.is_running:
            return
        stack = self._app.screen_stack
        for screen in stack:
            if isinstance(screen, ShowsNotices):
                now = self.current if screen is stack[-1] and self.drawn else None
                screen.show_notice(now, len(self.standing) - 1)
        self._wait()

    def _wait(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if (seconds := self.until_next()) is not None:
            self._timer = self._app.set_timer(max(seconds, 0.01), self._time_is_over)

    def _time_is_over(self) -> None:
        self._timer = None
        if self.pass_time():
            self.show()
        else:
            self._wait()


@runtime_checkable
class HasNotices(Protocol):
    """An app that shows notices so."""

    notices: NoticeBoard
