"""Shows a message in the user's own pager or editor, while the app steps aside and answers go on."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import tempfile
from collections.abc import Callable
from typing import Any

from textual.app import App
from textual.notifications import SeverityLevel

from r1tui.domain.phrase import Phrase, phrase


async def show_outside(
    app: App[Any], tell: Callable[[Phrase, SeverityLevel], object], text: str, where: str, *, private: bool
) -> None:
    """Show a text in $PAGER or $EDITOR (`where` is `editor`). What comes meanwhile is stored, and drawn afterwards.

    A private text goes into no file, and so into no editor.
    """
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    command = editor if where == "editor" else os.environ.get("PAGER") or "less"
    if private and where == "editor":
        tell(phrase("chat.private_editor"), "warning")
        return
    # Ctrl+C is the program's; to ignore it would be handed down to the program, a handler is not.
    ours = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        with app.suspend():  # its writer is closed meanwhile: nothing is drawn
            await (_piped(command, text) if private else _view(command, text))
    except (OSError, ValueError) as error:
        tell(phrase("chat.program_failed", program=command, detail=str(error)), "error")
    finally:
        signal.signal(signal.SIGINT, ours)


async def _view(command: str, text: str) -> None:
    """Run the program on a file with the text."""
    with tempfile.NamedTemporaryFile("w", suffix=".md", encoding="utf-8") as file:  # 0600 by itself
        file.write(text)
        file.flush()
        await _run([*shlex.split(command), file.name])


async def _piped(command: str, text: str) -> None:
    """Run the program with the text in a pipe: it goes into no file."""
    await _run(shlex.split(command), text)


async def _run(command: list[str], text: str | None = None) -> None:
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE if text is not None else None
    )
    try:
        await process.communicate(text.encode() if text is not None else None)
    except asyncio.CancelledError:  # the app is told to end
        process.terminate()
        raise
