"""The guide's live parts: what can be tried on the reader's own model, and from which chapter.

A part is named by the id of its command.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from textual.screen import Screen

from r1tui.chat.session import ChatSession
from r1tui.commands import Place, Section
from r1tui.domain.clean import Clean
from r1tui.domain.dataclass import dataclass
from r1tui.domain.phrase import Phrase, phrase
from r1tui.guide import topics
from r1tui.services.container import Services
from r1tui.toolkit.bindings import InPalette

NEXT, TOKENS, THINK, VOTE = "chat.live_next", "chat.live_tokens", "chat.live_think", "chat.live_vote"
CONTEXT, PARAMETERS, STACK = "chat.live_context", "chat.live_parameters", "chat.live_stack"
PLACES, STEPS, ANSWER = "chat.live_places", "chat.live_steps", "chat.live_answer"
SCORES, MADE = "chat.live_scores", "chat.live_made"
CHAPTERS: Mapping[str, tuple[str, ...]] = {
    "1": (PLACES,),
    "2": (STEPS,),
    "3": (ANSWER, THINK),
    "4": (PARAMETERS,),
    "5": (NEXT, TOKENS, CONTEXT),
    "6": (STACK,),
    "7": (SCORES,),
    "8": (MADE,),
    "9": (MADE,),
    "10": (VOTE,),
    "11": (CONTEXT, THINK),
}
"""Chapter → what can be tried at it."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose model and machine a part is about."""

    session: ChatSession
    services: Services
    width: int
    """Cells of the terminal's lines."""
    key: Callable[[str], Clean]
    """The key of a command as it is set now."""


in_palette = InPalette[Reader, Awaitable[Screen[Any]]](Place.CHAT)


async def screen(name: str, reader: Reader) -> Screen[Any]:
    """The screen of a part. No token is asked for before a key says so; `STACK` and `MADE` ask the server for what it knows
    of the model. Raises `EngineError`.
    """
    return await in_palette.attached(reader)[name]()


def _text(title: Phrase, lines: Iterable[str], topic: str) -> Screen[Any]:
    from r1tui.screens.dialogs.text_view import TextViewScreen

    return TextViewScreen(title, "\n".join(lines), topic=topic)


@in_palette(Section.GUIDE, PLACES, "live.places", about="about.live_places")
async def _places(reader: Reader) -> Screen[Any]:
    from r1tui.screens.guide import places

    found = await places.look(reader.session, reader.services)
    return _text(phrase(NAMES[PLACES]), places.lines(found), "server")


@in_palette(Section.GUIDE, STEPS, "live.steps", about="about.live_steps")
async def _steps(reader: Reader) -> Screen[Any]:
    from r1tui.screens.guide import steps

    found = await steps.look(reader.session, reader.services)
    return _text(phrase(NAMES[STEPS]), steps.lines(found, reader.key), topics.SERVER_STEP)


@in_palette(Section.GUIDE, ANSWER, "live.answer", about="about.live_answer")
async def _answer(reader: Reader) -> Screen[Any]:
    from r1tui.screens.guide import last_answer

    lines = last_answer.lines(reader.session.last_answer, reader.key)
    return _text(phrase(NAMES[ANSWER]), lines, topics.ANSWER)


@in_palette(Section.GUIDE, NEXT, "live.next", about="about.live_next")
async def _next(reader: Reader) -> Screen[Any]:
    from r1tui.screens.guide.next_token import NextTokenScreen

    return NextTokenScreen(reader.session)


@in_palette(Section.GUIDE, TOKENS, "live.tokens", about="about.live_tokens")
async def _tokens(reader: Reader) -> Screen[Any]:
    from r1tui.screens.guide.tokens import TokensScreen

    return TokensScreen(reader.session)


@in_palette(Section.GUIDE, THINK, "live.think", about="about.live_think")
async def _think(reader: Reader) -> Screen[Any]:
    from r1tui.screens.guide.think import ThinkScreen

    return ThinkScreen(reader.session)


@in_palette(Section.GUIDE, CONTEXT, "live.context", about="about.live_context")
async def _context(reader: Reader) -> Screen[Any]:
    from r1tui.screens.guide import context_bar

    found = context_bar.parts(reader.session)
    return _text(phrase(NAMES[CONTEXT]), context_bar.lines(found), topics.OUT_OF_SIGHT)


@in_palette(Section.GUIDE, PARAMETERS, "live.parameters", about="about.live_parameters")
async def _parameters(reader: Reader) -> Screen[Any]:
    from r1tui.screens.guide import parameters

    server, machine = reader.session.server, reader.session.machine
    found = machine.recommendation if server.local else None
    lines = parameters.lines(found, server.selected, min(reader.width, 96) - 8)
    return _text(phrase(NAMES[PARAMETERS]), lines, topics.FIGURES)


@in_palette(Section.GUIDE, STACK, "live.stack", about="about.live_stack")
async def _stack(reader: Reader) -> Screen[Any]:
    from r1tui.screens.guide import stack

    engine, model = reader.session.server.engine, reader.session.server.selected
    if engine is None or not model:
        return _text(phrase(NAMES[STACK]), [_no_model()], "transformer")
    lines = stack.lines(stack.stack((await engine.details(model)).info))
    return _text(phrase("live.stack.of", model=model), lines, "transformer")


@in_palette(Section.GUIDE, SCORES, "live.scores", about="about.live_scores")
async def _scores(reader: Reader) -> Screen[Any]:
    from r1tui.screens.guide import scores

    lines = await asyncio.to_thread(lambda: [*scores.lines(reader.session.server.models)])
    return _text(phrase(NAMES[SCORES]), lines, "score")


@in_palette(Section.GUIDE, MADE, "live.made", about="about.live_made")
async def _made(reader: Reader) -> Screen[Any]:
    from r1tui.screens.guide import made

    server = reader.session.server
    if server.engine is None or not server.selected:
        return _text(phrase(NAMES[MADE]), [_no_model()], "distillation")
    model = await server.identify(server.selected)
    info = (await server.engine.details(server.selected)).info if model is None else {}
    lines = made.lines(server.selected, model, info)
    return _text(phrase("live.made.of", model=server.selected), lines, "distillation")


@in_palette(Section.GUIDE, VOTE, "live.vote", about="about.live_vote")
async def _vote(reader: Reader) -> Screen[Any]:
    from r1tui.screens.guide.voting import VotingScreen

    return VotingScreen(reader.session)


def _no_model() -> Clean:
    from r1tui.locale import t

    return t("live.no_model")


NAMES: Mapping[str, str] = {each.id: each.words for each in in_palette.commands}
"""A part → its words."""
