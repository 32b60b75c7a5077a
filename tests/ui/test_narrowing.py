"""Keys that come in one burst with the letters before them act on what these find, in every list that letters narrow."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from r1tui.domain.conversation import Conversation
from r1tui.domain.history import Found
from r1tui.domain.message import Message, Role
from r1tui.domain.phrase import phrase
from r1tui.screens.dialogs.pick import PickScreen
from r1tui.screens.dialogs.pick_file import PickFileScreen
from r1tui.screens.history import Chosen, HistoryScreen
from r1tui.screens.palette import Palette
from r1tui.screens.settings.screen import SettingsScreen
from r1tui.services.file_index import FileIndex
from r1tui.toolkit.option import OptionList
from r1tui.widgets.fields import Field
from tests.support.scripted import ScriptedServer
from tests.ui.app_kit import Chat, burst, by_hand, running


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


async def files(chat: Chat, folder: Path) -> list[Path | str | None]:
    """The list of files, all of them in it; what it will have been left with."""
    chosen: list[Path | str | None] = []
    chat.app.push_screen(PickFileScreen(folder), chosen.append)
    await chat.opened(PickFileScreen)
    await chat.sees("a.txt", "notes.txt")
    return chosen


# The list of files, whose search takes its time


async def test_enter_takes_what_the_search_finds_that_goes_on(
    scripted: ScriptedServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(scripted) as chat:
        held = Held(monkeypatch)
        chosen = await files(chat, folder)
        burst(chat, *"notes.md", "enter")
        await chat.until(lambda: chosen or "notes.md" in held.begun)
        held.gate.set()
        await chat.until(lambda: chosen)
        assert chosen == [folder / "notes.md"]


async def test_down_goes_on_from_the_first_that_the_letters_find(
    scripted: ScriptedServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(scripted) as chat:
        held = Held(monkeypatch)
        chosen = await files(chat, folder)
        burst(chat, *"notes", "down", "enter")
        await chat.until(lambda: chosen or "notes" in held.begun)
        held.gate.set()
        await chat.until(lambda: chosen)
        assert chosen == [folder / "notes.txt"]


async def test_tab_takes_over_what_the_letters_find_and_letters_behind_it_follow(
    scripted: ScriptedServer, folder: Path
) -> None:
    async with running(scripted) as chat:
        await files(chat, folder)
        burst(chat, *"notes.t", "tab", "x")
        await chat.until(lambda: chat.app.screen.query_one(Field).value == "notes.txtx")


async def test_esc_leaves_without_a_file_while_enter_waits(
    scripted: ScriptedServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(scripted) as chat:
        held = Held(monkeypatch)
        chosen = await files(chat, folder)
        burst(chat, *"notes", "enter")
        await chat.until(lambda: chosen or "notes" in held.begun)
        by_hand(chat, "escape")
        await chat.until(lambda: chat.app.screen is chat.screen)
        held.gate.set()
        assert chosen == ["notes"]


async def test_a_letter_typed_by_hand_says_that_the_enter_that_waits_is_not_meant(
    scripted: ScriptedServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(scripted) as chat:
        held = Held(monkeypatch)
        chosen = await files(chat, folder)
        burst(chat, *"notes", "enter")
        await chat.until(lambda: chosen or "notes" in held.begun)
        by_hand(chat, *".t")
        await chat.until(lambda: "notes.t" in held.begun)
        held.gate.set()
        await chat.until(lambda: chat.app.screen.query_one(OptionList).option_count == 1)
        assert chosen == []
        by_hand(chat, "enter")
        await chat.until(lambda: chosen)
        assert chosen == [folder / "notes.txt"]


async def test_where_nothing_fits_enter_chooses_nothing(scripted: ScriptedServer, folder: Path) -> None:
    async with running(scripted) as chat:
        chosen = await files(chat, folder)
        burst(chat, *"zzz", "enter")
        await chat.sees("zzz", "No such file.")
        burst(chat, *"y")  # behind whatever Enter did
        await chat.until(lambda: chat.app.screen.query_one(Field).value == "zzzy")
        assert chosen == []


# Others


async def test_down_in_a_list_to_pick_from(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        chosen: list[str | None] = []
        entries = [(each, each) for each in ("apple", "pear", "grape", "peach", "plum")]
        chat.app.push_screen(PickScreen(phrase("chat.host_question"), entries), chosen.append)
        await chat.opened(PickScreen)
        burst(chat, *"pe", "down", "enter")
        await chat.until(lambda: chosen)
        assert chosen == ["grape"]


async def test_down_in_the_palette(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await chat.press("ctrl+p")
        await chat.opened(Palette)
        palette = chat.app.screen
        assert isinstance(palette, Palette)
        await chat.until(lambda: palette.searchable)
        await chat.press(*"guide")
        options = palette.query_one(OptionList)
        await chat.until(lambda: palette.searched_for == "guide" and options.highlighted is not None)
        assert options.highlighted is not None
        wanted = next(each.id for each in options.options[options.highlighted + 1 :] if not each.disabled)
        await chat.press("ctrl+u")
        await chat.until(lambda: palette.searched_for == "")
        burst(chat, *"guide", "down")
        await chat.until(lambda: options.highlighted_option and options.highlighted_option.id == wanted)


async def test_down_and_enter_in_the_search_of_the_settings(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        store = chat.app.services.settings_store
        before = store.settings.interface.cursor_blink
        chat.app.push_screen(SettingsScreen(store))
        await chat.opened(SettingsScreen)
        burst(chat, "/", *"cursor_blink", "enter", "enter")
        await chat.until(lambda: store.settings.interface.cursor_blink is not before)
        await chat.press("escape")
        burst(chat, "/", *"cursor_blink", "down", "enter")
        await chat.until(lambda: store.settings.interface.cursor_blink is before)


@pytest.fixture
async def talks(scripted: ScriptedServer) -> AsyncIterator[Chat]:
    """The app with two conversations of before."""
    async with running(scripted) as chat:
        store = await chat.app.services.opened_store()
        for title, answer in (("older", "Use growpart."), ("newer", "Use resize2fs.")):
            talk = Conversation(model="deepseek-r1:8b", title=title)
            talk.add(Message(Role.USER, title))
            talk.add(Message(Role.ASSISTANT, answer))
            await store.add_conversation(talk)
        yield chat


async def test_down_and_enter_in_the_search_of_the_history(
    talks: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await talks.app.services.opened_store()
    search, gate = store.search, asyncio.Event()

    async def held(text: str, limit: int = 50) -> list[Found]:
        await gate.wait()
        return await search(text, limit)

    monkeypatch.setattr(store, "search", held)
    chosen: list[Chosen | None] = []
    talks.app.push_screen(HistoryScreen(store), chosen.append)
    await talks.opened(HistoryScreen)
    await talks.sees("older", "newer")
    burst(talks, "/", *"growpart", "down", "enter")
    gate.set()
    await talks.until(lambda: chosen)
    assert chosen[0] is not None
    opened = await store.load(chosen[0].conversation_id)
    assert opened is not None
    assert opened.title == "older"
