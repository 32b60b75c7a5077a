"""Counts can be typed as they are shown."""

from __future__ import annotations

import pytest

from r1tui.domain.options import option_from_text
from r1tui.domain.settings_schema import setting
from r1tui.domain.typed import ungrouped


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("8,192", "8192"),
        ("1,000-2,026,452", "1000-2026452"),
        ("8192", "8192"),
        ("1,5", "1,5"),
        ("1,2345", "1,2345"),
        ("0.1,000", "0.1,000"),
        ("1,000.5", "1,000.5"),
        ("a,123", "a,123"),
    ],
)
def test_only_thousands_lose_what_stands_between_them(typed: str, read: str) -> None:
    assert ungrouped(typed) == read


def test_a_context_may_be_typed_as_it_is_shown() -> None:
    assert setting("chat.num_ctx").from_text("8,192") == 8192
    assert option_from_text("num_ctx", "8,192") == 8192
    assert setting("chat.num_ctx").from_text("8,19") is None
