"""The bottom line: what goes on now, and the keys that matter now."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import ClassVar

from rich.cells import cell_len
from textual.reactive import reactive
from textual.timer import Timer

from r1tui.domain.clean import Clean, clean_line
from r1tui.domain.dataclass import dataclass
from r1tui.domain.message import Phase
from r1tui.locale import clock, t
from r1tui.locale.figures import rate
from r1tui.toolkit.cells import cut_start, gap_behind, pad
from r1tui.toolkit.glyphs import glyphs
from r1tui.widgets.lines import Line, Lines, Part
from r1tui.widgets.mode_keys import Entry
from r1tui.widgets.transcript.search import Found

_PHASES = {
    Phase.CONNECTING: "phase.connecting",
    Phase.LOADING: "phase.loading",
    Phase.READING: "phase.reading",
    Phase.THINKING: "phase.thinking",
    Phase.ANSWERING: "phase.answering",
}
CONTEXT_ENDS = 0.9
"""Part of the context in use from which it is marked: what is left holds no reasoned answer."""
FILL_CELLS = 8
"""Cells of the bar that shows how full the context is."""
_KEY_GAP = 2
"""Cells between two keys."""
_SHORT_PHASES = _PHASES | {Phase.LOADING: "phase.loading_short", Phase.READING: "phase.reading_short"}


@dataclass(frozen=True, slots=True)
class Status:
    """Everything the line may tell. Change it with `dataclasses.replace`."""

    phase: Phase | None = None
    phase_started: float = 0.0
    """`time.monotonic()` when the phase began."""
    sample: tuple[int, int] | None = None
    """The sample of a vote that is asked now, and of how many."""
    rate: float | None = None
    """Tokens a second."""
    context_used: int | None = None
    """Tokens."""
    context_size: int | None = None
    context_begins: int | None = None
    """Tokens in use from which on only the answer's reserve is left; while it thinks."""
    first_token: float | None = None
    """Seconds to the first token of what would be sent now, where that is long."""
    host: str = ""
    """The server's address; empty when it is this machine."""
    low_bandwidth: bool = False
    private: bool = False
    found: Found | None = None
    """How the search in the conversation stands."""
    keys: tuple[Entry, ...] = ()
    """The most important first."""
    mode: Clean = Clean("")
    """What the place is called whose letters are commands now; empty where they are written."""
    leading: int = 1
    """The first keys, so many, that give way after what is told beside them."""
    closing: int = 0
    """The last keys, so many, that do too."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the line. Where room is short the highest `rank` is shortened first, then left out first."""

    text: Clean
    rank: float
    short: Clean = Clean("")
    style: str = ""
    """A component class of the bar."""
    key: Clean = Clean("")
    """A key's name, written before the text."""
    names_mode: bool = False
    """What the keys behind it belong to."""

    @property
    def among_keys(self) -> bool:
        """Whether it stands with the keys."""
        return bool(self.key) or self.names_mode

    @property
    def width(self) -> int:
        """Cells that the piece takes in full."""
        return cell_len(self.text) + (cell_len(self.key) + 1 if self.key else 0)


def fit(pieces: Sequence[Piece], room: int, gap: int) -> list[Piece]:
    """The pieces that fit into `room` cells with `gap` cells between two that are no keys, in order, some shortened."""
    kept = list(pieces)

    def width() -> int:
        gaps = [_KEY_GAP if piece.among_keys else gap for piece in kept]
        return sum(piece.width for piece in kept) + sum(gaps) - min(gaps, default=0)

    for piece in sorted((piece for piece in kept if piece.short), key=lambda piece: -piece.rank):
        if width() <= room:
            return kept
        at = kept.index(piece)
        kept[at] = replace(piece, text=piece.short, short=Clean(""))
    while len(kept) > 1 and width() > room:
        kept.remove(max(kept, key=lambda piece: piece.rank))
    return kept


def tokens(count: int) -> Clean:
    """A number of tokens in four cells: `850`, `1.9k`, `128k`. A thousand is 1024, as in contexts."""
    if count < 1000:
        return Clean(f"{count}")
    thousands = count / 1024
    return f"{thousands:.0f}k" if thousands >= 9.95 or thousands.is_integer() else f"{thousands:.1f}k"


def fill_bar(used: int, begins: int, size: int) -> Clean:
    """How full a context is, a mark where the answer's reserve begins: each tells itself without colour."""
    sign = glyphs()
    full = min(used * FILL_CELLS // size, FILL_CELLS)
    cells = sign.bar_full * full + sign.bar_empty * (FILL_CELLS - full)
    mark = min(max(begins * FILL_CELLS // size, 0), FILL_CELLS)
    return f"{cells[:mark]}{sign.gutter}{cells[mark:]}"


class StatusBar(Lines):
    """One line, told by its `status`. Only changed cells are drawn; it ticks only while a phase lasts."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "status--phase",
        "status--mode",
        "status--key",
        "status--mark",
        "status--muted",
    }
    DEFAULT_CSS = """
    StatusBar { height: 1; width: 1fr; background: $panel; color: $foreground; }
    StatusBar > .status--phase { color: $text-accent; text-style: bold; }
    StatusBar > .status--mode { color: $text-accent; text-style: bold; }
    StatusBar > .status--key { text-style: bold; }
    StatusBar > .status--mark { color: $text-warning; }
    StatusBar > .status--muted { color: $text-muted; }
    """

    ALLOW_SELECT = False

    status: reactive[Status] = reactive(Status(), repaint=False, init=False)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._ticker: Timer | None = None

    def on_mount(self) -> None:
        """Begin ticking when a phase was told before."""
        self._tick_while_needed()

    def watch_status(self, old: Status, new: Status) -> None:
        """Draw what differs: counts that grow with every token at the next tick, everything else at once."""
        self._tick_while_needed()
        grown = replace(old, rate=new.rate, context_used=new.context_used)
        if self._ticker is None or grown != new:
            self.redraw()

    def _tick_while_needed(self) -> None:
        if self.status.phase is None and self._ticker is not None:
            self._ticker.stop()
            self._ticker = None
        elif self.status.phase is not None and self._ticker is None and self.is_attached:
            self._ticker = self.set_interval(1, self.redraw)

    def styled_lines(self, width: int) -> Iterable[Line]:
        """What goes on at the left, keys at the right, a blank at either edge; in a mode its name and keys come first."""
        facts: list[Part] = []
        keys: list[Part] = []
        pieces = _pieces(self.status)
        spelt = [replace(piece, key=_spelt(piece.key)) for piece in pieces]
        for piece in spelt if fit(spelt, width - 2, 3) == spelt else fit(pieces, width - 2, 3):
            if piece.among_keys:
                gap = gap_behind(self.status.mode) if len(keys) == 1 else Clean(" " * _KEY_GAP)
                keys += [(gap, "")] * bool(keys)
                keys += [(piece.key, "status--key"), (Clean(" "), "")] * bool(piece.key)
                keys.append((piece.text, piece.style if piece.names_mode else "status--muted"))
            else:
                facts += [(f" {glyphs().dot} ", "status--muted")] * bool(facts) + [(piece.text, piece.style)]
        left, right = (keys, facts) if self.status.mode else (facts, keys)
        used = sum(cell_len(text) for text, _ in [*left, *right])
        yield Line(((Clean(" "), ""), *left, (pad(Clean(""), width - 2 - used), ""), *right))


def _spelt(key: Clean) -> Clean:
    """`Ctrl+T` for `^T`, where there is room for it."""
    return f"Ctrl+{key[1:]}" if len(key) == 2 and key[0] == "^" else key


def _pieces(status: Status) -> list[Piece]:
    """All that `status` tells, in reading order. Ranks: what a person must see first is lowest."""
    pieces: list[Piece] = []
    if status.phase is not None:
        elapsed = clock.elapsed(time.monotonic() - status.phase_started)
        pieces.append(
            Piece(
                f"{t(_PHASES[status.phase])} {elapsed}",
                0,
                f"{t(_SHORT_PHASES[status.phase])} {elapsed}",
                "status--phase",
            )
        )
    if status.found is not None:
        stands, in_short = found_words(status.found)
        pieces.append(Piece(stands, 1, in_short, "" if status.found.total else "status--mark"))
    if status.sample is not None:
        figures: dict[str, object] = dict(zip(("number", "planned"), status.sample, strict=True))
        pieces.append(Piece(t("status.sample", **figures), 1))
    if status.first_token is not None:
        wait = clock.wait(status.first_token)
        pieces.append(Piece(t("status.first_token", time=wait), 3, t("status.first_token_short", time=wait)))
    if status.private:
        pieces.append(
            Piece(f"{glyphs().private} {t('status.private')}", 2, t("status.private"), "status--mark")
        )
    if status.low_bandwidth:
        pieces.append(Piece(t("status.low_bandwidth"), 5, t("status.low_bandwidth_short"), "status--mark"))
    if status.rate is not None:
        pieces.append(Piece(t("status.rate", rate=rate(status.rate)), 6))
    if status.context_used is not None and status.context_size:
        figures = {"used": tokens(status.context_used), "size": tokens(status.context_size)}
        words, short = t("status.context", **figures), t("status.context_short", **figures)
        if status.context_begins is not None:
            fill = fill_bar(status.context_used, status.context_begins, status.context_size)
            words, short = f"{words} {fill}", f"{short} {fill}"
        if status.context_used >= status.context_size * CONTEXT_ENDS:
            sign = glyphs().warning
            pieces.append(Piece(f"{sign} {words}", 2, f"{sign} {short}", "status--mark"))
        else:
            pieces.append(Piece(words, 4, short))
    if status.host:
        pieces.append(
            Piece(clean_line(status.host), 7, cut_start(clean_line(status.host), 16), "status--muted")
        )
    if status.mode:
        pieces.append(Piece(status.mode, 2, style="status--mode", names_mode=True))
    # The leading keys give way after all but the phase and the marks; the others go before any of the facts do.
    last = len(status.keys) - status.closing
    for number, (key, label) in enumerate(status.keys):
        stays = number < status.leading or number >= last
        rank = (3 if number >= last else 3.5) if stays else 10
        pieces.append(Piece(label, rank + number / 1000, key=key))
    return pieces


def found_words(found: Found) -> tuple[Clean, Clean]:
    """How a search stands, and the same in short."""
    if not found.total:
        return t("status.found_none"), t("status.found_none")
    if not found.position:
        return t("status.found_all", n=found.total), t("status.found_all", n=found.total)
    at, n = found.position, found.total
    if found.turned:
        turned = t("status.found_from_end" if found.turned < 0 else "status.found_from_top", at=at, n=n)
        return turned, turned
    return t("status.found", at=at, n=n), t("status.found_short", at=at, n=n)
