"""Pastes in the terminal, with and without the marks by which terminals tell them from typing."""

from __future__ import annotations

import asyncio
import shlex
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.events import Key

from r1tui.toolkit.bursts import QUIET, WITHIN, Bursts, Lines
from tests.support.pty_app import PtyApp, clean_env
from tests.support.script import answer
from tests.support.scripted import ScriptedServer
from tests.support.steps import Start, chats, gone, opened_on, quiet, sees

LINES = "".join(f"line {n} of the log\n" for n in range(1, 13))
ASKED = "have come at once"


# What a burst is


def keys(text: str, at: float) -> list[Key]:
    """The keys of a text, all of which arrived at `at`."""
    names = {"\r": "enter", "\t": "tab", "\x1b": "escape"}
    made = [Key(names.get(each, each), each) for each in text]
    for key in made:
        key.time = at
    return made


def taken(bursts: Bursts, text: str, at: float) -> str:
    """What the prompt gets of keys, at once."""
    return "".join(key.character or "" for each in keys(text, at) for key in bursts.take(each, lambda: False))


def test_an_enter_behind_text_waits_and_is_let_go_where_nothing_follows() -> None:
    bursts = Bursts(lambda: 0)
    assert taken(bursts, "hello\r", 100) == "hello"
    assert bursts.waits
    assert bursts.left(100) == pytest.approx(WITHIN)
    assert [key.key for key in bursts.release()] == ["enter"]
    assert not bursts.waits


def test_an_enter_by_itself_never_waits() -> None:
    bursts = Bursts(lambda: 0)
    assert taken(bursts, "hello", 100) + taken(bursts, "\r", 101) == "hello\r"
    assert not bursts.waits


def test_an_enter_before_more_of_the_same_reading_waits() -> None:
    bursts = Bursts(lambda: 0)
    (enter,) = keys("\r", 100)
    assert bursts.take(enter, lambda: True) == ()
    assert taken(bursts, "next", 100) == ""
    assert bursts.pasted() == ("", "\nnext")


def test_text_behind_an_enter_of_the_same_burst_makes_a_paste() -> None:
    bursts = Bursts(lambda: 0)
    assert taken(bursts, "def f():\r\treturn 1\r\rf()\r", 100) == "def f():"
    assert taken(bursts, "f()\r", 100 + QUIET / 2) == "", "a slow line brings it in pieces"
    assert bursts.left(100 + QUIET / 2) == pytest.approx(QUIET)
    assert bursts.pasted() == ("def f():", "\n\treturn 1\n\nf()\nf()\n")
    assert not bursts.waits


def test_text_after_the_wait_is_typed_even_where_nobody_had_time_for_it() -> None:
    bursts = Bursts(lambda: 0)
    assert taken(bursts, "one\r", 100) == "one"
    assert taken(bursts, "two\r", 100.2) == "\rtwo", "the Enter before it first"
    assert bursts.waits


def test_another_key_lets_an_enter_go_before_it() -> None:
    bursts = Bursts(lambda: 0)
    assert taken(bursts, "one\r\x1b", 100) == "one\r\x1b"
    assert not bursts.waits


def test_lines_read_at_once_are_one_paste_with_what_came_right_before_them() -> None:
    bursts = Bursts(lambda: 0)
    lines, more = Lines("one\rtwo\r"), Lines("three\r\n")
    lines.time = more.time = 100
    assert taken(bursts, "first", 100) == "first"
    assert bursts.take_lines(lines) == ()
    assert taken(bursts, "and", 100) == ""
    assert bursts.take_lines(more) == ()
    assert bursts.pasted() == ("first", "one\ntwo\nandthree\n")


def test_an_enter_of_before_is_let_go_before_lines() -> None:
    bursts = Bursts(lambda: 0)
    taken(bursts, "typed\r", 100)
    lines = Lines("one\rtwo")
    lines.time = 101
    assert [key.key for key in bursts.take_lines(lines)] == ["enter"]
    assert bursts.pasted() == ("", "one\ntwo")


# In the terminal


async def begun(app: PtyApp, text: str) -> None:
    """Write the beginning of a question."""
    app.write(text)
    await sees(app, f"› {text.strip()}")
    await quiet(app)


async def asked_about(app: PtyApp, lines: str, *words: str) -> None:
    """Send lines as a paste without marks does, and wait for the question about them."""
    await asyncio.to_thread(app.write, lines.replace("\n", "\r"))
    await sees(app, f"{len(lines.splitlines()):,} lines {ASKED}", *words)
    await quiet(app)  # nobody answers before it can be read


async def test_a_typed_line_with_its_enter_in_one_write_is_sent(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    app = await opened_on(pty_app, scripted)
    scripted.answers.append(answer("Four."))
    app.write("2 plus 2?\r")
    await sees(app, "Four.")
    assert scripted.sent_to("/api/chat")[0].json["messages"][-1]["content"] == "2 plus 2?"


async def test_lines_that_come_at_once_are_asked_about_and_none_is_sent(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    app = await opened_on(pty_app, scripted)
    await begun(app, "Explain: ")
    await asked_about(app, LINES)
    app.send("down", "enter")
    await gone(app, ASKED)
    await sees(app, "line 12 of the log")
    assert chats(scripted) == 0
    app.send("enter")
    await asyncio.to_thread(app.wait_answers, 1)
    assert scripted.sent_to("/api/chat")[0].json["messages"][-1]["content"] == f"Explain: {LINES}"


async def test_a_megabyte_that_comes_at_once_is_one_attachment(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    app = await opened_on(pty_app, scripted)
    await begun(app, "Why? ")
    await asked_about(app, "".join(f"{n:07} 这一行 of a log\n" for n in range(40_000)))
    app.send("enter")
    await sees(app, "Pasted  40,000 lines")
    assert chats(scripted) == 0


async def test_what_was_written_before_is_left_when_such_lines_are_dropped(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    app = await opened_on(pty_app, scripted)
    await begun(app, "Explain: ")
    await asked_about(app, "first\nsecond\nthird")
    app.send("down", "down", "enter")
    await gone(app, ASKED)
    await gone(app, "first")
    app.write("me")
    await sees(app, "› Explain: me")
    assert chats(scripted) == 0


async def test_esc_at_the_question_puts_short_ones_into_the_prompt(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    app = await opened_on(pty_app, scripted)
    await asked_about(app, "first\nsecond\nthird")
    app.send("escape")
    await gone(app, ASKED)
    await sees(app, "› first", "second", "third")
    assert chats(scripted) == 0


async def test_esc_at_the_question_attaches_many(scripted: ScriptedServer, pty_app: Start) -> None:
    app = await opened_on(pty_app, scripted)
    await asked_about(app, LINES)
    app.send("escape")
    await gone(app, ASKED)
    await sees(app, "Pasted  12 lines")
    assert chats(scripted) == 0


async def test_such_lines_are_asked_about_in_chinese(scripted: ScriptedServer, pty_app: Start) -> None:
    app = await opened_on(pty_app, scripted, env={"LANG": "zh_CN.UTF-8"})
    app.write("第一行\r第二行\r")
    await sees(app, "一次收到 2 行", "放进输入框")
    await quiet(app)
    app.send("enter")
    await sees(app, "› 第一行", "第二行")
    assert chats(scripted) == 0


@pytest.mark.parametrize("text", ["word " * 201, "a line\n" * 9])
async def test_a_long_paste_goes_with_the_question_beside_what_is_written(
    scripted: ScriptedServer, pty_app: Start, text: str
) -> None:
    app = await opened_on(pty_app, scripted)
    scripted.answers.append(answer("It is a list."))
    app.write("What is this?")
    await sees(app, "› What is this?")
    app.paste(text.replace("\n", "\r"))
    app.send("enter")
    await sees(app, "It is a list.")
    sent = scripted.sent_to("/api/chat")[0].json["messages"][-1]["content"]
    whole = text if text.endswith("\n") else text + "\n"
    assert sent.replace("\n\n", "\n") == (
        f"[file name]: Pasted\n[file content begin]\n{whole}[file content end]\nWhat is this?"
    )


@pytest.mark.parametrize("text", ["x" * 1000, "a line\n" * 8])
async def test_a_paste_that_is_not_long_is_written(
    scripted: ScriptedServer, pty_app: Start, text: str
) -> None:
    app = await opened_on(pty_app, scripted)
    app.paste(text)
    await sees(app, f"› {text[:6]}")
    app.send("enter")
    await asyncio.to_thread(app.wait_answers, 1)
    assert scripted.sent_to("/api/chat")[0].json["messages"][-1]["content"] == text


async def test_lines_without_marks_can_be_attached(scripted: ScriptedServer, pty_app: Start) -> None:
    app = await opened_on(pty_app, scripted)
    await begun(app, "Explain")
    await asked_about(app, LINES, "Attach them to the question")
    app.send("enter")  # the first choice for a long one
    await gone(app, ASKED)
    app.send("enter")
    await asyncio.to_thread(app.wait_answers, 1)
    sent = scripted.sent_to("/api/chat")[0].json["messages"][-1]["content"]
    assert sent == f"[file name]: Pasted\n[file content begin]\n{LINES}\n[file content end]\nExplain"


class Tmux:
    """R1TUI in a pane of a tmux of its own."""

    def __init__(self, socket: Path, client: PtyApp) -> None:
        self._socket = socket
        self.client = client

    async def do(self, *words: str, text: str | None = None) -> None:
        command = ["tmux", "-S", str(self._socket), *words]
        await asyncio.to_thread(
            lambda: subprocess.run(command, input=text, text=True, check=True, timeout=30)
        )

    async def paste(self, text: str, *options: str) -> None:
        await self.do("load-buffer", "-", text=text)
        await self.do("paste-buffer", *options)


@asynccontextmanager
async def in_tmux(scripted: ScriptedServer, tmp_path: Path) -> AsyncIterator[Tmux]:
    if not shutil.which("tmux"):
        pytest.skip("tmux is not installed")
    env = clean_env(tmp_path)
    socket, conf = tmp_path / "tmux", tmp_path / "tmux.conf"
    conf.write_text("set -g default-terminal screen-256color\n")
    r1tui = shlex.join([sys.executable, "-m", "r1tui", "--host", scripted.url])
    client = PtyApp(
        ["tmux", "-S", str(socket), "-f", str(conf), "new-session", "-x", "80", "-y", "24", r1tui], env=env
    )
    try:
        await sees(client, "deepseek-r1")
        await quiet(client)
        yield Tmux(socket, client)
    finally:
        command = ["tmux", "-S", str(socket), "kill-server"]
        await asyncio.to_thread(lambda: subprocess.run(command, check=False))
        client.close()


async def test_tmux_pastes_with_marks_into_the_prompt(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with in_tmux(scripted, tmp_path) as tmux:
        await tmux.paste("one\ntwo\nthree\n", "-p")
        await sees(tmux.client, "› one", "two", "three")
        await quiet(tmux.client)
        assert ASKED not in tmux.client.screen_text()
        assert chats(scripted) == 0


@pytest.mark.parametrize("lines", [3, 2000])
async def test_tmux_pastes_without_marks_and_nothing_is_sent(
    scripted: ScriptedServer, tmp_path: Path, lines: int
) -> None:
    async with in_tmux(scripted, tmp_path) as tmux:
        await tmux.paste("".join(f"  line {n}\n" for n in range(lines)))
        await sees(tmux.client, f"{lines:,} lines {ASKED}")
        await quiet(tmux.client)  # nobody answers before it can be read
        if lines > 8:
            await tmux.do("send-keys", "Down")
        await tmux.do("send-keys", "Enter")
        await sees(tmux.client, f"line {lines - 1}")
        await quiet(tmux.client)
        assert chats(scripted) == 0


@pytest.mark.parametrize("first", ["@dataclass", "def f(): @decorated"])
async def test_an_at_sign_of_a_paste_without_marks_asks_for_no_file(
    scripted: ScriptedServer, tmp_path: Path, first: str
) -> None:
    async with in_tmux(scripted, tmp_path) as tmux:
        await tmux.paste(f"{first}\nclass Point:\n    x: int\n")
        await sees(tmux.client, f"3 lines {ASKED}")
        await quiet(tmux.client)  # nobody answers before it can be read
        assert "Attach a file" not in tmux.client.screen_text()
        await tmux.do("send-keys", "Enter")
        await sees(tmux.client, f"› {first}", "class Point:", "    x: int")
        assert chats(scripted) == 0


async def test_a_line_that_ends_with_an_at_sign_and_a_word_is_sent_by_its_enter(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    app = await opened_on(pty_app, scripted)
    scripted.answers.append(answer("An account."))
    app.write("what is @notes\r")
    await sees(app, "An account.")
    await quiet(app)
    assert "Attach a file" not in app.screen_text()
    assert scripted.sent_to("/api/chat")[0].json["messages"][-1]["content"] == "what is @notes"


async def test_tmux_sends_a_line_and_its_enter(scripted: ScriptedServer, tmp_path: Path) -> None:
    scripted.answers.append(answer("Four."))
    async with in_tmux(scripted, tmp_path) as tmux:
        await tmux.do("send-keys", "2 plus 2?", "Enter")
        await sees(tmux.client, "Four.")
        assert scripted.sent_to("/api/chat")[0].json["messages"][-1]["content"] == "2 plus 2?"
