"""A download drawn as a few lines of text: one bar that never goes back, and what is known in words."""

from __future__ import annotations

from collections.abc import Iterable
from time import monotonic

from textual.timer import Timer

from r1tui.domain.clean import Clean, clean_line
from r1tui.domain.pull_view import PullState, PullView
from r1tui.locale import clock, figures, say, t
from r1tui.toolkit import cells
from r1tui.toolkit.cells import wrap_text
from r1tui.toolkit.glyphs import glyphs
from r1tui.widgets.lines import Line, Lines

REDRAW_EVERY = 0.5
"""Seconds between two drawings of a download: twice a second is as much as anyone reads."""

_STAGES = {
    "manifest": "pull.manifest",
    "verifying": "pull.verifying",
    "writing": "pull.writing",
    "cleaning": "pull.cleaning",
    "done": "pull.done",
}


def percent(fraction: float, view: PullView) -> int:
    """Whole percents; 100 only when all is done, checked and written."""
    return 100 if view.state is PullState.DONE else min(int(fraction * 100), 99)


def bar(fraction: float, width: int) -> Clean:
    """A bar of `width` cells, exact to half a cell."""
    full, part = divmod(round(fraction * width * 2), 2)
    return "".join(cells.bar(full, part, width))


def state_words(view: PullView, fraction: float) -> Clean:
    """What the download does, where that is not plain downloading; else empty."""
    if view.state is PullState.QUEUED:
        return t("pull.queued")
    if view.state is PullState.PAUSED:
        return t("pull.paused", percent=percent(fraction, view))
    if view.state is PullState.FAILED:
        return say(view.error) if view.error else t("pull.failed")
    if view.state is PullState.STALLED:
        return t("pull.again", reason=view.error) if view.error else t("pull.stalled")
    return t(_STAGES[view.stage]) if view.stage in _STAGES else Clean("")


class PullBar(Lines):
    """One download at full width: `show` it; drawn only when words or bar differ, at most twice a second."""

    DEFAULT_CSS = """
    PullBar { height: auto; min-height: 1; width: 1fr; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._view: PullView | None = None
        self._highest = 0.0
        self._drawn_at = -REDRAW_EVERY
        self._later: Timer | None = None

    def show(self, view: PullView | None) -> None:
        """Draw this download now or very soon; None draws nothing."""
        if view is None or self._view is None or view.name != self._view.name:
            self._highest = 0.0
        plain = self._view is not None and view is not None and view.state == self._view.state
        self._view = view
        wait = self._drawn_at + REDRAW_EVERY - monotonic()
        if plain and wait > 0:
            if self._later is None:
                self._later = self.set_timer(wait, self._draw)
        else:
            self._draw()

    def lines(self, width: int) -> list[Clean]:
        """What stands on the screen, for a width in cells."""
        view = self._view
        if view is None:
            return []
        self._highest = max(self._highest, view.fraction)
        words = state_words(view, self._highest)
        shown = percent(self._highest, view)
        lines = [
            *wrap_text(clean_line(view.name), width),
            f"{bar(self._highest, max(min(width - 5, 60), 1))} {shown:>3}%",
        ]
        facts = (
            [t("pull.amount", done=figures.size(view.completed), total=figures.size(view.total))]
            if view.total
            else []
        )
        if not words:
            facts += [figures.speed(view.speed)] if view.speed is not None else []
            facts += (
                [t("pull.left", time=clock.wait(view.seconds_left))] if view.seconds_left is not None else []
            )
            words = t("pull.weights") if view.weights else t("pull.texts")
        facts.append(words)
        return [*lines, *wrap_text(f" {glyphs().dot} ".join(facts), width)]

    def styled_lines(self, width: int) -> Iterable[Line]:
        """The lines in one look."""
        return [Line(((line, ""),)) for line in self.lines(width)]

    def _draw(self) -> None:
        if self._later is not None:
            self._later.stop()
            self._later = None
        if self.redraw():
            self._drawn_at = monotonic()
