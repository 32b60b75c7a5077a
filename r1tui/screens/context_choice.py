"""What to do about the context: more of it, less of it, or a new conversation that begins with a summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from r1tui.domain.catalogue import ModelShape
from r1tui.domain.hardware import HardwareProfile
from r1tui.domain.message import MessageStatus
from r1tui.domain.phrase import phrase
from r1tui.domain.sizing import NUM_CTX, Fit, on_both, on_cpu, on_gpus
from r1tui.locale import figures, t
from r1tui.screens.pick import PickScreen

if TYPE_CHECKING:
    from r1tui.screens.chat_page import ChatPage

LENGTHS = (2048, 4096, 8192, 16384, 32768, 65536, 131072)
"""Context lengths offered, in tokens."""


async def choose_context(screen: ChatPage, question: str = "") -> bool:
    """Ask, and do it; another length reloads the model at the next question.

    False when `question`, which waits to be asked, went back into the prompt instead, or into a new conversation's.
    """
    name, engine = screen.connection.selected, screen.connection.engine
    if not name or engine is None:
        return True
    shape = await screen.connection.shape(name)
    most = shape.context_length if shape else LENGTHS[-1]
    now = screen.answers.context_size or NUM_CTX
    answers = screen.answers
    entries = [("summary", t("chat.context_summary"))] if answers.conversation.messages else []
    cut = bool(question) and answers.too_long(question)
    entries.append(("oldest", t("chat.context_cut") if cut else t("chat.context_oldest")))
    entries += [
        (str(length), f"{length:>7}  {_verdict(shape, length, screen.machine.profile)}")
        for length in sorted((each for each in LENGTHS if each <= most), key=lambda each: (each <= now, each))
        if engine.sizes_context  # others were started with one length and keep it
    ]
    used, _ = answers.context_use()
    words = (
        phrase("chat.context_overflow", used=answers.needed(question), size=now)
        if question
        else phrase("chat.context_question", used=used, size=now)
    )
    chosen = await screen.app.push_screen_wait(PickScreen(words, entries))
    if chosen is None and question:
        screen.prompt.set_draft("\n".join(filter(None, (question, screen.prompt.text))))
        return False
    if chosen == "summary":
        return not await start_with_summary(screen, question)
    if chosen is not None and chosen != "oldest":
        screen.services.answering.set_context(engine, name, int(chosen))
        answers.context_size = int(chosen)
        answers.mark_lost()
        screen.status_changed()
        screen.tell(phrase("chat.context_set", size=int(chosen), name=name))
    return True


def _verdict(shape: ModelShape | None, length: int, profile: HardwareProfile | None) -> str:
    """What a length costs on this machine, in words."""
    if shape is None or profile is None or not profile.local or profile.memory is None:
        return ""
    fits: list[Fit | None] = [on_gpus(shape, length, profile)]
    if not profile.unified:
        fits += [on_both(shape, length, profile), on_cpu(shape, length, profile)]
    known = [fit for fit in fits if fit is not None]
    best = next((fit for fit in known if fit.fits), known[-1] if known else None)
    if best is None:
        return ""
    need = figures.size(best.need.total)
    return t("chat.context_fits", need=need) if best.fits else t("chat.context_too_large", need=need)


async def start_with_summary(screen: ChatPage, question: str = "") -> bool:
    """Have the model sum the conversation up, then begin a new one with summary and question in the prompt.

    The new one has the old one's settings, and is private where that was. Tells whether the question is in the prompt
    now, whichever conversation's.
    """
    answers = screen.answers
    if answers.busy or not answers.conversation.messages:
        screen.tell(phrase("chat.busy"), "warning")
        return False
    asked = answers.conversation
    await answers.send(t("chat.summary_prompt"), checked=True)
    generation = screen.services.generations.of_conversation(asked.id)
    if generation is None or generation.task is None:
        return False
    await generation.task
    summary = generation.message
    draft = question
    if summary.status is MessageStatus.COMPLETE and summary.content and answers.conversation is asked:
        await answers.start_new(private=asked.private)
        fresh = answers.conversation
        fresh.system, fresh.think, fresh.options = asked.system, asked.think, dict(asked.options)
        draft = "\n\n".join((t("chat.summary_draft"), summary.content.strip(), question))
    screen.prompt.set_draft(draft)
    screen.prompt.focus()
    return True
