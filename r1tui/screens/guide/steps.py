"""Live: which of the three steps is done here, and the key for each of Ollama's commands as it is set now."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from r1tui.chat.session import ChatSession
from r1tui.domain.clean import Clean, clean_line
from r1tui.domain.dataclass import dataclass
from r1tui.locale import t
from r1tui.services.container import Services
from r1tui.toolkit.cells import columns
from r1tui.toolkit.glyphs import glyphs

COMMANDS = (
    ("serve", "live.steps.serve", ""),
    ("pull", "live.steps.pull", "chat.models sidebar.add"),
    ("run", "live.steps.run", "chat.models sidebar.choose"),
    ("list", "live.steps.list", "chat.models"),
    ("ps", "live.steps.ps", "chat.machine"),
    ("show", "live.steps.show", "chat.model_menu"),
    ("stop", "live.steps.stop", "chat.model_menu"),
    ("cp", "live.steps.cp", "chat.model_menu"),
    ("rm", "live.steps.rm", "chat.model_menu"),
    ("create", "live.steps.create", "chat.model_menu"),
    ("push", "live.steps.push", "chat.model_menu"),
)
"""(Ollama's command, what it does, the ids of R1TUI's commands whose keys lead there, one behind the other; none for what
the palette has alone).
"""


@dataclass(frozen=True, slots=True)
class Steps:
    """How far this machine is."""

    server: str
    """Address of a server that answers; empty where none does."""
    models: int
    selected: str
    asked: bool
    """Whether there is a conversation."""


async def look(session: ChatSession, services: Services) -> Steps:
    """From what is known here. Asks no server."""
    server, store = session.server, await services.opened_store()
    answers = server.engine is not None and server.silent is None
    asked = bool(session.conversation.messages) or bool(await store.count())
    return Steps(services.host.url if answers else "", len(server.models), server.selected, asked)


def lines(found: Steps, key: Callable[[str], Clean]) -> Iterator[Clean]:
    """The steps with a sign each, what to do next, and the table."""
    done = (bool(found.server), bool(found.selected), found.asked)
    told = (
        t("live.steps.server", url=found.server) if done[0] else t("live.steps.no_server"),
        t("live.steps.model", n=found.models, name=found.selected) if done[1] else t("live.steps.no_model"),
        t("live.steps.chat") if done[2] else t("live.steps.no_chat"),
    )
    for number, (is_done, words) in enumerate(zip(done, told, strict=True)):
        yield f"{glyphs().check if is_done else glyphs().warning} {number + 1}  {words}"
    yield Clean("")
    if not (done[0] and done[1]):
        yield t("live.steps.next_setup", key=key("app.palette"))
    elif not done[2]:
        yield t("live.steps.next_chat")
    else:
        yield t("live.steps.all_done")
    yield Clean("")
    yield t("live.steps.table")
    yield Clean("")
    rows = [(f"ollama {clean_line(name)}", t(does), _keys(ids, key)) for name, does, ids in COMMANDS]
    for line in columns(rows):
        yield f"  {line}"
    yield Clean("")
    yield t("live.steps.note")


def _keys(ids: str, key: Callable[[str], Clean]) -> Clean:
    """The keys one behind the other; for what has none, how the palette finds it."""
    names = [key(each) for each in ids.split()]
    return " ".join(names) if names and all(names) else t("live.steps.by_palette", key=key("app.palette"))
