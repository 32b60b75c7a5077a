"""Hostile text that a person types, pastes, picks or runs, by keys: the terminal gets none of it as control."""

from __future__ import annotations

import asyncio
import math
import shlex
from pathlib import Path

import pytest

from tests.real.test_hostile import HOSTILE, harmless
from tests.support.pty_app import PtyApp
from tests.support.script import Answer, Say, Think
from tests.support.scripted import ScriptedServer
from tests.support.steps import Start, gone, opened_on, quiet, sees

SHOWN = "[bold red]markup[/bold red]"
WIDE = (150, 50)
NAME = "".join(char for char in HOSTILE if char not in "/\x00").encode()[:180].decode(errors="ignore")
"""A name that a file system takes."""


async def opened_part(app: PtyApp, words: str, title: str) -> None:
    """Open a live part of the guide by the palette."""
    app.send("ctrl+p")
    await sees(app, "What do you want to do?")
    app.write(words)
    await asyncio.to_thread(app.wait_match, rf"{words}: ")
    await quiet(app)
    app.send("enter")
    await sees(app, title)


@pytest.mark.parametrize("part", ["Next token", "Tokens", "Think or not", "The vote"])
async def test_what_is_pasted_into_the_guides_live_parts_and_what_comes_back(
    scripted: ScriptedServer, pty_app: Start, part: str
) -> None:
    pasted = HOSTILE.replace("\x00", "")
    scripted.answers += [Answer([Think(HOSTILE), Say(HOSTILE)])] * 5
    app = await opened_on(pty_app, scripted, size=WIDE)
    await opened_part(app, part, f"{part} · ")
    app.send("ctrl+u")
    app.paste(f"so {pasted}")
    await asyncio.to_thread(app.wait_match, "markup|\\$primary")  # as much as the field has room for
    await quiet(app)
    harmless(app)
    for request in ("", HOSTILE):
        scripted.likely[request] = [(HOSTILE, math.log(0.6)), ("\x1b[2J", math.log(0.2))]
    app.send("enter")
    await quiet(app)
    if part in ("Think or not", "The vote"):
        await sees(app, SHOWN)
    harmless(app)
    app.send("escape", "escape")
    await gone(app, f"{part} · ")
    harmless(app)


async def test_files_of_hostile_names_and_texts_are_picked_shown_and_sent(
    scripted: ScriptedServer, pty_app: Start, tmp_path: Path
) -> None:
    folder = tmp_path / f"work {NAME}"
    folder.mkdir()
    (folder / f"one\nline {NAME}").write_text(HOSTILE.replace("\x00", "") + "\nwords\n" * 90)
    (folder / "two\x1b]0;PWNED\x07.txt").write_bytes(b"\xff\xfea\x00\x1b\x00]\x000\x00;\x00")
    app = await opened_on(pty_app, scripted, cwd=folder, size=WIDE)
    app.send("@")
    await sees(app, "Attach a file of", "one", "two")
    app.paste(HOSTILE[5:40])
    await gone(app, "two")
    harmless(app)
    app.send("ctrl+u")
    await sees(app, "two")
    app.write("markup")
    await gone(app, "two")
    await quiet(app)
    app.send("enter")
    await gone(app, "Attach a file of")
    await sees(app, "Tab attached")
    app.send("tab", "space")
    await sees(app, "markup[/bold red]")  # its beginning may stand at the end of the line above
    harmless(app)
    app.send("escape")
    await gone(app, "markup[/bold red]")
    app.send("escape")
    await quiet(app)
    scripted.answers.append(Answer([Say("Seen.")]))
    app.paste(f"why {HOSTILE}")
    await sees(app, "why")
    app.write("\x1b[24~")  # F12
    await sees(app, "file content begin")
    await quiet(app)
    harmless(app)
    app.send("escape")
    await gone(app, "file content begin")
    app.send("enter")
    await sees(app, "Seen.")
    harmless(app)


async def test_a_commands_output_is_shown_and_attached(
    scripted: ScriptedServer, pty_app: Start, tmp_path: Path
) -> None:
    output = tmp_path / "output"
    output.write_bytes(HOSTILE.encode() + b"\xff\x1b[31mPWNED\n" + b"\x1b]0;PWNED\x07" * 3)
    app = await opened_on(pty_app, scripted, size=WIDE)
    app.send("!")
    await sees(app, "$ !")
    app.write(f"cat {shlex.quote(str(output))}")
    app.paste(f" # {HOSTILE}".replace("\n", ""))
    await sees(app, "end")
    await quiet(app)
    app.send("enter")
    await sees(app, "Ended with", SHOWN)
    harmless(app)
    app.send("enter")
    await gone(app, "Ended with")
    await sees(app, "Tab attached")
    app.send("up")
    await quiet(app)
    harmless(app)


async def test_reasoning_is_outlined_and_what_is_looked_for_is_text(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    thought = f"First {HOSTILE}\n\nWait, {HOSTILE}\n\nThird {HOSTILE}"
    scripted.answers.append(Answer([Think(thought), Say("So.")]))
    app = await opened_on(pty_app, scripted, size=WIDE)
    app.paste(f"Tell {HOSTILE}")
    await sees(app, "Tell")
    app.send("enter")
    await asyncio.to_thread(app.wait_answers, 1)
    app.send("ctrl+up")
    await quiet(app)
    for key, title in (
        ("t", "Third"),
        ("ctrl+r", "Earlier prompts"),
        ("f6", "Today"),
        ("ctrl+p", "What do you want to do?"),
    ):
        app.send(key)
        await sees(app, title)
        app.paste(HOSTILE[:60])
        await quiet(app)
        harmless(app)
        app.send("escape")
        await quiet(app)
    harmless(app)


PASTED = HOSTILE.replace("\x00", "").replace("\x07", "")
"""As a terminal would paste it; it takes these two out."""


async def test_what_is_looked_for_and_set_in_the_settings_is_text(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    app = await opened_on(pty_app, scripted, size=WIDE)
    app.send("ctrl+p")
    await sees(app, "What do you want to do?")
    app.write("Settings")
    await quiet(app)
    app.send("enter")
    await sees(app, "Settings", "settings.toml")
    app.write("/")
    app.paste(PASTED)
    await sees(app, "Nothing is found")
    await quiet(app)
    harmless(app)
    app.send("escape")
    await gone(app, "Nothing is found")
    for name, kept in (("Model to begin with", True), ("Command when done", True), ("Context length", False)):
        await sees(app, "Blinking cursor", "Enter Change")
        app.write("/")
        app.write(name)
        await gone(app, "Blinking cursor")
        app.send("enter")
        await sees(app, name, "Enter Change")
        app.send("enter")
        await sees(app, "Enter takes it")
        app.paste(PASTED)
        await asyncio.to_thread(app.wait_match, r"PWNED|\$primary end")
        app.send("enter")
        if kept:
            await gone(app, "Enter takes it")
        harmless(app)
        if not kept:
            app.send("escape")
            await gone(app, "Enter takes it")
        app.send("escape")
    await sees(app, "Blinking cursor")
    harmless(app)


async def test_encodings_and_lines_of_a_hostile_file_and_what_is_said_of_them(
    scripted: ScriptedServer, pty_app: Start, tmp_path: Path
) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / f"big {NAME}").write_bytes(
        b"\x9b31m\x9d0;PWNED\x9c \x1b]0;PWNED\x07" + b"a caf\xe9 and many words\n" * 20_000
    )
    app = await opened_on(pty_app, scripted, cwd=folder, size=WIDE)
    app.send("@")
    await sees(app, "Attach a file of", "markup")
    await quiet(app)
    app.send("enter")
    await gone(app, "Attach a file of")
    await sees(app, "Tab attached")
    app.send("tab")
    await sees(app, "e encoding")
    for _ in range(7):  # once through all of them
        app.send("e")
        await quiet(app)
        harmless(app)
    app.send("space")
    await quiet(app)
    harmless(app)
    app.send("escape")
    await quiet(app)
    app.send("escape")
    await sees(app, "Tab attached")
    app.write("why?")
    app.send("enter")
    await sees(app, "Lines of it that you name")
    harmless(app)
    app.send("down", "down", "enter")
    await sees(app, "Which of the")
    app.paste(PASTED)
    await sees(app, "markup")
    app.send("enter")
    await gone(app, "Which of the")
    await quiet(app)
    harmless(app)
    app.write("\x1bn")  # Alt+N
    await sees(app, "Notices", "markup")
    app.send("y")
    app.write("Y")
    await quiet(app)
    app.send("escape")
    await gone(app, "Notices")
    harmless(app)


async def test_conversations_are_looked_for_named_and_deleted_as_text(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    scripted.answers.append(Answer([Say(f"So {HOSTILE}")]))
    app = await opened_on(pty_app, scripted, size=WIDE)
    app.paste(f"Tell {PASTED}")
    await sees(app, "Tell")
    app.send("enter")
    await asyncio.to_thread(app.wait_answers, 1)
    app.send("f6")
    await sees(app, "Today")
    app.write("r")
    await quiet(app)
    app.paste(f"named {PASTED}")
    await sees(app, "$primary end  │")
    harmless(app)
    app.send("enter")
    await quiet(app)
    harmless(app)
    app.write("/")
    app.paste("markup")
    await quiet(app)
    harmless(app)
    app.paste(PASTED)
    await quiet(app)
    harmless(app)
    app.send("escape")
    await quiet(app)
    app.write("d")
    await quiet(app)
    harmless(app)
    app.send("escape")
    await quiet(app)
    app.send("escape")
    await quiet(app)
    app.write("\x1bn")
    await quiet(app)
    harmless(app)
