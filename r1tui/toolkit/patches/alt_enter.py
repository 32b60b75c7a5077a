"""Reads Alt+Enter of terminals without the Kitty protocol, which send ESC CR."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import cast

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual.keys import Keys

from r1tui.toolkit.patches import Patch


def install() -> None:
    """Have the pair read as Ctrl+J, which begins a new line as well."""
    cast(MutableMapping[str, tuple[Keys, ...]], ANSI_SEQUENCES_KEYS)["\x1b\r"] = (Keys.ControlJ,)


PATCH = Patch(
    "Alt+Enter begins a new line in every terminal",
    leans_on=("textual._ansi_sequences:ANSI_SEQUENCES_KEYS.get", "textual.keys:Keys.ControlJ"),
    upstream="textual/_ansi_sequences.py does not know the pair: after the delay of Esc it reports a bare Enter",
    without="Alt+Enter sends the prompt; Ctrl+J begins a new line",
    install=install,
)
