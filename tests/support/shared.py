"""One real server for a whole test run, shared by all pytest workers.

Whoever starts the run makes a run folder (`begin`) and removes it (`end`); the first test that needs the server
starts it under a lock and writes its address there, the others read it.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path

from tests.support import provision
from tests.support.ollama_server import OllamaServer, end_group, new_server

VARIABLE = "R1TUI_TEST_RUN"
"""Environment variable that names the run folder to workers."""


def begin() -> Path | None:
    """Make the run folder; None when somebody above has made it already."""
    if os.environ.get(VARIABLE):
        return None
    folder = Path(tempfile.mkdtemp(prefix="r1tui-tests-"))
    os.environ[VARIABLE] = str(folder)
    return folder


def end(folder: Path | None) -> None:
    """Stop the shared server and remove the run folder that `begin` made."""
    if folder is None:
        return
    state = folder / "server.json"
    if state.is_file():
        end_group(json.loads(state.read_text())["pid"])
    shutil.rmtree(folder, ignore_errors=True)
    os.environ.pop(VARIABLE, None)


def server() -> OllamaServer:
    """The shared server, started when it is not there yet. Raises `Unavailable` where it cannot be had."""
    found = provision.find()
    if not found.server_ready:
        raise provision.Unavailable("; ".join(found.missing))
    assert found.ollama is not None
    assert found.gguf is not None
    folder = Path(os.environ[VARIABLE])
    state = folder / "server.json"
    with provision.locked(folder / "server.lock"):
        if not state.is_file():
            started = new_server(found, folder / "server")
            facts = {"pid": started.pid, "port": started.port, "models": str(started.models_dir)}
            state.write_text(json.dumps(facts))
            started.outlives_this_process()
            return started
    facts = json.loads(state.read_text())
    return OllamaServer(
        found.ollama,
        found.gguf,
        facts["port"],
        Path(facts["models"]),
        folder / "server" / "home",
        shared_pid=facts["pid"],
    )
