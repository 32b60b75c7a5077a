"""Candidates for the next token at a temperature."""

from __future__ import annotations

import math

import pytest

from r1tui.domain.likely import probabilities, shares

LOGS = [math.log(each) for each in (0.5, 0.3, 0.1)]


def test_temperature_zero_gives_all_to_the_likeliest() -> None:
    assert shares(LOGS, 0.0) == [1.0, 0.0, 0.0]
    assert shares([-2.0, -1.0], 0.0) == [0.0, 1.0]


def test_temperature_one_keeps_the_models_proportions() -> None:
    assert shares(LOGS, 1.0) == pytest.approx([5 / 9, 3 / 9, 1 / 9])


def test_a_low_temperature_sharpens_and_a_high_one_flattens() -> None:
    low, high = shares(LOGS, 0.6), shares(LOGS, 1.2)
    assert low[0] > 5 / 9 > high[0]
    assert low[2] < 1 / 9 < high[2]
    assert sum(low) == pytest.approx(1.0)
    assert sum(high) == pytest.approx(1.0)


def test_a_power_law_holds() -> None:
    # At temperature T a token that is r times as likely becomes r ** (1 / T) times as likely.
    one, two, _ = shares(LOGS, 0.5)
    assert one / two == pytest.approx((0.5 / 0.3) ** 2)


def test_impossible_tokens_and_no_tokens_are_no_fault() -> None:
    assert shares([], 0.6) == []
    assert shares([0.0, -1e6], 0.6) == [1.0, 0.0]
    assert probabilities([0.0, -1e6, math.log(0.25)]) == pytest.approx([1.0, 0.0, 0.25])
