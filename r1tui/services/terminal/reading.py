"""Reading standard input in threads that nobody waits for: who has begun a read cannot end it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from threading import Thread, enumerate
from typing import TypeVar

Value = TypeVar("Value")

_READER = "r1tui-reader"


def begin_reading(read: Callable[[], None]) -> None:
    """Run it in a thread of its own."""
    Thread(target=read, name=_READER, daemon=True).start()


async def read_beside(read: Callable[[], Value]) -> Value:
    """What it returns or raises. Where the caller is cancelled it reads on, and what it finds is dropped."""
    import asyncio
    from concurrent.futures import Future

    found: Future[Value] = Future()
    found.set_running_or_notify_cancel()  # from now on nobody cancels it under the thread's hands

    def settle() -> None:
        try:
            found.set_result(read())
        except Exception as error:
            found.set_exception(error)

    begin_reading(settle)
    return await asyncio.wrap_future(found)


def end_beside_readers(code: int) -> None:
    """End the process at once where somebody still reads: Python's own end wants the lock that a read holds."""
    if any(each.name == _READER for each in enumerate()):
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)
