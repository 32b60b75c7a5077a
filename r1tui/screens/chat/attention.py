"""Tells a person who looks elsewhere that what took long has ended, and what goes on by the window's title.

Nothing is sent while nothing happens: a title when an answer has been under way for a few seconds, once a minute from
then on, and when it ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic

from textual.events import AppBlur, AppFocus, Event, InputEvent, Paste
from textual.timer import Timer

from r1tui.chat.events import Event as ChatEvent
from r1tui.chat.events import PullChanged
from r1tui.chat.generation import Generation
from r1tui.chat.generations import Generations
from r1tui.chat.running_vote import RunningVote
from r1tui.domain.message import MessageStatus, Phase
from r1tui.domain.phrase import Phrase, phrase
from r1tui.domain.pull_view import PullState
from r1tui.locale import clock, say, t
from r1tui.services.container import Services
from r1tui.services.terminal.attention import Title, notification, run_command
from r1tui.toolkit.glyphs import glyphs

TITLE_AFTER = 5.0
"""Seconds after which an answer is in the title: a short one is over before anybody looks."""
TITLE_EVERY = 60.0


def _of_vote(plan: str) -> str:
    """Under which name it is known when a vote began."""
    return f"vote {plan}"


class Attention:
    """Watches answers and downloads for somebody who does not."""

    def __init__(
        self,
        services: Services,
        generations: Generations,
        write: Callable[[str], None],
        later: Callable[[float, Callable[[], None]], Timer],
        tell: Callable[[Phrase], None],
    ) -> None:
        """`write` sends a sequence to the terminal, `later` calls after so many seconds, `tell` shows a notice."""
        self._services = services
        self._generations = generations
        self._write = write
        self._later = later
        self._tell = tell
        self._title = Title(services.terminal)
        self._timer: Timer | None = None
        self._begun: dict[str, float] = {}
        """When each answer (by its message's id), download (by its name) or vote began, by `time.monotonic()`."""
        self._last_key = monotonic()
        self._focused: bool | None = None
        """Whether the terminal has the focus; None until it has told so once (tmux does not, by default)."""
        self._ended = False
        """The title tells of an end that nobody has seen."""
        self._commands: set[asyncio.Task[None]] = set()
        self.host: Callable[[], str] = str
        """What the server is called, where several are known; the chat knows it."""
        generations.watchers.append(self._generation)
        generations.vote_watchers.append(self._voted)

    # The person

    def heard(self, event: Event) -> None:
        """What the terminal sent: a key, the mouse, or the focus."""
        if isinstance(event, AppFocus | AppBlur):
            self._focused = isinstance(event, AppFocus)
        elif not isinstance(event, InputEvent | Paste):
            return
        self._last_key = monotonic()
        if self._ended and not isinstance(event, AppBlur):
            self._ended = False
            self._show_title(t("title.idle"))

    @property
    def away(self) -> bool:
        """Whether nobody looks, as far as can be told."""
        if self._focused is not None:
            return not self._focused
        after = self._services.settings.notify.after
        return bool(after) and monotonic() - self._last_key >= after

    # What goes on

    def _generation(self, generation: Generation) -> None:
        """An answer began or has ended."""
        message = generation.message
        if message.id in self._generations.active:
            self._begun[message.id] = monotonic()
            if message.vote is not None:
                self._begun.setdefault(_of_vote(message.vote), monotonic())
            self._show_title_after(TITLE_AFTER)
            return
        took = monotonic() - self._begun.pop(message.id, monotonic())
        if not self._generations.active:
            self._stop_timer()
        if message.vote is not None and message.status is MessageStatus.COMPLETE:
            pass  # a sample: the vote's end is what is waited for
        elif message.status is MessageStatus.STOPPED:  # by whoever sits there
            self._end_title("")
        elif message.status is MessageStatus.FAILED:
            self._say_end(phrase("notify.failed", time=clock.spent(took)), took, failed=True)
        else:
            self._say_end(phrase("notify.answered", time=clock.spent(took)), took)

    def _voted(self, ended: RunningVote) -> None:
        """A vote has ended."""
        began = self._begun.pop(_of_vote(ended.plan.id), None)
        if began is not None and ended.vote.tally.decided:
            took = monotonic() - began
            self._say_end(phrase("notify.voted", time=clock.spent(took)), took)

    def told(self, event: ChatEvent) -> None:
        """A download began, moved or ended. To be subscribed where these are told."""
        if not isinstance(event, PullChanged) or event.moved:
            return
        job = event.job
        if job.state.goes_on:
            self._begun.setdefault(job.name, monotonic())
        elif (began := self._begun.pop(job.name, None)) is not None:
            took = monotonic() - began
            if job.state is PullState.DONE:
                self._say_end(phrase("notify.downloaded", name=job.name), took)
            elif job.state is PullState.FAILED:
                self._say_end(phrase("notify.download_failed", name=job.name), took, failed=True)

    def _say_end(self, what: Phrase, took: float, *, failed: bool = False) -> None:
        settings = self._services.settings.notify
        self._end_title(glyphs().warning if failed else glyphs().check, say(what))
        if not settings.after or took < settings.after or not self.away:
            return
        if settings.how != "off":
            self._write(notification(settings.how, say(what), self._services.terminal.multiplexer))
        if settings.command.strip():
            task = asyncio.create_task(self._run(settings.command, say(what)))
            self._commands.add(task)
            task.add_done_callback(self._commands.discard)

    async def _run(self, command: str, text: str) -> None:
        try:
            if not (status := await run_command(command, text)):
                return
            reason = phrase("notify.exit_status", status=status)
        except TimeoutError:
            reason = phrase("notify.too_slow")
        except (OSError, ValueError) as error:
            reason = phrase("notify.no_command", detail=str(error))
        self._tell(phrase("notify.command_failed", command=command, reason=reason))

    # The title

    def _show_title_after(self, seconds: float) -> None:
        if self._timer is None:
            self._timer = self._later(seconds, self._tick)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _tick(self) -> None:
        self._timer = None
        if not self._generations.active:
            return
        oldest = next(iter(self._generations.active.values())).message
        words = {Phase.THINKING: "title.thinking", Phase.ANSWERING: "title.answering"}
        key = words.get(oldest.phase, "title.waiting") if oldest.phase else "title.waiting"
        elapsed = clock.elapsed(monotonic() - self._begun.get(oldest.id, monotonic()))
        self._ended = False
        self._show_title(t("title.under_way", sign=glyphs().running, what=t(key, time=elapsed)))
        self._show_title_after(TITLE_EVERY)

    def _end_title(self, sign: str, what: str = "") -> None:
        """Say in the title what ended, where something stood there before and nothing else goes on."""
        if self._generations.active:
            return
        if sign and (self._title.used or self.away):
            self._ended = True
            self._show_title(t("title.under_way", sign=sign, what=what))
        elif self._title.used:
            self._show_title(t("title.idle"))

    def _show_title(self, text: str) -> None:
        if host := self.host():
            text = t("title.at_host", title=text, host=host)
        if self._services.settings.notify.title:
            self._write(self._title.change(text))
        else:
            self._write(self._title.give_back())

    def close(self) -> None:
        """Give the window its title back, and watch no more: answers may go on without a terminal."""
        self._generations.watchers.remove(self._generation)
        self._generations.vote_watchers.remove(self._voted)
        self._stop_timer()
        self._write(self._title.give_back())
