"""`tests/sandbox` opens the app on a real server of its own, and leaves nothing behind."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.ollama_server import OllamaServer
from tests.support.pty_app import ROOT, PtyApp, clean_env

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("real_server")]
COMMAND = [sys.executable, "-m", "tests.support.sandbox"]


@pytest.fixture
def env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    from tests.support.provision import cache_dir, find_ollama

    folder = tmp_path / "temporary"
    folder.mkdir()
    return clean_env(
        tmp_path,
        TMPDIR=str(folder),
        XDG_CACHE_HOME=str(cache_dir().parent),
        R1TUI_TEST_OLLAMA=str(find_ollama()),
    )


@pytest.fixture
def sandbox(env: dict[str, str]) -> Iterator[PtyApp]:
    app = PtyApp(COMMAND, env=env)
    yield app
    app.close()


def _servers(folder: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("OLLAMA_MODELS", "").startswith(str(folder)):
                found.append(process)
        except psutil.Error:
            continue
    return found


def test_a_command_runs_on_its_server_and_all_is_gone_after_it(env: dict[str, str], tmp_path: Path) -> None:
    done = subprocess.run([*COMMAND, "doctor", "--json"], cwd=ROOT, env=env, capture_output=True, text=True)
    assert '"reachable": true' in done.stdout, done.stderr
    assert not _servers(tmp_path)
    assert list((tmp_path / "temporary").iterdir()) == []


def test_the_app_opens_with_the_test_model_chosen_and_quits_clean(sandbox: PtyApp, tmp_path: Path) -> None:
    sandbox.wait_for("r1-test:135m", timeout=120)
    assert _servers(tmp_path)
    sandbox.send("ctrl+q")
    assert sandbox.wait_exit() == 0
    assert not _servers(tmp_path)
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_closed_terminal_ends_server_and_files_too(
    sandbox: PtyApp, tmp_path: Path, real_server: OllamaServer
) -> None:
    sandbox.wait_for("r1-test:135m", timeout=120)
    sandbox.process.send_signal(signal.SIGHUP)
    sandbox.wait_exit(timeout=120)  # its server may hold a model that is being read, and is given time to end
    assert not _servers(tmp_path)
    assert list((tmp_path / "temporary").iterdir()) == []
    assert real_server.installed(), "the run's own server must live on"
