"""Messages out of the app: to the clipboard, into files."""

from __future__ import annotations

import os
from pathlib import Path

from r1tui.domain.clean import clean
from r1tui.domain.message import Message
from r1tui.services.paths import present_folder


def text_of(message: Message, reasoning: bool) -> str:
    """A message as text to copy: its source, with the reasoning, or what goes with a question, before it when asked."""
    if reasoning and message.attachments:
        return clean(message.sent)
    if reasoning and message.reasoning:
        return clean(f"<think>\n{message.reasoning.strip()}\n</think>\n\n{message.content}")
    return clean(message.content)


def free_path(title: str, ending: str) -> Path:
    """A file name that is not taken, in the folder that the app was started in. Blocking: use a thread."""
    from r1tui.services.transfer.names import safe_name

    stem = safe_name(title)
    folder = present_folder()
    path, number = folder / f"{stem}{ending}", 2
    while path.exists():
        path, number = folder / f"{stem}-{number}{ending}", number + 1
    return path


def write_private(path: Path, text: str) -> None:
    """Write a new file, readable by its user only. Raises `OSError`. Blocking: use a thread."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
