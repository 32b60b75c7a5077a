"""The file itself: migrations, damage, network folders, crashes, two writers."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import NoReturn

import pytest

from r1tui.domain.conversation import Conversation
from r1tui.domain.message import AnswerStats, Message, MessageStatus, Role, VotePlan
from r1tui.domain.phrase import phrase
from r1tui.services.store import database, locks, migrations, opening
from r1tui.services.store.conversations import ConversationStore
from r1tui.services.store.database import StoreDamaged, StoreError, network_file_system, suspicion
from tests.support import at_once

ROOT = Path(__file__).resolve().parents[2]


async def filled(path: Path, conversations: int = 30) -> None:
    store = await ConversationStore.open(path)
    for number in range(conversations):
        talk = Conversation(title=f"talk {number}")
        talk.add(Message(Role.USER, f"question {number}"))
        talk.add(Message(Role.ASSISTANT, f"answer {number} " + "x" * 3000))
        await store.add_conversation(talk)
    await store.close()


def contents(path: object) -> bytes:
    return Path(str(path)).read_bytes()


# Migrations


def test_a_fresh_file_gets_the_newest_version(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "new.db", isolation_level=None)) as connection:
        assert migrations.migrate(connection, tmp_path / "new.db") is None
        assert migrations.version(connection) == len(migrations.MIGRATIONS)


@pytest.mark.parametrize("number", range(1, len(migrations.MIGRATIONS) + 1))
def test_each_version_opens_from_the_one_before(tmp_path: Path, number: int) -> None:
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrations.migrate(connection, path, migrations.MIGRATIONS[: number - 1])
        migrations.migrate(connection, path, migrations.MIGRATIONS[:number])
        assert migrations.version(connection) == number
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_a_migration_keeps_the_data_and_a_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "r1tui.db"
    await filled(path, 2)
    newer = (
        *migrations.MIGRATIONS,
        "ALTER TABLE conversation ADD COLUMN colour TEXT NOT NULL DEFAULT 'blue';",
    )
    real = migrations.migrate
    monkeypatch.setattr(migrations, "migrate", lambda connection, path: real(connection, path, newer))
    store = await ConversationStore.open(path)
    assert [each.title for each in await store.recent()] == ["talk 1", "talk 0"]
    (notice,) = store.notices
    assert notice.key == "store.migrated"
    await store.close()
    backup = Path(str(notice.params["path"]))
    assert os.stat(backup).st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(backup)) as old:
        assert migrations.version(old) == len(migrations.MIGRATIONS)
        assert old.execute("SELECT count(*) FROM message").fetchone() == (4,)


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "r1tui.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrations.migrate(connection, path)
        broken = (*migrations.MIGRATIONS, "CREATE TABLE half (x); CREATE TABLE message (y);")
        with pytest.raises(sqlite3.Error):
            migrations.migrate(connection, path, broken)
        assert migrations.version(connection) == len(migrations.MIGRATIONS)
        assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'half'").fetchone() == (0,)


def file_of_version_1(path: Path) -> None:
    """Two conversations as the first version wrote them: one with an answer of two, one with one being written."""
    connection = sqlite3.connect(path, isolation_level=None)
    migrations.migrate(connection, path, migrations.MIGRATIONS[:1])
    connection.executescript(
        """
        INSERT INTO conversation (number, id, title, created, updated, model, system, think, options, leaf, pinned)
        VALUES (1, 'c1', 'Sums', 5.0, 9.0, 'r1', 'Be brief.', 'on', '{"temperature": 0.3}', 'a2', 1),
            (2, 'c2', '和', 6.0, 8.0, 'r1', '', 'auto', '{}', 'a3', 0);
        INSERT INTO message (number, conversation, id, parent, role, content, reasoning, status, model, created, phase,
            reasoning_seconds, reasoning_tokens, answer_tokens, stats, error)
        VALUES (1, 1, 'q1', NULL, 'user', '3 plus 5?', '', 'complete', '', 5.0, NULL, 0, 0, 0, NULL, NULL),
            (2, 1, 'a1', 'q1', 'assistant', 'Nine.', 'Well.', 'stopped', 'r1', 6.0, NULL, 1.5, 3, 2, NULL, NULL),
            (3, 1, 'a2', 'q1', 'assistant', 'Eight.', 'So.', 'complete', 'r1', 7.0, NULL, 2.5, 4, 2,
             '{"answer_tokens": 6}', '{"key": "generation.limit", "params": {}}'),
            (4, 2, 'q2', NULL, 'user', '三加五？', '', 'complete', '', 6.0, NULL, 0, 0, 0, NULL, NULL),
            (5, 2, 'a3', 'q2', 'assistant', '', '想', 'streaming', 'r1', 6.5, 'thinking', 0, 1, 0, NULL, NULL);
        INSERT INTO piece (message, content, reasoning) VALUES (5, '', '一想');
        INSERT INTO draft VALUES ('c1', 'And 7?');
        """
    )
    connection.close()


async def test_a_file_of_version_1_keeps_all_that_it_had(tmp_path: Path) -> None:
    path = tmp_path / "r1tui.db"
    file_of_version_1(path)
    store = await ConversationStore.open(path)
    (notice,) = store.notices
    assert notice.key == "store.migrated"
    assert await store.mark_interrupted() == [("c2", "a3")]
    sums, other = await store.load("c1"), await store.load("c2")
    assert sums is not None
    assert other is not None
    assert (sums.title, sums.system, sums.pinned, sums.leaf) == ("Sums", "Be brief.", True, "a2")
    assert sums.options == {"temperature": 0.3}
    assert [(each.id, each.parent, each.content) for each in sums.messages.values()] == [
        ("q1", None, "3 plus 5?"),
        ("a1", "q1", "Nine."),
        ("a2", "q1", "Eight."),
    ]
    assert sums.messages["a2"].stats == AnswerStats(answer_tokens=6)
    assert sums.messages["a2"].error == phrase("generation.limit")
    cut = other.messages["a3"]
    assert (cut.reasoning, cut.status) == ("想一想", MessageStatus.INTERRUPTED)
    everything = [*sums.messages.values(), *other.messages.values()]
    assert {(each.vote, each.seed, each.plan) for each in everything} == {(None, None, None)}
    assert await store.draft("c1") == "And 7?"
    assert [found.summary.id for found in await store.search("Eight")] == ["c1"]
    sums.messages["q1"].plan = VotePlan("v", "q1", 5)
    await store.save_message("c1", sums.messages["q1"])
    await store.close()
    store = await ConversationStore.open(path)
    again = await store.load("c1")
    await store.close()
    assert again is not None
    assert again.messages["q1"].plan == VotePlan("v", "q1", 5)
    old = sqlite3.connect(str(notice.params["path"]))
    assert migrations.version(old) == 1
    assert old.execute("SELECT count(*) FROM message").fetchone() == (5,)
    old.close()


async def test_a_file_of_version_1_that_cannot_be_written_is_read_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "r1tui.db"
    file_of_version_1(path)
    before = path.read_bytes()
    store = ConversationStore(await asyncio.to_thread(opening.open_in_memory, path), [])
    sums = await store.load("c1")
    await store.close()
    assert sums is not None
    assert sums.branch()[-1].content == "Eight."
    assert path.read_bytes() == before
    assert not [name for name in os.listdir(tmp_path) if "backup" in name]


async def test_a_file_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "r1tui.db"
    await filled(path, 1)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError) as caught:
        await ConversationStore.open(path)
    assert caught.value.phrase.key == "store.newer"
    assert path.read_bytes() == before


# Damage


async def test_a_vote_comes_back_from_a_damaged_file(tmp_path: Path) -> None:
    path = tmp_path / "r1tui.db"
    await filled(path)
    store = await ConversationStore.open(path)
    talk = Conversation(id="voted", title="voted")
    question = talk.add(Message(Role.USER, "6 times 7?"))
    question.plan = VotePlan("v", question.id, 3, boxed=True)
    first = talk.add(Message(Role.ASSISTANT, "42", vote="v", seed=7))
    talk.branch_from(first.id, Message(Role.ASSISTANT, "41", vote="v", seed=2**31))
    await store.add_conversation(talk)
    await store.close()
    data = bytearray(path.read_bytes())
    middle = data.index(b"answer 15 ") // 4096 * 4096
    data[middle : middle + 4096] = os.urandom(4096)
    data[:100] = bytes(100)
    path.write_bytes(data)
    store = await ConversationStore.open(path)
    found = await store.load("voted")
    await store.close()
    assert found is not None
    assert found.messages == talk.messages


async def test_a_damaged_page_costs_only_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "r1tui.db"
    await filled(path)
    data = bytearray(path.read_bytes())
    middle = data.index(b"answer 15 ") // 4096 * 4096
    data[middle : middle + 4096] = os.urandom(4096)
    path.write_bytes(data)
    suspicion(path).touch()
    store = await ConversationStore.open(path)
    (notice,) = store.notices
    assert notice.key == "store.recovered"
    assert contents(notice.params["path"]) == bytes(data)
    saved = int(str(notice.params["n"]))
    assert 40 <= saved < 60
    hits = await store.search("question", 100)
    assert len(hits) >= 20
    assert not suspicion(path).exists()
    await store.close()


async def test_damage_met_while_running_is_said_and_repaired_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "r1tui.db"
    await filled(path)
    data = bytearray(path.read_bytes())
    middle = data.index(b"answer 15 ") // 4096 * 4096
    data[middle : middle + 4096] = b"\xff" * 4096
    path.write_bytes(data)
    store = await ConversationStore.open(path)
    ids = await store.all_ids()
    with pytest.raises(StoreDamaged):
        await asyncio.gather(*map(store.load, ids))
    await store.close()
    again = await ConversationStore.open(path)
    assert [notice.key for notice in again.notices] == ["store.recovered"]
    for ident in await again.all_ids():
        assert await again.load(ident) is not None
    await again.close()


async def test_a_file_that_is_no_database_is_set_aside_and_work_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "r1tui.db"
    path.write_bytes(b"no database at all" * 1000)
    store = await ConversationStore.open(path)
    (notice,) = store.notices
    assert notice.key == "store.recovered"
    assert contents(notice.params["path"]).startswith(b"no database")
    talk = Conversation()
    talk.add(Message(Role.USER, "q"))
    assert await store.add_conversation(talk) == talk.id
    await store.close()


async def test_a_damaged_file_in_use_elsewhere_is_not_pulled_away(tmp_path: Path) -> None:
    path = tmp_path / "r1tui.db"
    first = await ConversationStore.open(path)
    suspicion(path).touch()
    path.write_bytes(b"no database at all" * 1000)
    with pytest.raises(StoreError) as caught:
        await ConversationStore.open(path)
    assert caught.value.phrase.key == "store.damaged_in_use"
    await first.close()


async def test_a_false_suspicion_costs_a_check_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "r1tui.db"
    await filled(path, 2)
    suspicion(path).touch()
    store = await ConversationStore.open(path)
    assert store.notices == []
    assert len(await store.recent()) == 2
    assert not suspicion(path).exists()
    await store.close()


async def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError) as caught:
        await ConversationStore.open(tmp_path / "file" / "r1tui.db")
    assert caught.value.phrase.key == "store.unwritable"


# Network folders


@pytest.mark.parametrize(
    ("kind", "network"),
    [
        ("nfs4", True),
        ("cifs", True),
        ("fuse.sshfs", True),
        ("9p", True),
        ("ext4", False),
        ("fuse.mergerfs", False),
    ],
)
def test_network_file_systems_are_known_by_their_type(tmp_path: Path, kind: str, network: bool) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(
        f"/dev/sda / ext4 rw 0 0\nserver:/x {str(tmp_path).replace(' ', chr(92) + '040')} {kind} rw 0 0\n"
    )
    assert network_file_system(tmp_path / "data", mounts) == (kind if network else None)


def test_an_unreadable_mount_table_means_unknown(tmp_path: Path) -> None:
    assert network_file_system(tmp_path, tmp_path / "none") is None


async def test_on_a_network_folder_there_is_no_wal_and_a_notice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "r1tui.db"
    await filled(path, 1)  # was in WAL before the folder moved
    monkeypatch.setattr(opening, "network_file_system", lambda folder: "nfs4")
    store = await ConversationStore.open(path)
    assert [notice.key for notice in store.notices] == ["store.network"]
    mode = await store._database.outside(
        lambda connection: connection.execute("PRAGMA journal_mode").fetchone()[0]
    )
    assert mode == "truncate"
    assert len(await store.recent()) == 1
    await store.close()


# Crashes and two writers

WRITER = """
import asyncio, sys
from pathlib import Path
from r1tui.domain.conversation import Conversation
from r1tui.domain.message import Message, MessageStatus, Role
from r1tui.services.store.conversations import ConversationStore

async def main(path, name, endless):
    store = await ConversationStore.open(Path(path))
    talk = Conversation(id=name)
    question = talk.add(Message(Role.USER, "question of " + name))
    await store.save_conversation(talk)
    await store.save_message(talk.id, question)
    answer = talk.add(Message(Role.ASSISTANT, id="answer-" + name, status=MessageStatus.STREAMING))
    await store.claim_answer(talk.id, answer)
    number = 0
    while endless or number < 60:
        number += 1
        answer.content += f"word{number} "
        await store.save_message(talk.id, answer)
        print(number, flush=True)
    answer.status = MessageStatus.COMPLETE
    await store.save_message(talk.id, answer)
    await store.close()

asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3] == "endless"))
"""


def writer(path: Path, name: str, how: str) -> subprocess.Popen[str]:
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", WRITER, str(path), name, how]
    return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)


async def test_a_killed_writer_loses_nothing_that_was_committed(tmp_path: Path) -> None:
    path = tmp_path / "r1tui.db"
    process = await asyncio.to_thread(writer, path, "one", "endless")
    assert process.stdout is not None
    told = 0
    while told < 25:
        told = int(await asyncio.to_thread(process.stdout.readline))
    store = await ConversationStore.open(path)
    assert await store.mark_interrupted() == []
    assert await store.live_answers() == {"one": "answer-one"}
    process.send_signal(signal.SIGKILL)
    rest = await asyncio.to_thread(process.stdout.read)
    process.stdout.close()
    said = rest.split()
    told = int(said[-1]) if said else told
    await asyncio.to_thread(process.wait)
    assert await store.mark_interrupted() == [("one", "answer-one")]
    talk = await store.load("one")
    assert talk is not None
    answer = talk.branch()[-1]
    assert answer.status is MessageStatus.INTERRUPTED
    words = answer.content.split()
    assert words == [f"word{number + 1}" for number in range(len(words))]
    assert len(words) >= told
    await store.close()


async def test_two_processes_write_at_once_and_neither_loses(tmp_path: Path) -> None:
    path = tmp_path / "r1tui.db"
    processes = [await asyncio.to_thread(writer, path, name, "ends") for name in ("one", "two")]
    for process in processes:
        await asyncio.to_thread(process.communicate)
        assert process.returncode == 0
    store = await ConversationStore.open(path)
    for name in ("one", "two"):
        talk = await store.load(name)
        assert talk is not None
        assert talk.branch()[-1].content.split()[-1] == "word60"
    check = await store._database.outside(
        lambda connection: connection.execute("PRAGMA integrity_check").fetchone()
    )
    assert check == ("ok",)
    await store.close()


async def test_two_processes_make_one_store_at_the_same_moment(tmp_path: Path) -> None:
    path = tmp_path / "new" / "r1tui.db"
    stores = await asyncio.gather(*(ConversationStore.open(path) for _ in range(4)))
    for store in stores:
        assert await store.recent() == []
        await store.close()


@pytest.mark.parametrize("kind", at_once.FOLDERS)
def test_eight_processes_that_open_a_new_store_at_one_moment_all_start(tmp_path: Path, kind: str) -> None:
    """`R1TUI_TEST_ROUNDS=100` for a hundred times."""
    rounds = int(os.environ.get("R1TUI_TEST_ROUNDS", "4"))
    assert at_once.open_at_once(tmp_path, kind, processes=8, rounds=rounds) == []


async def test_one_that_was_stopped_while_it_opened_keeps_nobody_out_for_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "r1tui.db"
    monkeypatch.setattr(locks, "OPENING_SECONDS", 0.1)
    with locks.opening(path):
        store = await ConversationStore.open(path)
    assert await store.recent() == []
    await store.close()


async def test_a_write_waits_for_another_and_the_loop_does_not(tmp_path: Path) -> None:
    path = tmp_path / "r1tui.db"
    store = await ConversationStore.open(path)
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    writing = asyncio.create_task(store.state_set("key", "value"))
    await asyncio.sleep(0.05)
    assert not writing.done()
    assert await store.state_get("key") is None
    other.execute("COMMIT")
    other.close()
    await writing
    assert await store.state_get("key") == "value"
    await store.close()


@pytest.mark.parametrize("in_memory", [False, True])
def test_an_opening_that_fails_half_way_leaves_no_connection_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_memory: bool
) -> None:
    path, opened = tmp_path / "r1tui.db", list[sqlite3.Connection]()

    def connect(path: Path, *, network: bool = False) -> sqlite3.Connection:
        if opened:
            raise sqlite3.OperationalError("no more files")
        opened.append(real(path, network=network))
        return opened[-1]

    def unprepared(connection: sqlite3.Connection) -> None:
        raise sqlite3.OperationalError("no more memory")

    real = database.connect
    monkeypatch.setattr(database, "connect", connect)
    monkeypatch.setattr(opening, "prepare_index", unprepared)
    with pytest.raises((StoreError, sqlite3.Error)):
        opening.open_in_memory(path) if in_memory else database.Database(path).connect()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        opened[0].execute("SELECT 1")


async def test_closing_leaves_everything_in_the_one_file(tmp_path: Path) -> None:
    for number in range(
        30
    ):  # of two connections that close at once, one time in three neither emptied the log
        store = await ConversationStore.open(tmp_path / f"{number}.db")
        await store.save_conversation(Conversation(title="A talk"))
        await store.recent()
        await store.close()
        assert not (tmp_path / f"{number}.db-wal").exists()


@pytest.mark.parametrize("readable", [True, False])
async def test_a_store_in_memory_begins_with_what_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, readable: bool
) -> None:
    path = tmp_path / "conversations.db"
    store = await ConversationStore.open(path)
    before = Conversation(title="A talk of before")
    before.add(Message(Role.USER, "q"))
    await store.add_conversation(before)
    await store.close()
    if not readable:
        path.write_bytes(b"no database")

    def refuse(path: Path) -> NoReturn:
        raise OSError(errno.EROFS, "read-only")

    monkeypatch.setattr(opening, "make_private", refuse)
    again = await ConversationStore.open_or_in_memory(path)
    assert again.in_memory
    assert [each.title for each in await again.recent()] == (["A talk of before"] if readable else [])
    now = Conversation(title="A talk of now")
    now.add(Message(Role.USER, "q"))
    await again.add_conversation(now)
    assert len(await again.recent()) == (2 if readable else 1)
    await again.close()
    assert b"A talk of now" not in path.read_bytes()


def test_a_disk_that_fills_up_within_a_change_is_said_as_such_and_the_next_change_is_made(
    tmp_path: Path,
) -> None:
    """SQLite itself takes the change back then, and there is nothing left to be taken back."""
    path = tmp_path / "x.db"
    with closing(database.connect(path)) as connection:
        connection.execute("CREATE TABLE t (a)")
        connection.execute("PRAGMA max_page_count = 10")
        with pytest.raises(StoreError) as raised, database.translated(path), database.immediate(connection):
            connection.execute("INSERT INTO t VALUES (zeroblob(1000000))")
        assert raised.value.phrase.key == "store.disk_full"
        connection.execute("PRAGMA max_page_count = 1000000")
        with database.translated(path), database.immediate(connection):
            connection.execute("INSERT INTO t VALUES (1)")
        assert connection.execute("SELECT a FROM t").fetchall() == [(1,)]


async def test_nothing_is_written_to_a_file_that_was_moved_away(tmp_path: Path) -> None:
    path = tmp_path / "r1tui.db"
    store = await ConversationStore.open(path)
    kept, missed = Conversation(title="kept"), Conversation(title="missed")
    await store.add_conversation(kept)
    path.rename(tmp_path / "moved.db")
    with pytest.raises(StoreError) as raised:
        await store.add_conversation(missed)
    assert raised.value.phrase.key == "store.moved"
    (tmp_path / "moved.db").rename(path)
    assert await store.all_ids() == [kept.id]
    await store.add_conversation(missed)
    assert set(await store.all_ids()) == {kept.id, missed.id}
    await store.close()
