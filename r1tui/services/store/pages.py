"""Rows out of a damaged SQLite file, page by page, without SQLite: no damaged page costs more than what it held.

Every page that looks like a leaf of a table is read by itself (sqlite.org/fileformat2.html), whether or not anything
still leads to it; pages that the file counts as free are left out, since what was deleted stays deleted. What the
write-ahead log has committed takes the place of the file's pages.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from r1tui.services.store.database import Mended, decoded

Value = int | float | str | bytes | None

MAGIC = b"SQLite format 3\0"
HEADER = 100
"""Bytes of a file's header; a file that is shorter holds nothing."""
USUAL_PAGE = 4096
"""Page size of the files that R1TUI makes (SQLite's default), for a header that does not tell."""
LEAF = 0x0D
"""First byte of a leaf page of a table."""
MAX_COLUMNS = 64
"""More than any table of ours has, or will."""
_WAL_MAGIC = (0x377F0682, 0x377F0683)


class Row(NamedTuple):
    """A row of some table."""

    rowid: int
    values: list[Value]
    whole: bool
    """Whether all of it was there and its texts are texts: not where a page that it goes on to is bad."""


def _read(path: Path) -> bytes:
    """What a file holds up to its last hole: one that a fault has made long, to a terabyte, is not all read."""
    with path.open("rb", buffering=0) as file:
        end = os.fstat(file.fileno()).st_size
        if hasattr(os, "SEEK_DATA"):
            at = last = 0
            with suppress(OSError):  # there is nothing but a hole any more
                while at < end:
                    last = at = os.lseek(
                        file.fileno(), os.lseek(file.fileno(), at, os.SEEK_DATA), os.SEEK_HOLE
                    )
            end = last
        file.seek(0)
        return b"".join(iter(lambda: file.read(min(1 << 24, end - file.tell())), b""))


class PageFile:
    """The pages of a database file and of its write-ahead log, as of the last commit."""

    def __init__(self, path: Path, size: int = USUAL_PAGE, reserved: int = 0) -> None:
        """Read both files; `reserved` is the number of unused bytes at each page's end. Raises `OSError`."""
        self._data = _read(path)
        self.size = size
        self.usable = size - reserved
        self._log = self._committed(path.with_name(path.name + "-wal"))
        self.count = max(-(-len(self._data) // self.size), max(self._log, default=0))
        self.free = self._free_pages()

    @classmethod
    def read(cls, path: Path) -> PageFile:
        """The file by the size that its header tells, or by the usual one where more can be read so."""
        usual = cls(path)
        header = usual._data[:HEADER]
        if len(header) < HEADER or not header.startswith(MAGIC):
            return usual
        size, reserved = struct.unpack(">H", header[16:18])[0], header[20]
        size = 65536 if size == 1 else size
        if (size, reserved) == (USUAL_PAGE, 0) or size < 512 or size & (size - 1) or reserved > size - 480:
            return usual
        told = cls(path, size, reserved)
        return max(usual, told, key=lambda each: sum(1 for _ in each.rows()))

    def page(self, number: int) -> bytes:
        """A page by its number, the first is 1; empty where there is none (any more)."""
        if number in self._log:
            return self._log[number]
        page = self._data[(number - 1) * self.size : number * self.size] if number > 0 else b""
        return page.ljust(self.size, b"\0") if len(page) > self.size // 2 else b""

    def _committed(self, path: Path) -> dict[int, bytes]:
        """Page number → its last committed content in the log; nothing where there is no sound log."""
        try:
            log = path.read_bytes()
        except OSError:
            return {}
        if len(log) < 32 or struct.unpack(">I", log[:4])[0] not in _WAL_MAGIC:
            return {}
        if struct.unpack(">I", log[8:12])[0] != self.size:
            return {}
        salts, found, pending = log[16:24], dict[int, bytes](), dict[int, bytes]()
        for at in range(32, len(log) - self.size - 23, self.size + 24):
            number, committed = struct.unpack(">II", log[at : at + 8])
            if log[at + 8 : at + 16] != salts:
                break
            pending[number] = log[at + 24 : at + 24 + self.size]
            if committed:
                found.update(pending)
                pending.clear()
        return found

    def _free_pages(self) -> set[int]:
        """Numbers of the pages that hold nothing any more; none where their list is damaged."""
        first = self.page(1)
        if not first.startswith(MAGIC):
            return set()
        free, (trunk, total) = set[int](), struct.unpack(">II", first[32:40])
        while 1 < trunk <= self.count and trunk not in free:
            free.add(trunk)
            page = self.page(trunk)
            if not page:
                break
            trunk, leaves = struct.unpack(">II", page[:8])
            if leaves > self.usable // 4 - 2:
                break  # no trunk after all
            free.update(struct.unpack(f">{leaves}I", page[8 : 8 + 4 * leaves]))
        return free if len(free) == total else set()

    def rows(self) -> Iterator[Row]:
        """Every row that can be read, whatever its table, in the order of the file."""
        for number in range(1, self.count + 1):
            if number not in self.free:
                yield from self._leaf(self.page(number), 100 if number == 1 else 0)

    def _leaf(self, page: bytes, start: int) -> Iterator[Row]:
        if len(page) < self.size or page[start] != LEAF:
            return
        cells = struct.unpack(">H", page[start + 3 : start + 5])[0]
        end = min(start + 8 + 2 * cells, self.usable - 1)
        for at in range(start + 8, end - 1, 2):
            offset = struct.unpack(">H", page[at : at + 2])[0]
            if start + 8 <= offset < self.usable:
                row = self._cell(page, offset)
                if row is not None:
                    yield row

    def _cell(self, page: bytes, offset: int) -> Row | None:
        try:
            length, offset = varint(page, offset)
            rowid, offset = varint(page, offset)
            if not 0 < length < len(self._data) + len(self._log) * self.size:
                return None
            payload = self._payload(page, offset, length)
            values = record(payload)
        except (IndexError, struct.error):
            return None
        if values is None:
            return None
        texts = [value for value in values if isinstance(value, str)]
        doubtful = any(isinstance(text, Mended) or "\0" in text for text in texts)
        return Row(rowid, values, len(payload) == length and not doubtful)

    def _payload(self, page: bytes, offset: int, length: int) -> bytes:
        """A row's bytes, with what stands on overflow pages; as far as their chain can be followed."""
        most = self.usable - 35
        if length <= most:
            return page[offset : min(offset + length, self.usable)]
        least = (self.usable - 12) * 32 // 255 - 23
        local = least + (length - least) % (self.usable - 4)
        local = local if local <= most else least
        payload = bytearray(page[offset : offset + local])
        following = struct.unpack(">I", page[offset + local : offset + local + 4])[0]
        seen = set[int]()
        while len(payload) < length and following not in seen and following not in self.free:
            seen.add(following)
            page = self.page(following)
            if not page:
                break
            following = struct.unpack(">I", page[:4])[0]
            payload += page[4 : min(self.usable, 4 + length - len(payload))]
        return bytes(payload)


def varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of SQLite's variable length at `at`, and where it ends. Raises `IndexError`."""
    value = 0
    for place in range(9):
        byte = data[at + place]
        if place == 8:
            value = value << 8 | byte
            break
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            break
    return value - (1 << 64) if value >= 1 << 63 else value, at + place + 1


_SIZES = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)
"""Bytes of a value by its type's number, up to 9."""


def record(payload: bytes) -> list[Value] | None:
    """The values of a row. None where this is no row; of one that is cut off the last values are short or None."""
    length, at = varint(payload, 0)
    if not at < length <= len(payload):
        return None
    kinds = list[int]()
    while at < length:
        kind, at = varint(payload, at)
        kinds.append(kind)
    if at != length or len(kinds) > MAX_COLUMNS or any(kind in (10, 11) or kind < 0 for kind in kinds):
        return None
    values = list[Value]()
    for kind in kinds:
        size = _SIZES[kind] if kind < 10 else (kind - 12) // 2
        part = payload[at : at + size]
        at += size
        values.append(_value(kind, part, size))
    return values


def _value(kind: int, part: bytes, size: int) -> Value:
    if kind >= 12:
        return decoded(part) if kind % 2 else part
    if kind in (8, 9):
        return kind - 8
    if kind == 0 or len(part) < size:
        return None
    return struct.unpack(">d", part)[0] if kind == 7 else int.from_bytes(part, "big", signed=True)
