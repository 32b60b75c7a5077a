"""What fits into a model's context, known before the request is sent.

Left to itself Ollama drops the oldest whole messages that do not fit and says nothing; it keeps system messages and
always the last message (`chatPrompt` in its server/prompt.go). The same rule is applied here, to an estimate of the
tokens, before the request is sent: the server is asked to cut nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from r1tui.domain.chat import ChatTurn
from r1tui.domain.conversation import Conversation
from r1tui.domain.dataclass import dataclass
from r1tui.domain.message import Role

_WIDE = "[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uff60\U00020000-\U0003ffff]+"
# Compiled at its first use (and kept by `re`): it takes 3 ms, and English never needs it.
_ASCII = bytes(range(128))
TURN_TOKENS = 4
"""Tokens of the template around each message."""
SAMPLED = 100_000
"""Characters of a text that are looked at at most: 2 ms."""
NEAR = 0.75
"""Part of the context from which an estimate may be wrong about whether everything fits."""


_COUNTS = 20_000
"""Texts whose wide characters are remembered, by hash and length: 3 MB. The texts themselves are not kept."""
_counted: dict[tuple[int, int], float] = {}


def _wide_in(text: str) -> float:
    """How many characters of a text are wide; of a long one reckoned from one in some.

    A conversation is counted at each change of what the screen says of its context: a million characters take 15 ms.
    """
    key = (hash(text), len(text))  # Python keeps the hash of a text with it
    if (known := _counted.get(key)) is not None:
        return known
    sample = text[:: 1 + len(text) // SAMPLED]
    # The expression takes 15 ns for each character that it looks at, none of ASCII is wide.
    beyond = sample.encode("utf-8", "replace").translate(None, _ASCII).decode()
    if len(_counted) >= _COUNTS:
        _counted.clear()
    _counted[key] = found = sum(map(len, re.findall(_WIDE, beyond))) * len(text) / len(sample)
    return found


@dataclass(frozen=True, slots=True)
class TokenRates:
    """Tokens per character. The defaults are DeepSeek's own rule of thumb (api-docs.deepseek.com, "Token & Token
    Usage"): 0.3 for English, 0.6 for Chinese."""

    latin: float = 0.3
    wide: float = 0.6
    """For Chinese, Japanese and Korean characters."""

    def tokens(self, text: str) -> int:
        """Tokens that `text` takes, about."""
        wide = 0 if text.isascii() else _wide_in(text)
        return round(wide * self.wide + (len(text) - wide) * self.latin)

    def turn(self, turn: ChatTurn) -> int:
        """Tokens that a turn takes with the template around it, about."""
        return self.tokens(turn.content) + self.tokens(turn.reasoning) + TURN_TOKENS

    def turns(self, turns: Sequence[ChatTurn]) -> int:
        """Tokens that a request takes, about."""
        return sum(map(self.turn, turns))

    def calibrated(self, turns: Sequence[ChatTurn], prompt_tokens: int | None) -> TokenRates:
        """Rates that make `turns` come to `prompt_tokens`, the server's own count for them (`prompt_eval_count`).

        `turns` are those that were really evaluated: without the ones that had fallen out. A count that is missing,
        or so far off that it must be of something else (a cache, a hidden system text), changes nothing.
        """
        frame = TURN_TOKENS * len(turns)
        guess = self.turns(turns) - frame
        if not prompt_tokens or guess < 50 or prompt_tokens <= frame:
            return self
        factor = (prompt_tokens - frame) / guess
        if not 0.4 <= factor <= 2.5:
            return self
        return TokenRates(self.latin * factor, self.wide * factor)


@dataclass(frozen=True, slots=True)
class Window:
    """How a request stands to the context length."""

    used: int
    """Tokens of what the model will see."""
    available: int
    """The context length; 0 when it is not known."""
    dropped: tuple[int, ...] = ()
    """Indices of the turns that fall out of the model's sight."""

    @property
    def room(self) -> int:
        """Tokens left for reasoning and answer."""
        return max(0, self.available - self.used)

    @property
    def share(self) -> float:
        """Part of the context in use, from 0 to 1."""
        return min(1.0, self.used / self.available) if self.available else 0.0


def fit(turns: Sequence[ChatTurn], available: int, rates: TokenRates, counted: int | None = None) -> Window:
    """What is kept of `turns` in a context of `available` tokens; everything when that is 0 (unknown).

    `counted`: the server's own count of them all, where it is known.
    """
    sizes: list[float] = [rates.turn(turn) for turn in turns]
    used = sum(sizes)
    if counted and used:
        sizes, used = [size * counted / used for size in sizes], counted
    dropped: list[int] = []
    goes_on = bool(turns) and turns[-1].role is Role.ASSISTANT
    for index in range(
        len(turns) - 1 - goes_on
    ):  # the last question and what has come of its answer always stay
        if not available or used <= available:
            break
        if turns[index].role is not Role.SYSTEM:
            dropped.append(index)
            used -= sizes[index]
    return Window(round(used), available, tuple(dropped))


def seen(
    conversation: Conversation,
    available: int,
    rates: TokenRates,
    upto: str | None = None,
    counted: int | None = None,
) -> tuple[ChatTurn, ...]:
    """The turns to send: `Conversation.context` without what does not fit, which no server is asked to leave out."""
    turns = conversation.context(upto)
    dropped = set(fit(turns, available, rates, counted).dropped)
    return tuple(turn for index, turn in enumerate(turns) if index not in dropped)


def out_of_sight(
    conversation: Conversation,
    available: int,
    rates: TokenRates,
    upto: str | None = None,
    counted: int | None = None,
) -> set[str]:
    """Ids of the messages that the model would not see if the conversation were sent now."""
    pairs = conversation.visible(upto)
    system = (ChatTurn(Role.SYSTEM, conversation.system),) if conversation.system else ()
    window = fit((*system, *(turn for _, turn in pairs)), available, rates, counted)
    return {pairs[index - len(system)][0].id for index in window.dropped}


def rates_after(conversation: Conversation, available: int, rates: TokenRates | None = None) -> TokenRates:
    """Rates learnt from the last answer on the active branch whose prompt the server counted."""
    return rates_from(last_counted(conversation), available, rates or TokenRates())


def last_counted(conversation: Conversation) -> tuple[tuple[ChatTurn, ...], int] | None:
    """The turns of the last prompt of the active branch that the server counted, and its count."""
    for message in conversation.newest_first():
        count = message.stats.question_tokens if message.stats is not None else None
        if message.role is Role.ASSISTANT and count:
            return (conversation.context(message.parent) if message.parent else ()), count
    return None


def rates_from(
    counted: tuple[tuple[ChatTurn, ...], int] | None, available: int, rates: TokenRates
) -> TokenRates:
    """`rates` as a prompt and the server's count of it correct them."""
    if counted is None:
        return rates
    turns, count = counted
    return rates.calibrated(_seen(turns, available, rates, count), count)


def _seen(turns: Sequence[ChatTurn], available: int, rates: TokenRates, prompt_tokens: int) -> list[ChatTurn]:
    """The turns that the server's own count is of.

    Near the limit an estimate cannot tell whether the oldest turn was dropped; a count that is short of it can.
    """
    left = rates.turns(turns)
    droppable = [index for index in range(len(turns) - 1) if turns[index].role is not Role.SYSTEM]
    if not available or left < available * NEAR:
        return list(turns)
    dropped, nearest = 0, abs(left - prompt_tokens)
    for number, index in enumerate(droppable, start=1):
        left -= rates.turn(turns[index])
        if abs(left - prompt_tokens) < nearest:
            dropped, nearest = number, abs(left - prompt_tokens)
    gone = set(droppable[:dropped])
    return [turn for index, turn in enumerate(turns) if index not in gone]
