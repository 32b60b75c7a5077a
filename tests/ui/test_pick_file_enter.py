"""Enter in the list of files: it takes what the typed text finds, however long the search takes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.events import Key

from r1tui.screens.dialogs.pick_file import PickFileScreen
from r1tui.services.file_index import FileIndex
from r1tui.widgets.fields import Field
from tests.support.scripted import ScriptedServer
from tests.ui.app_kit import Chat, running

NAMES = {".": "full_stop"}


def burst(chat: Chat, *keys: str) -> None:
    """Keys that arrive at once, as over a slow link; one character stands for itself."""
    for key in keys:
        chat.app.post_message(Key(NAMES.get(key, key), key if len(key) == 1 else None))


class Held:
    """Searches for what is typed that end only when they are let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.gate = asyncio.Event()
        self.begun: list[str] = []
        find = FileIndex.find

        async def held(index: FileIndex, typed: str) -> list[str]:
            self.begun.append(typed)
            if typed:
                await self.gate.wait()
            return await find(index, typed)

        monkeypatch.setattr(FileIndex, "find", held)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files, of which `a.txt` is the first."""
    made = tmp_path / "work"
    made.mkdir()
    for name in ("a.txt", "b.txt", "notes.md", "notes.txt"):
        (made / name).touch()
    return made


async def enter_behind(chat: Chat, folder: Path, held: Held, text: str) -> list[Path | str | None]:
    """A text and Enter in one burst, in the list with all files in it; what it will have been left with.

    The search for the text goes on, or (a fault) something was chosen without it.
    """
    chosen: list[Path | str | None] = []
    chat.app.push_screen(PickFileScreen(folder), chosen.append)
    await chat.opened(PickFileScreen)
    await chat.sees("a.txt", "notes.txt")
    burst(chat, *text, "enter")
    await chat.until(lambda: chosen or (held.begun and held.begun[-1] == text))
    return chosen


async def test_enter_takes_what_the_search_finds_that_goes_on(
    scripted: ScriptedServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(scripted) as chat:
        held = Held(monkeypatch)
        chosen = await enter_behind(chat, folder, held, "notes.md")
        held.gate.set()
        await chat.until(lambda: chosen)
        assert chosen == [folder / "notes.md"]


async def test_esc_leaves_without_a_file_while_enter_waits(
    scripted: ScriptedServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(scripted) as chat:
        held = Held(monkeypatch)
        chosen = await enter_behind(chat, folder, held, "notes")
        burst(chat, "escape")
        await chat.until(lambda: chat.app.screen is chat.screen)
        held.gate.set()
        assert chosen == ["notes"]


async def test_where_nothing_fits_enter_chooses_nothing(
    scripted: ScriptedServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(scripted) as chat:
        held = Held(monkeypatch)
        chosen = await enter_behind(chat, folder, held, "zzz")
        held.gate.set()
        await chat.sees("zzz", "No such file.")
        assert chosen == []
        assert chat.app.screen.query_one(Field).value == "zzz"
