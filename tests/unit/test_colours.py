"""Which of a terminal's 256 colours stands for a colour of a theme."""

import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import Color, ColorSystem

from r1tui.toolkit.colours import downgrade

THEMES = sorted(Path(__file__).resolve().parents[2].glob("themes/r1-*.toml"))
channel = st.integers(0, 255)


def shown(color: str) -> Color:
    return downgrade(Color.parse(color), ColorSystem.EIGHT_BIT)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.stem)
def test_page_surface_and_panel_stay_apart_in_256_colours(theme: Path) -> None:
    colours = tomllib.loads(theme.read_text())["colors"]
    grounds = [shown(colours[name]) for name in ("background", "surface", "panel")]
    assert all(one != other for one, other in pairwise(grounds)), grounds


@pytest.mark.parametrize(
    ("color", "number"),
    [
        ("#000000", 16),
        ("#ffffff", 231),
        ("#14161c", 233),
        ("#20242e", 235),
        ("#f4eedf", 255),
        ("#ff0000", 196),
    ],
)
def test_the_nearest_of_the_cube_and_the_greys_is_taken(color: str, number: int) -> None:
    assert shown(color).number == number


@given(channel, channel, channel)
def test_what_the_terminal_has_is_shown_as_it_is(red: int, green: int, blue: int) -> None:
    once = downgrade(Color.from_rgb(red, green, blue), ColorSystem.EIGHT_BIT)
    again = downgrade(Color.from_triplet(once.get_truecolor()), ColorSystem.EIGHT_BIT)
    assert again.get_truecolor() == once.get_truecolor()


def test_other_systems_and_the_terminals_own_colours_are_left_to_rich() -> None:
    assert downgrade(Color.parse("#14161c"), ColorSystem.TRUECOLOR) == Color.parse("#14161c")
    assert downgrade(Color.parse("red"), ColorSystem.EIGHT_BIT) == Color.parse("red")
    assert downgrade(Color.default(), ColorSystem.EIGHT_BIT) == Color.default()
