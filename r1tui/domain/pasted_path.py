"""Paths that a terminal pastes where a file is dragged into it."""

from __future__ import annotations

import re
import shlex
from urllib.parse import unquote, urlsplit

LONGEST = 4096
_WINDOWS = re.compile(r"""(["']?)((?:[A-Za-z]:[\\/]|\\\\[^\\/:*?"<>|\s]+\\)[^:*?"<>|\n]+)\1""")
_PATH = re.compile(r"(?:~|\.{1,2})?/[^\0\n]*[^\0\n/]")
_HOMES = re.compile(r"""["']|file:|~/|/(?:home|Users|root|Volumes|media|mnt|tmp|Desktop)/""", re.IGNORECASE)


def names_a_file(pasted: str) -> bool:
    """Whether a pasted path (see `pasted_paths`) is surely one of a file, and not of something on a server: it has an
    ending, is of someone's folder or of Windows, or is written as only a terminal writes it.
    """
    pasted = pasted.strip()
    last = re.split(r"[\\/]", pasted)[-1]
    return bool(_HOMES.match(pasted)) or "\\" in pasted or "." in last.strip(".")


def pasted_paths(text: str) -> tuple[str, ...]:
    """The paths of which a pasted line consists: quoted, with escaped blanks, or as `file://`; empty where it is no such
    line.

    A path of Windows is one too: its file is on the machine of the person who dragged it.
    """
    text = text.strip()
    if not text or len(text) > LONGEST or "\n" in text:
        return ()
    if found := _WINDOWS.fullmatch(text):
        return (found[2],)
    try:
        words = shlex.split(text)
    except ValueError:  # a quote without its end
        return ()
    paths = tuple(map(_path, words))
    return paths if all(paths) else ()


def _path(word: str) -> str:
    """The path that a word is; empty where it is none."""
    if word.lower().startswith("file://"):
        word = unquote(urlsplit(word).path)
    return word if _PATH.fullmatch(word) and not word.startswith("//") else ""
