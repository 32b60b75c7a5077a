"""The whole app under Textual's Pilot, on a scripted server: what its tests share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from rich.cells import cell_len
from textual.events import Key
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import OptionList

from r1tui.app import R1App
from r1tui.domain.settings import Settings
from r1tui.screens.chat.screen import ChatScreen
from r1tui.screens.palette import Palette
from r1tui.services.container import Services
from tests.support import patience
from tests.support.scripted import ScriptedServer


class Chat:
    """A running app: its pilot, its chat, and what a person sees of it."""

    def __init__(self, pilot: Pilot[Any], app: R1App) -> None:
        self.pilot = pilot
        self.app = app
        self._before: set[str] = set()
        """Ids of the messages that were there when a question was asked last."""

    @property
    def screen(self) -> ChatScreen:
        """The chat's own screen, whatever lies over it."""
        chat = self.app.screen_stack[0]
        assert isinstance(chat, ChatScreen)
        return chat

    @property
    def text(self) -> str:
        """The whole screen as it is drawn."""
        compositor = self.app.screen._compositor
        return "\n".join(strip.text.rstrip() for strip in compositor.render_strips())

    @property
    def notices(self) -> list[str]:
        """What notices say that nobody can have read yet, the one that shows last."""
        return [notice.words for notice in reversed(self.app.notices.standing)]

    async def until(self, true: Callable[[], object], seconds: float = patience.SECONDS) -> None:
        """Wait until something holds; says what the screen shows when it never does."""
        try:
            async with asyncio.timeout(seconds):
                while not true():
                    await self.pilot.pause(0.02)
        except TimeoutError:
            raise AssertionError(
                f"never came true; notices {self.notices}; the screen:\n{self.text}"
            ) from None

    async def opened(self, kind: type[Screen[Any]]) -> None:
        """Wait until a screen of that kind is on top, with everything in it: one that was only pushed is empty yet."""
        await self.until(lambda: isinstance(self.app.screen, kind) and self.app.screen.is_mounted)

    async def sees(self, *texts: str) -> None:
        """Wait until the texts stand on the screen."""
        await self.until(lambda: all(text in self.text for text in texts))

    async def press(self, *keys: str) -> None:
        """Press keys."""
        await self.pilot.press(*keys)

    async def drag(self, text: str) -> None:
        """Drag the mouse over a text that stands on the screen, and let go."""
        rows = self.text.split("\n")
        y = next(y for y, row in enumerate(rows) if text in row)
        x = cell_len(rows[y][: rows[y].index(text)])
        await self.pilot.mouse_down(offset=(x, y))
        await self.pilot.hover(offset=(x + cell_len(text), y))
        await self.pilot.mouse_up(offset=(x + cell_len(text), y))

    async def command(self, name: str) -> None:
        """Choose a command in the palette, as a person does; `name` is its id in the command table."""
        await self.press("ctrl+p")
        await self.opened(Palette)
        options = self.app.screen.query_one(OptionList)
        options.highlighted = options.get_option_index(name)
        await self.press("enter")
        await self.until(lambda: not isinstance(self.app.screen, Palette))

    async def ask(self, text: str) -> None:
        """Write a question and send it."""
        self._before = set(self.screen.session.conversation.messages)
        self.screen.prompt.load_text(text)
        await self.press("enter")

    async def answered(self) -> None:
        """Wait until the last answer of the branch has ended; one that came after the question asked last."""
        answers = self.screen.session
        await self.until(
            lambda: (
                answers.generation is None
                and (last := answers.last_answer)
                and last.phase is None
                and last.id not in self._before
            )
        )


NAMES = {".": "full_stop", "/": "slash", "?": "question_mark"}


def burst(chat: Chat, *keys: str) -> None:
    """Keys that arrive at once, as over a slow link; one character stands for itself."""
    for key in keys:
        chat.app.post_message(Key(NAMES.get(key, key), key if len(key) == 1 else None))


def by_hand(chat: Chat, *keys: str) -> None:
    """The same, long after whatever came before."""
    for key in keys:
        event = Key(NAMES.get(key, key), key if len(key) == 1 else None)
        event.time += 10
        chat.app.post_message(event)


@asynccontextmanager
async def running(
    server: ScriptedServer | str,
    *,
    size: tuple[int, int] = (80, 24),
    settings: Settings | None = None,
    model: str | None = None,
    notices: bool = False,
) -> AsyncIterator[Chat]:
    """The app on a server (or an address), connected; its services are closed at the end, as in `run`.

    `notices`: they are drawn, not only kept.
    """
    url = server if isinstance(server, str) else server.url
    services = Services.build(settings or Settings(), [], url, model)
    app = R1App(services)
    app.notices.drawn = notices
    async with app.run_test(size=size) as pilot:
        chat = Chat(pilot, app)
        if not isinstance(server, str):
            await chat.until(lambda: chat.screen.server.selected and not chat.screen.session.starting)
        yield chat
    await app.background_answers.close()
