"""Writes to a terminal that may stand still or be gone, without making the app wait for it.

Textual's own writer ends with the first write that fails, and has the event loop wait where some writes were not taken
yet: on an SSH line that is dead before anybody has noticed, the answer would stand still too, and never end.
"""

from __future__ import annotations

from contextlib import suppress
from queue import Queue
from typing import IO, Any

from textual.app import App
from textual.drivers import linux_driver
from textual.drivers._writer_thread import WriterThread

from r1tui.toolkit.hooks import hooks
from r1tui.toolkit.patches import Patch

BEHIND = 10
"""Writes not yet taken from which on a terminal is behind: frames are left out until it has caught up."""
CLOSING_SECONDS = 2.0
"""How long the last writes may take at the end."""


class _Forgiving:
    """A file whose failed writes are nobody's loss: the terminal they were for is gone."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def write(self, text: str) -> None:
        with suppress(OSError):
            self._file.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._file.flush()

    def fileno(self) -> int:
        return self._file.fileno()


class PatientWriter(WriterThread):
    """The thread that writes to the terminal. Never blocks who gives it something to write."""

    def __init__(self, file: IO[str]) -> None:
        super().__init__(_Forgiving(file))  # type: ignore[arg-type]
        self._queue: Queue[str | None] = Queue()  # without a limit: who draws much asks `behind`

    @property
    def behind(self) -> bool:
        """Whether the terminal does not keep up."""
        return self._queue.qsize() >= BEHIND

    def stop(self) -> None:
        """End after what waits, unless the terminal stands still."""
        self._queue.put(None)
        self.join(CLOSING_SECONDS)


def behind(app: App[Any]) -> bool:
    """Whether the app's terminal does not keep up with what is drawn."""
    writer = _writer(app)
    return writer is not None and writer.behind


def stands_still(app: App[Any]) -> bool:
    """Whether, after the app's end, its terminal has not taken everything."""
    writer = _writer(app)
    return writer is not None and writer.is_alive()


def _writer(app: App[Any]) -> PatientWriter | None:
    writer = getattr(app._driver, "_writer_thread", None)
    return writer if isinstance(writer, PatientWriter) else None


def install() -> None:
    """Have Textual write so. Before the app runs."""
    linux_driver.WriterThread = PatientWriter  # type: ignore[attr-defined]
    hooks.behind = behind
    hooks.stands_still = stands_still


PATCH = Patch(
    "a terminal that stands still, or is gone, never makes the app wait",
    leans_on=(
        "textual.drivers._writer_thread:WriterThread.__init__(self, file)",
        "textual.drivers._writer_thread:WriterThread._queue",
        "textual.drivers.linux_driver:WriterThread",
        "textual.drivers.linux_driver:LinuxDriver._writer_thread",
        "textual.app:App._driver",
    ),
    upstream="textual/drivers/_writer_thread.py: a queue of 30 writes, put() waits; a write that fails ends the thread",
    without="an answer waits while an SSH line is dead, until the line is back or closed",
    install=install,
)
