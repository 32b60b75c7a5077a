"""How the store does with 10,000 conversations and 200,000 messages.

    python -m tests.bench.store [--conversations N] [--messages N] [--json FILE]

Prints each figure beside the same one of a store with ten conversations, and of opening an empty SQLite file, in the
same run. Figures, never pass or fail.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from r1tui.domain.conversation import Conversation
from r1tui.domain.message import Message, MessageStatus, Phase, Role
from r1tui.services import store_writes
from r1tui.services.conversation_store import ConversationStore

ENGLISH = [
    "the",
    "model",
    "answers",
    "with",
    "several",
    "steps",
    "and",
    "a",
    "partition",
    "table",
    "while",
    "memory",
    "bandwidth",
    "limits",
    "tokens",
]
CHINESE = "数学规律证明倍数推理模型回答问题步骤分析结论内存磁盘分区文件系统"


def text(rng: random.Random, length: int) -> str:
    """Prose of about `length` characters, a third of it Chinese."""
    if rng.random() < 0.33:
        return "".join(rng.choices(CHINESE, k=length // 2))
    return " ".join(f"{rng.choice(ENGLISH)}{rng.randrange(500)}" for _ in range(length // 9))


def conversation(rng: random.Random, number: int, messages: int, length: int = 500) -> Conversation:
    """A conversation with reasoning in every answer."""
    talk = Conversation(model="deepseek-r1:8b", updated=1.7e9 + number * 600)
    for at in range(messages):
        if at % 2:
            talk.add(Message(Role.ASSISTANT, text(rng, length), text(rng, length), model="deepseek-r1:8b"))
        else:
            talk.add(Message(Role.USER, text(rng, length // 4)))
    return talk


async def fill(path: Path, conversations: int, messages: int, long: int) -> str:
    """Make a store and return the id of its one long conversation."""
    rng = random.Random(7)
    store = await ConversationStore.open(path)
    each = max(1, messages // conversations)

    def add(connection: sqlite3.Connection, first: int) -> None:
        for number in range(first, min(first + 200, conversations)):
            store_writes.add_conversation(connection, conversation(rng, number, each))

    for first in range(0, conversations, 200):
        await store._database.write(add, first)
    big = conversation(rng, conversations, long)
    big.branch()[-1].content += " needle针线"
    await store.add_conversation(big)
    await store.close()
    return big.id


async def timed(work: Callable[[], Awaitable[object]], times: int = 7) -> float:
    """Median milliseconds."""
    taken: list[float] = []
    for _ in range(times):
        began = time.perf_counter()
        await work()
        taken.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(taken), 2)


async def measure(path: Path, big: str) -> dict[str, float]:
    """Every figure of one store, in milliseconds."""

    async def open_and_close() -> None:
        await (await ConversationStore.open(path)).close()

    figures = {"open and close": await timed(open_and_close)}
    store = await ConversationStore.open(path)
    figures["recent, first page"] = await timed(lambda: store.recent(300))
    figures["recent, page at the end"] = await timed(lambda: store.recent(300, max(0, 9_700)))
    figures["load 2,000 messages"] = await timed(lambda: store.load(big))
    for words, name in (
        ("needle", "search, one place"),
        ("partition memory", "search, two common words"),
        ("nowhere", "search, nothing found"),
        ("针线", "search, two Chinese characters, one place"),
        ("鱼", "search, one Chinese character, nothing found"),
        ("zq", "search, two Latin letters, nothing found"),
        ("证明", "search, two common Chinese characters"),
    ):
        figures[name] = await timed(lambda words=words: store.search(words), 5)
    figures["prompt history, 200"] = await timed(lambda: store.prompts())
    talk = Conversation()
    question = talk.add(Message(Role.USER, "q"))
    await store.save_conversation(talk)
    figures["commit a question"] = await timed(lambda: store.save_message(talk.id, question))
    answer = talk.add(
        Message(Role.ASSISTANT, "x" * 100_000, status=MessageStatus.STREAMING, phase=Phase.ANSWERING)
    )
    await store.save_message(talk.id, answer)

    async def grow() -> None:
        answer.content += "twenty characters more"
        await store.save_message(talk.id, answer)

    figures["commit a growing answer of 100,000 characters"] = await timed(grow, 15)
    answer.status = MessageStatus.COMPLETE
    figures["commit it finished, indexed"] = await timed(lambda: store.save_message(talk.id, answer), 1)
    figures["has another process written?"] = await timed(store.changed_elsewhere, 50)
    await store.delete_messages(talk, list(talk.messages.values()))
    await store.delete(talk.id)
    await store.close()
    return figures


def empty_sqlite(folder: Path) -> float:
    """Opening an empty SQLite file with the same settings: what no store can be faster than."""
    began = time.perf_counter()
    connection = sqlite3.connect(folder / "empty.db")
    connection.execute("PRAGMA journal_mode = WAL").fetchone()
    connection.execute("CREATE TABLE IF NOT EXISTS x (y)")
    connection.close()
    return round((time.perf_counter() - began) * 1000, 2)


async def run(options: argparse.Namespace) -> dict[str, object]:
    """Fill and measure the three stores."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sizes = {
            "10": (10, 200),
            "10,000 messages": (500, 10_000),
            f"{options.conversations:,}": (options.conversations, options.messages),
        }
        stores: dict[str, dict[str, float]] = {}
        for title, (conversations, messages) in sizes.items():
            path = folder / f"{conversations}.db"
            big = await fill(path, conversations, messages, 2_000)
            stores[title] = await measure(path, big)
            stores[title]["size on disk, MB"] = round(path.stat().st_size / 1e6, 1)
        empty = [empty_sqlite(folder) for _ in range(7)]
        return {"unit": "ms", "reference: empty SQLite file": statistics.median(empty), "stores": stores}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=10_000)
    parser.add_argument("--messages", type=int, default=200_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    result = asyncio.run(run(options))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    stores: dict[str, dict[str, float]] = result["stores"]  # type: ignore[assignment]
    print(f"an empty SQLite file, opened and closed: {result['reference: empty SQLite file']} ms")
    print(f"{'milliseconds; conversations:':48}" + "".join(f"{title:>18}" for title in stores))
    for name in next(iter(stores.values())):
        print(f"{name:48}" + "".join(f"{figures[name]:18.2f}" for figures in stores.values()))


if __name__ == "__main__":
    main()
