"""A session for the commands that chat without a screen, and its way to a server and a model."""

from __future__ import annotations

from collections.abc import Callable

from r1tui.chat.events import Event
from r1tui.chat.generations import Generations
from r1tui.chat.machine import Machine
from r1tui.chat.server import Server
from r1tui.chat.session import ChatSession
from r1tui.headless.shell import FAILED, WRONG_USE, complain
from r1tui.locale import say, t
from r1tui.services.container import Services


def session_without_screen(
    services: Services, generations: Generations, told: Callable[[Event], None]
) -> ChatSession:
    """A session that decides by itself. `told` hears what session, server and machine tell."""
    machine = Machine(services)
    server = Server(services, machine)
    session = ChatSession(services, server, generations)
    session.can_ask = False
    for each in (machine, server, session):
        each.subscribe(told)
    return session


async def connect(session: ChatSession, model: str | None) -> int:
    """Find the server, and the model that is to answer. Returns 0, or after a complaint the exit code."""
    server, machine = session.server, session.machine
    reading = machine.start(machine.probe(guess=False))  # what sizes the context
    if not await server.connect(look_closer=False):
        if server.engine is None:
            return WRONG_USE
        if server.silent is not None:
            complain(say(server.silent))
            return FAILED
    await reading
    if model:  # else the session's own choice: the settings', the last one, the best for this machine
        await server.select(server.installed(model) or model)
    if not server.selected:
        complain(t("cli.no_model"))
        return FAILED
    return 0
