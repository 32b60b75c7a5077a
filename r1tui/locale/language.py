"""What a language says of itself, in the `__init__.py` of its package, as `LANGUAGE`."""

from __future__ import annotations

from collections.abc import Callable

from r1tui.domain.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """One language. Its code is the name of its package, such as `zh_CN`; its figures' formats are its `figure.*`
    entries.
    """

    name: str
    """Its own name for itself."""
    forms: int
    """How many forms an entry has that depends on a number; with one, such an entry is a plain template."""
    plural: Callable[[int], int]
    """Number → index of its form, below `forms` (CLDR's plural rules for whole numbers, in CLDR's order)."""
    thousands: str = ","
    """What stands between the thousands of a count."""
