"""What a text that went with a question took, out of the server's count of the whole prompt."""

from __future__ import annotations

from r1tui.domain.attachment import question_in
from r1tui.domain.chat import ChatRequest
from r1tui.domain.context_window import TURN_TOKENS, TokenRates, rates_from
from r1tui.domain.conversation import Conversation
from r1tui.domain.message import Message

SLACK = 8
"""Tokens by which the template around a question may be reckoned wrong."""
_MOST_RECKONED = 10
"""The part of an attachment's tokens, a tenth, that the reckoned rest of its prompt may be: it may be wrong by as much."""


def count_attachment(conversation: Conversation, answer: Message, request: ChatRequest) -> bool:
    """Note what the attachment of a question took, which has been answered by `request`. False where that cannot be told:
    several went with it, or what is reckoned beside it is not little.

    The prompt before is counted too, and so is its answer: what remains is the attachment and the question's own words.
    """
    question, stats = conversation.messages.get(answer.parent or ""), answer.stats
    if question is None or stats is None or not stats.question_tokens or stats.resumed_tokens:
        return False
    if len(question.attachments) != 1 or question.attachments[0].tokens is not None or not request.turns:
        return False
    turns, known, rates = request.turns, 0, TokenRates()
    new = turns[:-1]
    before = conversation.messages.get(question.parent or "")
    count = before.stats.question_tokens if before is not None and before.stats is not None else None
    if before is not None and count:
        asked = conversation.context(before.parent)
        rates = rates_from((asked, count), 0, rates)
        if (
            turns[: len(asked)] == asked
            and turns[len(asked) : -1] == conversation.context(before.id)[len(asked) :]
        ):
            known, new = count + before.answer_tokens + TURN_TOKENS, ()
    words = turns[-1].content.removesuffix(question.content)
    own = question.content if words != turns[-1].content else question_in(turns[-1].content)
    reckoned = rates.turns(new) + rates.tokens(own) + TURN_TOKENS
    tokens = stats.question_tokens - known - reckoned
    if tokens <= 0 or reckoned > tokens // _MOST_RECKONED + SLACK:
        return False
    question.attachments[0].note_tokens(tokens)
    return True
