"""The chat: sidebar, transcript with the prompt below it, hardware panel, status bar."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from inspect import isawaitable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.notifications import SeverityLevel
from textual.timer import Timer
from textual.widgets import TextArea

from r1tui.domain.chat import ThinkMode
from r1tui.domain.message import Message, MessageStatus
from r1tui.domain.phrase import Phrase, phrase
from r1tui.locale import say, t
from r1tui.screens import chat_dialogues, chat_tools
from r1tui.screens.answers import Answers
from r1tui.screens.base import R1Screen
from r1tui.screens.connection import Connection
from r1tui.screens.downloads import Downloads
from r1tui.screens.machine import Machine
from r1tui.services.container import Services
from r1tui.widgets.hardware_panel import HardwarePanel
from r1tui.widgets.model_sidebar import ModelSidebar
from r1tui.widgets.prompt import Prompt, PromptBar
from r1tui.widgets.status_bar import Status, StatusBar
from r1tui.widgets.title_bar import TitleBar
from r1tui.widgets.transcript import Transcript

DRAFT_PAUSE = 0.8
"""Seconds without a key after which the draft is written to disk."""
WIDE = 120
"""Columns from which all three regions show."""


class ChatScreen(R1Screen[None]):
    """The main screen. It joins widgets to services; `Answers`, `Connection` and `Machine` do the joining."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    AUTO_FOCUS = "#prompt"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop_or_close", "key.stop", id="chat.stop"),
        Binding("ctrl+t", "toggle_reasoning", "key.fold", id="chat.fold", priority=True),
        Binding("ctrl+n", "new", "key.new", id="chat.new", priority=True),
        Binding("ctrl+o", "toggle_side('models')", "key.models", id="chat.models", priority=True),
        Binding("ctrl+g", "toggle_side('machine')", "key.machine", id="chat.machine", priority=True),
        Binding(
            "ctrl+r", "prompt_search", "key.prompt_search", id="chat.prompt_search", show=False, priority=True
        ),
        Binding("ctrl+y", "copy_answer(False)", "key.copy", id="chat.copy_here", show=False),
        Binding("f1", "help", "key.help", id="chat.help", priority=True),
        Binding("question_mark", "help", "key.help", id="chat.help_here", show=False),
        Binding("f2", "copy_answer(False)", "key.copy", id="chat.copy", show=False, priority=True),
        Binding("f3", "copy_answer(True)", "key.copy_all", id="chat.copy_all", show=False, priority=True),
        Binding("f4", "answer_now", "key.answer_now", id="chat.answer_now", show=False, priority=True),
        Binding("f5", "continue", "key.continue", id="chat.continue", show=False, priority=True),
        Binding("f6", "history", "key.history", id="chat.history", show=False, priority=True),
        Binding("f7", "think", "key.think", id="chat.think", show=False, priority=True),
        Binding("f8", "model_menu", "key.model_menu", id="chat.model_menu", show=False, priority=True),
        Binding("f9", "host", "key.host", id="chat.host", show=False, priority=True),
        Binding("ctrl+up", "cursor(-1)", "key.message_up", id="chat.message_up", show=False, priority=True),
        Binding(
            "ctrl+down", "cursor(1)", "key.message_down", id="chat.message_down", show=False, priority=True
        ),
        Binding("pageup", "page(-1)", "key.page_up", id="chat.page_up", show=False, priority=True),
        Binding("pagedown", "page(1)", "key.page_down", id="chat.page_down", show=False, priority=True),
    ]

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
        self.connection = Connection(self)
        self.machine = Machine(self)
        self.downloads = Downloads(self)
        self.undo: list[Callable[[], object]] = []
        """What can be undone until the app ends, newest last."""
        self._draft: Timer | None = None

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

    @property
    def prompt(self) -> Prompt:
        """The field that is written in."""
        return self.prompt_bar.prompt

    @property
    def low_bandwidth(self) -> bool:
        """Whether bytes are dear on this line."""
        return self.services.low_bandwidth

    def tell(self, what: Phrase, severity: SeverityLevel = "information") -> None:
        """Show a notice."""
        self.notify(say(what), severity=severity, markup=False)

    # Start

    def on_mount(self) -> None:
        """Paint first; everything that touches the world comes after."""
        self.prompt.cursor_blink = self.services.settings.interface.cursor_blink
        self.transcript.low_bandwidth = self.low_bandwidth
        self.transcript.reasoning_policy = self.services.settings.interface.reasoning
        self.conversation_changed()
        self.call_after_refresh(self.run_worker, self._start(), name="start")

    async def _start(self) -> None:
        for problem in self.services.problems:
            self.tell(problem, "warning")
        self.run_worker(self.machine.probe(), name="probe")
        store = await self.services.opened_store()
        for notice in store.notices:
            self.tell(notice, "warning")
        await chat_tools.restore(self)
        if not await self.connection.connect():
            await chat_dialogues.setup(self)
        await self.connection.refresh_running()
        await self.downloads.restore()

    def on_screen_resume(self) -> None:
        """Something may have changed behind another screen."""
        self.sides_changed()

    # What the controllers tell

    def conversation_changed(self) -> None:
        """Another conversation, branch or title is shown."""
        self.status_changed()

    def _title(self) -> str:
        title = self.answers.conversation.title or t("chat.untitled")
        return t("chat.private_title", title=title) if self.answers.conversation.private else title

    def status_changed(self) -> None:
        """Anything that the status bar shows may have changed."""
        generation = self.answers.generation
        message = generation.message if generation else None
        used, size = self.answers.context_use()
        self.title_bar.show(self._title(), self.connection.selected or t("chat.no_model"))
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
        keys = [("^T", t("key.short.fold"))]
        if message is not None:
            keys.insert(0, ("Esc", t("key.short.stop")))
        else:
            keys.append(("^N", t("key.short.new")))
        return (
            *keys,
            ("^P", t("key.short.palette")),
            ("F1", t("key.short.help")),
            ("^O", t("key.short.models")),
        )

    def answer_ended(self, message: Message) -> None:
        """An answer is complete, stopped or failed."""
        self.status_changed()
        self.run_worker(self.machine.learn(message))
        self.run_worker(self.connection.refresh_running(), group="running", exclusive=True)
        if message.status is MessageStatus.FAILED and message.error is not None:
            self.tell(message.error, "error")

    # Writing

    def on_prompt_submitted(self, event: Prompt.Submitted) -> None:
        """Enter: ask."""
        if not self.connection.selected:
            self.tell(phrase("chat.no_model_yet"), "warning")
            return
        event.prompt.accept()
        self.run_worker(self._send(event.text))

    async def _send(self, text: str) -> None:
        await self.answers.send(text)
        await chat_tools.save_draft(self)

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
            self.prompt.focus()
        self.sides_changed()

    def sides_changed(self) -> None:
        """Read the machine only while it shows."""
        wide = self.size.width >= WIDE
        self.machine.watch(not self.panel.has_class("-hidden") if wide else self.panel.has_class("-open"))

    def on_resize(self) -> None:
        """The breakpoint may have been crossed."""
        self.sides_changed()

    # Actions

    def action_stop_or_close(self) -> None:
        """Esc: close what lies over the transcript, else stop the answer, else go back to the prompt."""
        for side in (self.sidebar, self.panel):
            if side.has_class("-open"):
                side.remove_class("-open")
                self.prompt.focus()
                self.sides_changed()
                return
        if not self.answers.stop():
            self.prompt.focus()

    def action_toggle_reasoning(self) -> None:
        """Fold or unfold all reasoning."""
        self.transcript.toggle_reasoning()

    async def action_new(self, private: bool = False) -> None:
        """Begin a new conversation; one under way goes on by itself."""
        await self.answers.start_new(private=private)
        self.prompt.focus()

    def action_cursor(self, step: int) -> None:
        """Move among the messages."""
        self.transcript.focus()
        if step < 0:
            self.transcript.cursor_up()
        else:
            self.transcript.cursor_down()

    def action_page(self, step: int) -> None:
        """Scroll the transcript from wherever the cursor is."""
        if step < 0:
            self.transcript.action_page_up()
        else:
            self.transcript.action_page_down()

    def action_answer_now(self) -> None:
        """End the reasoning, answer from it."""
        if not self.answers.answer_now():
            self.tell(phrase("chat.not_thinking"))

    def action_continue(self) -> None:
        """Go on with the last answer, or ask its question again."""
        self.run_worker(self.answers.continue_or_retry())

    async def action_find(self) -> None:
        """Search in this conversation."""
        self.action_dialogue("find")

    def action_think(self) -> None:
        """Next way of asking the model to think: automatic, on, off."""
        modes = list(ThinkMode)
        mode = modes[(modes.index(self.answers.conversation.think) + 1) % len(modes)]
        self.answers.set_think(mode)
        self.tell(chat_tools.think_words(mode, self.connection.model(self.connection.selected)))

    def action_copy_answer(self, reasoning: bool) -> None:
        """Copy the last answer, with or without its reasoning."""
        self.run_worker(chat_tools.copy_answer(self, reasoning))

    def action_undo(self) -> None:
        """Take the last deletion back."""
        if not self.undo:
            self.tell(phrase("chat.nothing_to_undo"))
            return
        self.run_worker(_awaited(self.undo.pop()))

    def action_dialogue(self, name: str) -> None:
        """Open one of `chat_dialogues` by its name."""
        self.run_worker(getattr(chat_dialogues, name)(self))

    def action_help(self) -> None:
        """All keys."""
        self.action_dialogue("show_help")

    def action_history(self) -> None:
        """The list of conversations."""
        self.action_dialogue("history")

    def action_model_menu(self) -> None:
        """Everything that can be done with the selected model."""
        self.action_dialogue("model_menu")

    def action_host(self) -> None:
        """Another server."""
        self.action_dialogue("switch_host")

    def action_prompt_search(self) -> None:
        """Search earlier prompts."""
        self.action_dialogue("prompt_search")

    # What widgets ask for

    @on(Transcript.ReasoningToggled)
    def _reasoning_toggled(self) -> None:
        self.run_worker(self.services.state_set(chat_tools.REASONING, self.transcript.reasoning_policy))

    @on(Transcript.CopyRequested)
    def _copy(self, event: Transcript.CopyRequested) -> None:
        self.run_worker(chat_tools.copy(self, event.text))

    @on(Transcript.OpenRequested)
    def _open(self, event: Transcript.OpenRequested) -> None:
        self.run_worker(chat_tools.open_outside(self, event.message_id, event.where))

    @on(Transcript.SaveRequested)
    def _save(self, event: Transcript.SaveRequested) -> None:
        message = self.answers.conversation.messages[event.message_id]
        path = chat_tools.free_path(self.answers.conversation.title, "md")
        self.run_worker(chat_tools.save_file(self, path, chat_tools.text_of(message, reasoning=False)))

    @on(Transcript.EditRequested)
    def _edit(self, event: Transcript.EditRequested) -> None:
        self.run_worker(chat_dialogues.edit_message(self, event.message_id))

    @on(Transcript.RegenerateRequested)
    def _regenerate(self, event: Transcript.RegenerateRequested) -> None:
        self.run_worker(self.answers.regenerate(event.message_id))

    @on(Transcript.ContinueRequested)
    def _continue(self, event: Transcript.ContinueRequested) -> None:
        self.run_worker(self.answers.continue_or_retry(event.message_id))

    @on(Transcript.DeleteRequested)
    def _delete(self, event: Transcript.DeleteRequested) -> None:
        self.run_worker(chat_dialogues.confirm_delete(self, event.message_id))

    @on(Transcript.SiblingRequested)
    def _sibling(self, event: Transcript.SiblingRequested) -> None:
        self.run_worker(self.answers.move_to_sibling(event.message_id, event.step))

    @on(Transcript.FindRequested)
    def _find(self) -> None:
        self.action_dialogue("find")

    @on(Transcript.FindMoved)
    def _find_moved(self, event: Transcript.FindMoved) -> None:
        self.tell(phrase("chat.found", n=event.total, at=event.position))

    @on(ModelSidebar.Selected)
    def _selected(self, event: ModelSidebar.Selected) -> None:
        self.run_worker(self.connection.select(event.name))
        self.action_stop_or_close() if self.sidebar.has_class("-open") else self.prompt.focus()

    @on(ModelSidebar.MenuRequested)
    def _menu(self, event: ModelSidebar.MenuRequested) -> None:
        self.run_worker(chat_dialogues.model_menu_of(self, event.name))

    @on(ModelSidebar.AddRequested)
    def _add(self) -> None:
        self.action_dialogue("add_model")

    @on(ModelSidebar.PullCancelRequested)
    def _cancel_pull(self, event: ModelSidebar.PullCancelRequested) -> None:
        self.downloads.cancel(event.name)

    @on(ModelSidebar.PullResumeRequested)
    def _resume_pull(self, event: ModelSidebar.PullResumeRequested) -> None:
        self.downloads.resume(event.name)

    @on(HardwarePanel.FiguresRequested)
    def _figures(self) -> None:
        self.action_dialogue("figures")

    @on(HardwarePanel.PullRequested)
    def _pull(self, event: HardwarePanel.PullRequested) -> None:
        self.downloads.start(event.tag)

    @on(HardwarePanel.LowerContextRequested)
    def _lower_context(self) -> None:
        self.action_dialogue("context")

    def settings_changed(self) -> None:
        """Take over what was changed in the settings."""
        self.prompt.cursor_blink = self.services.settings.interface.cursor_blink
        self.transcript.low_bandwidth = self.low_bandwidth
        self.status_changed()

    def palette_commands(self) -> Iterable[tuple[str, str]]:
        """Actions that have no key."""
        return chat_dialogues.palette_commands(self)


async def _awaited(undo: Callable[[], object]) -> None:
    result = undo()
    if isawaitable(result):
        await result
