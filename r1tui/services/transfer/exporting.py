"""Export: Markdown, JSON and plain text, to a file, a folder or a stream."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from sys import getsizeof
from typing import TextIO

from r1tui.domain.clean import clean, clean_json, clean_line
from r1tui.domain.conversation import Conversation
from r1tui.domain.phrase import Phrase, phrase
from r1tui.domain.transfer import FORMAT_VERSION, conversation_to
from r1tui.services.small_file import why
from r1tui.services.store.conversations import ConversationStore
from r1tui.services.store.database import StoreError
from r1tui.services.store.rows import mended_notice
from r1tui.services.transfer.entries import fits
from r1tui.services.transfer.names import file_name
from r1tui.services.transfer.rendering import markdown, plain

FORMATS: dict[str, str] = {"markdown": ".md", "json": ".json", "text": ".txt"}
"""Format → the ending of its files."""
BARE = 800
"""Bytes of a message's JSON without its texts."""


async def export(
    store: ConversationStore,
    ids: Sequence[str] | None,
    format: str = "markdown",
    output: Path | None = None,
    *,
    reasoning: bool = True,
    stream: TextIO | None = None,
    tell: Callable[[Phrase], None] = lambda _: None,
) -> list[Path]:
    """Export conversations (all of them for None) and return the files written.

    `output` names a file for all, or an existing folder for a file each; None writes to `stream`. Files are
    replaced whole. `tell` is given a sentence for each conversation of which something could not be read.
    Raises `StoreError` for an unknown id or a file that cannot be written.
    """
    conversations = _read(store, ids, tell)
    if output is not None and await asyncio.to_thread(output.is_dir):
        return [await _one_file(each, format, output, reasoning, tell) async for each in conversations]
    if output is None:
        if stream is not None:
            await _write_all(conversations, format, reasoning, stream.write, tell)
        return []
    with _replacing(output) as file:
        await _write_all(conversations, format, reasoning, file.write, tell)
    return [output]


async def _one_file(
    conversation: Conversation, format: str, folder: Path, reasoning: bool, tell: Callable[[Phrase], None]
) -> Path:
    path = folder / file_name(conversation.title, conversation.id, FORMATS[format])

    def write() -> None:
        with _replacing(path) as file:
            file.write(export_text(conversation, format, reasoning))

    await asyncio.to_thread(write)
    _tell_of_size(conversation, format, tell)
    return path


async def _write_all(
    conversations: AsyncIterator[Conversation],
    format: str,
    reasoning: bool,
    write: Callable[[str], object],
    tell: Callable[[Phrase], None],
) -> None:
    """One conversation in memory at a time, however many there are."""
    opening, between, closing = _frame(format)
    await asyncio.to_thread(write, opening)
    first = True
    async for conversation in conversations:
        text = await asyncio.to_thread(_body, conversation, format, reasoning)
        await asyncio.to_thread(write, ("" if first else between) + text)
        _tell_of_size(conversation, format, tell)
        first = False
    await asyncio.to_thread(write, closing)


def _tell_of_size(conversation: Conversation, format: str, tell: Callable[[Phrase], None]) -> None:
    """Say of a conversation in a file that can be imported that it is too large for that."""
    messages = conversation.messages.values()
    texts = {id(each.text): getsizeof(each.text) for message in messages for each in message.attachments}
    rest = sum(BARE + getsizeof(message.content) + getsizeof(message.reasoning) for message in messages)
    if format == "json" and not fits(rest, sum(texts.values())):
        tell(phrase("transfer.not_importable", title=clean_line(conversation.title)))


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


async def _read(
    store: ConversationStore, ids: Sequence[str] | None, tell: Callable[[Phrase], None]
) -> AsyncIterator[Conversation]:
    """The conversations to export. Of all of them one may be deleted elsewhere meanwhile; one that was asked for
    by its id must be there."""
    for ident in await store.all_ids() if ids is None else ids:
        conversation = await store.load(ident)
        if conversation is not None:
            if notice := mended_notice(conversation):
                tell(notice)
            yield conversation
        elif ids is not None:
            raise StoreError(phrase("transfer.no_such", id=ident))


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
        words = phrase("transfer.unwritable", path=str(path), detail=why(error, written=True))
        raise StoreError(words) from error
