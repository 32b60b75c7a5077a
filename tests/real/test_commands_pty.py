"""Ollama's commands by keys in a pseudo-terminal, and servers that die while they work."""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import ollama
import psutil
import pytest

from r1tui.services.server.process import OllamaProcess
from tests.support import patience, steps
from tests.support.ollama_server import OllamaServer
from tests.support.pty_app import PtyApp
from tests.support.registry import Registry
from tests.support.steps import Start, press, typed

pytestmark = pytest.mark.real

NewServer = Callable[..., OllamaServer]


def opened(pty_app: Start, server: OllamaServer, model: str, **options: object) -> PtyApp:
    """R1TUI on this server, ready for keys."""
    app = steps.opened(pty_app, server.url, model, **options)
    app.wait_quiet()
    return app


def command(app: PtyApp, letter: str, *opens: str) -> None:
    """Press a command's key in the menu of the selected model and wait for what it opens."""
    app.send("f8")
    app.wait_for("R1TUI's own server")
    app.send(letter)
    app.wait_gone("Import a GGUF file")
    app.wait_for(*opens)
    app.wait_quiet(0.3)


def closed(app: PtyApp, text: str) -> None:
    """Press Esc and wait until the dialogue with this text is gone."""
    app.send("escape")
    app.wait_gone(text)


def say_yes(app: PtyApp, question: str) -> None:
    """Give the second answer: the first one is the harmless one."""
    app.wait_for(question)
    app.wait_quiet(0.3)
    press(app, "down")
    app.send("enter")
    app.wait_gone(question)


def type_registry_name(app: PtyApp, name: str) -> None:
    """Fill in a model's name, of a registry without TLS, in the empty field."""
    typed(app, name)
    press(app, "tab", "space", "shift+tab")
    app.send("enter")
    say_yes(app, "Without encryption")


def download_registry_name(app: PtyApp, name: str) -> None:
    """The same for a download, which is asked about with its size and the disk."""
    type_registry_name(app, name)
    say_yes(app, "Download ")


def blob_bytes(server: OllamaServer) -> int:
    """What the server's models take on the disk."""
    return sum(blob.stat().st_size for blob in server.models_dir.glob("blobs/*"))


def partial_files(server: OllamaServer) -> list[Path]:
    """Downloads that are not complete."""
    return list(server.models_dir.glob("blobs/*-partial"))


def contents(server: OllamaServer, name: str) -> tuple[str, list[str]]:
    """What tells the test models apart; a registry's round trip changes a manifest's digest."""
    details = ollama.Client(server.url).show(name)
    return str(details.template), sorted(str(details.parameters).splitlines())


def test_list_ps_stop_and_run(private_server: NewServer, pty_app: Start) -> None:
    server = private_server()
    ollama.Client(server.url).generate(server.model, keep_alive="10m")
    app = opened(pty_app, server, server.model)
    command(app, "l", "Models of the server", server.model, server.plain, "QUANTIZATION", "Q4_1")
    closed(app, "Models of the server")
    command(app, "p", "In the server's memory", "UNTIL", server.model)
    closed(app, "In the server's memory")
    command(app, "x", f"{server.model} was unloaded from memory.")
    command(app, "p", "No model is in memory.")
    closed(app, "No model is in memory.")
    app.send("ctrl+o")
    app.wait_for("MODELS", server.plain)
    app.wait_quiet(0.3)
    press(app, "down")
    app.send("m")
    app.wait_for("Use it for chatting", server.plain)
    app.send("r")
    app.wait_gone("Use it for chatting")
    app.wait_for(f"›  {server.plain}")
    app.wait_gone("on CPU")  # what was unloaded


def test_rm_asks_first_and_frees_the_space_that_it_names(private_server: NewServer, pty_app: Start) -> None:
    server = private_server()
    ollama.Client(server.url).delete(server.plain)  # it shares its weights with the other
    before = blob_bytes(server)
    app = opened(pty_app, server, server.model)
    command(app, "d", f"Remove {server.model}?", "frees 98 MB")
    app.send("enter")
    app.wait_gone("frees 98 MB")
    assert server.installed() == [server.model]
    command(app, "d", f"Remove {server.model}?")
    say_yes(app, "frees 98 MB")
    app.wait_for(f"{server.model} was removed.")
    assert server.installed() == []
    assert before - blob_bytes(server) > 90_000_000


def test_create_makes_a_model_with_the_form(private_server: NewServer, pty_app: Start) -> None:
    server = private_server()
    app = opened(pty_app, server, server.plain)
    command(app, "e", "Name of the new model", "Template")
    typed(app, "made:1")
    press(app, "enter")
    typed(app, "Be brief.")
    press(app, "tab")
    typed(app, "seed 42")
    press(app, "enter", "f3")
    app.wait_for("FROM", "SYSTEM Be brief.", "PARAMETER seed 42", "TEMPLATE")
    app.send("f2")
    app.wait_for("made:1 was made.")
    made = ollama.Client(server.url).show("made:1")
    assert "seed" in str(made.parameters)
    assert "SYSTEM Be brief." in str(made.modelfile)
    assert made.template == ollama.Client(server.url).show(server.plain).template


@pytest.mark.registry
def test_push_gives_a_registry_the_model(
    private_server: NewServer, registry: Registry, pty_app: Start
) -> None:
    server, target = private_server(), registry.name("by-keys:1")
    app = opened(pty_app, server, server.plain)
    command(app, "h", "under which name?")
    press(app, "ctrl+u")
    type_registry_name(app, target)
    app.wait_for("uploaded.", timeout=60)
    deadline = time.monotonic() + patience.SECONDS
    while target in server.installed():  # the name that an upload needs goes just after its end is said
        assert time.monotonic() < deadline, "the name that the upload needed has stayed"
        time.sleep(0.05)
    server.command("pull", "--insecure", target)
    assert contents(server, target) == contents(server, server.plain)


@pytest.mark.registry
def test_pull_brings_what_is_new_of_a_model(
    private_server: NewServer, registry: Registry, pty_app: Start
) -> None:
    server, name = private_server(), registry.name("updated:1")
    server.command("cp", server.model, name)
    server.command("push", "--insecure", name)
    server.command("cp", server.plain, name)
    assert contents(server, name) == contents(server, server.plain)
    app = opened(pty_app, server, name)
    command(app, "u")
    say_yes(app, "only what is new")
    say_yes(app, "Without encryption")
    app.wait_for("ready.", timeout=60)
    assert contents(server, name) == contents(server, server.model)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home whose own server, if one was started, ends with the test."""
    folder = tmp_path / "own"
    yield folder
    if (folder / "data").exists():
        asyncio.run(OllamaProcess(folder / "data").stop())


def test_serve_starts_shows_and_stops_our_server_which_ends_with_the_app(
    private_server: NewServer, pty_app: Start, home: Path
) -> None:
    server = private_server()
    env = {"PATH": f"{server.binary.parent}:/usr/bin:/bin", "OLLAMA_MODELS": str(home / "models")}
    app = opened(pty_app, server, server.plain, folder=home, env=env)
    ours = OllamaProcess(home / "data")
    for ending in ("by key", "with the app"):
        command(app, "v", "No server of R1TUI's own runs", "Start one")
        say_yes(app, "No server of R1TUI's own runs")
        app.wait_for("The server answers at", timeout=60)
        own = asyncio.run(ours.own())
        assert own is not None
        command(app, "v", own.url, str(own.pid))
        app.send("enter")
        # Whatever this version writes: what shows is what stands in the file.
        written = [line.strip()[:30] for line in ours.log_tail().splitlines() if len(line.strip()) >= 30]
        app.wait_match("Log:(?s:.*)(" + "|".join(map(re.escape, written)) + ")")
        closed(app, "Log:")
        if ending == "by key":
            command(app, "v", own.url)
            app.wait_for("Stop it")
            app.wait_quiet(0.3)
            press(app, "end")  # behind the log and a new start
            app.send("enter")
            app.wait_for("The server was stopped.")
            app.wait_gone("The server answers at")
        else:
            app.send("ctrl+q")
            assert app.wait_exit() == 0
        assert asyncio.run(ours.own()) is None
        assert not psutil.pid_exists(own.pid)
    assert server.installed()


@pytest.mark.registry
def test_a_server_killed_in_mid_pull_is_said_and_the_pull_goes_on_with_the_next(
    private_server: NewServer, registry: Registry, pty_app: Start
) -> None:
    server, name = private_server(), registry.name("r1-test:135m")
    for blob in server.models_dir.glob("blobs/*"):
        if blob.stat().st_size > 90_000_000:
            blob.unlink()  # else there would be nothing to bring
    registry.throttle("6m")
    app = opened(pty_app, server, server.plain)
    command(app, "a", "Which model?")
    download_registry_name(app, name)
    app.send("ctrl+o")
    app.wait_match(r"[1-9]\d%", timeout=60)
    server.kill()
    app.wait_for("broke off")
    kept = sum(part.stat().st_blocks * 512 for part in partial_files(server))
    assert kept > 5_000_000
    registry.throttle(None)
    server.start()
    app.wait_for("ready.", timeout=120)
    assert name in server.installed()
    assert not partial_files(server)


@contextlib.contextmanager
def loads_that_never_end(server: OllamaServer) -> Iterator[threading.Event]:
    """Stop the server's runners as soon as there are some; the event tells that one was."""
    caught, over = threading.Event(), threading.Event()

    def watch() -> None:
        parent = psutil.Process(server.pid)
        while not over.wait(0.005):
            with contextlib.suppress(psutil.NoSuchProcess):
                for child in parent.children():
                    child.send_signal(signal.SIGSTOP)
                    caught.set()

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield caught
    finally:
        over.set()
        thread.join()


def test_a_server_killed_while_a_model_loads_leaves_the_question_and_a_way_on(
    private_server: NewServer, pty_app: Start
) -> None:
    server = private_server()
    app = opened(pty_app, server, server.plain)
    with loads_that_never_end(server) as caught:
        typed(app, "Say hello to the river")
        app.send("enter")
        assert caught.wait(60)
        app.wait_for("loading")
        server.kill()
    app.wait_for("closed the connection", "F5 continue", "Say hello to the river", timeout=60)
    server.start()
    app.send("f5")
    app.wait_match(r"tokens/s · \d+ tokens", timeout=180)
    app.wait_for("Say hello to the river")


@pytest.mark.registry
def test_two_at_once_pull_one_model_and_either_may_stop_without_the_other(
    private_server: NewServer, registry: Registry, pty_app: Start, tmp_path: Path
) -> None:
    server, name = private_server(), registry.name("r1-test:135m")
    for blob in server.models_dir.glob("blobs/*"):
        if blob.stat().st_size > 90_000_000:
            blob.unlink()
    registry.throttle("3m")  # there is time for both to come to it
    apps = [opened(pty_app, server, server.plain, folder=tmp_path / each) for each in ("one", "two")]
    for app in apps:
        command(app, "a", "Which model?")
        download_registry_name(app, name)
        app.send("ctrl+o")
        app.wait_match(r"\d%", timeout=60)
    first, second = apps
    first.wait_match(r"[1-9]\d%", timeout=60)
    press(first, "end", "up")
    first.send("x")
    first.wait_for("Stopped; what")
    registry.throttle(None)
    second.wait_for("ready.", timeout=120)
    assert name in server.installed()
    assert not partial_files(server)
