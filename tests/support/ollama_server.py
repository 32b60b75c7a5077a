"""A real Ollama server of the tests' own: a free loopback port, its own model folder, the two test models."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.provision import Provision

THINKING_MODEL = "r1-test:135m"
PLAIN_MODEL = "plain-test:135m"
_HERE = Path(__file__).parent


def free_port() -> int:
    """A loopback port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class OllamaServer:
    """A running `ollama serve`. `stop()` ends it and its runners."""

    binary: Path
    gguf: Path
    port: int
    models_dir: Path
    home: Path
    """Where the server keeps its key; never the user's."""
    environ: dict[str, str] = field(default_factory=dict)
    """More environment for the server, such as OLLAMA_KEEP_ALIVE."""
    process: subprocess.Popen[bytes] | None = None
    shared_pid: int = 0
    """Of a server that another pytest worker has started."""
    model: str = THINKING_MODEL
    plain: str = PLAIN_MODEL

    @property
    def url(self) -> str:
        """The server's address with its scheme."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What the server prints."""
        return self.home / "server.log"

    @property
    def pid(self) -> int:
        """The process id of `ollama serve`, while it runs."""
        return self.process.pid if self.process is not None else self.shared_pid

    def env(self) -> dict[str, str]:
        """The environment of the server and of its command line client."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("OLLAMA_")}
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            kept.pop(name, None)
            kept.pop(name.lower(), None)
        return (
            kept
            | {
                "HOME": str(self.home),
                "OLLAMA_HOST": f"127.0.0.1:{self.port}",
                "OLLAMA_MODELS": str(self.models_dir),
                "OLLAMA_NUM_PARALLEL": "1",
            }
            | self.environ
        )

    def outlives_this_process(self) -> None:
        """Leave the end of the server to `end_group` by its pid, in whichever process: no `Popen` is to complain."""
        assert self.process is not None
        self.shared_pid, self.process.returncode = self.process.pid, 0
        self.process = None

    def start(self) -> None:
        """Start the server and wait until it answers. Raises `RuntimeError` with its log when it does not."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(self.binary), "serve"],
                env=self.env(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                self.get("/api/version")
            except OSError:
                time.sleep(0.05)
            else:
                return
        words = self.log.read_text(errors="replace")[-2000:]
        self.stop()
        raise RuntimeError(f"Ollama did not start:\n{words}")

    def stop(self) -> None:
        """End the server and its runners, and wait for them."""
        self.kill(signal.SIGTERM)

    def kill(self, sig: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to the server and all its runners, and wait for its end (at most 10 s, then SIGKILL)."""
        if self.process is None:
            return
        end_group(self.process.pid, sig, self.process)
        self.process = None

    def command(self, *args: str) -> str:
        """Run `ollama ARGS` against this server and return what it prints. Raises `CalledProcessError`."""
        return subprocess.run(
            [str(self.binary), *args],
            env=self.env(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    def create_models(self) -> None:
        """Create the thinking and the plain model from the one model file."""
        for name, modelfile in ((self.model, "r1-test.Modelfile"), (self.plain, "plain-test.Modelfile")):
            with tempfile.NamedTemporaryFile("w", dir=self.home, suffix=".Modelfile") as file:
                file.write(f"FROM {self.gguf}\n{(_HERE / modelfile).read_text()}")
                file.flush()
                self.command("create", name, "-f", file.name)
        # Ollama lists the newest first, by whole seconds: without this the order would be chance.
        manifest = self.models_dir.joinpath("manifests/registry.ollama.ai/library", *self.plain.split(":"))
        os.utime(manifest, (1.7e9, 1.7e9))

    def get(self, path: str) -> Any:
        """The JSON that a GET of `path` answers. Raises `OSError` when the server does not."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(self.url + path, timeout=10) as reply:
            return json.load(reply)

    def installed(self) -> list[str]:
        """Names of the models it has."""
        tags = self.get("/api/tags")
        assert isinstance(tags, dict)
        return [model["name"] for model in tags["models"]]


def end_group(
    pid: int, sig: signal.Signals = signal.SIGTERM, process: subprocess.Popen[bytes] | None = None
) -> None:
    """Signal the process group `pid` and wait for it; after 10 s it is killed."""
    deadline = time.monotonic() + 10
    try:
        os.killpg(pid, sig)
        while time.monotonic() < deadline:
            if process is not None:
                process.poll()
            else:
                with suppress(
                    ChildProcessError
                ):  # a child of this process would stay in the group as a zombie
                    os.waitpid(pid, os.WNOHANG)
            os.killpg(pid, 0)
            time.sleep(0.02)
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    if process is not None:
        process.wait(10)


def new_server(
    found: Provision, folder: Path, *, copy_models: Path | None = None, models: bool = True, **environ: str
) -> OllamaServer:
    """Start a server that keeps everything in `folder`.

    `copy_models` is another server's model folder, taken over by hard links; without it the test models are created,
    unless `models` is false (an empty server).
    """
    assert found.ollama is not None
    assert found.gguf is not None
    home = folder / "home"
    models_dir = Path(environ.pop("OLLAMA_MODELS", "") or folder / "models")
    home.mkdir(parents=True)
    if copy_models and models:
        shutil.copytree(copy_models, models_dir, copy_function=_link)
    else:
        models_dir.mkdir(exist_ok=True)
    server = OllamaServer(found.ollama, found.gguf, free_port(), models_dir, home, environ)
    server.start()
    if models and not copy_models:
        try:
            server.create_models()
        except BaseException:
            server.stop()
            raise
    return server


def _link(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target
