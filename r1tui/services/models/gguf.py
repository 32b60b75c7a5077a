"""The few facts of a GGUF file's header that an import needs, read with bounds: such files come from anywhere.

Format: `docs/gguf.md` of the ggml project. Blocking: use a thread.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

from r1tui.domain.dataclass import dataclass

_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_MAX_KEYS = 65_536
_MAX_KEY_BYTES = 65_536
_MAX_TEXT_BYTES = 4 * 1024 * 1024
_MAX_ITEMS = 16_000_000
_MAX_HEADER_BYTES = 512 * 1024 * 1024
_WANTED = ("general.architecture", "general.name", "general.basename", "tokenizer.chat_template")


class NotGguf(ValueError):
    """The file is not GGUF, or its header is damaged."""


@dataclass(frozen=True, slots=True)
class GgufFacts:
    """What the header says; empty where it says nothing."""

    architecture: str = ""
    name: str = ""
    chat_template: str = ""


def read_facts(path: Path) -> GgufFacts:
    """Read the header of `path`. Raises `NotGguf` and `OSError`."""
    with path.open("rb", buffering=1024 * 1024) as file:
        return _Reader(file, path.stat().st_size).facts()


class _Reader:
    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._left = min(size, _MAX_HEADER_BYTES)

    def facts(self) -> GgufFacts:
        if self._bytes(4) != b"GGUF":
            raise NotGguf("magic")
        version = self._scalar("I")
        if version not in (2, 3):
            raise NotGguf("version")
        self._scalar("Q")  # tensors
        keys = self._scalar("Q")
        if keys > _MAX_KEYS:
            raise NotGguf("keys")
        found: dict[str, str] = {}
        for _ in range(keys):
            key = self._bytes(self._length(_MAX_KEY_BYTES)).decode("utf-8", "replace")
            kind = self._scalar("I")
            if kind == _STRING and key in _WANTED:
                found[key] = self._bytes(self._length(_MAX_TEXT_BYTES)).decode("utf-8", "replace")
            else:
                self._skip_value(kind)
        return GgufFacts(
            found.get("general.architecture", ""),
            found.get("general.name") or found.get("general.basename", ""),
            found.get("tokenizer.chat_template", ""),
        )

    def _skip_value(self, kind: int) -> None:
        if kind == _STRING:
            self._skip(self._length(_MAX_HEADER_BYTES))
        elif kind == _ARRAY:
            item, count = self._scalar("I"), self._length(_MAX_ITEMS)
            if item == _STRING:
                for _ in range(count):
                    self._skip(self._length(_MAX_TEXT_BYTES))
            else:
                self._skip(count * self._size(item))
        else:
            self._skip(self._size(kind))

    @staticmethod
    def _size(kind: int) -> int:
        if kind not in _SCALARS:
            raise NotGguf("type")
        return struct.calcsize("<" + _SCALARS[kind])

    def _length(self, limit: int) -> int:
        length = self._scalar("Q")
        if length > limit:
            raise NotGguf("length")
        return length

    def _scalar(self, code: str) -> int:
        value: int = struct.unpack("<" + code, self._bytes(struct.calcsize("<" + code)))[0]
        return value

    def _bytes(self, count: int) -> bytes:
        self._spend(count)
        data = self._file.read(count)
        if len(data) != count:
            raise NotGguf("short")
        return data

    def _skip(self, count: int) -> None:
        self._spend(count)
        if count <= 65_536:
            self._file.read(count)  # stays in the buffer, where a seek would throw it away
        else:
            self._file.seek(count, 1)

    def _spend(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise NotGguf("short")
