"""Files made to hurt the import: nothing else is lost for them, and neither time nor memory runs away."""

from __future__ import annotations

import asyncio
import copy
import json
import random
import struct
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from r1tui.domain.attachment import Attachment
from r1tui.domain.conversation import Conversation
from r1tui.domain.message import Message, Role
from r1tui.domain.phrase import Phrase, phrase
from r1tui.locale import say
from r1tui.services.store.conversations import ConversationStore
from r1tui.services.store.database import StoreError
from r1tui.services.transfer import entries, export, import_file
from r1tui.services.transfer.entries import Entry, EntryReader, Wrong
from r1tui.services.transfer.importing import ImportResult
from tests.support import big_export
from tests.support.pty_app import ROOT, clean_env

MEMORY_MB = 400
CPU_SECONDS = 60
"""Ten times what the slowest of these files takes; what grows with the square of its size takes far more."""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[ConversationStore]:
    """An empty store."""
    store = await ConversationStore.open(tmp_path / "data" / "r1tui.db")
    yield store
    await store.close()


def ours(title: str, text: str = "hello") -> str:
    """A conversation as R1TUI exports it."""
    return json.dumps({"title": title, "messages": [{"role": "user", "content": text}]})


def imported(path: Path, tmp_path: Path) -> tuple[subprocess.CompletedProcess[str], int]:
    """`r1tui import` in a process that is killed when it works too long; and its peak of memory in MB."""
    program = (
        "import re, resource, sys\n"
        f"resource.setrlimit(resource.RLIMIT_CPU, ({CPU_SECONDS}, {CPU_SECONDS}))\n"
        "from r1tui.cli import main\n"
        "code = main(['import', sys.argv[1]])\n"
        "peak = re.search(r'VmHWM:\\s*(\\d+)', open('/proc/self/status').read())\n"
        "print('peak', int(peak[1]) // 1024)\n"
        "sys.exit(code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        env=clean_env(tmp_path / "home"),
        cwd=ROOT,
        text=True,
        capture_output=True,
    )
    assert done.returncode >= 0, "the import worked without end"
    assert "Traceback" not in done.stderr
    peak = [int(line.split()[1]) for line in done.stdout.splitlines() if line.startswith("peak ")]
    return done, peak[0]


@pytest.mark.parametrize(
    "wrong", ["{broken: 1}", "[1, 2}", '{"messages": 3}', "7", '{"n": 1' + "0" * 5000 + "}"]
)
async def test_a_wrong_entry_is_named_and_the_others_are_taken(
    store: ConversationStore, tmp_path: Path, wrong: str
) -> None:
    path = tmp_path / "export.json"
    path.write_text(f'{{"version": 1, "conversations": [{ours("one")}, {wrong}, {ours("three")}]}}')
    result = await import_file(store, path)
    assert (len(result.added), result.unreadable, result.stopped) == (2, 1, None)
    (sentence,) = map(say, result.wrong)
    assert sentence.startswith("Entry 2")


async def test_a_wrong_entry_is_named_by_its_title_where_it_has_one(
    store: ConversationStore, tmp_path: Path
) -> None:
    path = tmp_path / "export.json"
    path.write_text(f'[{{"title": "My \\u6570 talk", "mapping": {{}}, oops}}, {ours("b")}]')
    result = await import_file(store, path)
    assert say(result.wrong[0]).startswith("Entry 1 “My 数 talk”")
    assert len(result.added) == 1


async def test_what_stands_before_the_place_where_a_file_is_cut_off_is_taken(
    store: ConversationStore, tmp_path: Path
) -> None:
    path = tmp_path / "export.json"
    path.write_text(f"[{ours('one')}, {ours('two')}, {ours('three')[:-4]}")
    result = await import_file(store, path)
    assert len(result.added) == 2
    assert say(result.wrong[0]) == "Entry 3 “three”: the file is cut off here."


async def test_what_stands_behind_the_list_is_not_passed_over_in_silence(
    store: ConversationStore, tmp_path: Path
) -> None:
    """Two exports that were put together in one file."""
    path = tmp_path / "export.json"
    path.write_text(f"[{ours('one')}]\n \n" * 2)
    result = await import_file(store, path)
    assert len(result.added) == 1
    assert say(result.wrong[0]) == (
        "Entry 2: the list of conversations ends before it, so nothing from here on was read."
    )
    path.write_text(f"[{ours('two')}]" + "\n" * 100_000)
    assert (await import_file(store, path)).wrong == []


async def test_bytes_that_are_no_text_and_half_characters_do_not_cost_the_conversation(
    store: ConversationStore, tmp_path: Path
) -> None:
    path = tmp_path / "export.json"
    path.write_bytes(f"[{ours('one', 'a-b')}, {ours('two', 'x')}]".encode().replace(b"a-b", b"a\xffb\\ud83d"))
    result = await import_file(store, path)
    assert len(result.added) == 2
    talk = await store.load(result.added[0])
    assert talk is not None
    assert talk.branch()[0].content.startswith("a\ufffdb")


CHATGPT = {
    "title": "g", "create_time": 1.7e9, "update_time": 1.7e9, "current_node": "c", "default_model_slug": "o1",
    "mapping": {
        "a": {"message": None, "parent": None},
        "b": {"message": {"author": {"role": "user"}, "content": {"content_type": "text", "parts": ["hi"]},
                          "create_time": 1.0, "metadata": {"model_slug": "o1"}}, "parent": "a"},
        "t": {"message": {"author": {"role": "assistant"}, "content": {"thoughts": [{"content": "hm"}]}}, "parent": "b"},
        "c": {"message": {"author": {"role": "assistant"}, "content": {"parts": ["yo"]}}, "parent": "t"},
    },
}  # fmt: skip
OPEN_WEBUI = {
    "title": "w", "created_at": 1.7e9, "updated_at": 1.7e9, "pinned": True, "archived": False,
    "chat": {
        "title": "w", "models": ["m"],
        "history": {"currentId": "2", "messages": {
            "1": {"parentId": None, "role": "user", "content": "hi", "timestamp": 1.7e9},
            "2": {"parentId": "1", "role": "assistant", "model": "m", "content": "yo"}}},
    },
}  # fmt: skip
R1TUI = {
    "id": "i", "title": "t", "created": 1.0, "updated": 1.0, "model": "m", "system": "s", "think": "auto",
    "options": {"num_ctx": 4096}, "pinned": False, "archived": False, "leaf": "2",
    "messages": [
        {"id": "1", "parent": None, "role": "user", "content": "hi", "created": 1.0, "status": "complete",
         "plan": {"id": "v", "planned": 5, "question": "q", "boxed": True, "stopped": False},
         "attachments": [{"name": "f", "text": "x", "kind": "file", "encoding": "utf-8", "size": 1, "part": ""}]},
        {"id": "2", "parent": "1", "role": "assistant", "content": "yo", "reasoning": "r", "vote": "v", "seed": 1,
         "error": {"key": "engine.cut", "params": {}}, "stats": {"answer_tokens": 3, "eval_seconds": 1.0}},
    ],
}  # fmt: skip


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in some JSON but the whole."""
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield (*at, key)
        yield from places(value[key], (*at, key))


@pytest.mark.parametrize("wrong", [{}, {"a": []}, [], [{}], None, True, "\x00", -1, 1e308, 10**400], ids=repr)
@pytest.mark.parametrize("entry", [CHATGPT, OPEN_WEBUI, R1TUI], ids=["chatgpt", "open webui", "ours"])
async def test_any_value_at_any_place_of_an_entry_costs_no_other(
    store: ConversationStore, tmp_path: Path, entry: dict[str, Any], wrong: object
) -> None:
    broken = []
    for place in places(entry):
        whole = copy.deepcopy(entry)
        inner: Any = whole
        for key in place[:-1]:
            inner = inner[key]
        inner[place[-1]] = wrong
        broken.append(whole)
    path = tmp_path / "export.json"
    path.write_text(json.dumps([*broken, json.loads(ours("the last"))]))
    result = await import_file(store, path)
    assert result.stopped is None
    assert len(result.added) + result.present + result.unreadable == len(broken) + 1
    last = await store.load(result.added[-1])
    assert last is not None
    assert last.title == "the last"
    for ident in result.added:
        assert await store.load(ident) is not None


async def test_bytes_that_are_no_text_in_a_long_attachment_do_not_cost_the_conversation(
    store: ConversationStore, tmp_path: Path
) -> None:
    talk = json.loads(ours("one"))
    talk["messages"][0]["attachments"] = [{"name": "log", "text": "line " * 2000 + "a-b"}]
    path = tmp_path / "export.json"
    path.write_bytes(f"[{json.dumps(talk)}]".encode().replace(b"a-b", b"a\xffb"))
    result = await import_file(store, path)
    assert not result.wrong
    (kept,) = [await store.load(each) for each in result.added]
    assert kept is not None
    assert kept.branch()[0].attachments[0].text.endswith("line a\ufffdb")


async def test_a_disk_that_fills_up_in_the_middle_keeps_and_counts_what_was_taken(
    store: ConversationStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "export.json"
    path.write_text("[" + ",".join(ours(f"talk {number}") for number in range(5)) + "]")
    add, calls = store.add_conversation, 0

    async def until_full(conversation: Any) -> str | None:
        nonlocal calls
        calls += 1
        if calls == 4:
            raise StoreError(phrase("store.disk_full", path="/data"))
        return await add(conversation)

    monkeypatch.setattr(store, "add_conversation", until_full)
    result = await import_file(store, path)
    assert len(result.added) == 3
    assert result.stopped is not None
    assert "full" in say(result.stopped)
    assert "talk 3" in say(result.wrong[0])
    assert len(await store.all_ids()) == 3
    assert calls == 4, "a full disk is not asked again for each further conversation"


async def test_an_import_that_is_stopped_keeps_what_was_taken(
    store: ConversationStore, tmp_path: Path
) -> None:
    path = tmp_path / "export.json"
    path.write_text("[" + ",".join(ours(f"talk {number}") for number in range(50)) + "]")
    parts: list[float] = []

    def watch(result: ImportResult) -> bool:
        parts.append(result.part)
        return len(result.added) < 7

    result = await import_file(store, path, watch)
    assert len(result.added) == len(await store.all_ids()) == 7
    assert result.stopped is not None
    assert parts == sorted(parts)
    assert 0 <= parts[0] <= parts[-1] <= 1


def pieces_of(text: bytes, tmp_path: Path) -> list[object]:
    """What the reader makes of a file."""
    path = tmp_path / "any.json"
    path.write_bytes(text)
    return [each.data if isinstance(each, Entry) else each for each in EntryReader(path) if each is not None]


def anything(chance: random.Random, depth: int = 0) -> object:
    """A random JSON value with every sign that could be mistaken for structure in its strings."""
    kind = chance.randrange(7 if depth < 4 else 4)
    if kind < 2:
        return "".join(chance.choice('ab "\\[]{},:数🙂\n\t/') for _ in range(chance.randrange(12)))
    if kind < 4:
        return chance.choice([0, -1.5, 1e300, True, None, 10**30])
    many = range(chance.randrange(5))
    if kind < 6:
        return [anything(chance, depth + 1) for _ in many]
    return {str(anything(chance, 9)): anything(chance, depth + 1) for _ in many}


@pytest.mark.parametrize("chunk", [3, 4, 7, 64])
def test_any_list_is_cut_into_just_its_elements_wherever_the_pieces_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(entries, "CHUNK", chunk)
    chance = random.Random(chunk)
    for _ in range(150):
        values = [anything(chance) for _ in range(chance.randrange(1, 6))]
        text = json.dumps(values, ensure_ascii=chance.random() < 0.5, indent=chance.choice([None, 1]))
        assert pieces_of(text.encode(), tmp_path) == values
        assert pieces_of(b"\xef\xbb\xbf \n" + text.encode(), tmp_path) == values


@pytest.mark.parametrize("chunk", [3, 7, 64, 500])
def test_long_texts_that_are_taken_apart_are_just_what_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(entries, "CHUNK", chunk)
    monkeypatch.setattr(entries, "LONG", 30)
    chance = random.Random(chunk)
    signs = 'ab "\\[]{},:数🙂\n\t/' * 2 + "\x00"
    for _ in range(100):
        values = [
            {
                "text": "".join(chance.choice(signs) for _ in range(chance.choice([0, 5, 50, 600]))),
                "more": [
                    {"text": chance.choice(['"text": "x" ' * 9, 7, None, {"text": "y" * 90}])},
                    '"text"',
                ],
            }
            for _ in range(chance.randrange(1, 4))
        ]
        text = json.dumps(values, ensure_ascii=chance.random() < 0.5, indent=chance.choice([None, 1]))
        assert pieces_of(text.encode(), tmp_path) == values


def test_texts_that_take_too_much_memory_cost_no_other_entry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries, "MAX_MEMORY", 40_000)
    monkeypatch.setattr(entries, "CHUNK", 512)
    large = json.dumps({"title": "Big", "a": [{"text": "word " * 4000}] * 3})
    broken = json.dumps({"title": "Odd", "a": {"text": "x" * 9000}}).replace("xxxx", "x\\qx", 1)
    first, second, third, last = pieces_of(f'[1, {large}, {broken}, "end"]'.encode(), tmp_path)
    assert (first, last) == (1, "end")
    assert isinstance(second, Wrong)
    assert isinstance(third, Wrong)
    assert (second.title, second.why.key) == ("Big", "transfer.texts_too_large")
    assert (third.title, third.why.key) == ("Odd", "transfer.entry_not_json")


def test_an_entry_that_is_too_large_costs_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "MAX_ENTRY", 5000)
    monkeypatch.setattr(entries, "MAX_STRUCTURE", 1000)
    monkeypatch.setattr(entries, "CHUNK", 512)
    large = json.dumps({"title": "Big", "x": 'q"]},{' * 20_000})
    brackets = json.dumps([{"": 0}] * 400)
    first, second, third, last = pieces_of(f'[1, {large}, {brackets}, "end"]'.encode(), tmp_path)
    assert (first, last) == (1, "end")
    assert isinstance(second, Wrong)
    assert isinstance(third, Wrong)
    assert (second.title, second.why.key, third.why.key) == (
        "Big",
        "transfer.entry_too_large",
        "transfer.entry_too_large",
    )


MEG = 1024 * 1024


def hostile(kind: str) -> tuple[str, str]:
    """The file's name and text."""
    reasoning = '<details type="reasoning"'
    texts = {
        "blanks within details": reasoning + ">" + " " * MEG,
        "details without end": (reasoning + ">") * (MEG // 30),
        "details without a bracket": reasoning * (MEG // 30),
        "summaries": reasoning + "><summary>" + " " * MEG + "<",
        "ended details": (reasoning + "> \n</details> \n") * (MEG // 40),
        "duration": reasoning + ' duration="' * (MEG // 12) + "></details>",
        "lines": reasoning + ">" + "&gt;\n" * MEG + "</details>",
        "entities": reasoning + ">" + "&#9" * MEG + "&" + "</details>",
    }
    if kind in texts:
        messages = {"a": {"id": "a", "role": "assistant", "content": texts[kind]}}
        chat = {"title": kind, "history": {"messages": messages, "currentId": "a"}}
        return "webui.json", json.dumps([{"chat": chat}])
    if kind == "a deep chain without text":
        nodes: dict[str, object] = {
            str(at): {"parent": str(at - 1), "message": None} for at in range(1, 30_000)
        }
        for at in range(10_000):
            message = {"author": {"role": "user"}, "content": {"parts": ["x"]}}
            nodes[f"m{at}"] = {"parent": "29999", "message": message}
        return "conversations.json", json.dumps([{"mapping": nodes}])
    return {
        "small objects": ("a.json", "[[" + '{"":0},' * 420_000 + "0]]"),
        "short strings": ("a.json", "[[" + '"ab",' * MEG + "0]]"),
        "many small objects": ("a.json", "[[" + '{"":0},' * MEG + "0]]"),
        "one string": ("a.json", '["' + "x" * (80 * MEG) + '"]'),
        "a wide string": ("a.json", "[" + ours("wide", "🙂" + "x" * (23 * MEG)) + "]"),
        "backslashes": ("a.json", '["' + "\\" * (30 * MEG) + '"]'),
        "open lists": ("a.json", "[" * (4 * MEG)),
        "blanks": ("a.json", " " * (60 * MEG) + "[]"),
        "no entries": ("a.json", "[" + "," * MEG + "]"),
        "an object": ("a.json", '{"a":' + "[0]," * (4 * MEG)),
        "a wrapper": ("a.json", '{"conversations"' + " " * (20 * MEG) + '"conversations"'),
    }[kind]


@pytest.mark.parametrize(
    "kind",
    [
        "blanks within details",
        "details without end",
        "details without a bracket",
        "summaries",
        "ended details",
        "duration",
        "lines",
        "entities",
        "a deep chain without text",
        "small objects",
        "short strings",
        "many small objects",
        "one string",
        "a wide string",
        "backslashes",
        "open lists",
        "blanks",
        "no entries",
        "an object",
        "a wrapper",
    ],
)
def test_no_file_takes_time_or_memory_without_bound(tmp_path: Path, kind: str) -> None:
    name, text = hostile(kind)
    path = tmp_path / f"{name}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("conversations.json", text)
    done, peak = imported(path, tmp_path)
    assert peak < MEMORY_MB
    assert done.stdout.startswith("1 imported") or done.stderr.startswith("r1tui: ")


def test_an_archive_that_unpacks_without_end_is_refused_and_so_is_one_with_an_endless_table(
    tmp_path: Path,
) -> None:
    bomb, table = tmp_path / "bomb.zip", tmp_path / "table.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("conversations.json", "[" + '{"":0},' * MEG + "0]")
    done, peak = imported(bomb, tmp_path)
    assert (done.returncode, peak < MEMORY_MB) == (1, True)
    assert "unpacks to more than 200 times" in done.stderr
    entry = b"PK\x01\x02" + bytes(42)
    body = b"PK\x03\x04" + entry * 400_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65_535, 65_535, len(body) - 4, 4, 0)
    table.write_bytes(body + end)
    done, peak = imported(table, tmp_path)
    assert (done.returncode, peak < MEMORY_MB) == (1, True)
    assert "table.zip" in done.stderr


def test_an_export_of_many_megabytes_is_imported_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    big_export.write(path, 16 * MEG)
    done, peak = imported(path, tmp_path)
    assert done.returncode == 0
    count = int(done.stdout.split()[0])
    assert done.stdout.startswith(f"{count} imported, 0 known already, 0 unreadable")
    assert count > 60
    assert peak < 200


@pytest.mark.parametrize("wide", [False, True])
async def test_a_conversation_with_many_large_attachments_comes_back(
    store: ConversationStore, tmp_path: Path, wide: bool
) -> None:
    conversation = Conversation(title="Logs")
    for number in range(3 if wide else 5):
        text = f'{number} 数: a line with a "quote" and a \\ sign\n' + ("🙂" if wide else "")
        text += "plain words of a log, no more\n" * (8 * MEG // 30)
        small = [Attachment(f"part {at}", f"{number}.{at} " * 20_000) for at in range(4)]
        conversation.add(Message(Role.USER, "why?", attachments=(Attachment("log", text), *small)))
        conversation.add(Message(Role.ASSISTANT, "so."))
    await store.add_conversation(conversation)
    path = tmp_path / "export.json"
    told: list[Phrase] = []
    await export(store, None, "json", path, tell=told.append)
    assert path.stat().st_size > (24 if wide else 40) * MEG
    for counts in ("1 imported", "0 imported"):
        done, peak = await asyncio.to_thread(imported, path, tmp_path)
        assert done.stdout.startswith(counts), done.stdout + done.stderr
        assert peak < MEMORY_MB
    assert not told
    there = await ConversationStore.open(tmp_path / "home" / "data" / "conversations.db")
    try:
        assert await there.load(conversation.id) == await store.load(conversation.id)
    finally:
        await there.close()


async def test_an_export_says_what_cannot_be_imported_again(
    store: ConversationStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries, "MAX_MEMORY", 60_000)
    for title, size in (("Small", 100), ("Large", 70_000)):
        conversation = Conversation(title=title)
        conversation.add(Message(Role.USER, "why?", attachments=(Attachment("log", "x" * size),)))
        await store.add_conversation(conversation)
    told: list[Phrase] = []
    await export(store, None, "json", tmp_path / "export.json", tell=told.append)
    (sentence,) = map(say, told)
    assert "“Large”" in sentence
    assert (await import_file(store, tmp_path / "export.json")).present == 1
