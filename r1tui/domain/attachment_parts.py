"""Parts of an attachment that is too long for the context: its beginning, its end, a range of lines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from r1tui.domain.attachment import Attachment
from r1tui.domain.context_window import TokenRates
from r1tui.domain.typed import ungrouped

LINES = "lines"
CHARACTERS = "characters"
"""What a part is counted in, as it stands in `Attachment.part`: `lines 1-200`."""
_RANGE = re.compile(r"\s*(\d{1,9})\s*(?:[-–—~,:]|\.\.\.?|to)\s*(\d{1,9})?\s*", re.IGNORECASE)


def longest(attachments: Iterable[Attachment]) -> Attachment:
    """The one of several that is made shorter where they are too long."""
    return max(attachments, key=lambda each: len(each.text))


def part_that_fits(attachment: Attachment, room: int, rates: TokenRates, *, end: bool) -> Attachment | None:
    """As many whole lines from the beginning, or of the `end`, as take at most `room` tokens: within a line only where
    not even one fits. None where there is no room.
    """
    text = attachment.text
    most = min(len(text), int((room + 1) / min(rates.latin, rates.wide)) if room > 0 else 0)
    near = text[len(text) - most :] if end else text[:most]
    fits, too_many = 0, most + 1
    while too_many - fits > 1:
        middle = (fits + too_many) // 2
        if rates.tokens(near[most - middle :] if end else near[:middle]) <= room:
            fits = middle
        else:
            too_many = middle
    if not fits:
        return None
    if end:
        start = len(text) - fits
        newline = start - 1 if start == 0 or text[start - 1] == "\n" else text.find("\n", start)
        if 0 <= newline < len(text) - 1 or start == 0:
            first = text.count("\n", 0, newline + 1) + 1
            return replace(attachment, text=text[newline + 1 :], part=f"{LINES} {first}-{attachment.lines}")
        return replace(attachment, text=text[start:], part=f"{CHARACTERS} {start + 1}-{len(text)}")
    stop = fits if fits == len(text) else text.rfind("\n", 0, fits) + 1
    if stop:
        kept = replace(attachment, text=text[:stop])
        return replace(kept, part=f"{LINES} 1-{kept.lines}")
    return replace(attachment, text=text[:fits], part=f"{CHARACTERS} 1-{fits}")


def lines_of(attachment: Attachment, typed: str) -> Attachment | None:
    """The lines that somebody typed: `20-80`, `20-` to the end, `7` alone; None where that names none."""
    found = _RANGE.fullmatch(typed) or _RANGE.fullmatch(ungrouped(typed))  # `1,200` is a range
    alone = typed.strip()
    if found is None and not (alone.isdecimal() and len(alone) < 10):
        return None
    first = int(found[1] if found else alone)
    last = (int(found[2]) if found[2] else attachment.lines) if found else first
    first, last = max(first, 1), min(last, attachment.lines)
    if first > last:
        return None
    lines = attachment.text.split("\n", last)
    kept = "\n".join(lines[first - 1 : last]) + "\n" * (len(lines) > last)
    return replace(attachment, text=kept, part=f"{LINES} {first}-{last}")
