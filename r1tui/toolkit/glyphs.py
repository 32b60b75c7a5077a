"""Signs drawn on the screen, in two sets: Unicode, and ASCII for terminals that have no more."""

from __future__ import annotations

from dataclasses import dataclass, fields

# Ambiguous-width signs (East Asian Width A) are avoided or kept where nothing is aligned after them.


@dataclass(frozen=True, slots=True)
class Glyphs:
    """One set of signs. Each is one cell wide unless its name says otherwise."""

    folded: str = "▸"
    unfolded: str = "▾"
    running: str = "●"
    selected: str = "›"
    down: str = "↓"
    up: str = "↑"
    recommended: str = "◆"
    bar_full: str = "▇"
    bar_part: str = "▄"
    bar_empty: str = "▁"
    rule: str = "─"
    gutter: str = "│"
    bullet: str = "•"
    ellipsis: str = "…"
    wrapped: str = "↪"
    """Before the rest of a line of code that did not fit."""
    check: str = "✓"
    warning: str = "!"
    private: str = "◌"
    dot: str = "·"
    levels: str = "▁▂▃▄▅▆▇█"
    """Eight heights of a sparkline, lowest first."""


UNICODE = Glyphs()
ASCII = Glyphs(
    folded=">",
    unfolded="v",
    running="*",
    selected=">",
    down="v",
    up="^",
    recommended="*",
    bar_full="#",
    bar_part="=",
    bar_empty=".",
    rule="-",
    gutter="|",
    bullet="*",
    ellipsis="~",
    wrapped="\\",
    check="+",
    warning="!",
    private="o",
    dot="-",
    levels="__..--^^",
)

_current = UNICODE


def use(glyphs: Glyphs) -> None:
    """Draw with `glyphs` from now on; the app chooses before the first paint."""
    global _current
    _current = glyphs


def glyphs() -> Glyphs:
    """The set in use."""
    return _current


def to_ascii(text: str) -> str:
    """`text` with the signs of the Unicode set replaced by those of the ASCII set, as in words of the catalogue."""
    for item in fields(Glyphs):
        text = text.replace(getattr(UNICODE, item.name), getattr(ASCII, item.name))
    return text
