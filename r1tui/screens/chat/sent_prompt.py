"""The prompt as the model gets it, as text to read."""

from __future__ import annotations

from r1tui.chat.sent_prompt import SentPrompt
from r1tui.domain.clean import clean_line
from r1tui.domain.conversation import title_from
from r1tui.domain.prefill import LONG
from r1tui.locale import clock, t


def prompt_text(prompt: SentPrompt) -> str:
    """How many tokens, what was left out, what R1TUI has added, and the text."""
    request = prompt.request
    context = request.options.get("num_ctx")
    n = prompt.estimate
    has_length = isinstance(context, int) and context > 0
    if prompt.counted is not None and prompt.to_come and has_length:
        lines = [t("sent.counted_before", counted=prompt.counted, context=context)]
    elif prompt.counted is not None:
        lines = [t("sent.counted", counted=prompt.counted, n=n)]
    elif has_length:
        lines = [t("sent.estimate", n=n, context=context)]
    else:
        lines = [t("sent.estimate_open", n=n)]
    if prompt.reading_seconds and prompt.reading_seconds >= LONG:
        lines.append(t("sent.reading", time=clock.wait(prompt.reading_seconds)))
    if prompt.left_out:
        lines.append(t("sent.left_out", n=len(prompt.left_out)))
        lines += [f"  {each.role.value}: {clean_line(title_from(each.content))}" for each in prompt.left_out]
    else:
        lines.append(t("sent.all"))
    if request.line:
        lines.append(t("sent.line", line=request.line))
    if prompt.opened:
        lines.append(t("sent.opened"))
    if prompt.resumed:
        lines.append(t("sent.resumed", n=prompt.resumed))
    if prompt.rendered:
        return "\n".join([*lines, "", t("sent.rendered"), "", prompt.rendered])
    turns = [f"[{turn.role}]\n{turn.reasoning}{turn.content}\n" for turn in request.turns]
    return "\n".join([*lines, "", t("sent.turns"), "", *turns])
