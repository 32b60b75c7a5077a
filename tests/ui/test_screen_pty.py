"""R1TUI in a window of GNU screen 4, which reads some sequences in its own way."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.support import patience
from tests.support.pty_app import PtyApp, clean_env
from tests.support.script import Answer, Gate, Say, Think
from tests.support.scripted import ScriptedServer
from tests.support.steps import SCRIPTED_MODEL, chats, quiet, sees

pytestmark = pytest.mark.skipif(not shutil.which("screen"), reason="GNU screen is not installed")
LINES = "".join(f"line {n} of the log\r" for n in range(1, 13))


class Screen:
    """R1TUI in a screen of its own."""

    def __init__(self, env: dict[str, str], client: PtyApp) -> None:
        self._env = env
        self.client = client

    async def do(self, *words: str) -> None:
        await asyncio.to_thread(
            subprocess.run, ["screen", "-S", "r1", "-X", *words], env=self._env, check=True, timeout=30
        )


@asynccontextmanager
async def in_screen(scripted: ScriptedServer, folder: Path, **more: str) -> AsyncIterator[Screen]:
    (folder / "config").mkdir(exist_ok=True)
    (folder / "config" / "settings.toml").write_text("[notify]\nafter = 1\n")
    conf = folder / "screenrc"
    conf.write_text("startup_message off\nvbell off\ndeflogin off\n")
    with tempfile.TemporaryDirectory(prefix="screen") as sockets:  # a socket's path has to be short
        env = clean_env(folder, SCREENDIR=sockets, SYSSCREENRC="/dev/null", **more)
        command = ["screen", "-U", "-c", str(conf), "-S", "r1"]
        client = PtyApp([*command, sys.executable, "-m", "r1tui", "--host", scripted.url], env=env)
        screen = Screen(env, client)
        try:
            await sees(client, SCRIPTED_MODEL)
            await quiet(client)
            yield screen
        finally:
            await asyncio.to_thread(
                subprocess.run, ["screen", "-S", "r1", "-X", "quit"], env=env, check=False
            )
            client.close()


async def test_letters_stand_out_from_their_ground(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with in_screen(scripted, tmp_path, COLORTERM="truecolor") as screen:
        cells = [cell for row in range(24) for cell in screen.client.cells(row) if cell.data.isalnum()]
        assert len(cells) > 200
        assert all(cell.fg != cell.bg or cell.fg == "default" for cell in cells)
        assert len({cell.fg for cell in cells}) > 3


async def test_lines_that_screen_pastes_are_asked_about_and_none_is_sent(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    buffer = tmp_path / "buffer"
    buffer.write_text(LINES)
    async with in_screen(scripted, tmp_path) as screen:
        await screen.do("readbuf", str(buffer))
        await screen.do("paste", ".")
        await sees(screen.client, "12 lines have come at once")
        await quiet(screen.client)  # nobody answers before it can be read
        assert chats(scripted) == 0


@pytest.mark.parametrize("language", ["C.UTF-8", "zh_CN.UTF-8"])
async def test_the_title_holds_no_controls_and_the_bell_rings(
    scripted: ScriptedServer, tmp_path: Path, language: str
) -> None:
    gate = Gate()
    async with in_screen(scripted, tmp_path, LANG=language) as screen:
        client = screen.client
        scripted.answers.append(Answer([Think("Hm."), gate, Say("Yes.")]))
        client.write("Tell me")
        await sees(client, "Tell me")
        client.send("enter")
        await asyncio.wait_for(gate.reached.wait(), patience.SECONDS)
        client.write("\x1b[O")
        await asyncio.to_thread(client.wait_title_like, r"\* .*0:\d\d - R1TUI", 60)
        gate.opened.set()
        await asyncio.to_thread(client.wait_title_like, r"\+ .* - R1TUI", 60)
        await asyncio.to_thread(
            client.wait_until,
            lambda: b"\a" in re.sub(rb"\x1b\][^\a\x1b]*\a", b"", bytes(client.raw)),
            "waiting for the bell",
        )
        titles = re.findall(rb"\x1b\]2;([^\a\x1b]*)(?:\a|\x1b)", bytes(client.raw))
        assert all(each.isascii() and each.decode().isprintable() for each in titles), titles
