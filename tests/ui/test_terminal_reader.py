"""What a terminal sends is read without mistaking what was pasted for keys."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual import events

from r1tui.toolkit.patches.terminal_reader import LOST, TerminalReader
from tests.support.pty_app import start_r1tui
from tests.support.scripted import ScriptedServer

LOG = "a \x1b[31mred\x1b[0m log\r\x1b]0;title\x07second\r\x1b[200~\x1b"


def told(*pieces: str) -> list[str]:
    """The pastes and keys that a reader hears in what comes piece by piece."""
    reader = TerminalReader()
    heard: list[str] = []
    for piece in pieces:
        for event in reader.feed(piece):
            if isinstance(event, events.Paste):
                heard.append(f"pasted {event.text}")
            elif isinstance(event, events.Key):
                heard.append(event.key)
    return heard


def test_escape_sequences_in_a_paste_are_pasted_as_signs_however_the_line_cuts_it() -> None:
    sent = f"x\x1b[200~{LOG}\x1b[201~y\x1b[Az"
    wanted = ["x", "pasted " + LOG.replace("\x1b", "␛"), "y", "up", "z"]
    assert told(sent) == wanted
    assert told(*sent) == wanted
    for at in range(1, len(sent)):
        assert told(sent[:at], sent[at:]) == wanted


@pytest.mark.parametrize(("sent", "key"), [("\x1b", "escape"), ("\x03", "ctrl+c")])
def test_esc_and_ctrl_c_end_a_paste_whose_end_was_lost(sent: str, key: str) -> None:
    reader = TerminalReader()
    assert not list(reader.feed("\x1b[200~one\rtwo"))
    reader._arrived -= 2 * LOST
    heard = [*reader.feed(sent)]
    reader._arrived -= 2 * LOST
    heard += [*reader.feed("x")]
    assert [each.text for each in heard if isinstance(each, events.Paste)] == ["one\rtwo"]
    assert [each.key for each in heard if isinstance(each, events.Key)] == [key, "x"]


def test_a_paste_that_stands_still_before_its_torn_end_is_one_paste() -> None:
    reader = TerminalReader()
    heard = [*reader.feed("\x1b[200~one")]
    reader._arrived -= 2 * LOST
    heard += [*reader.feed("\x1b"), *reader.feed("[201~"), *reader.feed("x")]
    assert [each.text for each in heard if isinstance(each, events.Paste)] == ["one"]
    assert [each.key for each in heard if isinstance(each, events.Key)] == ["x"]


def test_keys_between_two_pastes_are_keys() -> None:
    assert told("\x1b[200~one\x1b[201~\r\x1b[B\x1b[200~two\x1b[201~\r") == [
        "pasted one", "enter", "down", "pasted two", "enter",
    ]  # fmt: skip


def test_long_lines_that_come_at_once_are_handed_on_as_lines_in_their_order() -> None:
    lines = "a line of a log\r" * 200
    assert told("x", lines, "y", lines.replace("\r", "\r\n"), "z" * 1000) == [
        "x", "pasted " + lines.replace("\r", "\n"), "y", "pasted " + lines.replace("\r", "\n"), "pasted " + "z" * 1000,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "sent", ["a typed line " * 100 + "\r", "x" * 1000, "one\rtwo\r", "\x1b[31mred\r" * 200]
)
def test_what_may_be_typed_stays_keys(sent: str) -> None:
    assert not [heard for heard in told(sent) if heard.startswith("pasted")]


@pytest.mark.parametrize(
    "sent",
    [b"\x1b[200~" + b"a \x1b[31mred\x1b[0m log\r\x1b]0;title\x07 second\r" * 20 + b"\x1b[201~", b"caf\xe9 "],
)
async def test_the_app_goes_on_hearing_keys_and_sends_nothing_by_itself(
    scripted: ScriptedServer, tmp_path: Path, sent: bytes
) -> None:
    app = await asyncio.to_thread(start_r1tui, tmp_path, "--host", scripted.url)
    try:
        await asyncio.to_thread(app.wait_for, "deepseek-r1")
        app.write(sent)
        app.send("end", "the rest")
        await asyncio.to_thread(app.wait_for, "the rest")
        assert scripted.sent_to("/api/chat") == []
        app.send("enter")
        await asyncio.to_thread(app.wait_for, "tokens/s ·")
        assert scripted.sent_to("/api/chat")[-1].json["messages"][-1]["content"].endswith("the rest")
    finally:
        app.close()
