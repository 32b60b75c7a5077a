"""The app's screen as an SVG that shows without a font from elsewhere, with every character in its cells.

Rich's picture gives a line as one text, stretched to a length that counts Chinese characters as one cell: a browser draws
them over one another.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import groupby

from rich.cells import get_character_cell_size

from r1tui.app import R1App

_FONT = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)
_CLIP = re.compile(r'\s*<clipPath id="[^"]*-line-\d+">.*?</clipPath>', re.DOTALL)
_TEXT = re.compile(
    r'<text class="([^"]*)" x="([^"]*)" y="([^"]*)" textLength="([^"]*)" clip-path="[^"]*">([^<]*)</text>'
)
CELL = 12.2
"""Width of a cell in Rich's picture."""


def picture(app: R1App, title: str = "r1tui") -> str:
    """What the app shows now."""
    svg = _CLIP.sub("", _FONT.sub("", app.export_screenshot(title=title)))
    svg = svg.replace("Fira Code", "DejaVu Sans Mono").replace(
        "monospace", "Noto Sans Mono CJK SC, monospace"
    )
    return _TEXT.sub(_placed, svg)


def _placed(found: re.Match[str]) -> str:
    style, x, y, _, text = found.groups()
    return "".join(
        f'<text class="{style}" x="{_figure(float(x) + at * CELL)}" y="{y}" textLength="{_figure(cells * CELL)}">'
        f"{html.escape(run)}</text>"
        for at, cells, run in _runs(html.unescape(text))
    )


def _runs(text: str) -> Iterator[tuple[int, int, str]]:
    """(its first cell, its cells, itself) for each run of characters of one width; blanks are left out."""
    at = 0
    widths = [get_character_cell_size(char) for char in text]
    # A mark of no width of its own stays with what it stands on.
    kinds = list[int]()
    for char, width in zip(text, widths, strict=True):
        kinds.append(0 if char.isspace() else width or (kinds[-1] if kinds else 1))
    for kind, group in groupby(range(len(text)), kinds.__getitem__):
        places = list(group)
        cells = sum(widths[place] for place in places)
        if kind:
            yield at, cells, "".join(text[place] for place in places)
        at += cells


def _figure(value: float) -> str:
    return f"{round(value, 1):g}"
