"""Import: our own JSON, ChatGPT's export and Open WebUI's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import field
from pathlib import Path

from r1tui.domain.clean import clean_line
from r1tui.domain.conversation import Conversation
from r1tui.domain.dataclass import dataclass
from r1tui.domain.phrase import Phrase, phrase
from r1tui.domain.transfer import NotAConversation, conversation_from
from r1tui.domain.untrusted import text
from r1tui.locale import is_complete
from r1tui.services.small_file import why
from r1tui.services.store.conversations import ConversationStore
from r1tui.services.store.database import StoreError
from r1tui.services.transfer.entries import Entry, EntryReader, Wrong, WrongFile
from r1tui.services.transfer.foreign import from_chatgpt, from_open_webui

MAX_NAMED = 20
"""Entries that are named one by one; further ones are only counted."""
MAX_TITLE = 60

_OF_ONE_ENTRY = frozenset({"store.failed", "store.gone"})
"""Errors of the store that need not be those of the next conversation too."""


@dataclass(slots=True)
class ImportResult:
    """What came of an import, so far or in all."""

    added: list[str] = field(default_factory=list)
    """Ids of the conversations that are new now."""
    present: int = 0
    """Conversations that were in the store already, just so."""
    unreadable: int = 0
    """Entries that could not be taken."""
    wrong: list[Phrase] = field(default_factory=list)
    """A sentence for each of the first `MAX_NAMED` of these."""
    stopped: Phrase | None = None
    """Why the rest of the file was not read, such as a full disk; None where all of it was."""
    part: float = 0.0
    """How much of the file was read, from 0 to 1."""

    @property
    def summary(self) -> Phrase:
        """The counts in one sentence."""
        return phrase("cli.imported", n=len(self.added), present=self.present, unreadable=self.unreadable)


async def import_file(
    store: ConversationStore, path: Path, watch: Callable[[ImportResult], bool] | None = None
) -> ImportResult:
    """Take a file's conversations into the store, one after the other. One whose id is taken becomes a copy.

    An entry that is wrong is named in the result, the others are taken. `watch` sees the result so far, several times
    a second; the import ends where it returns False, and what was taken is kept.
    Raises `StoreError` for a file that cannot be read, is none of the known kinds, or from which nothing could be taken.
    """
    reader = EntryReader(path)
    entries = iter(reader)
    result = ImportResult()
    number, first = 0, None
    while result.stopped is None:
        try:
            found = await asyncio.to_thread(_next, entries)
        except OSError as error:
            begun = result.added or result.present
            key = "transfer.unreadable_rest" if begun else "transfer.unreadable"
            result.stopped = phrase(key, path=str(path), detail=why(error))
            break
        except WrongFile as error:
            result.stopped = error.phrase
            break
        if found is _END:
            break
        number += found is not None
        if isinstance(found, Conversation):
            found = await _add(store, found, result)
        if isinstance(found, Wrong):
            first = first or found
            _name(found, number, result)
        result.part = min(1.0, reader.read / max(1, reader.total))
        if watch is not None and not watch(result):
            result.stopped = phrase("transfer.cancelled")
    if not result.added and not result.present:
        if result.stopped is None:
            raise StoreError(_nothing(path, first, reader.listed))
        if result.stopped.key != "transfer.cancelled":
            raise StoreError(result.stopped)
    return result


_END = object()


def _next(entries: Iterator[Entry | Wrong | None]) -> Conversation | Wrong | object | None:
    """The next entry as a conversation; None for a step without one, `_END` at the end."""
    for entry in entries:
        return _conversation(entry) if isinstance(entry, Entry) else entry
    return _END


def _conversation(entry: Entry) -> Conversation | Wrong:
    """An entry of any of the known kinds, which its own shape tells."""
    data, title, known = entry.data, "", entry.listed
    read = conversation_from
    if isinstance(data, dict):
        chat = data.get("chat")
        title = text(data.get("title")) or (text(chat.get("title")) if isinstance(chat, dict) else "")
        if isinstance(data.get("mapping"), dict):
            read, known = from_chatgpt, True
        elif isinstance(chat, dict):
            read, known = from_open_webui, True
    try:
        conversation = read(data)
        if not conversation.messages:
            raise NotAConversation
    except (ArithmeticError, RecursionError, ValueError):  # `NotAConversation` is a `ValueError`
        return Wrong(phrase("transfer.no_conversation"), title, known)
    for message in conversation.messages.values():
        if message.error is not None:
            message.error = _trusted(message.error)
    return conversation


async def _add(store: ConversationStore, conversation: Conversation, result: ImportResult) -> Wrong | None:
    """Store a conversation and count it; what kept it from being stored, where it is this one's fault alone."""
    try:
        ident = await store.add_conversation(conversation)
    except StoreError as error:
        if error.phrase.key not in _OF_ONE_ENTRY:
            full = error.phrase.key == "store.disk_full"
            result.stopped = phrase("transfer.disk_full") if full else error.phrase
        return Wrong(
            phrase("transfer.not_stored", detail=result.stopped or error.phrase), conversation.title, True
        )
    except (ArithmeticError, TypeError, ValueError):  # a value that the database has no room for
        return Wrong(phrase("transfer.no_conversation"), conversation.title, True)
    if ident is None:
        result.present += 1
    else:
        result.added.append(ident)
    return None


def _name(wrong: Wrong, number: int, result: ImportResult) -> None:
    """Count an entry that could not be taken, and name it."""
    result.unreadable += 1
    if len(result.wrong) < MAX_NAMED:
        title = clean_line(wrong.title)[:MAX_TITLE]
        if title:
            result.wrong.append(phrase("transfer.wrong_titled", number=number, title=title, why=wrong.why))
        else:
            result.wrong.append(phrase("transfer.wrong", number=number, why=wrong.why))


def _nothing(path: Path, first: Wrong | None, listed: bool) -> Phrase:
    """Why a file gave nothing at all."""
    if first is not None and first.why.key in ("transfer.entry_too_large", "transfer.texts_too_large"):
        return phrase("transfer.only_too_large", path=path.name, why=first.why)
    if first is not None and first.why.key in (
        "transfer.cut_off",
        "transfer.entry_not_json",
        "transfer.too_deep",
    ):
        return phrase("transfer.not_json", path=path.name)
    if listed or (first is not None and first.known):
        return phrase("transfer.empty", path=path.name)
    return phrase("transfer.unknown_kind", path=path.name)


def _trusted(error: Phrase) -> Phrase:
    """A sentence of our catalogue that its parameters fill; anything else is foreign text, and is shown as such."""
    return error if is_complete(error) else phrase("transfer.foreign_error", detail=error.key[:200])
