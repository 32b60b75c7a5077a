"""What is left of the conversations after damage, and the backup of the last sound state."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import sqlite3
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from r1tui.domain.attachment import digest_of
from r1tui.domain.conversation import Conversation
from r1tui.domain.message import Message, Role
from r1tui.services.store import backup, recovery, shell
from r1tui.services.store.conversations import ConversationStore
from r1tui.services.store.database import StoreError, suspicion
from r1tui.services.store.edits import EDIT
from r1tui.services.store.pages import PageFile
from tests.support import corruption, patience


async def stored(path: Path, talks: list[Conversation]) -> None:
    store = await ConversationStore.open(path)
    for talk in talks:
        await store.add_conversation(talk)
    await store.close()


def texts(talk: Conversation) -> dict[str, tuple[str, str]]:
    return {each.id: (each.content, each.reasoning) for each in talk.messages.values()}


def beside(path: Path, *words: str) -> list[str]:
    return [name for name in os.listdir(path.parent) if any(word in name for word in words)]


def wait_for(file: Path) -> None:
    while not file.exists():
        time.sleep(0.01)


async def opened_until_backed_up(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that is open, as in an app, until it has made its backup."""
    monkeypatch.setattr(backup, "FIRST_AFTER", 0.0)
    store = await ConversationStore.open(path)
    store.keep_backup()
    async with asyncio.timeout(patience.SECONDS):
        await asyncio.to_thread(wait_for, backup.backup_of(path))
    await store.close()


def priority(seconds: float = 0.0) -> int:
    """This thread's, once it has kept it busy for so long."""
    time.sleep(seconds)
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


@pytest.mark.parametrize("kind", corruption.KINDS)
@pytest.mark.parametrize("seed", range(3))
async def test_damage_costs_no_more_than_what_it_hit(tmp_path: Path, kind: str, seed: int) -> None:
    path, talks = tmp_path / "r1tui.db", corruption.talks(20)
    await stored(path, talks)
    size = path.stat().st_size
    corruption.corrupt(path, kind, seed)
    left = path.stat().st_size / size
    whole, some, opened = await corruption.kept(path, talks)
    assert opened
    assert some >= (0.8 if kind != "truncated" else left / 3)
    assert whole > 0


@pytest.mark.parametrize("kind", corruption.KINDS)
async def test_what_damage_took_comes_from_the_backup(tmp_path: Path, kind: str) -> None:
    path, talks = tmp_path / "r1tui.db", corruption.talks(20)
    await stored(path, talks)
    assert backup.make_backup(path)
    assert backup.backup_of(path).stat().st_mode & 0o777 == 0o600
    corruption.corrupt(path, kind, 1)
    suspicion(path).touch()
    whole, some, opened = await corruption.kept(path, talks)
    assert (some, opened) == (1.0, True)
    assert whole >= 0.9


def swap_roots(path: Path, first: str, second: str) -> None:
    """Put the first pages of two tables or indexes in each other's place."""
    with closing(sqlite3.connect(path)) as connection:
        roots = dict(connection.execute("SELECT name, rootpage FROM sqlite_master").fetchall())
    data = bytearray(path.read_bytes())
    one, two = (
        slice((page - 1) * corruption.PAGE, page * corruption.PAGE) for page in (roots[first], roots[second])
    )
    data[one], data[two] = data[two], data[one]
    path.write_bytes(data)


@pytest.mark.parametrize("first", ["piece", "state"])
async def test_damage_that_the_first_statements_meet_is_repaired_by_the_same_start(
    tmp_path: Path, first: str
) -> None:
    path, talks = tmp_path / "r1tui.db", corruption.talks(5)
    await stored(path, talks)
    swap_roots(path, first, "conversation_deleted")
    store = await ConversationStore.open(path)
    found = [await store.load(talk.id) for talk in talks]
    assert [texts(each) for each in found if each] == [texts(talk) for talk in talks]
    assert [each.key for each in store.notices] == ["store.recovered"]
    await store.close()


TABLES = ("conversation", "message", "piece", "draft", "state", "attachment")


@pytest.mark.parametrize(("first", "second"), list(itertools.combinations(TABLES, 2)))
async def test_tables_that_stand_in_each_others_place_are_found_before_anything_is_read_or_written(
    tmp_path: Path, first: str, second: str
) -> None:
    path, talks = tmp_path / "r1tui.db", corruption.talks(20)
    await stored(path, talks)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(
            "INSERT INTO draft (conversation, text) VALUES (?, 'half a question')", (talks[0].id,)
        )
        edit = talks[0].id + EDIT + talks[0].branch()[0].id
        connection.execute("INSERT INTO draft (conversation, text) VALUES (?, 'changed')", (edit,))
        connection.execute("INSERT INTO state VALUES ('model', 'deepseek-r1:8b')")
        connection.execute("INSERT INTO attachment VALUES (1, ?, 'a text')", (digest_of("a text"),))
    swap_roots(path, first, second)
    store = await ConversationStore.open(path)
    assert [each.key for each in store.notices] == ["store.recovered"]
    found = [await store.load(talk.id) for talk in talks]
    assert [texts(each) for each in found if each] == [texts(talk) for talk in talks]
    assert await store.draft(talks[0].id) == "half a question"
    assert await store.draft(edit) == "changed"
    assert await store.state_get("model") == "deepseek-r1:8b"
    await store.close()


async def test_damage_that_the_daily_backup_finds_is_repaired_by_the_next_start(tmp_path: Path) -> None:
    path, talks = tmp_path / "r1tui.db", corruption.talks(5)
    await stored(path, talks)
    swap_roots(path, "message_index_data", "conversation_recent")
    assert not backup.make_backup(path)
    store = await ConversationStore.open(path)
    assert [each.key for each in store.notices] == ["store.recovered"]
    assert len(await store.all_ids()) == len(talks)
    await store.close()


def shell_that_recovers(folder: Path, database: Path) -> None:
    """A `sqlite3` on the path whose `.recover` reads this database, and which else is the real one.

    The shell of Debian and Ubuntu has no `.recover`; the words on the command line are those of SQLite's manual.
    """
    real = shutil.which("sqlite3")
    folder.mkdir()
    script = f'''case "$*" in *"{database.name} .recover --ignore-freelist") {real} "{database}.whole" .dump;; *) exec {real} "$@";; esac'''
    (folder / "sqlite3").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "sqlite3").chmod(0o755)


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="the shell of SQLite is not installed")
async def test_what_the_shell_recovers_is_added_behind_the_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, talks = tmp_path / "data" / "r1tui.db", corruption.talks(20)
    await stored(path, talks)
    whole = path.with_name(path.name + ".whole")
    shutil.copy(path, whole)
    shell_that_recovers(tmp_path / "bin", path)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    path.write_bytes(os.urandom(50_000))  # nothing of it is a page of ours
    store = await ConversationStore.open(path)
    for talk in talks:
        kept = await store.load(talk.id)
        assert kept
        assert texts(kept) == texts(talk)
    await store.close()
    assert beside(path, ".shell", ".recovering") == []


@pytest.mark.parametrize(
    "words", ["exit 1", "exec sleep 100", "echo 'CREATE TABLE conversation (a); INSERT INTO'"]
)
async def test_a_shell_that_cannot_recover_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    path, talks = tmp_path / "data" / "r1tui.db", corruption.talks(5)
    await stored(path, talks)
    corruption.corrupt(path, "header", 1)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "sqlite3").write_text(f"#!/bin/sh\n{words}\n")
    (tmp_path / "bin" / "sqlite3").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setattr(shell, "_SECONDS", 0.5)
    _, _, opened = await corruption.kept(path, talks)
    assert opened
    assert beside(path, ".shell", ".recovering") == []


@pytest.mark.parametrize("left", [0, 1, 15, 16, 20, 99])
async def test_a_file_cut_to_nothing_is_restored_from_the_backup(tmp_path: Path, left: int) -> None:
    path, talks = tmp_path / "r1tui.db", corruption.talks(5)
    await stored(path, talks)
    assert backup.make_backup(path)
    path.write_bytes(path.read_bytes()[:left])
    store = await ConversationStore.open(path)
    assert [notice.key for notice in store.notices] == ["store.recovered"]
    assert set(await store.all_ids()) == {talk.id for talk in talks}
    await store.close()


async def test_messages_that_came_after_the_backup_are_kept_beside_it(tmp_path: Path) -> None:
    path, talks = tmp_path / "r1tui.db", corruption.talks(8)
    await stored(path, talks[:6])
    backup.make_backup(path)
    await stored(path, talks[6:])
    data = path.read_bytes()
    path.write_bytes(b"\0" * 100 + data[100:])
    assert (await corruption.kept(path, talks))[0] == 1.0


async def test_commits_in_the_log_of_a_damaged_file_are_kept(tmp_path: Path) -> None:
    path, talks = tmp_path / "r1tui.db", corruption.talks(3)
    store = await ConversationStore.open(path)
    for talk in talks:
        await store.add_conversation(talk)
    copy = tmp_path / "copy" / "r1tui.db"
    copy.parent.mkdir()
    for ending in ("", "-wal"):
        shutil.copy(str(path) + ending, str(copy) + ending)
    await store.close()
    assert (tmp_path / "copy" / "r1tui.db-wal").stat().st_size > 0
    copy.write_bytes(b"no header" + copy.read_bytes()[9:])
    rows = list(PageFile.read(copy).rows())
    assert {talk.title for talk in talks} <= {row.values[2] for row in rows if len(row.values) == 15}
    assert (await corruption.kept(copy, talks))[0] == 1.0


async def test_messages_whose_conversation_is_lost_are_kept_under_their_first_question(
    tmp_path: Path,
) -> None:
    path = tmp_path / "r1tui.db"
    talk = Conversation(title="renamed")
    talk.add(Message(Role.USER, "where is the dog?"))
    talk.add(Message(Role.ASSISTANT, "in the garden"))
    await stored(path, [talk])
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("DELETE FROM conversation")
    connection.commit()
    connection.close()
    recovery.recover(path)
    store = await ConversationStore.open(path)
    (summary,) = await store.recent()
    assert summary.title == "where is the dog?"
    found = await store.load(summary.id)
    assert found is not None
    assert [each.content for each in found.branch()] == ["where is the dog?", "in the garden"]
    await store.close()


async def test_a_recovery_that_finds_no_room_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "r1tui.db"
    await stored(path, corruption.talks(3))
    corruption.corrupt(path, "header", 0)
    path.write_bytes(b"\0" * 100 + path.read_bytes()[100:])
    before = path.read_bytes()

    def full(*args: object) -> None:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    monkeypatch.setattr(recovery, "_insert_pages", full)
    with pytest.raises(StoreError) as caught:
        await ConversationStore.open(path)
    assert caught.value.phrase.key == "store.disk_full"
    assert path.read_bytes() == before
    assert not beside(path, "recovering", "damaged")


KILLED_AT_STEP = """
import sys, os, asyncio
from pathlib import Path
from r1tui.services.store.conversations import ConversationStore
path, left = Path(sys.argv[1]), int(sys.argv[2])
def step(event, args):
    global left
    if event in ("os.rename", "os.remove", "sqlite3.connect") and str(path) in str(args[0]):
        left -= 1
        if left < 0:
            os._exit(9)
sys.addaudithook(step)
asyncio.run(ConversationStore.open(path))
os._exit(0)
"""
"""Opens a store, and is gone before one of the steps that a recovery is made of."""


async def test_a_recovery_that_is_killed_at_any_step_costs_nothing(tmp_path: Path) -> None:
    sound, talks = tmp_path / "sound" / "r1tui.db", corruption.talks(3)
    sound.parent.mkdir()
    await stored(sound, talks)
    damaged = b"no header" + sound.read_bytes()[9:]
    for step in itertools.count():
        path = tmp_path / str(step) / "r1tui.db"
        path.parent.mkdir()
        path.write_bytes(damaged)
        killed = await asyncio.create_subprocess_exec(sys.executable, "-c", KILLED_AT_STEP, path, str(step))
        code = await killed.wait()
        one, other = await asyncio.gather(ConversationStore.open(path), ConversationStore.open(path))
        assert {talk.id for talk in talks} == set(await one.all_ids()), f"killed before step {step}"
        await one.close()
        await other.close()
        assert damaged in [(path.parent / name).read_bytes() for name in beside(path, ".damaged-")]
        assert not beside(path, "recover", "shell")
        if code == 0:
            break
    assert step > 5


async def test_a_page_of_deleted_rows_brings_nothing_back(tmp_path: Path) -> None:
    path = tmp_path / "r1tui.db"
    store = await ConversationStore.open(path)
    talk = Conversation(title="no secret")
    for number in range(20):
        talk.add(Message(Role.USER, f"Geheimnis {number} " + "x" * 2000))
    await store.add_conversation(talk)
    await store.delete_messages(talk, talk.delete(talk.branch()[0].id))
    await store.close()
    path.write_bytes(b"\0" * 100 + path.read_bytes()[100:])
    assert b"Geheimnis 7" not in path.read_bytes()
    again = await ConversationStore.open(path)
    assert await again.search("Geheimnis") == []
    await again.close()


# The backup


async def test_what_was_deleted_is_not_in_the_backup_and_never_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "r1tui.db"
    gone, kept = Conversation(), Conversation()
    gone.add(Message(Role.USER, "Geheimnis"))
    for text in ("stays", "goes Geheimnis"):
        kept.add(Message(Role.USER, text))
    await stored(path, [gone, kept])
    backup.make_backup(path)
    assert b"Geheimnis" in backup.backup_of(path).read_bytes()
    store = await ConversationStore.open(path)
    await store.delete(gone.id)
    await store.delete_messages(kept, kept.delete(kept.branch()[1].id))
    await store.close()
    assert b"Geheimnis" not in backup.backup_of(path).read_bytes()
    path.write_bytes(b"nothing can be read here" * 400)
    again = await ConversationStore.open(path)
    assert [each.title for each in await again.recent()] == ["stays"]
    assert await again.search("Geheimnis") == []
    await again.close()


async def test_what_is_deleted_while_the_backup_is_made_is_not_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "r1tui.db"
    talk = Conversation()
    talk.add(Message(Role.USER, "Geheimnis"))
    await stored(path, [talk])
    store = await ConversationStore.open(path)
    copied = backup._copy

    def copy_and_delete(copy: sqlite3.Connection, source: Path) -> None:
        copied(copy, source)
        asyncio.run_coroutine_threadsafe(store.delete(talk.id), loop).result(10)

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(backup, "_copy", copy_and_delete)
    assert await asyncio.to_thread(backup.make_backup, path)
    assert b"Geheimnis" not in backup.backup_of(path).read_bytes()
    await store.close()


async def test_a_backup_is_due_once_a_day_and_only_after_a_change(tmp_path: Path) -> None:
    path = tmp_path / "r1tui.db"
    await stored(path, corruption.talks(1))
    assert backup.due(path)
    assert backup.make_backup(path)
    assert not backup.due(path)
    await stored(path, corruption.talks(1, 2))
    assert not backup.due(path)
    await asyncio.to_thread(os.utime, backup.backup_of(path), (0, 0))
    assert backup.due(path)


async def test_a_damaged_store_does_not_take_the_place_of_a_good_backup(tmp_path: Path) -> None:
    path, talks = tmp_path / "r1tui.db", corruption.talks(10)
    await stored(path, talks)
    backup.make_backup(path)
    before = backup.backup_of(path).read_bytes()
    corruption.corrupt(path, "truncated", 1)
    assert not backup.make_backup(path)
    assert backup.backup_of(path).read_bytes() == before
    assert not beside(path, "part")


async def test_a_backup_is_bounded_and_holds_what_was_changed_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, talks = tmp_path / "r1tui.db", corruption.talks(30)
    await stored(path, talks)
    monkeypatch.setattr(backup, "BACKUP_BYTES", 100_000)
    assert backup.make_backup(path)
    assert backup.backup_of(path).stat().st_size < 300_000
    with closing(sqlite3.connect(backup.backup_of(path))) as copy:
        found = [title for (title,) in copy.execute("SELECT title FROM conversation")]
    assert 0 < len(found) < 30
    assert "talk 29" in found


async def test_an_open_app_makes_the_backup_by_itself_and_ends_while_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "r1tui.db"
    await stored(path, corruption.talks(2))
    await opened_until_backed_up(path, monkeypatch)
    assert backup.backup_of(path).exists()


async def test_only_the_backup_steps_back_for_the_model_and_no_thread_that_others_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "r1tui.db"
    await stored(path, corruption.talks(2))
    before, within = os.getpriority(os.PRIO_PROCESS, 0), list[int]()
    made = backup.make_backup

    def make(*arguments: Any) -> bool:
        within.append(priority())
        return made(*arguments)

    monkeypatch.setattr(backup, "make_backup", make)
    await opened_until_backed_up(path, monkeypatch)
    shared = await asyncio.gather(*(asyncio.to_thread(priority, 0.1) for _ in range(8)))
    assert within == [max(before, 10)]
    assert {*shared, priority()} == {before}


async def test_an_empty_store_gets_no_backup_and_its_first_conversation_need_not_wait_for_a_day(
    tmp_path: Path,
) -> None:
    path = tmp_path / "r1tui.db"
    await stored(path, [])
    assert not backup.make_backup(path)
    assert not beside(path, "backup")
    await stored(path, corruption.talks(1))
    assert backup.due(path)
    assert backup.make_backup(path)


async def test_nothing_private_is_in_the_backup_and_delete_everything_removes_it(tmp_path: Path) -> None:
    path = tmp_path / "r1tui.db"
    store = await ConversationStore.open(path)
    private = Conversation(private=True)
    question = private.add(Message(Role.USER, "Geheimnis"))
    await store.save_conversation(private)
    await store.save_message(private.id, question)
    await store.add_conversation(corruption.talks(1)[0])
    await asyncio.to_thread(backup.make_backup, path)
    assert b"Geheimnis" not in backup.backup_of(path).read_bytes()
    assert backup.backup_of(path) in await store.delete_everything()
    assert not backup.backup_of(path).exists()
    await store.close()


@pytest.mark.parametrize("when", ["yesterday", b"\xff", 1e308, "9" * 400])
async def test_a_damaged_moment_of_deletion_ends_no_start_and_deletes_nothing(
    tmp_path: Path, when: object
) -> None:
    path, talks = tmp_path / "r1tui.db", corruption.talks(2)
    await stored(path, talks)
    with closing(sqlite3.connect(path)) as store, store:
        store.execute(
            "UPDATE conversation SET deleted = ?, deleted_by = ? WHERE id = ?", (when, b"\xfe", talks[0].id)
        )
    for _ in range(2):
        await stored(path, [])
    with closing(sqlite3.connect(path)) as store:
        assert store.execute("SELECT count(*) FROM conversation").fetchone() == (2,)


async def test_a_file_that_a_fault_has_made_a_terabyte_long_is_not_read_whole(tmp_path: Path) -> None:
    path, talks = tmp_path / "r1tui.db", corruption.talks(3)
    await stored(path, talks)
    sound = path.stat().st_size
    data = bytearray(path.read_bytes())
    data[:100] = bytes(100)  # its header
    path.write_bytes(data)
    os.truncate(path, 2**40)
    assert PageFile.read(path).count <= -(-sound // 4096) + 16  # a file system gives room in larger blocks
    whole, _, opened = await corruption.kept(path, talks)
    assert opened
    assert whole == 1.0
