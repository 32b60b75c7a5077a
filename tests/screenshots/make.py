"""Makes the README's and the manual's pictures from a real run: the app, the real server, the small test model.

$(python3 tests/support/bootstrap.py) -m tests.screenshots.make         # or some by name: chat, thinking, vote, guide, pages
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from textual.pilot import Pilot

from r1tui import locale
from r1tui.app import R1App
from r1tui.domain.message import MessageStatus, Phase
from r1tui.domain.settings import Settings
from r1tui.screens.chat.screen import ChatScreen
from r1tui.screens.dialogs.text_view import TextViewScreen
from r1tui.screens.dialogs.vote import VoteScreen
from r1tui.screens.guide import live
from r1tui.screens.guide.next_token import NextTokenScreen
from r1tui.services.container import Services
from r1tui.widgets.explain import Explain, TryLive
from r1tui.widgets.guide_page import GuidePage
from tests.screenshots.svg import picture
from tests.support import shared

HERE = Path(__file__).parent
QUESTIONS = ("What is the capital of France?", "And of Italy?")
# With these the small model says what is right of both, which it seldom does.
SAMPLING = {"temperature": 0.5, "top_p": 0.95, "seed": 3}
LONG = "Why is the sky blue?"
CAPITAL = "Paris"
"""The answer to the first question."""
VOTES = 20
"""Votes after which the last one is taken as it is."""
THEMES = ("r1-light", "high-contrast", "deep-sea")
"""The first picture in these too; by itself it is in R1 dark."""


async def _until(pilot: Pilot[str | None], met: Callable[[], bool]) -> None:
    async with asyncio.timeout(300):
        while not met():
            await pilot.pause(0.1)
    await pilot.pause(0.5)


async def _save(pilot: Pilot[str | None], app: R1App, name: str) -> None:
    app.clear_notifications()
    await pilot.pause(0.5)
    suffix = "" if locale.language() == "en" else f"-{locale.language()}"
    (HERE / f"{name}{suffix}.svg").write_text(picture(app), encoding="utf-8")


@asynccontextmanager
async def _open(
    url: str, size: tuple[int, int]
) -> AsyncIterator[tuple[R1App, Pilot[str | None], ChatScreen]]:
    """The app on the real server, with a model selected and this machine read."""
    app = R1App(Services.build(Settings(), [], url, None))
    async with app.run_test(size=size) as pilot:
        screen = app.screen
        assert isinstance(screen, ChatScreen)
        await _until(pilot, lambda: bool(screen.server.selected) and screen.machine.known.is_set())
        screen.session.conversation.options["temperature"] = 0
        app.theme = "r1-dark"  # in a terminal of 16 colours it would be another one
        yield app, pilot, screen


async def _chat(url: str) -> None:
    """One question folded, the next with its reasoning open, in three more themes too."""
    async with _open(url, (120, 34)) as (app, pilot, screen):
        screen.session.conversation.options.update(SAMPLING)
        for question in QUESTIONS:
            screen.prompt.insert(question)
            await pilot.press("enter")
            await _until(pilot, partial(_answered, screen, question))
        await pilot.press("ctrl+up", "enter", "escape")
        await _save(pilot, app, "chat")
        for theme in THEMES if locale.language() == "en" else ():
            app.theme = theme
            await _save(pilot, app, f"chat-{theme}")


async def _thinking(url: str) -> None:
    """An answer that is still being thought about."""
    async with _open(url, (80, 24)) as (app, pilot, screen):
        screen.prompt.insert(LONG)
        await pilot.press("enter")
        async with asyncio.timeout(300):
            while not (
                (now := screen.session.streaming)
                and now.phase is Phase.THINKING
                and now.reasoning_tokens > 40
            ):
                await pilot.pause(0.05)
        await _save(pilot, app, "thinking")
        await pilot.press("escape")


async def _vote(url: str) -> None:
    """A question that was asked five times, and how its short answers were counted.

    The small model seldom agrees with itself, least of all on what is right: it is asked until it does.
    """
    async with _open(url, (80, 30)) as (app, pilot, screen):
        for _ in range(VOTES):
            await screen.start_new()
            screen.session.conversation.options["temperature"] = SAMPLING["temperature"]
            screen.prompt.insert(QUESTIONS[0])
            await pilot.press("alt+v")
            await _until(pilot, lambda: isinstance(app.screen, VoteScreen))
            await pilot.press("enter")
            await _until(pilot, lambda: screen.session.busy)
            await _until(pilot, lambda: not screen.session.busy)
            (state,) = screen.session.votes.values()
            winner = state.tally.winner
            if winner is not None and winner.votes > 1 and CAPITAL in winner.answer:
                break
        await _save(pilot, app, "vote")


async def _guide(url: str) -> None:
    """The empty chat, and a page of the guide."""
    async with _open(url, (80, 32)) as (app, pilot, screen):
        await _save(pilot, app, "empty")
        screen.post_message(Explain("9" if locale.language() == "en" else "5"))
        await _until(pilot, lambda: _guide_shows(app))
        await _save(pilot, app, "guide")


PAGES = ("6", "7", "8", "9", "token")
"""Those with a drawing, and an entry of the glossary."""


async def _pages(url: str) -> None:
    """The guide's contents, its drawings, an entry, and live parts on the real model."""
    async with _open(url, (80, 36)) as (app, pilot, screen):
        await pilot.pause(0.5)
        for topic in ("", *PAGES):
            screen.post_message(Explain(topic))
            await _until(pilot, partial(_guide_shows, app))
            await _save(pilot, app, f"guide-{topic or 'contents'}")
            await pilot.press("escape")
            await _until(pilot, lambda: app.screen is screen)
    async with _open(url, (80, 24)) as (app, pilot, screen):
        await pilot.pause(0.5)
        screen.post_message(TryLive(live.NEXT))
        await _until(pilot, lambda: isinstance(app.screen, NextTokenScreen))
        await pilot.press("enter")
        await _until(pilot, lambda: bool(app.screen._told))  # type: ignore[attr-defined]
        await pilot.press("tab", "tab")
        await _save(pilot, app, "guide-live-next")
        await pilot.press("escape")
        for name in (live.STACK, live.SCORES):
            screen.post_message(TryLive(name))
            await _until(pilot, lambda: isinstance(app.screen, TextViewScreen))
            await _save(pilot, app, f"guide-live-{name.rpartition('_')[2]}")
            await pilot.press("escape")
            await _until(pilot, lambda: app.screen is screen)


def _guide_shows(app: R1App) -> bool:
    found = app.screen.query(GuidePage)
    return bool(found) and bool(found.first().virtual_size.height)


def _answered(screen: ChatScreen, question: str) -> bool:
    branch = screen.session.conversation.branch()
    asked = [at for at, message in enumerate(branch) if message.content == question]
    return bool(asked) and len(branch) > asked[-1] + 1 and branch[-1].status is not MessageStatus.STREAMING


TAKES = {"chat": _chat, "thinking": _thinking, "vote": _vote, "guide": _guide, "pages": _pages}


def main() -> None:
    """Start the real server, take the pictures in both languages, stop it."""
    run = shared.begin()
    try:
        server = shared.server()
        for name in sys.argv[1:] or TAKES:
            for language in ("en", "zh_CN"):
                with tempfile.TemporaryDirectory() as folder:
                    os.environ |= {"R1TUI_DATA_DIR": f"{folder}/data", "R1TUI_CONFIG_DIR": f"{folder}/config"}
                    locale.use(language)
                    asyncio.run(TAKES[name](server.url))
    finally:
        shared.end(run)


if __name__ == "__main__":
    main()
