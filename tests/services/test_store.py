"""What the store keeps, and how it finds it again."""

from __future__ import annotations

import contextlib
import io
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from r1tui.domain.attachment import Attachment
from r1tui.domain.chat import ThinkMode
from r1tui.domain.conversation import Conversation
from r1tui.domain.message import AnswerStats, Message, MessageStatus, Phase, Role
from r1tui.domain.phrase import phrase
from r1tui.locale import say
from r1tui.services import process_identity
from r1tui.services.store import rows, search
from r1tui.services.store.conversations import ConversationStore
from r1tui.services.store.database import StoreError
from r1tui.services.store.edits import EDIT, SUMMARY
from r1tui.services.transfer import FORMATS, export
from tests.support.found import hits, places

STREAMING = MessageStatus.STREAMING


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[ConversationStore]:
    store = await ConversationStore.open(tmp_path / "data" / "r1tui.db")
    yield store
    await store.close()


async def asked(store: ConversationStore, text: str = "q") -> Conversation:
    talk = Conversation(model="m")
    question = talk.add(Message(Role.USER, text))
    await store.save_conversation(talk)
    await store.save_message(talk.id, question)
    return talk


async def answered(store: ConversationStore, question: str, answer: str, reasoning: str = "") -> Conversation:
    talk = await asked(store, question)
    await store.save_message(talk.id, talk.add(Message(Role.ASSISTANT, answer, reasoning)))
    return talk


async def loaded(store: ConversationStore, ident: str) -> Conversation:
    talk = await store.load(ident)
    assert talk is not None
    return talk


async def test_every_field_comes_back(store: ConversationStore) -> None:
    talk = Conversation(model="m", system="s", think=ThinkMode.OFF, options={"temperature": 0.5, "seed": 7})
    question = talk.add(Message(Role.USER, "q\ud800"))
    answer = talk.add(
        Message(
            Role.ASSISTANT,
            "a",
            "r",
            MessageStatus.FAILED,
            model="m",
            reasoning_seconds=1.5,
            reasoning_tokens=3,
            answer_tokens=4,
            stats=AnswerStats(1, 2, 0.1, 0.2, 0.3, 0.4),
            error=phrase("engine.refused", words=phrase("generation.unexpected", detail="inner")),
        )
    )
    await store.save_conversation(talk)
    await store.save_message(talk.id, question)
    await store.save_message(talk.id, answer)
    found = await loaded(store, talk.id)
    question.content = talk.title = "q?"  # a lone surrogate cannot be stored
    talk.updated = found.updated
    assert found == talk


async def test_the_file_is_for_its_owner_only(store: ConversationStore) -> None:
    await asked(store)
    assert os.stat(store.path).st_mode & 0o777 == 0o600
    assert os.stat(store.path.parent).st_mode & 0o777 == 0o700
    assert all(os.stat(file).st_mode & 0o077 == 0 for file in store.files())


async def test_commits_are_durable_and_in_wal(store: ConversationStore) -> None:
    def pragma(connection: sqlite3.Connection, name: str) -> object:
        return connection.execute(f"PRAGMA {name}").fetchone()[0]

    assert await store._database.outside(pragma, "journal_mode") == "wal"
    assert await store._database.outside(pragma, "synchronous") == 2
    assert await store._database.outside(pragma, "foreign_keys") == 1


async def test_a_streaming_answer_costs_only_what_it_grew_by(store: ConversationStore) -> None:
    talk = await asked(store)
    answer = talk.add(Message(Role.ASSISTANT, status=STREAMING, phase=Phase.THINKING))
    answer.reasoning = "x" * 1_000_000
    await store.save_message(talk.id, answer)

    def wal() -> int:
        return os.stat(str(store.path) + "-wal").st_size

    before = wal()
    for number in range(10):
        answer.reasoning += f" step {number}"
        await store.save_message(talk.id, answer)
    assert wal() - before < 500_000
    assert (await loaded(store, talk.id)).messages[answer.id].reasoning == answer.reasoning


async def test_a_growing_answer_is_whole_at_every_moment(store: ConversationStore) -> None:
    talk = await asked(store)
    answer = talk.add(Message(Role.ASSISTANT, status=STREAMING, phase=Phase.THINKING))
    for number in range(5):
        answer.reasoning += f"r{number} "
        answer.content += f"c{number} "
        await store.save_message(talk.id, answer)
        found = await store.load_message(talk.id, answer.id)
        assert found is not None
        assert (found.content, found.reasoning) == (answer.content, answer.reasoning)
    answer.status = MessageStatus.COMPLETE
    await store.save_message(talk.id, answer)
    assert (await loaded(store, talk.id)).messages[answer.id].content == "c0 c1 c2 c3 c4 "


async def test_an_answer_that_is_continued_goes_on_from_what_was_there(store: ConversationStore) -> None:
    talk = await answered(store, "q", "half")
    answer = talk.branch()[-1]
    answer.status = STREAMING
    await store.save_message(talk.id, answer)
    answer.content += " and whole"
    await store.save_message(talk.id, answer)
    answer.status = MessageStatus.COMPLETE
    await store.save_message(talk.id, answer)
    assert (await loaded(store, talk.id)).messages[answer.id].content == "half and whole"
    assert await places(store, "whole") == ["content"]


async def test_the_newest_message_is_where_the_conversation_stands(store: ConversationStore) -> None:
    talk = await asked(store)
    answer = talk.add(Message(Role.ASSISTANT, "a"))
    await store.save_message(talk.id, answer)
    assert (await loaded(store, talk.id)).leaf == answer.id


async def test_an_old_copy_of_a_conversation_does_not_undo_a_rename(store: ConversationStore) -> None:
    talk = await asked(store)
    await store.rename(talk.id, "better\n title")
    await store.save_conversation(talk)
    assert (await loaded(store, talk.id)).title == "better title"


async def test_recent_lists_pinned_ones_first_and_not_the_archived(store: ConversationStore) -> None:
    first, second, third = [await asked(store, text) for text in ("first", "second", "third")]
    await store.pin(first.id)
    await store.archive(second.id)
    assert [each.title for each in await store.recent()] == ["first", "third"]
    assert [each.id for each in await store.recent(archived=True)] == [second.id]
    assert [each.id for each in await store.recent(1, 1)] == [third.id]
    assert (await store.recent())[0].size == 1


async def test_a_deleted_conversation_can_be_brought_back_until_the_app_ends(
    store: ConversationStore,
) -> None:
    talk = await asked(store, "the needle")
    await store.delete(talk.id)
    assert await store.load(talk.id) is None
    assert await store.recent() == []
    assert await store.search("needle") == []
    assert await store.prompts() == []
    await store.undelete(talk.id)
    assert (await loaded(store, talk.id)).title == "the needle"


async def test_another_start_does_not_purge_what_a_living_app_deleted(store: ConversationStore) -> None:
    talk = await asked(store)
    await store.delete(talk.id)
    other = await ConversationStore.open(store.path)
    await other.close()
    await store.undelete(talk.id)
    assert await store.load(talk.id) is not None


async def test_what_a_dead_app_deleted_is_gone_at_the_next_start(
    store: ConversationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = await asked(store)
    monkeypatch.setattr(process_identity, "this_process", lambda: "elsewhere/1/1")
    await store.delete(talk.id)
    monkeypatch.setattr(process_identity, "alive", lambda owner, heartbeat: False)
    other = await ConversationStore.open(store.path)
    await other.undelete(talk.id)
    assert await other.load(talk.id) is None
    await other.close()


async def test_deleted_messages_are_gone_and_can_be_saved_again(store: ConversationStore) -> None:
    talk = await answered(store, "q", "a")
    removed = talk.delete(talk.branch()[-1].id)
    await store.delete_messages(talk, removed)
    assert [each.content for each in (await loaded(store, talk.id)).branch()] == ["q"]
    talk.restore(removed)
    for message in removed:
        await store.save_message(talk.id, message)
    assert [each.content for each in (await loaded(store, talk.id)).branch()] == ["q", "a"]


async def test_a_private_conversation_never_reaches_the_disk(store: ConversationStore) -> None:
    talk = Conversation(private=True)
    question = talk.add(Message(Role.USER, "Geheimnis"))
    await store.save_conversation(talk)
    await store.save_message(talk.id, question)
    await store.save_draft(talk.id, "Geheimnis draft")
    await store.save_draft(talk.id + EDIT + question.id, "Geheimnis edit")
    assert (await store.take_draft(talk.id + EDIT + question.id))[0] == "Geheimnis edit"
    assert await store.claim_answer(talk.id, reply(question.id, "a"))
    assert await store.load(talk.id) is talk
    assert await store.draft(talk.id) == "Geheimnis draft"
    assert await store.recent() == []
    assert [each.id for each in store.private_summaries()] == [talk.id]
    await store.close()
    assert all(b"Geheimnis" not in file.read_bytes() for file in store.files())


async def test_deleting_everything_leaves_no_word_in_any_file(store: ConversationStore) -> None:
    talk = await answered(store, "Geheimnis", "Geheimnis Antwort", "Geheimnis Gedanke")
    await store.save_draft(talk.id, "Geheimnis")
    backup = store.path.with_name(store.path.name + ".backup-v0")
    backup.write_bytes(b"Geheimnis")
    copy = store.path.parent / "copies" / "copy-1.txt"
    copy.parent.mkdir()
    copy.write_bytes(b"Geheimnis")
    assert {backup, copy} <= set(await store.delete_everything())
    assert not backup.exists()
    assert not copy.exists()
    assert await store.recent() == []
    await store.close()
    assert all(b"Geheimnis" not in file.read_bytes() for file in store.files())


async def test_the_store_works_after_everything_was_deleted(store: ConversationStore) -> None:
    await asked(store)
    await store.delete_everything()
    await answered(store, "question", "an answer")
    assert await places(store, "answer") == ["content"]


async def test_drafts_are_kept_per_conversation(store: ConversationStore) -> None:
    await store.save_draft("one", "half a question")
    await store.save_draft("two", "another")
    await store.save_draft("two", "")
    assert await store.draft("one") == "half a question"
    assert await store.draft("two") == ""


@pytest.mark.parametrize("deleted", ["the question", "the conversation"])
async def test_what_a_question_was_being_changed_to_goes_with_it(
    store: ConversationStore, monkeypatch: pytest.MonkeyPatch, deleted: str
) -> None:
    talk = await answered(store, "question", "an answer")
    question = talk.branch()[0].id
    await store.save_draft(talk.id + EDIT + question, "Geheimnis", (Attachment("one.txt", "Geheimnis"),))
    await store.save_draft(f"{talk.id}{EDIT}{SUMMARY}{talk.leaf}", "They spoke of a Geheimnis.")
    await store.save_draft("new", "kept")
    monkeypatch.setattr(process_identity, "alive", lambda *_: False)  # its process has ended
    if deleted == "the question":
        await store.delete_messages(talk, talk.delete(question))
    else:
        await store.delete(talk.id)
    await store.close()
    next_one = await ConversationStore.open(store.path)
    assert await next_one.draft("new") == "kept"
    await next_one.close()
    assert all(b"Geheimnis" not in file.read_bytes() for file in next_one.files())


async def test_what_a_question_is_changed_to_is_no_prompt_of_another_terminal(
    store: ConversationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.save_draft("one", "written")
    await store.save_draft(f"one{EDIT}two", "changed")
    monkeypatch.setattr(process_identity, "this_process", lambda: "another")
    assert await store.drafts_elsewhere() == ["written"]


async def test_two_processes_keep_a_draft_each_and_what_an_ended_one_left_is_taken_once(
    store: ConversationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    living = {"first", "second", "third"}
    monkeypatch.setattr(process_identity, "alive", lambda owner, heartbeat: owner in living)

    def be(process: str) -> None:
        monkeypatch.setattr(process_identity, "this_process", lambda: process)

    be("first")
    await store.save_draft("new", "of the first")
    be("second")
    assert await store.take_draft("new") == ("", ())
    await store.save_draft("new", "of the second")
    assert await store.drafts_elsewhere() == ["of the first"]
    be("first")
    assert await store.take_draft("new") == ("of the first", ())
    living -= {"first", "second"}
    be("third")
    assert await store.drafts_elsewhere() == []
    assert await store.take_draft("new") == ("of the second", ()), "the newest"
    be("fourth")
    assert await store.take_draft("new") == ("of the first", ()), "the other is the third's"
    await store.save_draft("new", "")
    assert await store.take_draft("new") == ("", ())


async def test_prompts_are_found_once_newest_first(store: ConversationStore) -> None:
    for text in ("resize ext4", "你好 100%", "resize ext4", "other"):
        await asked(store, text)
    assert await store.prompts() == ["other", "resize ext4", "你好 100%"]
    assert await store.prompts(limit=2) == ["other", "resize ext4"]


async def test_state_is_kept(store: ConversationStore) -> None:
    assert await store.state_get("model") is None
    await store.state_set("model", "a")
    await store.state_set("model", "b")
    assert await store.state_get("model") == "b"


async def test_a_message_for_a_conversation_that_is_gone_is_said(store: ConversationStore) -> None:
    with pytest.raises(StoreError) as caught:
        await store.save_message("nowhere", Message(Role.USER, "q"))
    assert caught.value.phrase.key == "store.gone"


async def test_a_closed_store_says_so(store: ConversationStore) -> None:
    await store.close()
    with pytest.raises(StoreError):
        await store.recent()


# Search


async def test_search_finds_prompts_answers_reasoning_and_titles(store: ConversationStore) -> None:
    talk = await answered(store, "about partitions", "use growpart", "the user has ext4")
    assert set(await places(store, "partitions")) == {"title", "prompt"}
    assert await places(store, "GROWPART") == ["content"]
    (hit,) = await hits(store, "ext4")
    assert (hit.where, hit.conversation_id, hit.message_id) == ("reasoning", talk.id, talk.leaf)
    assert [hit.snippet[start:end] for start, end in hit.spans] == ["ext4"]


@pytest.mark.parametrize("needle", ["7", "倍", "倍数", "倍数规律", "的 规律", "7 数规", "a", "ab"])
async def test_search_works_for_any_length_and_script(store: ConversationStore, needle: str) -> None:
    await answered(store, "x", "7 的倍数规律 aB")
    await answered(store, "y", "nothing")
    (hit,) = await hits(store, needle)
    assert hit.where == "content"
    assert hit.spans


@pytest.mark.parametrize(
    "needle", ['"', "%", "_", "'", "a OR b", "NEAR(", "*", "-x", "\\", "\0", "   ", "{}"]
)
async def test_no_needle_is_a_query_language(store: ConversationStore, needle: str) -> None:
    await answered(store, "plain", "plain words")
    assert await store.search(needle) == []


@pytest.mark.parametrize("sign", ["x", "中"])
async def test_of_a_long_paste_the_beginning_is_looked_for(store: ConversationStore, sign: str) -> None:
    await answered(store, "q", sign * 1500)
    await answered(store, "q", sign * 500)
    assert len(await hits(store, sign * 60_000)) == 1


async def test_every_word_must_be_there_in_any_order(store: ConversationStore) -> None:
    await answered(store, "q", "alpha beta")
    await answered(store, "q", "alpha gamma")
    assert [hit.snippet for hit in await hits(store, "beta alpha")] == ["alpha beta"]


async def test_a_streaming_answer_is_indexed_when_it_ends(store: ConversationStore) -> None:
    talk = await asked(store)
    answer = talk.add(Message(Role.ASSISTANT, "growing words", status=STREAMING))
    await store.save_message(talk.id, answer)
    assert await store.search("growing") == []
    answer.status = MessageStatus.STOPPED
    await store.save_message(talk.id, answer)
    assert len(await places(store, "growing")) == 1


async def test_search_reads_where_sqlite_has_no_trigrams(
    store: ConversationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await answered(store, "q", "with the index")
    monkeypatch.setattr(search, "has_trigrams", lambda connection: False)
    plain = await ConversationStore.open(store.path)
    await answered(plain, "q", "without the index")
    assert len(await places(plain, "index")) == 2
    await plain.close()
    monkeypatch.undo()
    again = await ConversationStore.open(store.path)
    assert len(await places(again, "the index")) == 2
    await again.close()


async def test_the_index_stays_sound_through_changes_and_deletes(store: ConversationStore) -> None:
    talk = await answered(store, "q", "first words")
    answer = talk.branch()[-1]
    answer.content = "second words"
    await store.save_message(talk.id, answer)
    await store.delete_messages(talk, talk.delete(talk.branch()[0].id))

    def check(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO message_index (message_index, rank) VALUES ('integrity-check', 1)")

    await store._database.write(check)
    assert await store.search("words") == []


# Two R1TUIs


async def test_two_stores_see_each_other_and_follow_a_live_answer(store: ConversationStore) -> None:
    other = await ConversationStore.open(store.path)
    assert not await other.changed_elsewhere()
    talk = await asked(store)
    answer = talk.add(Message(Role.ASSISTANT, "so far", status=STREAMING))
    await store.save_message(talk.id, answer)
    assert await other.changed_elsewhere()
    assert not await other.changed_elsewhere()
    assert await other.live_answers() == {talk.id: answer.id}
    found = await other.load_message(talk.id, answer.id)
    assert found is not None
    assert found.content == "so far"
    assert (await other.recent())[0].live
    await other.request_stop(answer.id)
    assert await store.stop_requested(answer.id)
    await other.close()


def reply(parent: str | None, ident: str) -> Message:
    """An answer that is about to be asked for."""
    return Message(Role.ASSISTANT, id=ident, parent=parent, status=STREAMING)


async def test_what_another_process_stores_after_the_opening_is_a_change(store: ConversationStore) -> None:
    other = await ConversationStore.open(store.path)
    await asked(store)
    assert await other.changed_elsewhere()
    assert not await other.changed_elsewhere()
    await other.close()


async def test_one_question_is_answered_by_one_process(
    store: ConversationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = await asked(store)
    assert await store.claim_answer(talk.id, reply(talk.leaf, "a1"))
    me = process_identity.this_process()
    monkeypatch.setattr(process_identity, "this_process", lambda: "other/1/1")
    assert not await store.claim_answer(talk.id, reply(talk.leaf, "a2"), known=["a1"])
    assert [each.id for each in (await loaded(store, talk.id)).branch()] == [talk.leaf, "a1"]
    monkeypatch.setattr(process_identity, "alive", lambda owner, heartbeat: owner != me)
    assert await store.claim_answer(talk.id, reply(talk.leaf, "a2"), known=["a1"])


async def test_a_claimed_answer_is_on_the_branch_that_others_find(store: ConversationStore) -> None:
    talk = await answered(store, "q", "a")
    question, answer = talk.branch()
    assert await store.claim_answer(talk.id, reply(question.id, "again"), known=[answer.id])
    assert [each.id for each in (await loaded(store, talk.id)).branch()] == [question.id, "again"]


async def test_whoever_is_refused_finds_the_answer_whatever_it_has_stored_meanwhile(
    store: ConversationStore,
) -> None:
    talk = await answered(store, "q", "a")
    question, answer = talk.branch()
    older_view = await loaded(store, talk.id)
    assert await store.claim_answer(talk.id, reply(question.id, "again"), known=[answer.id])
    await store.save_conversation(older_view)  # as before any question is asked
    assert not await store.claim_answer(talk.id, reply(question.id, "mine"), known=[answer.id])
    assert [each.id for each in (await loaded(store, talk.id)).branch()] == [question.id, "again"]


async def test_an_answer_that_the_caller_has_not_seen_refuses_the_claim(store: ConversationStore) -> None:
    talk = await answered(store, "q", "a")
    question, answer = talk.branch()
    assert not await store.claim_answer(talk.id, reply(question.id, "new"))
    assert await store.claim_answer(talk.id, reply(question.id, "new"), known=[answer.id])


async def test_one_process_may_write_several_answers_to_one_question(store: ConversationStore) -> None:
    talk = await asked(store)
    assert await store.claim_answer(talk.id, reply(talk.leaf, "a1"))
    assert await store.claim_answer(talk.id, reply(talk.leaf, "a2"), known=["a1"])


async def test_the_answer_of_a_dead_process_is_marked_with_all_its_text(
    store: ConversationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = await asked(store)
    answer = talk.add(Message(Role.ASSISTANT, "one", status=STREAMING, phase=Phase.ANSWERING))
    await store.save_message(talk.id, answer)
    answer.content += " two"
    await store.save_message(talk.id, answer)
    assert await store.mark_interrupted() == []
    monkeypatch.setattr(process_identity, "alive", lambda owner, heartbeat: False)
    assert await store.mark_interrupted() == [(talk.id, answer.id)]
    found = (await loaded(store, talk.id)).messages[answer.id]
    assert (found.status, found.content, found.phase) == (MessageStatus.INTERRUPTED, "one two", None)
    assert len(await places(store, "one two")) == 1


def test_a_process_is_known_by_more_than_its_number() -> None:
    me = process_identity.this_process()
    assert process_identity.alive(me, 0.0)
    host, pid, started = me.rsplit("/", 2)
    assert not process_identity.alive(f"{host}/{pid}/{int(float(started)) - 1}", 1e12)
    assert not process_identity.alive(f"{host}/4194999/1", 1e12)


def test_a_process_elsewhere_is_judged_by_its_heartbeat() -> None:
    import time

    assert process_identity.alive("other-machine/1/1", time.time() - 5)
    assert not process_identity.alive("other-machine/1/1", time.time() - 600)
    assert not process_identity.alive("", 0.0)


@pytest.mark.parametrize(
    "stored",
    [
        '{"key": "{a.foo}", "params": {"a": 1}}',
        '{"key": "{a:>50000000}", "params": {"a": "x"}}',
        '{"key": "store.busy", "params": {"a": {"key": "\\u001b]0;x", "params": {}}}}',
        '{"key": "store.failed", "params": {}}',
        '{"key": "store.failed", "params": {"detail": [1]}}',
        "[" * 10_000,
        "no JSON",
    ],
)
async def test_a_stored_fault_that_this_version_does_not_know_is_said_to_be_that(
    store: ConversationStore, stored: str
) -> None:
    talk = await asked(store)
    change = "UPDATE message SET error = ?"

    def write(connection: sqlite3.Connection) -> None:
        connection.execute(change, (stored,))

    await store._database.write(write)
    (message,) = (await loaded(store, talk.id)).messages.values()
    assert message.error is not None
    assert message.error.key == "store.unknown_fault"


# Bytes that are no text


@pytest.fixture
async def with_bad_bytes(store: ConversationStore) -> Conversation:
    """A conversation of which the question, the title and the draft hold a byte that is no UTF-8."""
    await answered(store, "a sound neighbour", "sound too")
    talk = await answered(store, "what is broken here", "the answer is sound", "so are the thoughts")
    await store.save_draft(talk.id, "half")

    def spoil(connection: sqlite3.Connection) -> None:
        connection.execute(
            "UPDATE message SET content = CAST(x'7768617420697320ff2068657265' AS TEXT) WHERE id = ?",
            (talk.branch()[0].id,),
        )
        connection.execute(
            "UPDATE conversation SET title = CAST(x'746974c36c65' AS TEXT) WHERE id = ?", (talk.id,)
        )
        connection.execute("UPDATE draft SET text = CAST(x'68ff6c66' AS TEXT)")

    await store._database.write(spoil)
    return talk


async def test_a_byte_that_is_no_text_costs_its_sign_and_the_message_is_named(
    store: ConversationStore, with_bad_bytes: Conversation
) -> None:
    found = await loaded(store, with_bad_bytes.id)
    question, answer = found.branch()
    assert (question.content, answer.content) == ("what is � here", "the answer is sound")
    assert found.mended == [question.id]
    notice = rows.mended_notice(found)
    assert notice is not None
    assert "1 “what is � here”" in say(notice)


async def test_history_search_prompts_and_drafts_read_past_such_a_byte(
    store: ConversationStore, with_bad_bytes: Conversation
) -> None:
    assert {each.title for each in await store.recent()} == {"tit�le", "a sound neighbour"}
    assert set(await places(store, "here")) == {"prompt"}
    assert len(await places(store, "sound")) == 4
    assert len(await places(store, "is")) == 2
    assert await store.prompts() == ["what is � here", "a sound neighbour"]
    assert await store.draft(with_bad_bytes.id) == "h�lf"
    message = await store.load_message(with_bad_bytes.id, with_bad_bytes.branch()[0].id)
    assert message is not None
    assert message.content == "what is � here"


async def test_a_streaming_answer_with_such_a_byte_is_followed_and_marked(
    store: ConversationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = await asked(store)
    answer = talk.add(Message(Role.ASSISTANT, "one", status=STREAMING))
    await store.save_message(talk.id, answer)
    answer.content += " two"
    await store.save_message(talk.id, answer)
    await store._database.write(
        lambda connection: connection.execute("UPDATE piece SET content = CAST(x'20ff' AS TEXT)")
    )
    found = await loaded(store, talk.id)
    assert found.messages[answer.id].content == "one �"
    assert found.mended == [answer.id]
    monkeypatch.setattr(process_identity, "alive", lambda owner, heartbeat: False)
    await store.mark_interrupted()
    assert (await loaded(store, talk.id)).messages[answer.id].content == "one �"


async def test_a_damaged_id_is_still_opened_and_exported(store: ConversationStore) -> None:
    talk = await asked(store, "hello")
    await store._database.write(
        lambda connection: connection.execute("UPDATE conversation SET id = CAST(x'6162ff' AS TEXT)")
    )
    assert await store.all_ids() == ["ab�"]
    assert [each.content for each in (await loaded(store, "ab�")).branch()] == ["hello"]
    assert await store.load(talk.id) is None


@pytest.mark.parametrize("value", [b"\xffbytes", None, 7, 1e308, -1, "text"])
async def test_no_type_of_value_in_any_column_ends_the_reading(
    store: ConversationStore, value: object
) -> None:
    """SQLite keeps any value in any column; a byte that flips can make text a number."""
    talk = await answered(store, "question", "an answer")

    def spoil(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for table, columns in (
            (
                "message",
                "parent role content reasoning status model created phase reasoning_seconds stats error",
            ),
            ("conversation", "title created updated model system think options leaf pinned archived"),
        ):
            required = {row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[3]}
            for column in columns.split():
                if value is not None or column not in required:
                    connection.execute(f"UPDATE {table} SET {column} = ?", (value,))

    await store._database.write(spoil)
    found = await loaded(store, talk.id)
    out = io.StringIO()
    for format in FORMATS:
        await export(store, None, format, stream=out)
    assert len(found.messages) == 2
    for message in found.messages.values():
        assert isinstance(message.content, str)
    await store.recent()
    await store.prompts()
    await store.search("answer")
    await store.search("an")


NO_VALUES = ["1e400", "-1", "5e-324", "NULL", "'abc'", "X'ff'", "9223372036854775807", "'[[[['", "'{}'"]


@pytest.mark.parametrize("value", NO_VALUES)
async def test_a_conversation_with_impossible_values_opens_again_and_again(
    store: ConversationStore, tmp_path: Path, value: str
) -> None:
    talk = await answered(store, "question", "answer")
    with closing(sqlite3.connect(tmp_path / "data" / "r1tui.db")) as connection, connection:
        for table, columns in (
            ("conversation", ("created", "updated", "options", "pinned")),
            (
                "message",
                ("created", "reasoning_seconds", "reasoning_tokens", "answer_tokens", "stats", "error"),
            ),
        ):
            for column in columns:
                with contextlib.suppress(sqlite3.IntegrityError):  # some are NOT NULL
                    connection.execute(f"UPDATE {table} SET {column} = {value}")
        figures = '{"eval_seconds": 1e400, "answer_tokens": 1' + "0" * 4000 + ', "prompt_tokens": "x"}'
        connection.execute("UPDATE message SET stats = ? WHERE role = 'assistant'", (figures,))
        options = '{"num_ctx": "abc", "temperature": 1e400, "seed": [1], "top_k": 40}'
        if value == "'{}'":
            connection.execute("UPDATE conversation SET options = ?", (options,))
    for _ in range(2):
        again = await loaded(store, talk.id)
        assert [message.content for message in again.messages.values()] == ["question", "answer"]
        assert again.options == ({"top_k": 40} if value == "'{}'" else {})
        for message in again.messages.values():
            assert 0 <= message.created < 1e12
            assert 0 <= message.reasoning_seconds < 1e10
            assert message.stats is None or message.stats.tokens_per_second is None
        await store.save_conversation(again)
        for message in again.messages.values():
            await store.save_message(again.id, message)
    assert [summary.id for summary in await store.recent()] == [talk.id]
    assert len(await places(store, "answer")) == 1
