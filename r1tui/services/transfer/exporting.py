"""Export: Markdown, JSON and plain text, to a file, a folder or a stream."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from r1tui.domain.clean import clean, clean_json
from r1tui.domain.conversation import Conversation
from r1tui.domain.phrase import phrase
from r1tui.domain.transfer import FORMAT_VERSION, conversation_to
from r1tui.services.conversation_store import ConversationStore
from r1tui.services.database import StoreError
from r1tui.services.transfer.names import file_name
from r1tui.services.transfer.rendering import markdown, plain

FORMATS: dict[str, str] = {"markdown": ".md", "json": ".json", "text": ".txt"}
"""Format → the ending of its files."""


async def export(
    store: ConversationStore,
    ids: Sequence[str] | None,
    format: str = "markdown",
    output: Path | None = None,
    *,
    reasoning: bool = True,
    stream: TextIO | None = None,
) -> list[Path]:
    """Export conversations (all of them for None) and return the files written.

    `output` names a file for all, or an existing folder for a file each; None writes to `stream`. Files are
    replaced whole. Raises `StoreError` for an unknown id or a file that cannot be written.
    """
    if ids is None:
        ids = await store.all_ids()
    if output is not None and await asyncio.to_thread(output.is_dir):
        return [await _one_file(store, ident, format, output, reasoning) for ident in ids]
    if output is None:
        if stream is not None:
            await _write_all(store, ids, format, reasoning, stream.write)
        return []
    with _replacing(output) as file:
        await _write_all(store, ids, format, reasoning, file.write)
    return [output]


async def _one_file(store: ConversationStore, ident: str, format: str, folder: Path, reasoning: bool) -> Path:
    conversation = await _load(store, ident)
    path = folder / file_name(conversation.title, conversation.id, FORMATS[format])

    def write() -> None:
        with _replacing(path) as file:
            file.write(export_text(conversation, format, reasoning))

    await asyncio.to_thread(write)
    return path


async def _write_all(
    store: ConversationStore, ids: Sequence[str], format: str, reasoning: bool, write: Callable[[str], object]
) -> None:
    """One conversation in memory at a time, however many there are."""
    opening, between, closing = _frame(format)
    await asyncio.to_thread(write, opening)
    for number, ident in enumerate(ids):
        conversation = await _load(store, ident)
        text = await asyncio.to_thread(_body, conversation, format, reasoning)
        await asyncio.to_thread(write, (between if number else "") + text)
    await asyncio.to_thread(write, closing)


def export_text(conversation: Conversation, format: str = "markdown", reasoning: bool = True) -> str:
    """One conversation as the text of a whole file."""
    opening, _, closing = _frame(format)
    return opening + _body(conversation, format, reasoning) + closing


def _frame(format: str) -> tuple[str, str, str]:
    if format == "json":
        return f'{{"version": {FORMAT_VERSION}, "conversations": [\n', ",\n", "\n]}\n"
    return "", "\n---\n\n" if format == "markdown" else "\n" + "=" * 72 + "\n\n", ""


def _body(conversation: Conversation, format: str, reasoning: bool) -> str:
    if format == "json":
        return clean_json(conversation_to(conversation), indent=1)
    return clean(
        markdown(conversation, reasoning) if format == "markdown" else plain(conversation, reasoning)
    )


async def _load(store: ConversationStore, ident: str) -> Conversation:
    conversation = await store.load(ident)
    if conversation is None:
        raise StoreError(phrase("transfer.no_such", id=ident))
    return conversation


@contextmanager
def _replacing(path: Path) -> Iterator[TextIO]:
    """A file of 0600 that takes the place of `path` once all of it is written, and is gone where that fails.

    Raises `StoreError`, which names the file, for an `OSError`.
    """
    unfinished = path.with_name(path.name + ".part")
    try:
        unfinished.unlink(missing_ok=True)  # whatever has the name, a link included
        descriptor = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                yield file
            unfinished.replace(path)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
    except OSError as error:
        words = phrase("transfer.unwritable", path=str(path), detail=error.strerror or "")
        raise StoreError(words) from error
