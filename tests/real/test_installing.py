"""R1TUI installed as its users do: `uvx`, `uv tool install`, `pipx install`, from an index of this machine's own.

The index is a folder with the built wheel and its dependencies, which are fetched once; after that nothing is asked for
outside.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

import r1tui
from tests.support.pty_app import PtyApp, clean_env
from tests.support.scripted import ScriptedServer

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.real


def _run(command: list[str | Path], cwd: Path, environ: Mapping[str, str] | None = None) -> str:
    # PYTHONPATH would put the checkout in the place of what was installed.
    env = environ or {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _built(target: str, source: Path, folder: Path) -> Path:
    _run([sys.executable, "-m", "hatchling", "build", "-t", target, "-d", folder], source)
    return next(folder.glob("*.whl" if target == "wheel" else "*.tar.gz"))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _built("sdist", ROOT, tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def unpacked(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the sdist's files."""
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    return next(folder.iterdir())


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and all that it needs, and pip, which pipx keeps up to date."""
    folder = tmp_path_factory.mktemp("index")
    wheel = _built("wheel", ROOT, folder)
    _run([sys.executable, "-m", "pip", "download", "-q", "-d", folder, wheel, "pip"], folder)
    return folder


@pytest.fixture
def home(index: Path, tmp_path: Path) -> dict[str, str]:
    """The environment of somebody who has nothing yet, and for whom the folder is the only index."""
    settings = tmp_path / "uv.toml"
    settings.write_text(f"no-index = true\nfind-links = [{json.dumps(str(index))}]\n")
    return clean_env(tmp_path) | {
        "PYTHONPATH": "",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "UV_CONFIG_FILE": str(settings),
        "UV_OFFLINE": "1",
        "UV_PYTHON": sys.executable,
        "UV_PYTHON_DOWNLOADS": "never",
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(index),
        "PIPX_DEFAULT_PYTHON": sys.executable,
    }


async def _works(command: list[str | Path], home: dict[str, str], folder: Path, url: str) -> None:
    """It tells its version, judges the machine, and its app opens on a server."""
    said = await asyncio.to_thread(_run, [*command, "--version"], folder, home)
    assert said == f"r1tui {r1tui.__version__}\n"  # without a commit: this is no checkout
    told = json.loads(
        await asyncio.to_thread(_run, [*command, "doctor", "--json", "--host", url], folder, home)
    )
    assert told["server"]["reachable"] is True
    app = PtyApp([*map(str, command), "--host", url], env=home, cwd=folder)
    try:
        await asyncio.to_thread(app.wait_for, "deepseek-r1:1.5b", timeout=120)
    finally:
        app.close()


async def test_uvx_runs_it(
    packaging_tools: Path, home: dict[str, str], tmp_path: Path, scripted: ScriptedServer
) -> None:
    await _works([packaging_tools / "uvx", "-q", "r1tui"], home, tmp_path, scripted.url)


async def test_uv_tool_install_installs_it(
    packaging_tools: Path, home: dict[str, str], tmp_path: Path, scripted: ScriptedServer
) -> None:
    await asyncio.to_thread(_run, [packaging_tools / "uv", "tool", "install", "r1tui"], tmp_path, home)
    await _works([tmp_path / ".local" / "bin" / "r1tui"], home, tmp_path, scripted.url)


async def test_pipx_install_installs_it(
    packaging_tools: Path, home: dict[str, str], tmp_path: Path, scripted: ScriptedServer
) -> None:
    await asyncio.to_thread(_run, [packaging_tools / "pipx", "install", "r1tui"], tmp_path, home)
    await _works([tmp_path / ".local" / "bin" / "r1tui"], home, tmp_path, scripted.url)


def test_the_readmes_command_installs_it_in_a_clone(unpacked: Path, tmp_path: Path) -> None:
    """pip builds it in an environment that has nothing but what the build asks for."""
    command = next(
        line for line in (ROOT / "README.md").read_text().splitlines() if "pip install -q ." in line
    )
    folder = tmp_path / "clone"
    shutil.copytree(unpacked, folder)
    assert _run(["sh", "-c", f"{command} --version"], folder) == f"r1tui {r1tui.__version__}\n"


def test_two_sdists_are_one_to_the_byte(sdist: Path, tmp_path: Path) -> None:
    assert _built("sdist", ROOT, tmp_path).read_bytes() == sdist.read_bytes()


def test_the_wheel_of_the_sdist_is_that_of_the_checkout(index: Path, unpacked: Path, tmp_path: Path) -> None:
    wheel = next(index.glob("r1tui-*.whl"))
    assert _built("wheel", unpacked, tmp_path).read_bytes() == wheel.read_bytes()


READING_FILES = (
    "tests/unit/test_architecture.py::test_the_top_level_holds_nothing_else",
    "tests/unit/test_commands.py",
    "tests/unit/test_guide.py",
    "tests/unit/test_settings_documented.py",
    "tests/chat/test_request.py",
)
"""Fast tests, most of which read files beside the code: what an sdist could lack."""


def test_the_sdists_tests_run_from_it(unpacked: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *READING_FILES],
        cwd=unpacked,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
