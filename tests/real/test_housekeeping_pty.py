"""Models kept in order on a real server with a real registry, by keys: the disk, what is there in part, all updates."""

from __future__ import annotations

import json
import os
import re
import signal
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.ollama_server import OllamaServer
from tests.support.pty_app import PtyApp
from tests.support.registry import Registry
from tests.support.shown_notices import wait_said
from tests.support.steps import Start

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


def interrupted(server: OllamaServer, name: str) -> None:
    """Begin to download a model, and let go of it in its middle."""
    asked = json.dumps({"model": name, "insecure": True}).encode()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(f"{server.url}/api/pull", asked), timeout=60) as told:
        for line in told:
            if json.loads(line).get("completed", 0) > 3_000_000:
                break


def date(server: OllamaServer, moment: float) -> None:
    """Date what is there in part, once nobody writes to it any more."""
    found: dict[Path, float] = {}
    while not found or found != {path: path.stat().st_mtime for path in parts(server)}:
        for path in parts(server):
            os.utime(path, (moment, moment))
        found = dict.fromkeys(parts(server), moment)
        time.sleep(0.5)


def test_what_models_take_and_share_is_told(
    private_server: Callable[..., OllamaServer], started: Callable[[OllamaServer], PtyApp]
) -> None:
    server = private_server()
    app = started(server)
    app.wait_for("Ask anything", server.model, timeout=60)
    menu(app, "k")
    app.wait_for("Disk: what each model takes", "SHARES WITH", "take 9", "together in")
    names = (server.model, server.plain)
    app.wait_match("|".join(rf"{re.escape(one)}.*{re.escape(other)}" for one, other in (names, names[::-1])))


@pytest.mark.registry
def test_a_download_in_part_is_told_with_its_size_and_removed_after_a_question(
    private_server: Callable[..., OllamaServer],
    registry: Registry,
    started: Callable[[OllamaServer], PtyApp],
) -> None:
    server = private_server(models=False)
    registry.throttle("4m")
    interrupted(server, registry.name(server.model))
    soon = time.time() + 3600
    date(server, soon)  # a byte has just come, however long all of this takes
    app = started(server)
    app.wait_for("another model, by its name", timeout=120)
    app.wait_quiet()
    app.send("escape")
    app.wait_for("Ask anything")
    menu(app, "t")
    wait_said(app, "is there in part is being downloaded now")
    date(server, 1_700_000_000)
    menu(app, "t")
    app.wait_for("1 file was downloaded in part", "not known any more", "Keep everything")
    before = parts(server)
    app.send("enter")
    app.wait_gone("Keep everything")
    assert parts(server) == before != []
    menu(app, "t")
    app.wait_for("Keep everything")
    app.send("down", "enter")
    app.wait_match(r"Remove \d+ MB for good")
    app.send("down", "enter")
    wait_said(app, "MB were freed.")
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
    app.wait_for(f"Ask {registry.host} what is new?", name, "is downloaded", "Not now")
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
    app.wait_for("Without encryption", timeout=60)
    app.send("down", "enter")
    wait_said(app, f"{name} is here and ready.", timeout=120)
    assert "Be brief." in server.command("show", "--modelfile", name)
    menu(app, "U")
    app.wait_for("Not now")
    app.send("down", "enter")
    wait_said(app, "No update was found. 1 up to date.")
