"""A beginner's first hour by keys at 80x24: from nothing installed over the guide to the first answer, in both languages."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping

import pytest
from rich.cells import set_cell_size

from r1tui import guide
from r1tui.locale import load
from tests.support.pty_app import PtyApp
from tests.support.script import answer, pull
from tests.support.scripted import ScriptedServer

Start = Callable[..., PtyApp]
MODEL = "deepseek-r1:1.5b"
WAY_ON = re.compile(r"Esc|Enter|F1|回车")


class Walk:
    """Somebody at the keys, who finds a way on wherever they come."""

    def __init__(self, app: PtyApp, words: Mapping[str, object]) -> None:
        self.app = app
        self._words = words

    def entry(self, key: str) -> str:
        """A sentence of the catalogue."""
        entry = self._words[key]
        assert isinstance(entry, str)
        return entry

    def words(self, key: str) -> str:
        """The first words of a sentence of the catalogue that no other sentence on the way begins with."""
        return set_cell_size(self.entry(key).partition("{")[0], 16).rstrip()

    async def sees(self, *texts: str) -> None:
        """Wait for texts; a key that leads on is named on the same screen."""
        await asyncio.to_thread(self.app.wait_for, *texts)
        await asyncio.to_thread(self.app.wait_match, WAY_ON.pattern)

    async def press(self, *keys: str) -> None:
        """Press keys."""
        await asyncio.to_thread(self.app.send, *keys)

    async def reads(self, page: guide.Page, number: str) -> None:
        """Read a chapter from its title to its sources, a screen at a time."""
        await self.sees(number, page.title)
        sources = guide.headings(page.text)[-1]
        for _ in range(12):
            if any(line.strip() == sources for line in self.app.screen_lines()):
                return
            before = self.app.screen_text()
            await self.press("pagedown")
            await asyncio.to_thread(self.app.wait_changed, before)
        raise AssertionError(f"no sources:\n{self.app.screen_text()}")


@pytest.mark.parametrize(("lang", "code"), [("C.UTF-8", "en"), ("zh_CN.UTF-8", "zh_CN")])
async def test_from_nothing_installed_to_the_first_answer(pty_app: Start, lang: str, code: str) -> None:
    book = guide.read(code)
    async with ScriptedServer() as server:
        server.pulls.append(pull())
        server.answers.append(answer("Begin with print().", "A plan in eight steps."))
        app = pty_app(env={"LANG": lang, "OLLAMA_HOST": "http://127.0.0.1:9", "PATH": "/nowhere"})
        walk = Walk(app, load(code))

        # Nothing is there: what is this about? Why, and then the guide.
        await walk.sees(walk.words("setup.server.elsewhere"), "F1")
        await walk.press("?")
        await walk.sees(walk.words("setup.server.choices"))
        await walk.press("?")
        await walk.sees(book.chapters[1].title)
        await walk.press("left")
        numbers = [walk.entry("guide.of").format(n=n, all=11) for n in range(1, 12)]
        for at, page in enumerate(book.chapters[:5]):
            await walk.reads(page, numbers[at])
            if at < 4:
                await walk.press("right")

        # A word that is not clear is a key away, and so is the way back.
        await walk.press("home")
        await walk.sees(book.chapters[4].title)
        await walk.press("tab", "?")
        await walk.sees(guide.headings(book.words.text)[book.entries.index("token")])
        await walk.press("backspace")
        await walk.sees(numbers[4])

        # Something to try, though there is no model yet: that is said, with what to do.
        await walk.press("t")
        await walk.sees(walk.words("live.question"))
        await walk.press("enter")
        await walk.sees(walk.words("live.no_model"))
        for _ in range(3):
            await walk.press("escape")
        await walk.sees(walk.words("setup.server.elsewhere"))

        # A server elsewhere, the recommended size, with its figures explained, and the download.
        await walk.press("end", "enter")
        await walk.sees(walk.words("setup.server.address"))
        app.write(server.url)
        await walk.press("enter")
        await walk.sees("1.5b", "1.1 GB", walk.words("setup.other_model"))
        await walk.press("f1")
        await walk.sees(book.chapters[3].title)
        await walk.press("escape")
        await walk.sees(walk.words("setup.other_model"))
        await asyncio.to_thread(app.wait_quiet, 1.0)
        await walk.press("home", "enter")
        await walk.sees(MODEL, "1.1 GB")
        await asyncio.to_thread(app.wait_match, r"Download deepseek|下载 deepseek")
        await walk.press("down", "enter")

        # The chat: a page that says what answers, an example, its answer.
        await walk.sees(walk.words("empty.example_python"), walk.words("empty.guide"))
        await walk.press("down", "enter")
        await asyncio.to_thread(app.wait_match, rf"› {re.escape(walk.words('empty.example_python'))}")
        await walk.press("enter")
        await walk.sees("Begin with print().")
        await asyncio.to_thread(app.wait_gone, "Esc stop")

        # What is under the cursor is explained, and at the end there is the guide again.
        await walk.press("ctrl+up", "ctrl+down", "?")
        await walk.sees(book.chapters[2].title)
        await walk.press("escape")
        await walk.sees("Begin with print().")
        await walk.press("ctrl+n")
        await walk.sees(walk.words("empty.guide"))
        await walk.press("ctrl+q")
        assert await asyncio.to_thread(app.wait_exit) == 0
