"""Bars drawn with characters."""

from __future__ import annotations

from r1tui.domain.clean import Clean
from r1tui.toolkit.glyphs import glyphs


def share_bar(share: float, cells: int) -> Clean:
    """A share of 1 as a bar of at most `cells`; what is more than nothing shows."""
    if share <= 0 or cells <= 0:
        return Clean("")
    halves = round(min(share, 1.0) * cells * 2)
    return glyphs().bar_full * (halves // 2) + (glyphs().bar_part if halves % 2 or not halves else Clean(""))
