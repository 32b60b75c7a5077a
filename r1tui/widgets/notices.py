"""Notices: the line that shows one, and the way from a phrase to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from rich.cells import cell_len
from textual.app import App
from textual.notifications import SeverityLevel

from r1tui.domain.clean import Clean, clean_line
from r1tui.domain.phrase import Phrase
from r1tui.locale import say, t
from r1tui.toolkit.bindings import keys_now
from r1tui.toolkit.cells import cut, cut_middle, gap_behind, wrap
from r1tui.toolkit.glyphs import ASCII, glyphs
from r1tui.toolkit.notices import HasNotices, Notice
from r1tui.widgets.key_names import key_name
from r1tui.widgets.lines import Line, Lines, Part

_IN_TURN = re.compile(
    r"(?P<think>chat\.think_)|(?P<enter>chat\.enter_does)|(?P<copy>copy\.)"
    r"|(?P<edge>chat\.edge_is_near|chat\.at_edge|chat\.only_reasoning|chat\.goes_on|generation\.edge_reasoning)"
)
"""Phrases of which only the latest matters, by how their keys begin; of others the same words stand once."""
MOST_LINES = 3
"""Lines of one notice; the rest of a longer one is read by key."""
SHORTER = (320, 240, 160, 120, 80, 50, 30)
"""Cells that a name in a notice is shortened to, one after another, until the whole notice fits."""
ROWS_A_LINE = 8
"""Rows of the terminal for each line that a notice may have: the page is read meanwhile."""


def tell(app: App[Any], what: Phrase, severity: SeverityLevel = "information") -> None:
    """Show a phrase as a notice, in place of an earlier one about the same."""
    if isinstance(app, HasNotices):
        kind = _IN_TURN.match(what.key)
        app.notices.tell(say(what), severity, (kind.lastgroup or "") if kind else "", phrase=what)


def take_back(app: App[Any], key: str) -> None:
    """Let go the notice of a phrase that is not so any more."""
    if isinstance(app, HasNotices) and (kind := _IN_TURN.match(key)):
        app.notices.take_back(kind.lastgroup or "")


def sentence(notice: Notice, longest: int | None = None) -> Clean:
    """What it says, in one line, to stand behind `graveness`; names in it in at most `longest` cells."""
    head = graveness(notice.severity)
    words = (
        notice.words if longest is None or notice.phrase is None else say(_shortened(notice.phrase, longest))
    )
    return gap_behind(head) + words.replace("\n", " ")


def _shortened(what: Phrase, longest: int) -> Phrase:
    """The phrase with every text that fills a place of it in at most so many cells, without its middle."""
    return Phrase(
        what.key,
        {
            name: _shortened(value, longest)
            if isinstance(value, Phrase)
            else cut_middle(clean_line(value), longest)
            if isinstance(value, str)
            else value
            for name, value in what.params.items()
        },
    )


def graveness(severity: SeverityLevel) -> Clean:
    """How grave it is, as a sign and a word; nothing for what is neither a warning nor an error."""
    if severity == "error":
        return f"{glyphs().failed} {t('notice.error')}"
    if severity == "warning":
        return f"{glyphs().warning} {t('notice.warning')}"
    return Clean("")


def times(notice: Notice) -> Clean:
    """How often it was said, to stand behind its words; nothing for once."""
    return f"{gap_behind(notice.words)}{glyphs().times}{notice.times}" if notice.times > 1 else Clean("")


class NoticeLine(Lines):
    """The present notice in a line, in some more where it is long and the terminal has them.

    Without a notice it takes no place, or it is the rule between two parts of the page.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "notice--rule",
        "notice--text",
        "notice--muted",
        "notice--information",
        "notice--warning",
        "notice--error",
    }
    DEFAULT_CSS = """
    NoticeLine { height: auto; width: 1fr; display: none; }
    NoticeLine.-shown { display: block; }
    NoticeLine > .notice--rule { color: $panel; }
    NoticeLine > .notice--text { background: $panel; }
    NoticeLine > .notice--muted { background: $panel; color: $text-muted; }
    NoticeLine > .notice--information { background: $panel; color: $text-accent; }
    NoticeLine > .notice--warning { background: $panel; color: $text-warning; text-style: bold; }
    NoticeLine > .notice--error { background: $panel; color: $text-error; text-style: bold; }
    """
    ALLOW_SELECT = False

    def __init__(
        self, *, rule: bool = False, room: Callable[[], int] | None = None, id: str | None = None
    ) -> None:
        """`rule`: it is a rule while nothing is said. `room`: how many rows there are for it, where they are few."""
        super().__init__(id=id, classes="-shown" if rule else None)
        self._rule = rule
        self._room = room
        self.notice: Notice | None = None
        self.waiting = 0
        """Notices that wait for their turn."""

    def show(self, notice: Notice | None, waiting: int = 0) -> None:
        """Show this one in place of another; None: none. Only what differs is drawn."""
        if notice is None and self.notice is None:
            return
        self.notice, self.waiting = notice, waiting
        self.set_class(self._rule or notice is not None, "-shown")
        rows = len(self.shown)
        self.redraw()
        if len(self.shown) != rows:
            self.refresh(layout=True)

    def styled_lines(self, width: int) -> Iterable[Line]:
        """An edge, a sign and a word for how grave it is, the sentence; how many wait, and the key that shows all."""
        notice = self.notice
        if notice is None:
            if self._rule:
                yield Line(((glyphs().rule * width, "notice--rule"),))
            return
        room = max(width - 3, 4)  # an edge and a blank before it, a blank behind it
        grave = f"notice--{notice.severity}"
        lines, most = wrap(_runs(notice), room), self._most()
        if self.waiting or len(lines) > most:
            lines = _with_tail(notice, self._tail(), room, most)
        for line in lines:
            filled = width - 2 - sum(cell_len(text) for text, _ in line)
            yield Line(
                (
                    (glyphs().edge, grave),
                    (Clean(" "), "notice--text"),
                    *line,
                    (Clean(" ") * filled, "notice--text"),
                )
            )

    def _most(self) -> int:
        """Lines that there is room for."""
        most = min(MOST_LINES, self.app.size.height // ROWS_A_LINE)
        return max(1, most if self._room is None else min(most, self._room()))

    def _tail(self) -> Clean:
        """How many wait, and the key that shows them and the rest of this one."""
        key = key_name(keys_now(self.app, "app.notices").partition(",")[0], ascii_only=glyphs() is ASCII)
        return f"+{self.waiting} {key}" if self.waiting else key


def _runs(notice: Notice, longest: int | None = None) -> list[Part]:
    """How grave it is, what it says, and how often it was said."""
    grave = f"notice--{notice.severity}"
    head = graveness(notice.severity)
    runs: list[Part] = [(head, grave)] * bool(head) + [(sentence(notice, longest), "notice--text")]
    if notice.times > 1:
        runs.append((times(notice), "notice--muted"))
    return runs


def _with_tail(notice: Notice, tail: Clean, room: int, most: int) -> list[list[Part]]:
    """At most so many lines, the tail at the right end of the last; an ellipsis where something is left out.

    Names are shortened before anything is left out at the end, where the reason stands.
    """
    left = room - cell_len(tail) - 2
    for longest in (None, *SHORTER):
        runs = _runs(notice, longest)
        lines = wrap(runs, room)
        if len(lines) <= most and sum(cell_len(text) for text, _ in lines[-1]) > left:
            lines = wrap(runs, left)
        if len(lines) <= most or notice.phrase is None:
            break
    if len(lines) > most:
        lines = lines[:most]
        lines[-1] = _cut(lines[-1], left)
    gap = room - cell_len(tail) - sum(cell_len(text) for text, _ in lines[-1])
    return [*lines[:-1], [*lines[-1], (Clean(" ") * gap, "notice--text"), (tail, "notice--muted")]]


def _cut(line: list[Part], width: int) -> list[Part]:
    """A line that goes on where nobody sees it, in at most `width` cells."""
    kept: list[Part] = []
    used = 0
    for text, style in line:
        room = width - used
        whole = cell_len(text) + cell_len(glyphs().ellipsis) <= room
        kept.append((text if whole else cut(text + glyphs().ellipsis, room), style))
        used += cell_len(kept[-1][0])
        if not whole:
            return kept
    return [*kept, (glyphs().ellipsis, "notice--text")]
