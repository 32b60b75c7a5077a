"""Figures as they are written."""

from __future__ import annotations

import pytest

from r1tui.domain.candidate import rate
from r1tui.locale import figures


@pytest.mark.parametrize(
    ("speed", "measured", "expected"),
    [(3.24, "3.2", "3.2"), (63.04, "63.0", "63"), (999.96, "1,000", "1,000"), (4984.7, "4,985", "4,985")],
)
def test_a_speed_from_a_thousand_on_is_whole_and_has_a_comma_as_counts_have(
    speed: float, measured: str, expected: str
) -> None:
    assert figures.rate(speed) == measured
    assert rate(speed) == expected
