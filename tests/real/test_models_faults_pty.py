"""Downloads by keys when disk, registry, name, bytes or the app itself fail: a sentence each, nothing half-visible."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.real.test_commands_pty import (
    blob_bytes,
    command,
    download_registry_name,
    opened,
    partial_files,
    say_yes,
)
from tests.support.ollama_server import OllamaServer
from tests.support.pty_app import ROOT, PtyApp
from tests.support.registry import Registry
from tests.support.shown_notices import wait_said
from tests.support.steps import Start, machine_is_read, press, typed

pytestmark = [pytest.mark.real, pytest.mark.registry]

NewServer = Callable[..., OllamaServer]

MODEL = "r1-test:135m"
BRIEF = "brief:1"
STALL_SECONDS = 2


@pytest.fixture
def impatient(tmp_path: Path) -> dict[str, str]:
    """An environment in which a download counts as stalled soon and is tried again soon, three times in all."""
    (tmp_path / "sitecustomize.py").write_text(
        "from r1tui.services.models.pulls import PullQueue\n"
        f"PullQueue.__init__.__kwdefaults__.update(stall_seconds={STALL_SECONDS}.0, pauses=(0.2, 0.2))\n"
    )
    return {"PYTHONPATH": f"{tmp_path}:{ROOT}"}


@pytest.fixture
def light(private_server: NewServer) -> OllamaServer:
    """A server whose models have lost their weights, so that there is something to download.

    Their other parts are there: Ollama takes a second for each, however small.
    """
    server = private_server(OLLAMA_NOPRUNE="1")
    for blob in server.models_dir.glob("blobs/*"):
        if blob.stat().st_size > 90_000_000:
            blob.unlink()
    return server


def _forget(server: OllamaServer, model: str = "") -> None:
    """Take a model's name away, or all, and leave the parts."""
    names = server.models_dir / "manifests" / "registry.ollama.ai" / "library"
    shutil.rmtree(names / model.partition(":")[0])


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 32 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mount.returncode:
        pytest.skip(f"a small file system wants root: {mount.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def _download(app: PtyApp, name: str) -> None:
    """In the chat: download a model by its name from the registry without TLS, and see how far it is."""
    beside = "MODELS" in app.screen_text()
    command(app, "a", "Which model?")
    download_registry_name(app, name)
    app.wait_gone("Which model?")
    if not beside:
        app.send("ctrl+o")
    app.wait_for("MODELS")


def _other_model(app: PtyApp) -> None:
    """In setup: open the question for a model's name."""
    machine_is_read(app)
    app.send("end", "up", "enter")
    app.wait_for("Which model?")


def test_a_full_disk_is_said_before_a_download_and_in_the_middle_of_one_and_room_lets_it_go_on(
    light: OllamaServer, private_server: NewServer, registry: Registry, pty_app: Start, small_disk: Path
) -> None:
    shutil.copytree(light.models_dir / "blobs", small_disk / "blobs")
    before = set(small_disk.glob("blobs/*"))
    server = private_server(models=False, OLLAMA_MODELS=str(small_disk), OLLAMA_NOPRUNE="1")
    try:
        app = pty_app("--host", server.url, env={"OLLAMA_MODELS": str(small_disk)})
        machine_is_read(app)
        app.wait_match(r"\b3\d\s+MB\s+disk\s+free")
        app.send("enter")
        app.wait_match(r"The disk is too full to download \S+: [\d.]+\s+GB\s+are\s+needed")
        press(app, "end")
        app.send("enter")
        app.wait_for("GGUF file: type its path")
        app.write(str(server.gguf))
        app.wait_for(server.gguf.name)
        press(app, "enter")
        app.send("enter")
        wait_said(app, "disk is full", timeout=60)
        assert set(small_disk.glob("blobs/*")) == before
        _other_model(app)
        download_registry_name(app, registry.name(MODEL))
        app.wait_match(r"The server's disk is full: free some space and\s+resume", timeout=60)
        assert server.installed() == []
        assert {blob for blob in small_disk.glob("blobs/*") if "-partial" not in blob.name} == before
        subprocess.run(["mount", "-o", "remount,size=300m", str(small_disk)], check=True)
        _other_model(app)
        download_registry_name(app, registry.name(MODEL))
        app.wait_for("Ask anything", registry.name(MODEL), timeout=60)
        assert server.installed() == [registry.name(MODEL)]
        app.send("ctrl+q")
        assert app.wait_exit() == 0
    finally:
        server.stop()


def test_a_registry_that_is_away_is_said_and_tried_a_few_times_and_enter_goes_on_once_it_is_back(
    light: OllamaServer, registry: Registry, pty_app: Start, impatient: dict[str, str]
) -> None:
    models, name = light.installed(), registry.name(MODEL)
    app = opened(pty_app, light, light.plain, env=impatient)
    with registry.away(rate="6m"):
        _download(app, name)
        wait_said(app, "The registry cannot be reached (")  # beside the open side its end has no room
        app.wait_for("Enter goes on, x removes it", timeout=60)
        assert light.installed() == models
    press(app, "end", "up")
    app.send("enter")
    app.wait_match(r"[1-9]\d%", timeout=60)
    with registry.away():
        wait_said(app, f"No byte came for {STALL_SECONDS} seconds; what is there is kept. Trying again.")
        assert sum(part.stat().st_blocks * 512 for part in partial_files(light)) > 5_000_000
        assert light.installed() == models
    wait_said(app, "is here and ready.", timeout=120)
    assert light.installed() == [name, *models]
    assert not partial_files(light)


def test_a_name_that_nobody_has_and_a_download_that_came_damaged_leave_nothing(
    light: OllamaServer, registry: Registry, pty_app: Start
) -> None:
    models, before = light.installed(), blob_bytes(light)
    app = opened(pty_app, light, light.plain)
    _download(app, registry.name("no-such-model:1b"))
    wait_said(app, f"The registry has no {registry.name('no-such-model:1b')}: check the name and the tag.")
    with registry.damaged():
        _download(app, registry.name(MODEL))
        wait_said(app, "The download was damaged and was thrown away; nothing is left of it, so try again.")
    assert light.installed() == models
    assert blob_bytes(light) < before + 1_000_000
    press(app, "end", "up")
    app.send("enter")
    wait_said(app, f"{registry.name(MODEL)} is here and ready.", timeout=60)
    assert light.installed() == [registry.name(MODEL), *models]


@pytest.fixture
def other_weights(private_server: NewServer, registry: Registry, tmp_path: Path) -> OllamaServer:
    """A server with a model of short answers; the registry has `other:1`, whose weights the server does not have."""
    server = private_server()
    file = tmp_path / "other.gguf"
    shutil.copyfile(server.gguf, file)
    with file.open("r+b") as header:
        at = header.read(4096).index(b"Smollm2")
        header.seek(at)
        header.write(b"Another")
    (tmp_path / "Modelfile").write_text(f"FROM {file}\n")
    server.command("create", "other:1", "-f", str(tmp_path / "Modelfile"))
    registry.push(server, "other:1")
    server.command("rm", "other:1")
    (tmp_path / "Modelfile").write_text(f"FROM {server.plain}\nPARAMETER num_predict 20\n")
    server.command("create", BRIEF, "-f", str(tmp_path / "Modelfile"))
    return server


def test_chatting_goes_on_beside_a_slow_download_that_stalls_while_another_waits(
    other_weights: OllamaServer, registry: Registry, pty_app: Start, impatient: dict[str, str]
) -> None:
    server = other_weights
    app = pty_app("--host", server.url, "--model", BRIEF, size=(120, 30), env=impatient)
    app.wait_for("Ask anything", f"›  {BRIEF}", timeout=60)
    app.wait_quiet()
    registry.throttle("1m")
    for name in (registry.name("other:1"), registry.name(MODEL)):
        command(app, "a", "Which model?")
        download_registry_name(app, name)
    app.wait_for("waiting its turn")
    app.wait_match(r"[1-9]%", timeout=60)
    typed(app, "Say hello")
    app.send("enter")
    app.wait_match(r"tokens/s · \d+ tokens", timeout=180)
    app.wait_for("waiting its turn")
    with registry.silent():
        wait_said(app, f"No byte came for {STALL_SECONDS} seconds; what is there is kept. Trying again.")
    registry.throttle(None)
    ready = [f"{registry.name(name)} is here and ready." for name in ("other:1", MODEL)]
    wait_said(app, *ready, timeout=120)  # the second may be said first
    app.wait_gone("waiting its turn")


def test_a_download_is_picked_up_again_after_another_server_and_by_the_next_app_after_a_kill(
    light: OllamaServer, real_server: OllamaServer, registry: Registry, pty_app: Start, tmp_path: Path
) -> None:
    hosts = f'[hosts.here]\nurl = "{light.url}"\n[hosts.there]\nurl = "{real_server.url}"\n'
    (tmp_path / "home" / "config").mkdir(parents=True)
    (tmp_path / "home" / "config" / "settings.toml").write_text(hosts)
    registry.throttle("3m")
    app = opened(pty_app, light, light.plain)
    _download(app, registry.name(MODEL))
    app.wait_match(r"[1-9]\d%", timeout=60)
    for name in ("there", "here"):
        app.send("f9")
        app.wait_for("Which server?")
        app.wait_quiet(0.3)
        typed(app, name)
        app.send("enter")
        app.wait_gone("Which server?")
        app.wait_quiet(0.3)
    wait_said(app, "A download goes on where it was left.")
    app.kill()
    app.wait_exit()
    registry.throttle(None)
    again = opened(pty_app, light, light.plain)
    wait_said(again, f"{registry.name(MODEL)} is here and ready.", timeout=60)
    assert b"A download goes on where it was left." in again.raw


def test_setup_goes_on_with_its_download_after_a_confirmation_and_after_a_quit(
    light: OllamaServer, registry: Registry, pty_app: Start
) -> None:
    _forget(light)
    before = blob_bytes(light)
    registry.throttle("4m")
    app = pty_app("--host", light.url)
    for answer in ("no", "yes"):
        _other_model(app)
        typed(app, registry.name(MODEL))
        app.send("enter")
        say_yes(app, "Download 127")
        app.wait_for(f"Without encryption anyone on the way to {registry.host}")
        if answer == "no":
            app.send("enter")
            app.wait_gone("Without encryption")
        assert (light.installed(), blob_bytes(light)) == ([], before)
    say_yes(app, "Without encryption")
    app.wait_match(r"[1-9]\d%", timeout=60)
    app.send("ctrl+q")
    assert app.wait_exit() == 0
    again = pty_app("--host", light.url)
    again.wait_match(r"[1-9]\d%", timeout=60)
    registry.throttle(None)
    again.wait_for("Ask anything", registry.name(MODEL), timeout=120)
    assert light.installed() == [registry.name(MODEL)]


def test_bare_names_come_through_the_mirror_of_the_settings_which_the_question_names(
    private_server: NewServer, registry: Registry, pty_app: Start
) -> None:
    server = private_server()
    _forget(server, MODEL)
    app = opened(pty_app, server, server.plain)
    app.send("ctrl+p")
    typed(app, "settings")
    app.wait_match(r"  Settings\b")
    app.send("enter")
    app.wait_for("Language")
    app.write("server.mirror")
    app.wait_gone("Language")
    app.send("enter", "enter")
    app.wait_for("Mirror ─", "Enter takes it")
    typed(app, f"{registry.host}/library")
    app.send("enter")
    app.wait_for(f"Mirror is now {registry.host}/library, from the next download on.")
    app.send("escape")  # the search; all settings show again, with the cursor where it was
    app.wait_for("Server at the end", "Mirror  ")
    app.send("escape")
    app.wait_for("Ask anything")
    app.wait_quiet(0.3)
    command(app, "a", "Which model?")
    typed(app, MODEL)
    app.send("enter")
    say_yes(app, f"Download {MODEL}?")
    say_yes(app, f"Without encryption anyone on the way to {registry.host}")
    wait_said(app, f"{MODEL} is here and ready.", timeout=60)
    assert server.installed() == [MODEL, server.plain]
