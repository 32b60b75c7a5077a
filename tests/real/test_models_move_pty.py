"""The models of a real server that R1TUI starts are moved to another disk, by keys in a pseudo-terminal."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from r1tui.domain.settings import Settings
from r1tui.services.server.process import OllamaProcess, ProcessError
from r1tui.services.settings import load_settings
from tests.support.ollama_server import OllamaServer
from tests.support.pty_app import ROOT, PtyApp
from tests.support.steps import Start, press, typed

pytestmark = pytest.mark.real


@pytest.fixture
def home(tmp_path: Path, real_server: OllamaServer) -> Iterator[Path]:
    """A home with the test models; its own server ends with the test, even where the app was killed."""
    folder = tmp_path / "home"
    shutil.copytree(real_server.models_dir, folder / "models")
    yield folder
    if (folder / "data").exists():
        asyncio.run(OllamaProcess(folder / "data").stop())


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Another file system, with room for the models. Skips the test where nothing can be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    try:
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=400m", "tmpfs", str(folder)], capture_output=True, text=True
        )
    except FileNotFoundError:
        pytest.skip("no mount here")
    if made.returncode:
        pytest.skip(f"mounting is not allowed here: {made.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def contents(folder: Path) -> dict[str, int]:
    """The files of a folder of models, with their sizes."""
    return {
        str(path.relative_to(folder)): path.stat().st_size for path in folder.rglob("*") if path.is_file()
    }


HELD = """
import time
from r1tui.services.server.models_move import ModelsMove
right = ModelsMove._right
ModelsMove._right = lambda self, copy, source: (
    time.sleep(600) if source.stat().st_size > 90_000_000 else right(self, copy, source)
)
"""
"""Makes a move stand still with the weights copied and not yet checked."""


def on_own_server(pty_app: Start, home: Path, server: OllamaServer, **environ: str) -> PtyApp:
    """R1TUI on the server that it starts now, or that an earlier one has started."""
    env = {"OLLAMA_MODELS": str(home / "models"), **environ}
    own = asyncio.run(_own(home, server))
    app = pty_app("--host", own, "--model", server.model, folder=home, size=(80, 24), env=env)
    app.wait_for("Ask anything", server.model, timeout=60)
    app.wait_quiet()
    return app


async def _own(home: Path, server: OllamaServer) -> str:
    process = _processes(home)
    return (await process.start(server.binary)).url


def _processes(home: Path) -> OllamaProcess:
    (home / "data").mkdir(exist_ok=True)
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(home), "OLLAMA_MODELS": str(home / "models")}
    return OllamaProcess(home / "data", environ, _settings(home).server)


def _settings(home: Path) -> Settings:
    return load_settings(home / "config" / "settings.toml")[0]


def names_at(url: str) -> set[str]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{url}/api/tags", timeout=60) as reply:
        return {model["name"] for model in json.load(reply)["models"]}


def ask_to_move(app: PtyApp, target: Path) -> None:
    """The command, its folder, and yes."""
    app.send("f8")
    app.wait_for("Move the models to another disk")
    app.send("o")
    app.wait_for("Into which folder")
    app.wait_quiet(0.3)
    app.send("ctrl+u")
    typed(app, str(target))
    app.send("enter")


def say_yes(app: PtyApp) -> None:
    app.wait_for("Leave them where they are")
    app.wait_quiet(0.3)
    press(app, "down")
    app.send("enter")


def test_models_go_to_another_disk_and_answer_from_there(
    real_server: OllamaServer, pty_app: Start, home: Path, disk: Path
) -> None:
    before = contents(home / "models")
    app = on_own_server(pty_app, home, real_server)
    ask_to_move(app, disk / "ollama")
    app.wait_for("Move 2 models", "are copied and checked")
    say_yes(app)
    app.wait_for("2 models are in", timeout=120)
    assert contents(disk / "ollama") == before
    assert contents(home / "models") == {}
    own = asyncio.run(_processes(home).own())
    assert own is not None
    assert own.models_folder == disk / "ollama"
    assert _settings(home).server.models == str(disk / "ollama")
    assert names_at(own.url) == {real_server.model, real_server.plain}
    typed(app, "What is 3 plus 5?")
    app.send("enter")
    app.wait_match(r"Thought for|Thinking", timeout=180)


def test_killed_in_the_middle_no_model_is_lost_and_the_next_try_goes_on(
    real_server: OllamaServer, pty_app: Start, home: Path, disk: Path, tmp_path: Path
) -> None:
    before = contents(home / "models")
    (tmp_path / "sitecustomize.py").write_text(HELD)
    app = on_own_server(pty_app, home, real_server, PYTHONPATH=f"{tmp_path}:{ROOT}")
    ask_to_move(app, disk / "ollama")
    say_yes(app)
    deadline = time.monotonic() + 60
    while not any(part.stat().st_size > 90_000_000 for part in disk.glob("ollama/blobs/*.moving")):
        assert time.monotonic() < deadline, app.screen_text()
        time.sleep(0.02)
    app.kill(signal.SIGKILL)
    assert contents(home / "models") == before
    assert _settings(home).server.models == ""
    app = on_own_server(pty_app, home, real_server)
    assert {real_server.model, real_server.plain} == names_at(_url(home))
    ask_to_move(app, disk / "ollama")
    say_yes(app)
    app.wait_for("2 models are in", timeout=120)
    assert contents(disk / "ollama") == before


def _url(home: Path) -> str:
    own = asyncio.run(_processes(home).own())
    assert own is not None
    return own.url


def test_a_disk_that_is_too_small_is_said_before_and_one_that_is_gone_at_the_start(
    real_server: OllamaServer, pty_app: Start, home: Path, disk: Path
) -> None:
    before = contents(home / "models")
    app = on_own_server(pty_app, home, real_server)
    url = _url(home)
    with (disk / "filler").open("wb") as filler:
        for _ in range(380):
            filler.write(bytes(1 << 20))
    ask_to_move(app, disk / "ollama")
    app.wait_for("The models need", "Nothing was changed")
    assert [path.name for path in disk.iterdir()] == ["filler"]
    assert contents(home / "models") == before
    assert names_at(url) == {real_server.model, real_server.plain}, "it was not even stopped"
    app.send("ctrl+q")
    app.wait_exit()
    (home / "config").mkdir(exist_ok=True)
    (home / "config" / "settings.toml").write_text('[server]\nmodels = "/no/such/disk"\n')
    with pytest.raises(ProcessError) as refused:
        asyncio.run(_own(home, real_server))
    assert refused.value.phrase.key == "serve.models_folder"
