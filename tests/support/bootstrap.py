"""The tests' own Python environment. Standard library only, for whatever Python 3.11 or later starts it.

It stands in the cache folder, named by the lock file's content, and holds the dependencies without R1TUI itself: tests
run the checkout. `uv` makes it where it is installed, else `venv` and `pip`, both with the versions of the lock.

    python3 tests/support/bootstrap.py      # prints the environment's python
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NEEDED = (3, 11)


def ensure_python() -> None:
    """Go on in a Python that is new enough, or end with one sentence."""
    if sys.version_info >= NEEDED:
        return
    for name in ("python3.13", "python3.12", "python3.11"):
        found = shutil.which(name)
        if found:
            os.execv(found, [found, *sys.argv])
    sys.exit(f"tests: Python 3.11 or later is needed; this is {sys.version_info[0]}.{sys.version_info[1]}")


def _run(*command: str, **environ: str) -> None:
    result = subprocess.run(
        command, env={**os.environ, **environ}, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False
    )
    if result.returncode:
        sys.exit(f"tests: `{' '.join(command[:5])}` failed; its words are above")


def _ensure_venv() -> None:
    """Debian's python3 comes without venv's parts; as root they are installed, else the line is printed."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        package = f"python3.{sys.version_info[1]}-venv"
        if os.geteuid() == 0 and shutil.which("apt-get"):
            _run("apt-get", "update", "-q")
            _run(
                "apt-get",
                "-o",
                "DPkg::Lock::Timeout=300",  # a fresh machine may be installing something by itself
                "install",
                "-q",
                "-y",
                "--no-install-recommends",
                package,
                DEBIAN_FRONTEND="noninteractive",
            )
        else:
            sys.exit(f"tests: the module venv is not here; on Debian: sudo apt-get install {package}")


def _requirements() -> tuple[list[str], list[str]]:
    """(what pyproject.toml asks for, the lock's versions as constraints)."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    versions: dict[str, set[str]] = {}
    for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]:
        if "registry" in package["source"]:
            versions.setdefault(package["name"], set()).add(package["version"])
    return wanted, [f"{name}=={found.pop()}" for name, found in versions.items() if len(found) == 1]


def _make(folder: Path) -> None:
    uv = shutil.which("uv")
    if uv:
        options = ("sync", "--frozen", "--no-install-project", "--group", "dev", "--python", sys.executable)
        _run(uv, *options, "--project", str(ROOT), UV_PROJECT_ENVIRONMENT=str(folder))
        return
    _ensure_venv()
    _run(sys.executable, "-m", "venv", str(folder))
    wanted, locked = _requirements()
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as constraints:
        constraints.write("\n".join(locked))
        constraints.flush()
        python = str(folder / "bin" / "python")
        _run(
            python,
            "-m",
            "pip",
            "install",
            "-q",
            "--disable-pip-version-check",
            "-c",
            constraints.name,
            *wanted,
        )


def environment() -> Path:
    """The Python of the tests' environment, made when it is not there yet."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "r1tui-tests"
    base.mkdir(parents=True, exist_ok=True)
    # Paths within an environment are absolute, so it is made where it stays; the mark says that it is whole.
    content = (ROOT / "uv.lock").read_bytes() + sys.version.encode()
    folder = base / f"env-{hashlib.sha256(content).hexdigest()[:12]}"
    mark = folder / ".complete"
    with (base / "env.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not mark.is_file():
            print(f"tests: making the environment {folder}", file=sys.stderr, flush=True)
            shutil.rmtree(folder, ignore_errors=True)
            _make(folder)
            mark.touch()
    return folder / "bin" / "python"


def go_on(module: str) -> None:
    """Run a module of the tests in the environment, in place of this process."""
    ensure_python()
    python = environment()
    os.environ["PYTHONPATH"] = str(ROOT)
    os.environ["PATH"] = f"{python.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    os.execv(python, [str(python), "-m", module, *sys.argv[1:]])


if __name__ == "__main__":
    ensure_python()
    print(environment())
