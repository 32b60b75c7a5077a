"""Theme files: those that come with R1TUI and the user's own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from r1tui.domain.phrase import Phrase, phrase
from r1tui.domain.theme import ThemeError, ThemeFile, read_theme
from r1tui.services.small_file import FileError, parse_toml, read_text, why

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


def packaged_themes() -> Traversable:
    """The folder of our own themes: in the package when installed, beside it in a checkout; or in an archive of both."""
    package = Path(__file__).parents[1]
    for folder in (package / "themes", package.parent / "themes"):
        if folder.is_dir():
            return folder
    from importlib import resources  # with all that reads archives: half a MiB

    return resources.files("r1tui") / "themes"


def load_themes(own: Path) -> tuple[dict[str, ThemeFile], list[Phrase]]:
    """All themes by name, ours and those in `own` (which win), and a sentence for each broken file."""
    themes: dict[str, ThemeFile] = {}
    failures: list[Phrase] = []
    for folder in (packaged_themes(), own):
        try:
            files = sorted(folder.iterdir(), key=lambda file: file.name) if folder.is_dir() else []
        except OSError as error:
            failures.append(phrase("theme.folder_unreadable", path=str(folder), reason=why(error)))
            continue
        for file in files:
            if file.name.endswith(".toml") and not file.name.startswith("."):
                found = _load(file)
                if isinstance(found, ThemeFile):
                    themes[found.name] = found
                else:
                    failures.append(found)
    return themes, failures


def _load(file: Traversable) -> ThemeFile | Phrase:
    try:
        # Ours may stand in an archive that holds the package; the user's own are files.
        text = read_text(file) if isinstance(file, Path) else file.read_text(encoding="utf-8")
        return read_theme(str(file), text, parse_toml(text))
    except FileError as error:
        if error.line:
            return phrase("theme.broken_toml", path=str(file), line=error.line)
        return phrase("theme.unreadable", path=str(file), reason=error.phrase)
    except ThemeError as error:
        return error.phrase


def stamp(folder: Path) -> tuple[tuple[str, tuple[int, int] | None], ...]:
    """What tells whether a theme in `folder` changed: names, each with its time and size; None of what cannot be looked
    at, such as a link to a file that is gone.
    """
    try:
        files = sorted(folder.glob("*.toml"))
    except OSError:
        return ()
    return tuple((file.name, _changed(file)) for file in files)


def _changed(file: Path) -> tuple[int, int] | None:
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size


async def watch(folder: Path, changed: Callable[[], None], every: float = 2.0) -> None:
    """Call `changed` whenever a theme in `folder` was edited, looking every so many seconds, until cancelled.

    Returns at once when there is no such folder: who has no theme of their own pays nothing.
    """
    if not await asyncio.to_thread(folder.is_dir):
        return
    before = await asyncio.to_thread(stamp, folder)
    while True:
        await asyncio.sleep(every)
        now = await asyncio.to_thread(stamp, folder)
        if now != before:
            before = now
            changed()
