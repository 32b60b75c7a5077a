"""Texts that go with questions, in the store: found again, backed up, recovered, and gone when they are to be gone."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from r1tui.domain.attachment import Attachment
from r1tui.domain.conversation import Conversation
from r1tui.domain.message import Message, Role
from r1tui.services import process_identity
from r1tui.services.store import backup
from r1tui.services.store.conversations import ConversationStore
from tests.support.found import places

NOTES = Attachment("notes.md", "The heron stands\nin the shallow water.\n" * 300, size=27)
LOG = Attachment("log", "奇怪的错误 100%")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[ConversationStore]:
    store = await ConversationStore.open(tmp_path / "data" / "r1tui.db")
    yield store
    await store.close()


async def asked(store: ConversationStore, text: str, *attachments: Attachment) -> Conversation:
    talk = Conversation()
    question = talk.add(Message(Role.USER, text, attachments=attachments))
    await store.save_conversation(talk)
    await store.save_message(talk.id, question)
    return talk


def contents(path: Path) -> list[str]:
    """The texts that a database holds."""
    connection = sqlite3.connect(path)
    try:
        return [text for (text,) in connection.execute("SELECT text FROM attachment ORDER BY number")]
    finally:
        connection.close()


async def test_a_search_finds_questions_by_the_words_that_went_with_them(store: ConversationStore) -> None:
    first = await asked(store, "one", NOTES)
    second = await asked(store, "two heron water", NOTES, LOG)
    found = {each.summary.id: each for each in await store.search("HERON water")}
    assert [hit.where for hit in found[second.id].hits] == ["prompt"]
    assert found[second.id].title_spans
    (hit,) = found[first.id].hits
    assert (hit.where, hit.needle) == ("attachment", "heron")
    assert [hit.snippet[start:end] for start, end in hit.spans][:2] == ["heron", "water"]
    assert await places(store, "错误 100%") == ["attachment"]
    assert [each.where for each in await store.hits_in("heron", first.id)] == ["attachment"]
    assert await store.search("heron absent") == []
    await store.delete(first.id)
    assert await places(store, "shallow") == ["attachment"]


async def test_contents_go_once_their_conversation_cannot_be_brought_back(
    store: ConversationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk, _ = await asked(store, "one", NOTES, LOG), await asked(store, "two", LOG)
    await store.save_draft(talk.id, "half", (Attachment("draft", "only here"),))
    await store.delete(talk.id)
    await store.undelete(talk.id)
    assert contents(store.path) == [NOTES.text, LOG.text, "only here"]
    await store.delete(talk.id)
    with monkeypatch.context() as patched:  # its process has ended
        patched.setattr(process_identity, "alive", lambda *_: False)
        next_one = await ConversationStore.open(store.path)
        await next_one.close()
    assert contents(store.path) == [LOG.text]


async def test_the_backup_has_what_is_referred_to_and_forgets_it_with_its_messages(
    store: ConversationStore,
) -> None:
    talk, other = await asked(store, "one", NOTES), await asked(store, "two", LOG)
    assert backup.make_backup(store.path)
    copy = backup.backup_of(store.path)
    assert contents(copy) == [NOTES.text, LOG.text]
    await store.delete_messages(talk, talk.delete(talk.branch()[0].id))
    assert contents(copy) == [LOG.text]
    assert b"heron" not in copy.read_bytes()
    await store.delete(other.id)
    assert contents(copy) == []


async def test_a_backup_of_an_older_version_is_only_shortened(store: ConversationStore) -> None:
    talk = await asked(store, "one")
    assert backup.make_backup(store.path)
    copy = backup.backup_of(store.path)
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("DROP TABLE attachment")
        connection.execute("PRAGMA user_version = 2")
    await store.delete(talk.id)
    assert copy.exists()
    assert b"one" not in copy.read_bytes()


async def test_damage_leaves_what_goes_with_a_question_or_an_empty_text(tmp_path: Path) -> None:
    path = tmp_path / "r1tui.db"
    store = await ConversationStore.open(path)
    talks = [await asked(store, f"question {number}", NOTES, LOG) for number in range(3)]
    await store.save_draft("new", "half", (LOG,))
    await store.state_set("last_model", "m")
    await store.close()
    data = bytearray(path.read_bytes())
    data[:100] = os.urandom(100)
    path.write_bytes(data)
    store = await ConversationStore.open(path)
    assert [notice.key for notice in store.notices] == ["store.recovered"]
    for talk in talks:
        loaded = await store.load(talk.id)
        assert loaded is not None
        assert loaded.branch()[0].attachments == (NOTES, LOG)
    assert await store.whole_draft("new") == ("half", (LOG,))
    assert await store.state_get("last_model") == "m"
    await store.close()


async def test_what_damage_took_of_the_contents_comes_from_the_backup(tmp_path: Path) -> None:
    path = tmp_path / "r1tui.db"
    store = await ConversationStore.open(path)
    talk = await asked(store, "question", NOTES)
    await store.close()
    assert backup.make_backup(path)
    path.write_bytes(os.urandom(50_000))
    store = await ConversationStore.open(path)
    loaded = await store.load(talk.id)
    assert loaded is not None
    assert loaded.branch()[0].attachments == (NOTES,)
    await store.close()


async def test_deleting_everything_leaves_no_word_of_an_attachment(store: ConversationStore) -> None:
    await asked(store, "one", Attachment("n", "Geheimnis"))
    await store.save_draft("new", "", (Attachment("n", "Geheimnis"),))
    await store.delete_everything()
    await store.close()
    assert all(b"Geheimnis" not in file.read_bytes() for file in store.files())
