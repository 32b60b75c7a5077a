"""Models kept in order on a real server with a real registry, by keys: the disk, what is there in part, all updates."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.ollama_server import OllamaServer
from tests.support.pty_app import PtyApp
from tests.support.registry import Registry
from tests.support.steps import Start
from tests.support.toasts import wait_said

pytestmark = pytest.mark.real


@pytest.fixture
def started(pty_app: Start) -> Iterator[Callable[[OllamaServer], PtyApp]]:
    """R1TUI beside a server whose folder it sees."""
    apps: list[PtyApp] = []

    def start(server: OllamaServer) -> PtyApp:
        app = pty_app("--host", server.url, size=(80, 24), env={"OLLAMA_MODELS": str(server.models_dir)})
        apps.append(app)
        return app

    yield start
    for app in apps:
        app.kill(signal.SIGTERM)


def menu(app: PtyApp, key: str) -> None:
    """Press a command's key in the menu of models."""
    app.wait_quiet(0.3)
    app.send("f8")
    app.wait_for("Update all models")
    app.send(key)


def parts(server: OllamaServer) -> list[Path]:
    """What the server has of files in part."""
    return list(server.models_dir.glob("blobs/*-partial*"))


def test_what_models_take_and_share_is_told(
    private_server: Callable[..., OllamaServer], started: Callable[[OllamaServer], PtyApp]
) -> None:
    server = private_server()
    app = started(server)
    app.wait_for("Ask anything", server.model, timeout=60)
    menu(app, "k")
    app.wait_for("Disk: what each model takes", "SHARES WITH", "take 9", "together in")
    lines = [line for line in app.screen_lines() if "135m" in line]
    assert len(lines) >= 2
    assert any(server.model in line and server.plain in line for line in lines), app.screen_text()


@pytest.mark.registry
def test_a_download_in_part_is_told_with_its_size_and_removed_after_a_question(
    private_server: Callable[..., OllamaServer],
    registry: Registry,
    started: Callable[[OllamaServer], PtyApp],
) -> None:
    server = private_server(models=False)
    server.command("pull", "--insecure", registry.name(server.model))
    name = "kept:135m"
    server.command("cp", registry.name(server.model), name)
    manifest = next(server.models_dir.glob("manifests/registry.ollama.ai/library/kept/135m"))
    assert manifest.is_file()
    left = server.models_dir / "blobs" / f"sha256-{'ab' * 32}-partial"
    left.write_bytes(b"x" * 3_000_000)
    app = started(server)
    app.wait_for("Ask anything", "135m", timeout=60)
    menu(app, "t")
    wait_said(app, "is there in part is being downloaded now")  # it has just been written
    old = 1_700_000_000
    os.utime(left, (old, old))
    menu(app, "t")
    app.wait_for("1 file was downloaded in part", "3 MB", "Keep everything")
    app.send("enter")
    app.wait_gone("Keep everything")
    assert parts(server) == [left]
    menu(app, "t")
    app.wait_for("Keep everything")
    app.send("down", "enter")
    app.wait_for("Remove 3 MB for good?", "Keep it")
    app.send("down", "enter")
    wait_said(app, "3 MB were freed.")
    assert parts(server) == []
    menu(app, "t")
    wait_said(app, "Nothing was left of downloads")


@pytest.mark.registry
def test_all_models_are_compared_before_anything_is_downloaded(
    private_server: Callable[..., OllamaServer],
    registry: Registry,
    started: Callable[[OllamaServer], PtyApp],
    tmp_path: Path,
) -> None:
    other, server = private_server(), private_server(models=False)
    name = registry.name("tidy:135m")
    other.command("cp", other.plain, name)
    other.command("push", "--insecure", name)
    server.command("pull", "--insecure", name)
    app = started(server)
    app.wait_for("Ask anything", "tidy:135m", timeout=60)
    menu(app, "U")
    app.wait_for(f"Ask {registry.host} what is new?", name, "is downloaded yet.", "Not now")
    app.send("enter")
    app.wait_gone("Not now")
    menu(app, "U")
    app.wait_for("Not now")
    app.send("down", "enter")
    wait_said(app, "No update was found. 1 up to date.")
    changed = tmp_path / "Modelfile"
    changed.write_text(f"FROM {other.plain}\nSYSTEM Be brief.\n")
    other.command("create", name, "-f", str(changed))
    other.command("push", "--insecure", name)
    before = server.installed()
    menu(app, "U")
    app.wait_for("Not now")
    app.send("down", "enter")
    app.wait_for("1 model has an update", "Download")
    assert server.installed() == before
    app.send("down", "enter")
    app.wait_for("Without TLS", timeout=60)
    app.send("down", "enter")
    wait_said(app, f"{name} is here and ready.", timeout=120)
    assert "Be brief." in server.command("show", "--modelfile", name)
    menu(app, "U")
    app.wait_for("Not now")
    app.send("down", "enter")
    wait_said(app, "No update was found. 1 up to date.")
