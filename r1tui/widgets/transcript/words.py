"""The transcript's own lines: headers, the state of reasoning, phases, what remains to be said after an answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from time import monotonic

from rich.cells import cell_len

from r1tui.domain.attachment import Attachment, rendered
from r1tui.domain.clean import Clean, clean_line
from r1tui.domain.context_window import TokenRates
from r1tui.domain.message import Message, MessageStatus, Phase, Role
from r1tui.domain.prefill import LONG, Reading
from r1tui.locale import clock, figures, say, t
from r1tui.toolkit.cells import cut, wrap
from r1tui.toolkit.glyphs import UNICODE, glyphs, to_ascii
from r1tui.widgets.transcript.blocks import MarkdownRows
from r1tui.widgets.transcript.ink import BOLD, Ink
from r1tui.widgets.transcript.render import present_look
from r1tui.widgets.transcript.rows import Row, Run, merge

_PHASES = {
    Phase.CONNECTING: "transcript.connecting",
    Phase.LOADING: "transcript.loading",
    Phase.READING: "transcript.reading",
    Phase.THINKING: "transcript.thinking",
    Phase.ANSWERING: "transcript.answering",
}
BAR_CELLS = 10
"""Cells of the bar of a prompt that is read."""
SENTENCE_CELLS = 64
"""Cells of the sentence that folded reasoning shows, at most: it is sent anew each second."""
LEAST_SENTENCE = 16
"""Cells from which on it is worth being shown."""
LEAST_WAIT = 3.0
"""Seconds of reading from which on a reckoned share of it is shown."""
_ROOMY = 1000
"""Cells, wider than any sentence that is shown."""
_ENDS = {
    MessageStatus.STOPPED: "transcript.stopped",
    MessageStatus.INTERRUPTED: "transcript.interrupted",
    MessageStatus.FAILED: "transcript.failed",
}


def signs(text: Clean) -> Clean:
    """Words of the catalogue with the signs that this terminal has."""
    return text if glyphs() is UNICODE else to_ascii(text)


def header(message: Message, width: int, said: Sequence[Clean], out_of_sight: bool) -> Row:
    """Who speaks, what is `said` of it, such as which of several versions it is, a rule, and when."""
    if message.role is Role.USER:
        name, ink = t("transcript.you"), Ink.USER
    elif message.role is Role.SYSTEM:
        name, ink = t("transcript.system"), Ink.MUTED
    else:
        name, ink = clean_line(message.model) or t("transcript.assistant"), Ink.MODEL
    marks = list(said)
    if out_of_sight:
        marks.append(signs(t("transcript.out-of-sight")))
    words = f" {f' {glyphs().dot} '.join(marks)} " if marks else Clean("")
    hour = f" {clock.hour(message.created)}".rstrip()
    words = cut(words, max(width - len(hour) - 7, 0))
    room = width - cell_len(words) - len(hour) - 3
    name = cut(name, max(room, 4))
    rule = max(1, width - cell_len(name) - max(cell_len(words), 1) - len(hour))
    runs: list[Run] = [(name, ink | BOLD), (f"{words or ' '}{glyphs().rule * rule}{hour}", Ink.MUTED)]
    return Row(merge(runs))


def origin(title: str, width: int) -> list[Row]:
    """Which conversation this one goes on from, and the key that opens it."""
    words = t("transcript.origin", title=clean_line(title)) if title else t("transcript.origin_gone")
    return [Row(merge(line)) for line in wrap([(signs(words), Ink.MUTED)], width)]


def reasoning_header(message: Message, width: int, is_open: bool, sentence: str, turns: int) -> Row:
    """Always shown above reasoning: whether it runs, how long it took, how many tokens, and what ended it.

    `sentence`: what it says now, of which as much shows as there is room for; `turns`: how often it has turned back.
    """
    sign = glyphs().unfolded if is_open else glyphs().folded
    tokens = message.reasoning_tokens
    if message.status is MessageStatus.STREAMING and message.phase is Phase.THINKING and not message.content:
        seconds = max(
            message.reasoning_seconds, monotonic() - message.phase_started if message.phase_started else 0.0
        )
        words = t("transcript.thinking-for", time=clock.spent(seconds), n=tokens)
    elif message.reasoning_seconds:
        words = t("transcript.thought-for", time=clock.spent(message.reasoning_seconds), n=tokens)
    else:
        words = t("transcript.thought", n=tokens) if tokens else t("transcript.thought-bare")
    if message.ended_at_edge:
        whole = t("transcript.at-edge", words=words)
        fits = cell_len(whole) + 2 <= width
        words = whole if fits else t("transcript.at-edge-short", words=words)
    if turns:
        whole = t("transcript.turns-back", words=words, n=turns)
        words = whole if cell_len(whole) + 2 <= width else words
    room = min(width - cell_len(words) - 5, SENTENCE_CELLS)
    if sentence and room >= LEAST_SENTENCE:
        words = f"{words} {glyphs().dot} {cut(in_a_line(sentence), room)}"
    return Row(((f"{sign} {signs(words)}", Ink.MUTED),))


def attachment(attached: Attachment, width: int, is_open: bool) -> Row:
    """A text that goes with a question: its name, and how long it is."""
    sign = glyphs().unfolded if is_open else glyphs().folded
    if attached.tokens is not None:
        size = signs(t("transcript.attachment_counted", n=attached.lines, tokens=attached.tokens))
    else:
        tokens = TokenRates().tokens(rendered((attached,), ""))
        size = signs(t("transcript.attachment", n=attached.lines, tokens=tokens))
    name = clean_line(attached.name)
    if attached.part:
        name = f"{name} ({figures.part(attached.part)})"
    name = cut(name, max(width - cell_len(size) - cell_len(sign) - 1, 8))
    return Row(((cut(f"{sign} {name}{size}", width), Ink.MUTED),))


def attachment_cut(attached: Attachment, shown: str, width: int) -> list[Row]:
    """That more of it was sent than is shown, and the key that shows all."""
    left = attached.lines - (shown.count("\n") + 1 if shown else 0)
    words = t("transcript.attachment-cut", n=left) if left > 0 else t("transcript.attachment-line-cut")
    return [Row(merge(line)) for line in wrap([(signs(words), Ink.MUTED)], width)]


def in_a_line(sentence: str) -> Clean:
    """A sentence of Markdown as it is read, formulas set; its source where that takes several lines."""
    text = clean_line(sentence)
    rendered = MarkdownRows(present_look(_ROOMY, highlight=False))
    rendered.feed(text, final=True)
    return rendered.rows[0].text.strip() if len(rendered.rows) == 1 else text


def phase(message: Message, now: float, width: int) -> list[Row]:
    """What an answer waits for, before anything has come of it, and how long that still takes: as much as there is
    room for."""
    if message.phase is None or message.content or message.reasoning:
        return []
    passed = now - message.phase_started
    line = signs(t(_PHASES[message.phase], time=clock.spent(passed)))
    for part in _reading(message.phase, message.reading, passed, now):
        longer = line + signs(part)
        if cell_len(longer) > width:
            break
        line = longer
    return [Row(((line, Ink.MUTED),))]


def _reading(phase: Phase, reading: Reading | None, passed: float, now: float) -> Iterator[Clean]:
    """How far the prompt is read, a bar, and what is left; before it begins, how long it will take if that is long."""
    if reading is None:
        return
    whole = reading.seconds or 0.0
    if phase in (Phase.CONNECTING, Phase.LOADING):
        if whole >= LONG:
            yield t("transcript.reading-to-come", time=clock.wait(whole))
        return
    share = reading.share(passed)
    if phase is not Phase.READING or share is None:
        return
    if reading.done is not None:
        yield t("transcript.reading-of", done=reading.done, total=reading.total)
    elif whole >= LEAST_WAIT:
        yield t("transcript.reading-about", percent=int(share * 100))
    else:
        return
    full = int(share * BAR_CELLS)
    yield Clean(f" {glyphs().bar_full * full}{glyphs().bar_empty * (BAR_CELLS - full)}")
    if left := reading.left(passed, now):
        yield t("transcript.reading-left", time=clock.wait(left))


def folded_lines(number: int, width: int) -> list[Row]:
    """That so many rows of a question are folded, and how they are opened."""
    words = f"{glyphs().folded} {signs(t('transcript.folded_lines', n=number))}"
    return [Row(merge(line)) for line in wrap([(words, Ink.MUTED)], width)]


def ending(message: Message, width: int) -> list[Row]:
    """How an answer ended, where that needs saying."""
    end = _ENDS.get(message.status)
    parts = [t(end)] if end else []
    if message.error:
        parts.append(say(message.error))
    if not parts:
        return []
    ink = Ink.ERROR if message.status is MessageStatus.FAILED else Ink.WARNING
    text = f"{glyphs().warning} {f' {glyphs().dot} '.join(parts)}"
    return [Row(merge(line)) for line in wrap([(signs(text), ink)], width)]


def statistics(message: Message, width: int) -> list[Row]:
    """What an answer took."""
    stats = message.stats
    if stats is None:
        return []
    facts: list[Clean] = []
    if stats.tokens_per_second:
        facts.append(t("transcript.speed", speed=figures.rate(stats.tokens_per_second)))
    if stats.answer_tokens:
        facts.append(t("transcript.tokens", n=stats.answer_tokens))
    if stats.first_token_seconds is not None:
        facts.append(t("transcript.first-token", s=f"{stats.first_token_seconds:.1f}"))
    text = f" {glyphs().dot} ".join(facts)
    return [Row(merge(line)) for line in wrap([(text, Ink.MUTED)], width)] if facts else []
