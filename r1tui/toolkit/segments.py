"""Rich's pieces of a line, made of cleaned text alone."""

from __future__ import annotations

from collections.abc import Iterable

from rich.segment import Segment
from rich.style import Style

from r1tui.domain.clean import Clean


def segment(text: Clean, style: Style | None = None) -> Segment:
    """A text in one style."""
    return Segment(text, style)


def selected(segments: Iterable[Segment], span: tuple[int, int], style: Style) -> list[Segment]:
    """Segments with the characters of `span` (its end -1 for all) drawn as selected."""
    start, end = span
    result: list[Segment] = []
    at = 0
    for segment in segments:
        text = segment.text
        low = max(start - at, 0)
        high = len(text) if end < 0 else min(end - at, len(text))
        own = segment.style or Style.null()
        if low < high:
            parts = [(text[:low], own), (text[low:high], own + style), (text[high:], own)]
            result += [Segment(part, part_style) for part, part_style in parts if part]
        else:
            result.append(segment)
        at += len(text)
    return result
