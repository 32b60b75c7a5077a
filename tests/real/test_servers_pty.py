"""Servers by keys: one of our own started and ended, several by name, one that speaks OpenAI's protocol."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import ollama
import psutil
import pytest

from r1tui.services.server.process import OllamaProcess
from tests.real.test_commands_pty import opened
from tests.support.elsewhere import elsewhere, own_address
from tests.support.ollama_server import OllamaServer, free_port
from tests.support.pty_app import PtyApp
from tests.support.shown_notices import is_said, wait_said
from tests.support.steps import Start, typed

pytestmark = pytest.mark.real

NewServer = Callable[..., OllamaServer]


@pytest.fixture
def home(tmp_path: Path, real_server: OllamaServer) -> Iterator[Path]:
    """A home with models for a server of our own, which ends with the test."""
    folder = tmp_path / "own"
    shutil.copytree(real_server.models_dir, folder / "models", copy_function=_link)
    yield folder
    if (folder / "data").exists():
        asyncio.run(OllamaProcess(folder / "data").stop())


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _without_a_server(pty_app: Start, server: OllamaServer, home: Path) -> PtyApp:
    """R1TUI where Ollama is installed and nothing answers."""
    return pty_app(
        "--host",
        f"127.0.0.1:{free_port()}",
        "--model",
        server.plain,
        folder=home,
        env={"PATH": f"{server.binary.parent}:/usr/bin:/bin", "OLLAMA_MODELS": str(home / "models")},
    )


def _start_it(app: PtyApp) -> None:
    app.wait_for("Ollama is installed here but not running.", "Start it now, for this user", timeout=60)
    app.send("enter")


def _servers(home: Path) -> list[int]:
    """Process ids of all servers that work with this home's models."""
    found = []
    for process in psutil.process_iter():
        try:
            models = process.environ().get("OLLAMA_MODELS")
            if models == str(home / "models") and process.cmdline()[1:] == ["serve"]:
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


def test_two_that_start_a_server_at_once_share_one_and_the_last_to_leave_ends_it(
    real_server: OllamaServer, pty_app: Start, home: Path
) -> None:
    apps = [_without_a_server(pty_app, real_server, home) for _ in range(2)]
    for app in apps:
        app.wait_for("Start it now, for this user", timeout=60)
        app.wait_quiet()
    for app in apps:
        _start_it(app)
    for app in apps:
        app.wait_for("Ask anything", real_server.plain, timeout=60)
    (only,) = _servers(home)
    for app, left in zip(apps, ([only], []), strict=True):
        app.send("ctrl+q")
        assert app.wait_exit() == 0
        assert _servers(home) == left


def test_a_server_that_is_to_be_kept_outlives_the_app_and_is_used_again(
    real_server: OllamaServer, pty_app: Start, home: Path
) -> None:
    _settings(home, '[server]\non_exit = "keep"\n')
    app = _without_a_server(pty_app, real_server, home)
    _start_it(app)
    app.wait_for("Ask anything", real_server.plain, timeout=60)
    (kept,) = _servers(home)
    app.send("ctrl+q")
    assert app.wait_exit() == 0
    assert _servers(home) == [kept]
    again = _without_a_server(pty_app, real_server, home)
    again.wait_for("Ask anything", real_server.plain, timeout=60)
    assert "Start it now" not in again.raw.decode("utf-8", "replace")
    assert _servers(home) == [kept]


def test_a_server_that_is_not_ours_is_neither_offered_to_be_stopped_nor_stopped(
    private_server: NewServer, pty_app: Start
) -> None:
    server = private_server()
    app = opened(pty_app, server, server.plain, env={"PATH": f"{server.binary.parent}:/usr/bin:/bin"})
    app.send("f8")
    app.wait_for("R1TUI's own server")
    app.send("v")
    app.wait_for("No server of R1TUI's own runs", "Start one")
    assert "Stop it" not in app.screen_text()
    app.send("escape")
    app.wait_gone("Start one")
    app.send("ctrl+q")
    assert app.wait_exit() == 0
    assert psutil.pid_exists(server.pid)
    assert server.installed()


@pytest.fixture
def far_address() -> str:
    """An address of this machine that is not a loopback one."""
    address = own_address()
    if address is None:
        pytest.skip("this machine has no address but the loopback ones")
    return address


def _go_to(app: PtyApp, name: str) -> None:
    """Switch to a server of the settings by its name."""
    app.wait_quiet()
    app.send("f9")
    app.wait_for("Which server?", "type to narrow")
    typed(app, name)
    app.wait_quiet(0.2)
    app.send("enter")
    app.wait_gone("Which server?")


def _settings(folder: Path, text: str) -> None:
    (folder / "config").mkdir(parents=True)
    (folder / "config" / "settings.toml").write_text(text)


def test_servers_are_switched_by_name_and_a_far_one_is_always_named_and_warned_of_once(
    private_server: NewServer, real_server: OllamaServer, pty_app: Start, tmp_path: Path, far_address: str
) -> None:
    near, other = private_server(), private_server()
    ollama.Client(other.url).copy(other.plain, "only-there:1")
    with elsewhere(other.url, far_address) as url:
        _settings(
            tmp_path / "home", f'[hosts.workstation]\nurl = "{url}"\n[hosts.desk]\nurl = "{near.url}"\n'
        )
        app = opened(pty_app, near, near.plain)
        assert "desk" not in app.screen_lines()[-1]
        _go_to(app, "workstation")
        wait_said(app, "Prompts now leave this machine: they go to workstation.")
        app.wait_for("only-there:1")
        app.wait_match(r"\A.*only-there:1 · workstation")
        typed(app, "Say hello")
        app.send("enter")
        app.wait_match(r"\A.*workstation(?s:.*)(reading|answering|loading)", timeout=120)
        app.send("escape")
        app.wait_gone("Prompts now leave")
        _go_to(app, "desk")
        app.wait_gone("workstation")
        _go_to(app, "workstation")
        app.wait_for("workstation")
        app.wait_quiet(1.0)
        assert not is_said(app.screen_lines(), "Prompts now leave")


def test_a_server_of_openais_kind_answers_with_its_reasoning_apart(
    real_server: OllamaServer, pty_app: Start, tmp_path: Path
) -> None:
    hosts = f'[hosts.lab]\nurl = "{real_server.url}/v1"\nkind = "openai"\n'
    _settings(tmp_path / "home", f'[chat]\nmodel = "{real_server.model}"\n{hosts}')
    app = pty_app("--host", "lab")
    app.wait_for("Ask anything", real_server.model, timeout=60)
    app.wait_quiet()
    app.send("f8")
    wait_said(app, "This server offers no model commands: it does not speak Ollama's own protocol.")
    typed(app, "What is 3 plus 5?")
    app.send("enter")
    app.wait_match(r"▸ Thought for .+ · \d+ tokens(?s:.*)tokens/s", timeout=180)
    assert "<think>" not in app.screen_text()
    assert b"is recommended" not in app.raw, "a model is offered that this server cannot pull"
