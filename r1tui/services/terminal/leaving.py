"""Letting go of the terminal, and going on without one."""

from __future__ import annotations

import asyncio
import atexit
import os
import select
import signal
import sys
import termios
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Thread

LOOKED_AGAIN = 0.25
"""Seconds after which it is looked anew whether the terminal takes what is written, once the process is told to end."""


def terminal_listens() -> bool:
    """Whether the terminal is still there and takes what is written, so that it can be given back as it was."""
    try:
        termios.tcgetattr(0)  # fails once the terminal has hung up
        return bool(select.select([], [2], [], 0)[1])
    except (termios.error, OSError, ValueError):
        return False


def leave_terminal(streams: Iterable[int] = (0, 1, 2)) -> None:
    """Point the standard streams at nothing, so that a dead terminal is neither read nor written."""
    try:
        null = os.open(os.devnull, os.O_RDWR)
    except OSError:  # no more files for this process: standard input's number is one
        with suppress(OSError):
            os.close(0)
            null = os.open(os.devnull, os.O_RDWR)
            _point_at(null, streams)
        return
    _point_at(null, streams)
    os.close(null)


def _point_at(file: int, streams: Iterable[int]) -> None:
    for stream in streams:
        os.dup2(file, stream)


def told_to_end_beside(
    loop: asyncio.AbstractEventLoop, told: Callable[[], object], at_once: asyncio.Event | None = None
) -> None:
    """Call `told` on the loop at SIGHUP and SIGTERM, and set `at_once` at the latter. From then on what is written to a
    terminal or pipe that takes nothing goes nowhere, so that no write waits: neither one that has begun nor a later one,
    since what the end prints may be what fills it.
    """

    def look(*_: object) -> None:
        if stuck := [stream for stream in (1, 2) if not takes(stream)]:
            leave_terminal(stuck)

    def come(name: int, _: object) -> None:
        look()
        signal.setitimer(signal.ITIMER_REAL, LOOKED_AGAIN, LOOKED_AGAIN)
        with suppress(RuntimeError):  # the loop is closed: this process ends already
            if name == signal.SIGTERM and at_once is not None:
                loop.call_soon_threadsafe(at_once.set)
            loop.call_soon_threadsafe(told)

    signal.signal(signal.SIGALRM, look)  # interrupts a write that waits
    atexit.register(_look_no_more)
    for name in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(name, come)  # the loop's own handlers run between its steps only


def _look_no_more() -> None:
    """At Python's own end: it takes the handlers away, and a signal without one ends a process as if it had failed.

    What the streams hold is written before, while a write that waits is still let go.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):  # there is none, or it takes nothing or is closed
            stream.flush()
    signal.setitimer(signal.ITIMER_REAL, 0)


def takes(stream: int) -> bool:
    """Whether a terminal, pipe or file takes what is written to it now, without waiting."""
    try:
        return bool(select.select([], [stream], [], 0)[1])
    except (OSError, ValueError):
        return True  # and fails at once


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
    signal.setitimer(signal.ITIMER_REAL, 0)  # nothing is written any more that could wait
    for name in (signal.SIGHUP, signal.SIGINT):
        signal.signal(name, signal.SIG_IGN)
