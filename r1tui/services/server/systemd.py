"""What systemd knows of a service, where there is a systemd."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess


async def systemd_unit(unit: str, patience: float = 2.0) -> str:
    """The unit's name; empty where there is none or no answer in time."""
    if shutil.which("systemctl") is None:
        return ""
    try:
        process = await asyncio.create_subprocess_exec(
            "systemctl",
            "show",
            unit,
            "--property=LoadState",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # a group of its own, so that whatever it started ends with it
        )
    except OSError:
        return ""
    try:
        async with asyncio.timeout(patience):
            output, _ = await process.communicate()
    except TimeoutError:
        return ""
    finally:
        await _end(process)
    lines = output.decode("utf-8", "replace").split()
    return unit if "LoadState=loaded" in lines else ""


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill what still runs, and see it end: a transport that outlives its loop fails when it is collected."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.communicate()
