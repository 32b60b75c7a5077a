"""Finds Ollama on this machine; starts a server of our own, never twice, and stops it, never another's."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from r1tui.domain.phrase import Phrase, phrase
from r1tui.services.atomic import write_atomically
from r1tui.services.paths import data_dir
from r1tui.services.systemd import systemd_unit

PORT = 11434
START_SECONDS = 30.0
"""A server answers within a second or two; a slow disk gets more."""
STOP_SECONDS = 10.0
LOG_LIMIT, LOG_KEPT = 4 << 20, 1 << 20
"""Bytes from which the log is cut, and what is kept of it."""
UNIT = "ollama.service"
_PLACES = (
    "/usr/local/bin",
    "/usr/bin",
    "/opt/ollama/bin",
    "~/.local/bin",
    "~/bin",
    "/snap/bin",
    "/opt/homebrew/bin",
    "/Applications/Ollama.app/Contents/Resources",
)


class ProcessError(Exception):
    """A server could not be started or stopped; `phrase` is one sentence for the user."""

    def __init__(self, phrase: Phrase) -> None:
        super().__init__(phrase.key)
        self.phrase = phrase


@dataclass(frozen=True, slots=True)
class Found:
    """What there is of Ollama on this machine."""

    binary: Path | None = None
    unit: str = ""
    """Its systemd unit, where there is one."""
    unit_active: bool = False

    @property
    def start_command(self) -> str:
        """What a person types to start the unit; empty without one."""
        return f"sudo systemctl start {self.unit}" if self.unit else ""


@dataclass(frozen=True, slots=True)
class OwnServer:
    """A server that an R1TUI started. Process ids are used again, so the start time belongs to it."""

    pid: int
    started: float
    """Seconds since the epoch, as the system tells it."""
    exe: str
    port: int

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"


class OllamaProcess:
    """The server of our own, which all R1TUIs of this user share."""

    def __init__(self, folder: Path | None = None, environ: Mapping[str, str] = os.environ) -> None:
        self._folder = folder or data_dir()
        self._environ = environ
        self._child: subprocess.Popen[bytes] | None = None
        self._use: int | None = None
        """Descriptor that holds a shared lock while this R1TUI uses the server."""

    @property
    def log(self) -> Path:
        """The server's log."""
        return self._folder / "ollama.log"

    async def find(self) -> Found:
        """Look for the program and the systemd unit."""
        (unit, active), binary = await asyncio.gather(systemd_unit(UNIT), asyncio.to_thread(self._binary))
        return Found(binary, unit, active)

    def _binary(self) -> Path | None:
        on_path = shutil.which("ollama", path=self._environ.get("PATH"))
        if on_path:
            return Path(on_path)
        for folder in (self._folder / "ollama" / "bin", *(Path(place).expanduser() for place in _PLACES)):
            binary = folder / "ollama"
            if binary.is_file() and os.access(binary, os.X_OK):
                return binary
        return None

    async def own(self) -> OwnServer | None:
        """Our server, if it runs."""
        return await asyncio.to_thread(self._own)

    async def start(self, binary: Path, port: int = PORT) -> OwnServer:
        """Our server, started if it does not run: on `port`, or another when that is taken; loopback only.

        Raises `ProcessError`. OLLAMA_MODELS and the other variables of Ollama reach it unchanged.
        """
        starting = asyncio.to_thread(self._start, binary, port)
        server = await starting
        deadline = time.monotonic() + START_SECONDS
        while not await _answers(server.port):
            if not await asyncio.to_thread(self._runs, server):
                last = await asyncio.to_thread(self.log_tail, 1)
                raise ProcessError(phrase("serve.died", log=str(self.log), last=last))
            if time.monotonic() > deadline:
                raise ProcessError(phrase("serve.silent", log=str(self.log)))
            await asyncio.sleep(0.1)
        return await asyncio.to_thread(self._settled, server)

    async def stop(self) -> bool:
        """Stop our server and what it started; False when none of ours runs."""
        return await asyncio.to_thread(self._stop)

    async def join(self) -> None:
        """Say that this R1TUI uses our server, so that no other stops it on its way out."""
        await asyncio.to_thread(self._join)

    async def use(self, url: str) -> None:
        """Join if the server at `url` is ours, whichever R1TUI started it."""
        if await self._serves(url):
            await self.join()

    async def models_of(self, url: str) -> Path | None:
        """Where the server at `url` keeps its models, if it is ours; None where another decides."""
        return self._models() if await self._serves(url) else None

    def _models(self) -> Path:
        return Path(self._environ.get("OLLAMA_MODELS") or "~/.ollama/models").expanduser()

    async def _serves(self, url: str) -> bool:
        own = await asyncio.to_thread(self._own)
        return own is not None and own.url.rpartition(":")[2] == url.rstrip("/").rpartition(":")[2]

    async def leave(self, on_exit: str) -> bool:
        """At the end: stop our server if `on_exit` is `stop` and no other R1TUI uses it; tell whether."""
        return await asyncio.to_thread(self._leave, on_exit)

    def log_tail(self, lines: int = 500) -> str:
        """The log's last lines; blocking."""
        try:
            with self.log.open("rb") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - 256 * lines))
                text = file.read().decode("utf-8", "replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    @property
    def _state(self) -> Path:
        return self._folder / "ollama-server.json"

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """One R1TUI at a time starts or stops."""
        descriptor = os.open(self._folder / "ollama-server.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _own(self) -> OwnServer | None:
        try:
            server = OwnServer(**json.loads(self._state.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        return server if self._alive(server) else None

    def _alive(self, server: OwnServer) -> bool:
        import psutil

        if self._child is not None:
            self._child.poll()  # a child that has ended stays a zombie until it is asked for
        try:
            process = psutil.Process(server.pid)
            return bool(
                process.status() != psutil.STATUS_ZOMBIE
                and abs(process.create_time() - server.started) < 1.5
                and process.exe() == server.exe
            )
        except psutil.Error:
            return False

    def _runs(self, server: OwnServer) -> bool:
        """Whether a server that does not answer yet still may: a wrapper is another program for a while."""
        if self._child is not None and self._child.pid == server.pid:
            return self._child.poll() is None
        return self._alive(server)

    def _settled(self, server: OwnServer) -> OwnServer:
        """The server with the program that it runs now that it answers, which a wrapper has become meanwhile."""
        import psutil

        exe = server.exe
        with contextlib.suppress(psutil.Error):
            exe = psutil.Process(server.pid).exe() or exe
        if exe != server.exe:
            server = replace(server, exe=exe)
            self._write(server)
        return server

    def _write(self, server: OwnServer) -> None:
        write_atomically(self._state, json.dumps(asdict(server)))

    def _start(self, binary: Path, port: int) -> OwnServer:
        import psutil

        with self._locked():
            running = self._own()
            if running is not None:
                return running
            port = _free_port(port)
            environ = {**self._environ, "OLLAMA_HOST": f"127.0.0.1:{port}"}
            self._bound_log()
            log = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                self._child = subprocess.Popen(
                    [binary, "serve"],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=environ,
                    cwd="/",
                    start_new_session=True,  # a closed terminal or Ctrl+C is not for it
                )
                exe = os.path.realpath(binary)
                with contextlib.suppress(psutil.Error):
                    exe = psutil.Process(self._child.pid).exe() or exe
                started = psutil.Process(self._child.pid).create_time()
            except (OSError, psutil.Error) as error:
                raise ProcessError(phrase("serve.cannot", binary=str(binary), detail=str(error))) from error
            finally:
                os.close(log)
            server = OwnServer(self._child.pid, started, exe, port)
            self._write(server)
            return server

    def _stop(self) -> bool:
        with self._locked():
            server = self._own()
            if server is None:
                return False
            self._end(server, signal.SIGTERM, STOP_SECONDS)
            if self._alive(server):
                self._end(server, signal.SIGKILL, STOP_SECONDS)
            if self._alive(server):
                raise ProcessError(phrase("serve.unstoppable", n=server.pid))
            self._state.unlink(missing_ok=True)
            return True

    def _end(self, server: OwnServer, with_signal: signal.Signals, patience: float) -> None:
        """Signal the whole group: it leads one of its own, and the runners that hold the model are in it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, with_signal)
        deadline = time.monotonic() + patience
        while self._alive(server) and time.monotonic() < deadline:
            time.sleep(0.05)

    def _join(self) -> None:
        if self._use is None:
            self._use = os.open(self._folder / "ollama-server.users", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._use, fcntl.LOCK_SH)

    def _leave(self, on_exit: str) -> bool:
        self._join()
        assert self._use is not None
        stopped = False
        try:
            # Only the last user can make its shared lock an exclusive one.
            fcntl.flock(self._use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._bound_log()
            stopped = on_exit == "stop" and self._stop()
        except BlockingIOError:
            pass
        finally:
            os.close(self._use)
            self._use = None
        return stopped

    def _bound_log(self) -> None:
        """Keep the end of a log that grew too long. The server appends: it may be cut under its hands."""
        with contextlib.suppress(OSError), self.log.open("r+b") as file:
            length = os.fstat(file.fileno()).st_size
            if length > LOG_LIMIT:
                file.seek(length - LOG_KEPT)
                kept = file.read().partition(b"\n")[2]
                file.seek(0)
                file.truncate()
                file.write(kept)


def _free_port(wanted: int) -> int:
    for port in (wanted, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            if sys.platform != "win32":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise ProcessError(phrase("serve.no_port"))


async def _answers(port: int) -> bool:
    """Whether a server at that port of this machine says it is Ollama's kind."""
    writer = None
    try:
        async with asyncio.timeout(2.0):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /api/version HTTP/1.0\r\nHost: localhost\r\n\r\n")
            return b" 200 " in await reader.readline()
    except (OSError, TimeoutError):
        return False
    finally:
        if writer is not None:
            writer.close()
