"""R1TUI on a machine of 1 GiB and one core: a group of processes with these bounds, where this machine lets one be made."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.pty_app import PtyApp, clean_env
from tests.support.script import answer
from tests.support.scripted import ScriptedServer

pytestmark = pytest.mark.real

GIB = 1 << 30
MEMORY = 110 << 20
"""Bytes that the app may take at most: the target of the benchmarks after fifty answers."""
ROOT = Path("/sys/fs/cgroup")


@pytest.fixture
def group(tmp_path: Path) -> Iterator[Path]:
    """A control group of 1 GiB, of either version; its processes are to be put into it by `cgroup.procs`."""
    parent, bound = (ROOT, "memory.max")
    if (ROOT / "memory" / "memory.limit_in_bytes").exists():
        parent, bound = ROOT / "memory", "memory.limit_in_bytes"
    folder = parent / f"r1tui-test-{os.getpid()}"
    try:
        folder.mkdir()
        (folder / bound).write_text(str(GIB))
    except OSError as error:
        with contextlib.suppress(OSError):
            folder.rmdir()
        pytest.skip(
            f"no group of processes can be made here ({error.strerror}): it needs root and the memory controller"
        )
    try:
        yield folder
    finally:
        with contextlib.suppress(OSError):
            folder.rmdir()


def small(group: Path, folder: Path, *words: str) -> PtyApp:
    """R1TUI within the group, on one core."""
    join = f"import os, sys; open({str(group / 'cgroup.procs')!r}, 'w').write(str(os.getpid())); os.sched_setaffinity(0, [min(os.sched_getaffinity(0))]); os.execv(sys.executable, [sys.executable, '-m', 'r1tui', *sys.argv[1:]])"
    return PtyApp([sys.executable, "-c", join, *words], env=clean_env(folder))


async def test_it_opens_and_answers_within_the_memory_that_is_promised(
    group: Path, tmp_path: Path, scripted: ScriptedServer
) -> None:
    scripted.answers.append(answer("The answer is four.", "two and two"))
    app = small(group, tmp_path, "--host", scripted.url)
    try:
        await asyncio.to_thread(app.wait_for, "deepseek-r1:1.5b", timeout=120)
        app.write("What is 2 plus 2?")
        await asyncio.to_thread(app.wait_for, "What is 2 plus 2?", timeout=60)
        app.send("enter")
        await asyncio.to_thread(app.wait_for, "The answer is four.", timeout=120)
        # Measuring the memory's speed takes some for a moment, and gives it back.
        await asyncio.to_thread(
            app.wait_until, lambda: app.pss_bytes() < MEMORY, "as much memory as promised", 120
        )
        assert str(app.pid) in (group / "cgroup.procs").read_text().split()
    finally:
        app.close()


async def test_it_judges_the_machine_by_its_bounds(
    group: Path, tmp_path: Path, scripted: ScriptedServer
) -> None:
    app = small(group, tmp_path, "doctor", "--host", scripted.url)
    try:
        await asyncio.to_thread(app.wait_exit, 120)
        assert b"limited to 1.0 GiB" in bytes(app.raw)
    finally:
        app.close()
