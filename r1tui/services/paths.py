"""Where R1TUI keeps its files. Folders are made 0700."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def _folder(variable: str, default: str) -> Path:
    path = Path(os.environ.get(variable) or default).expanduser()
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def data_dir() -> Path:
    """Conversations, state, a server of our own, its log. `R1TUI_DATA_DIR` overrides the platform's folder."""
    return _folder("R1TUI_DATA_DIR", platformdirs.user_data_dir("r1tui", appauthor=False))


def config_dir() -> Path:
    """`settings.toml` and the user's `themes/`. `R1TUI_CONFIG_DIR` overrides the platform's folder."""
    return _folder("R1TUI_CONFIG_DIR", platformdirs.user_config_dir("r1tui", appauthor=False))
