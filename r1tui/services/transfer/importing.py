"""Import: our own JSON, ChatGPT's export and Open WebUI's."""

from __future__ import annotations

import asyncio
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from lzma import LZMAError
from pathlib import Path
from typing import Any

from r1tui.domain.conversation import Conversation
from r1tui.domain.phrase import Phrase, phrase
from r1tui.domain.transfer import NotAConversation, conversation_from
from r1tui.locale import is_complete
from r1tui.services.conversation_store import ConversationStore
from r1tui.services.database import StoreError
from r1tui.services.transfer.foreign import from_chatgpt, from_open_webui

MAX_BYTES = 512 * 1024 * 1024
"""The largest file that is read; parsed JSON takes several times its size in memory."""


@dataclass(slots=True)
class ImportResult:
    """What came of an import."""

    added: list[str] = field(default_factory=list)
    """Ids of the conversations that are new now."""
    present: int = 0
    """Conversations that were in the store already, just so."""
    unreadable: int = 0
    """Entries that hold no conversation."""


async def import_file(store: ConversationStore, path: Path) -> ImportResult:
    """Take a file's conversations into the store. One whose id is taken by another becomes a copy with new ids.

    Raises `StoreError` for a file that cannot be read or is none of the known kinds; nothing is imported then.
    """
    entries, reader = await asyncio.to_thread(_open, path)
    result = ImportResult()
    for entry in entries:
        try:
            conversation = await asyncio.to_thread(_read, entry, reader)
        except (NotAConversation, RecursionError):
            result.unreadable += 1
            continue
        ident = await store.add_conversation(conversation)
        if ident is None:
            result.present += 1
        else:
            result.added.append(ident)
    if not result.added and not result.present:
        raise StoreError(phrase("transfer.empty", path=path.name))
    return result


def _read(entry: object, reader: Callable[[Any], Conversation]) -> Conversation:
    conversation = reader(entry)
    if not conversation.messages:
        raise NotAConversation
    for message in conversation.messages.values():
        if message.error is not None:
            message.error = _trusted(message.error)
    return conversation


def _trusted(error: Phrase) -> Phrase:
    """A sentence of our catalogue that its parameters fill; anything else is foreign text, and is shown as such."""
    return error if is_complete(error) else phrase("transfer.foreign_error", detail=error.key[:200])


def _open(path: Path) -> tuple[list[Any], Callable[[Any], Conversation]]:
    try:
        data = json.loads(_bytes(path))
    except OSError as error:
        raise StoreError(
            phrase("transfer.unreadable", path=str(path), detail=error.strerror or "")
        ) from error
    except (ValueError, RuntimeError, EOFError, zlib.error, LZMAError, zipfile.BadZipFile) as error:
        # RuntimeError: a password is wanted, a compression not known, or lists are in lists without end.
        raise StoreError(phrase("transfer.not_json", path=path.name)) from error
    if isinstance(data, dict) and isinstance(data.get("conversations"), list):
        return data["conversations"], conversation_from
    entries = data if isinstance(data, list) else [data]
    for sign, reader in (("mapping", from_chatgpt), ("chat", from_open_webui)):
        if any(isinstance(entry, dict) and isinstance(entry.get(sign), dict) for entry in entries):
            return entries, reader
    raise StoreError(phrase("transfer.unknown_kind", path=path.name))


def _bytes(path: Path) -> bytes:
    """A file, or `conversations.json` within ChatGPT's archive, never more than `MAX_BYTES`."""
    if not path.is_file():
        raise FileNotFoundError(2, "no such file")
    with path.open("rb") as file:
        if file.read(4) == b"PK\x03\x04":
            with zipfile.ZipFile(path) as archive:
                name = next(_conversations(archive), None)
                if name is None:
                    raise StoreError(phrase("transfer.unknown_kind", path=path.name))
                with archive.open(name) as member:
                    data = member.read(MAX_BYTES + 1)
        else:
            file.seek(0)
            data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise StoreError(phrase("transfer.too_large", path=path.name, megabytes=MAX_BYTES // 2**20))
    return data.removeprefix(b"\xef\xbb\xbf")


def _conversations(archive: zipfile.ZipFile) -> Iterator[str]:
    return (name for name in archive.namelist() if name.rpartition("/")[2] == "conversations.json")
