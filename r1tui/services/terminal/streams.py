"""Standard output and standard error, which let no text through that a terminal would obey."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import IO, Any

from r1tui.domain.clean import Clean, visible


class OutputRefused(Exception):
    """A standard stream takes no more, as where it goes to a file on a full disk."""

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.error = error


def put(
    text: Clean = Clean(""), stream: IO[str] | None = None, *, end: str = "\n", flush: bool = False
) -> None:
    """Print on standard output or another stream; all commands for a shell print by this.

    What a terminal that has hung up would have got is left out: a signal tells of its end, and what goes on without one
    must not end by having printed. Raises `BrokenPipeError` where the reader went away, and `OutputRefused`.
    """
    with _told_apart():
        print(text, file=stream or sys.stdout, end=end, flush=flush)


def flush_output() -> None:
    """Write what standard output holds back, which Python's own end would complain of. Raises what `put` does."""
    with _told_apart():
        sys.stdout.flush()


@contextmanager
def _told_apart() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        if error.errno != errno.EIO:
            raise OutputRefused(error) from None


def stand_in_for_closed() -> None:
    """Put nothing in the place of standard streams that are closed: else files get their numbers, and what lets go of
    the terminal lets go of those.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
            file = open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115
            setattr(sys, name, file)


class VisibleStream:
    """A text stream that shows control characters as signs. Everything but writing is the stream's own."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write `text`; line breaks and tabs are kept."""
        self._stream.write(visible(text, lines=True))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write one after another."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def visible_streams() -> Iterator[None]:
    """For as long as this lasts whoever prints, argparse and a traceback included, prints visible text."""
    with redirect_stdout(_visible(sys.stdout)), redirect_stderr(_visible(sys.stderr)):
        yield


def _visible(stream: Any) -> Any:
    return stream if stream is None or isinstance(stream, VisibleStream) else VisibleStream(stream)
