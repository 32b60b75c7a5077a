"""The chat's page: sidebar, transcript with the prompt below it, hardware panel, status bar."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.notifications import SeverityLevel
from textual.timer import Timer
from textual.widgets import TextArea
from textual.worker import Worker

from r1tui.domain.conversation import PARTIAL
from r1tui.domain.message import Message, MessageStatus, Phase
from r1tui.domain.phrase import Phrase, phrase
from r1tui.locale import say, t
from r1tui.screens import chat_tools
from r1tui.screens.answers import Answers
from r1tui.screens.base import R1Screen
from r1tui.screens.connection import Connection
from r1tui.screens.downloads import Downloads
from r1tui.screens.elsewhere import CHANGES_POLL
from r1tui.screens.machine import Machine
from r1tui.screens.revisions import Revisions
from r1tui.services.container import Services
from r1tui.services.database import StoreError
from r1tui.widgets.hardware_panel import HardwarePanel
from r1tui.widgets.key_names import short_key_name
from r1tui.widgets.model_sidebar import ModelSidebar
from r1tui.widgets.notices import tell
from r1tui.widgets.prompt import Prompt, PromptBar
from r1tui.widgets.status_bar import Status, StatusBar
from r1tui.widgets.title_bar import TitleBar
from r1tui.widgets.transcript import Transcript, warm_up

if TYPE_CHECKING:
    from r1tui.services.engine import Engine

DRAFT_PAUSE = 0.8
"""Seconds without a key after which the draft is written to disk."""
PROBE_AFTER = 0.3
"""Seconds that the machine waits to be read, so that the model's name comes first."""
START_SECONDS = 5.0
"""Seconds in which no garbage is looked for: what is loaded at the start stays."""
WIDE = 120
"""Columns from which all three regions show."""


class ChatPage(R1Screen[None]):
    """The page: its widgets, its parts, and what these tell it. `ChatScreen` adds what a person can do on it."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    AUTO_FOCUS = "#prompt"

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        self.sidebar = ModelSidebar(id="models")
        self.transcript = Transcript(id="transcript")
        self.prompt_bar = PromptBar()
        self.panel = HardwarePanel(id="machine")
        self.title_bar = TitleBar()
        self.status_bar = StatusBar()
        self.answers = Answers(self)
        self.revisions = Revisions(self)
        self.connection = Connection(self)
        self.machine = Machine(self)
        self.downloads = Downloads(self)
        self.undo: list[Callable[[], object]] = []
        """What can be undone until the app ends, newest last."""
        self._draft: Timer | None = None
        self._opening: Worker[None] | None = None
        """A dialogue that is about to come."""
        self._conversation_shown = ""
        """Id of the conversation on the screen."""
        self._private_shown = False

    def compose(self) -> ComposeResult:
        """Three regions between two lines."""
        yield self.title_bar
        with Horizontal(id="page"):
            yield self.sidebar
            with Vertical(id="chat"):
                yield self.transcript
                yield self.prompt_bar
            yield self.panel
        yield self.status_bar

    @cached_property
    def prompt(self) -> Prompt:
        """The field that is written in; what was written is still known when the page has been taken down."""
        return self.prompt_bar.prompt

    @property
    def low_bandwidth(self) -> bool:
        """Whether bytes are dear on this line."""
        return self.services.low_bandwidth

    def tell(self, what: Phrase, severity: SeverityLevel = "information") -> None:
        """Show a notice."""
        tell(self.app, what, severity)

    # Start

    def on_mount(self) -> None:
        """Paint first; everything that touches the world comes after."""
        self.prompt.cursor_blink = self.services.settings.interface.cursor_blink
        self.transcript.low_bandwidth = self.low_bandwidth
        self.transcript.reasoning_policy = self.services.settings.interface.reasoning
        self.conversation_changed()
        self.set_timer(START_SECONDS, _start_is_over)
        self.call_after_refresh(self.run_worker, self._start(), name="start")

    async def _start(self) -> None:
        for problem in self.services.problems:
            self.tell(problem, "warning")
        self.set_timer(PROBE_AFTER, lambda: self.run_worker(self.machine.probe(), name="probe"))
        try:
            store = await self.services.opened_store()
        except StoreError as error:
            self.app.exit(return_code=1, message=say(error.phrase))
            return
        for notice in store.notices:
            self.tell(notice, "warning")
        try:
            await chat_tools.restore(self)
        except StoreError as error:  # a chat can begin all the same
            self.tell(error.phrase, "error")
        ready = await self.connection.connect()
        self.answers.waiting.connected(ready)
        if not ready:
            from r1tui.screens import chat_dialogues

            await chat_dialogues.setup(self)
        await self.connection.refresh_running()
        await asyncio.to_thread(warm_up)
        await self.downloads.restore()
        await chat_tools.offer(self)
        self.set_interval(CHANGES_POLL, self.answers.elsewhere.look)

    def open_once(self, dialogue: Coroutine[Any, Any, None]) -> None:
        """Open a dialogue, unless one is about to come: a key pressed again in a hurry is not meant for another."""
        if self._opening is not None and not self._opening.is_finished:
            dialogue.close()
        else:
            self._opening = self.run_worker(dialogue)

    def on_screen_suspend(self) -> None:
        """It has come."""
        self._opening = None

    def on_screen_resume(self) -> None:
        """Something may have changed behind another screen."""
        self.sides_changed()

    async def on_unmount(self) -> None:
        """Whatever ends the app: what was written, or sent and not stored yet, is in the draft."""
        self.answers.unfollow()
        with suppress(StoreError):
            await chat_tools.keep_draft(self)

    # What the controllers tell

    def conversation_changed(self) -> None:
        """Another conversation, branch or title is shown. A conversation that is opened brings its model along."""
        conversation = self.answers.conversation
        if conversation.id != self._conversation_shown:
            self._conversation_shown = conversation.id
            if self._private_shown:  # its prompts must not be recalled where they would be written to disk
                self.run_worker(chat_tools.load_prompts(self))
            self._private_shown = conversation.private
            if conversation.messages:
                self.connection.go_with(conversation.model)
        self.status_changed()

    def _title(self) -> str:
        title = self.answers.conversation.title or t("chat.untitled")
        return t("chat.private_title", title=title) if self.answers.conversation.private else title

    def status_changed(self) -> None:
        """Anything that the status bar shows may have changed."""
        generation = self.answers.generation
        message = self.answers.streaming()
        used, size = self.answers.context_use()
        self.title_bar.show(
            self._title(), chat_tools.model_words(self.connection.selected, self.answers.conversation.think)
        )
        self.status_bar.status = Status(
            phase=message.phase if message else None,
            phase_started=message.phase_started if message else 0.0,
            rate=generation.rate if generation else next(reversed(self.machine.speeds), None),
            context_used=used or None,
            context_size=size,
            host="" if self.services.server_is_local else self.services.server_name,
            low_bandwidth=self.low_bandwidth,
            private=self.answers.conversation.private,
            keys=self._keys_now(message),
        )

    def _keys_now(self, message: Message | None) -> tuple[tuple[str, str], ...]:
        """The few keys that matter now, the most important first."""
        keys: list[tuple[str, str, str]] = []  # binding, its default key, words
        last = self.answers.last_answer()
        if message is not None:
            keys.append(("chat.stop", "escape", t("key.short.stop")))
            if message.phase is Phase.THINKING:
                keys.append(("chat.answer_now", "f4", t("key.short.answer_now")))
        elif last is not None and last.status in PARTIAL:
            keys.append(("chat.continue", "f5", t("key.short.continue")))
        if self.transcript.has_focus:
            keys += [
                ("transcript.fold", "enter", t("key.short.fold")),
                ("transcript.copy", "y", t("key.short.copy")),
                ("transcript.find", "/", t("key.short.find")),
            ]
        elif self.sidebar.has_focus:
            keys += [
                ("sidebar.choose", "enter", t("key.short.choose")),
                ("sidebar.menu", "m", t("key.short.menu")),
                ("sidebar.add", "a", t("key.short.add")),
            ]
        elif self.panel.has_focus:
            keys += [
                ("hardware.figures", "?", t("key.short.figures")),
                ("hardware.pull", "p", t("key.short.pull")),
            ]
        else:
            keys.append(("chat.fold", "ctrl+t", t("key.short.fold")))
        if message is None:
            keys.append(("chat.new", "ctrl+n", t("key.short.new")))
        keys += [
            ("app.palette", "ctrl+p", t("key.short.palette")),
            ("chat.help", "f1", t("key.short.help")),
            ("chat.models", "ctrl+o", t("key.short.models")),
        ]
        own: dict[str, str] = getattr(self.app, "own_keys", {})
        return tuple(
            (short_key_name(own.get(name, key).partition(",")[0]), words) for name, key, words in keys
        )

    def on_descendant_focus(self) -> None:
        """Other keys matter elsewhere."""
        self.status_changed()

    def answer_ended(self, message: Message, engine: Engine) -> None:
        """An answer is complete, stopped or failed."""
        self.answers.judge_by_answer(message)
        self.status_changed()
        if engine is self.connection.engine:  # else it tells nothing of the server that was chosen meanwhile
            self.run_worker(self._learn(message))
        if message.status is MessageStatus.FAILED and message.error is not None:
            self.tell(message.error, "error")
        elif message.only_reasoning:
            self.tell(phrase("chat.only_reasoning"))

    async def _learn(self, message: Message) -> None:
        await self.connection.refresh_running()  # where the model runs tells what its speed is the speed of
        await self.machine.learn(message)

    # Writing

    def on_prompt_submitted(self, event: Prompt.Submitted) -> None:
        """Enter: ask."""
        if not self.connection.selected and not self.answers.starting:
            self.run_worker(self._try_again(event), group="connect", exclusive=True)
            return
        self.answers.waiting.ask(event.text)
        event.prompt.accept()

    async def _try_again(self, event: Prompt.Submitted) -> None:
        """There was no server or no model: look again before giving up."""
        if await self.connection.connect():
            self.on_prompt_submitted(event)
        else:
            silent = self.connection.silent
            self.tell(
                phrase("chat.no_server_yet", reason=silent) if silent else phrase("chat.no_model_yet"),
                "warning",
            )

    def on_prompt_bare(self) -> None:
        """Enter alone ends reasoning that repeats itself, as the notice about it offers."""
        generation = self.answers.generation
        if generation is not None and generation.loop_found:
            generation.answer_now()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Keep the draft on disk, once the writer pauses."""
        if self._draft is not None:
            self._draft.stop()
        self._draft = self.set_timer(DRAFT_PAUSE, lambda: self.run_worker(chat_tools.save_draft(self)))

    # Sides

    def action_toggle_side(self, name: str) -> None:
        """Show or hide a side region; over the transcript where there is no room beside it."""
        side = self.query_one(f"#{name}")
        wide = self.size.width >= WIDE
        if wide:
            side.toggle_class("-hidden")
            shown = not side.has_class("-hidden")
        else:
            shown = not side.has_class("-open")
            for other in (self.sidebar, self.panel):
                other.remove_class("-open")
            side.set_class(shown, "-open")
        if shown and not wide:
            side.focus()
        elif not shown:
            self.set_focus(self.prompt)
        self.sides_changed()

    def sides_changed(self) -> None:
        """Read the machine only while it shows."""
        wide = self.size.width >= WIDE
        self.machine.watch(not self.panel.has_class("-hidden") if wide else self.panel.has_class("-open"))

    def on_resize(self) -> None:
        """The breakpoint may have been crossed."""
        self.sides_changed()


def _start_is_over() -> None:
    """Look for garbage again (the command line ended it), but never among what the start has loaded."""
    gc.freeze()
    gc.enable()
