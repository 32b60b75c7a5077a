"""Text that comes in one burst with the key that leaves a screen is for what that leads to; no letter of it is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.events import Key

from r1tui.screens.chat.screen import ChatScreen
from r1tui.toolkit.patches.terminal_reader import REPLY, TORN, TerminalReader
from r1tui.toolkit.typing import AltKey
from tests.screenshots import gallery
from tests.screenshots.gallery import SCENES, Stage, stage
from tests.support.pty_app import start_r1tui
from tests.support.scripted import ScriptedServer

STAYS = {"history-search", "settings-search", "keys", "key-press", "import"}
"""Esc goes back within these, or leads to another page; the import is waited for."""
LEFT = [each.name for each in SCENES.values() if each.kind is not ChatScreen and each.name not in STAYS]
BY_ENTER = ["pick-thinking", "pick-file", "line", "text-editor", "choice", "quit"]
"""Enter leaves these, with nothing that follows but the conversation."""


@asynccontextmanager
async def shown(name: str) -> AsyncIterator[Stage]:
    """The app with a screen on it."""
    async with stage("en", (80, 24)) as play:
        await SCENES[name].show(play)
        await gallery.settled(play)
        play.chat.prompt.set_draft("")
        yield play


async def test_every_screen_hands_on_what_comes_with_the_esc_that_leaves_it() -> None:
    async with stage("en", (80, 24)) as play:
        for name in LEFT:
            await play.clear()
            await SCENES[name].show(play)
            await gallery.settled(play)
            for key in ("escape", *"hello"):
                play.app.post_message(Key(key, key if len(key) == 1 else None))
            try:
                await play.until(lambda: play.app.screen is play.chat and play.chat.prompt.text == "hello")
            except AssertionError:
                raise AssertionError(f"{name}: {play.chat.prompt.text!r}") from None


@pytest.mark.parametrize("name", BY_ENTER)
async def test_what_comes_with_the_enter_that_leaves_a_dialogue_is_for_the_prompt(name: str) -> None:
    async with shown(name) as play:
        for key in ("enter", *"hello"):
            play.app.post_message(Key(key, key if len(key) == 1 else None))
        await play.until(lambda: play.chat.prompt.text == "hello" or play.app.screen is not play.chat)
        await play.until(lambda: play.chat.prompt.text == "hello")


# The reader


def told(*pieces: str, pause: float = 0.0, late: float = 0.0) -> list[str]:
    """Keys that a reader hears in what comes piece by piece, with so many seconds between; nothing follows for `late`."""
    reader = TerminalReader()
    heard: list[Key] = []
    for piece in pieces:
        heard += [each for each in reader.feed(piece) if isinstance(each, Key)]
        reader._arrived -= pause
    reader._arrived -= late
    heard += [each for each in reader.tick() if isinstance(each, Key)]
    return [
        "|".join(["".join(part.key for part in each.apart), each.key])
        if isinstance(each, AltKey) and each.apart
        else each.key
        for each in heard
    ]


@pytest.mark.parametrize(
    ("sent", "heard"),
    [
        (["\x1b", "hi"], ["escape", "h", "i"]),
        (["\x1b", "x" * 40], ["escape", *"x" * 40]),
        (["\x1b", "\r"], ["escape", "enter"]),
        (["\x1b", "\x10"], ["escape", "ctrl+p"]),
        (["\x1b", "\x1b", "[A"], ["escape", "up"]),
        (["\x1b", "[A"], ["up"]),
        (["\x1b[", "A"], ["up"]),
        (["\x1bO", "P"], ["f1"]),
    ],
)  # fmt: skip
def test_text_read_after_an_esc_is_no_alt_and_a_torn_sequence_is_one(
    sent: list[str], heard: list[str]
) -> None:
    assert told(*sent, pause=2 * TORN) == heard


@pytest.mark.parametrize(
    ("sent", "heard"),
    [
        ("\x1b", ["escape"]),
        ("\x1bh", ["alt+h"]),
        ("\x1bV", ["alt+shift+v"]),
        ("\x1b\x7f", ["ctrl+w"]),
        ("\x1b\x10", ["escape", "ctrl+p"]),
        ("\x1b\x1bhi", ["escape", "escapeh|alt+h", "i"]),
        ("\x1bhi", ["escapeh|alt+h", "i"]),
        ("\x1bfoo", ["escapef|ctrl+right", "o", "o"]),
        ("\x1bOh", ["escapeO|alt+shift+o", "h"]),
        ("\x1bO\x1b[1:2:3u", ["escapeO|alt+shift+o"]),
        ("\x1b[M\x1b[Ab", ["escapeleft_square_bracket|left_square_bracket", "M", "up", "b"]),
        ("\x1b你好", ["escape你|alt+你", "好"]),
        ("\x1b" + "x" * 40, ["escapex|alt+x", *"x" * 39]),
        ("\x1bPlease", ["escapeP|alt+shift+p", *"lease"]),
    ],
)  # fmt: skip
def test_alt_may_be_esc_where_more_comes_with_it(sent: str, heard: list[str]) -> None:
    assert told(sent, late=1) == heard


REPLIES = [
    "\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\", "\x1b]11;rgb:1e1e/1e1e/1e1e\x07", "\x1b]52;c;cm0gLXJm\x07", "\x1b[?62;22c",
    "\x1b[>41;354;0c", "\x1b[?1u", "\x1bP>|XTerm(354)\x1b\\", "\x1bP1$r0m\x1b\\", "\x1b_Gi=31;OK\x1b\\", "\x1b[0n",
    "\x1b[8;24;80t", "\x1b[?997;1n", "\x1b[?2026;0$y",
]  # fmt: skip


@pytest.mark.parametrize("reply", REPLIES)
def test_a_reply_to_another_programs_query_is_typed_nowhere(reply: str) -> None:
    for at in range(1, len(reply)):
        assert told("a", reply[:at], reply[at:] + "b") == ["a", "b"]
    assert told("a" + reply + "\x1b[Ab") == ["a", "up", "b"]


def test_a_reply_that_does_not_end_holds_nobody_up() -> None:
    reader = TerminalReader()
    assert not list(reader.feed("\x1b]52;c;QUJD"))
    assert not list(reader.feed("REVG"))
    reader._arrived -= REPLY
    assert not list(reader.tick())
    assert [each.key for each in reader.feed("x") if isinstance(each, Key)] == ["x"]


@pytest.mark.parametrize(
    "sent",
    ["\x1b[99999999u", "\x1b[1114112u", "\x1b[97;1;9999999999u", "\x1b[<9999999999999999999999;1;1M", "\x1b[" + "9" * 5000 + "R"],
)  # fmt: skip
def test_no_number_in_a_sequence_ends_the_reader(sent: str) -> None:
    assert told(sent, "x", late=1)[-1:] == ["x"]


@pytest.mark.parametrize(
    ("key", "sent"),
    [
        ("f8", b"\x1bhello"),
        ("f6", b"\x1bgood morning, how many apples are there in a box"),
        ("ctrl+p", b"\x1b\xe4\xbd\xa0\xe5\xa5\xbd"),
        ("f7", b"\x1b1 apple"),
    ],
)
async def test_a_burst_of_esc_and_text_leaves_a_dialogue_and_is_in_the_prompt(
    scripted: ScriptedServer, tmp_path: Path, key: str, sent: bytes
) -> None:
    app = await asyncio.to_thread(start_r1tui, tmp_path, "--host", scripted.url)
    try:
        await asyncio.to_thread(app.wait_for, "deepseek-r1")
        before = app.screen_text()
        app.send(key)
        await asyncio.to_thread(app.wait_for, "Esc")
        await asyncio.to_thread(app.wait_changed, before)
        app.write(sent)
        await asyncio.to_thread(app.wait_for, " › " + sent[1:].decode())
    finally:
        app.close()
