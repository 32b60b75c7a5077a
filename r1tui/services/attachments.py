"""Reading the files that go with a question."""

from __future__ import annotations

import asyncio
from pathlib import Path

from r1tui.domain.attachment import Attachment
from r1tui.domain.phrase import PhrasedError, phrase
from r1tui.services.small_file import FileError, read_bytes

LARGEST = 64 << 20
"""Bytes of the largest file that is read; the setting's highest limit."""


class AttachmentError(PhrasedError):
    """A file cannot go with a question. `phrase` is one sentence for the user."""


async def read_attachment(path: Path, encoding: str | None = None) -> Attachment:
    """A file of text. `encoding`: what it is read as, in place of what it is recognised as. Raises `AttachmentError`."""
    return await asyncio.to_thread(_read, path, encoding)


def _read(path: Path, encoding: str | None) -> Attachment:
    try:
        data = read_bytes(path, LARGEST)
        text = data.decode(encoding or "utf-8-sig")
        if "\0" in text:
            raise FileError(phrase("file.not_utf8"))
    except UnicodeDecodeError:
        raise AttachmentError(
            phrase("attachment.unreadable", path=str(path), reason=phrase("file.not_utf8"))
        ) from None
    except FileError as error:
        raise AttachmentError(phrase("attachment.unreadable", path=str(path), reason=error.phrase)) from None
    return Attachment(path.name, text, encoding=encoding or "utf-8", size=len(data))
