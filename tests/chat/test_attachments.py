"""What goes with a question: attached to the draft, sent, kept and given back with it."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from r1tui.chat.events import AttachmentsChanged, AttachmentsCounted, NeedsContext
from r1tui.chat.session import NotAsked, Queued
from r1tui.domain.attachment import MAX_ATTACHMENTS, Attachment, AttachmentKind, rendered
from r1tui.domain.conversation import Conversation
from r1tui.domain.message import Message, Role
from r1tui.domain.message_codec import attachments_from, attachments_to
from r1tui.domain.reasoning_language import ReasoningLanguage
from r1tui.domain.settings import ChatSettings, Settings
from r1tui.services.container import DATABASE
from r1tui.services.store import migrations
from r1tui.services.store.conversations import ConversationStore
from tests.chat.test_session import Talk, talking
from tests.support.by_now import by_now
from tests.support.script import Answer, Gate, Hang, Say, answer
from tests.support.scripted import ScriptedServer

NOTES = Attachment("notes.md", "Three and five\nare eight.\n", size=27)
LOG = Attachment("dmesg | tail", "out of memory", AttachmentKind.COMMAND, "gb18030", 13, "lines 1-2")

TEMPLATE = (
    "[file name]: notes.md\n[file content begin]\nThree and five\nare eight.\n\n[file content end]\n"
    "[file name]: dmesg | tail (lines 1-2)\n[file content begin]\nout of memory\n[file content end]\nWhy?"
)


def last_turn(scripted: ScriptedServer) -> str:
    """What the model was asked last."""
    content = scripted.sent_to("/api/chat")[-1].json["messages"][-1]["content"]
    assert isinstance(content, str)
    return content


def database(talk: Talk) -> Path:
    """The store's file."""
    return talk.services.data_dir / DATABASE


def attached(talk: Talk) -> tuple[Attachment, ...]:
    """What is attached to the draft."""
    return talk.session.draft.attachments


def contents(talk: Talk) -> list[str]:
    """The texts that the database holds."""
    with closing(sqlite3.connect(database(talk))) as connection:
        return [text for (text,) in connection.execute("SELECT text FROM attachment ORDER BY number")]


def test_the_template_is_deepseeks_own() -> None:
    assert rendered((NOTES, LOG), "Why?") == TEMPLATE
    assert (NOTES.lines, LOG.lines, Attachment("e", "").lines) == (2, 1, 0)


async def test_what_is_attached_is_sent_in_the_template_and_stored_once(scripted: ScriptedServer) -> None:
    scripted.answers += [answer("Eight."), answer("Eight.")]
    async with talking(scripted) as talk:
        for each in (NOTES, LOG):
            assert talk.session.draft.attach(each)
        assert sum(isinstance(event, AttachmentsChanged) for event in talk.events) == 2
        await talk.ask("Why?")
        assert attached(talk) == ()
        assert last_turn(scripted) == TEMPLATE
        talk.session.draft.attach(NOTES)
        await talk.ask("And?")
        store = await talk.services.opened_store()
        stored = await store.load(talk.session.conversation.id)
        assert stored is not None
        assert [message.attachments for message in stored.branch()] == [(NOTES, LOG), (), (NOTES,), ()]
        assert contents(talk) == [NOTES.text, LOG.text]
        assert talk.session.conversation.title == "Why?"


async def test_the_language_of_the_reasoning_is_that_of_the_question_not_of_the_file(
    scripted: ScriptedServer,
) -> None:
    settings = Settings(chat=ChatSettings(reasoning_language=ReasoningLanguage.QUESTION))
    async with talking(scripted, settings) as talk:
        talk.session.draft.attach(Attachment("notes.md", "Many English words stand in this file. " * 20))
        await talk.ask("这是为什么？")
        assert last_turn(scripted).endswith("\n[file content end]\n这是为什么？\n\n请用中文思考。")


async def test_an_attachment_alone_is_a_question_named_after_it(scripted: ScriptedServer) -> None:
    async with talking(scripted) as talk:
        talk.session.draft.attach(NOTES)
        await talk.ask("")
        assert last_turn(scripted) == rendered((NOTES,), "")
        assert talk.session.conversation.title == "notes.md"


async def test_attachments_are_taken_away_replaced_and_bounded(scripted: ScriptedServer) -> None:
    async with talking(scripted, Settings(chat=ChatSettings(attachment_limit=1))) as talk:
        session = talk.session
        session.draft.attach(NOTES)
        session.draft.attach(LOG)
        session.draft.replace(0, LOG)
        session.draft.detach(1)
        assert session.draft.attachments == (LOG,)
        assert not session.draft.attach(Attachment("big", "x" * (1 << 20)))
        assert "attachment.too_large" in talk.told()
        for number in range(MAX_ATTACHMENTS):
            session.draft.attach(Attachment(f"{number}", "x"))
        assert len(session.draft.attachments) == MAX_ATTACHMENTS
        assert "attachment.too_many" in talk.told()


async def test_what_was_attached_comes_back_with_a_question_that_is_taken_back(
    scripted: ScriptedServer,
) -> None:
    scripted.answers += [Answer([Hang()]), answer("Eight.")]
    async with talking(scripted) as talk:
        talk.session.draft.attach(NOTES)
        await talk.session.ask("Why?")
        await talk.until(lambda: scripted.sent_to("/api/chat"))
        assert talk.session.can_take_back
        talk.session.draft.attach(LOG)
        assert not by_now(lambda: talk.session.can_take_back), "something is attached to the next question"
        talk.session.draft.detach(0)
        assert talk.session.unsend()
        await talk.until(lambda: not talk.session.busy and not talk.session._tasks)
        assert (talk.session.draft.text, attached(talk)) == ("Why?", (NOTES,))
        store = await talk.services.opened_store()
        assert await store.recent() == []
        assert await store.whole_draft(talk.session.draft.now()[0]) == ("Why?", (NOTES,))
        assert contents(talk) == [NOTES.text]
        talk.session.draft.set("")
        await talk.ask("Why?")
        assert last_turn(scripted) == rendered((NOTES,), "Why?")
        assert contents(talk) == [NOTES.text]


async def test_the_queue_keeps_what_is_attached_and_gives_it_back(scripted: ScriptedServer) -> None:
    gate = Gate()
    scripted.answers += [Answer([Say("one"), gate]), answer("two")]
    async with talking(scripted) as talk:
        await talk.session.ask("One?")
        talk.session.draft.attach(NOTES)
        assert isinstance(await talk.session.ask("Two?"), Queued)
        assert attached(talk) == ()
        assert talk.session.draft.now()[1:] == ("Two?", (NOTES,))
        gate.opened.set()
        await talk.until(lambda: talk.texts() == ["One?", "one", "Two?", "two"])
        assert last_turn(scripted) == rendered((NOTES,), "Two?")
    scripted.answers.append(Answer([Say("one"), Gate()]))
    async with talking(scripted) as talk:
        await talk.session.ask("One?")
        await talk.until(lambda: talk.texts()[-1] == "one")
        talk.session.draft.attach(NOTES)
        await talk.session.ask("Two?")
        talk.session.stop()
        await talk.until(lambda: not talk.session.busy)
        assert (talk.session.draft.text, attached(talk)) == ("Two?", (NOTES,))


async def test_a_question_that_is_too_long_waits_with_what_is_attached(scripted: ScriptedServer) -> None:
    long = Attachment("long", "word " * 200)
    async with talking(scripted) as talk:
        await talk.ask("3 plus 5?")
        talk.session.context.size = 64
        talk.session.draft.attach(long)
        talk.session.submit("Why?")
        await talk.until(lambda: any(isinstance(event, NeedsContext) for event in talk.events))
        need = next(event for event in talk.events if isinstance(event, NeedsContext))
        assert (need.question, need.attachments, need.alone) == ("Why?", (long,), True)
        assert attached(talk) == ()
        assert talk.session.draft.now()[1:] == ("Why?", (long,))
        await talk.session.withdraw("Why?", attachments=need.attachments)
        assert (talk.session.draft.text, attached(talk)) == ("Why?", (long,))
        talk.session.draft.set("")
        talk.session.submit("Why?", checked=True)
        await talk.until(lambda: len(scripted.sent_to("/api/chat")) == 2)
        assert last_turn(scripted) == rendered((long,), "Why?")


async def test_a_disk_that_refuses_gives_back_what_was_attached(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> None:
        raise OSError("no")

    async with talking(scripted) as talk:
        store = await talk.services.opened_store()
        talk.session.draft.attach(NOTES)
        with monkeypatch.context() as patched:
            patched.setattr(store, "save_message", refuse)
            assert isinstance(await talk.session.ask("Why?"), NotAsked)
        assert (talk.session.draft.text, attached(talk)) == ("Why?", (NOTES,))


async def test_the_draft_on_disk_keeps_what_is_attached_and_goes_with_its_conversation(
    scripted: ScriptedServer,
) -> None:
    async with talking(scripted) as talk:
        talk.session.draft.attach(NOTES)
        talk.session.draft.set("half")
        await talk.session.draft.save()
    async with talking(scripted) as talk:  # as after a kill
        await talk.session.restore()
        assert (talk.session.draft.text, attached(talk)) == ("half", (NOTES,))
        talk.session.draft.set("")
        talk.session.submit("whole")
        await talk.until(lambda: talk.texts() == ["whole", "The answer is 4."])
        first = talk.session.conversation.id
        talk.session.draft.attach(LOG)
        await talk.session.start_new()
        assert attached(talk) == ()
        await talk.session.open(first)
        assert attached(talk) == (LOG,)
        talk.session.draft.detach(0)
        await talk.session.draft.save()
        assert contents(talk) == [NOTES.text]


async def test_an_edited_question_keeps_what_is_attached(scripted: ScriptedServer) -> None:
    scripted.answers += [answer("Eight."), answer("Nine.")]
    async with talking(scripted) as talk:
        talk.session.draft.attach(NOTES)
        await talk.ask("Why?")
        talk.session.draft.attach(LOG)  # to the draft, which is not what is edited
        await talk.session.edit(talk.session.conversation.branch()[0].id, "Why not?")
        await talk.until(lambda: not talk.session.busy)
        assert last_turn(scripted) == rendered((NOTES,), "Why not?")
        assert talk.session.conversation.branch()[0].attachments == (NOTES,)
        assert attached(talk) == (LOG,)


async def test_a_private_conversation_keeps_attachments_nowhere_on_the_disk(scripted: ScriptedServer) -> None:
    secret = Attachment("secret.txt", "Geheimnis" * 10)
    async with talking(scripted) as talk:
        await talk.session.start_new(private=True)
        talk.session.draft.attach(secret)
        await talk.session.draft.save()
        assert contents(talk) == []
        await talk.ask("Why?")
        private = talk.session.conversation.id
        talk.session.draft.attach(secret)
        await talk.session.start_new()
        await talk.session.open(private)
        assert attached(talk) == (secret,)
        store = await talk.services.opened_store()
        for file in store.files():
            assert b"Geheimnis" not in file.read_bytes()


async def test_the_context_and_the_prompt_to_come_count_what_is_attached(scripted: ScriptedServer) -> None:
    long = Attachment("long", "word " * 200)
    async with talking(scripted) as talk:
        tokens, seconds = talk.session.attachment_cost(long)
        assert 250 < tokens < 400
        assert seconds is None
        talk.session.draft.attach(long)
        prompt = await talk.session.prompt_to_come("Why?")
        assert prompt is not None
        assert prompt.request.turns[-1].content == rendered((long,), "Why?")
        assert prompt.estimate > tokens
        before = talk.session.context.needed("")
        await talk.ask("Why?")
        assert talk.session.context.needed("") - before > 200


async def test_contents_go_with_the_last_that_refers_to_them(scripted: ScriptedServer) -> None:
    async with talking(scripted) as talk:
        store = await talk.services.opened_store()
        talks = [Conversation(), Conversation()]
        for each in talks:
            question = each.add(Message(Role.USER, "q", attachments=(NOTES,)))
            await store.save_conversation(each)
            await store.save_message(each.id, question)
        assert contents(talk) == [NOTES.text]
        await store.delete_messages(talks[0], talks[0].delete(question_of(talks[0]).id))
        assert contents(talk) == [NOTES.text]
        removed = talks[1].delete(question_of(talks[1]).id)
        await store.delete_messages(talks[1], removed)
        assert contents(talk) == []
        talks[1].restore(removed)  # as its undoing does
        await store.save_message(talks[1].id, removed[0])
        assert contents(talk) == [NOTES.text]
        await store.delete(talks[1].id)
        assert contents(talk) == [NOTES.text], "it can be brought back until the process ends"
        await store.delete_everything()
        assert contents(talk) == []


def question_of(talk: Conversation) -> Message:
    """Its first question."""
    return talk.branch()[0]


async def test_a_store_of_version_2_gets_the_tables_and_keeps_what_it_has(scripted: ScriptedServer) -> None:
    async with talking(scripted, connected=False) as talk:
        path = database(talk)
        path.parent.mkdir(parents=True, exist_ok=True)
        old = sqlite3.connect(path, isolation_level=None)
        migrations.migrate(old, path, migrations.MIGRATIONS[:2])
        old.execute(
            "INSERT INTO conversation (id, title, created, updated, model, system, think, options)"
            " VALUES ('c', 't', 1, 1, 'm', '', 'auto', '{}')"
        )
        old.execute(
            "INSERT INTO message (conversation, id, role, content, reasoning, status, model, created,"
            " reasoning_seconds, reasoning_tokens, answer_tokens)"
            " VALUES (1, 'q', 'user', 'old', '', 'complete', '', 1, 0, 0, 0)"
        )
        old.execute("INSERT INTO draft VALUES ('c', 'half')")
        old.close()
        store = await ConversationStore.open(path)
        try:
            loaded = await store.load("c")
            assert loaded is not None
            assert [(each.content, each.attachments) for each in loaded.branch()] == [("old", ())]
            assert await store.whole_draft("c") == ("half", ())
            await store.save_draft("c", "half", (NOTES,))
            assert await store.whole_draft("c") == ("half", (NOTES,))
        finally:
            await store.close()


async def test_damaged_references_are_no_attachments(scripted: ScriptedServer) -> None:
    async with talking(scripted) as talk:
        talk.session.draft.attach(NOTES)
        await talk.ask("Why?")
        store = await talk.services.opened_store()
        for junk in ("{", "[]", "[1]", '[{"name": 5}]', json.dumps([{"name": "gone.md", "digest": "f"}])):
            with closing(sqlite3.connect(database(talk))) as connection, connection:
                connection.execute("UPDATE message SET attachments = ? WHERE role = 'user'", (junk,))
            loaded = await store.load(talk.session.conversation.id)
            assert loaded is not None
            assert [each.text for each in loaded.branch()[0].attachments] in ([], [""])


def log(name: str = "log.txt") -> Attachment:
    """A new text of about a thousand tokens."""
    return Attachment(name, "line of a log\n" * 250, size=3500)


def counts(conversation: Conversation) -> list[int | None]:
    """What the server has told of the texts that went with the questions."""
    return [each.tokens for message in conversation.branch() for each in message.attachments]


async def test_the_servers_count_of_the_prompt_tells_what_the_attachment_took(
    scripted: ScriptedServer,
) -> None:
    scripted.answers += [answer("Because.", prompt_tokens=1010), answer("Yes.", prompt_tokens=2040)]
    async with talking(scripted) as talk:
        talk.session.draft.attach(log())
        await talk.ask("Why?")
        conversation = talk.session.conversation
        (first,) = counts(conversation)
        assert first is not None
        assert 995 <= first <= 1010, "all of it but the question's own words and the template"
        talk.session.draft.attach(log("again.txt"))
        await talk.ask("And now?")
        second = counts(conversation)[1]
        assert second is not None
        assert 1010 <= second <= 1030, "the prompt before, and its answer, are counted"
        await talk.until(lambda: any(isinstance(each, AttachmentsCounted) for each in talk.events))
        store = await talk.services.opened_store()

        async def kept() -> bool:
            found = await store.load(conversation.id)
            return found is not None and counts(found) == [first, second]

        async with asyncio.timeout(30):
            while not await kept():
                pass


async def test_of_several_attachments_and_of_little_beside_a_long_question_nothing_is_told(
    scripted: ScriptedServer,
) -> None:
    scripted.default = lambda: answer("Because.", prompt_tokens=1510)
    async with talking(scripted) as talk:
        talk.session.draft.attach(log())
        talk.session.draft.attach(NOTES)
        await talk.ask("Why?")
        await talk.session.start_new()
        talk.session.draft.attach(log())
        await talk.ask("Why? " * 400)
        assert counts(talk.session.conversation) == [None]


async def test_nothing_is_told_where_the_prompt_before_was_not_counted(scripted: ScriptedServer) -> None:
    scripted.answers += [answer("Because.", prompt_tokens=0), answer("Yes.", prompt_tokens=2040)]
    async with talking(scripted) as talk:
        talk.session.draft.attach(log())
        await talk.ask("Why?")
        talk.session.draft.attach(log("again.txt"))
        await talk.ask("And now?")
        assert counts(talk.session.conversation) == [None, None], (
            "else it would have the first one's tokens as well"
        )


def test_a_changed_text_has_no_count_any_more() -> None:
    attachment = Attachment("a", "text")
    attachment.note_tokens(2)
    assert replace(attachment, text="other").tokens is None
    assert attachments_from(attachments_to((attachment,)))[0].tokens == 2
