"""The sizes of deepseek-r1 as rows to choose from: what each costs in disk, memory and waiting."""

from __future__ import annotations

from collections.abc import Sequence

from r1tui.domain.clean import Clean, clean_line
from r1tui.domain.recommendation import Candidate, Recommendation, Verdict, one, speed_cell
from r1tui.domain.sizing import Basis
from r1tui.locale import clock, figures, say, t
from r1tui.toolkit.cells import columns
from r1tui.toolkit.glyphs import glyphs
from r1tui.toolkit.shown import Styled, styled

_SMALLEST_FIRST = ("1.5b", "7b", "8b", "14b", "32b", "70b")


def in_order(recommendation: Recommendation) -> list[Candidate]:
    """Every size, the smallest first, so that rows stay in their places when verdicts change."""
    found = {each.size: each for each in recommendation.candidates}
    return [found[size] for size in _SMALLEST_FIRST if size in found]


def _verdict(each: Candidate) -> Clean:
    need, have = one(each.need_bytes), one(each.have_bytes or 0)
    if each.have_bytes is None:
        return t("sizes.needs", need=need)
    if each.verdict is Verdict.FREE_FIRST:
        return t("sizes.free_first", missing=one(max(each.missing_bytes, 1 << 27)), need=need)
    if each.verdict is Verdict.NONE:
        return t("sizes.none", need=need)
    if each.verdict is Verdict.SPLIT:
        return t("sizes.split", percent=round(each.share * 100))
    if each.missing_bytes:  # it fitted before, and is left where it is while little is missing
        return t("sizes.just", need=need, have=have)
    if each.verdict is Verdict.SLOW:
        return t("sizes.slow", need=need, have=have)
    return (
        t("sizes.gpu", need=need, have=have)
        if each.verdict is Verdict.GPU
        else t("sizes.cpu", need=need, have=have)
    )


def rows(recommendation: Recommendation, width: int) -> list[tuple[str, Styled]]:
    """(tag, row) for each size, of at most `width` cells: the speed, then the wait are left out where there is no room."""
    best = recommendation.best.size if recommendation.best else ""
    made: list[tuple[str, Sequence[Clean]]] = []
    for each in in_order(recommendation):
        sign = glyphs().recommended if each.size == best else Clean(" ")
        speed = wait = Clean("")
        if cell := speed_cell(each):
            speed = t("sizes.speed", speed=cell)
            wait = t("sizes.wait", time=clock.wait(each.wait_seconds or 0.0))
        disk = figures.size(each.file_bytes) + ("" if each.disk_ok else f" {glyphs().warning}")
        made.append((each.tag.tag, (clean_line(each.size), sign, disk, _verdict(each), wait, speed)))
    lines = columns([cells for _, cells in made], room=width, least=4)
    return [(tag, styled(line)) for (tag, _), line in zip(made, lines, strict=True)]


def why(each: Candidate) -> Clean:
    """The reason for a verdict, whether its speed is a guess, and the sum behind it."""
    guessed = each.verdict.runs and each.speed is not None and each.speed.basis is Basis.ESTIMATED
    reason = t("sizes.guess", reason=each.reason) if guessed else say(each.reason)
    return f"{reason}\n{say(each.sum_line)}"
