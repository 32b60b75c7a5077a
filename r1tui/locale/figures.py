"""Figures in words: sizes and speeds, short enough for a narrow column."""

from __future__ import annotations

import re

from r1tui.domain.attachment_parts import CHARACTERS, LINES
from r1tui.domain.clean import Clean, clean_line
from r1tui.locale import t

_PART = re.compile(rf"({LINES}|{CHARACTERS}) (\d{{1,12}})-(\d{{1,12}})")
_GIB = 1024**3


def size(count: float) -> Clean:
    """Bytes on disk or on the line in decimal units, as Ollama counts them: `5.2 GB`."""
    if count >= 999.5e6:
        return t("figure.gigabytes", amount=f"{count / 1e9:.1f}")
    if count >= 999.5e3:
        return t("figure.megabytes", amount=f"{count / 1e6:.0f}")
    return t("figure.kilobytes", amount=f"{count / 1e3:.0f}")


def short_size(count: float) -> Clean:
    """The same in at most five cells: `5.2G`, `98M`."""
    if count >= 99.95e9:
        return f"{count / 1e9:.0f}G"
    return f"{count / 1e9:.1f}G" if count >= 999.5e6 else f"{count / 1e6:.0f}M"


def memory(count: float) -> Clean:
    """Bytes of memory, in binary units: `6.7 GiB`."""
    return t("figure.gibibytes", amount=f"{count / _GIB:.1f}")


def speed(per_second: float) -> Clean:
    """Bytes a second, in the units of file sizes."""
    return t("figure.per_second", size=size(per_second))


def rate(tokens_per_second: float) -> Clean:
    """Tokens a second as they were measured: `31.0`, and whole with a comma from 1,000 on, as counts are: `4,985`."""
    return f"{tokens_per_second:.1f}" if tokens_per_second < 999.95 else f"{tokens_per_second:,.0f}"


def part(of: str) -> Clean:
    """Which part of a text an attachment is (`Attachment.part`)."""
    found = _PART.fullmatch(of)
    if found is None:
        return clean_line(of)
    first, last = int(found[2]), int(found[3])
    if found[1] == LINES:
        return t("attachment.part_lines", first=first, last=last)
    return t("attachment.part_characters", first=first, last=last)
