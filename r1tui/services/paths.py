"""Where R1TUI keeps its files. Folders are made 0700, and those that others can look into are narrowed."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

import platformdirs

from r1tui.domain.phrase import Phrase, phrase

_OTHERS = 0o077
"""The rights of everybody but the owner."""

notices: list[Phrase] = []
"""What was found about the folders' rights, a sentence each, until somebody has said it."""
_seen = set[Path]()


def _folder(variable: str, default: str) -> Path:
    path = Path(os.environ.get(variable) or default).expanduser()
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path not in _seen:
        _seen.add(path)
        with suppress(OSError):
            _make_private(path)
    return path


def _make_private(path: Path) -> None:
    """Take others' rights to the folder, and to what lies in it, away; note it where there were any.

    A folder that is not R1TUI's alone (another user's, `/tmp`, the home or one above it) is left as it is, and noted.
    """
    state = path.stat()
    home = Path.home()
    shared = (
        state.st_uid != os.geteuid()
        or bool(state.st_mode & stat.S_ISVTX)
        or home.is_relative_to(path.resolve())
    )
    if shared:
        if state.st_mode & _OTHERS:
            notices.append(phrase("app.folder_shared", path=str(path)))
        return
    with os.scandir(path) as entries:
        for entry in entries:
            with suppress(OSError):
                mode = entry.stat(follow_symlinks=False).st_mode
                if mode & _OTHERS and not entry.is_symlink():
                    Path(entry.path).chmod(stat.S_IMODE(mode) & ~_OTHERS)
    if state.st_mode & _OTHERS:
        path.chmod(stat.S_IMODE(state.st_mode) & ~_OTHERS)
        notices.append(phrase("app.folder_narrowed", path=str(path)))


def data_dir() -> Path:
    """Conversations, state, a server of our own, its log. `R1TUI_DATA_DIR` overrides the platform's folder."""
    return _folder("R1TUI_DATA_DIR", platformdirs.user_data_dir("r1tui", appauthor=False))


def config_dir() -> Path:
    """`settings.toml` and the user's `themes/`. `R1TUI_CONFIG_DIR` overrides the platform's folder."""
    return _folder("R1TUI_CONFIG_DIR", platformdirs.user_config_dir("r1tui", appauthor=False))


def present_folder() -> Path:
    """The folder that R1TUI was started in; the user's own where that is gone."""
    try:
        return Path.cwd()
    except OSError:
        return Path.home()


def told() -> list[Phrase]:
    """What is to be said of the folders, once."""
    found = notices[:]
    notices.clear()
    return found
