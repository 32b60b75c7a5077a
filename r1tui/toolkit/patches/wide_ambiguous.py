"""For terminals that draw ambiguous characters (UAX #11, class A: Greek, box drawing, ± … ×) two cells wide."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import groupby
from unicodedata import combining, east_asian_width

from rich import cells, segment

from r1tui.toolkit.hooks import hooks
from r1tui.toolkit.patches import Patch

_load_narrow: Callable[..., cells.CellTable] = vars(cells)["load_cell_table"]
_single_narrow = cells._SINGLE_CELLS
_wide = False


def count_ambiguous_wide(wide: bool = True) -> None:
    """Have Rich, and Textual with it, count two cells for each ambiguous character, or one again.

    What was measured before holds no more: everything is to be laid out anew.
    Rich has no setting for it: its table of widths is replaced by one that holds these characters too.
    """
    global _wide
    if wide == _wide:
        return
    _wide = wide
    load, single = _wide_table() if wide else (_load_narrow, _single_narrow)
    vars(cells)["load_cell_table"] = load
    for module in (cells, segment):
        vars(module)["_is_single_cell_widths"] = single.issuperset
    cells.get_character_cell_size.cache_clear()
    cells.cached_cell_len.cache_clear()


def _wide_table() -> tuple[Callable[..., cells.CellTable], frozenset[str]]:
    """What Rich calls for its table, and the characters that it counts as one cell without looking them up."""
    narrow = _load_narrow("auto")
    known = {
        code: width
        for start, end, width in narrow.widths
        for code in range(start, min(end, sys.maxunicode) + 1)
    }
    for code in (*range(0xA0, 0x10000), *range(0x1F100, 0x1F200)):
        character = chr(code)
        if east_asian_width(character) == "A" and not combining(character) and known.get(code, 1) == 1:
            known[code] = 2
    wide = cells.CellTable(narrow.unicode_version, _ranges(known), narrow.narrow_to_wide)
    single = frozenset(each for each in _single_narrow if known.get(ord(each), 1) == 1)
    return lambda unicode_version="auto": wide, single


def _ranges(widths: dict[int, int]) -> list[tuple[int, int, int]]:
    """Code point → width as Rich's sorted (first, last, width)."""
    found = []
    for (_, width), group in groupby(sorted(widths.items()), key=_Run()):
        codes = [code for code, _ in group]
        found.append((codes[0], codes[-1], width))
    return found


class _Run:
    """A key that stays the same as long as code points follow each other with the same width."""

    def __init__(self) -> None:
        self._last = (-2, -1)
        self._first = 0

    def __call__(self, item: tuple[int, int]) -> tuple[int, int]:
        code, width = item
        if (code - 1, width) != self._last:
            self._first = code
        self._last = (code, width)
        return self._first, width


def install() -> None:
    """Let the setting `wide_ambiguous` have its effect."""
    hooks.count_ambiguous_wide = count_ambiguous_wide


PATCH = Patch(
    "ambiguous characters can be counted as two cells",
    leans_on=(
        "rich.cells:load_cell_table(unicode_version)",
        "rich.cells:CellTable(unicode_version, widths, narrow_to_wide)",
        "rich.cells:_SINGLE_CELLS",
        "rich.cells:_is_single_cell_widths",
        "rich.cells:get_character_cell_size.cache_clear",
        "rich.cells:cached_cell_len.cache_clear",
        "rich.segment:_is_single_cell_widths",
    ),
    upstream="rich/cells.py: one table of widths for everybody, without a setting",
    without="the setting changes nothing: such characters are counted as one cell",
    install=install,
)
