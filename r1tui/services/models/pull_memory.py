"""Which downloads are unfinished, on disk, so that closing the app forgets none. All methods block: use a thread."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from r1tui.domain.dataclass import dataclass
from r1tui.domain.model_name import BadName, parse_name
from r1tui.domain.untrusted import tables, text
from r1tui.services.atomic import write_atomically
from r1tui.services.small_file import FileError, read_json


@dataclass(frozen=True, slots=True)
class Remembered:
    """A download that had not ended when its R1TUI did."""

    name: str
    source: str
    insecure: bool = False


class PullMemory:
    """One file for all servers; this object sees the entries of one."""

    def __init__(self, path: Path, url: str) -> None:
        self._path = path
        self._url = url

    def load(self) -> list[Remembered]:
        """The unfinished downloads of this server; none when the file is damaged."""
        found = []
        for entry in self._entries():
            if entry.get("url") == self._url:
                try:
                    name, source = (
                        str(parse_name(text(entry.get("name")))),
                        str(parse_name(text(entry.get("source")))),
                    )
                except BadName:
                    continue
                found.append(Remembered(name, source, entry.get("insecure") is True))
        return found

    def save(self, unfinished: list[Remembered]) -> None:
        """Replace this server's entries, all at once, readable by the user alone. Raises `OSError`."""
        entries = [entry for entry in self._entries() if entry.get("url") != self._url]
        entries += [{"url": self._url, **asdict(job)} for job in unfinished]
        write_atomically(self._path, json.dumps(entries))

    def _entries(self) -> list[Mapping[str, Any]]:
        try:
            return tables(read_json(self._path))
        except FileError:
            return []
