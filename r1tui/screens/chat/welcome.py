"""What the empty chat tells: of the model how fast it answers here, and the keys that lead on."""

from __future__ import annotations

from collections.abc import Mapping

from r1tui.chat.session import ChatSession
from r1tui.domain.catalogue import find
from r1tui.domain.recommendation import rate
from r1tui.locale import figures, t
from r1tui.widgets.key_names import key_name

_KEYS = (
    ("chat.models", "ctrl+o", "key.models"),
    ("chat.machine", "ctrl+g", "key.machine"),
    ("chat.help", "f1", "key.help"),
    ("app.palette", "ctrl+p", "key.palette"),
)


def model_words(session: ChatSession) -> str:
    """The model that will answer, and what to expect of it."""
    server, machine = session.server, session.machine
    name = server.selected
    if not name:
        return t("empty.no_model")
    tag, found = find(name), machine.recommendation
    candidate = found.candidate(tag.tag) if found is not None and tag is not None and server.local else None
    if candidate is not None and candidate.speed is not None and candidate.wait_seconds is not None:
        speed, wait = rate(candidate.speed.expected), figures.duration(candidate.wait_seconds)
        return t("empty.model_speed", name=name, speed=speed, wait=wait)
    if machine.speeds:
        return t("empty.model_last", name=name, speed=rate(machine.speeds[-1]))
    return t("empty.model", name=name)


def keys(own_keys: Mapping[str, str], *, ascii_only: bool) -> list[tuple[str, str]]:
    """(key, what it does), with the user's own keys."""
    return [
        (key_name(own_keys.get(name, key).partition(",")[0], ascii_only=ascii_only), t(words))
        for name, key, words in _KEYS
    ]
