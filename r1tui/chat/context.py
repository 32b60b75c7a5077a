"""How full the context of a conversation is, and what falls out of it."""

from __future__ import annotations

from collections.abc import Sequence

from r1tui.domain.chat import ChatTurn
from r1tui.domain.context_window import TokenRates, Window, fit, for_prompt, out_of_sight, rates_after, seen
from r1tui.domain.conversation import Conversation
from r1tui.domain.message import Role


class ContextMeter:
    """Reckons with one conversation; token counts are estimates that the server's own counts correct."""

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self.size: int | None = None
        """The context length in tokens; None where the server does not tell."""
        self.lost: frozenset[str] = frozenset()
        """Ids of the messages that are marked as out of the model's sight: that is known and accepted."""
        self._held_back = 0
        """Tokens of the context that are not counted on, since a server refused what was reckoned to fit."""
        self._rates = TokenRates()
        self._used = 0

    def overflows(self, text: str) -> bool:
        """Whether asking this pushes a message out of the model's sight that is not marked so yet, or is too long
        even alone."""
        self._learn()
        available = for_prompt(self._available)
        after = fit((*self.conversation.context(), ChatTurn(Role.USER, text)), available, self._rates)
        system = 1 if self.conversation.system else 0
        messages = [message for message, _ in self.conversation.visible()]
        lost = {messages[index - system].id for index in after.dropped}
        return bool(lost - self.lost) or self.too_long(text)

    def too_long(self, text: str) -> bool:
        """Whether a question is longer than the whole context, so that a server refuses it."""
        self._learn()
        return bool(self.size) and self._rates.turn(ChatTurn(Role.USER, text)) > self._available

    def holds(self, text: str, length: int) -> bool:
        """Whether a context of `length` tokens holds the whole conversation with this question and an answer."""
        return self.needed(text) <= for_prompt(length)

    def needed(self, text: str) -> int:
        """Tokens that the conversation takes with this question, if all of it is to be seen."""
        self._learn()
        return self._rates.turns((*self.conversation.context(), ChatTurn(Role.USER, text)))

    @property
    def _available(self) -> int:
        return max((self.size or 0) - self._held_back, 1) if self.size else 0

    def of(self, conversation: Conversation) -> ContextMeter:
        """A meter of another state of the conversation, in the same context and with what was learnt of its tokens."""
        other = ContextMeter(conversation)
        other.size, other._held_back, other._rates = self.size, self._held_back, self._rates
        return other

    @property
    def rates(self) -> TokenRates:
        """What was learnt of the conversation's tokens."""
        self.window()
        return self._rates

    def estimate(self, turns: Sequence[ChatTurn]) -> int:
        """Tokens that these turns take, about."""
        self._learn()
        return self._rates.turns(turns)

    def refused(self, needed: int | None) -> None:
        """The server refused what was reckoned to fit, as taking `needed` tokens where it tells: leave more out."""
        size = self.size or 0
        self._held_back += max((needed or 0) - size, 0) + size // 8

    def turns(self, upto: str | None = None) -> tuple[ChatTurn, ...]:
        """What is sent when asked `upto`, or the last message."""
        self._learn()
        return seen(self.conversation, for_prompt(self._available), self._rates, upto)

    def window(self) -> Window:
        """What the next request sends, against the context length."""
        self._learn()
        return fit(self.conversation.context(), for_prompt(self._available), self._rates)

    def _learn(self) -> None:
        """Take the rates from the last answer that the server counted."""
        self._rates = rates_after(self.conversation, self._available, self._rates)

    def look(self, upto: str | None = None) -> int:
        """Find the messages that the model does not see when asked `upto`, or the last one; how many there are."""
        self._learn()
        available = for_prompt(self._available)
        self.lost = frozenset(out_of_sight(self.conversation, available, self._rates, upto))
        return len(self.lost)

    def used(self, streaming: int | None) -> int:
        """Tokens in use; while an answer streams only its own tokens are added to the last reckoning: it is cheap."""
        if streaming is None:
            self._used = self.window().used
            return self._used
        return self._used + streaming
