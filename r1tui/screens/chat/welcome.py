"""What the empty chat tells: of the model how fast it answers here, and the keys that lead on."""

from __future__ import annotations

from collections.abc import Callable

from r1tui.chat.session import ChatSession
from r1tui.commands import command
from r1tui.domain.clean import Clean
from r1tui.locale import clock, t
from r1tui.widgets.key_names import key_name

_LEAD_ON = ("chat.models", "chat.machine", "chat.help", "app.palette")


def model_words(session: ChatSession) -> str:
    """The model that will answer, and what to expect of it."""
    server, machine = session.server, session.machine
    name = server.selected
    if not name:
        if session.starting:
            return t("empty.looking")
        return t("empty.no_model") if server.silent is None else t("empty.silent")
    if machine.recommendation is None and not machine.speeds:
        return t("empty.model", name=name)
    from r1tui.domain.catalogue import find  # not before there is something to tell
    from r1tui.domain.recommendation import rate
    from r1tui.domain.sizing import Basis

    tag, found = find(name), machine.recommendation
    candidate = found.candidate(tag.tag) if found is not None and tag is not None and server.local else None
    if candidate is not None and candidate.speed is not None and candidate.wait_seconds is not None:
        speed, wait = rate(candidate.speed.expected), clock.wait(candidate.wait_seconds)
        if candidate.speed.basis is Basis.ESTIMATED:
            return t("empty.model_guess", name=name, speed=speed, wait=wait)
        return t("empty.model_speed", name=name, speed=speed, wait=wait)
    if machine.speeds:
        return t("empty.model_last", name=name, speed=rate(machine.speeds[-1]))
    return t("empty.model", name=name)


def keys(keys_of: Callable[[str], str], *, ascii_only: bool) -> list[tuple[Clean, Clean]]:
    """(key, what it does), given the keys of a command now by its id."""
    return [
        (key_name(keys_of(name).partition(",")[0], ascii_only=ascii_only), t(command(name).words))
        for name in _LEAD_ON
    ]
