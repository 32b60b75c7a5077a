"""A large store: what does not grow with it, what nobody waits for, and where its text never goes."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from r1tui.domain.conversation import Conversation
from r1tui.domain.message import Message, Role
from r1tui.services import process_identity
from r1tui.services.store import migrations, writes
from r1tui.services.store import rows as store_rows
from r1tui.services.store.conversations import ConversationStore
from r1tui.services.store.database import connect

ROOT = Path(__file__).resolve().parents[2]
LONG = writes.PURGED_AT_ONCE * 6 + 20
"""Messages of a conversation that takes seven transactions to remove."""


def conversation(messages: int, text: str = "needle") -> Conversation:
    talk = Conversation(model="m")
    for number in range(messages):
        talk.add(Message(Role.ASSISTANT if number % 2 else Role.USER, f"{text} {number}"))
    return talk


def plans(path: Path, work: Callable[[sqlite3.Connection], object]) -> list[str]:
    """How SQLite goes about what `work` asks."""
    connection = connect(path)
    asked: list[str] = []
    connection.set_trace_callback(asked.append)
    work(connection)
    connection.set_trace_callback(None)
    found = [
        str(row[3])
        for statement in asked
        if statement.startswith("SELECT")
        for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")
    ]
    connection.close()
    return found


def rows(path: Path, table: str) -> int:
    connection = sqlite3.connect(path)
    number = int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    connection.close()
    return number


# What the size does not matter to


async def test_the_start_reads_no_conversation_to_find_the_deleted_ones(tmp_path: Path) -> None:
    store = await ConversationStore.open(tmp_path / "r1tui.db")
    await store.add_conversation(conversation(2))
    await store.close()
    (step,) = plans(store.path, writes.purge)
    assert "USING INDEX conversation_deleted" in step


async def test_a_conversation_is_read_in_order_without_sorting_its_text(tmp_path: Path) -> None:
    store = await ConversationStore.open(tmp_path / "r1tui.db")
    first, second = conversation(9), conversation(9)
    for talk in (first, second):
        await store.save_conversation(talk)
    for one, two in zip(first.messages.values(), second.messages.values(), strict=True):
        await store.save_message(first.id, one)
        await store.save_message(second.id, two)
    loaded = await store.load(first.id)
    await store.close()
    assert loaded is not None
    assert list(loaded.messages) == list(first.messages)
    steps = plans(store.path, lambda connection: store_rows.load(connection, first.id))
    assert steps
    assert not [step for step in steps if "TEMP B-TREE" in step or step.startswith("SCAN")]


async def test_a_file_from_before_an_index_gets_it_and_an_older_r1tui_opens_it(tmp_path: Path) -> None:
    path = tmp_path / "r1tui.db"
    connection = connect(path)
    migrations.migrate(connection, path)
    writes.add_conversation(connection, talk := conversation(4))
    names = "SELECT name FROM sqlite_master WHERE type = 'index' AND name = 'conversation_deleted'"
    assert connection.execute(names).fetchall() == []
    store = await ConversationStore.open(path)
    assert store.notices == []
    loaded = await store.load(talk.id)
    assert loaded is not None
    assert list(loaded.messages) == list(talk.messages)
    await store.close()
    assert connection.execute(names).fetchall() == [("conversation_deleted",)]
    assert migrations.migrate(connection, path) is None
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


# What nobody waits for


async def test_a_read_that_nobody_wants_any_more_ends_and_the_next_one_is_untouched(tmp_path: Path) -> None:
    store = await ConversationStore.open(tmp_path / "r1tui.db")
    await store.add_conversation(conversation(2))
    begun, ends = threading.Event(), list[str]()

    def endless(connection: sqlite3.Connection) -> None:
        begun.set()
        try:
            count = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 30000000)"
            connection.execute(f"{count} SELECT count(*) FROM n").fetchone()
            ends.append("at its end")
        except sqlite3.OperationalError as error:
            ends.append(str(error))
            raise

    reading = asyncio.create_task(store._database.read(endless))
    await asyncio.to_thread(begun.wait)
    waiting = asyncio.create_task(store.count())
    reading.cancel()
    assert await waiting == 1
    assert ends == ["interrupted"]
    assert await store.search("needle 1")
    await store.close()


async def test_cancelling_a_read_that_has_not_begun_leaves_the_one_before_alone(tmp_path: Path) -> None:
    store = await ConversationStore.open(tmp_path / "r1tui.db")
    begun, go_on = threading.Event(), threading.Event()

    def slow(connection: sqlite3.Connection) -> int:
        begun.set()
        found = connection.execute("SELECT 1 UNION SELECT 2")
        go_on.wait()
        return len(found.fetchall())

    reading = asyncio.create_task(store._database.read(slow))
    await asyncio.to_thread(begun.wait)
    waiting = asyncio.create_task(store.count())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    go_on.set()
    assert await reading == 2
    await store.close()


@pytest.fixture
async def deleted_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store in which an app that has ended deleted a long conversation, and a short one is left."""
    store = await ConversationStore.open(tmp_path / "r1tui.db")
    talk = conversation(LONG)
    await store.add_conversation(talk)
    await store.add_conversation(conversation(2, "kept"))
    await store.save_draft(talk.id, "draft")
    with monkeypatch.context() as dead:
        dead.setattr(process_identity, "this_process", lambda: "elsewhere/1/1")
        await store.delete(talk.id)
    await store.close()
    monkeypatch.setattr(process_identity, "alive", lambda owner, heartbeat: False)
    return store.path


async def test_a_long_deletion_goes_on_behind_the_start_until_nothing_is_left(deleted_long: Path) -> None:
    store = await ConversationStore.open(deleted_long)
    assert 2 < rows(deleted_long, "message") <= 2 + LONG - writes.PURGED_AT_ONCE
    assert store._purging is not None
    await store._purging
    assert rows(deleted_long, "message") == 2
    assert rows(deleted_long, "conversation") == 1
    assert rows(deleted_long, "draft") == 0
    assert await store.search("needle") == []
    assert await store.search("kept")
    await store.close()


async def test_what_is_written_meanwhile_does_not_wait_for_a_long_deletion(deleted_long: Path) -> None:
    store = await ConversationStore.open(deleted_long)
    await store.state_set("key", "value")
    assert rows(deleted_long, "message") > 2
    await store.close()


async def test_a_deletion_cut_short_goes_on_at_the_next_start(deleted_long: Path) -> None:
    store = await ConversationStore.open(deleted_long)
    await store.close()
    assert rows(deleted_long, "message") > 2
    store = await ConversationStore.open(deleted_long)
    assert [summary.size for summary in await store.recent()] == [2]
    if store._purging is not None:
        await store._purging
    assert rows(deleted_long, "message") == 2
    await store.close()


# Where the text never goes

USE = """
import asyncio, sys
from pathlib import Path
from r1tui.domain.conversation import Conversation
from r1tui.domain.message import Message, Role
from r1tui.services.store.conversations import ConversationStore

async def main(path):
    store = await ConversationStore.open(path)
    talk, other = Conversation(), Conversation()
    for number in range(60):
        for each in (talk, other):
            text = " ".join(f"secret{number * 7 + word}" for word in range(900))
            each.add(Message(Role.ASSISTANT if number % 2 else Role.USER, text, text))
    for each in (talk, other):
        await store.add_conversation(each)
        assert len((await store.load(each.id)).messages) == 60
    await store.search("secret42 zq")
    await store.delete_messages(talk, list(talk.messages.values()))
    await store._database.write(lambda connection: connection.execute("DELETE FROM conversation WHERE id = ?", (other.id,)))
    await store.delete_everything()
    await store.close()

asyncio.run(main(Path(sys.argv[1])))
"""


def test_no_text_goes_into_temporary_files(tmp_path: Path) -> None:
    elsewhere = tmp_path / "tmp"
    elsewhere.mkdir()
    before = elsewhere.stat().st_mtime_ns  # changes even by a file that is removed at once
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "SQLITE_TMPDIR": str(elsewhere)}
    subprocess.run(
        [sys.executable, "-c", USE, str(tmp_path / "data" / "r1tui.db")], env=environ, check=True, timeout=120
    )
    assert elsewhere.stat().st_mtime_ns == before
