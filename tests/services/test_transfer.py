"""Conversations out and in again, and those of other programs."""

from __future__ import annotations

import io
import json
import os
import re
import stat
import sys
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from r1tui.domain.attachment import Attachment, AttachmentKind
from r1tui.domain.chat import ThinkMode
from r1tui.domain.conversation import Conversation
from r1tui.domain.message import AnswerStats, Message, MessageStatus, Role, new_id
from r1tui.domain.message_codec import phrase_from
from r1tui.domain.phrase import Phrase, phrase
from r1tui.domain.transfer import conversation_from
from r1tui.locale import say
from r1tui.services.store.conversations import ConversationStore
from r1tui.services.store.database import StoreError
from r1tui.services.transfer import entries, export, import_file
from r1tui.services.transfer.exporting import export_text
from r1tui.services.transfer.names import file_name, safe_name


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[ConversationStore]:
    store = await ConversationStore.open(tmp_path / "one" / "r1tui.db")
    yield store
    await store.close()


@pytest.fixture
async def other(tmp_path: Path) -> AsyncIterator[ConversationStore]:
    store = await ConversationStore.open(tmp_path / "two" / "r1tui.db")
    yield store
    await store.close()


def rich() -> Conversation:
    """A conversation with something in every field."""
    talk = Conversation(
        title="Größe \u202e 数学",
        created=1.5,
        updated=2.5,
        model="deepseek-r1:8b",
        system="sys",
        think=ThinkMode.ON,
        options={"temperature": 0.5, "seed": 3, "stop": "x"},
        pinned=True,
        archived=True,
    )
    talk.add(Message(Role.USER, "q \x1b[31m \x9b </details>", created=3.0))
    first = talk.add(
        Message(
            Role.ASSISTANT,
            "answer one",
            "thoughts",
            MessageStatus.STOPPED,
            model="m",
            created=4.0,
            reasoning_seconds=5.5,
            reasoning_tokens=6,
            answer_tokens=7,
            stats=AnswerStats(8, 9, 1.1, 1.2, 1.3, 1.4),
        )
    )
    talk.branch_from(
        first.id,
        Message(
            Role.ASSISTANT,
            "answer two",
            status=MessageStatus.FAILED,
            error=phrase("transfer.no_such", id="x"),
        ),
    )
    return talk


def write(folder: Path, data: object, name: str = "file.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(data))
    return path


async def only(store: ConversationStore) -> Conversation:
    (ident,) = await store.all_ids()
    talk = await store.load(ident)
    assert talk is not None
    return talk


async def test_json_comes_back_to_the_last_field(
    store: ConversationStore, other: ConversationStore, tmp_path: Path
) -> None:
    talk = rich()
    await store.add_conversation(talk)
    (path,) = await export(store, None, "json", tmp_path / "out.json")
    assert os.stat(path).st_mode & 0o777 == 0o600
    result = await import_file(other, path)
    assert result.added == [talk.id]
    assert await other.load(talk.id) == talk


async def test_the_json_has_the_published_shape(store: ConversationStore) -> None:
    talk = rich()
    await store.add_conversation(talk)
    out = io.StringIO()
    assert await export(store, [talk.id], "json", stream=out) == []
    data = json.loads(out.getvalue())
    assert data.keys() == {"version", "conversations"}
    (conversation,) = data["conversations"]
    assert conversation.keys() >= {"id", "title", "messages"}
    question, first, second = conversation["messages"]
    assert question.keys() >= {"id", "parent", "role", "content", "reasoning", "status"}
    assert (question["parent"], first["parent"], second["parent"]) == (None, question["id"], question["id"])
    assert [each["status"] for each in conversation["messages"]] == ["complete", "stopped", "failed"]
    assert "数学" in out.getvalue()


Kinds = type | tuple[type, ...]
TEXT, NUMBER, NOTHING = str, (int, float), type(None)
OF_0_1: dict[str, Kinds] = {
    "id": TEXT, "title": TEXT, "created": NUMBER, "updated": NUMBER, "model": TEXT, "system": TEXT, "think": TEXT,
    "options": dict, "pinned": bool, "archived": bool, "leaf": (TEXT, NOTHING), "messages": list,
}  # fmt: skip
MESSAGE_OF_0_1: dict[str, Kinds] = {
    "id": TEXT, "parent": (TEXT, NOTHING), "role": TEXT, "content": TEXT, "reasoning": TEXT, "status": TEXT,
    "model": TEXT, "created": NUMBER, "reasoning_seconds": NUMBER, "reasoning_tokens": int, "answer_tokens": int,
    "stats": (dict, NOTHING), "error": (dict, NOTHING),
}  # fmt: skip
STATUSES_OF_0_1 = {"complete", "streaming", "stopped", "interrupted", "failed"}
"""What version 0.1 reads of an export; it passes over other fields, and takes any number of the format."""


async def test_an_export_has_what_version_0_1_reads_so_that_one_can_go_back(store: ConversationStore) -> None:
    """The manual's way back, which was tried with 0.1 itself (2026-11: each conversation came, with its branches)."""
    talk = rich()
    talk.messages[talk.branch()[0].id].attachments = (Attachment("notes.md", "text"),)
    for answer in list(talk.messages.values())[1:]:
        answer.vote, answer.seed = "vote", 5
    await store.add_conversation(talk)
    out = io.StringIO()
    await export(store, None, "json", stream=out)
    (conversation,) = json.loads(out.getvalue())["conversations"]
    messages = conversation["messages"]
    for data, wanted in [(conversation, OF_0_1), *((each, MESSAGE_OF_0_1) for each in messages)]:
        wrong = {
            name: data.get(name) for name, kind in wanted.items() if not isinstance(data.get(name), kind)
        }
        assert wrong == {}
    assert {each["role"] for each in messages} <= {"user", "assistant", "system"}
    assert {each["status"] for each in messages} <= STATUSES_OF_0_1
    seen = set[str]()
    for each in messages:  # a question stands before its answers
        assert each["parent"] is None or each["parent"] in seen
        seen.add(each["id"])
    assert conversation["leaf"] in seen
    assert messages[0]["content"] == talk.branch()[0].content  # in its own words, without what went with it


async def test_several_conversations_are_one_document(
    store: ConversationStore, other: ConversationStore
) -> None:
    for _ in range(3):
        await store.add_conversation(rich())
    out = io.StringIO()
    await export(store, None, "json", stream=out)
    assert len(json.loads(out.getvalue())["conversations"]) == 3
    out = io.StringIO()
    await export(other, None, "json", stream=out)
    assert json.loads(out.getvalue())["conversations"] == []


async def test_importing_twice_adds_nothing_and_a_changed_one_becomes_a_copy(
    store: ConversationStore, tmp_path: Path
) -> None:
    talk = rich()
    await store.add_conversation(talk)
    (path,) = await export(store, None, "json", tmp_path / "out.json")
    result = await import_file(store, path)
    assert (result.added, result.present) == ([], 1)
    await store.rename(talk.id, "changed since")
    result = await import_file(store, path)
    assert len(result.added) == 1
    assert result.added != [talk.id]
    assert len(await store.all_ids()) == 2


@pytest.mark.parametrize("format", ["markdown", "json", "text"])
async def test_no_export_lets_a_terminal_be_tricked(store: ConversationStore, format: str) -> None:
    talk = rich()
    await store.add_conversation(talk)
    out = io.StringIO()
    await export(store, None, format, stream=out)
    assert not set(out.getvalue()) & set("\x1b\x9b\u202e")


def test_markdown_folds_the_reasoning_or_leaves_it_out() -> None:
    talk = rich()
    talk.select_sibling(talk.branch()[-1].id, -1)
    whole = export_text(talk)
    assert "<summary>Thought for 6 s</summary>\n\nthoughts\n\n</details>" in whole
    assert "answer one" in whole
    assert "answer two" not in whole
    assert "*stopped*" in whole
    without = export_text(talk, "markdown", reasoning=False)
    assert "thoughts" not in without
    assert "answer one" in without


def test_plain_text_has_no_markup() -> None:
    text = export_text(rich(), "text")
    assert "<details>" not in text.replace("q ␛[31m \\x9b </details>", "")
    assert "[There is no conversation x.]" in text


NOTES = Attachment("notes <b>.md", "a\n````python\nb\x1b[2J\n````\n", encoding="gb18030", size=30)


def with_attachments() -> Conversation:
    """Two questions with one text, and one with another."""
    talk = Conversation(title="Notes")
    talk.add(
        Message(Role.USER, "Why?", attachments=(NOTES, Attachment("log", "x\ny", AttachmentKind.COMMAND)))
    )
    talk.add(Message(Role.USER, "And?", attachments=(NOTES,)))
    return talk


async def test_what_goes_with_questions_comes_back_and_stands_in_the_json_once(
    store: ConversationStore, other: ConversationStore, tmp_path: Path
) -> None:
    talk = with_attachments()
    await store.add_conversation(talk)
    path = tmp_path / "out.json"
    await export(store, [talk.id], "json", path)
    found = json.loads(path.read_text("utf-8"))["conversations"][0]["messages"]
    assert [["text" in each for each in message["attachments"]] for message in found] == [
        [True, True],
        [False],
    ]
    for _ in range(2):
        await import_file(other, path)
    assert await other.all_ids() == [talk.id], "the second time it is there already"
    loaded = await other.load(talk.id)
    assert loaded is not None
    assert [each.attachments for each in loaded.branch()] == [each.attachments for each in talk.branch()]


def test_markdown_folds_what_goes_with_a_question_behind_a_fence_that_holds() -> None:
    text = export_text(with_attachments(), "markdown")
    assert (
        "<summary>notes &lt;b&gt;.md, 4 lines</summary>\n\n`````\na\n````python\nb␛[2J\n````\n`````\n\n</details>\n"
        in text
    )
    assert text.count("<details>") == text.count("</details>") == 3
    plain = export_text(with_attachments(), "text")
    assert "\n[log, 2 lines]\n    x\n    y\n\nWhy?\n" in plain


@pytest.mark.parametrize(
    "junk", [5, {}, [1], [{}], [{"name": "n", "digest": "f"}], [{"name": "n", "text": 5}]]
)
def test_what_is_no_attachment_is_none_or_empty(junk: object) -> None:
    talk = conversation_from({"messages": [{"role": "user", "content": "q", "attachments": junk}]})
    assert [each.text for each in talk.branch()[0].attachments] in ([], [""])


@pytest.mark.parametrize("ids", [("", ""), ("recovered1", "recovered2")], ids=["ours", "recovered"])
async def test_a_folder_gets_a_file_for_each(
    store: ConversationStore, tmp_path: Path, ids: tuple[str, str]
) -> None:
    for ident in ids:
        talk = Conversation(id=ident or new_id(), title="../../etc/passwd")
        talk.add(Message(Role.USER, "q"))
        await store.add_conversation(talk)
    folder = tmp_path / "out"
    folder.mkdir()
    files = await export(store, None, "markdown", folder)
    assert sorted(os.listdir(folder)) == sorted(file.name for file in files)
    assert all(file.parent == folder for file in files)
    assert len(files) == 2


async def test_an_export_is_private_whatever_was_there_before(
    store: ConversationStore, tmp_path: Path
) -> None:
    path, before, aim = tmp_path / "out.json", tmp_path / "out.json.part", tmp_path / "precious"
    aim.write_text("mine")
    before.symlink_to(aim)
    await export(store, None, "json", path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert aim.read_text() == "mine"


async def test_an_unknown_id_is_named(store: ConversationStore, tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        await export(store, ["nothing"], "json", tmp_path / "out.json")
    assert "nothing" in say(caught.value.phrase)


async def test_an_export_that_fails_leaves_the_old_file(store: ConversationStore, tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.write_text("old")
    with pytest.raises(StoreError):
        await export(store, ["nothing"], "json", path)
    assert path.read_text() == "old"
    assert not path.with_name("out.json.part").exists()
    with pytest.raises(StoreError) as caught:
        await export(store, None, "json", tmp_path / "none" / "out.json")
    assert caught.value.phrase.key == "transfer.unwritable"
    assert "there is no such folder" in say(caught.value.phrase)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Resize ext4?", "Resize-ext4"),
        ("../../etc/passwd", "etc-passwd"),
        ("", "conversation"),
        ("...", "conversation"),
        ("CON", "conversation-CON"),
        ("a\x00b\nc\x1b", "a␀b-c␛"),
        ("数" * 100, "数" * 26),
        ("~/.ssh", "~-ssh"),
        ("-rf", "rf"),
    ],
)
def test_file_names_are_safe_whatever_the_title_holds(title: str, name: str) -> None:
    assert safe_name(title) == name
    assert re.fullmatch(re.escape(name) + "-[0-9a-f]{8}[.]md", file_name(title, "../x", ".md"))


# Other programs


def node(
    ident: str, parent: str | None, role: str | None = None, text: str = "", **content: object
) -> dict[str, object]:
    message = None
    if role is not None:
        message = {
            "author": {"role": role},
            "create_time": 1_700_000_000.5,
            "content": content or {"content_type": "text", "parts": [text]},
            "metadata": {"model_slug": "o3"} if role == "assistant" else {},
        }
    return {"id": ident, "parent": parent, "message": message}


def chatgpt() -> list[dict[str, object]]:
    nodes = [
        node("root", None),
        node("s", "root", "system", ""),
        node("u", "s", "user", "Question?"),
        node(
            "t", "u", "assistant", content_type="thoughts", thoughts=[{"summary": "s", "content": "I think."}]
        ),
        node("r", "t", "assistant", content_type="reasoning_recap", content="Thought for 3s"),
        node("a1", "r", "assistant", "First answer"),
        node("a2", "u", "assistant", "Second answer"),
        node("u2", "a1", "user", content_type="multimodal_text", parts=[{"asset": 1}, "And this?"]),
    ]
    mapping = {str(each["id"]): each for each in nodes}
    return [
        {
            "title": "From ChatGPT",
            "create_time": 1.0,
            "update_time": 2.0,
            "mapping": mapping,
            "current_node": "u2",
        }
    ]


async def test_chatgpts_tree_keeps_branches_and_thoughts(store: ConversationStore, tmp_path: Path) -> None:
    await import_file(store, write(tmp_path, chatgpt()))
    talk = await only(store)
    assert (talk.title, talk.created, talk.updated) == ("From ChatGPT", 1.0, 2.0)
    assert [each.content for each in talk.branch()] == ["Question?", "First answer", "And this?"]
    answer = talk.branch()[1]
    assert (answer.reasoning, answer.model, answer.created) == ("I think.", "o3", 1_700_000_000.5)
    assert talk.siblings(answer.id) == (1, 2)


async def test_chatgpts_archive_is_read_as_it_is(store: ConversationStore, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr("conversations.json", json.dumps(chatgpt()))
        archive.writestr("user.json", "{}")
    await import_file(store, tmp_path / "export.zip")
    assert (await only(store)).title == "From ChatGPT"


async def test_open_webuis_export_keeps_branches_and_reasoning(
    store: ConversationStore, tmp_path: Path
) -> None:
    details = (
        '<details type="reasoning" done="true" duration="12">\n<summary>Thought for 12 seconds</summary>\n'
        "&gt; First &lt;b&gt;\n&gt; second\n</details>\nThe answer."
    )
    messages = {
        "u": {"id": "u", "parentId": None, "role": "user", "content": "Q", "timestamp": 1_700_000_000},
        "a": {"id": "a", "parentId": "u", "role": "assistant", "content": details, "model": "deepseek-r1:8b"},
        "b": {
            "id": "b",
            "parentId": "u",
            "role": "assistant",
            "content": "Other",
            "timestamp": 1_700_000_000_000,
        },
    }
    chat = {
        "title": "From WebUI",
        "models": ["deepseek-r1:8b"],
        "history": {"messages": messages, "currentId": "a"},
    }
    await import_file(store, write(tmp_path, [{"id": "x", "chat": chat, "created_at": 5, "archived": True}]))
    talk = await only(store)
    assert (talk.title, talk.model, talk.archived) == ("From WebUI", "deepseek-r1:8b", True)
    answer = talk.branch()[-1]
    assert (answer.content, answer.reasoning) == ("The answer.", "First <b>\nsecond")
    assert answer.reasoning_seconds == 12
    assert talk.siblings(answer.id) == (1, 2)
    assert {each.created for each in talk.messages.values()} == {0.0, 1_700_000_000}


async def test_an_old_open_webui_export_is_a_plain_row(store: ConversationStore, tmp_path: Path) -> None:
    rows = [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]
    await import_file(store, write(tmp_path, [{"chat": {"title": "Old", "messages": rows}}]))
    assert [each.content for each in (await only(store)).branch()] == ["Q", "A"]


# Hostile and broken files


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"", "transfer.not_json"),
        (b"not json", "transfer.not_json"),
        (b'{"version": 1, "conversations": [', "transfer.not_json"),
        (b"[" * 200_000, "transfer.not_json"),
        (b"\xff\xfe\x00", "transfer.not_json"),
        (b"PK\x03\x04 broken", "transfer.not_json"),
        (b"[]", "transfer.unknown_kind"),
        (b'{"a": 1}', "transfer.unknown_kind"),
        (b"3", "transfer.unknown_kind"),
        (b'{"conversations": []}', "transfer.empty"),
        (b'{"conversations": [3, null, {"messages": 4}]}', "transfer.empty"),
        (b'[{"mapping": {"a": 3, "b": {"message": {"author": 1, "content": []}}}}]', "transfer.empty"),
        (b'[{"chat": {"history": {"messages": [1]}, "messages": [2]}}]', "transfer.empty"),
    ],
)
async def test_a_broken_file_is_one_sentence_and_changes_nothing(
    store: ConversationStore, tmp_path: Path, content: bytes, key: str
) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        await import_file(store, path)
    assert caught.value.phrase.key == key
    assert "file.json" in say(caught.value.phrase)
    assert await store.all_ids() == []


@pytest.mark.parametrize("harm", ["encrypted", "damaged"])
async def test_an_archive_that_cannot_be_read_is_one_sentence(
    store: ConversationStore, tmp_path: Path, harm: str
) -> None:
    path = tmp_path / "file.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("conversations.json", json.dumps(chatgpt()))
    data = bytearray(path.read_bytes())
    if harm == "encrypted":
        data[6] |= 1
        data[data.index(b"PK\x01\x02") + 8] |= 1
    else:
        data[60:90] = b"\xff" * 30
    path.write_bytes(data)
    with pytest.raises(StoreError) as caught:
        await import_file(store, path)
    assert caught.value.phrase.key == "transfer.not_json"


async def test_a_time_that_no_clock_shows_becomes_none(store: ConversationStore, tmp_path: Path) -> None:
    entries = chatgpt()
    entries[0]["create_time"] = 10**400
    await import_file(store, write(tmp_path, entries))
    assert (await only(store)).created == 0.0


async def test_a_missing_file_is_named(store: ConversationStore, tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        await import_file(store, tmp_path / "none.json")
    assert caught.value.phrase.key == "transfer.unreadable"
    assert "Nothing was taken" in say(caught.value.phrase)


async def test_what_is_no_file_is_told_as_what_it_is(store: ConversationStore, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").touch()
    for path, reason in (
        (tmp_path, "os.folder"),
        (tmp_path / "pipe", "os.no_file"),
        (tmp_path / "file/x", "os.no_folder"),
    ):
        with pytest.raises(StoreError) as caught:
            await import_file(store, path)
        assert caught.value.phrase == phrase("transfer.unreadable", path=str(path), detail=phrase(reason))


async def test_a_file_that_is_too_large_is_refused(
    store: ConversationStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries, "MAX_BYTES", 100)
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("conversations.json", "[" + " " * 100_000 + "]")
    for path in (write(tmp_path, ["x" * 200]), tmp_path / "bomb.zip"):
        with pytest.raises(StoreError) as caught:
            await import_file(store, path)
        assert caught.value.phrase.key == "transfer.too_large"


async def test_wrong_types_become_defaults_and_cycles_are_cut(
    store: ConversationStore, tmp_path: Path
) -> None:
    messages = [
        {
            "id": "a",
            "parent": "b",
            "role": "user",
            "content": "one",
            "created": "yesterday",
            "stats": {"x": 1},
        },
        {"id": "b", "parent": "a", "role": "robot", "content": 3, "status": "odd", "reasoning_tokens": 1e400},
        {"id": "b", "parent": "a", "content": "twin", "error": {"key": "{0.__class__}", "params": {}}},
        {"id": ["c"], "parent": 7, "status": "streaming", "stats": {"prompt_tokens": -5}},
        "nothing",
    ]
    data = {
        "conversations": [
            {
                "id": 5,
                "title": None,
                "think": "?",
                "options": {"top_p": [1], "num_ctx": "abc", "x": 1, "top_k": 2},
                "messages": messages,
            }
        ]
    }
    await import_file(store, write(tmp_path, data))
    talk = await only(store)
    assert len(talk.messages) == 4
    assert talk.options == {"top_k": 2}
    assert MessageStatus.STREAMING not in {each.status for each in talk.messages.values()}
    errors = [each.error for each in talk.messages.values() if each.error]
    assert [say(error) for error in errors] == ["The file says: {0.__class__}"]
    assert talk.branch()


async def test_a_known_sentence_without_its_parameters_is_foreign_text(
    store: ConversationStore, tmp_path: Path
) -> None:
    message = {"content": "x", "error": {"key": "transfer.too_large", "params": {"path": "x"}}}
    await import_file(store, write(tmp_path, {"conversations": [{"messages": [message]}]}))
    (error,) = [each.error for each in (await only(store)).messages.values()]
    assert error is not None
    assert say(error) == "The file says: transfer.too_large"


HOSTILE_PHRASES = [
    {"key": "\x1b]0;PWNED\x07{a.foo}", "params": {"a": 1}},
    {"key": "{a:>50000000}", "params": {"a": "x"}},
    {"key": "{a.__class__.__init__}", "params": {"a": "x"}},
    {"key": "{}{0}", "params": {"a": "x"}},
    {"key": "transfer.foreign_error", "params": {"detail": {"key": "{a:>50000000}", "params": {"a": 1}}}},
    {"key": "transfer.foreign_error", "params": {"detail": {"key": "\x1b]0;PWNED\x07", "params": {}}}},
    {"key": "transfer.foreign_error", "params": {"detail": {"key": "transfer.empty", "params": {}}}},
    {"key": "transfer.foreign_error", "params": {"detail": ["x"]}},
    {"key": "transfer.foreign_error", "params": {"detail": {"a": "x"}}},
    {"key": "transfer.foreign_error", "params": {"detail": None}},
    {"key": "transfer.too_large", "params": {"path": "x", "megabytes": 1e999}},
    {"key": "transfer.too_large", "params": {"path": "x", "megabytes": 10**5000}},
    {"key": "models.size", "params": {f"p{n}": n for n in range(1000)}},
]


@pytest.mark.parametrize("error", HOSTILE_PHRASES, ids=range(len(HOSTILE_PHRASES)))
async def test_a_phrase_is_taken_whole_with_plain_parameters_or_shown_as_foreign_text(
    store: ConversationStore, tmp_path: Path, error: dict[str, object]
) -> None:
    sys.set_int_max_str_digits(0)  # to write such a number
    try:
        path = write(tmp_path, {"conversations": [{"messages": [{"content": "x", "error": error}]}]})
    finally:
        sys.set_int_max_str_digits(4300)
    try:
        await import_file(store, path)
    except StoreError:
        return  # a number of 5,000 digits is no JSON that Python reads
    for each in (await only(store)).messages.values():
        words = say(each.error) if each.error else ""
        assert not words or words.startswith("The file says: ")
        assert len(words) < 300
        assert "\x1b" not in words


async def test_entries_that_cannot_be_read_are_counted_and_the_others_kept(
    store: ConversationStore, tmp_path: Path
) -> None:
    data = {"conversations": [{"messages": [{"content": "x"}]}, 3]}
    result = await import_file(store, write(tmp_path, data))
    assert (len(result.added), result.unreadable) == (1, 1)


async def test_one_byte_that_is_no_text_is_named_and_all_is_exported(
    store: ConversationStore, tmp_path: Path
) -> None:
    for text in ("first", "second", "third"):
        talk = Conversation()
        talk.add(Message(Role.USER, text))
        await store.add_conversation(talk)
    await store._database.write(
        lambda connection: connection.execute(
            "UPDATE message SET content = CAST(x'7365ff' AS TEXT) WHERE content = 'second'"
        )
    )
    told: list[Phrase] = []
    (path,) = await export(store, None, "json", tmp_path / "out.json", tell=told.append)
    found = json.loads(path.read_text(encoding="utf-8"))["conversations"]
    assert [each["messages"][0]["content"] for each in found] == ["first", "se�", "third"]
    assert [(notice.key, notice.params["title"]) for notice in told] == [("store.no_text", "second")]


def test_half_a_character_in_a_parameter_of_a_foreign_phrase_is_shown_as_a_question_mark() -> None:
    said = phrase_from({"key": "engine.host_junk", "params": {"host": "a\ud800"}})
    assert said is not None
    assert said.params == {"host": "a?"}
