"""Makes the README's pictures from a real run: the app, the real server, the small test model.

$(python3 tests/support/bootstrap.py) -m tests.screenshots.make         # or some by name: chat, guide
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from textual.pilot import Pilot

from r1tui import locale
from r1tui.app import R1App
from r1tui.domain.message import MessageStatus
from r1tui.domain.settings import Settings
from r1tui.screens.chat.screen import ChatScreen
from r1tui.services.container import Services
from r1tui.widgets.explain import Explain
from r1tui.widgets.guide_page import GuidePage
from tests.support import shared

HERE = Path(__file__).parent
# At temperature 0 the small model ends its reasoning and answers both.
QUESTIONS = ("你好", "What is 3 plus 5?")
# The picture must show without fetching a font from elsewhere.
_FONTS = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)


async def _until(pilot: Pilot[str | None], met: Callable[[], bool]) -> None:
    async with asyncio.timeout(300):
        while not met():
            await pilot.pause(0.1)
    await pilot.pause(0.5)


def _save(app: R1App, name: str) -> None:
    svg = app.export_screenshot(title="r1tui")
    svg = _FONTS.sub("", svg).replace("Fira Code", "DejaVu Sans Mono")
    (HERE / f"{name}.svg").write_text(svg, encoding="utf-8")


async def _chat(url: str) -> None:
    """One question folded, the next with its reasoning open."""
    settings = Settings()
    services = Services.build(settings, [], url, None)
    app = R1App(services)
    async with app.run_test(size=(120, 34)) as pilot:
        screen = app.screen
        assert isinstance(screen, ChatScreen)
        await _until(pilot, lambda: bool(screen.server.selected))
        screen.session.conversation.options["temperature"] = 0
        for question in QUESTIONS:
            screen.prompt.insert(question)
            await pilot.press("enter")
            await _until(pilot, partial(_answered, screen, question))
        await pilot.press("ctrl+up", "enter", "escape")
        await pilot.pause(5.5)  # until the notices have gone
        _save(app, "chat")


async def _guide(url: str) -> None:
    """The empty chat, and pages of the guide in both languages."""
    for language, topic, name in (("en", "9", "guide"), ("zh_CN", "5", "guide-zh_CN")):
        locale.use(language)
        app = R1App(Services.build(Settings(), [], url, None))
        async with app.run_test(size=(80, 32)) as pilot:
            screen = app.screen
            assert isinstance(screen, ChatScreen)
            await _until(pilot, lambda screen=screen: bool(screen.server.selected))  # type: ignore[misc]
            if language == "en":
                await _until(pilot, screen.machine.known.is_set)
                await pilot.pause(5.5)  # until the notices have gone
                _save(app, "empty")
            screen.post_message(Explain(topic))
            await _until(pilot, lambda app=app: _guide_shows(app))  # type: ignore[misc]
            _save(app, name)
    locale.use("en")


def _guide_shows(app: R1App) -> bool:
    found = app.screen.query(GuidePage)
    return bool(found) and bool(found.first().virtual_size.height)


def _answered(screen: ChatScreen, question: str) -> bool:
    branch = screen.session.conversation.branch()
    asked = [at for at, message in enumerate(branch) if message.content == question]
    return bool(asked) and len(branch) > asked[-1] + 1 and branch[-1].status is not MessageStatus.STREAMING


def main() -> None:
    """Start the real server, take the pictures, stop it."""
    run = shared.begin()
    try:
        server = shared.server()
        with tempfile.TemporaryDirectory() as folder:
            os.environ |= {"R1TUI_DATA_DIR": f"{folder}/data", "R1TUI_CONFIG_DIR": f"{folder}/config"}
            locale.use("en")
            for name, take in (("chat", _chat), ("guide", _guide)):
                if name in (sys.argv[1:] or (name,)):
                    asyncio.run(take(server.url))
    finally:
        shared.end(run)


if __name__ == "__main__":
    main()
