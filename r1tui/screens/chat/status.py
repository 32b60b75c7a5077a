"""What the title and the status bar of the chat say."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from time import monotonic

from textual.binding import Binding

from r1tui.chat.asking_again import manner_after
from r1tui.chat.session import ChatSession
from r1tui.domain.chat import ThinkMode
from r1tui.domain.conversation import PARTIAL
from r1tui.domain.message import Message, Phase
from r1tui.domain.model import Model
from r1tui.domain.phrase import Phrase, phrase
from r1tui.locale import t
from r1tui.widgets.key_names import short_key_name
from r1tui.widgets.status_bar import Status

THINK_WORDS = {
    ThinkMode.AUTO: phrase("chat.think_auto"),
    ThinkMode.ON: phrase("chat.think_on"),
    ThinkMode.OFF: phrase("chat.think_off"),
    ThinkMode.LOW: phrase("chat.think_low"),
    ThinkMode.MEDIUM: phrase("chat.think_medium"),
    ThinkMode.HIGH: phrase("chat.think_high"),
}
_NAME_WORDS = {
    ThinkMode.ON: "chat.model_thinks",
    ThinkMode.OFF: "chat.model_does_not_think",
    ThinkMode.LOW: "chat.model_thinks_little",
    ThinkMode.MEDIUM: "chat.model_thinks_medium",
    ThinkMode.HIGH: "chat.model_thinks_much",
}


class Place(Enum):
    """Where the keys go."""

    PROMPT = auto()
    TRANSCRIPT = auto()
    SIDEBAR = auto()
    PANEL = auto()


class SecondClock:
    """Tells when times on the screen are due: each second, and with each new phase."""

    def __init__(self) -> None:
        self._ticked = 0.0
        self._phase: Phase | None = None

    def ticks(self, message: Message) -> bool:
        """Whether times are due again while `message` streams."""
        now = monotonic()
        if now - self._ticked < 1 and message.phase is self._phase:
            return False
        self._ticked, self._phase = now, message.phase
        return True


def think_words(mode: ThinkMode, model: Model | None) -> Phrase:
    """What a way of thinking means, with a word on models that cannot."""
    if mode not in (ThinkMode.AUTO, ThinkMode.OFF) and model is not None and model.thinks is False:
        return phrase("chat.think_cannot", name=model.name)
    return THINK_WORDS[mode]


def model_words(session: ChatSession) -> str:
    """The selected model, and whether it thinks where that is not left to it."""
    name, mode = session.server.selected, session.conversation.think
    if not name or mode is ThinkMode.AUTO:
        return name or t("chat.no_model")
    return t(_NAME_WORDS[mode], name=name)


def title(session: ChatSession, keeps_nothing: bool) -> str:
    """The conversation's title, and whether it ends with this run."""
    words = session.conversation.title or t("chat.untitled")
    if keeps_nothing:
        return t("chat.unsaved_title", title=words)
    return t("chat.private_title", title=words) if session.conversation.private else words


def status(
    session: ChatSession,
    place: Place,
    awaited: Binding | None,
    low_bandwidth: bool,
    own_keys: Mapping[str, str],
) -> Status:
    """The status line. `awaited`: what Enter does next; `own_keys`: binding id → key, where the user changed it."""
    message = session.streaming
    used, size = session.context_use()
    return Status(
        phase=message.phase if message else None,
        phase_started=message.phase_started if message else 0.0,
        rate=session.rate,
        context_used=used or None,
        context_size=size,
        host=session.server.prompts_go_to,
        low_bandwidth=low_bandwidth,
        private=session.conversation.private,
        keys=tuple(
            (short_key_name(own_keys.get(name, key).partition(",")[0]), words)
            for name, key, words in _keys(session, message, place, awaited)
        ),
    )


def _keys(
    session: ChatSession, message: Message | None, place: Place, awaited: Binding | None
) -> list[tuple[str, str, str]]:
    """(binding, its default key, words) of the few keys that matter now, the most important first."""
    keys: list[tuple[str, str, str]] = []
    last = session.last_answer
    if awaited is not None:
        keys.append(("", "enter", awaited.description))
    if message is not None:
        keys.append(("chat.stop", "escape", t("key.short.stop")))
        if message.phase is Phase.THINKING:
            keys.append(("chat.answer_now", "f4", t("key.short.answer_now")))
    elif manner_after(last) is not None:
        keys.append(("chat.continue", "f5", t("key.short.ask_again")))
    elif last is not None and last.status in PARTIAL:
        keys.append(("chat.continue", "f5", t("key.short.continue")))
    match place:
        case Place.TRANSCRIPT:
            keys += [
                ("transcript.fold", "enter", t("key.short.fold")),
                ("transcript.copy", "y", t("key.short.copy")),
                ("transcript.find", "/", t("key.short.find")),
            ]
        case Place.SIDEBAR:
            keys += [
                ("sidebar.choose", "enter", t("key.short.choose")),
                ("sidebar.menu", "m", t("key.short.menu")),
                ("sidebar.add", "a", t("key.short.add")),
            ]
        case Place.PANEL:
            keys += [
                ("hardware.figures", "?", t("key.short.figures")),
                ("hardware.pull", "p", t("key.short.pull")),
            ]
        case Place.PROMPT:
            keys.append(("chat.fold", "ctrl+t", t("key.short.fold")))
    if message is None:
        keys.append(("chat.new", "ctrl+n", t("key.short.new")))
    return [
        *keys,
        ("app.palette", "ctrl+p", t("key.short.palette")),
        ("chat.help", "f1", t("key.short.help")),
        ("chat.models", "ctrl+o", t("key.short.models")),
    ]
