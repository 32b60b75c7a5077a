"""Moving the models in the running app: what is said, and that Esc leaves everything as it was."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest

from r1tui.screens.dialogs.confirm import ChoiceScreen
from r1tui.screens.dialogs.pick import LineScreen
from r1tui.screens.models.upload import TransferScreen
from tests.support.scripted import ScriptedServer
from tests.ui.app_kit import Chat, running
from tests.ui.test_settings_live import on_our_own_server


async def where_to(chat: Chat, folder: Path) -> None:
    """The command of the menu, and the folder."""
    await chat.press("f8", "o")
    await chat.opened(LineScreen)
    await chat.press("ctrl+u", *str(folder), "enter")


async def test_esc_in_the_middle_leaves_models_setting_and_server_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old_file, go_on = old / "manifests" / "library" / "tiny", threading.Event()
    old_file.parent.mkdir(parents=True)
    old_file.write_text("{}")
    monkeypatch.setenv("OLLAMA_MODELS", str(old))
    real = os.fsync

    def refuse(*_: object) -> None:
        raise OSError(errno.EXDEV, "two disks")

    def sync(descriptor: int) -> None:
        if os.readlink(f"/proc/self/fd/{descriptor}").endswith(".moving"):
            go_on.wait()
        real(descriptor)

    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(os, "fsync", sync)
    async with on_our_own_server(tmp_path) as chat:
        await where_to(chat, new)
        await chat.opened(ChoiceScreen)
        await chat.sees("Move 1 model", "copied and checked")
        await chat.press("down", "enter")
        await chat.opened(TransferScreen)
        await chat.until(lambda: list(new.rglob("*.moving")))
        await chat.press("escape")
        go_on.set()
        await chat.until(lambda: any("The models are where they were" in each for each in chat.notices))
        own = await chat.screen.server.own()
        assert own is not None
        assert own.models_folder == old
        assert old_file.exists()
        assert not new.exists()
        assert chat.screen.services.settings.server.models == ""
        await chat.press("escape")
        await chat.ask("hello")
        await chat.answered()


async def test_what_cannot_be_is_one_sentence_and_nothing_is_asked(
    scripted: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(scripted) as chat:
        await chat.press("f8", "o")
        await chat.until(lambda: any("not started by R1TUI" in each for each in chat.notices))
    (tmp_path / "old").mkdir()
    monkeypatch.setenv("OLLAMA_MODELS", str(tmp_path / "old"))
    async with on_our_own_server(tmp_path) as chat:
        await where_to(chat, tmp_path / "no" / "such")
        await chat.until(lambda: any("it is not there" in each for each in chat.notices))
