"""Live: the last answer in its two parts, with their times and tokens, and the keys that act on such an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from r1tui.domain.clean import Clean, clean
from r1tui.domain.message import Message
from r1tui.locale import clock, figures, t
from r1tui.toolkit.cells import columns, cut
from r1tui.toolkit.glyphs import glyphs
from r1tui.widgets.bars import share_bar

_SHOWN = 64
"""Cells of each part's beginning and end that are shown."""
_BAR_CELLS = 24
_KEYS = (
    ("chat.fold", "live.answer.fold"),
    ("transcript.fold", "live.answer.fold_one"),
    ("chat.stop", "live.answer.stop"),
    ("chat.answer_now", "live.answer.now"),
    ("chat.continue", "live.answer.on"),
    ("chat.think", "live.answer.think"),
)


def lines(answer: Message | None, key: Callable[[str], Clean]) -> Iterator[Clean]:
    """Both parts, the one below the other, then the keys."""
    if answer is None:
        yield t("live.answer.none")
    else:
        yield from _parts(answer)
    yield Clean("")
    yield t("live.answer.keys")
    yield Clean("")
    for line in columns([(key(name), t(words)) for name, words in _KEYS]):
        yield f"  {line}"
    yield Clean("")
    yield t("live.answer.note")


def _parts(answer: Message) -> Iterator[Clean]:
    stats = answer.stats
    thought, said = answer.reasoning_tokens, answer.answer_tokens
    if stats is not None and stats.answer_tokens is not None:
        said = max(stats.answer_tokens - thought, 0)
    whole = stats.eval_seconds if stats is not None else None
    thinking = answer.reasoning_seconds if answer.reasoning else 0.0
    saying = max(whole - thinking, 0.0) if whole is not None else None
    yield f"{t('live.answer.reasoning')}  {_figures(thought, thinking)}"
    yield f"  {share_bar(thought / max(thought + said, 1), _BAR_CELLS)}"
    yield from _ends(answer.reasoning, t("live.answer.no_reasoning"))
    yield Clean("")
    yield f"{t('live.answer.reply')}  {_figures(said, saying)}"
    yield f"  {share_bar(said / max(thought + said, 1), _BAR_CELLS)}"
    yield from _ends(answer.content, t("live.answer.no_reply"))
    if stats is not None and (speed := stats.tokens_per_second):
        yield Clean("")
        yield t("live.answer.speed", speed=figures.rate(speed))


def _figures(tokens: int, seconds: float | None) -> Clean:
    counted = t("live.answer.tokens", n=tokens)
    return counted if seconds is None else f"{counted} {glyphs().dot} {clock.spent(seconds)}"


def _ends(text: str, nothing: Clean) -> Iterator[Clean]:
    """How a part begins, and how it ends."""
    told = [line for line in clean(text).splitlines() if line.strip()]
    if not told:
        yield f"  {nothing}"
        return
    yield f"  {glyphs().gutter} {cut(told[0].strip(), _SHOWN)}"
    if len(told) > 2:
        yield f"  {glyphs().gutter} {glyphs().ellipsis}"
    if len(told) > 1:
        yield f"  {glyphs().gutter} {cut(told[-1].strip(), _SHOWN)}"
