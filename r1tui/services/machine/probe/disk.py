"""Where Ollama keeps its models, and how much room there is."""

from __future__ import annotations

import os
import re
from pathlib import Path

from r1tui.domain.hardware import Disk
from r1tui.domain.phrase import phrase
from r1tui.services.machine.probe.system import System

_UNITS = (
    "/etc/systemd/system/ollama.service",
    "/usr/lib/systemd/system/ollama.service",
    "/lib/systemd/system/ollama.service",
)
_MODELS = re.compile(r"""^Environment=.*?\bOLLAMA_MODELS=([^"'\s]+)""", re.MULTILINE)
_USER = re.compile(r"^User=(\S+)", re.MULTILINE)


def _of_service(system: System) -> tuple[str, str] | None:
    """(folder, where that is said) of the systemd unit that Ollama's installer makes; None without it."""
    unit = next((path for path in _UNITS if system.exists(path)), None)
    if unit is None:
        return None
    texts = [unit, *system.glob("/etc/systemd/system/ollama.service.d/*.conf")]
    user = "root"
    for path in reversed(texts):
        named = _MODELS.findall(system.text(path) or "")
        if named:
            return named[-1], path
    for path in texts:
        users = _USER.findall(system.text(path) or "")
        user = users[-1] if users else user
    for line in (system.text("/etc/passwd") or "").splitlines():
        words = line.split(":")
        if len(words) > 5 and words[0] == user:
            return f"{words[5].rstrip('/')}/.ollama/models", "/etc/passwd"
    return None


def models_dir(system: System, own: Path | None = None) -> tuple[Path, str]:
    """The folder that a pull would fill, and where that is said.

    `own` is the folder of a server that R1TUI runs itself; then nothing else counts.
    """
    if own is not None:
        return own, "R1TUI"
    named = system.environ.get("OLLAMA_MODELS", "").strip().strip("\"'")
    if named:
        return system.path(named), "OLLAMA_MODELS"
    service = _of_service(system)
    if service:
        return system.path(service[0]), service[1]
    return system.path(system.environ.get("HOME") or "~") / ".ollama/models", "~/.ollama"


def probe_disk(system: System, own: Path | None = None) -> Disk | None:
    """Free bytes there, for others than root. A folder that is not there yet counts as its nearest parent."""
    folder, source = models_dir(system, own)
    at = folder.expanduser()
    while True:
        try:
            found = os.statvfs(at)
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            if at == at.parent:
                return None
            at = at.parent
            continue
        except OSError:
            return None
        return Disk(str(folder), found.f_bavail * found.f_frsize, phrase("hardware.source.file", path=source))
