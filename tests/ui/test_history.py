"""The history on a terminal of 80 by 24."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input, Static

from r1tui.domain.conversation import Conversation
from r1tui.domain.history import Hit
from r1tui.domain.message import Message, Role
from r1tui.locale import clock
from r1tui.screens.history import PAGE, Chosen, HistoryScreen
from r1tui.services.store.conversations import ConversationStore
from r1tui.widgets.history_list import HistoryList, marked

DAY = 86_400


async def add(
    store: ConversationStore, question: str, answer: str = "", days_ago: float = 0, **more: object
) -> str:
    talk = Conversation(model="deepseek-r1:8b", updated=time.time() - days_ago * DAY, **more)
    talk.add(Message(Role.USER, question))
    talk.add(Message(Role.ASSISTANT, answer, reasoning=f"thoughts on {question}", model="deepseek-r1:8b"))
    ident = await store.add_conversation(talk)
    assert ident is not None
    return ident


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[ConversationStore]:
    store = await ConversationStore.open(tmp_path / "r1tui.db")
    yield store
    await store.close()


class Host(App[None]):
    """An app that shows the history and keeps what it returns."""

    def __init__(self, store: ConversationStore, folder: Path | None = None) -> None:
        super().__init__()
        self.history = HistoryScreen(store, folder)
        self.result: Chosen | str | None = "nothing yet"

    async def on_mount(self) -> None:
        def keep(result: Chosen | None) -> None:
            self.result = result

        await self.push_screen(self.history, keep)


async def settle(pilot: Pilot[None], host: Host) -> None:
    """Wait for the history's own workers; a dialogue over it keeps its worker going."""
    await pilot.pause(0.2)
    while any(worker.group == "history" for worker in host.history.workers):
        await pilot.pause(0.02)
    await pilot.pause()


def shown(host: Host) -> str:
    lines = host.history.query_one(HistoryList)
    return "\n".join(str(option.prompt) for option in lines.options)


async def test_conversations_are_grouped_by_day_with_model_and_size(store: ConversationStore) -> None:
    await add(store, "How do I resize ext4?")
    await add(store, "ZFS or btrfs?", days_ago=40)
    host = Host(store)
    async with host.run_test(size=(80, 24)) as pilot:
        await settle(pilot, host)
        lines = shown(host).splitlines()
        assert lines[0] == "Today"
        assert "How do I resize ext4?" in lines[1]
        assert lines[1].endswith("deepseek-r1:8b  2 messages")
        assert lines[2] == time.strftime("%Y-%m-%d", time.localtime(time.time() - 40 * DAY))


async def test_enter_opens_the_newest(store: ConversationStore) -> None:
    await add(store, "older", days_ago=2)
    newest = await add(store, "newer")
    host = Host(store)
    async with host.run_test(size=(80, 24)) as pilot:
        await settle(pilot, host)
        await pilot.press("enter")
        await pilot.pause()
        assert host.result == (newest, None, None)


async def test_search_marks_the_words_and_opens_at_the_place(store: ConversationStore) -> None:
    ident = await add(store, "q", answer="Use resize2fs after growpart.")
    await add(store, "something else")
    host = Host(store)
    async with host.run_test(size=(80, 24)) as pilot:
        await settle(pilot, host)
        await pilot.press("slash", *"growpart")
        await settle(pilot, host)
        entry = host.history.query_one(HistoryList).current
        assert isinstance(entry, Hit)
        assert [entry.snippet[start:end] for start, end in entry.spans] == ["growpart"]
        await pilot.press("enter", "enter")
        await pilot.pause()
        talk = await store.load(ident)
        assert talk is not None
        assert host.result == (ident, talk.leaf, "growpart")


async def test_letters_typed_into_the_search_are_no_commands(store: ConversationStore) -> None:
    await add(store, "dura lex")
    host = Host(store)
    async with host.run_test(size=(80, 24)) as pilot:
        await settle(pilot, host)
        await pilot.press("slash", *"dura")
        await settle(pilot, host)
        assert host.history.query_one(Input).value == "dura"
        assert host.screen is host.history


async def test_delete_asks_and_undo_brings_it_back(store: ConversationStore) -> None:
    await add(store, "keep me?")
    host = Host(store)
    async with host.run_test(size=(80, 24)) as pilot:
        await settle(pilot, host)
        await pilot.press("d")
        await pilot.pause(0.1)
        assert host.screen is not host.history
        await pilot.press("down", "enter")
        await settle(pilot, host)
        assert await store.count() == 0
        await pilot.press("u")
        await settle(pilot, host)
        assert await store.count() == 1
        assert "keep me?" in shown(host)


async def test_a_deletion_can_still_be_undone_in_a_history_opened_later(store: ConversationStore) -> None:
    await add(store, "precious")
    undo: list[Callable[[], object]] = []
    for keys, count in ((("d", "down", "enter"), 0), (("u",), 1)):
        host = Host(store)
        host.history = HistoryScreen(store, undo=undo)
        async with host.run_test(size=(80, 24)) as pilot:
            await settle(pilot, host)
            for key in keys:
                await pilot.press(key)
                await pilot.pause(0.1)
            await settle(pilot, host)
            assert ("precious" in shown(host)) is bool(count)
    assert not undo


async def test_the_first_answer_to_the_question_keeps_it(store: ConversationStore) -> None:
    await add(store, "keep me?")
    host = Host(store)
    async with host.run_test(size=(80, 24)) as pilot:
        await settle(pilot, host)
        await pilot.press("d")
        await pilot.pause(0.1)
        await pilot.press("enter")
        await settle(pilot, host)
        assert await store.count() == 1


async def test_rename_pin_and_archive(store: ConversationStore) -> None:
    ident = await add(store, "first", days_ago=3)
    await add(store, "second")
    host = Host(store)
    async with host.run_test(size=(80, 24)) as pilot:
        await settle(pilot, host)
        await pilot.press("end", "r")
        await pilot.pause(0.1)
        await pilot.press(*" x", "enter")
        await settle(pilot, host)
        await pilot.press("p")
        await settle(pilot, host)
        assert shown(host).splitlines()[0] == "Pinned"
        assert "first x" in shown(host).splitlines()[1]
        await pilot.press("a")
        await settle(pilot, host)
        assert "first x" not in shown(host)
        await pilot.press("v")
        await settle(pilot, host)
        assert "first x" in shown(host)
    summary = await store.summary(ident)
    assert summary is not None
    assert (summary.title, summary.pinned, summary.archived) == ("first x", True, True)


async def test_export_writes_a_file_into_the_folder(store: ConversationStore, tmp_path: Path) -> None:
    await add(store, "to a file", answer="the answer")
    host = Host(store, tmp_path)
    async with host.run_test(size=(80, 24)) as pilot:
        await settle(pilot, host)
        await pilot.press("e")
        await pilot.pause(0.1)
        await pilot.press("enter")
        await pilot.pause(0.3)
    (file,) = [name for name in os.listdir(tmp_path) if name.startswith("to-a-file-")]
    assert "the answer" in (tmp_path / file).read_text()


async def test_pages_follow_the_cursor(store: ConversationStore) -> None:
    for number in range(PAGE + 20):
        await add(store, f"talk {number}", days_ago=number / 10_000)
    host = Host(store)
    async with host.run_test(size=(80, 24)) as pilot:
        await settle(pilot, host)
        assert f"talk {PAGE + 19}" not in shown(host)
        await pilot.press("end")
        await pilot.pause(0.3)
        assert f"talk {PAGE + 19}" in shown(host)


async def test_a_private_conversation_is_listed_under_its_own_heading(store: ConversationStore) -> None:
    talk = Conversation(private=True)
    talk.add(Message(Role.USER, "secret"))
    await store.save_conversation(talk)
    host = Host(store)
    async with host.run_test(size=(80, 24)) as pilot:
        await settle(pilot, host)
        assert shown(host).splitlines()[0].startswith("Private")
        assert "secret" in shown(host)


async def test_hostile_titles_stay_text(store: ConversationStore) -> None:
    await add(store, "[red]\x1b[31mx[/red] \u202e")
    host = Host(store)
    async with host.run_test(size=(80, 24)) as pilot:
        await settle(pilot, host)
        assert "[red]" in shown(host)
        assert "\x1b" not in shown(host)
        assert "\u202e" not in shown(host)


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (160, 50)])
async def test_wide_titles_fit_one_line(store: ConversationStore, size: tuple[int, int]) -> None:
    await add(store, "数学规律与证明" * 20)
    host = Host(store)
    async with host.run_test(size=size) as pilot:
        await settle(pilot, host)
        lines = host.history.query_one(HistoryList)
        assert lines.virtual_size.height == 2
        assert str(host.history.query_one(".state", Static).render()) == "1 conversation"


def test_days_have_names() -> None:
    noon = time.mktime((2026, 11, 24, 12, 0, 0, 0, 0, -1))
    assert clock.day(noon - 3600, noon) == "Today"
    assert clock.day(noon - 13 * 3600, noon) == "Yesterday"
    assert clock.day(noon - 3 * DAY, noon) == "Saturday"
    assert clock.day(noon - 7 * DAY, noon) == "2026-11-17"
    assert clock.day(1e30, noon) == "?"


def test_marks_survive_the_cleaning_of_a_snippet() -> None:
    hit = Hit("c", "t", "m", "content", "a\x1bb word", ((4, 8),), 0.0)
    line = marked(hit)
    assert str(line) == "  a␛b word"
    assert [line.plain[span.start : span.end] for span in line.spans] == ["word"]
