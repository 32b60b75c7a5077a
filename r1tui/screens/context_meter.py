"""How full the context of the conversation on the screen is, and what falls out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from r1tui.domain.chat import ChatTurn
from r1tui.domain.context_window import TokenRates, Window, fit, out_of_sight, rates_after
from r1tui.domain.conversation import Conversation
from r1tui.domain.message import Message, Role
from r1tui.domain.phrase import phrase

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
        self._lost: set[str] = set()
        """Ids of the messages that are marked as out of the model's sight: that is known and accepted."""

    def overflows(self, text: str) -> bool:
        """Whether asking this pushes a message out of the model's sight that is not marked so yet, or is too long
        even alone."""
        available = self.context().available
        after = fit((*self.conversation.context(), ChatTurn(Role.USER, text)), available, self._rates)
        system = 1 if self.conversation.system else 0
        messages = [message for message, _ in self.conversation.visible()]
        lost = {messages[index - system].id for index in after.dropped}
        return bool(lost - self._lost) or self.too_long(text)

    def too_long(self, text: str) -> bool:
        """Whether a question is longer than the whole context, so that the server would cut it without a word."""
        available = self.context().available
        return bool(available) and self._rates.turn(ChatTurn(Role.USER, text)) > available

    def needed(self, text: str) -> int:
        """Tokens that the conversation takes with this question, if all of it is to be seen."""
        self.context()
        return self._rates.turns((*self.conversation.context(), ChatTurn(Role.USER, text)))

    def context(self) -> Window:
        """What the next request sends, against the context length."""
        size = self.context_size or 0
        self._rates = rates_after(self.conversation, size, self._rates)
        return fit(self.conversation.context(), size, self._rates)

    def mark_lost(self, upto: str | None = None) -> int:
        """Mark the messages that the model does not see when asked `upto`, or the last one; how many there are."""
        self.context()
        lost = out_of_sight(self.conversation, self.context_size or 0, self._rates, upto)
        self._lost = lost
        self.screen.transcript.mark_out_of_sight(lost)
        return len(lost)

    def judge_by_answer(self, answer: Message) -> None:
        """Mark what the model did not see: the server's count, which came with the answer, knows better."""
        marked = len(self._lost)
        if (lost := self.mark_lost(answer.parent)) > marked:
            self.screen.tell(phrase("chat.out_of_sight", n=lost), "warning")

    def context_use(self) -> tuple[int, int | None]:
        """Tokens in use and the context length. While an answer streams only its own tokens are added: it is cheap."""
        generation = self.generation
        if generation is None:
            self._used = self.context().used
            return self._used, self.context_size
        return self._used + generation.tokens, self.context_size
