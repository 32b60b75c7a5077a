"""A line of the screen behaves as Textual's, and makes none of its caches before it is used."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import Monochrome
from textual.strip import Strip

from r1tui.toolkit import patches
from r1tui.toolkit.patches import strip_caches

LINE = [
    Segment("The 答案 is ", Style(bold=True)),
    Segment("12", Style(color="red")),
    Segment(" 🙂.", Style()),
]
WAYS: dict[str, Callable[[Strip], object]] = {
    "crop": lambda strip: strip.crop(2, 9),
    "crop and extend": lambda strip: strip.crop_extend(3, 40, Style(bgcolor="blue")),
    "divide": lambda strip: strip.divide([4, 9, strip.cell_length]),
    "longer": lambda strip: strip.adjust_cell_length(40, Style(dim=True)),
    "shorter": lambda strip: strip.adjust_cell_length(5),
    "style": lambda strip: strip.apply_style(Style(italic=True)),
    "filter": lambda strip: strip.apply_filter(Monochrome(), Color(0, 0, 0)),
    "offsets": lambda strip: strip.apply_offsets(3, 4),
    "text": lambda strip: strip.text,
    "width": lambda strip: strip.cell_length,
    "characters": lambda strip: strip.cell_count,
    "links": lambda strip: strip.link_ids,
    "simplify": lambda strip: strip.simplify(),
}


@pytest.fixture(autouse=True)
def _installed() -> None:
    assert "strip_caches" not in patches.apply()


def _caches(strip: Strip) -> set[str]:
    """Those that it has."""
    return {name for name in Strip.__slots__ if name.endswith("_cache") and _has(strip, name)}


def _has(strip: Strip, name: str) -> bool:
    try:
        slot = vars(Strip)[name]
        return slot.__get__(strip) is not None
    except AttributeError:
        return False


@pytest.mark.parametrize("way", WAYS)
def test_a_line_is_cut_and_styled_as_textual_does_it(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = Strip(LINE)
    found = WAYS[way](ours), WAYS[way](ours)
    monkeypatch.setattr(Strip, "__init__", strip_caches._init.__wrapped__)
    monkeypatch.delattr(Strip, "__getattr__")
    theirs = Strip(LINE)
    assert len(_caches(theirs)) > 5, "Textual makes no caches any more: the patch can go"
    assert found == (WAYS[way](theirs), WAYS[way](theirs))


def test_a_line_that_nobody_cuts_has_no_cache() -> None:
    assert _caches(Strip(LINE, 18)) == set()


def test_a_cache_is_made_by_its_first_use_and_kept() -> None:
    strip = Strip(LINE)
    first = strip.crop(2, 9)
    assert _caches(strip) == {"_crop_cache"}
    assert strip.crop(2, 9) is first


def test_what_a_line_does_not_have_is_missed_as_ever() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        Strip(LINE).nothing  # type: ignore[attr-defined]  # noqa: B018
    assert not hasattr(Strip(LINE), "__rich_console__")
