"""Ambiguous characters counted as wide: it changes Rich for the whole process, so each check has one of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("a", 1),
        ("±", 2),
        ("α", 2),
        ("─", 2),
        ("你", 2),
        ("ä", 1),
        ("e\u0301", 1),
        ("👍", 2),
        ("a±你", 5),
        ("x" * 600 + "±", 602),
    ],
)
def test_ambiguous_characters_take_two_cells_and_the_others_what_they_took(text: str, cells: int) -> None:
    code = (
        "import sys; from r1tui.toolkit.patches.wide_ambiguous import count_ambiguous_wide; count_ambiguous_wide();"
        "from rich.cells import cell_len; print(cell_len(sys.argv[1]))"
    )
    shown = subprocess.run([sys.executable, "-c", code, text], capture_output=True, text=True, check=True)
    assert int(shown.stdout) == cells
