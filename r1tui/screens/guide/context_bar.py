"""Live: the conversation at hand as the model will see it, its parts as bars of the context."""

from __future__ import annotations

from collections.abc import Iterator

from r1tui.chat.session import ChatSession
from r1tui.domain.chat import ChatTurn
from r1tui.domain.clean import Clean
from r1tui.domain.context_window import TokenRates, rates_after
from r1tui.domain.dataclass import dataclass
from r1tui.domain.message import Role
from r1tui.domain.reserve import reserve
from r1tui.locale import count, t
from r1tui.toolkit.cells import fit, pad_start
from r1tui.widgets.bars import share_bar

_NAME_CELLS = 26
_BAR_CELLS = 32


@dataclass(frozen=True, slots=True)
class Parts:
    """Tokens of a conversation, about."""

    system: int = 0
    questions: int = 0
    answers: int = 0
    lost: int = 0
    """Of messages that no longer fit: not sent."""
    reasoning: int = 0
    """Of reasoning: never sent."""
    size: int = 0
    """The context length; 0 where it is not known."""
    wanted: int = 0
    """The reserve for the answer that the user has set; 0 for the automatic one."""

    @property
    def reserve(self) -> int:
        """What of the rest is kept for the answer, whatever the reasoning takes."""
        return reserve(self.size, self.used, self.wanted)

    @property
    def used(self) -> int:
        """What the next request sends."""
        return self.system + self.questions + self.answers

    @property
    def free(self) -> int:
        """What is left for the next question, its reasoning and its answer."""
        return max(0, self.size - self.used)


def parts(session: ChatSession) -> Parts:
    """What takes how much of the context now."""
    conversation, size = session.conversation, session.context_use()[1] or 0
    rates: TokenRates = rates_after(conversation, size)
    system = questions = answers = lost = 0
    if conversation.system:
        system = rates.turn(ChatTurn(Role.SYSTEM, conversation.system))
    for message, turn in conversation.visible():
        tokens = rates.turn(turn)
        if message.id in session.context.lost:
            lost += tokens
        elif message.role is Role.USER:
            questions += tokens
        else:
            answers += tokens
    reasoning = sum(message.reasoning_tokens or 0 for message in conversation.branch())
    return Parts(system, questions, answers, lost, reasoning, size, session.context.wanted_reserve)


def lines(found: Parts) -> Iterator[str]:
    """The parts, a line each, the largest being as long as the context."""
    whole = found.size or max(found.used, 1)
    if found.size:
        yield t("live.context.size", tokens=found.size)
    else:
        yield t("live.context.unknown")
    yield ""
    named = [
        ("live.context.system", found.system),
        ("live.context.questions", found.questions),
        ("live.context.answers", found.answers),
    ]
    if found.size:
        named += [("live.context.free", found.free), ("live.context.reserve", found.reserve)]
    for key, tokens in named:
        yield _line(t(key), tokens, whole)
    yield ""
    yield t("live.context.left_out")
    yield _line(t("live.context.reasoning"), found.reasoning, whole)
    yield _line(t("live.context.lost"), found.lost, whole)
    yield ""
    yield t("live.context.about")


def _line(name: Clean, tokens: int, whole: int) -> Clean:
    return (
        f"  {fit(name, _NAME_CELLS)} {pad_start(count(tokens), 8)}  {share_bar(tokens / whole, _BAR_CELLS)}"
    )
