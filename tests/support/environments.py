"""Environments beside the lock's: another Python, the lowest versions that pyproject.toml allows, the newest ones."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.support.bootstrap import ROOT
from tests.support.provision import Unavailable, cache_dir, locked, packaging_tools

_BOUND = re.compile(r"(?:~=|==|<=?|!=)[^,;]+,?")
_WATCHED = ("textual", "rich", "httpx")
"""Packages whose newest versions R1TUI feels most."""


def find_python(version: str) -> Path:
    """An interpreter of a version such as `3.12`: on PATH, of pyenv, or one that uv knows or gets. Raises `Unavailable`."""
    if not re.fullmatch(r"3\.\d+", version):
        raise Unavailable(f"--python takes a version such as 3.12, not {version!r}")
    on_path = shutil.which(f"python{version}")
    of_pyenv = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    places = [*([Path(on_path)] if on_path else []), *of_pyenv]
    for place in places:
        said = subprocess.run(
            [place, "-c", "import sys; print(*sys.version_info[:2], sep='.')"],
            capture_output=True,
            text=True,
            check=False,
        )
        if said.stdout.strip() == version:
            return place
    uv = str(packaging_tools() / "uv")
    for command in (
        (uv, "python", "find", version),
        (uv, "python", "install", version),
        (uv, "python", "find", version),
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0 and command[2] == "find":
            return Path(done.stdout.strip())
    raise Unavailable(f"no Python {version} on this machine, and uv cannot get one here")


def of_python(version: str) -> Path:
    """The Python of an environment with the lock's versions. Raises `Unavailable`."""
    python = find_python(version)
    return _environment(f"python-{version}", str(python), _lock(), lambda folder: _sync(folder, python))


def lowest() -> Path:
    """The Python of an environment with the lowest versions of R1TUI's own dependencies; the tests' own are the lock's.
    Raises `Unavailable`.
    """
    wanted, tools = _requirements()
    locked_tools = [f"{name}=={version}" for name, version in _locked().items() if name in map(_name, tools)]

    def make(folder: Path) -> None:
        _install(folder, Path(sys.executable), "--resolution", "lowest-direct", *wanted, *locked_tools)

    return _environment("lowest", sys.executable, [*wanted, *locked_tools], make)


def latest(*, beyond: bool) -> Path:
    """The Python of an environment with the newest versions within the ranges of pyproject.toml, or `beyond` them. Made
    anew each day. Raises `Unavailable`.
    """
    wanted, tools = _requirements()
    if beyond:
        wanted = [*map(unbound, wanted), "rich"]
    kind = "beyond" if beyond else "newest"

    def make(folder: Path) -> None:
        _install(folder, Path(sys.executable), "--upgrade", *wanted, *tools)

    return _environment(kind, sys.executable, [*wanted, *tools, time.strftime("%Y-%m-%d")], make)


def unbound(requirement: str) -> str:
    """A requirement without its upper bounds."""
    return _BOUND.sub("", requirement).rstrip(", ")


def differences(python: Path) -> list[str]:
    """What an environment has in another version than the lock: `textual 8.2.8 -> 9.0.1`."""
    code = "import importlib.metadata as m; print(*(f'{d.name.lower().replace(chr(95), chr(45))}=={d.version}' for d in m.distributions()), sep='\\n')"
    listed = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    before, now = _locked(), dict(each.split("==") for each in listed)
    return [
        f"{name} {before[name]} -> {now[name]}"
        for name in sorted(now)
        if name in before and before[name] != now[name]
    ]


def versions(python: Path) -> str:
    """Python's version and those of the packages that matter most: `Python 3.12.1, textual 8.2.8, …`."""
    code = f"import platform, importlib.metadata as m; print('Python', platform.python_version(), end=''); [print(',', n, m.version(n), end='') for n in {_WATCHED!r}]"
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.replace(
        " ,", ","
    )


def _requirements() -> tuple[list[str], list[str]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return project["project"]["dependencies"], project["dependency-groups"]["dev"]


def _locked() -> dict[str, str]:
    packages = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    return {each["name"]: each["version"] for each in packages if "registry" in each["source"]}


def _lock() -> list[str]:
    return [(ROOT / "uv.lock").read_text()]


def _name(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower().replace("_", "-")


def _environment(kind: str, python: str, content: Sequence[str], make: Callable[[Path], None]) -> Path:
    digest = hashlib.sha256("\n".join((python, *content)).encode()).hexdigest()[:12]
    folder = cache_dir() / f"{kind}-{digest}"
    mark = folder / ".complete"
    with locked(cache_dir() / f"{kind}.lock"):
        if not mark.is_file():
            print(f"tests: making the environment {folder}", file=sys.stderr, flush=True)
            for old in cache_dir().glob(f"{kind}-*"):
                shutil.rmtree(old, ignore_errors=True)
            make(folder)
            mark.touch()
    return folder / "bin" / "python"


def _sync(folder: Path, python: Path) -> None:
    options = ("sync", "--frozen", "--no-install-project", "--group", "dev", "--python", str(python))
    _uv(*options, "--project", str(ROOT), UV_PROJECT_ENVIRONMENT=str(folder))


def _install(folder: Path, python: Path, *words: str) -> None:
    _uv("venv", "--python", str(python), str(folder))
    _uv("pip", "install", "--python", str(folder / "bin" / "python"), *words)


def _uv(*words: str, **environ: str) -> None:
    env = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"} | environ
    command = (str(packaging_tools() / "uv"), "-q", *words)
    done = subprocess.run(command, cwd="/", env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unavailable(f"uv {words[0]} failed: {' / '.join(done.stderr.strip().splitlines()[:6])}")
