"""`r1tui export` and `r1tui import`: conversations out of the store and into it."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from r1tui.headless.shell import FAILED, WRONG_USE, complain, with_store
from r1tui.locale import say, t
from r1tui.services.terminal.streams import put

if TYPE_CHECKING:
    from r1tui.services.store.conversations import ConversationStore


def export(options: Namespace) -> int:
    """Write conversations to standard output, a file, or a file each in a folder."""
    from r1tui.services.transfer import export as write

    if bool(options.id) == options.all:
        complain(t("cli.export_what"))
        return WRONG_USE

    async def run(store: ConversationStore) -> int:
        ids = None if options.all else [await _whole_id(store, options.id)]
        output = Path(options.output) if options.output else None
        files = await write(
            store,
            ids,
            options.format,
            output,
            reasoning=not options.no_reasoning,
            stream=sys.stdout,
            tell=lambda words: complain(say(words)),
        )
        for path in files:
            put(t("cli.exported", path=str(path)), sys.stderr)
        return 0

    return with_store(run)


async def _whole_id(store: ConversationStore, start: str) -> str:
    """The id that begins so, where only one does; the store refuses any other by name."""
    found = [ident for ident in await store.all_ids() if ident.startswith(start)]
    return found[0] if len(found) == 1 else start


def import_file(file: str) -> int:
    """Read a file of conversations into the store; what was wrong in it is named."""
    from r1tui.services.transfer import import_file as read

    async def run(store: ConversationStore) -> int:
        result = await read(store, Path(file))
        put(say(result.summary))
        for wrong in (*result.wrong, *filter(None, [result.stopped])):
            complain(say(wrong))
        return FAILED if result.stopped is not None else 0

    return with_store(run)
