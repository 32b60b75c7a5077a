"""Several things in one line, as the language writes them: `a, b`, `a、b`."""

from __future__ import annotations

from collections.abc import Iterable

from r1tui.domain.clean import Clean
from r1tui.locale import t


def enumerated(words: Iterable[Clean]) -> Clean:
    """The words, with the language's own comma between them."""
    return t("list.comma").join(words)
