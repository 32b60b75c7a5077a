"""The guide's live parts: what can be tried on the reader's own model, and from which chapter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual.screen import Screen

from r1tui.chat.session import ChatSession
from r1tui.commands import command
from r1tui.domain.phrase import phrase
from r1tui.locale import t

NEXT, TOKENS, THINK = "next", "tokens", "think"
CONTEXT, PARAMETERS, STACK, VOTE = "context", "parameters", "stack", "vote"
NAMES: Mapping[str, str] = {
    name: command(f"chat.live_{name}").words
    for name in (NEXT, TOKENS, THINK, CONTEXT, PARAMETERS, STACK, VOTE)
}
"""Name of a part → its words."""
CHAPTERS: Mapping[str, tuple[str, ...]] = {
    "3": (THINK,),
    "4": (PARAMETERS,),
    "5": (NEXT, TOKENS, CONTEXT),
    "6": (STACK,),
    "10": (VOTE,),
    "11": (CONTEXT, THINK),
}
"""Chapter → what can be tried at it."""


async def screen(name: str, session: ChatSession, width: int) -> Screen[Any]:
    """The screen of a part. No token is asked for before a key says so; only `STACK` asks the server, for what it knows of
    the model. Raises `EngineError`.
    """
    if name == NEXT:
        from r1tui.screens.guide.next_token import NextTokenScreen

        return NextTokenScreen(session)
    if name == TOKENS:
        from r1tui.screens.guide.tokens import TokensScreen

        return TokensScreen(session)
    if name == THINK:
        from r1tui.screens.guide.think import ThinkScreen

        return ThinkScreen(session)
    if name == VOTE:
        from r1tui.screens.guide.voting import VotingScreen

        return VotingScreen(session)
    from r1tui.guide import topics
    from r1tui.screens.dialogs.text_view import TextViewScreen

    if name == CONTEXT:
        from r1tui.screens.guide import context_bar

        text = "\n".join(context_bar.lines(context_bar.parts(session)))
        return TextViewScreen(phrase(NAMES[CONTEXT]), text, topic=topics.OUT_OF_SIGHT)
    if name == STACK:
        from r1tui.screens.guide import stack

        engine, model = session.server.engine, session.server.selected
        if engine is None or not model:
            return TextViewScreen(phrase(NAMES[STACK]), t("live.no_model"))
        text = "\n".join(stack.lines(stack.stack((await engine.details(model)).info)))
        return TextViewScreen(phrase("live.stack.of", model=model), text, topic="transformer")
    from r1tui.screens.guide import parameters

    found = session.machine.recommendation if session.server.local else None
    text = "\n".join(parameters.lines(found, session.server.selected, min(width, 96) - 8))
    return TextViewScreen(phrase(NAMES[PARAMETERS]), text, topic=topics.FIGURES)
