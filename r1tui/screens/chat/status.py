"""What the title and the status bar of the chat say."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from textual.binding import Binding

from r1tui.chat.asking_again import manner_after
from r1tui.chat.session import ChatSession
from r1tui.commands import Place, command
from r1tui.domain.chat import ThinkMode
from r1tui.domain.clean import Clean, clean_line
from r1tui.domain.conversation import PARTIAL
from r1tui.domain.dataclass import dataclass
from r1tui.domain.message import Message, Phase
from r1tui.domain.model import Model
from r1tui.domain.phrase import Phrase, phrase
from r1tui.domain.prefill import LONG
from r1tui.locale import t
from r1tui.screens.chat import voting
from r1tui.toolkit.cells import cut
from r1tui.toolkit.glyphs import glyphs
from r1tui.widgets.mode_keys import MODES, listed, name_of
from r1tui.widgets.status_bar import Status
from r1tui.widgets.transcript.search import Found

THINK_WORDS = {
    ThinkMode.AUTO: phrase("chat.think_auto"),
    ThinkMode.ON: phrase("chat.think_on"),
    ThinkMode.OFF: phrase("chat.think_off"),
    ThinkMode.LOW: phrase("chat.think_low"),
    ThinkMode.MEDIUM: phrase("chat.think_medium"),
    ThinkMode.HIGH: phrase("chat.think_high"),
}
HOST_CELLS = 24
"""Cells of the server's name beside the model's."""
_NAME_WORDS = {
    ThinkMode.ON: "chat.model_thinks",
    ThinkMode.OFF: "chat.model_does_not_think",
    ThinkMode.LOW: "chat.model_thinks_little",
    ThinkMode.MEDIUM: "chat.model_thinks_medium",
    ThinkMode.HIGH: "chat.model_thinks_much",
}


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


def model_words(session: ChatSession) -> Clean:
    """The selected model, whether it thinks where that is not left to it, and its server where several are known.
    That there is none is said once the server was asked.
    """
    name, mode = clean_line(session.server.selected), session.conversation.think
    if name and mode is not ThinkMode.AUTO:
        name = t(_NAME_WORDS[mode], name=name)
    host = cut(session.server.hosts.words, HOST_CELLS)
    if not name and not session.starting:
        name = t("chat.no_model")
    return Clean(f" {glyphs().dot} ").join(words for words in (name, host) if words)


def title(session: ChatSession, keeps_nothing: bool) -> str:
    """The conversation's title, and whether it ends with this run."""
    words = session.conversation.title or t("chat.untitled")
    if keeps_nothing:
        return t("chat.unsaved_title", title=words)
    return t("chat.private_title", title=words) if session.conversation.private else words


@dataclass(frozen=True, slots=True)
class Here:
    """Where the keys go on the screen, and what they mean there."""

    place: Place
    keys_of: Callable[[str], str]
    """The keys of a command now, by its id."""
    matters: Callable[[str], bool]
    """Whether a command of the place has something to act on."""
    awaited: Binding | None = None
    """What Enter does next."""
    found: Found | None = None
    """How the search in the conversation stands."""
    on_waiting: bool = False
    """The shelf's cursor is on a question that waits."""
    for_shell: bool = False
    """A command for the shell is being written."""


def status(session: ChatSession, here: Here, low_bandwidth: bool) -> Status:
    """What the status bar shows of the session now, from where the keys go."""
    message = session.streaming
    used, size = session.context_use()
    vote = voting.running(session)
    mode, closing = MODES.get(here.place), 0
    thinks = message is not None and message.phase is Phase.THINKING
    now = [
        (_key(name, here), _short_words(name, session, here)) for name in _wanted_now(session, message, here)
    ]
    if mode is not None:
        mode = "mode.waiting" if here.on_waiting and here.place is Place.SHELF else mode
        now += listed(here.place, here.keys_of, here.matters, lambda name: _short_words(name, session, here))
        stops = _stops(session, here)
        if here.place is not Place.SHELF and not stops:
            now.append((_key("chat.stop", here), _short_words("chat.stop", session, here)))
        if thinks and here.place is not Place.TRANSCRIPT:  # behind the keys that are the place's own
            answer_now = (_key("chat.answer_now", here), _short_words("chat.answer_now", session, here))
            now.insert(len(now) - 1, answer_now)
        now.append((_key("chat.help", here), t("key.short.more")))
        closing = 1 if stops else 2
    if here.awaited is not None:  # all else that is typed now is text
        enter = clean_line(here.awaited.description)
        now = [(name_of("enter"), enter), (name_of("escape"), t("key.short.back"))]
    elif here.for_shell:
        now.insert(0, (name_of("enter"), t("shell.short.run")))
    return Status(
        sample=(vote.asking, vote.plan.planned) if vote is not None and vote.asking else None,
        phase=message.phase if message else None,
        phase_started=message.phase_started if message else 0.0,
        rate=session.rate,
        context_used=used or None,
        context_size=size,
        context_begins=session.reserve_begins,
        first_token=_first_token(session, here) if message is None and vote is None else None,
        host=_host(session),
        low_bandwidth=low_bandwidth,
        private=session.conversation.private,
        found=here.found,
        keys=tuple(now),
        mode=t(mode) if mode else Clean(""),
        leading=LEADING if mode else 1,
        closing=closing,
    )


def _first_token(session: ChatSession, here: Here) -> float | None:
    """Seconds to the first token of what would be sent now, where these are worth a word."""
    seconds = session.first_token_seconds
    return seconds if seconds is not None and seconds >= LONG and not here.for_shell else None


def _host(session: ChatSession) -> str:
    """Where prompts go to, unless it is this machine or the title has just said so."""
    where = session.server.prompts_go_to
    return "" if where == session.server.name and session.server.hosts.words else where


LEADING = 6
"""Keys of a mode that give way after the context and the like."""


def _key(name: str, here: Here) -> Clean:
    return name_of(here.keys_of(name))


def _stops(session: ChatSession, here: Here) -> bool:
    """Whether Esc stops what goes on: of a side or a search it leaves that first."""
    return (
        (session.streaming is not None or voting.running(session) is not None)
        and here.place not in (Place.SIDEBAR, Place.MACHINE, Place.SHELF)
        and not (here.found is not None and here.place is Place.TRANSCRIPT)
    )


def _goes_wrong(session: ChatSession) -> bool:
    """Whether something was noticed about the answer that is being written, so that its question can be asked again."""
    answer = session.generation
    return answer is not None and answer.noticed is not None and voting.running(session) is None


def _short_words(name: str, session: ChatSession, here: Here) -> Clean:
    """What a command does now, in short."""
    if name == "chat.stop" and not _stops(session, here):
        in_side = here.place in (Place.SIDEBAR, Place.MACHINE)
        return t("key.short.end_find" if here.found is not None and not in_side else "key.short.back")
    if name == "chat.stop" and session.can_take_back:
        return t("key.short.take_back")
    if name == "chat.stop" and voting.running(session) is not None:
        return t("key.short.stop_vote")
    if name == "screen.next":
        return t("shelf.short.waiting" if session.queue.waiting else "shelf.short.go")
    if name == "shelf.open" and here.on_waiting:
        return t("shelf.short.take_back")
    if (
        name == "chat.continue"
        and voting.unfinished(session) is None
        and (_goes_wrong(session) or manner_after(session.last_answer) is not None)
    ):
        return t("key.short.ask_again")
    return t(command(name).short)


def _wanted_now(session: ChatSession, message: Message | None, here: Here) -> list[str]:
    """The commands of the whole chat that matter now, the most important first; in a mode few, since its own follow."""
    wanted: list[str] = []
    last = session.last_answer
    if message is not None or voting.running(session) is not None:  # between two samples there is no message
        if _stops(session, here):
            wanted.append("chat.stop")
        if _goes_wrong(session):
            wanted.append("chat.continue")
        if (
            message is not None
            and message.phase is Phase.THINKING
            and here.place not in (Place.SHELF, Place.SIDEBAR, Place.MACHINE)
        ):
            wanted.append("chat.answer_now")
    elif (
        voting.unfinished(session) is not None
        or manner_after(last) is not None
        or (last is not None and (last.status in PARTIAL or last.was_cut_short))
    ):
        wanted.append("chat.continue")
    if here.place in MODES:
        return wanted
    if here.found is not None and message is None:
        wanted.append("chat.stop")
    if session.draft.attachments or session.queue.waiting:
        wanted.append("screen.next")
    wanted.append("chat.fold")
    if message is None:
        wanted.append("chat.new")
    return [*wanted, "app.palette", "chat.help", "chat.models"]
