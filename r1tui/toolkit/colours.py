"""The nearest colour that a terminal of 256 colours has.

Rich's own choice rounds each channel of a dark colour down to 0: the page, the panels upon it and the lines between
them would all be black.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from rich.color import Color, ColorSystem, ColorType

_LEVELS = (0, 95, 135, 175, 215, 255)
"""The levels of a channel in xterm's cube of 6 × 6 × 6 colours, numbers 16 to 231 (xterm's `256colres.pl`)."""
_GREYS = range(8, 248, 10)
"""The 24 greys, numbers 232 to 255."""
_LUMA = (0.299, 0.587, 0.114)
"""What red, green and blue add to the brightness (ITU-R BT.601)."""


def downgrade(color: Color, system: ColorSystem) -> Color:
    """A colour as a terminal with these colours shows it."""
    if system is ColorSystem.EIGHT_BIT and color.type is ColorType.TRUECOLOR and color.triplet is not None:
        return Color.from_ansi(_nearest(*color.triplet))
    return color.downgrade(system)


@lru_cache(maxsize=1024)
def _nearest(red: int, green: int, blue: int) -> int:
    """The number of the colour, of the cube or of the greys, that differs least."""
    wanted = (red, green, blue)
    sixths = [min(range(6), key=lambda level: abs(_LEVELS[level] - channel)) for channel in wanted]
    luma = sum(share * channel for share, channel in zip(_LUMA, wanted, strict=True))
    grey = min(range(24), key=lambda step: abs(_GREYS[step] - luma))
    of_cube = _difference(wanted, [_LEVELS[level] for level in sixths])
    of_greys = _difference(wanted, [_GREYS[grey]] * 3)
    if of_greys < of_cube:
        return 232 + grey
    return 16 + 36 * sixths[0] + 6 * sixths[1] + sixths[2]


def _difference(one: Sequence[int], other: Sequence[int]) -> float:
    """How far apart two colours look: their squared distance, weighted by what each channel adds to the brightness."""
    return sum(share * (a - b) ** 2 for share, a, b in zip(_LUMA, one, other, strict=True))
