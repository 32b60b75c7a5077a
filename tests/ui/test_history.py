"""The history on a terminal of 80 by 24."""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from r1tui.domain.conversation import Conversation
from r1tui.domain.history import Found, Hit
from r1tui.domain.message import Message, Role
from r1tui.domain.phrase import Phrase
from r1tui.locale import clock
from r1tui.screens.base import HearsKeys
from r1tui.screens.history import PAGE, Chosen, HistoryScreen
from r1tui.services.store.conversations import ConversationStore
from r1tui.widgets.history_list import Entry, HistoryHead, HistoryList, More, around, conversation_of, marked

DAY = 86_400


async def add(
    store: ConversationStore, question: str, answer: str = "", days_ago: float = 0, **more: Any
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


class Host(HearsKeys, App[None]):
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


def current(host: Host) -> Entry:
    """What is under the cursor."""
    entry = host.history.query_one(HistoryList).current
    assert entry is not None
    return entry


def head(host: Host) -> str:
    return str(host.history.query_one(HistoryHead).render())


def kinds(host: Host) -> list[str]:
    """What the rows of the list are, from the top."""
    return [type(each).__name__ for each in host.history.query_one(HistoryList)._entries]


async def long_talk(store: ConversationStore, needle: str, times: int, title: str = "Long") -> Conversation:
    """A conversation in which every answer holds a word."""
    talk = Conversation(model="deepseek-r1:8b", title=title, updated=time.time())
    for number in range(times):
        talk.add(Message(Role.USER, f"question {number}"))
        talk.add(Message(Role.ASSISTANT, f"answer {number} with {needle} in it"))
    await store.add_conversation(talk)
    return talk


async def search(pilot: Pilot[None], host: Host, needle: str) -> None:
    await pilot.press("slash", *needle)
    await settle(pilot, host)


async def test_conversations_are_grouped_by_age_with_model_size_and_time(store: ConversationStore) -> None:
    await add(store, "How do I resize ext4?")
    await add(store, "ZFS or btrfs?", days_ago=40)
    await add(store, "Why is the sky blue?", days_ago=3)
    host = Host(store)
    async with host.run_test(size=(80, 24)) as pilot:
        await settle(pilot, host)
        lines = shown(host).splitlines()
        assert lines[0] == "Today"
        assert "How do I resize ext4?" in lines[1]
        assert lines[1].split()[-3:-1] == ["deepseek-r1:8b", "2"]
        assert re.fullmatch(r"\d\d:\d\d", lines[1].split()[-1])
        assert lines[2] == "Last seven days"
        assert re.search(r" (Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d\d:\d\d$", lines[3])
        assert lines[4] == "Older"
        assert lines[5].endswith(time.strftime(" %Y-%m-%d", time.localtime(time.time() - 40 * DAY)))
        assert len({cell_len(line) for line in lines[1:6:2]} | {cell_len(head(host))}) == 1, "one right edge"
        assert head(host).split() == ["3", "conversations", "Model", "Messages", "Changed"]


async def test_enter_opens_the_newest(store: ConversationStore) -> None:
    await add(store, "older", days_ago=2)
    newest = await add(store, "newer")
    host = Host(store)
    async with host.run_test(size=(80, 24)) as pilot:
        await settle(pilot, host)
        await pilot.press("enter")
        await pilot.pause()
        assert host.result == Chosen(newest)


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
        assert host.result == Chosen(ident, talk.leaf, "growpart", "content")


async def test_a_conversation_stands_once_above_the_messages_found_in_it(store: ConversationStore) -> None:
    talk = await long_talk(store, "growpart", 7)
    other = await add(store, "growpart in the title", days_ago=1)
    host = Host(store)
    async with host.run_test(size=(80, 24)) as pilot:
        await settle(pilot, host)
        await search(pilot, host, "growpart")
        assert kinds(host) == ["Found", "Hit", "Hit", "Found", "Hit", "Hit", "Hit", "More"]
        lines = shown(host).splitlines()
        assert lines[0].split()[:4] == ["growpart", "in", "the", "title"]
        assert lines[3].split()[:2] == ["Long", "deepseek-r1:8b"]
        assert lines[3].split()[2] == "7"
        assert lines[4].split()[0] == "answer"
        assert "answer 0 with growpart" in lines[4]
        assert lines[7].strip().startswith("+4 more")
        assert head(host).split() == ["2", "conversations", "found", "Model", "Hits", "Changed"]
        assert isinstance(current(host), Hit), "the cursor is on the first hit"
        await pilot.press("enter", "J")  # into the list, to the next conversation
        assert isinstance(current(host), Found)
        assert conversation_of(current(host)) == talk.id
        await pilot.press("K")
        assert conversation_of(current(host)) == other
        await pilot.press("end")
        assert isinstance(current(host), More)
        await pilot.press("enter")
        await settle(pilot, host)
        assert kinds(host)[3:] == ["Found", *["Hit"] * 7]
        hit = current(host)
        assert isinstance(hit, Hit)
        assert "answer 3" in hit.snippet
        await pilot.press("K", "enter")
        await pilot.pause()
        assert host.result == Chosen(talk.id), "the heading opens the conversation"


async def test_enter_that_comes_before_the_search_has_ended_opens_what_it_finds(
    store: ConversationStore,
) -> None:
    await add(store, "newest of all")
    wanted = await add(store, "q", answer="Use growpart.", days_ago=2)
    host = Host(store)
    async with host.run_test(size=(80, 24)) as pilot:
        await settle(pilot, host)
        await pilot.press("slash", *"growpart", "enter", "enter")
        await settle(pilot, host)
        assert isinstance(host.result, Chosen)
        assert (host.result.conversation_id, host.result.needle) == (wanted, "growpart")


async def test_enter_on_the_line_for_more_while_another_search_goes_on_opens_what_that_finds(
    store: ConversationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await long_talk(store, "growpart", 7)
    wanted = await add(store, "q", answer="Use resize2fs.", days_ago=2)
    host = Host(store)
    async with host.run_test(size=(80, 24)) as pilot:
        await settle(pilot, host)
        await search(pilot, host, "growpart")
        await pilot.press("enter", "end")
        listed = host.history.query_one(HistoryList)
        assert isinstance(listed.current, More)
        goes_on, found = asyncio.Event(), store.search

        async def search_held(text: str, limit: int = 50) -> list[Found]:
            await goes_on.wait()
            return await found(text, limit)

        monkeypatch.setattr(store, "search", search_held)
        await pilot.press("slash", "ctrl+u", *"resize2fs", "enter", "enter")
        goes_on.set()
        async with asyncio.timeout(30):
            while host.result == "nothing yet":
                await pilot.pause(0.02)
        assert isinstance(host.result, Chosen)
        assert (host.result.conversation_id, host.result.needle) == (wanted, "resize2fs")


async def test_reasoning_and_two_words_apart_are_opened_where_they_stand(store: ConversationStore) -> None:
    await add(store, "ships", answer="Displaced water.")
    host = Host(store)
    async with host.run_test(size=(80, 24)) as pilot:
        await settle(pilot, host)
        await search(pilot, host, "ships thoughts")
        await pilot.press("enter", "enter")
        await pilot.pause()
        assert isinstance(host.result, Chosen)
        assert (host.result.needle, host.result.where) == ("thoughts", "reasoning")


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (160, 50)])
async def test_what_was_found_shows_at_any_width_in_one_line(
    store: ConversationStore, size: tuple[int, int]
) -> None:
    await add(store, "问题" * 60, answer="前面的话" * 10 + "growpart" + "后面的话" * 60)
    host = Host(store)
    async with host.run_test(size=size) as pilot:
        await settle(pilot, host)
        await search(pilot, host, "growpart")
        listed = host.history.query_one(HistoryList)
        assert listed.virtual_size.height == len(kinds(host)) == 2
        assert "growpart" in shown(host).splitlines()[1]


async def test_empty_places_say_what_to_do(store: ConversationStore) -> None:
    host = Host(store)
    async with host.run_test(size=(80, 24)) as pilot:
        await settle(pilot, host)
        assert "Esc" in head(host)
        await pilot.press("v")
        await settle(pilot, host)
        assert "v shows" in head(host)
        await search(pilot, host, "zebra")
        assert "zebra" in head(host)
        assert "Esc" in head(host)


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
    undo: list[Callable[[], Awaitable[Phrase | None]]] = []
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
        assert head(host).startswith("1 conversation")


def test_days_have_names() -> None:
    noon = time.mktime((2026, 11, 24, 12, 0, 0, 0, 0, -1))
    assert clock.day(noon - 3600, noon) == "Today"
    assert clock.day(noon - 13 * 3600, noon) == "Yesterday"
    assert clock.day(noon - 3 * DAY, noon) == "Saturday"
    assert clock.day(noon - 7 * DAY, noon) == "2026-11-17"
    assert clock.day(1e30, noon) == "?"
    ages = [clock.age(noon - days * DAY, noon) for days in (0, 1, 2, 6, 7)]
    assert ages == ["Today", "Yesterday", "Last seven days", "Last seven days", "Older"]
    moments = [clock.when(noon - days * DAY, noon) for days in (0, 1, 7)]
    assert moments == ["12:00", "Mon 12:00", "2026-11-17"]
    assert (clock.age(1e30, noon), clock.when(1e30, noon)) == ("Older", "?")


def test_marks_survive_the_cleaning_of_a_snippet() -> None:
    line = marked(around("a\x1bb word", ((4, 8),), 40))
    assert str(line) == "a␛b word"
    assert [line.plain[span.start : span.end] for span in line.spans] == ["word"]


@pytest.mark.parametrize("width", [12, 20, 40, 200])
@pytest.mark.parametrize("before", ["", "a few words before it ", "数学规律与证明" * 9])
def test_a_text_is_cut_around_what_was_found(before: str, width: int) -> None:
    text = f"{before}needle{' and what comes after it' * 9}"
    parts = around(text, ((len(before), len(before) + 6),), width)
    assert ("needle", True) in parts
    assert sum(cell_len(part) for part, _ in parts) <= width
    if width == 200 and not before.startswith("数"):
        assert "".join(part for part, _ in parts).startswith(f"{before}needle and")
