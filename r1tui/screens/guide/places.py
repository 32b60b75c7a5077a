"""Live: where conversations, settings and models lie, how large they are, and whom this program talks to."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from r1tui.chat.session import ChatSession
from r1tui.domain.clean import Clean, clean_line
from r1tui.domain.dataclass import dataclass
from r1tui.locale import figures, t
from r1tui.services.container import Services
from r1tui.services.paths import config_dir
from r1tui.toolkit.glyphs import glyphs


@dataclass(frozen=True, slots=True)
class Places:
    """What there is, and where."""

    data: Path
    data_bytes: int
    conversations: int
    config: Path
    config_bytes: int
    models: int
    models_bytes: int
    """As the server tells each model's size: what two of them share counts twice."""
    folder: Path | None
    """Where a server of this machine keeps its models; None where that is not known."""
    server: str
    """Its address."""
    elsewhere: str
    """The machine that questions go to where it is not this one."""
    connections: Sequence[str] | None
    """Whom this process holds a connection to now, as the system tells it; None where it does not."""


async def look(session: ChatSession, services: Services) -> Places:
    """Look at the folders, the server's models and this process. Asks no server."""
    server = session.server
    store = await services.opened_store()
    kept = 0 if store.in_memory else await store.count() + await store.count(archived=True)
    config = config_dir()
    data_bytes, config_bytes, connections = await asyncio.to_thread(
        lambda: (folder_bytes(services.data_dir), folder_bytes(config), _connections())
    )
    return Places(
        services.data_dir,
        data_bytes,
        kept,
        config,
        config_bytes,
        len(server.models),
        sum(model.size for model in server.models),
        server.models_folder,
        services.host.url,
        server.prompts_go_to,
        connections,
    )


def folder_bytes(folder: Path) -> int:
    """What the files in a folder take, links aside. Blocking."""
    size = 0
    for where, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                size += (Path(where) / name).lstat().st_size
    return size


def _connections() -> Sequence[str] | None:
    """The other ends of this process's network connections. Blocking."""
    import psutil

    try:
        found = psutil.Process().net_connections("inet")
    except (psutil.Error, OSError, NotImplementedError):
        return None
    return sorted({f"{each.raddr.ip}:{each.raddr.port}" for each in found if each.raddr})


def lines(found: Places) -> Iterator[Clean]:
    """The places, then whom R1TUI talks to."""
    yield t("live.places.conversations", n=found.conversations, size=figures.size(found.data_bytes))
    yield f"  {clean_line(str(found.data))}"
    yield t("live.places.settings", size=figures.size(found.config_bytes))
    yield f"  {clean_line(str(found.config))}"
    yield t("live.places.models", n=found.models, size=figures.size(found.models_bytes))
    if found.folder is not None:
        yield f"  {clean_line(str(found.folder))}"
    else:
        yield f"  {t('live.places.models_there', server=found.server)}"
    yield Clean("")
    if found.elsewhere:
        yield t("live.places.elsewhere", host=found.elsewhere, url=found.server)
    else:
        yield t("live.places.here", url=found.server)
    if found.connections is not None:
        yield t("live.places.connections")
        for each in found.connections:
            yield f"  {glyphs().bullet} {clean_line(each)}"
        if not found.connections:
            yield f"  {t('live.places.none')}"
    yield t("live.places.else")
    yield Clean("")
    yield t("live.places.note")
