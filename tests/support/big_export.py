"""Writes an export as ChatGPT's, of any size: `python -m tests.support.big_export FILE.zip MEGABYTES`."""

from __future__ import annotations

import io
import json
import random
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

WORDS = (
    "the river runs below an old bridge and nobody counts its waves; 数学 is fun, naïve façade 🙂 \n"
    "def f(x):\n    return x ** 2\n"
)


def conversation(number: int, size: int) -> dict[str, object]:
    """One entry with about `size` bytes of text, in messages of 4 KB, with the fields that the real export has."""
    chance = random.Random(number)
    mapping: dict[str, object] = {"root": {"id": "root", "message": None, "parent": None, "children": ["0"]}}
    count = max(2, size // 4096)
    for at in range(count):
        start = chance.randrange(len(WORDS))
        text = (WORDS[start:] + WORDS * 40)[:4000]
        mapping[str(at)] = {
            "id": str(at),
            "message": {
                "id": f"{number}-{at}",
                "author": {"role": "assistant" if at % 2 else "user", "name": None, "metadata": {}},
                "create_time": 1_700_000_000.5 + at,
                "update_time": None,
                "content": {"content_type": "text", "parts": [text]},
                "status": "finished_successfully",
                "end_turn": True,
                "weight": 1.0,
                "metadata": {"model_slug": "o3", "citations": [], "content_references": [{"a": [1, 2]}]},
                "recipient": "all",
            },
            "parent": str(at - 1) if at else "root",
            "children": [str(at + 1)] if at + 1 < count else [],
        }
    return {
        "title": f"Talk {number}",
        "create_time": 1_700_000_000.0 + number,
        "update_time": 1_700_000_100.0 + number,
        "mapping": mapping,
        "current_node": str(count - 1),
        "conversation_id": f"id-{number}",
    }


def pieces(size: int, each: int = 64 * 1024) -> Iterator[str]:
    """The file's text; every hundredth conversation is forty times as long as the others."""
    written, number = 0, 0
    yield "["
    while written < size:
        text = json.dumps(conversation(number, each * (40 if number % 100 == 99 else 1)))
        yield ("," if number else "") + text
        written += len(text)
        number += 1
    yield "]"


def write(path: Path, size: int) -> None:
    """An export of about `size` bytes of JSON, in an archive where the name ends in `.zip`."""
    if path.suffix != ".zip":
        with path.open("w", encoding="utf-8") as file:
            file.writelines(pieces(size))
        return
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("conversations.json", "w", force_zip64=True) as member,
        io.TextIOWrapper(member, encoding="utf-8") as text,
    ):
        text.writelines(pieces(size))


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]) * 1024**2)
