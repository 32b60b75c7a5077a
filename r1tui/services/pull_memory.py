"""Which downloads are unfinished, on disk, so that closing the app forgets none. All methods block: use a thread."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from r1tui.domain.model_name import BadName, parse_name
from r1tui.services.atomic import write_atomically

_SIZE_LIMIT = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Remembered:
    """An unfinished download."""

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
                    name, source = str(parse_name(str(entry["name"]))), str(parse_name(str(entry["source"])))
                except (KeyError, BadName):
                    continue
                found.append(Remembered(name, source, entry.get("insecure") is True))
        return found

    def save(self, unfinished: list[Remembered]) -> None:
        """Replace this server's entries, all at once, readable by the user alone. Raises `OSError`."""
        entries = [entry for entry in self._entries() if entry.get("url") != self._url]
        entries += [{"url": self._url, **asdict(job)} for job in unfinished]
        write_atomically(self._path, json.dumps(entries))

    def _entries(self) -> list[dict[str, Any]]:
        try:
            with self._path.open("rb") as file:
                value = json.loads(file.read(_SIZE_LIMIT))
        except (OSError, ValueError):
            return []
        return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
