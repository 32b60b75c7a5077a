"""What changed settings do to the chat, at once."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from r1tui.locale import t
from r1tui.screens.chat_tools import REASONING

if TYPE_CHECKING:
    from r1tui.screens.chat_page import ChatPage


def take_over(screen: ChatPage, changed: Collection[str]) -> None:
    """Make what was changed in the settings hold; `changed` are their keys."""
    settings, conversation = screen.services.settings, screen.answers.conversation
    screen.prompt.cursor_blink = settings.interface.cursor_blink
    screen.transcript.low_bandwidth = screen.low_bandwidth
    if "reasoning" in changed:  # the setting takes the place of what was folded by key
        screen.transcript.reasoning_policy = settings.interface.reasoning
        screen.run_worker(screen.services.state_set(REASONING, ""))
    if "think" in changed and not conversation.messages:
        conversation.think = settings.chat.think
    if "num_ctx" in changed:
        screen.services.answering.forget_contexts()
        screen.run_worker(screen.connection.refresh_running())
    if "language" in changed:
        screen.prompt.placeholder = t("prompt.placeholder")
        screen.transcript.relay()
        screen.connection.show()
        screen.machine.judge()
        screen.status_bar.refresh()
    screen.status_changed()
