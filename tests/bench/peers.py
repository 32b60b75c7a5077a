"""`tests/peers [--quick]`: one stream in R1TUI, oterm, Elia and `ollama run`, in the same pseudo-terminal.

oterm and Elia are installed by uv, each into an environment of its own below the tests' cache; `ollama run` is measured
where the tests have an Ollama. What cannot be had is said. The stream is `tests/support/scripted.py`'s, an answer without
reasoning, since Elia ends an answer at its reasoning. Measured is from the server's first token until the last one shows:
starting, importing and the way to the question cost the peers more than R1TUI, and are left out.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench.figures import machine
from tests.bench.harness import (
    LAST,
    MODEL,
    RATE,
    ROOMY,
    SIZE,
    Meter,
    Server,
    r1tui,
    server,
    until,
)
from tests.support import provision
from tests.support.environments import find_python
from tests.support.pty_app import PtyApp, clean_env

PYTHON = "3.12"
"""What the peers run on: the newest that all of their releases know."""
PACKAGES = {"oterm": "oterm", "elia": "elia-chat"}
"""Command → package."""
QUESTION = "How do I grow it?"
MIB = 1 << 20
REST = 5.0
"""Seconds without output after which an answer is over."""
BLINKING = 2000
"""Bytes in that time that are no answer, but a cursor that blinks."""
PATIENCE = 300
"""Seconds that a peer may take to start, or to begin an answer: imports are slow on a busy machine."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one program used for one answer."""

    name: str
    cpu: float
    """Milliseconds of processor time a token."""
    sent: float
    """Bytes to the terminal a token."""
    memory: float
    """MiB (PSS) after the answer, the program and its children."""


def install(command: str) -> Path:
    """The folder of a peer's commands; installed when it is not there. Raises `Unavailable`."""
    package = PACKAGES[command]
    folder = provision.cache_dir() / "peers" / package
    if not (folder / "bin" / command).exists():
        print(f"installing {package}", flush=True)
        uv = str(provision.packaging_tools() / "uv")
        shutil.rmtree(folder, ignore_errors=True)
        for words in (
            ("venv", "-q", "--python", str(find_python(PYTHON)), str(folder)),
            ("pip", "install", "-q", "--python", str(folder / "bin" / "python"), package),
        ):
            done = subprocess.run([uv, *words], capture_output=True, text=True, check=False)
            if done.returncode:
                raise provision.Unavailable(f"{package}: {done.stderr.strip().splitlines()[-1]}")
    return folder / "bin"


def version(folder: Path, package: str) -> str:
    """The version of an installed peer, and of its Textual."""
    code = (
        f"import importlib.metadata as m; print(m.version({package!r}) + ', Textual ' + m.version('textual'))"
    )
    return subprocess.run(
        [folder / "python", "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


@contextlib.contextmanager
def oterm(folder: Path, url: str) -> Iterator[PtyApp]:
    """oterm in a chat with the model, its prompt focused."""
    with tempfile.TemporaryDirectory(prefix="r1tui-peers-", ignore_cleanup_errors=True) as name:
        env = _environment(Path(name)) | {"OTERM_DATA_DIR": name, "OLLAMA_URL": url}
        chat = f"ChatModel(name='chat', model={MODEL!r}, provider='ollama')"
        code = (
            "import asyncio\nfrom oterm.store.store import Store\nfrom oterm.types import ChatModel\n"
            f"async def main():\n    store = await Store.get_store()\n    await store.save_chat({chat})\n"
            "asyncio.run(main())"
        )
        subprocess.run([folder / "python", "-c", code], env=env, cwd=name, check=True)
        (Path(name) / "config.json").write_text(json.dumps({"theme": "textual-dark", "splash-screen": False}))
        app = PtyApp([str(folder / "oterm")], env=env, size=SIZE, cwd=Path(name), synchronised=False)
        try:
            app.wait_for("toggle thinking", timeout=PATIENCE)
            yield app
        finally:
            app.close()


@contextlib.contextmanager
def elia(folder: Path, url: str) -> Iterator[PtyApp]:
    """Elia at its start, its prompt focused."""
    with tempfile.TemporaryDirectory(prefix="r1tui-peers-", ignore_cleanup_errors=True) as name:
        config = Path(name) / "config" / "elia"
        config.mkdir(parents=True)
        model = f"ollama_chat/{MODEL}"
        (config / "config.toml").write_text(
            f'default_model = "{model}"\n[[models]]\nname = "{model}"\napi_base = "{url}"\nprovider = "Ollama"\n'
        )
        env = _environment(Path(name)) | {
            "XDG_CONFIG_HOME": str(config.parent),
            "XDG_DATA_HOME": str(Path(name) / "data"),
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        }
        app = PtyApp([str(folder / "elia")], env=env, size=SIZE, cwd=Path(name), synchronised=False)
        try:
            app.wait_for("Welcome to Elia", timeout=PATIENCE)
            yield app
        finally:
            app.close()


@contextlib.contextmanager
def ollama_run(program: Path, url: str) -> Iterator[PtyApp]:
    """`ollama run` with the model."""
    with tempfile.TemporaryDirectory(prefix="r1tui-peers-", ignore_cleanup_errors=True) as name:
        env = _environment(Path(name)) | {"OLLAMA_HOST": url}
        app = PtyApp([str(program), "run", MODEL], env=env, size=SIZE, cwd=Path(name), synchronised=False)
        try:
            app.wait_for(">>>", timeout=PATIENCE)
            yield app
        finally:
            app.close()


def _environment(folder: Path) -> dict[str, str]:
    env = clean_env(folder)
    return {
        name: value
        for name, value in env.items()
        if name not in ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE") and not name.startswith("R1TUI")
    }


def measured(name: str, app: PtyApp, serving: Server, tokens: int, send: str) -> Result:
    """Ask, and measure from the server's first token until its last one shows."""
    serving.scripted.answers.clear()  # of a program before that never asked
    steps = serving.marked(0, tokens, RATE)
    app.write(QUESTION)
    until(lambda: QUESTION in app.screen_text(), PATIENCE, f"{name}: the question on the screen", pause=0.1)
    app.write(send)
    until(lambda: steps.begun > 0, PATIENCE, f"{name}: a request")
    meter = Meter(app)

    drawn = [(time.monotonic(), app.bytes_received)]

    def over() -> bool:
        """It shows the end, or has come to rest after it but for a blinking cursor: oterm does not always follow."""
        now, received = time.monotonic(), app.bytes_received
        if received - drawn[0][1] > BLINKING:
            drawn[0] = (now, received)
        rest = steps.sent > 0 and now - max(steps.sent, drawn[0][0]) > REST
        return rest or LAST in app.screen_text()

    until(over, PATIENCE, f"{name}: the last word on the screen", pause=0.05)
    spent = meter.read()
    memory = app.pss_bytes() / MIB
    return Result(name, 1000 * spent.cpu / tokens, spent.sent / tokens, memory)


def run(tokens: int) -> tuple[list[Result], list[str]]:
    """(what was measured, a line for each program that could not be)."""
    found: list[Result] = []
    missing: list[str] = []
    with server() as serving:
        serving.answers(0, tokens, RATE)  # what a program asks beside the answer, such as a title
        with r1tui(serving.url, settings=ROOMY, emulate=True) as session:
            session.ready(PATIENCE)
            found.append(measured("R1TUI", session.app, serving, tokens, "\r"))
        for command, opened, send in (("oterm", oterm, "\r"), ("elia", elia, "\n")):
            try:
                folder = install(command)
                name = f"{PACKAGES[command]} {version(folder, PACKAGES[command])}"
                with opened(folder, serving.url) as app:
                    found.append(measured(name, app, serving, tokens, send))
            except (provision.Unavailable, AssertionError, subprocess.CalledProcessError, OSError) as reason:
                missing.append(f"{command}: {str(reason).splitlines()[0]}")
        try:
            program = provision.find_ollama()
            if program is None:
                raise provision.Unavailable("no Ollama on PATH or in the tests' cache")
            name = f"ollama run {provision.ollama_version(program)}"
            with ollama_run(program, serving.url) as app:
                found.append(measured(name, app, serving, tokens, "\r"))
        except (provision.Unavailable, AssertionError, OSError) as reason:
            missing.append(f"ollama run: {str(reason).splitlines()[0]}")
    return found, missing


def table(results: list[Result]) -> str:
    """A Markdown table, as in the README."""
    lines = ["| program | processor time a token | bytes a token | memory |", "|---|---|---|---|"]
    rows = (
        f"| {each.name} | {each.cpu:.2f} ms | {each.sent:,.0f} | {each.memory:.0f} MiB |" for each in results
    )
    return "\n".join([*lines, *rows])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="tests/peers", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a shorter answer")
    options = parser.parse_args()
    os.environ.pop("OLLAMA_HOST", None)
    results, missing = run(300 if options.quick else 1200)
    print(table(results))
    for line in missing:
        print(f"not measured: {line}")
    print("; ".join(f"{key}: {value}" for key, value in machine().items()))


if __name__ == "__main__":
    main()
