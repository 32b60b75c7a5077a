"""What R1TUI runs in: its versions, and the terminal as the environment tells it. For `--version` and `doctor`."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from r1tui import __version__
from r1tui.services.terminal.terminal import Terminal

_GIT_SECONDS = 5
_CHECKOUT = Path(__file__).resolve().parents[2]
_TOLD = ("TERM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "COLORTERM", "LC_ALL", "LC_CTYPE", "LANG")
"""Variables that tell how a terminal draws, and nothing of who uses it."""


def revision(folder: Path = _CHECKOUT) -> str:
    """The commit that a checkout of R1TUI stands at, with `-dirty` where files differ from it; empty where R1TUI is
    installed, or git is not. Runs git.
    """
    if not (folder / ".git").exists():
        return ""
    command = ("git", "-C", str(folder), "describe", "--always", "--dirty", "--exclude", "*")
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_GIT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def r1tui_version() -> str:
    """R1TUI's version, with the commit in a checkout: `0.2.0 (646ba99)`. Runs git there."""
    commit = revision()
    return f"{__version__} ({commit})" if commit else __version__


def versions() -> dict[str, str]:
    """What R1TUI is made of and runs on, by name."""
    return {
        "R1TUI": r1tui_version(),
        "Python": f"{platform.python_version()} ({platform.python_implementation()})",
        "Textual": _version("textual"),
        "Rich": _version("rich"),
        "httpx": _version("httpx"),
        "ollama": _version("ollama"),
        platform.system() or "?": f"{platform.release()} {platform.machine()}",
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "?"


def terminal(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What the environment tells of the terminal: variables by name, and what the terminal is reached through."""
    found = {name: environ[name] for name in _TOLD if environ.get(name)}
    described = Terminal.of(environ)
    through = [described.multiplexer] if described.multiplexer else []
    if described.ssh:
        through.append("ssh")
    return {"TERM": environ.get("TERM", ""), **found, "through": ", ".join(through)}
