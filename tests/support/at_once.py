"""Several processes that open one new store at the same moment, behind a barrier, many times."""

from __future__ import annotations

import asyncio
import errno
import multiprocessing
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from r1tui.domain.conversation import Conversation
from r1tui.domain.message import Message, Role
from r1tui.services.store import locks, opening
from r1tui.services.store.conversations import ConversationStore

BARRIER_SECONDS = 120.0


def _no_flock() -> None:
    def flock(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    locks.fcntl.flock = flock  # type: ignore[attr-defined]


def _network() -> None:
    _no_flock()
    opening.network_file_system = _of_the_network  # type: ignore[attr-defined]


def _of_the_network(folder: Path, mounts: Path | None = None) -> str:
    return "nfs4"


FOLDERS: dict[str, Callable[[], None]] = {
    "local": lambda: None,
    "without flock": _no_flock,
    "network, without flock": _network,
}
"""What the data folder is like → what to replace for that."""


def _worker(name: str, barrier: Any, folder: str, kind: str, rounds: int, faults: Any) -> None:
    FOLDERS[kind]()
    for number in range(rounds):
        barrier.wait(BARRIER_SECONDS)
        try:
            asyncio.run(_use(Path(folder) / str(number) / "conversations.db", name))
        except Exception as error:
            faults.put(f"round {number}, {name}: {getattr(error, 'phrase', error)!r}")


async def _use(path: Path, name: str) -> None:
    store = await ConversationStore.open(path)
    talk = Conversation(id=name)
    talk.add(Message(Role.USER, f"question of {name}"))
    await store.add_conversation(talk)
    await store.close()


def open_at_once(folder: Path, kind: str, processes: int, rounds: int) -> list[str]:
    """Let each process open, write to and close a new store, `rounds` times. Returns what went wrong."""
    context = multiprocessing.get_context("spawn")
    barrier, faults = context.Barrier(processes), context.Queue()
    names = [f"process{number}" for number in range(processes)]
    workers = [
        context.Process(target=_worker, args=(name, barrier, str(folder), kind, rounds, faults))
        for name in names
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    wrong: list[str] = [f"a process ended with {worker.exitcode}" for worker in workers if worker.exitcode]
    while not faults.empty():
        wrong.append(faults.get())
    for number in range(rounds):
        found = asyncio.run(_ids(folder / str(number) / "conversations.db"))
        if sorted(found) != names:
            wrong.append(f"round {number} kept {found}")
    return wrong


async def _ids(path: Path) -> list[str]:
    store = await ConversationStore.open(path)
    try:
        return await store.all_ids()
    finally:
        await store.close()
