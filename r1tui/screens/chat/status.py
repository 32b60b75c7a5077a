"""What the title and the status bar of the chat say."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from textual.binding import Binding

from r1tui.chat.asking_again import manner_after
from r1tui.chat.session import ChatSession
from r1tui.commands import Place, command
from r1tui.domain.chat import ThinkMode
from r1tui.domain.clean import Clean
from r1tui.domain.conversation import PARTIAL
from r1tui.domain.message import Message, Phase
from r1tui.domain.model import Model
from r1tui.domain.phrase import Phrase, phrase
from r1tui.locale import t
from r1tui.screens.chat import voting
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
    keys_of: Callable[[str], str],
    *,
    on_waiting: bool = False,
    for_shell: bool = False,
) -> Status:
    """The status line. `awaited`: what Enter does next; `keys_of`: the keys of a command now, by its id; `on_waiting`: the
    shelf's cursor is on a question that waits; `for_shell`: a command for the shell is being written.
    """
    message = session.streaming
    used, size = session.context_use()
    vote = voting.running(session)
    return Status(
        sample=(len(vote.samples), vote.plan.planned) if vote is not None and vote.samples else None,
        phase=message.phase if message else None,
        phase_started=message.phase_started if message else 0.0,
        rate=session.rate,
        context_used=used or None,
        context_size=size,
        context_begins=session.reserve_begins,
        host=session.server.prompts_go_to,
        low_bandwidth=low_bandwidth,
        private=session.conversation.private,
        keys=(
            *(((short_key_name("enter"), awaited.description),) if awaited else ()),
            *(((short_key_name("enter"), t("shell.short.run")),) if for_shell and not awaited else ()),
            *(
                (short_key_name(keys_of(name).partition(",")[0]), _short_words(name, session, on_waiting))
                for name in _wanted_now(session, message, place, on_waiting)
            ),
        ),
    )


def _short_words(name: str, session: ChatSession, on_waiting: bool) -> Clean:
    """What a command does now, in short."""
    if name == "chat.stop" and session.can_take_back:
        return t("key.short.take_back")
    if name == "chat.stop" and voting.running(session) is not None:
        return t("key.short.stop_vote")
    if name == "screen.next":
        return t("shelf.short.waiting" if session.queue.waiting else "shelf.short.go")
    if name == "shelf.open" and on_waiting:
        return t("shelf.short.take_back")
    if (
        name == "chat.continue"
        and voting.unfinished(session) is None
        and manner_after(session.last_answer) is not None
    ):
        return t("key.short.ask_again")
    return t(command(name).short)


_WANTED = {
    Place.PROMPT: ("chat.fold",),
    Place.SHELF: ("shelf.open", "shelf.remove", "shelf.encoding"),
    Place.TRANSCRIPT: ("transcript.fold", "transcript.copy", "transcript.find"),
    Place.SIDEBAR: ("sidebar.choose", "sidebar.menu", "sidebar.add"),
    Place.MACHINE: ("hardware.figures", "hardware.pull"),
}
"""The commands that matter where the keys go."""


def _wanted_now(session: ChatSession, message: Message | None, place: Place, on_waiting: bool) -> list[str]:
    """The few commands that matter now, the most important first."""
    wanted: list[str] = []
    last = session.last_answer
    if message is not None or voting.running(session) is not None:  # between two samples there is no message
        wanted.append("chat.stop")
        if message is not None and message.phase is Phase.THINKING:
            wanted.append("chat.answer_now")
    elif (
        voting.unfinished(session) is not None
        or manner_after(last) is not None
        or (last is not None and (last.status in PARTIAL or last.was_cut_short))
    ):
        wanted.append("chat.continue")
    if place is Place.PROMPT and (session.attachments or session.queue.waiting):
        wanted.append("screen.next")
    wanted += [name for name in _WANTED[place] if not (on_waiting and name == "shelf.encoding")]
    if message is None:
        wanted.append("chat.new")
    return [*wanted, "app.palette", "chat.help", "chat.models"]
