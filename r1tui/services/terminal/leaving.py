"""Letting go of the terminal, and going on without one."""

from __future__ import annotations

import os
import select
import signal
import sys
import termios
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Thread


def terminal_listens() -> bool:
    """Whether the terminal is still there and takes what is written, so that it can be given back as it was."""
    try:
        termios.tcgetattr(0)  # fails once the terminal has hung up
        return bool(select.select([], [2], [], 0)[1])
    except (termios.error, OSError, ValueError):
        return False


def leave_terminal() -> None:
    """Point the standard streams at nothing, so that a dead terminal is neither read nor written."""
    try:
        null = os.open(os.devnull, os.O_RDWR)
    except OSError:  # no more files for this process: standard input's number is one
        with suppress(OSError):
            os.close(0)
            null = os.open(os.devnull, os.O_RDWR)
            _point_at(null, (0, 1, 2))
        return
    _point_at(null, (0, 1, 2))
    os.close(null)


def _point_at(file: int, streams: tuple[int, ...]) -> None:
    for stream in streams:
        os.dup2(file, stream)


def finish_threads(threads: ThreadPoolExecutor, patience: float = 5.0) -> None:
    """Let the threads end what they do: a fork leaves them behind, and who waits for one there waits for ever."""
    waiting = Thread(target=threads.shutdown, daemon=True)  # one that hangs must not hold up the end
    try:
        waiting.start()
    except RuntimeError:  # no more threads for this user, and so no fork that would leave these behind
        threads.shutdown(wait=False)
        return
    waiting.join(patience)


def detach() -> int | None:
    """Go on in a process of its own, off the terminal. Returns 0 in that process, its process id in the one that is to
    end, and None where no further process is to be had.
    """
    if sys.stdout is not None:
        with suppress(OSError):  # a terminal that has hung up takes nothing
            sys.stdout.flush()  # not standard error: who writes to a terminal that stands still has it locked
    try:
        child = os.fork()
    except OSError:
        return None
    if child == 0:
        os.setsid()
        go_unwatched()
    return child


def go_unwatched() -> None:
    """Let go of the terminal, and be ended neither by its hang-up nor by Ctrl+C."""
    leave_terminal()
    for name in (signal.SIGHUP, signal.SIGINT):
        signal.signal(name, signal.SIG_IGN)
