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
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from r1tui.domain.address import is_loopback, without_credentials
from r1tui.domain.dataclass import dataclass
from r1tui.domain.kv_cache import KvCache
from r1tui.domain.phrase import PhrasedError, phrase
from r1tui.domain.settings import ServerSettings
from r1tui.domain.untrusted import moment, table, text, whole, word
from r1tui.services.atomic import write_atomically
from r1tui.services.paths import data_dir
from r1tui.services.server.systemd import systemd_unit
from r1tui.services.small_file import FileError, open_regular, read_json, why

if TYPE_CHECKING:
    import psutil

    from r1tui.services.server.models_move import MovePlan

PORT = 11434
START_SECONDS = 30.0
"""A server answers within a second or two; a slow disk gets more."""
STOP_SECONDS = 10.0
REAP_SECONDS = 2.0
"""How long a stopped server may stay in the process table: its parent, an R1TUI, asks for its end at once; a parent
that never does (a container without an init) keeps the number, and nobody can help that."""
START_TRIES = 3
"""Ports tried when somebody else takes the chosen one before our server does."""
LOG_LIMIT, LOG_KEPT = 4 << 20, 1 << 20
"""Bytes from which the log is cut, and what is kept of it."""
LOG_LINE = 256
"""Bytes of the log that are read for each line that is wanted, at most."""
UNIT = "ollama.service"
_MOST_PID = 2**31 - 1
_DEFAULT_MODELS = "~/.ollama/models"
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


class ProcessError(PhrasedError):
    """A server could not be started or stopped; `phrase` is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Found:
    """What there is of Ollama on this machine."""

    binary: Path | None = None
    unit: str = ""
    """Its systemd unit, where there is one."""

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
    binary: str = ""
    """The program as it was named, a wrapper perhaps; "" where an older R1TUI has started it."""
    models: str = ""
    """The folder of its models; "" likewise."""
    kv_cache: KvCache = KvCache.F16
    """How it keeps a context."""

    @property
    def models_folder(self) -> Path:
        """Where it keeps its models."""
        return Path(self.models or _DEFAULT_MODELS).expanduser()

    @property
    def url(self) -> str:
        """The address at which it listens."""
        return f"http://127.0.0.1:{self.port}"


class OllamaProcess:
    """The server of our own, which all R1TUIs of this user share."""

    def __init__(
        self,
        folder: Path | None = None,
        environ: Mapping[str, str] = os.environ,
        settings: ServerSettings | None = None,
    ) -> None:
        """`settings`: what the next server is started with; they are read at its start."""
        self.settings = settings or ServerSettings()
        self.looked_for: Callable[[], str] = lambda: ""
        """The address at which a server is looked for, wherever that is; empty where nobody says."""
        self._folder = folder or data_dir()
        self._environ = environ
        self._child: subprocess.Popen[bytes] | None = None
        self._use: int | None = None
        """Descriptor that holds a shared lock while this R1TUI uses the server."""

    @property
    def log(self) -> Path:
        """The file that our server's output goes to."""
        return self._folder / "ollama.log"

    async def find(self) -> Found:
        """Look for the program and the systemd unit."""
        unit, binary = await asyncio.gather(systemd_unit(UNIT), asyncio.to_thread(self._binary))
        return Found(binary, unit)

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
        """Our server, if it runs and it is the one that listens at its port."""
        return await asyncio.to_thread(self._own_listening)

    async def start(self, binary: Path, port: int | None = None, *, keep_partials: bool = False) -> OwnServer:
        """Our server, started if it does not run: on `port`, else where a server of this machine is looked for, or on
        another port when that is taken; loopback only.

        Raises `ProcessError`. Ollama's variables reach it unchanged, but for those that the settings decide; its cloud
        functions, which ask ollama.com at every start, are off unless the user's environment says otherwise.
        `keep_partials`: it does not begin by removing what was downloaded in part, as Ollama does.
        """
        url = self.looked_for()
        port = port or (is_loopback(url) and urlsplit(url).port) or PORT
        for last_try in (*[False] * (START_TRIES - 1), True):
            server = await asyncio.to_thread(self._start, binary, port, keep_partials)
            if await self._came_up(server):
                return await asyncio.to_thread(self._settled, server)
            # It ended. Where somebody else has its port by now, that is why, and another port is free.
            if last_try or not await asyncio.to_thread(_taken, server.port):
                break
        last = await asyncio.to_thread(self.log_tail, 1)
        raise ProcessError(phrase("serve.died", log=str(self.log), last=last))

    async def _came_up(self, server: OwnServer) -> bool:
        """Wait until the server answers, and it is our process that does: another program may have taken the port
        in the moment between our look and the server's. False where it ended. Raises `ProcessError` for silence.
        """
        deadline = time.monotonic() + START_SECONDS
        while not (await _answers(server.port) and await asyncio.to_thread(_listens, server)):
            if not await asyncio.to_thread(self._runs, server):
                return False
            if time.monotonic() > deadline:
                raise ProcessError(phrase("serve.silent", log=str(self.log)))
            await asyncio.sleep(0.1)
        return True

    async def restart(self) -> OwnServer:
        """Our server, stopped and started anew, by the settings of now, where it was. Raises `ProcessError`."""
        own = await self.own()
        if own is None:
            raise ProcessError(phrase("models.serve.none"))
        await self._program_of(own)
        await self.stop()
        return await self.start_again(own)

    async def start_again(self, stopped: OwnServer) -> OwnServer:
        """A server of ours that was stopped, by the settings of now, where it was. Raises `ProcessError`."""
        return await self.start(await self._program_of(stopped), stopped.port, keep_partials=True)

    async def _program_of(self, own: OwnServer) -> Path:
        binary = Path(own.binary) if own.binary else (await self.find()).binary
        if binary is None:
            raise ProcessError(phrase("models.serve.no_program"))
        return binary

    async def used_by_others(self) -> bool:
        """Whether another R1TUI uses our server too."""
        return await asyncio.to_thread(self._used_by_others)

    async def stop(self) -> bool:
        """Stop our server and what it started; False when none of ours runs."""
        return await asyncio.to_thread(self._stop)

    async def join(self) -> None:
        """Say that this R1TUI uses our server, so that no other stops it on its way out."""
        await asyncio.to_thread(self._join)

    async def use(self, url: str) -> None:
        """Join if the server at `url` is ours, whichever R1TUI started it.

        A move of its models that was cut off after it had started in the new folder is brought to its end.
        """
        if (own := await self.of(url)) is not None:
            await self.join()
            await self.finish_move(own)

    async def note_move(self, plan: MovePlan) -> None:
        """The models are in both folders from now on; `finish_move` removes the old ones. Raises `OSError`."""
        from r1tui.services.server.models_move import note_move

        await asyncio.to_thread(note_move, self._folder, plan)

    async def finish_move(self, own: OwnServer) -> int:
        """Remove the models that were moved to where the server now has them from where they were; bytes removed."""
        from r1tui.services.server.models_move import finish_move

        return await asyncio.to_thread(finish_move, self._folder, own.models_folder)

    async def of(self, url: str) -> OwnServer | None:
        """Our server, if it is the one at `url`."""
        own = await self.own()
        at_url = own is not None and own.url.rpartition(":")[2] == url.rstrip("/").rpartition(":")[2]
        return own if at_url else None

    async def models_of(self, url: str) -> Path | None:
        """Where the server at `url` keeps its models, if it is ours, or will be once ours is started there; None where
        another decides."""
        own = await self.of(url)
        if own is not None:
            return own.models_folder
        port = urlsplit(url).port
        if not self.settings.models or (port and await asyncio.to_thread(_taken, port)):
            return None
        return self.models

    @property
    def models(self) -> Path:
        """Where the next server that is started keeps its models."""
        from r1tui.services.server.models_move import named_folder

        named = self.settings.models or self._environ.get("OLLAMA_MODELS") or _DEFAULT_MODELS
        return named_folder(named)

    @property
    def kv_cache(self) -> KvCache:
        """How the next server that is started keeps a context."""
        return KvCache.of_environment({**self._environ, **self.settings.kv_cache.environment()})

    async def leave(self, on_exit: str) -> bool:
        """At the end: stop our server if `on_exit` is `stop` and no other R1TUI uses it; tell whether."""
        return await asyncio.to_thread(self._leave, on_exit)

    def log_tail(self, lines: int = 500) -> str:
        """The log's last lines; blocking."""
        most = LOG_LINE * lines
        try:
            with open_regular(self.log) as file:
                start = max(0, os.fstat(file.fileno()).st_size - most)
                file.seek(start)
                text = file.read(most).decode("utf-8", "replace")
        except (FileError, OSError):
            return ""
        if start:  # a line that is cut may begin within a password
            text = text.partition("\n" if "\n" in text.rstrip("\n") else " ")[2]
        # Ollama writes down its environment, with the addresses of proxies.
        return without_credentials("\n".join(text.splitlines()[-lines:]))

    @property
    def _state(self) -> Path:
        return self._folder / "ollama-server.json"

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """One R1TUI at a time starts or stops. Raises `ProcessError` where nothing can be written beside it."""
        try:
            descriptor = os.open(self._folder / "ollama-server.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise _unwritable(self._folder, error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _own(self) -> OwnServer | None:
        try:
            found = table(read_json(self._state))
        except FileError:
            return None
        pid, port = whole(found.get("pid"), 1, _MOST_PID), whole(found.get("port"), 1, 65535)
        started, exe = moment(found.get("started")), text(found.get("exe"))
        if pid is None or port is None or started is None:
            return None
        server = OwnServer(
            pid,
            started,
            exe,
            port,
            text(found.get("binary")),
            text(found.get("models")),
            word(KvCache, found.get("kv_cache"), KvCache.F16),
        )
        return server if self._alive(server) else None

    def _own_listening(self) -> OwnServer | None:
        server = self._own()
        return server if server is not None and _listens(server) else None

    def _alive(self, server: OwnServer) -> bool:
        import psutil

        try:
            process = psutil.Process(server.pid)
            return bool(
                process.status() != psutil.STATUS_ZOMBIE
                and _is(process, server)
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
        """Note which server is ours. Raises `ProcessError`."""
        try:
            write_atomically(self._state, json.dumps(asdict(server)))
        except OSError as error:
            raise _unwritable(self._state, error) from error

    def _start(self, binary: Path, port: int, keep_partials: bool) -> OwnServer:
        import psutil

        with self._locked():
            running = self._own()
            if running is not None:
                return running
            self._check_models()
            port = _free_port(port)
            environ = {**self._environ, "OLLAMA_HOST": f"127.0.0.1:{port}"}
            environ["OLLAMA_NO_CLOUD"] = environ.get("OLLAMA_NO_CLOUD") or "1"
            environ |= self.settings.kv_cache.environment()
            if self.settings.models:
                environ["OLLAMA_MODELS"] = str(self.models)
            if keep_partials and any(self.models.glob("blobs/*-partial*")):
                environ["OLLAMA_NOPRUNE"] = "1"  # for this run: the next one removes what nobody wants
            self._bound_log()
            log = self._opened_log()
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
                # A child that has ended stays a zombie until its parent asks for it: this thread does so at once.
                threading.Thread(target=self._child.wait, name="ollama-reaper", daemon=True).start()
            except (OSError, psutil.Error) as error:
                detail = why(error) if isinstance(error, OSError) else str(error)
                raise ProcessError(phrase("serve.cannot", binary=str(binary), detail=detail)) from error
            finally:
                os.close(log)
            server = OwnServer(
                self._child.pid, started, exe, port, str(binary), str(self.models), self.kv_cache
            )
            try:
                self._write(server)
            except ProcessError:  # nobody would know it for ours
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(server.pid, signal.SIGKILL)
                raise
            return server

    def _opened_log(self) -> int:
        """The log, to be written to. Raises `ProcessError`."""
        try:
            # A pipe that nobody reads from would be waited for.
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NONBLOCK | os.O_NOCTTY
            log = os.open(self.log, flags, 0o600)
        except OSError as error:
            raise _unwritable(self.log, error) from error
        os.set_blocking(log, True)
        return log

    def _check_models(self) -> None:
        """Raise `ProcessError` where the folder of the settings cannot be used: on a disk that is not there Ollama would
        make an empty one."""
        if not self.settings.models:
            return
        try:
            with os.scandir(self.models):
                pass
            writable = os.access(self.models, os.W_OK | os.X_OK)
            reason = None if writable else phrase("os.denied")
        except OSError as error:
            reason = why(error)
        except ValueError:  # a NUL in the path
            reason = phrase("os.missing")
        if reason is not None:
            raise ProcessError(phrase("serve.models_folder", path=str(self.models), reason=reason))

    def _stop(self) -> bool:
        with self._locked():
            server = self._own()
            if server is None:
                return False
            family = _descendants(server)
            for with_signal in (signal.SIGTERM, signal.SIGKILL):
                if _group_is_ours(server):
                    with contextlib.suppress(ProcessLookupError):
                        # The whole group: it leads one of its own, and the runners that hold the model are in it.
                        os.killpg(server.pid, with_signal)
                _wait_until(lambda: not self._alive(server), STOP_SECONDS)
            if self._alive(server):
                raise ProcessError(phrase("serve.unstoppable", pid=str(server.pid)))
            _wait_until(lambda: _reaped(server) and not any(map(_still_runs, family)), REAP_SECONDS)
            with contextlib.suppress(OSError):
                self._state.unlink(missing_ok=True)
            return True

    def _join(self) -> None:
        """Be counted among the users of our server. Where that cannot be written no server is started or stopped."""
        if self._use is None:
            with contextlib.suppress(OSError):
                self._use = os.open(self._folder / "ollama-server.users", os.O_RDWR | os.O_CREAT, 0o600)
                fcntl.flock(self._use, fcntl.LOCK_SH)

    def _used_by_others(self) -> bool:
        self._join()
        if self._use is None:
            return True
        try:
            fcntl.flock(self._use, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            fcntl.flock(self._use, fcntl.LOCK_SH)
        return False

    def _leave(self, on_exit: str) -> bool:
        self._join()
        if self._use is None:
            return False
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


def _unwritable(path: Path, error: OSError) -> ProcessError:
    return ProcessError(phrase("serve.folder", path=str(path), detail=why(error)))


def _free_port(wanted: int) -> int:
    for port in (wanted, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            if sys.platform != "win32":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise ProcessError(phrase("serve.no_port"))


def _wait_until(condition: Callable[[], bool], patience: float) -> None:
    """Until `condition` holds, for at most `patience` seconds."""
    deadline = time.monotonic() + patience
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)


def _is(process: psutil.Process, server: OwnServer) -> bool:
    """Whether it is that very process and not one that got its number later."""
    return abs(process.create_time() - server.started) < 1.5


def _descendants(server: OwnServer) -> list[psutil.Process]:
    """The processes that the server started, directly or not, such as the runners that hold its models."""
    import psutil

    try:
        return psutil.Process(server.pid).children(recursive=True)
    except psutil.Error:
        return []


def _still_runs(process: psutil.Process) -> bool:
    """Whether it still does; one that only waits to be reaped does not."""
    import psutil

    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def _group_is_ours(server: OwnServer) -> bool:
    """Whether the group that the server leads is its own: a number stays taken while its group has a member."""
    import psutil

    try:
        return _is(psutil.Process(server.pid), server)
    except psutil.NoSuchProcess:
        return True
    except psutil.Error:
        return False


def _reaped(server: OwnServer) -> bool:
    """Whether the process table has no trace of the server any more."""
    import psutil

    try:
        return not _is(psutil.Process(server.pid), server)
    except psutil.Error:
        return True


def _listens(server: OwnServer) -> bool:
    """Whether the socket that listens at the server's port of 127.0.0.1 belongs to its process or a descendant's.

    That something answers there says nothing: every user of this machine can listen at a free port.
    """
    import psutil

    try:
        process = psutil.Process(server.pid)
        if not _is(process, server):
            return False
        return any(_has_port(each, server.port) for each in (process, *_descendants(server)))
    except psutil.Error:
        return False


def _has_port(process: psutil.Process, port: int) -> bool:
    import psutil

    with contextlib.suppress(psutil.Error):
        return any(
            each.status == psutil.CONN_LISTEN and each.laddr == ("127.0.0.1", port)
            for each in process.net_connections("tcp4")
        )
    return False


def _taken(port: int) -> bool:
    """Whether nobody can listen at that port now, because another does."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


async def _answers(port: int) -> bool:
    """Whether a server at that port of this machine says it is Ollama's kind."""
    writer = None
    try:
        async with asyncio.timeout(2.0):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /api/version HTTP/1.0\r\nHost: localhost\r\n\r\n")
            return b" 200 " in await reader.readline()
    except (OSError, ValueError, TimeoutError):  # ValueError: a first line without end
        return False
    finally:
        if writer is not None:
            writer.transport.abort()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
