"""A key changed by pressing it, at a terminal of 80 columns and in both languages."""

from __future__ import annotations

import asyncio
import tomllib
from pathlib import Path

import pytest

from tests.support.pty_app import PtyApp
from tests.support.scripted import ScriptedServer
from tests.support.steps import SCRIPTED_MODEL, Start, gone, sees

WORDS = {
    "C.UTF-8": (
        "What do you want to do?",
        "Settings",
        "Everything that can be set",
        "Interface",
        "Keys of the commands",
        "Press the key for it",
        "is taken",
        "F10 fold",
        "Title of the window",
    ),
    "zh_CN.UTF-8": (
        "想做什么？",
        "设置",
        "所有可以设置的选项",
        "界面",
        "命令的按键",
        "请按新的键",
        "已被占用",
        "F10 收起思考",
        "窗口标题",
    ),
}


@pytest.mark.parametrize("language", list(WORDS))
async def test_a_key_is_searched_for_pressed_and_holds_at_once(
    scripted: ScriptedServer, pty_app: Start, tmp_path: Path, language: str
) -> None:
    field, command, about, section, keys, press, taken, status, near = WORDS[language]
    app: PtyApp = pty_app("--host", scripted.url, env={"LANG": language})
    await sees(app, SCRIPTED_MODEL)
    app.send("ctrl+p")
    await sees(app, field)
    app.write(command)
    await sees(app, about)  # the cursor is on it
    app.send("enter")
    await sees(app, "settings.toml", section)
    app.write("[keys]")  # found by what the file calls it
    await gone(app, section)
    app.send("enter", "enter")
    await sees(app, keys, "Ctrl+T")
    app.write("chat.fold")
    await gone(app, "Ctrl+N")
    app.send("enter", "enter")
    await sees(app, press)
    app.send("f6")
    await sees(app, taken)
    app.send("enter")
    await gone(app, taken)
    await sees(app, press)
    app.send("ctrl+c")  # refused, and nothing ends
    await asyncio.to_thread(app.wait_match, "Ctrl\\+C \\S+")
    app.send("f10")
    await gone(app, press)
    await asyncio.to_thread(app.wait_match, "F10 .*Ctrl\\+T")  # the default beside it
    app.send("escape")
    await sees(app, "Ctrl+N")
    app.send("escape")
    await gone(app, "Ctrl+N")
    app.send("escape")
    await sees(app, near)
    app.send("escape")
    await sees(app, status)
    file = tmp_path / "home" / "config" / "settings.toml"
    assert tomllib.loads(file.read_text())["keys"] == {"chat.fold": "f10"}
