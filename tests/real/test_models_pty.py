"""From nothing to chatting, and the model menu, in a pseudo-terminal by keys alone."""

from __future__ import annotations

import asyncio
import signal
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from r1tui.services.server.process import OllamaProcess
from tests.support.mirror import members_of, served
from tests.support.ollama_server import OllamaServer, free_port
from tests.support.pty_app import PtyApp
from tests.support.registry import Registry
from tests.support.steps import machine_is_read

pytestmark = pytest.mark.real


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home whose own server, if one was started, ends with the test, even where the app was killed."""
    yield tmp_path
    if (tmp_path / "data").exists():
        asyncio.run(OllamaProcess(tmp_path / "data").stop())


def _pull_by_name(app: PtyApp, name: str) -> None:
    """In setup's second step: another model, by its name, from a registry without TLS."""
    machine_is_read(app)
    app.send("end", "up", "enter")
    app.wait_for("Which model?")
    app.write(name)
    for key in ("tab", "space", "shift+tab"):
        app.send(key)
        app.wait_quiet(0.3)
    app.send("enter")
    app.wait_for("Without encryption")
    app.send("down", "enter")
    app.wait_for(f"Download {name}?")
    app.send("down", "enter")


@pytest.mark.registry
def test_a_bare_machine_gets_a_server_and_a_model_and_then_chats(
    real_server: OllamaServer, registry: Registry, pty_app: Callable[..., PtyApp], home: Path
) -> None:
    with served(members_of(real_server.binary)) as mirror:
        app = pty_app(
            "--host",
            f"127.0.0.1:{free_port()}",
            size=(80, 24),
            folder=home,
            env={
                "R1TUI_OLLAMA_DOWNLOAD_URL": mirror,
                "PATH": "/usr/bin:/bin",
                "OLLAMA_MODELS": str(home / "models"),
            },
        )
        app.wait_for("Install it for this user")
        app.send("enter")
        app.wait_for("9.8.7", "checksum")
        app.send("enter")
        _pull_by_name(app, registry.name(real_server.model))
    app.wait_for("Ask anything", timeout=120)
    app.wait_quiet()
    app.write("What is 3 plus 5?")
    app.wait_quiet(0.3)
    app.send("enter")
    app.wait_match(r"Thought for|Thinking", timeout=180)
    assert asyncio.run(OllamaProcess(home / "data").own()) is not None


@pytest.mark.registry
def test_a_pull_is_cancelled_and_goes_on_where_it_was(
    private_server: Callable[..., OllamaServer], registry: Registry, pty_app: Callable[..., PtyApp]
) -> None:
    server = private_server(models=False)
    registry.throttle("6m")
    app = pty_app("--host", server.url, size=(80, 24))
    _pull_by_name(app, registry.name("r1-test:135m"))
    app.wait_match(r"[1-9]\d%", timeout=60)
    app.send("escape")
    app.wait_for("What came is kept")
    parts = [part.stat().st_size for part in server.models_dir.glob("blobs/*-partial")]
    assert sum(parts) > 5_000_000
    registry.throttle(None)
    _pull_by_name(app, registry.name("r1-test:135m"))
    app.wait_for("Ask anything", timeout=120)
    assert not list(server.models_dir.glob("blobs/*-partial"))
    app.kill(signal.SIGTERM)


def test_the_menu_shows_and_copies_the_selected_model(
    private_server: Callable[..., OllamaServer], pty_app: Callable[..., PtyApp]
) -> None:
    server = private_server()
    app = pty_app("--host", server.url, "--model", server.model, size=(80, 24))
    app.wait_for(server.model)
    app.wait_quiet()
    app.send("f8")
    app.wait_for("Copy it to another name")
    app.send("s")
    app.wait_for("Capabilities", "thinking")
    app.send("escape")
    app.wait_gone("Capabilities")
    app.send("f8")
    app.wait_for("Copy it to another name")
    app.send("c")
    app.wait_for("to which name?")
    app.wait_quiet(1.0)
    app.send("ctrl+u")
    app.wait_gone("│  " + server.model)
    app.write("second:1")
    app.wait_for("second:1")
    app.send("enter")
    app.wait_for("is also called second:1")
    app.send("ctrl+o")
    app.wait_for("MODELS", "second:1")
    app.kill(signal.SIGTERM)


def _menu(app: PtyApp, key: str) -> None:
    """One command of the selected model's menu, by its key."""
    app.wait_quiet()
    app.send("f8")
    app.wait_for("Copy it to another name")
    app.send(key)


def _type(app: PtyApp, text: str, shown: str, keys: tuple[str, ...] = ()) -> None:
    """Put `text` in place of what stands in a dialogue's field, press `keys`, then Enter."""
    app.wait_quiet(0.6)
    app.send("ctrl+a", "ctrl+k")
    app.wait_gone(shown)
    app.write(text)
    app.wait_for(text[-20:])
    for key in keys:
        app.send(key)
        app.wait_quiet(0.3)
    app.send("enter")


def test_lists_memory_unloading_and_removal_by_keys(
    private_server: Callable[..., OllamaServer], pty_app: Callable[..., PtyApp]
) -> None:
    server = private_server()
    app = pty_app("--host", server.url, "--model", server.plain, size=(80, 24))
    app.wait_for("›", server.plain, timeout=60)
    _menu(app, "l")
    app.wait_for("Models of the server", server.model, server.plain)
    app.send("escape")
    app.wait_gone("Models of the server")
    load = urllib.request.Request(f"{server.url}/api/generate", f'{{"model": "{server.plain}"}}'.encode())
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(load, timeout=120).close()
    _menu(app, "p")
    app.wait_for("In the server's memory", server.plain)
    app.send("escape")
    app.wait_gone("In the server's memory")
    _menu(app, "x")
    app.wait_for("was unloaded from memory", timeout=60)
    _menu(app, "d")
    app.wait_for("Remove plain-test:135m?")
    app.send("down", "enter")
    app.wait_for("was removed")
    names = [model["name"] for model in server.get("/api/tags")["models"]]
    assert names == [server.model]


@pytest.mark.registry
def test_a_model_is_uploaded_and_updated_by_keys(
    private_server: Callable[..., OllamaServer], registry: Registry, pty_app: Callable[..., PtyApp]
) -> None:
    server = private_server()
    name = registry.name("by-keys:1")
    app = pty_app("--host", server.url, "--model", server.model, size=(100, 30))
    app.wait_for("›", server.model, timeout=60)
    _menu(app, "h")
    app.wait_for("under which name?")
    _type(app, name, "r1-test:135m  ", ("tab", "space", "shift+tab"))
    app.wait_for("Without encryption")
    app.send("down", "enter")
    app.wait_for("was uploaded", timeout=60)


def test_a_server_that_dies_while_it_loads_leaves_the_question(
    private_server: Callable[..., OllamaServer], pty_app: Callable[..., PtyApp]
) -> None:
    server = private_server()
    app = pty_app("--host", server.url, "--model", server.plain, size=(80, 24))
    app.wait_for("›", server.plain, timeout=60)
    app.write("Say hello to the sea")
    app.wait_for("Say hello to the sea")
    app.send("enter")
    app.wait_match("connecting|loading|reading", timeout=60)
    server.kill()
    app.wait_for("F5 continue", "Say hello to the sea", timeout=60)
    app.kill(signal.SIGTERM)
