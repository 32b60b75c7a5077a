"""The `.recover` command of the `sqlite3` shell, where there is a shell that has it (the table `sqlite_dbpage`).

Debian's and Ubuntu's shells are built without; SQLite's own, Homebrew's and Fedora's are not.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

_SECONDS = 120
"""The longest that it may take: about 100 times what a store of 200,000 messages needs."""


def recovered(damaged: Path, into: Path) -> bool:
    """Make the new database `into` (0600) of what the shell reads of a damaged one. False when there is nothing.

    Rows of free pages are left out, which may be what somebody has deleted. Blocks: not for the UI's loop.
    """
    shell = shutil.which("sqlite3")
    if shell is None:
        return False
    os.close(os.open(into, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    command = [shell, "-batch", "-init", os.devnull]
    try:
        with (
            subprocess.Popen(
                [*command, "-readonly", str(damaged.absolute()), ".recover --ignore-freelist"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            ) as reader,
            subprocess.Popen(
                [*command, str(into.absolute())],
                stdin=reader.stdout,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            ) as writer,
        ):
            try:
                writer.wait(_SECONDS)
                reader.wait(_SECONDS)
            finally:
                for process in (reader, writer):
                    process.kill()
    except (OSError, subprocess.TimeoutExpired):
        return False
    return into.stat().st_size > 0
