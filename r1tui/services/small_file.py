"""Small files of text that people and R1TUI itself write: settings, themes, stated machines, notes. Read with bounds.

A file that is too large, no file at all (a pipe, a device, a folder), no UTF-8, no TOML or JSON, or nested without
measure is one error with its reason; reading never waits and never ends in another exception.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import tomllib
from pathlib import Path
from typing import BinaryIO

from r1tui.domain.phrase import Phrase, PhrasedError, phrase
from r1tui.domain.untrusted import Malformed, parse_json

LIMIT = 1 << 20
"""Bytes of the largest file that is read; the largest that R1TUI writes has some kilobytes."""
_DEEPEST = 32
"""Tables within each other; settings need four."""
_MOST_BITS = 64
"""Of a whole number, as TOML has it. One in hexadecimal is read however long it is, and cannot be written in a sentence."""
_AT_LINE = re.compile(r"\(at line (\d+)")
# A key of so many parts is nested as deeply, and tomllib takes a time for it that grows with the square of its parts.
_LONG_KEY = re.compile(r"(?:[\w\"'-]{1,64}[ \t]{0,4}\.[ \t]{0,4}){33}")


class FileError(PhrasedError):
    """A file cannot be read. `phrase` is a part of a sentence: it stands in brackets or behind a colon."""

    def __init__(self, reason: Phrase, *, missing: bool = False, line: int = 0, broken: bool = False) -> None:
        super().__init__(reason)
        self.missing = missing
        """There is no such file."""
        self.line = line
        """The line that could not be understood, counted from 1; 0 where it is none of the lines' fault."""
        self.broken = broken
        """It was read whole, and its contents are wrong: it may be replaced where a copy is kept."""


_REASONS = {
    errno.ENOENT: phrase("os.missing"),
    errno.EACCES: phrase("os.denied"),
    errno.EPERM: phrase("os.denied"),
    errno.EISDIR: phrase("os.folder"),
    errno.ENOTDIR: phrase("os.no_folder"),
    errno.ENOSPC: phrase("os.full"),
    errno.EDQUOT: phrase("os.full"),
    errno.EROFS: phrase("os.read_only"),
    errno.EEXIST: phrase("os.exists"),
    errno.ELOOP: phrase("os.links"),
    errno.ENAMETOOLONG: phrase("os.long_name"),
    errno.EMFILE: phrase("os.too_many"),
    errno.ENFILE: phrase("os.too_many"),
    errno.EIO: phrase("os.damaged"),
    errno.ETXTBSY: phrase("os.busy"),
    errno.EBUSY: phrase("os.busy"),
}


def why(error: OSError, *, written: bool = False) -> Phrase:
    """The system's reason in the user's language; the system itself speaks English, whatever the user's is. Where a file
    is `written`, what is not there is its folder.
    """
    if written and error.errno == errno.ENOENT:
        return phrase("os.missing_folder")
    known = _REASONS.get(error.errno or 0)
    return known or phrase("os.other", words=error.strerror or str(error) or type(error).__name__)


def open_regular(path: Path) -> BinaryIO:
    """A regular file, opened for reading without ever waiting. Raises `FileError`."""
    try:
        # A pipe that nobody writes to would hold whoever opens it for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as error:
        raise FileError(why(error), missing=isinstance(error, FileNotFoundError)) from None
    except ValueError:  # a NUL in the path
        raise FileError(phrase("os.missing")) from None
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise FileError(phrase("os.folder" if stat.S_ISDIR(mode) else "os.no_file"))
    return open(descriptor, "rb")


def read_bytes(path: Path, limit: int = LIMIT) -> bytes:
    """A regular file. Raises `FileError`."""
    with open_regular(path) as file:
        try:
            data = file.read(limit + 1)
        except OSError as error:
            raise FileError(why(error)) from None
    if len(data) > limit:
        raise FileError(phrase("file.too_large", kilobytes=limit >> 10))
    return data


def read_text(path: Path, limit: int = LIMIT) -> str:
    """A regular file of UTF-8. Raises `FileError`."""
    try:
        return read_bytes(path, limit).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileError(phrase("file.not_utf8"), broken=True) from None


def parse_toml(text: str) -> dict[str, object]:
    """A TOML document. Raises `FileError`."""
    if _LONG_KEY.search(text):
        raise FileError(phrase("file.too_deep"), broken=True)
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        match = _AT_LINE.search(str(error))
        line = int(match[1]) if match else text.count("\n") + 1
        raise FileError(phrase("file.not_toml", line=line), line=line, broken=True) from None
    except (ValueError, RecursionError, MemoryError):  # a number of thousands of digits; brackets in brackets
        raise FileError(phrase("file.too_deep"), broken=True) from None
    _check(tree)
    return tree


def read_toml(path: Path) -> dict[str, object]:
    """A TOML file. Raises `FileError`."""
    return parse_toml(read_text(path))


def read_json(path: Path) -> object:
    """A JSON file. Raises `FileError`."""
    try:
        value = parse_json(read_text(path))
    except Malformed:
        raise FileError(phrase("file.not_json"), broken=True) from None
    _check(value)
    return value


def _check(value: object) -> None:
    """Raise `FileError` where tables and lists stand in each other more than `_DEEPEST` deep, or a number is too long."""
    level = [value]
    for _ in range(_DEEPEST):
        if any(isinstance(each, int) and each.bit_length() > _MOST_BITS for each in level):
            break
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return
    raise FileError(phrase("file.too_deep"), broken=True)
