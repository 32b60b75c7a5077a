"""How the store does with 10,000 conversations and 200,000 messages, beside ten.

    python -m tests.bench.store [--conversations N] [--messages N] [--app] [--json FILE]

Every figure is taken from all stores by turns, of the very same conversations: from the disk's cache ("warm"), from a
store just opened whose file the cache has forgotten ("cold"), and, with `--app`, as the app shows it in a
pseudo-terminal. Figures, never pass or fail.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median

from r1tui.domain.conversation import Conversation
from r1tui.domain.message import Message, MessageStatus, Phase, Role
from r1tui.services.container import DATABASE
from r1tui.services.store.conversations import ConversationStore
from tests.bench.store_fill import LONG, SCATTERED, TYPICAL, fill

Work = Callable[[ConversationStore], Awaitable[object]]
Figures = dict[str, dict[str, float]]
"""Name → title of the store → value."""

WARM, COLD = 9, 5
"""Rounds."""
READS: dict[str, Work] = {
    "history, the first 100": lambda store: store.recent(100),
    "history, how many": lambda store: store.count(),
    "load 20 messages": lambda store: store.load(TYPICAL),
    "load 2,000 messages": lambda store: store.load(LONG),
    "load 2,000 messages written over the store's whole life": lambda store: store.load(SCATTERED),
    "earlier prompts, 100": lambda store: store.prompts(limit=100),
    "earlier prompts, 2,000": lambda store: store.prompts(limit=2_000),
    "search, one place": lambda store: store.search("needle"),
    "search, two common words": lambda store: store.search("partition memory"),
    "search, nothing found": lambda store: store.search("nowhere"),
    "search, two common Chinese characters": lambda store: store.search("证明"),
    "search, two Chinese characters, one place": lambda store: store.search("针线"),
    "search, one Chinese character, nothing found": lambda store: store.search("鱼"),
    "search, two Latin letters, nothing found": lambda store: store.search("zq"),
    "another R1TUI wrote?": lambda store: store.changed_elsewhere(),
}


async def start(path: Path) -> ConversationStore:
    """What the app asks of the store before its prompt is complete."""
    store = await ConversationStore.open(path)
    await store.mark_interrupted()
    await store.prompts(limit=100)
    await store.draft("new")
    await store.state_get("reopen")
    return store


def forget(path: Path) -> None:
    """Have the system's cache forget a file, once it is written."""
    for part in (path, path.with_name(path.name + "-wal")):
        if part.exists():
            descriptor = os.open(part, os.O_RDWR)
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


def bytes_read() -> int:
    """What this process has asked the system for so far, from the cache or not."""
    return int(Path("/proc/self/io").read_text().split("\n")[0].partition(":")[2])


async def timed(work: Awaitable[object]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    await work
    return (time.perf_counter() - began) * 1000


async def warm(paths: dict[str, Path]) -> Figures:
    """All that reads, and the writes of an answer; by turns."""
    figures: Figures = {}
    taken: dict[str, list[float]] = {title: [] for title in paths}
    size: dict[str, float] = {}

    def note(name: str) -> None:
        figures[name] = {title: median(values) for title, values in taken.items()}
        for values in taken.values():
            values.clear()

    for number in range(WARM):
        for title, path in paths.items():
            before, began = bytes_read(), time.perf_counter()
            store = await start(path)
            if number:
                taken[title].append((time.perf_counter() - began) * 1000)
            size[title] = (bytes_read() - before) / 1024
            await store.close()
    note("start: open, restore")
    figures["start: KiB read"] = size
    stores = {title: await ConversationStore.open(path) for title, path in paths.items()}
    for name, work in READS.items():
        for number in range(WARM + 1):
            for title, store in stores.items():
                spent = await timed(work(store))
                if number:
                    taken[title].append(spent)
        note(name)
    talks = {title: Conversation(updated=1.0) for title in stores}
    for title, store in stores.items():
        await store.save_conversation(talks[title])

    async def in_turn(
        name: str, rounds: int, work: Callable[[ConversationStore, Conversation], Awaitable[object]]
    ) -> None:
        for _ in range(rounds):
            for title, store in stores.items():
                taken[title].append(await timed(work(store, talks[title])))
        note(name)

    def begin(store: ConversationStore, talk: Conversation) -> Awaitable[object]:
        return store.save_message(
            talk.id,
            talk.add(
                Message(Role.ASSISTANT, "x" * 100_000, status=MessageStatus.STREAMING, phase=Phase.ANSWERING)
            ),
        )

    def grow(store: ConversationStore, talk: Conversation) -> Awaitable[object]:
        talk.branch()[-1].content += "twenty characters more"
        return store.save_message(talk.id, talk.branch()[-1])

    def finish(store: ConversationStore, talk: Conversation) -> Awaitable[object]:
        talk.branch()[-1].status = MessageStatus.COMPLETE
        return store.save_message(talk.id, talk.branch()[-1])

    await in_turn(
        "commit a question",
        WARM,
        lambda store, talk: store.save_message(talk.id, talk.add(Message(Role.USER, "q"))),
    )
    await in_turn("commit the first of an answer of 100,000 characters", 1, begin)
    await in_turn("commit what it grew by", 15, grow)
    await in_turn("commit it finished, indexed", 1, finish)
    await in_turn(
        "delete a message",
        3,
        lambda store, talk: store.delete_messages(talk, talk.delete(talk.branch()[-1].id)),
    )
    await in_turn("delete a conversation", 1, lambda store, talk: store.delete(talk.id))
    for store in stores.values():
        await store.close()
    return figures


async def cold(paths: dict[str, Path]) -> Figures:
    """The same reads, and the start, from the disk itself."""
    figures: Figures = {}
    for name in ("start: open, restore", *READS):
        taken: dict[str, list[float]] = {title: [] for title in paths}
        for _ in range(COLD):
            for title, path in paths.items():
                if name in READS:
                    store = await ConversationStore.open(path)
                    forget(path)
                    taken[title].append(await timed(READS[name](store)))
                else:
                    forget(path)
                    began = time.perf_counter()
                    store = await start(path)
                    taken[title].append((time.perf_counter() - began) * 1000)
                await store.close()
        figures[name] = {title: median(values) for title, values in taken.items()}
    return figures


async def deleted(paths: dict[str, Path]) -> Figures:
    """The start after a long conversation was deleted by an app that has ended, and what is left to do behind it."""
    figures: Figures = {
        "start after 2,000 messages were deleted": {},
        "the rest of the deletion, behind it": {},
    }
    for title, path in paths.items():
        connection = sqlite3.connect(path)
        with connection:
            connection.execute(
                "UPDATE conversation SET deleted = 1, deleted_by = '' WHERE id = ?", (SCATTERED,)
            )
        connection.close()
        began = time.perf_counter()
        store = await start(path)
        begun = time.perf_counter()
        if store._purging is not None:
            await store._purging
        for figure, seconds in zip(
            figures.values(), (begun - began, time.perf_counter() - begun), strict=True
        ):
            figure[title] = seconds * 1000
        await store.close()
    return figures


def empty_sqlite(folder: Path) -> float:
    """Opening an empty SQLite file with the same settings: what no store can be faster than."""
    began = time.perf_counter()
    connection = sqlite3.connect(folder / "empty.db")
    connection.execute("PRAGMA journal_mode = WAL").fetchone()
    connection.execute("CREATE TABLE IF NOT EXISTS x (y)")
    connection.close()
    return (time.perf_counter() - began) * 1000


def show(heading: str, figures: Figures) -> None:
    """Print a table."""
    titles = list(next(iter(figures.values())))
    print(f"\n{heading:58}" + "".join(f"{title:>18}" for title in titles))
    for name, values in figures.items():
        print(f"{name:58}" + "".join(f"{values[title]:18.2f}" for title in titles), flush=True)


def main() -> None:
    """Fill, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=10_000)
    parser.add_argument("--messages", type=int, default=200_000)
    parser.add_argument("--app", action="store_true", help="the whole app too, 2 minutes more")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    sizes = {
        "10": (10, 200),
        "10,000 messages": (500, 10_000),
        f"{options.conversations:,}": (options.conversations, options.messages),
    }
    with tempfile.TemporaryDirectory(prefix="r1tui-bench-") as name:
        paths = {
            title: Path(name) / title.replace(",", "").replace(" ", "-") / "data" / DATABASE
            for title in sizes
        }
        for title, path in paths.items():
            asyncio.run(fill(path, *sizes[title]))
        bare = median(empty_sqlite(Path(name)) for _ in range(WARM))
        print(f"an empty SQLite file, opened and closed: {bare:.2f} ms")
        tables = {}
        tables["milliseconds, warm; conversations:"] = asyncio.run(warm(paths))
        tables["milliseconds, cold"] = asyncio.run(cold(paths))
        if options.app:
            from tests.bench.store_app import shown

            tables["the app; milliseconds"] = shown(paths)
        tables["milliseconds, once"] = asyncio.run(deleted(paths))
        tables["MB"] = {"the file": {title: path.stat().st_size / 1e6 for title, path in paths.items()}}
        for heading, figures in tables.items():
            show(heading, figures)
    if options.json:
        facts = {"unit": "ms", "empty SQLite file": bare, **tables}
        options.json.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
