"""Sends a control sequence in turn with what Textual draws; for the clipboard, which must wrap OSC 52 for `screen`."""

from __future__ import annotations

from typing import Any

from textual.app import App

from r1tui.toolkit.hooks import hooks
from r1tui.toolkit.patches import Patch


def write(app: App[Any], sequence: str) -> None:
    """Send the sequence, where the app has a terminal."""
    if app._driver is not None:
        app._driver.write(sequence)


def install() -> None:
    """Let the app send sequences."""
    hooks.write = write


PATCH = Patch(
    "what is copied reaches the clipboard of the person's own terminal, through tmux and screen",
    leans_on=("textual.app:App._driver", "textual.driver:Driver.write(self, data)"),
    upstream="textual/app.py, App.copy_to_clipboard: OSC 52 as it is, without the wrapping of multiplexers",
    without="copies go through tmux, the desktop or into a file",
    install=install,
)
