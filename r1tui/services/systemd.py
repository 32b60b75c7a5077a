"""What systemd knows of a service, where there is a systemd."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess


async def systemd_unit(unit: str, patience: float = 2.0) -> tuple[str, bool]:
    """The unit's name and whether it is active; empty where there is none or no answer in time."""
    if shutil.which("systemctl") is None:
        return "", False
    process = None
    try:
        process = await asyncio.create_subprocess_exec(
            "systemctl",
            "show",
            unit,
            "--property=LoadState,ActiveState",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        async with asyncio.timeout(patience):
            output, _ = await process.communicate()
    except (OSError, TimeoutError):
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        return "", False
    lines = output.decode("utf-8", "replace").split()
    if "LoadState=loaded" not in lines:
        return "", False
    return unit, "ActiveState=active" in lines
