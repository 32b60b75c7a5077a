"""How a question is asked: in which language to think, and how again where something went wrong with an answer and was
noticed (`domain/answer_check.py`).
"""

from __future__ import annotations

from dataclasses import replace

from r1tui.domain.answer_check import DRIFTED, LOOPS, NO_THINKING
from r1tui.domain.attachment import question_in
from r1tui.domain.chat import ChatRequest, ChatTurn, ThinkMode
from r1tui.domain.conversation import Conversation
from r1tui.domain.dataclass import dataclass
from r1tui.domain.message import Message, Role
from r1tui.domain.options import REASONING_LANGUAGE
from r1tui.domain.reasoning_language import ReasoningLanguage, expected_script, line_for
from r1tui.domain.vote import boxed_line


@dataclass(frozen=True, slots=True)
class Manner:
    """How a question is asked this once."""

    opens_thinking: bool = False
    """The answer is begun with `<think>`, so that the model has to think."""
    says_language: bool = False
    """In which language to think is said in any case: the question's, where nothing else is wanted."""
    seed: int | None = None
    """The answer is one of several, drawn with this seed (`chat/vote.py`)."""
    vote: str | None = None
    """Id of the vote that it belongs to."""
    boxed: bool = False
    """The answer is asked for in a box."""


_AFTER = {
    NO_THINKING: Manner(opens_thinking=True),
    LOOPS: Manner(),
    **{key: Manner(says_language=True) for key in DRIFTED.values()},
}


def manner_after(answer: Message | None) -> Manner | None:
    """How to ask the question of this answer again; None where nothing went wrong that asking again helps."""
    return _AFTER.get(answer.error.key) if answer is not None and answer.error is not None else None


def language_of(conversation: Conversation, default: ReasoningLanguage) -> ReasoningLanguage:
    """In which language the model is to think in a conversation."""
    own = conversation.options.get(REASONING_LANGUAGE)
    return ReasoningLanguage(str(own)) if own in tuple(ReasoningLanguage) else default


def prepared(
    request: ChatRequest, language: ReasoningLanguage, thinks: bool | None, manner: Manner
) -> ChatRequest:
    """The request with the lines that say in which language to think, and to box the answer. `thinks`: whether the
    model can; None where that is not known.
    """
    request = replace(request, opens_thinking=manner.opens_thinking)
    if manner.says_language and language is ReasoningLanguage.AS_IT_COMES:
        language = ReasoningLanguage.QUESTION
    at = next((at for at in reversed(range(len(request.turns))) if request.turns[at].role is Role.USER), None)
    if at is None:
        return request
    sent = request.turns[at].content
    question = question_in(sent)
    says = request.think is not ThinkMode.OFF and thinks is not False
    lines = [boxed_line(question)] if manner.boxed else []
    if says and (language_line := line_for(language, question)):
        lines.append(language_line)
    line = "\n".join(lines)
    turn = ChatTurn(Role.USER, f"{sent}\n\n{line}") if line else request.turns[at]
    return replace(
        request,
        turns=(*request.turns[:at], turn, *request.turns[at + 1 :]),
        line=line,
        reasoning_script=expected_script(language, question) if says else None,
    )
