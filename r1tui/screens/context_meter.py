"""How full the context of the conversation on the screen is, and what falls out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from r1tui.domain.chat import ChatTurn
from r1tui.domain.context_window import TokenRates, Window, fit, out_of_sight, rates_after
from r1tui.domain.conversation import Conversation
from r1tui.domain.message import Role

if TYPE_CHECKING:
    from r1tui.screens.chat_page import ChatPage
    from r1tui.services.generation import Generation


class ContextMeter:
    """Reckons with the conversation and its running answer."""

    def __init__(self, screen: ChatPage) -> None:
        self.screen = screen
        self.conversation = Conversation()
        self.generation: Generation | None = None
        self.context_size: int | None = None
        """Tokens; None where the server does not tell."""
        self._rates = TokenRates()
        self._used = 0

    def overflows(self, text: str) -> bool:
        """Whether asking this pushes a message out of the model's sight that it saw before."""
        before = self.context()
        after = fit((*self.conversation.context(), ChatTurn(Role.USER, text)), before.available, self._rates)
        return len(after.dropped) > len(before.dropped)

    def context(self) -> Window:
        """What the next request sends, against the context length."""
        size = self.context_size or 0
        self._rates = rates_after(self.conversation, size, self._rates)
        return fit(self.conversation.context(), size, self._rates)

    def mark_lost(self) -> int:
        """Mark the messages that the model no longer sees; how many there are."""
        lost = out_of_sight(self.conversation, self.context_size or 0, self._rates)
        self.screen.transcript.mark_out_of_sight(lost)
        return len(lost)

    def context_use(self) -> tuple[int, int | None]:
        """Tokens in use and the context length. While an answer streams only its own tokens are added: it is cheap."""
        generation = self.generation
        if generation is None:
            self._used = self.context().used
            return self._used, self.context_size
        return self._used + generation.tokens, self.context_size
