"""Numbers as a person types them."""

from __future__ import annotations

import re

_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d.,])", re.ASCII)


def ungrouped(typed: str) -> str:
    """The same with counts as a machine reads them: they may be typed as they are shown, `8,192` for 8192."""
    return _GROUPED.sub(lambda found: found[0].replace(",", ""), typed)
