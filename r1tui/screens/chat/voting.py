"""The vote in the chat: from a key to the session, and what of a vote the screen's keys and bars need to know."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from textual.app import App

from r1tui.chat.events import NeedsContext, Severity
from r1tui.chat.session import ChatSession
from r1tui.domain.attachment import Attachment
from r1tui.domain.message import Message, Role
from r1tui.domain.phrase import Phrase, phrase
from r1tui.domain.vote import VoteEnd, VoteState
from r1tui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from r1tui.screens.dialogs.context_choice import Part


def running(session: ChatSession) -> VoteState | None:
    """The vote of this conversation that is under way."""
    return next((each for each in session.votes.values() if each.running), None)


def question_of(session: ChatSession, message: Message) -> Message | None:
    """The question that a message is, or answers."""
    return message if message.role is Role.USER else session.conversation.messages.get(message.parent or "")


def last_question(session: ChatSession) -> Message | None:
    """The newest question of the branch."""
    branch = session.conversation.newest_first()
    return next((each for each in branch if each.role is Role.USER), None)


def unfinished(session: ChatSession, message: Message | None = None) -> str | None:
    """The question whose vote can go on, of a message, else at the end of the branch; None where there is none."""
    last = next(session.conversation.newest_first(), None)
    if message is None and last is not None and (last.parent is None or last.vote is None):
        return last.id if _goes_on(session, last.id) else None
    question = question_of(session, message or last) if last is not None else None
    return question.id if question is not None and _goes_on(session, question.id) else None


def _goes_on(session: ChatSession, question: str) -> bool:
    state = session.votes.get(question)
    return (
        state is not None
        and not state.running
        and state.end is not VoteEnd.DECIDED
        and bool(state.tally.left)
    )


def answer_beside(session: ChatSession, message_id: str, step: int) -> str | None:
    """The answer that a vote came to, where one of its samples is the version before or after a message; else None."""
    messages, siblings = session.conversation.messages, session.conversation.sibling_ids(message_id)
    at = siblings.index(message_id) + step
    if not 0 <= at < len(siblings) or messages[siblings[at]].vote is None:
        return None
    vote = session.votes.get(messages[message_id].parent or "")
    return vote.winner if vote is not None and vote.winner in messages else None


async def ask_several(
    app: App[Any],
    session: ChatSession,
    tell: Callable[[Phrase, Severity], object],
    prompt: Prompt,
    sum_up: Callable[[str, tuple[Attachment, ...]], Awaitable[bool]],
    shorten: Callable[[NeedsContext, Part], Awaitable[bool]],
    question: Message | None,
) -> bool:
    """Ask how often, then begin: with a question that stands there, else with what is written in the prompt.

    `sum_up` begins a new conversation with a summary of this one, and a question in its prompt; `shorten` makes the
    longest attachment of the draft shorter.
    True where what was written is in the prompt again.
    """
    from r1tui.domain.short_answer import has_short_answer
    from r1tui.screens.dialogs.context_choice import SUMMARY, Part, ask_context
    from r1tui.screens.dialogs.vote import VoteScreen

    await session.asked_server()
    if not session.server.selected:
        silent = session.server.silent
        tell(
            phrase("chat.no_server_yet", reason=silent) if silent else phrase("chat.no_model_yet"), "warning"
        )
        return False
    text = question.content if question is not None else prompt.text
    if session.busy or session.live_elsewhere:
        tell(phrase("chat.busy"), "warning")
        return False
    while question is None and (needs := await session.context_needed(text)):
        chosen = await ask_context(app, session, needs)
        if isinstance(chosen, Part):
            if not await shorten(needs, chosen):
                return True
            continue
        if chosen == SUMMARY:
            await sum_up(text, needs.attachments)
            return True
        if isinstance(chosen, int):
            session.set_context(chosen)
        if chosen is None:
            return True
        break
    wanted = await app.push_screen_wait(VoteScreen(text, session.vote_cost, boxed=has_short_answer(text)))
    if wanted is None:
        return question is None
    if question is not None:
        await session.ask_vote(wanted.planned, question=question.id, boxed=wanted.boxed)
        return False
    prompt.accept()
    await session.ask_vote(wanted.planned, text=text, boxed=wanted.boxed, checked=True)
    return True
