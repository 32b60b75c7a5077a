"""Reports of the app's own faults: a file each, without control characters and without secrets."""

from __future__ import annotations

import base64
import json
import os
import platform
import re
import time
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote, quote_plus

from r1tui import __version__
from r1tui.domain.address import without_credentials
from r1tui.domain.clean import clean
from r1tui.locale import clock

FOLDER = "crashes"
"""Within the data folder."""
KEPT = 10
"""Reports; the oldest go."""
MAX_TEXT = 64 * 1024
MAX_LINE = 500
"""Characters of a report, and of one of its lines: a message may quote whatever was read."""

_PATTERNS = (
    re.compile(r"(?i)\b((?:bearer|basic|digest|token)\s+)[\w.~+/=-]{6,}"),
    re.compile(
        r"(?i)((?:authorization|cookie|[\w-]*(?:api[-_]?key|token|secret|passw(?:or)?d|credential)s?)\w*['\"]?\s*[:=,]\s*b?['\"]?)"
        r"(?!(?:bearer|basic|digest)\s)[^\s'\",;&)}\]]{4,}"
    ),
    re.compile(r"(?i)(header value\s+b?)(?:'[^']*'|\"[^\"]*\")"),
    re.compile(r"()\b(?:sk|pk|hf|ghp|gho|xox[bp])[-_][\w-]{8,}"),
)
_REMOVED = r"\1[removed]"
# Of the environment these are told: they say what the machine is like, and stand in every path.
_HARMLESS = re.compile(
    r"LANG|LC_\w+|TERM|COLORTERM|SHELL|USER|LOGNAME|HOME|PWD|OLDPWD|PATH|TMPDIR|XDG_\w+|R1TUI_\w+_DIR"
)
_SURELY = 8
"""Characters from which on a value is nothing that stands everywhere: a part of a header, a variable of any name."""
_SECRET_NAME = re.compile(r"(?i)key|token|secret|pass|auth|credential")


def write(
    folder: Path,
    error: BaseException,
    *,
    secrets: Iterable[str] = (),
    messages: bool = True,
    environ: Mapping[str, str] = os.environ,
) -> Path:
    """Write a report of `error` below the data folder `folder`, 0600; the oldest make room. Raises `OSError`.

    `secrets` are removed wherever they stand. Without `messages` only kinds and places of the faults are told: their
    words may quote a conversation that is to be written nowhere.
    """
    reports = folder / FOLDER
    reports.mkdir(mode=0o700, exist_ok=True)
    now = time.time_ns()
    stamp = clock.stamp(now // 10**9)
    path = reports / f"crash-{stamp}-{now % 10**9 // 1000:06}-{os.getpid()}.txt"
    text = report(error, secrets=secrets, messages=messages, environ=environ)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    for old in sorted(reports.glob("crash-*.txt"))[:-KEPT]:
        with suppress(OSError):
            old.unlink()
    return path


def report(
    error: BaseException,
    *,
    secrets: Iterable[str] = (),
    messages: bool = True,
    environ: Mapping[str, str] = os.environ,
) -> str:
    """What a report says."""
    lines = traceback.format_exception(error) if messages else list(_places(error))
    told = clean(_without_secrets("".join(lines), secrets, environ))
    short = "\n".join(line if len(line) <= MAX_LINE else line[:MAX_LINE] + "…" for line in told.splitlines())
    if len(short) > MAX_TEXT:
        short = short[: MAX_TEXT // 4] + "\n…\n" + short[-MAX_TEXT * 3 // 4 :]
    when = time.strftime("%Y-%m-%d %H:%M:%S %z")
    system = f"Python {platform.python_version()}, Textual {version('textual')}, {platform.system()} {platform.machine()}"
    return f"R1TUI {__version__}, {system}\n{when}\n\n{short}\n"


def _places(error: BaseException | None) -> Iterator[str]:
    """Kinds and places of a fault and of what led to it, the first of them first."""
    seen: set[int] = set()
    chain = []
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        chain.append(error)
        error = error.__cause__ or error.__context__
    for each in reversed(chain):
        yield from traceback.format_tb(each.__traceback__)
        yield f"{type(each).__name__}\n"


def _without_secrets(text: str, secrets: Iterable[str], environ: Mapping[str, str]) -> str:
    known = dict[str, str]()
    for value in secrets:
        # A word alone too: of `Bearer …` a message may quote the key.
        for part in (value, *(word for word in value.split() if len(word) >= _SURELY)):
            known |= dict.fromkeys(_spellings(part), "[removed]")
    for name, value in environ.items():
        secret = _SECRET_NAME.search(name) is not None
        if secret or not (len(value) < _SURELY or _HARMLESS.fullmatch(name) or value.startswith(("/", "~"))):
            known |= dict.fromkeys(_spellings(value), f"[${name}]")
    for value in sorted(known, key=len, reverse=True):
        text = text.replace(value, known[value])
    text = without_credentials(text)
    for pattern in _PATTERNS:
        text = pattern.sub(_REMOVED, text)
    return text


def _spellings(value: str) -> Iterator[str]:
    """A value as a message may have it: as it is, in Python's quotes, in JSON, in an address, packed as base64."""
    value = value.strip()
    if len(value) >= 4:
        data = value.encode("utf-8", "surrogateescape")
        yield value
        yield repr(value)[1:-1]
        yield repr(data)[2:-1]
        yield json.dumps(value)[1:-1]
        yield quote(data)
        yield quote(data, safe="")
        yield quote_plus(data)
        yield base64.b64encode(data).decode().rstrip("=")
