"""The conversations of a JSON file, one at a time: files of some hundred MB in bounded memory.

The file is a list, an object with a list `conversations`, or one conversation. It is cut into its entries by brackets
and strings alone, so that an entry that is not JSON costs no other; each is then parsed by the standard library.
"""

from __future__ import annotations

import codecs
import errno
import io
import json
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from secrets import token_hex
from sys import getsizeof
from typing import IO

from r1tui.domain.dataclass import dataclass
from r1tui.domain.phrase import Phrase, PhrasedError, phrase

MAX_BYTES = 4 * 1024**3
"""The largest file, or unpacked member of an archive, that is read."""
MAX_ENTRY = 24 * 1024**2
"""The largest conversation without the texts that go with its questions, in bytes of JSON. Its text takes up to four
times as much in memory, twice for a moment."""
MAX_MEMORY = 168 * 1024**2
"""The largest conversation with them, in bytes of memory while it is read."""
WEIGHT = 7
"""Bytes of memory for one of JSON."""
MAX_STRUCTURE = 3 * 1024**2
"""Bytes of an entry outside its strings. Parsed, they take up to forty times as much (`{"":0},` is a dictionary)."""
MAX_ENTRIES = 200_000
MAX_RATIO = 200
"""How many times larger than packed a member of an archive may be; text is packed to about a fifth."""
MAX_DIRECTORY = 8 * 1024**2
"""The largest table of contents of an archive, which is read as a whole."""
CHUNK = 256 * 1024
"""Bytes that are read and looked through at once."""

_MEMBER = re.compile(r"(?:.*/)?conversations(?:-\d{1,6})?\.json", re.DOTALL)
_WRAPPER = re.compile(rb'\s*+\{[^{}\[\]]*?"conversations"\s*+:\s*+\[')
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?+', re.DOTALL)
"""A string, also one that has no end: to look for another beginning in it would take the square of its length."""
_IN_STRING = re.compile(rb"[^\"\\]*+(?:\\.[^\"\\]*+)*+", re.DOTALL)
_BRACKETS = re.compile(rb"[{\[]++|[}\]]++")
_FLAT = re.compile(rb'(?:[^"{}\[\],]++|"[^"\\]*+(?:\\.[^"\\]*+)*+")*+', re.DOTALL)
"""What lies between two entries' brackets and commas."""
_FLAT_INSIDE = re.compile(rb'(?:[^"{}\[\]]++|"[^"\\]*+(?:\\.[^"\\]*+)*+")*+', re.DOTALL)
_TEXT_KEY = re.compile(rb'"text"\s{0,8}:\s{0,8}\Z')
_TEXT = re.compile(rb'"text"\s{0,8}:\s{0,8}"([^"\\]*+(?:\\.[^"\\]*+)*+)"', re.DOTALL)
LONG = 4096
"""Bytes from which a text that goes with a question counts apart."""
_LONGEST_ESCAPE = 12
"""Bytes of two surrogates in escapes, between which no text is cut."""
_TITLE = re.compile(rb'"title"\s{0,8}:\s{0,8}("[^"\\]*+(?:\\.[^"\\]*+)*+")', re.DOTALL)


class WrongFile(PhrasedError):
    """The file as a whole cannot be read. `phrase` says why."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """An entry that cannot be read."""

    why: Phrase
    title: str = ""
    known: bool = False
    """Whether it has the shape of a known kind of file."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of an imported file, parsed."""

    data: object
    listed: bool
    """Whether it stands in a list `conversations`, as in R1TUI's own files."""


class EntryReader:
    """Reads the entries of a file. Blocking: iterate in a thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.total = 1
        """Bytes of the file, or of the archive's members, unpacked."""
        self.read = 0
        """Bytes that were read of them."""
        self.listed = False
        """Whether there is a list `conversations`, as in R1TUI's own files."""

    def __iter__(self) -> Iterator[Entry | Wrong | None]:
        """Every entry in turn; None where a piece of the file was read and no entry ended in it.

        Raises `OSError`, and `WrongFile` for what cannot be read at all.
        """
        mode = self._path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, "a folder")
        if not stat.S_ISREG(mode):  # a pipe that nobody writes to would hold whoever opens it for ever
            raise WrongFile(phrase("transfer.unreadable", path=str(self._path), detail=phrase("os.no_file")))
        with ExitStack() as stack:
            try:
                for file in self._files(stack):
                    yield from self._entries(file)
            except (
                ValueError,
                RuntimeError,
                EOFError,
                NotImplementedError,
                zlib.error,
                zipfile.BadZipFile,
            ) as error:
                # RuntimeError: a password is wanted.
                raise WrongFile(phrase("transfer.not_json", path=self._path.name)) from error

    def _files(self, stack: ExitStack) -> Iterator[IO[bytes]]:
        file = stack.enter_context(self._path.open("rb"))
        self.total = self._path.stat().st_size
        archive = file.read(4) == b"PK\x03\x04"
        file.seek(0)
        if not archive:
            self._bound(self.total)
            yield file
            return
        file.close()
        packed = stack.enter_context(zipfile.ZipFile(stack.enter_context(_Frugal(self._path))))
        members = sorted(
            (each for each in packed.infolist() if _MEMBER.fullmatch(each.filename)),
            key=lambda each: each.filename,
        )
        if not members:
            raise WrongFile(phrase("transfer.unknown_kind", path=self._path.name))
        self.total = sum(each.file_size for each in members)
        self._bound(self.total)
        for member in members:
            if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise NotImplementedError
            if member.file_size > MAX_RATIO * member.compress_size + CHUNK:
                raise WrongFile(phrase("transfer.bomb", path=self._path.name, ratio=MAX_RATIO))
            yield stack.enter_context(packed.open(member))

    def _bound(self, size: int) -> None:
        if size > MAX_BYTES:
            raise WrongFile(
                phrase("transfer.too_large", path=self._path.name, megabytes=MAX_BYTES // 1024**2)
            )

    def _entries(self, file: IO[bytes]) -> Iterator[Entry | Wrong | None]:
        buffer = bytearray()
        chunks = self._chunks(file)
        for chunk in chunks:
            buffer += chunk
            if buffer.isspace():
                buffer.clear()
            elif len(buffer) >= CHUNK:
                break
            yield None
        head = _WRAPPER.match(buffer)
        start = head.end() if head else len(buffer) - len(buffer.lstrip())
        if head or buffer[start : start + 1] == b"[":
            self.listed = head is not None
            del buffer[: start + (head is None)]
            for piece in _split(buffer, chunks, alone=head is None):
                yield _parsed(piece.raw, self.listed, piece.texts) if isinstance(piece, _Piece) else piece
            return
        for chunk in chunks:
            buffer += chunk
            if len(buffer) > MAX_ENTRY:
                yield Wrong(_too_large(), _title(buffer))
                return
            yield None
        entry = _parsed(buffer, False)
        listed = entry.data if isinstance(entry, Entry) else None
        if isinstance(listed, dict) and isinstance(listed.get("conversations"), list):
            self.listed = True
            yield from (Entry(each, True) for each in listed["conversations"])
        else:
            yield entry

    def _chunks(self, file: IO[bytes]) -> Iterator[bytes]:
        """The file as UTF-8, piece by piece."""
        decoder: codecs.IncrementalDecoder | None = None
        first = True
        while chunk := file.read(CHUNK):
            self.read += len(chunk)
            if first:
                if chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                    decoder = codecs.getincrementaldecoder("utf-16")("replace")
                chunk = chunk.removeprefix(codecs.BOM_UTF8)
                first = False
            yield decoder.decode(chunk).encode("utf-8", "replace") if decoder else chunk


class _Frugal(io.FileIO):
    """A file that gives no more than `MAX_DIRECTORY` at once: an archive's table of contents is read whole."""

    def read(self, size: int | None = -1, /) -> bytes:
        """As usual; raises `BadZipFile` for more."""
        wanted = os.fstat(self.fileno()).st_size - self.tell() if size is None or size < 0 else size
        if wanted > MAX_DIRECTORY:
            raise zipfile.BadZipFile
        return super().read(size)


def fits(rest: int, texts: int) -> bool:
    """Whether a conversation can be read: bytes of JSON without the long texts, and bytes of these in memory."""
    return rest <= MAX_ENTRY and WEIGHT * rest + texts <= MAX_MEMORY


class _Texts:
    """Long texts that go with questions, taken out of an entry while it is read: they count apart, and none stands in
    memory as JSON and as text at once.
    """

    def __init__(self) -> None:
        self._mark = token_hex(16)
        self.kept: dict[str, str] = {}
        """What stands in an entry in place of a text, and the text."""
        self._parts: list[str] = []
        self.size = 0
        """Bytes of memory of all."""
        self.wrong = False
        """Whether one is no JSON."""

    def take(self, buffer: bytearray, start: int, end: int) -> int:
        """Take the long ones out of a piece of the file; returns by how much that is shorter."""
        spans = [each.span(1) for each in _TEXT.finditer(buffer, start, end)]
        length = len(buffer)
        for first, last in reversed(spans):
            if last - first > LONG:
                self.add(buffer[first:last])
                buffer[first - 1 : last + 1] = self.end()
        return length - len(buffer)

    def add(self, raw: bytearray) -> None:
        """A part of the present text, as it stands between the quotation marks."""
        if self.wrong or self.size > MAX_MEMORY:  # nothing more is kept of this entry
            return
        try:
            self._parts.append(json.loads(f'"{raw.decode("utf-8", "replace")}"'))
        except ValueError:
            self.wrong = True
        else:
            self.size += getsizeof(self._parts[-1])

    def end(self) -> bytes:
        """The present text is through; returns what stands for it, in quotation marks."""
        self.size -= sum(map(getsizeof, self._parts))
        name = f"{self._mark}{len(self.kept)}"
        self.kept[name] = "".join(self._parts)
        self.size += getsizeof(self.kept[name])
        self._parts.clear()
        return b'"%b"' % name.encode()

    def restored(self, found: dict[str, object]) -> dict[str, object]:
        """An object of the entry with its text."""
        name = found.get("text")
        if isinstance(name, str) and name in self.kept:
            found["text"] = self.kept[name]
        return found


@dataclass(frozen=True, slots=True)
class _Piece:
    """An entry as it stands in the file, and the texts that were taken out of it."""

    raw: bytearray
    texts: _Texts


def _split(
    buffer: bytearray, chunks: Iterator[bytes], *, alone: bool = False
) -> Iterator[_Piece | Wrong | None]:
    """The elements of a list whose opening bracket was read. `alone`: nothing may stand behind the list."""
    at = depth = seen = dropped = begun = 0
    in_string = is_text = False
    texts = _Texts()

    def element() -> _Piece | Wrong | None:
        """What ends at `at`, taken out of the buffer; None for nothing but blanks."""
        nonlocal at, dropped, texts
        piece = _Piece(buffer[:at], texts)
        size, dropped = dropped + at, 0
        texts = _Texts()
        del buffer[: at + 1]
        at = 0
        if size > MAX_ENTRY:
            return Wrong(_too_large(), _title(piece.raw))
        if not fits(size, piece.texts.size):
            return Wrong(phrase("transfer.texts_too_large"), _title(piece.raw))
        if piece.texts.wrong:
            return Wrong(phrase("transfer.entry_not_json"), _title(piece.raw))
        return piece if piece.raw and not piece.raw.isspace() else None

    while True:
        if in_string:
            found = _IN_STRING.match(buffer, at)
            at = found.end() if found else at
            ended = buffer[at : at + 1] == b'"'
            if is_text:
                until = at if ended else _cut(buffer, begun + 1, at)
                texts.add(buffer[begun + 1 : until])
                del buffer[begun + 1 : until]
                at -= until - begun - 1
            if ended:
                in_string, at = False, at + 1
            if ended and is_text:
                buffer[begun:at] = name = texts.end()
                at = begun + len(name)
        if not in_string:
            found = (_FLAT_INSIDE if depth else _FLAT).match(buffer, at)
            start, at = at, found.end() if found else at
            if at - start > LONG and not dropped:
                at -= texts.take(buffer, start, at)
            sign = buffer[at : at + 1]
            if sign == b'"':  # of a string that does not end in what was read
                is_text = not dropped and _TEXT_KEY.search(buffer, max(0, at - 32), at) is not None
                in_string, begun, at = True, at, at + 1
                continue
            brackets = _BRACKETS.match(buffer, at)
            if brackets and sign in b"{[":
                depth, at = depth + len(brackets[0]), brackets.end()
                continue
            if brackets and depth:
                closed = min(depth, len(brackets[0]))
                depth, at = depth - closed, at + closed
                continue
            if sign:  # a comma, or the list's end
                seen += 1
                if (piece := element()) is not None:
                    yield piece
                if sign != b",":
                    if alone and (buffer.strip() or any(chunk.strip() for chunk in chunks)):
                        yield Wrong(phrase("transfer.behind"))
                    return
                if seen >= MAX_ENTRIES:
                    yield Wrong(phrase("transfer.too_many", n=MAX_ENTRIES))
                    return
                continue
        if at > MAX_ENTRY:  # goes on being skipped; its beginning may name it
            dropped += at - CHUNK
            del buffer[CHUNK:at]
            at, is_text = CHUNK, False
        chunk = next(chunks, None)
        if chunk is None:
            whole = not depth and not in_string
            at = len(buffer)
            piece = element()
            if whole and piece is not None:
                yield piece
            yield Wrong(phrase("transfer.cut_off"), _title(piece.raw) if isinstance(piece, _Piece) else "")
            return
        buffer += chunk
        yield None


def _cut(buffer: bytearray, start: int, end: int) -> int:
    """Where a string can be cut before `end`, between two characters; `start` where it cannot."""
    for at in range(end - 1, max(start, end - LONG), -1):
        if buffer[at] & 0xC0 != 0x80 and b"\\" not in buffer[max(start, at - _LONGEST_ESCAPE) : at]:
            return at
    return start


def _parsed(piece: bytearray, listed: bool, texts: _Texts | None = None) -> Entry | Wrong:
    if len(piece) > MAX_STRUCTURE and len(_STRING.sub(b'"', piece)) > MAX_STRUCTURE:
        return Wrong(_too_large(), _title(piece))
    try:
        text = piece.decode("utf-8", "replace")
        return Entry(json.loads(text, object_hook=texts.restored if texts and texts.kept else None), listed)
    except RecursionError:
        return Wrong(phrase("transfer.too_deep"), _title(piece))
    except ValueError:
        return Wrong(phrase("transfer.entry_not_json"), _title(piece))


def _too_large() -> Phrase:
    return phrase("transfer.entry_too_large", megabytes=MAX_ENTRY // 1024**2)


def _title(piece: bytearray) -> str:
    """The title in an entry that cannot be parsed; empty where none is near its beginning."""
    found = _TITLE.search(piece, 0, 4096)
    try:
        title = json.loads(found.group(1)) if found else ""
    except ValueError:
        return ""
    return title if isinstance(title, str) else ""
