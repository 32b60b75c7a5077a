"""What a newcomer reads in the terminal: why, which key, which model, how sure a figure is."""

from __future__ import annotations

import asyncio
import tomllib
from pathlib import Path

import pytest

from r1tui.screens.settings.keymap import check
from tests.support.pty_app import PtyApp
from tests.support.script import answer
from tests.support.scripted import ScriptedServer
from tests.support.steps import SIZES, Start, opened_on, sees


@SIZES
@pytest.mark.parametrize("key", ["?", "？"])
def test_setup_says_why_before_there_is_a_server(pty_app: Start, size: tuple[int, int], key: str) -> None:
    app = pty_app("--host", "http://127.0.0.1:9", size=size)
    app.wait_for("Use a server somewhere else")
    app.send(key)
    app.wait_for("R1TUI is the window")
    app.send("end")
    app.wait_match(
        r"every user of this machine can talk to it".replace(" ", r"[\s│]+")
    )  # over lines of a frame
    app.send("escape")
    app.wait_for("Use a server somewhere else")


@SIZES
async def test_the_help_names_the_id_of_every_key(
    scripted: ScriptedServer, pty_app: Start, size: tuple[int, int]
) -> None:
    app = await opened_on(pty_app, scripted, size=size)
    app.send("f1")
    await sees(app, "chat.fold", "chat.new", "chat.models")
    await sees_by_paging(app, "app.palette")
    await sees_by_paging(app, "[keys]")


async def sees_by_paging(app: PtyApp, text: str) -> None:
    """Page down until a text shows; each page is drawn before the next is asked for, so that none is passed over."""
    while text not in (page := app.screen_text()):
        app.send("pagedown")
        await asyncio.to_thread(app.wait_changed, page)  # not at the end
        await asyncio.to_thread(app.wait_quiet, 0.3)


async def test_the_settings_file_shows_how_a_key_is_changed(
    scripted: ScriptedServer, pty_app: Start, tmp_path: Path
) -> None:
    app = await opened_on(pty_app, scripted)
    app.send("ctrl+p")
    await sees(app, "What do you want to do?")
    app.send("settings")
    await sees(app, "Settings")
    await asyncio.to_thread(app.wait_quiet)
    app.send("enter")
    await sees(app, "Language")
    app.send("ctrl+q")
    await asyncio.to_thread(app.wait_exit)
    file = tmp_path / "home" / "config" / "settings.toml"
    text = file.read_text()
    assert "keys" not in tomllib.loads(text)
    head, _, keys = text.partition("# [keys]\n")
    file.write_text(head + "[keys]\n" + keys.replace("# ", "").replace('"ctrl+t"', '"f10"'))
    shown = tomllib.loads(file.read_text())["keys"]
    assert check(shown) == (shown, [])  # every id of the example is one
    again = await opened_on(pty_app, scripted)
    await sees(again, "deepseek-r1:1.5b", "F10 fold")


@SIZES
async def test_the_best_deepseek_r1_that_is_there_is_selected_at_the_first_start(
    pty_app: Start, size: tuple[int, int]
) -> None:
    async with ScriptedServer() as server:
        for name, family in (("a-model:7b", "llama"), ("deepseek-r1:1.5b", "qwen2"), ("zebra:1b", "llama")):
            server.add(name, family=family)
        app = await opened_on(pty_app, server, size=size)
        await asyncio.to_thread(app.wait_match, r"^ New conversation +deepseek-r1:1\.5b")


@SIZES
async def test_only_what_has_answered_is_called_measured(
    scripted: ScriptedServer, pty_app: Start, size: tuple[int, int]
) -> None:
    scripted.answers.append(answer("That is said.", counts=(100, 5.0)))
    app = await opened_on(pty_app, scripted, size=size)
    app.send("ctrl+g")
    await sees(app, "a guess until")
    assert ", measured" not in app.screen_text()
    app.send("escape")
    await asyncio.to_thread(app.wait_quiet)
    app.write("Who are you?")
    await sees(app, "› Who are you?")
    app.send("enter")
    await sees(app, "That is said.")
    app.send("ctrl+g")
    await sees(app, "yes, measured", "reckoned from")
    # 20 tokens/s with an empty context are 19 with one that is filled as in a typical answer; nothing is cut.
    await asyncio.to_thread(app.wait_match, r"1\.5b .*yes, measured +19 +1:0\d")
    await asyncio.to_thread(app.wait_match, r" 8b .* \d\.\d-\d\.\d +\d+:\d\d")
    assert app.screen_text().count(", measured") == 1
