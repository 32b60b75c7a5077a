"""What to do about the context: more of it, less of it, or a new conversation that begins with a summary."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Any, Literal

from rich.cells import cell_len
from textual.app import App

from r1tui.chat.events import NeedsContext
from r1tui.chat.session import ChatSession
from r1tui.domain.attachment import Attachment
from r1tui.domain.attachment_parts import longest
from r1tui.domain.catalogue import ModelShape
from r1tui.domain.clean import Clean, clean_line
from r1tui.domain.hardware import HardwareProfile
from r1tui.domain.kv_cache import KvCache
from r1tui.domain.phrase import phrase
from r1tui.domain.sizing import LENGTHS, NUM_CTX, best_fit
from r1tui.locale import count, figures, t
from r1tui.screens.dialogs.pick import Cells, PickScreen
from r1tui.toolkit.cells import cut_middle, pad_start

SUMMARY: Literal["summary"] = "summary"
OLDEST: Literal["oldest"] = "oldest"
MOST_NAME = 30
"""Cells of an attachment's name in the list."""


class Part(StrEnum):
    """What is sent of an attachment that is too long."""

    HEAD = "head"
    TAIL = "tail"
    RANGE = "range"
    NOTHING = "nothing"


Choice = Literal["summary", "oldest"] | Part | int | None
"""Begin anew with a summary, let the oldest messages go, a part of the longest attachment, a context of so many tokens;
None for Esc."""


async def ask_context(app: App[Any], session: ChatSession, need: NeedsContext | None = None) -> Choice:
    """Ask. `need`: the question that waits to be asked and what it takes."""
    server, engine = session.server, session.server.engine
    if not server.selected or engine is None:
        return OLDEST
    shape = await server.shape(server.selected)
    most = shape.context_length if shape else LENGTHS[-1]
    meter = session.context
    now = meter.size or NUM_CTX
    entries: list[tuple[str, str | Cells]] = []
    if need is not None and need.attachments and not need.refused:
        entries += _parts(longest(need.attachments))
    if session.conversation.messages:
        entries.append((SUMMARY, t("chat.context_summary")))
    cut = need is not None and need.alone
    entries.append((OLDEST, t("chat.context_cut") if cut else t("chat.context_oldest")))
    lengths = [each for each in LENGTHS if each <= most] if engine.sizes_context else []
    small = {str(each) for each in lengths if need is not None and need.needed > each - meter.kept_free(each)}
    profile = session.machine.profile
    entries += [
        (
            str(each),
            (
                pad_start(count(each), cell_len(count(LENGTHS[-1]))),
                t("chat.context_too_short") if str(each) in small else _verdict(shape, each, profile),
            ),
        )
        for each in sorted(lengths)
    ]
    used, _ = session.context_use()
    words = (
        phrase("chat.context_overflow", used=need.needed, size=now, kept=meter.kept_free(now))
        if need
        else phrase("chat.context_question", used=used, size=now)
    )
    chosen = await app.push_screen_wait(PickScreen(words, entries, marked=(str(now),), muted=small))
    if chosen == SUMMARY:
        return SUMMARY
    if chosen == OLDEST:
        return OLDEST
    if chosen in set(Part):
        return Part(chosen)
    return int(chosen) if chosen is not None else None


def _parts(attachment: Attachment) -> list[tuple[str, str]]:
    """What can be sent of an attachment, in words."""
    name = cut_middle(clean_line(attachment.name), MOST_NAME)
    return [
        (Part.HEAD, t("attachment.head", name=name)),
        (Part.TAIL, t("attachment.tail", name=name)),
        (Part.RANGE, t("attachment.range", lines=attachment.lines)),
        (Part.NOTHING, t("attachment.without", name=name)),
    ]


def _verdict(shape: ModelShape | None, length: int, profile: HardwareProfile | None) -> Clean:
    """What a length costs on this machine, in words."""
    if shape is None or profile is None or not profile.local or profile.memory is None:
        return Clean("")
    best = best_fit(shape, length, profile)
    if best is None:
        return Clean("")
    need = figures.size(best.need.total)
    if best.fits:
        return t("chat.context_fits", need=need)
    smaller = best_fit(shape, length, replace(profile, kv_cache=KvCache.Q8_0))
    if profile.own_server and smaller is not None and smaller.fits:
        words = figures.size(smaller.need.total)
        return t("chat.context_fits_quantized", need=need, type=KvCache.Q8_0, smaller=words)
    return t("chat.context_too_large", need=need)
