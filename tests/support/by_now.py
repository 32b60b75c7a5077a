"""What is so by now."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def by_now(look: Callable[[], T]) -> T:
    """What a look finds: mypy takes an attribute that was looked at before for what it was then, and this for what it may be."""
    return look()
