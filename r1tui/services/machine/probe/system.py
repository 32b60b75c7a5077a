"""How probes reach the machine: files below a root, tools by name, each bounded in time."""

from __future__ import annotations

import asyncio
import os
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import TypeVar

from r1tui.domain.dataclass import dataclass

FILES_SECONDS = 0.5
TOOLS_SECONDS = 5.0
_MOST = 1 << 20
"""Bytes of a file that are read at most."""
_PIECE = 1 << 13
"""Bytes asked for at once: room is made for all of them, and most files of the kernel hold a few."""

Result = TypeVar("Result")


def run_tool(argv: Sequence[str]) -> str | None:
    """Standard output of a tool, None where it is not there, fails or takes over 5 s. No shell is between."""
    try:
        done = subprocess.run(
            list(argv),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TOOLS_SECONDS - 0.5,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode(errors="replace") if done.returncode == 0 else None


@dataclass(frozen=True, slots=True)
class System:
    """This machine, or a recorded one in tests."""

    root: Path = Path("/")
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    run: Callable[[Sequence[str]], str | None] = run_tool
    platform: str = os.uname().sysname.lower()
    """`linux` or `darwin`."""
    machine: str = os.uname().machine

    def path(self, name: str) -> Path:
        """The absolute path `name`, below the root."""
        return self.root / name.lstrip("/")

    def text(self, name: str) -> str | None:
        """A small file's text, None where it cannot be read."""
        try:
            read = bytearray()
            with open(self.path(name), "rb", buffering=0) as file:
                while len(read) < _MOST and (piece := file.read(_PIECE)):
                    read += piece
            return read.decode(errors="replace").strip("\0\n ")
        except OSError:
            return None

    def number(self, name: str) -> int | None:
        """A file that holds one whole number, decimal or 0x…; None for anything else."""
        text = self.text(name)
        try:
            return int(text, 0) if text else None
        except ValueError:
            return None

    def exists(self, name: str) -> bool:
        """Whether there is such a file or folder."""
        try:
            return self.path(name).exists()
        except OSError:
            return False

    def processes(self) -> list[str]:
        """The ids of the processes that are there; none where there is no /proc."""
        try:
            return [name for name in os.listdir(self.path("/proc")) if name.isdecimal()]
        except OSError:
            return []

    def glob(self, pattern: str) -> list[str]:
        """Absolute names (without the root) that match, sorted."""
        try:
            return sorted(
                "/" + str(path.relative_to(self.root)) for path in self.root.glob(pattern.lstrip("/"))
            )
        except OSError:
            return []


async def bounded(work: Callable[[], Result], seconds: float) -> Result | None:
    """The result of `work` in a thread of its own; None where it fails or takes longer than `seconds`.

    The thread is a daemon, not a pooled one: a read that hangs (a dead network drive, a stuck driver) must
    neither hold up the others nor the end of the program.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Result | None] = loop.create_future()

    def deliver(result: Result | None) -> None:
        if not answer.done():
            answer.set_result(result)

    def labour() -> None:
        result: Result | None = None
        try:
            result = work()
        except Exception:  # a probe's failure is a stated unknown, whatever failed
            result = None
        finally:
            if not loop.is_closed():
                loop.call_soon_threadsafe(deliver, result)

    threading.Thread(target=labour, name="probe", daemon=True).start()
    try:
        return await asyncio.wait_for(asyncio.shield(answer), seconds)
    except TimeoutError:
        return None
