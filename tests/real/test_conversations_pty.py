"""Conversations by keys in a pseudo-terminal: history, context, private ones, out and in, reasoning that is ended."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from r1tui.domain.conversation import Conversation
from r1tui.domain.message import Message, MessageStatus, Role
from r1tui.services.store.conversations import ConversationStore
from tests.support import patience, provision
from tests.support.ollama_server import OllamaServer, new_server
from tests.support.pty_app import PtyApp, clean_env
from tests.support.script import Answer, Hang, Say, Think, answer
from tests.support.scripted import ScriptedServer
from tests.support.shown_notices import wait_said
from tests.support.steps import ask, press, typed

pytestmark = pytest.mark.real

MODEL = "deepseek-r1:1.5b"
DAY = 86_400


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where everything of the app is, and the folder that it is started in."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A scripted server in a loop of its own, for tests that wait without one."""
    loop, scripted = asyncio.new_event_loop(), ScriptedServer()
    scripted.add(MODEL)
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(scripted.start(), loop).result(10)
    yield scripted
    asyncio.run_coroutine_threadsafe(scripted.stop(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def start(home: Path) -> Iterator[Callable[..., PtyApp]]:
    """Start the app in its home folder, ready for keys: `start("--host", url)`."""
    started: list[PtyApp] = []

    def begin(*args: str, size: tuple[int, int] = (80, 24), **env: str) -> PtyApp:
        command = [sys.executable, "-m", "r1tui", *args]
        app = PtyApp(command, env=clean_env(home, **env), size=size, cwd=home)
        started.append(app)
        app.wait_match(r"Ask anything", timeout=60)
        app.wait_match(r"135m|deepseek-r1", timeout=60)
        app.wait_quiet(0.3)
        return app

    yield begin
    for app in started:
        app.close()


def command(app: PtyApp, name: str, *opens: str) -> None:
    """Find a command in the palette by its name and wait for what it opens."""
    app.send("ctrl+p")
    app.wait_for("What do you want to do?")
    app.write(name)
    app.wait_match(rf"{re.escape(name)}[\s\S]*{re.escape(name)}")
    app.wait_quiet(0.3)
    app.send("enter")
    app.wait_gone("What do you want to do?")
    app.wait_for(*opens)
    app.wait_quiet(0.12)


def r1tui(home: Path, *args: str) -> str:
    """Run a command of the shell and return what it prints."""
    return subprocess.run(
        [sys.executable, "-m", "r1tui", *args],
        env=clean_env(home), cwd=home, capture_output=True, text=True, timeout=60, check=True,
    ).stdout  # fmt: skip


def stored(home: Path) -> list[dict[str, Any]]:
    """All conversations that are on the disk."""
    conversations: list[dict[str, Any]] = json.loads(r1tui(home, "export", "--all", "--format", "json"))[
        "conversations"
    ]
    return conversations


def on_disk(folder: Path, *words: str) -> list[str]:
    """Which of the words stand in any file below the folder, as bytes."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    contents = b"\n".join(path.read_bytes() for path in files)
    return [word for word in words if word.encode() in contents]


def keep(home: Path, *conversations: Conversation) -> None:
    """Put conversations into the store before the app starts."""

    async def put() -> None:
        (home / "data").mkdir(mode=0o700, exist_ok=True)
        store = await ConversationStore.open(home / "data" / "conversations.db")
        for each in conversations:
            await store.add_conversation(each)
        await store.close()

    asyncio.run(put())


def talk(question: str, content: str, reasoning: str = "", *, days_ago: float = 0) -> Conversation:
    made = Conversation(model=MODEL, updated=time.time() - days_ago * DAY)
    made.add(Message(Role.USER, question))
    made.add(Message(Role.ASSISTANT, content, reasoning, model=MODEL))
    return made


def marked(app: PtyApp) -> set[str]:
    """The texts that are drawn bold and underlined, whole runs of each row."""
    found: set[str] = set()
    for row in range(len(app.screen_lines())):
        cells = app.cells(row)
        runs = "".join(
            (cell.data or "") if cell.bold and cell.underscore else "\0" for cell in cells if cell.data
        )
        found |= {run for run in runs.split("\0") if run.strip()}
    return found


def test_history_is_grouped_searched_and_changed_by_keys(
    home: Path, server: ScriptedServer, start: Callable[..., PtyApp]
) -> None:
    far = "\n\n".join(f"Paragraph {n} about nothing." for n in range(40)) + "\n\nHere resize2fs stands."
    keep(
        home,
        talk("Old trains", "Rails.", days_ago=40),
        talk("如何扩大分区？", "分区可以在线扩大。", "先想一想：猫。", days_ago=1),
        talk("How do ships float?", far, "Quartz is heavy."),
    )
    app = start("--host", server.url)
    app.send("f6")
    app.wait_for("3 conversations", "Today", "Yesterday", "How do ships float?", MODEL, "Messages", "Older")
    app.wait_match(r"Old trains .*\d{4}-\d\d-\d\d")
    for needle, place, shows in (
        ("猫", "reasoning", "先想一想：猫。"),
        ("在线", "answer", "分区可以在线扩大"),
        ("Q", "reasoning", "Quartz is heavy."),
        ("resize2fs", "answer", "Here resize2fs stands."),
    ):
        press(app, "/")
        app.write(needle)
        app.wait_for("1 conversation found", place)
        app.wait_until(lambda needle=needle: needle in marked(app), f"{needle!r} to be set off")  # type: ignore[misc]
        press(app, "enter", "enter")
        app.wait_for(shows, "Ask anything")
        app.send("f6")
        app.wait_for("3 conversations")
        app.wait_quiet(0.12)
    press(app, "r", "home")
    app.write("Why and ")
    app.send("enter")
    app.wait_gone("Title")
    app.wait_for("Why and How do ships float?")
    app.wait_quiet(0.3)
    press(app, "end", "p")
    app.wait_match(r"Pinned\W+Old trains")
    press(app, "end", "a")
    app.wait_for("2 conversations")
    press(app, "v")
    app.wait_for("1 archived conversation")
    press(app, "v", "home", "d")
    app.wait_for("Delete “Old trains”", "until")
    press(app, "down", "enter")
    app.wait_for("1 conversation", "u Undo")
    press(app, "escape")
    app.send("f6")
    app.wait_for("1 conversation", "u Undo")
    press(app, "u")
    app.wait_match(r"Pinned\W+Old trains")
    app.send("escape")
    app.wait_gone("Pinned")
    app.send("ctrl+q")
    assert app.wait_exit() == 0
    kept = {each["title"]: (each["pinned"], each["archived"]) for each in stored(home)}
    assert kept == {
        "Old trains": (True, False),
        "如何扩大分区？": (False, True),
        "Why and How do ships float?": (False, False),
    }


@pytest.fixture
def own_server(real_server: OllamaServer, tmp_path: Path) -> Iterator[OllamaServer]:
    """A real server where nobody else loads a model with another context length."""
    own = new_server(provision.find(), tmp_path / "own", copy_models=real_server.models_dir)
    yield own
    own.stop()


def test_the_context_is_honest_and_each_way_out_of_it_works_with_the_real_server(
    home: Path, own_server: OllamaServer, start: Callable[..., PtyApp]
) -> None:
    (home / "config").mkdir()
    (home / "config" / "settings.toml").write_text("[chat]\nnum_ctx = 180\n")
    app = start("--host", own_server.url, "--model", own_server.plain)
    command(app, "Parameters of this conversation", "num_predict")
    app.write("num_predict")
    app.wait_quiet(0.3)
    app.send("enter")
    app.wait_for("Value of num_predict")
    typed(app, "6")
    app.send("enter")
    app.wait_gone("Value of num_predict")
    ask(app, "Tell me of the river. " + "The river is long. " * 18, timeout=180)
    stats = stored(home)[0]["messages"][1]["stats"]
    counted = stats["prompt_tokens"] + stats["answer_tokens"]

    def metered() -> bool:
        shown = re.search(r"(?:context|ctx) (\d+)(?: of |/)180", app.screen_text())
        return shown is not None and abs(int(shown[1]) - counted) <= counted * 0.1

    app.wait_until(metered, f"the meter to show what the server counted, {counted}")

    second = "Now tell me of the sea. " + "The sea is deep. " * 18
    typed(app, second)
    app.send("enter")
    app.wait_for("tokens are needed", "context holds", "summary", "oldest", "2,048")
    assert len(stored(home)[0]["messages"]) == 2, "asked before the choice"
    app.send("escape")
    app.wait_gone("tokens are needed")
    app.wait_for("The sea is deep.")
    app.wait_quiet(0.12)
    app.send("enter")
    app.wait_for("tokens are needed")
    press(app, "down")
    app.send("enter")  # the oldest falls out
    app.wait_for("no longer fit", timeout=60)
    app.wait_answers(2)
    press(app, "ctrl+up", "home")
    app.wait_match(r"you +out of the model's sight")
    app.send("escape")

    typed(app, "And of the sky? " + "The sky is wide. " * 18)
    app.send("enter")
    app.wait_for("tokens are needed")
    app.write("2048")
    app.wait_gone("summary of this one")
    app.send("enter")
    app.wait_for("context of 2,048 tokens")
    app.wait_match(r"/2k|of 2k", timeout=60)
    app.wait_answers(3)
    deadline, lengths = time.monotonic() + 60, set[int]()
    while lengths != {2048}:  # nothing is listed while the model loads anew
        assert time.monotonic() < deadline, lengths
        time.sleep(0.1)
        running = own_server.get("/api/ps")
        assert isinstance(running, dict)
        lengths = {each["context_length"] for each in running["models"]}

    command(app, "Context length", "tokens in use of 2,048")
    app.send("enter")  # a new conversation with a summary
    app.wait_for("Sum it up")
    app.wait_quiet(0.3)
    app.send("enter")
    app.wait_for("begins with this", timeout=180)
    app.wait_quiet(0.3)
    app.send("enter")
    app.wait_for("Goes on from")
    ask(app, " Go on.", timeout=180)
    app.wait_for("Summary of our conversation so far", "tokens/s ·")


def test_a_private_conversation_leaves_no_byte(
    home: Path, server: ScriptedServer, start: Callable[..., PtyApp]
) -> None:
    tmp = home / "tmp"
    tmp.mkdir()
    server.answers.append(answer("The hidden answer.", "A hidden thought."))
    pager = f"sh -c 'ls {tmp} > {home}/listing; wc -c > {home}/paged'"
    app = start("--host", server.url, TMPDIR=str(tmp), PAGER=pager)
    command(app, "New private conversation", "private, not written to disk")
    typed(app, "A hidden question")
    app.send("enter")
    app.wait_for("The hidden answer.", "tokens/s ·", "private")
    app.wait_gone("Esc stop")
    app.send("ctrl+up", "o")
    deadline = time.monotonic() + patience.SECONDS
    while not (home / "paged").exists() or not (home / "paged").read_text().strip():
        assert time.monotonic() < deadline, app.screen_text()
        time.sleep(0.05)
    assert (home / "listing").read_text() == "", "the pager got a file"
    app.wait_for("The hidden answer.")
    app.send("O")
    app.wait_for("An editor needs a file")
    press(app, "tab")
    typed(app, "A hidden draft")
    app.wait_quiet(1.1)  # drafts are written once the writer pauses
    secrets = ("A hidden question", "The hidden answer", "A hidden thought", "A hidden draft")
    assert on_disk(home, *secrets) == []
    app.send("f6")
    app.wait_for("Private, kept until R1TUI ends", "A hidden question", "0 conversations")
    app.send("escape")
    app.wait_for("A hidden draft")
    app.send("ctrl+n")
    app.wait_gone("A hidden draft")
    app.wait_quiet(0.5)
    app.send("up", "x")  # nothing is brought back
    app.wait_for("› x")
    assert "A hidden question" not in app.screen_text()
    app.send("ctrl+q")
    assert app.wait_exit() == 0
    assert on_disk(home, *secrets) == []
    assert stored(home) == []


@pytest.mark.parametrize("end", ["by key", "by hanging up"])
def test_a_private_answer_ends_with_the_app(
    home: Path, server: ScriptedServer, start: Callable[..., PtyApp], end: str
) -> None:
    server.answers.append(Answer([Say("Hidden so far"), Hang()]))
    app = start("--host", server.url)
    command(app, "New private conversation", "private, not written to disk")
    typed(app, "A hidden question")
    app.send("enter")
    app.wait_for("Hidden so far")
    if end == "by key":
        app.send("ctrl+q")
        app.wait_for("A private answer is still being written", "Stay")
        assert "background" not in app.screen_text()
        press(app, "down")
        app.send("enter")
        assert app.wait_exit() == 0
    else:
        app.hang_up()
        app.wait_exit()
    deadline = time.monotonic() + patience.SECONDS
    while not server.dropped:
        assert time.monotonic() < deadline, "the answer goes on with nowhere to be kept"
        time.sleep(0.05)
    again = start("--host", server.url)
    assert "not there any more" not in again.screen_text()
    assert on_disk(home / "data", "idden") == []


def test_deleting_everything_names_the_files_asks_and_leaves_no_byte(
    home: Path, server: ScriptedServer, start: Callable[..., PtyApp]
) -> None:
    server.answers.append(answer("Some quicksilver answer.", "Some quicksilver thought."))
    app = start("--host", server.url, size=(100, 30))
    ask(app, "A question of quicksilver")
    typed(app, "A draft of quicksilver")
    data = home / "data"
    app.wait_until(
        lambda: len(on_disk(data, "A draft of quicksilver", "quicksilver thought")) == 2,
        "draft and answer on the disk",
    )
    words = ("for good", "conversations.db")
    command(app, "Delete everything, for good", *words)
    app.send("enter")  # the first answer keeps it
    app.wait_gone("Delete all conversations")
    assert on_disk(data, "quicksilver")
    app.wait_for("A draft of quicksilver")
    command(app, "Delete everything, for good", *words)
    press(app, "down")
    app.send("enter")
    app.wait_for("Everything is deleted.", "New conversation", "Ask anything")
    app.wait_quiet(1.1)
    assert on_disk(data, "quicksilver") == []
    app.send("up")  # nothing is brought back
    ask(app, "A new beginning")
    assert "quicksilver" not in app.screen_text()
    app.send("ctrl+q")
    assert app.wait_exit() == 0
    assert on_disk(data, "quicksilver") == []
    assert [each["title"] for each in stored(home)] == ["A new beginning"]


def test_out_and_in_by_the_palette_and_the_shell_while_the_app_runs(
    home: Path, server: ScriptedServer, start: Callable[..., PtyApp]
) -> None:
    server.answers.append(answer("Grow it **online**.", "Think of ext4."))
    keep(home, talk("../../etc/\x1b[31mpasswd\n", "Evil title.", "Why so.", days_ago=1))
    app = start("--host", server.url, size=(100, 30))
    app.send("ctrl+p")
    app.wait_for("What do you want to do?")
    app.write("Export this conversation")
    app.wait_match(r"Export this conversation[\s\S]*Export this conversation · nothing here yet")
    app.send("escape")
    app.wait_gone("What do you want to do?")  # the prompt shows below the palette, too
    ask(app, "How do I grow ext4?")
    for downs, ending in ((0, ".md"), (1, "-2.md"), (2, ".json"), (3, ".txt")):
        command(app, "Export this conversation", "Export this conversation as", "without reasoning")
        press(app, *["down"] * downs)
        app.send("enter")
        wait_said(app, f"How-do-I-grow-ext4{ending}")
    with_thoughts = (home / "How-do-I-grow-ext4.md").read_text()
    assert re.search(r"<details>\n<summary>.*\n\nThink of ext4\.\n\n</details>", with_thoughts)
    without = (home / "How-do-I-grow-ext4-2.md").read_text()
    assert "Grow it **online**." in without
    assert "Think" not in without
    assert "    Think of ext4." in (home / "How-do-I-grow-ext4.txt").read_text()
    command(app, "Export all conversations", "Export all conversations as")
    press(app, "down", "down")
    app.send("enter")
    wait_said(app, "conversations.json")
    everything = stored(home)
    assert json.loads((home / "conversations.json").read_text())["conversations"] == everything

    folder = home / "out"
    folder.mkdir()
    r1tui(home, "export", "--all", "-o", str(folder))
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) == 2
    assert not any(re.search(r"[\x00-\x1f\x7f]|^\.", name) for name in names), names

    (home / "chatgpt.json").write_text(json.dumps([{
        "title": "From ChatGPT", "create_time": 1.7e9, "mapping": {
            "a": {"id": "a", "parent": None, "message": {
                "author": {"role": "user"}, "content": {"content_type": "text", "parts": ["Hello there"]}}},
            "b": {"id": "b", "parent": "a", "message": {
                "author": {"role": "assistant"}, "content": {"content_type": "text", "parts": ["General"]}}},
        }, "current_node": "b",
    }]))  # fmt: skip
    (home / "webui.json").write_text(json.dumps([{
        "title": "From Open WebUI", "chat": {"title": "From Open WebUI", "history": {"currentId": "2", "messages": {
            "1": {"id": "1", "parentId": None, "role": "user", "content": "Hi", "timestamp": 1_700_000_000},
            "2": {"id": "2", "parentId": "1", "role": "assistant", "content": "Ho", "timestamp": 1_700_000_001},
        }}},
    }]))  # fmt: skip
    assert "1 imported" in r1tui(home, "import", "chatgpt.json")
    command(app, "Import conversations", "File to import")
    typed(app, "~/webui.json")
    app.send("enter")
    app.wait_for("1 imported")
    command(app, "Import conversations", "File to import")
    typed(app, "~/nowhere.json")
    app.send("enter")
    app.wait_gone("File to import")
    wait_said(app, "cannot be read")
    app.send("f6")
    app.wait_for("4 conversations", "From ChatGPT", "From Open WebUI")
    app.send("escape")
    app.wait_gone("4 conversations")
    app.send("ctrl+q")
    assert app.wait_exit() == 0
    r1tui(home, "export", "--all", "--format", "json", "-o", "again.json")
    (home / "data" / "conversations.db").rename(home / "old.db")
    for rest in (home / "data").glob("conversations.db-*"):
        rest.unlink()
    r1tui(home, "import", "again.json")
    assert json.loads((home / "again.json").read_text())["conversations"] == stored(home)
    with closing(sqlite3.connect(home / "old.db")) as old:
        assert old.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("by", ["loop and Enter", "tokens", "seconds"])
def test_reasoning_that_is_too_long_is_ended_and_answered_from(
    home: Path, server: ScriptedServer, start: Callable[..., PtyApp], by: str
) -> None:
    if by == "loop and Enter":
        steps = [Think("and so we think it over once again ")] * 60
        server.answers.append(Answer([*steps, Hang()]))
    else:
        (home / "config").mkdir()
        limit = f"reasoning_budget_{by} = {20 if by == 'tokens' else 1}"
        (home / "config" / "settings.toml").write_text(f"[chat]\n{limit}\n")
        server.answers.append(Answer([Think(f"step {n}, ") for n in range(400)], rate=30))
    server.answers.append(answer("Then the answer."))
    app = start("--host", server.url)
    typed(app, "Think about it")
    app.send("enter")
    if by == "loop and Enter":
        app.wait_for("The reasoning repeats itself", "Enter or F4")
        assert len(server.sent_to("/api/chat")) == 1
        app.send("enter")
    app.wait_for("Then the answer.", "Thought for")
    app.wait_gone("Esc stop")
    first, second = (request.json for request in server.sent_to("/api/chat"))
    assert second["messages"][:-1] == first["messages"]
    assert second["messages"][-1]["role"] == "assistant"
    reasoning = second["messages"][-1]["thinking"]
    assert reasoning.startswith(("and so we think", "step 0, step 1,"))
    if by != "loop and Enter":
        assert 10 < reasoning.count("step") < 100
    last = stored(home)[0]["messages"][-1]
    assert (last["status"], last["reasoning"]) == (MessageStatus.COMPLETE, reasoning)
    assert last["content"].strip() == "Then the answer."
