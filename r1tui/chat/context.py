"""How full the context of a conversation is, and what falls out of it."""

from __future__ import annotations

from collections.abc import Sequence

from r1tui.domain.chat import ChatTurn
from r1tui.domain.context_window import (
    TURN_TOKENS,
    TokenRates,
    Window,
    fit,
    last_counted,
    out_of_sight,
    rates_from,
    seen,
)
from r1tui.domain.conversation import Conversation
from r1tui.domain.message import Role
from r1tui.domain.model import ModelDetails
from r1tui.domain.options import ANSWER_RESERVE
from r1tui.domain.reserve import kept_free
from r1tui.domain.settings import Settings

_SURE = 0.4
"""Part of the room for a prompt up to which an estimate is never wrong about whether it fits: by less than 2.5 times."""


def wanted_reserve(conversation: Conversation, settings: Settings) -> int:
    """The answer's reserve that was chosen for a conversation, or in the settings; 0 for the automatic one."""
    return int(conversation.options.get(ANSWER_RESERVE, 0)) or settings.chat.answer_reserve


def own_texts(conversation: Conversation, details: ModelDetails | None) -> tuple[str, ...]:
    """What a model's own file puts before a conversation: its examples, and its system text where there is no other."""
    if details is None:
        return ()
    system = (details.system,) if details.system and not conversation.system else ()
    return (*system, *details.examples)


class ContextMeter:
    """Reckons with one conversation; token counts are estimates that the server's own counts correct."""

    def __init__(self, conversation: Conversation, settings: Settings) -> None:
        self.conversation = conversation
        self._settings = settings
        self.size: int | None = None
        """The context length in tokens; None where the server does not tell."""
        self.before: tuple[str, ...] = ()
        """Texts that the model's own file puts before the conversation, as the last request knew them: `own_texts`."""
        self.lost: frozenset[str] = frozenset()
        """Ids of the messages that are marked as out of the model's sight: that is known and accepted."""
        self._held_back = 0
        """Tokens of the context that are not counted on, since a server refused what was reckoned to fit."""
        self._rates = TokenRates()
        self._used = 0
        self._exact: tuple[tuple[ChatTurn, ...], int] | None = None
        """Turns that the server has counted before they are sent, and its count."""

    def counted(self, turns: tuple[ChatTurn, ...], tokens: int) -> None:
        """The server's own count of turns that were not sent yet, with all of the conversation in them."""
        self._exact = (turns, tokens)

    def _count_of(self, turns: tuple[ChatTurn, ...]) -> int | None:
        """The server's own count of these turns, where it is known."""
        return self._exact[1] if self._exact is not None and self._exact[0] == turns else None

    def with_question(self, text: str) -> tuple[ChatTurn, ...]:
        """All turns of the conversation with this question behind them."""
        return (*self.conversation.context(), ChatTurn(Role.USER, text))

    def is_near(self, text: str) -> bool:
        """Whether an estimate may be wrong about whether the conversation fits with this question."""
        return bool(self.size) and self.needed(text) > self._for_prompt * _SURE

    def overflows(self, text: str) -> bool:
        """Whether asking this pushes a message out of the model's sight that is not marked so yet, or is too long
        even alone."""
        self._learn()
        turns = self.with_question(text)
        after = fit(turns, self._for_prompt, self._rates, self._count_of(turns))
        system = 1 if self.conversation.system else 0
        messages = [message for message, _ in self.conversation.visible()]
        lost = {messages[index - system].id for index in after.dropped}
        return bool(lost - self.lost) or self.too_long(text)

    def too_long(self, text: str) -> bool:
        """Whether a question is longer than the whole context, so that a server refuses it."""
        self._learn()
        counted = self._count_of(self.with_question(text))
        if not self.size or (counted is not None and counted <= self._available):
            return False
        return self._rates.turn(ChatTurn(Role.USER, text)) > self._available

    def kept_free(self, length: int) -> int:
        """Tokens of a context of `length` that no prompt takes, for reasoning and answer."""
        return kept_free(length, self.wanted_reserve)

    @property
    def wanted_reserve(self) -> int:
        """The answer's reserve that was chosen; 0 for the automatic one."""
        return wanted_reserve(self.conversation, self._settings)

    def needed(self, text: str) -> int:
        """Tokens that the conversation takes with this question, if all of it is to be seen."""
        self._learn()
        turns = self.with_question(text)
        return self._count_of(turns) or self._rates.turns(turns) + self._own

    @property
    def _available(self) -> int:
        return max((self.size or 0) - self._held_back, 1) if self.size else 0

    @property
    def _for_prompt(self) -> int:
        return max(self._available - self.kept_free(self._available) - self._own, 0 if not self.size else 1)

    @property
    def _own(self) -> int:
        """Tokens of what the model's own file puts before the conversation, about."""
        return sum(TokenRates().tokens(text) + TURN_TOKENS for text in self.before)

    def of(self, conversation: Conversation) -> ContextMeter:
        """A meter of another state of the conversation, in the same context and with what was learnt of its tokens."""
        other = ContextMeter(conversation, self._settings)
        other.size, other._held_back, other._rates = self.size, self._held_back, self._rates
        other._exact, other.before = self._exact, self.before
        return other

    @property
    def rates(self) -> TokenRates:
        """What was learnt of the conversation's tokens."""
        self.window()
        return self._rates

    def estimate(self, turns: Sequence[ChatTurn], rendered: str = "") -> int:
        """Tokens that these turns take, about. `rendered`: the text that the server makes of them, where it tells:
        the model's own system text and examples are in it.
        """
        self._learn()
        return max(self._rates.turns(turns), TokenRates().tokens(rendered))

    def refused(self, needed: int | None) -> None:
        """The server refused what was reckoned to fit, as taking `needed` tokens where it tells: leave more out."""
        size = self.size or 0
        self._held_back += max((needed or 0) - size, 0) + size // 8

    def turns(self, upto: str | None = None) -> tuple[ChatTurn, ...]:
        """What is sent when asked `upto`, or the last message."""
        self._learn()
        counted = self._count_of(self.conversation.context(upto))
        return seen(self.conversation, self._for_prompt, self._rates, upto, counted)

    def window(self) -> Window:
        """What the next request sends, against the context length."""
        return self._window(self.conversation.context())

    def _window(self, turns: tuple[ChatTurn, ...]) -> Window:
        self._learn()
        return fit(turns, self._for_prompt, self._rates, self._count_of(turns))

    def _learn(self) -> None:
        """Take the rates from the last answer that the server counted."""
        counted = last_counted(self.conversation)
        if counted is not None:
            counted = counted[0], counted[1] - self._own
        self._rates = rates_from(counted, self._available, self._rates)

    def look(self, upto: str | None = None) -> int:
        """Find the messages that the model does not see when asked `upto`, or the last one; how many there are."""
        self._learn()
        counted = self._count_of(self.conversation.context(upto))
        self.lost = frozenset(out_of_sight(self.conversation, self._for_prompt, self._rates, upto, counted))
        return len(self.lost)

    def used(self, streaming: int | None) -> int:
        """Tokens in use; while an answer streams only its own tokens are added to the last reckoning: it is cheap."""
        if streaming is None:
            turns = self.conversation.context()  # once: of a long conversation they take milliseconds
            exact = self._count_of(turns)
            self._used = self._window(turns).used + (0 if exact else self._own)
            return self._used
        return self._used + streaming
