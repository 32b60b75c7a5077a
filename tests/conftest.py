"""Fixtures that all tests share; README of each in its docstring, `CONTRIBUTING.md` shows them in use."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests.support import provision, shared
from tests.support import registry as registry_module
from tests.support.llama_server import LlamaServer
from tests.support.ollama_server import OllamaServer, new_server
from tests.support.pty_app import PtyApp, start_r1tui
from tests.support.registry import Registry
from tests.support.scripted import VERSIONS, ScriptedServer

T = TypeVar("T")

_FOREIGN = (
    "OLLAMA_",
    "R1TUI_DATA",
    "R1TUI_CONFIG",
    "R1TUI_OLLAMA",
    "SSH_",
    "TMUX",
    "LC_",
    "NO_COLOR",
    "ESCDELAY",
)
# A busy machine is no fault of a property, and no test here judges by the clock.
hypothesis_settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("unhurried")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder that all workers of this run share."""
    if not hasattr(config, "workerinput"):
        config.stash[_RUN] = shared.begin()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the shared server."""
    if not hasattr(config, "workerinput"):
        shared.end(config.stash.get(_RUN, None))


_RUN = pytest.StashKey[Path | None]()


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, Any, Any]:
    """A worker's report of a test on hostile text can be sent: half a surrogate pair in it would end the whole run."""
    return _sendable((yield))


def _sendable(data: Any) -> Any:
    """The same with every lone surrogate as an escape."""
    if isinstance(data, str):
        return data.encode(errors="backslashreplace").decode()
    if isinstance(data, dict):
        return {_sendable(key): _sendable(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return type(data)(map(_sendable, data))
    return data


def _unavailable(reason: str) -> None:
    """Skip, saying why; where CI is set a real test that cannot run is a failure."""
    if os.environ.get("CI", "").lower() in ("1", "true", "yes"):
        pytest.fail(f"CI must run this for real: {reason}", pytrace=False)
    pytest.skip(reason)


def _provided(provide: Callable[[], T]) -> T:
    """Something real; without it as `_unavailable`."""
    try:
        return provide()
    except provision.Unavailable as reason:
        _unavailable(str(reason))
        raise


@pytest.fixture(autouse=True)
def _nobody(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every test runs as somebody with no settings, no data, no proxy, in English and with Unicode signs."""
    from r1tui import locale
    from r1tui.toolkit import glyphs

    for name in list(os.environ):
        if name.startswith(_FOREIGN) or name.upper() in _PROXIES:
            monkeypatch.delenv(name)
    folder = tmp_path_factory.mktemp("nobody")
    monkeypatch.setenv("R1TUI_DATA_DIR", str(folder / "data"))
    monkeypatch.setenv("R1TUI_CONFIG_DIR", str(folder / "config"))
    monkeypatch.setenv("LANG", "C.UTF-8")
    locale.use("en")
    glyphs.use(glyphs.UNICODE)
    yield
    locale.use("en")
    glyphs.use(glyphs.UNICODE)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def server_version() -> str:
    """The version that `scripted` plays; a module whose tests are of the protocol has them run over `VERSIONS`."""
    return VERSIONS[0]


@pytest.fixture
async def scripted(server_version: str) -> AsyncIterator[ScriptedServer]:
    """A scripted Ollama in this test's event loop, with one thinking and one plain model."""
    async with ScriptedServer(version=server_version) as server:
        server.add("deepseek-r1:1.5b")
        server.add("plain:latest", thinks=False, family="llama")
        yield server


@pytest.fixture(scope="session")
def real_server() -> OllamaServer:
    """The run's real Ollama: `.url`, `.model` (thinks), `.plain` (does not), `.models_dir`. Leave its models there."""
    return _provided(shared.server)


@pytest.fixture(scope="session")
def packaging_tools() -> Path:
    """The folder of uv, pipx and the linters of a forge's files."""
    return _provided(provision.packaging_tools)


@pytest.fixture(scope="session")
def actionlint() -> Path:
    """The linter of workflows."""
    return _provided(provision.actionlint)


@pytest.fixture(scope="session")
def llama_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaServer]:
    """llama.cpp's own server: `.url`; its model is `llama_server.MODEL`, its key `llama_server.KEY`."""
    found = provision.find()
    if found.llama is None or found.gguf is None:
        _unavailable("; ".join(found.missing))
    server = LlamaServer(found, tmp_path_factory.mktemp("llama") / "log")
    yield server
    server.stop()


@pytest.fixture
def private_server(real_server: OllamaServer, tmp_path: Path) -> Iterator[Callable[..., OllamaServer]]:
    """Start further real servers, which a test may kill: `private_server(models=False, OLLAMA_KEEP_ALIVE="1s")`.

    Each has the test models (hard links) unless `models=False`.
    """
    started: list[OllamaServer] = []

    def start(*, models: bool = True, **environ: str) -> OllamaServer:
        folder = tmp_path / f"server-{len(started)}"
        server = new_server(
            provision.find(), folder, copy_models=real_server.models_dir, models=models, **environ
        )
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()
        shutil.rmtree(server.home.parent, ignore_errors=True)


@pytest.fixture(scope="session")
def _pushed_registry(
    real_server: OllamaServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Registry]:
    if not provision.find().registry_ready:
        _unavailable(
            "no registry: docker-registry and nginx are not installed (Debian: docker-registry nginx-light)"
        )
    folder = tmp_path_factory.mktemp("registry")
    with registry_module.running(folder) as registry:
        registry.push(real_server, real_server.model)
        yield registry
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def registry(_pushed_registry: Registry) -> Iterator[Registry]:
    """A real registry that has the thinking model: `.name("r1-test:135m")` to pull (insecure), `.throttle("1m")`."""
    yield _pushed_registry
    if _pushed_registry.registry is None:
        _pushed_registry.start_registry()
    if _pushed_registry.rate is not None:
        _pushed_registry.throttle(None)


@pytest.fixture
def pty_app(tmp_path: Path) -> Iterator[Callable[..., PtyApp]]:
    """Start R1TUI in a pseudo-terminal: `pty_app("--host", url, size=(80, 24), env={…})`; see `PtyApp`.

    Starts of one test share a home, so a second start finds what the first has stored (`folder=` for another home).
    """
    started: list[PtyApp] = []

    def start(*args: str, folder: Path | None = None, **options: object) -> PtyApp:
        home = folder or tmp_path / "home"
        home.mkdir(exist_ok=True)
        app = start_r1tui(home, *args, **options)  # type: ignore[arg-type]
        started.append(app)
        return app

    yield start
    for app in started:
        app.close()
