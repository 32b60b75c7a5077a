"""Signs drawn on the screen, in two sets: Unicode, and ASCII for terminals that have no more."""

from __future__ import annotations

from dataclasses import fields

from r1tui.domain.clean import Clean
from r1tui.domain.dataclass import dataclass

# Ambiguous-width signs (East Asian Width A) are avoided or kept where nothing is aligned after them.


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One set of signs. Each is one cell wide unless its name says otherwise."""

    folded: Clean = Clean("▸")
    unfolded: Clean = Clean("▾")
    running: Clean = Clean("●")
    selected: Clean = Clean("›")
    down: Clean = Clean("↓")
    up: Clean = Clean("↑")
    recommended: Clean = Clean("◆")
    bar_full: Clean = Clean("▇")
    bar_part: Clean = Clean("▄")
    bar_empty: Clean = Clean("▁")
    rule: Clean = Clean("─")
    gutter: Clean = Clean("│")
    corner: Clean = Clean("╭")
    """Where a gutter begins in a line of its own."""
    bullet: Clean = Clean("•")
    ellipsis: Clean = Clean("…")
    wrapped: Clean = Clean("↪")
    """Before the rest of a line of code that did not fit."""
    back: Clean = Clean("↩")
    """Where a reasoning turns back."""
    check: Clean = Clean("✓")
    warning: Clean = Clean("!")
    failed: Clean = Clean("✗")
    edge: Clean = Clean("▌")
    """At the left of what the app says."""
    times: Clean = Clean("×")
    private: Clean = Clean("◌")
    dot: Clean = Clean("·")
    levels: Clean = Clean("▁▂▃▄▅▆▇█")
    """Eight heights of a sparkline, lowest first."""


UNICODE = Glyphs()
ASCII = Glyphs(
    folded=Clean(">"),
    unfolded=Clean("v"),
    running=Clean("*"),
    selected=Clean(">"),
    down=Clean("v"),
    up=Clean("^"),
    recommended=Clean("*"),
    bar_full=Clean("#"),
    bar_part=Clean("="),
    bar_empty=Clean("."),
    rule=Clean("-"),
    gutter=Clean("|"),
    corner=Clean("+"),
    bullet=Clean("*"),
    ellipsis=Clean("~"),
    wrapped=Clean("\\"),
    back=Clean("<"),
    check=Clean("+"),
    warning=Clean("!"),
    failed=Clean("x"),
    edge=Clean("|"),
    times=Clean("x"),
    private=Clean("o"),
    dot=Clean("-"),
    levels=Clean("__..--^^"),
)

_current = UNICODE


def use(glyphs: Glyphs) -> None:
    """Draw with `glyphs` from now on; the app chooses before the first paint."""
    global _current
    _current = glyphs


def glyphs() -> Glyphs:
    """The set in use."""
    return _current


def _sign(glyphs: Glyphs, name: str) -> Clean:
    sign: Clean = getattr(glyphs, name)
    return sign


def to_ascii(text: Clean) -> Clean:
    """`text` with the signs of the Unicode set replaced by those of the ASCII set, as in words of the catalogue."""
    for item in fields(Glyphs):
        text = text.replace(_sign(UNICODE, item.name), _sign(ASCII, item.name))
    return text
