"""A GGUF file of this machine becomes a model by keys alone, with no registry in sight."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import ollama
import pytest

from r1tui.services.models.gguf_import import R1_TEMPLATE
from tests.real.test_commands_pty import command, opened
from tests.support import patience
from tests.support.ollama_server import OllamaServer
from tests.support.pty_app import PtyApp
from tests.support.shown_notices import wait_said
from tests.support.steps import Start, machine_is_read, press, typed

pytestmark = pytest.mark.real

NewServer = Callable[..., OllamaServer]

_NAME_INSIDE = b"Smollm2 135M 8k Lc100K Mix1 Ep2"
_R1_INSIDE = b"DeepSeek R1 Distill Smol 135M 1"
FILE = "DeepSeek-R1-Distill-Smol-Q4_1.gguf"
MODEL = "deepseek-r1-distill-smol:q4_1"
"""The name that is made of the file's."""


@pytest.fixture
def r1_file(real_server: OllamaServer, tmp_path: Path) -> Path:
    """The small model under the name of an R1 distill: other bytes than any server has."""
    file = tmp_path / FILE
    shutil.copyfile(real_server.gguf, file)
    with file.open("r+b") as header:
        at = header.read(4096).index(_NAME_INSIDE)
        header.seek(at)
        header.write(_R1_INSIDE)
    return file


def _type_path(app: PtyApp, path: Path) -> None:
    """Type the file's path and take over the name that is made of it."""
    app.wait_for("GGUF file: type its path")
    app.wait_quiet(0.3)
    app.write(str(path))
    app.wait_for(path.name)
    press(app, "enter")


@contextlib.contextmanager
def _stands_still_at_the_first_byte(server: OllamaServer) -> Iterator[threading.Event]:
    """Stop the server as soon as it writes an upload to its disk; it goes on when the block ends."""
    blobs, caught, over = server.models_dir / "blobs", threading.Event(), threading.Event()
    before = set(os.listdir(blobs))

    def watch() -> None:
        while not over.wait(0.001):
            if set(os.listdir(blobs)) - before:
                os.kill(server.pid, signal.SIGSTOP)
                caught.set()
                return

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield caught
    finally:
        over.set()
        thread.join()
        os.kill(server.pid, signal.SIGCONT)


def test_setup_makes_a_thinking_model_of_a_file_and_chats_with_it(
    private_server: NewServer, pty_app: Start, r1_file: Path
) -> None:
    server = private_server(models=False)
    app = pty_app("--host", server.url, size=(100, 24))
    machine_is_read(app)
    press(app, "end")
    app.send("enter")
    _type_path(app, r1_file)
    app.wait_for(MODEL)
    app.send("enter")
    app.wait_for("Ask anything", MODEL, timeout=60)
    made = ollama.Client(server.url).show(MODEL)
    assert made.template == R1_TEMPLATE
    assert "temperature                    0.6" in str(made.parameters)
    assert "thinking" in (made.capabilities or [])
    typed(app, "Hello")
    app.send("enter")
    app.wait_match("Thinking|Thought for", timeout=180)


def test_an_upload_that_is_stopped_halfway_leaves_nothing(
    private_server: NewServer, pty_app: Start, r1_file: Path
) -> None:
    server = private_server()
    blobs = server.models_dir / "blobs"
    before, models = set(os.listdir(blobs)), server.installed()
    app = opened(pty_app, server, server.plain)
    command(app, "g", "GGUF file: type its path")
    _type_path(app, r1_file)
    with _stands_still_at_the_first_byte(server) as caught:
        app.send("enter")
        assert caught.wait(60)
        app.wait_for("Importing", "Esc stops", "of 197 MB")
        app.send("escape")
        app.wait_for("Stopped; nothing was changed.")
    deadline = time.monotonic() + patience.SECONDS
    while set(os.listdir(blobs)) != before:
        assert time.monotonic() < deadline, "half an upload has stayed"
        time.sleep(0.05)
    assert server.installed() == models


def test_a_file_is_picked_from_the_folders_and_one_that_is_no_gguf_is_one_sentence(
    private_server: NewServer, pty_app: Start, tmp_path: Path
) -> None:
    server = private_server()
    folder = tmp_path / "home" / "A folder"
    folder.mkdir(parents=True)
    (folder / "broken.gguf").write_bytes(b"GIF89a" * 1000)
    (folder / "whole.gguf").symlink_to(server.gguf)
    (folder / "notes.txt").write_text("not to be offered")
    models = server.installed()
    app = opened(pty_app, server, server.plain)
    for name, moves in (("broken", 1), ("whole", 2)):
        command(app, "g", "GGUF file: type its path", "+ A folder")
        press(app, "tab", "tab", "down", "enter")
        app.wait_for("broken.gguf", "whole.gguf")
        assert "notes.txt" not in app.screen_text()
        press(app, *["down"] * moves)
        app.send("enter")
        app.wait_match(rf"Name of the new model\W+{name}\s")
        app.wait_quiet(0.3)
        app.send("enter")
        if name == "broken":
            wait_said(app, "is not a GGUF file")
            assert server.installed() == models
    wait_said(app, "whole was made.", timeout=60)
    assert server.installed() == ["whole:latest", *models]
