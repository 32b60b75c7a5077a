"""The chat: composed of its widgets, it hands what the user does to the session and what the session tells to them."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from functools import cached_property, partial
from pathlib import Path
from time import monotonic
from typing import Any

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import TextArea
from textual.worker import Worker

from r1tui.chat import events as told
from r1tui.chat.draft import DRAFT_PAUSE
from r1tui.chat.generations import Generations
from r1tui.chat.machine import Machine
from r1tui.chat.server import Server
from r1tui.chat.session import ChatSession
from r1tui.commands import MESSAGE_COMMANDS, MODEL_COMMANDS, Command, Place, Section, command
from r1tui.domain.message import Message
from r1tui.domain.pasted_path import pasted_paths
from r1tui.domain.phrase import Phrase, phrase
from r1tui.locale import say, t
from r1tui.screens.base import R1Modal, R1Screen
from r1tui.screens.chat import copying, status, voting, welcome
from r1tui.screens.chat.attaching import Attaching
from r1tui.screens.chat.dialogues import Dialogue, Dialogues
from r1tui.screens.chat.drawing import Frames
from r1tui.screens.chat.explaining import on_screen, topic
from r1tui.screens.chat.impossible import impossible
from r1tui.screens.chat.outline import choose_thought
from r1tui.screens.chat.outside import show_outside
from r1tui.screens.chat.pasting import Pasting
from r1tui.screens.chat.shelf_texts import HasShelf, ShelfTexts
from r1tui.screens.guide import live
from r1tui.services.container import Services
from r1tui.services.small_file import why
from r1tui.services.store.database import StoreError
from r1tui.toolkit.bindings import Attached, Commanded, InPalette, action, keys_now
from r1tui.toolkit.bursts import WITHIN, Bursts, Lines
from r1tui.toolkit.glyphs import ASCII, glyphs
from r1tui.toolkit.hooks import hooks
from r1tui.toolkit.notices import Notice
from r1tui.widgets.empty_page import EmptyPage, in_a_row
from r1tui.widgets.explain import Explain, TryLive
from r1tui.widgets.fields import pasted_text
from r1tui.widgets.hardware_panel import HardwarePanel
from r1tui.widgets.mode_keys import MODES
from r1tui.widgets.model_sidebar import ModelSidebar
from r1tui.widgets.notices import NoticeLine, take_back, tell
from r1tui.widgets.prompt import Prompt, PromptBar
from r1tui.widgets.shelf import Shelf
from r1tui.widgets.status_bar import StatusBar
from r1tui.widgets.title_bar import TitleBar
from r1tui.widgets.transcript import Transcript, warm_up
from r1tui.widgets.transcript import events as wanted

PROBE_AFTER = 0.3
"""Seconds that the machine waits to be read, so that the model's name comes first."""
START_SECONDS = 5.0
"""Seconds after which the start is over, and no garbage is looked for among what it has loaded and made."""
PULLS_EVERY = 0.5
"""Seconds between two drawings of a moving bar."""
MOST_TYPED_AT_ONCE = 3
"""Characters before the Enter of a command that a slow line may bring in one piece with it."""
NARROW = 80
"""Columns from which a side region stands beside the transcript; on fewer it takes the place of the page."""
WIDE = 120
"""Columns from which all three regions show."""


class PromptDraft:
    """The session's draft where it is written: in the prompt."""

    def __init__(self, bar: PromptBar) -> None:
        self._bar = bar

    @property
    def text(self) -> str:
        """What stands in the prompt."""
        return self._bar.prompt.text

    @property
    def is_command(self) -> bool:
        """Whether that is a command for the shell."""
        return self._bar.prompt.is_command

    def set(self, text: str, *, command: bool = False) -> None:
        """Replace it, the cursor at its end."""
        self._bar.prompt.set_draft(text, command=command)


class ChatScreen(HasShelf, R1Screen[None], place=Place.CHAT):
    """The main screen: transcript, prompt, sidebar, machine's panel and bars, joined to the session."""

    HORIZONTAL_BREAKPOINTS = [(0, "-small"), (NARROW, "-narrow"), (WIDE, "-wide")]
    AUTO_FOCUS = "#prompt"
    in_palette = InPalette["ChatScreen", Coroutine[Any, Any, None] | None](Place.CHAT)
    waits_for_enter = frozenset({"transcript.regenerate", "transcript.continue"})
    """These begin an answer."""

    def __init__(self, services: Services, generations: Generations) -> None:
        super().__init__()
        self.services = services
        self.sidebar = ModelSidebar(id="models")
        self.empty_page = EmptyPage(id="empty")
        self.transcript = Transcript(id="transcript")
        self.shelf = Shelf(id="shelf")
        self.prompt_rule = NoticeLine(rule=True, id="prompt-rule")
        """Between what is read and what is written; it says what is to be said."""
        self.prompt_bar = PromptBar()
        self.panel = HardwarePanel(id="machine")
        self._column = Vertical(
            id="chat", classes="-empty"
        )  # as it opens; to add the class later styles all of it anew
        self.title_bar = TitleBar()
        self.status_bar = StatusBar()
        self.machine = Machine(services)
        self.server = Server(services, self.machine)
        self.session = ChatSession(services, self.server, generations, PromptDraft(self.prompt_bar))
        for told_by in (self.machine, self.server, self.server.downloads, self.session):
            told_by.subscribe(self._told)
        self._frames = Frames(self._draw, lambda: hooks.behind(self.app))
        self._clock = status.SecondClock()
        self._draft_timer: Timer | None = None
        self._answer_expected = False
        self._pulls_timer: Timer | None = None
        self._opening: Worker[None] | None = None
        """A dialogue that is about to come."""
        self._lent = False
        """The transcript has the keys for a question of a dialogue; the prompt has them after it."""
        self._conversation_shown = ""
        """Id of the conversation on the screen."""
        self._private_shown = False
        self._missed: dict[str, Message] = {}
        """Answers that have changed below a dialogue, by their ids: one may have ended there and the next begun."""
        self._awaited: Binding | None = None
        """What Enter does next, since a letter waits for it."""
        self._command_shown = False
        """The status bar says that Enter runs a command."""
        self._bursts = Bursts()
        self._burst_timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Three regions between two lines."""
        width = self.app.size.width  # known before the first paint, which would be laid out and styled twice
        self.add_class(
            [name for least, name in self.HORIZONTAL_BREAKPOINTS if least <= width][-1], update=False
        )
        yield self.title_bar
        with Horizontal(id="page"):
            yield self.sidebar
            with self._column:
                yield self.empty_page
                yield self.transcript
                yield self.shelf
                yield self.prompt_rule
                yield self.prompt_bar
            yield self.panel
        yield self.status_bar

    @cached_property
    def dialogues(self) -> Dialogues:
        """What opens over this screen."""
        return Dialogues(self.app, self.services, self.session, self.tell, self.attaching.shortened)

    @cached_property
    def attaching(self) -> Attaching:
        """What goes with the question that is being written."""
        return Attaching(self.app, self.session, self.shelf, self.prompt, self.tell)

    @property
    def texts(self) -> ShelfTexts:
        """They, for the shelf's keys."""
        return self.attaching

    @cached_property
    def pasting(self) -> Pasting:
        """What becomes of long pastes and of commands."""
        return Pasting(self.app, self.services, self.session, self.prompt)

    @cached_property
    def prompt(self) -> Prompt:
        """The field that is written in."""
        return self.prompt_bar.prompt

    def tell(self, what: Phrase, severity: SeverityLevel = "information") -> None:
        """Show a sentence as a notice."""
        tell(self.app, what, severity)

    def show_notice(self, notice: Notice | None, waiting: int) -> None:
        """Above the prompt; above the keys while a side region lies over that."""
        over = self.has_class("-over")
        self.prompt_rule.show(None if over else notice, waiting)
        super().show_notice(notice if over else None, waiting)

    def make_notice_line(self) -> NoticeLine:
        """A line that lies over the page."""
        line = NoticeLine()
        line.add_class("-below")
        return line

    # Start and end

    def on_mount(self) -> None:
        """Paint first; everything that touches the world comes after."""
        self.prompt.takes_commands = lambda: self.services.settings.chat.shell
        self.use_cursor()
        self.use_bandwidth()
        self.use_reasoning_policy()
        self.status_changed()
        self.set_timer(START_SECONDS, _start_is_over)
        self.call_after_refresh(self.run_worker, self._start(), name="start")

    async def _start(self) -> None:
        for problem in self.services.problems:
            self.tell(problem, "warning")
        self.set_timer(PROBE_AFTER, self._probe)
        try:
            store = await self.services.opened_store()
        except StoreError as error:
            self.app.exit(return_code=1, message=say(error.phrase))
            return
        for notice in store.notices:
            self.tell(notice, "warning")
        self.status_changed()  # the title says where nothing is kept
        try:
            await self.server.hosts.load()
            await self.session.restore()
        except StoreError as error:  # a chat can begin all the same
            self.tell(error.phrase, "error")
        for path in self.services.to_attach:
            await self.attaching.read(Path(path))
        ready = await self.dialogues.connect()
        self.session.connected(ready)
        self._show_page()
        if not ready:
            await self.dialogues.setup()
        await self.server.refresh_running()
        await self.server.downloads.restore()
        await self.server.offer()
        self.session.start(self.session.watch_elsewhere())

    # What a timer calls returns nothing: Textual would await a task, and hear no key meanwhile.

    def _probe(self) -> None:
        self.machine.start(self.machine.probe(), only="probe")

    def _save_draft(self) -> None:
        if self.prompt.text:
            self._expect_answer()
        self.session.start(self.session.draft.save())
        self.session.foretell()

    async def on_unmount(self) -> None:
        """Whatever ends the app: what was written, or sent and not stored yet, is in the draft."""
        self._frames.stop()
        await self.session.close()

    # What the session, the server and the machine tell

    def _told(self, event: told.Event) -> None:
        match event:
            case told.MessageChanged(message):
                self._frames.changed(message)
            case told.StateChanged() | told.RunningChanged():
                if self.session.generation is not None:  # its times move on though nothing comes of it
                    self._frames.changed(self.session.generation.message)
                self.status_changed()
            case told.BranchChanged() if self._is_next_sample(event):
                self._show_votes()
            case told.VoteChanged():
                self._show_votes()
                self.status_changed()
            case told.BranchChanged(conversation, message_id, needle, where):
                self._frames.stop()
                self._show_page()
                self.transcript.set_votes(self.session.votes)
                self.transcript.set_origin(self.session.origin)
                self.transcript.show(conversation.branch())
                self.transcript.set_siblings(conversation.branch_points())
                if conversation.id != self._conversation_shown:
                    self._conversation_shown = conversation.id
                    self._missed.clear()
                    self.transcript.end_find()
                if message_id and needle:
                    self.transcript.jump_to(message_id, needle, where)
                elif message_id:
                    self.transcript.go_to(message_id)
                if self._private_shown and not conversation.private:
                    # its prompts must not be recalled where they would be written to disk
                    self.session.start(self.session.load_prompts())
                self._private_shown = self.services.private_shown = conversation.private
                # The bars follow with the `StateChanged` behind it: they count a conversation's tokens.
            case told.OutOfSight(ids):
                self.transcript.mark_out_of_sight(set(ids))
            case told.PromptsLoaded(prompts):
                self.prompt.set_history(prompts)
            case told.AttachmentsCounted(question):
                self.transcript.update(question)
            case told.AttachmentsChanged():
                self._show_attachments(self.attaching.show)
                self.status_changed()
            case told.NeedsContext():
                self.run_worker(self._opened(partial(self.dialogues.needs_context, event)))
            case told.ModelsChanged():
                self._show_models()
            case told.MachineChanged():
                self._show_machine()
            case told.MemoryRead(memory):
                self.panel.show_memory(memory)
            case told.SpeedsChanged():
                self.panel.show_speed(self.machine.speeds)
                self.status_changed()
            case told.PullChanged() | told.PullsChanged():
                self._pull_changed(event)
            case told.InsecureRegistry(job):
                self.run_worker(self.dialogues.insecure_registry(job))
            case told.AnswerEnded() if self.session.draft.attachments:
                self._show_attachments(self.attaching.reckon_anew)
            case told.Told(what, severity):
                self.tell(what, severity)
            case told.Faulted(error):
                hooks.fail(self.app, error)
            case _:
                pass

    def _is_next_sample(self, event: told.BranchChanged) -> bool:
        """Whether nothing but a further sample of a vote has come: who reads is not to be taken elsewhere."""
        vote = voting.running(self.session)
        return (
            vote is not None
            and len(vote.samples) > 1
            and event.conversation.id == self._conversation_shown
            and not event.needle
        )

    def _show_votes(self) -> None:
        """The votes as they stand, on the branch as it is."""
        conversation = self.session.conversation
        if conversation.id == self._conversation_shown:
            self.transcript.show_votes(conversation.branch(), self.session.votes)
            self.transcript.set_siblings(conversation.branch_points())

    def _show_page(self) -> None:
        """The page for the empty chat, or none; what it tells may have changed."""
        keys = welcome.keys(partial(keys_now, self.app), ascii_only=glyphs() is ASCII)
        self.empty_page.show(welcome.model_words(self.session), in_a_row(keys))
        empty = not self.session.conversation.messages
        self.empty_page.open(empty)
        self._column.set_class(empty, "-empty")
        self.prompt.choosing = self.empty_page.chosen is not None

    @property
    def _covered(self) -> bool:
        """Whether a dialogue lies over it. What is seen of it then stands still: its changes cost nothing."""
        return isinstance(next(iter(self.app.screen_stack[-1:]), None), R1Modal)

    def _draw(self, message: Message) -> bool:
        """Show what came of a message; whether all of it shows, or will once the chat is seen again."""
        if not self.is_running:
            return True
        if self._covered:
            self._missed[message.id] = message
            return True
        branch = (each.id for each in self.session.conversation.newest_first())
        if not self.transcript.shows(message) and message.id not in branch:
            return True  # of another branch, which shows it whole once it is turned to
        taken = self.transcript.update(message)
        if self._clock.ticks(message):
            self.transcript.tick()
            self.status_changed()
        return taken

    def _show_models(self) -> None:
        server = self.server
        self.sidebar.show_models(server.models, server.running, server.selected)
        self.panel.show_running(server.running)
        self._show_page()
        self.status_changed()

    def _show_machine(self) -> None:
        machine = self.machine
        if machine.profile is None:
            return
        self.panel.show_remote(None if self.server.local else self.server.name)
        self.panel.show_profile(machine.profile, machine.profile.looking)
        self.panel.show_recommendation(machine.recommendation)
        self._show_page()
        self.status_changed()

    def _pull_changed(self, event: told.PullChanged | told.PullsChanged) -> None:
        if isinstance(event, told.PullsChanged) or not event.moved:
            self._show_pulls()
        elif self._pulls_timer is None:
            self._pulls_timer = self.set_timer(PULLS_EVERY, self._show_pulls)
        # Where the sidebar is out of sight, and no other screen shows the bar, nothing else would tell.
        hidden = self.app.screen is self and not self.sidebar.display
        if isinstance(event, told.PullChanged) and event.began and hidden:
            self.tell(phrase("pull.begun", name=event.job.name))

    def _show_pulls(self) -> None:
        if self._pulls_timer is not None:
            self._pulls_timer.stop()
            self._pulls_timer = None
        if self._covered:
            return
        self.sidebar.show_pulls(self.server.downloads.views)

    def status_changed(self) -> None:
        """Anything that the title or the status bar shows may have changed."""
        if self._covered:
            return
        session = self.session
        self.attaching.show_waiting()
        self.title_bar.show(status.title(session, self.services.keeps_nothing), status.model_words(session))
        self.status_bar.status = status.status(
            session,
            status.Here(
                self._place(),
                partial(keys_now, self.app),
                self._matters,
                self._awaited,
                self.transcript.found,
                on_waiting=self.attaching.on_waiting,
                for_shell=self._command_shown,
            ),
            self.services.low_bandwidth,
        )

    def _end_find(self) -> bool:
        """Take the marks of a search away, and its figures. False where there were none."""
        ended = self.transcript.end_find()
        self.status_changed()
        return ended

    def _matters(self, name: str) -> bool:
        """Whether a command of what has the focus has something to act on."""
        focused: object = self.focused
        return isinstance(focused, Commanded) and focused.matters(name)

    def _place(self) -> Place:
        """Where the keys go."""
        if self.transcript.has_focus:
            return Place.TRANSCRIPT
        if self.shelf.has_focus:
            return Place.SHELF
        if self.sidebar.has_focus:
            return Place.SIDEBAR
        return Place.MACHINE if self.panel.has_focus else Place.PROMPT

    def on_descendant_focus(self) -> None:
        """Other keys matter elsewhere."""
        self.status_changed()

    # Settings

    def use_bandwidth(self) -> None:
        """Spare bytes or not, as terminal and settings say."""
        low = self.services.low_bandwidth
        self.transcript.low_bandwidth = self._frames.low_bandwidth = low
        self.transcript.tells_reasoning = self.services.settings.interface.reasoning_told and not low
        self.status_changed()

    def use_cursor(self) -> None:
        """Let the prompt's cursor blink or not, as the settings say."""
        self.prompt.cursor_blink = self.services.settings.interface.cursor_blink

    def use_reasoning_policy(self) -> None:
        """Show reasoning as the settings say, whatever was folded or opened before."""
        self.transcript.reasoning_policy = self.services.settings.interface.reasoning

    def say_anew(self) -> None:
        """Say everything once more, in another language or with other signs."""
        self.prompt_bar.say_anew()
        self.prompt_rule.redraw()
        self.empty_page.refresh(layout=True)
        self.transcript.relay()
        self._show_models()
        self._show_machine()
        self._show_attachments(self.attaching.reckon_anew)
        self.status_changed()
        self.status_bar.redraw()

    # Writing

    def _expect_answer(self) -> None:
        """Import what an answer needs before it comes. An app in which nobody writes does without these 2 MiB."""
        if not self._answer_expected:
            self._answer_expected = True
            self.session.start(asyncio.to_thread(warm_up))

    def on_prompt_submitted(self, event: Prompt.Submitted) -> None:
        """Hand what was typed to the session as a question."""
        self._expect_answer()
        if not self.server.selected and not self.session.starting:
            self.run_worker(self._try_again(event), group="connect", exclusive=True)
            return
        self.session.submit(event.text)
        event.prompt.accept()

    async def _try_again(self, event: Prompt.Submitted) -> None:
        """There was no server or no model: look again before giving up."""
        if await self.dialogues.connect():
            self.on_prompt_submitted(event)
        else:
            silent = self.server.silent
            self.tell(
                phrase("chat.no_server_yet", reason=silent) if silent else phrase("chat.no_model_yet"),
                "warning",
            )

    def on_prompt_file_wanted(self, event: Prompt.FileWanted) -> None:
        """`@` in the prompt: choose a file, once it is known that this is no paste without marks."""
        self.app.call_later(self._choose_file, event.at)  # behind the keys that have arrived with it

    def _choose_file(self, at: float) -> None:
        """Choose a file for the `@` that arrived `at`; not where an Enter came in one go with it."""
        if self._bursts.entered >= at or self.app.screen is not self or self.prompt.word_after_at is None:
            return
        left = self._bursts.left(monotonic())
        if left > 0 or (hooks.keys_come() and not self.app.is_headless):
            self.set_timer(max(left, 0.01), lambda: self.app.call_later(self._choose_file, at))
        else:
            self.open_once(self.attaching.pick)

    def on_prompt_pasted(self, event: Prompt.Pasted) -> None:
        """A file that was dragged into the terminal came as its path."""
        if pasted_paths(event.text) and not self.prompt.is_command:
            self.open_once(partial(self.attaching.dragged, event.text))

    def on_prompt_command_submitted(self, event: Prompt.CommandSubmitted) -> None:
        """Run a command, but none that a paste without marks has brought with its Enter."""
        if not event.line.removeprefix("!").strip():
            self.tell(phrase("shell.empty"))
        elif self._bursts.length > MOST_TYPED_AT_ONCE:
            self._bursts.length = 0
            self.tell(phrase("shell.at_once"), "warning")
        else:
            self.open_once(partial(self.pasting.run, event.line))

    @in_palette(Section.CONVERSATION, "chat.attach", "attachment.key.attach", about="about.attach")
    def attach(self) -> None:
        """Find a file that goes with the question."""
        self.open_once(self.attaching.pick)

    @in_palette(Section.CONVERSATION, "chat.shell", "shell.command", about="about.shell")
    def begin_command(self) -> None:
        """Begin a command, as `!` in the empty prompt does."""
        if not self.services.settings.chat.shell:
            self.tell(phrase("shell.off"))
        elif self.prompt.text:
            self.tell(phrase("shell.not_empty"))
        else:
            self.prompt.begin_command()
            self.set_focus(self.prompt)

    def on_prompt_beyond(self, event: Prompt.Beyond) -> None:
        """Up and Down from the empty prompt choose among the examples, while they are there."""
        if self.empty_page.display:
            self.empty_page.move(event.step)
            self.prompt.choosing = self.empty_page.chosen is not None

    def on_prompt_bare(self) -> None:
        """Enter alone takes the example under the cursor; without one it sends what is attached, or ends reasoning that
        repeats itself or has filled the context, as the notice about it offers.
        """
        example = self.empty_page.example
        if example is not None:
            self._leave_examples()
            if example:
                self.prompt.set_draft(example)
            else:
                self.open_guide("")
            return
        if self.session.draft.attachments:
            self.on_prompt_submitted(Prompt.Submitted(self.prompt, ""))
        else:
            self.session.answer_now_if_offered()

    def _leave_examples(self) -> bool:
        """The cursor back to the prompt. False where it was there."""
        self.prompt.choosing = False
        return self.empty_page.leave()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Keep the draft on disk, once the writer pauses."""
        if self._command_shown is not self.prompt.is_command:
            self._command_shown = self.prompt.is_command
            self.status_changed()
        self._leave_examples()
        if self._draft_timer is not None:
            self._draft_timer.stop()
        self._draft_timer = self.set_timer(DRAFT_PAUSE, self._save_draft)

    # What is attached

    def _show_attachments(self, show: Callable[[], Awaitable[None]]) -> None:
        self.run_worker(show, group="attachments", exclusive=True)

    def next_field(self) -> None:
        """From the prompt to what is attached, which stands above it; from there to what follows the prompt."""
        if self.prompt.has_focus and self.shelf.display:
            self.set_focus(self.shelf)
            return
        if self.shelf.has_focus:
            self.set_focus(self.prompt)
        super().next_field()

    @on(Shelf.Moved)
    def _shelf_moved(self) -> None:
        self.status_changed()

    # What is typed elsewhere

    def writing_field(self) -> Widget:
        """Text goes to the prompt, wherever it is typed."""
        return self.prompt

    def _write_into(self, field: Widget) -> None:
        self.leave_sides()
        super()._write_into(field)

    def letter_waits(self, binding: Binding | None) -> None:
        """Say what Enter would do now."""
        self._awaited = binding
        if binding is None:
            take_back(self.app, "chat.enter_does")
        else:
            self.tell(phrase("chat.enter_does", what=binding.description))
        self.status_changed()

    def acts(self, event: events.Event) -> bool:
        """As on any screen; of an Enter in the prompt it is not known yet whether it sends or belongs to a paste."""
        at_prompt = self.focused is self.prompt and isinstance(event, events.Key) and event.key == "enter"
        return not at_prompt and super().acts(event)

    async def typed(self, event: events.Key | events.Paste) -> tuple[events.Key | events.Paste, ...]:
        """As in `Typed`; what comes too fast to be typed is a paste without marks, of which no line is sent."""
        if isinstance(event, Lines):
            if self.focused is not self.prompt:
                self._write_into(self.prompt)
            return self._in_burst(self._bursts.take_lines(event))
        if isinstance(event, events.Paste) and self.pasting.takes(pasted_text(event)):
            self._write_into(self.prompt)
            return ()
        if not isinstance(event, events.Key) or self.app.is_headless:
            return await super().typed(event)
        if self.focused is not self.prompt and not self._bursts.waits:
            result = await super().typed(event)
            if self.focused is self.prompt:  # by this letter
                self._bursts.take(event, hooks.keys_come)
            return result
        return self._in_burst(self._bursts.take(event, hooks.keys_come))

    def _in_burst(self, free: tuple[events.Key, ...]) -> tuple[events.Key, ...]:
        """What the prompt gets now; what is held is looked at again soon."""
        if self._bursts.waits and self._burst_timer is None:
            self._burst_timer = self.set_timer(WITHIN, self._judge_burst)
        return free

    def _judge_burst(self) -> None:
        # Behind the keys that have arrived meanwhile: when they did counts, not when there was time for them.
        self.app.call_later(self._burst_is_over)

    def _burst_is_over(self) -> None:
        """Send what was held, ask about a paste, or wait on."""
        self._burst_timer = None
        if not self._bursts.waits:
            return
        left = self._bursts.left(monotonic())
        if left > 0 or hooks.keys_come():
            self._burst_timer = self.set_timer(max(left, 0.01), self._judge_burst)
        elif pasted := self._bursts.pasted():
            self.pasting.unmarked(*pasted)
        else:
            for key in self._bursts.release():
                if key.key == "enter":
                    self.prompt.post_message(key)
                elif self.app.screen is self:
                    self.next_field()

    # Sides

    @property
    def _wide(self) -> bool:
        """Whether both sides stand beside the transcript; else one opens at a time."""
        return self.size.width >= WIDE

    def _shows(self, side: Widget) -> bool:
        return not side.has_class("-hidden") if self._wide else side.has_class("-open")

    def toggle_side(self, side: Widget) -> None:
        """Show a side region and go there; hide it where the cursor is in it already."""
        if self._shows(side) and self.focused is side:
            side.set_class(self._wide, "-hidden")
            side.remove_class("-open")
            self.set_focus(self.prompt)
        else:
            side.remove_class("-hidden")
            if not self._wide:
                for each in (self.sidebar, self.panel):
                    each.set_class(each is side, "-open")
            self.set_focus(side)  # at once: keys that follow in the same burst are meant for it
        self.sides_changed()

    def leave_sides(self) -> bool:
        """Back to the prompt from a side region: where both have room it stays, else it closes.

        False where there was nothing to leave.
        """
        over = [side for side in (self.sidebar, self.panel) if not self._wide and side.has_class("-open")]
        if not over and self.focused not in (self.sidebar, self.panel):
            return False
        for side in over:
            side.remove_class("-open")
        self.set_focus(self.prompt)
        self.sides_changed()
        return True

    def sides_changed(self) -> None:
        """Read the machine only while it shows; say what is said where it is seen."""
        self.machine.watch(self._shows(self.panel))
        over = self.size.width < NARROW and (self._shows(self.sidebar) or self._shows(self.panel))
        if over is not self.has_class("-over"):
            self.set_class(over, "-over")
            self.place_notice()

    def on_resize(self) -> None:
        """The breakpoint may have been crossed."""
        self.sides_changed()

    def on_screen_suspend(self) -> None:
        """The dialogue that was about to come has come."""
        self._opening = None

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """Something may have changed behind another screen."""
        self.sides_changed()
        missed, self._missed = self._missed, {}
        for message in missed.values():
            if not self._draw(message):
                self._frames.changed(message)
        self._show_pulls()
        self.status_changed()

    # Commands

    def commands(self) -> Attached:
        """What the session, the dialogues and the widgets are asked to do."""
        return {
            "chat.stop": self.stop_or_close,
            "chat.fold": self.transcript.toggle_reasoning,
            "chat.new": self.start_new,
            "chat.private": partial(self.start_new, private=True),
            "chat.models": partial(self.toggle_side, self.sidebar),
            "chat.machine": partial(self.toggle_side, self.panel),
            "chat.help": self.help,
            "chat.explain": self.explain,
            "chat.copy": partial(self.copy_answer, reasoning=False),
            "chat.copy_all": partial(self.copy_answer, reasoning=True),
            "chat.answer_now": self.answer_now,
            "chat.continue": self.continue_,
            "chat.sent_prompt": self.sent_prompt,
            "chat.vote": self.vote,
            "chat.message_up": partial(self.move_cursor, -1),
            "chat.message_down": partial(self.move_cursor, 1),
            "chat.page_up": partial(self.transcript.scroll_page, -1),
            "chat.page_down": partial(self.transcript.scroll_page, 1),
            "chat.outline": self.outline,
            "chat.find": self.find,
            **self.in_palette.attached(self),
            **{name: partial(self.try_live, name) for name in live.NAMES},
            **{name: partial(self.open_once, each) for name, each in self.dialogues.commands().items()},
            **{each.id: partial(self.model_command, each.id) for each in MODEL_COMMANDS},
            **{each.id: partial(self.message_command, each.id) for each in MESSAGE_COMMANDS},
        }

    def keyless(self) -> Iterable[tuple[str, Command]]:
        """The model's commands too, which have their keys in its menu; from the prompt those of a message."""
        from r1tui.screens.models.menu import command_words

        found = [*super().keyless(), *((t(each.words), each) for each in palette_commands())]
        found += command_words(self.server.selected)
        if self._place() is Place.PROMPT:
            found += [(t(each.words), each) for each in MESSAGE_COMMANDS if self.transcript.matters(each.id)]
        return found

    def impossible(self) -> Mapping[str, Phrase]:
        """What the conversation, the model or the server gives no occasion for."""
        return impossible(
            self.session,
            self.transcript.cursor_message if self.transcript.has_focus else None,
            shell=self.services.settings.chat.shell,
        )

    def open_once(self, dialogue: Dialogue) -> None:
        """Open a dialogue, unless one is about to come: a key that was pressed twice is not meant for another."""
        if self._opening is None or self._opening.is_finished:
            self._opening = self.run_worker(self._opened(dialogue))

    async def _opened(self, dialogue: Dialogue) -> None:
        """A dialogue; where it leaves something new in the prompt, or was asked for there, the user is taken there."""
        lent, self._lent = self._lent, False
        if await dialogue() or lent:
            self.set_focus(self.prompt)

    def stop_or_close(self) -> None:
        """Esc, the first of these that there is: leave a side, take the marks of a search away, take back what was sent,
        stop the answer, go back to the prompt.
        """
        if self.leave_sides() or self._leave_examples():
            return
        if (self.transcript.has_focus or self.session.streaming is None) and self._end_find():
            return
        if self.session.unsend() or not self.session.stop():
            self.set_focus(self.prompt)

    async def start_new(self, private: bool = False) -> None:
        """Begin a new conversation; one under way goes on by itself."""
        await self.session.start_new(private=private)
        self.set_focus(self.prompt)

    def move_cursor(self, step: int) -> None:
        """Move among the messages."""
        self.set_focus(self.transcript)  # at once: keys that follow in the same burst are meant for it
        if step < 0:
            self.transcript.cursor_up()
        else:
            self.transcript.cursor_down()

    def answer_now(self) -> None:
        """End the reasoning, answer from it."""
        if not self.session.answer_now():
            self.tell(phrase("chat.not_thinking"))

    def continue_(self) -> None:
        """Go on with the last vote or answer, or ask its question again."""
        self._go_on(None)

    def _go_on(self, message: Message | None) -> None:
        """With the vote of a message or with it as an answer; None: with the last."""
        if (question := voting.unfinished(self.session, message)) is not None:
            self.session.start(self.session.go_on_with_vote(question))
        else:
            self.session.start(self.session.continue_(message.id if message is not None else None))

    def vote(self) -> None:
        """Ask several times: the question under the cursor, else what is written, else the last question."""
        message = self.transcript.cursor_message if self.transcript.has_focus else None
        if message is not None:
            self._ask_several(voting.question_of(self.session, message))
        elif self.prompt.text.strip() and not self.prompt.is_command:
            self._ask_several(None)
        elif (question := voting.last_question(self.session)) is not None:
            self._ask_several(question)
        else:
            self.tell(phrase("vote.no_question"))

    def _ask_several(self, question: Message | None) -> None:
        sum_up, shorten = self.dialogues.start_with_summary, self.attaching.shorten
        self.open_once(
            partial(
                voting.ask_several, self.app, self.session, self.tell, self.prompt, sum_up, shorten, question
            )
        )

    def outline(self) -> None:
        """The paragraphs of the reasoning under the cursor, else of the last answer's."""
        message = self.transcript.cursor_message if self.transcript.has_focus else self.session.last_answer
        if message is None or not message.reasoning:
            self.tell(phrase("outline.none"))
        else:
            self.open_once(partial(self._outline, message))

    async def _outline(self, message: Message) -> None:
        start = await choose_thought(self.app, message)
        if start is not None:
            self.set_focus(self.transcript)
            self.transcript.show_thought(message.id, start)

    def sent_prompt(self) -> None:
        """The prompt as the model gets it: of the message under the cursor, else of what is written."""
        message = self.transcript.cursor_message if self.transcript.has_focus else None
        self.open_once(partial(self.dialogues.sent_prompt, message))

    def copy_answer(self, reasoning: bool) -> None:
        """Copy the last answer, with or without its reasoning."""
        answer = self.session.last_answer
        if answer is None:
            self.tell(phrase("chat.nothing_to_copy"))
        elif not (text := copying.text_of(answer, reasoning)):
            self.tell(phrase("chat.no_text_to_copy"))
        else:
            self.run_worker(self._copy(text))

    async def _copy(self, text: str) -> None:
        result = await self.services.clipboard.copy(text)
        self.tell(result.phrase)

    @in_palette(Section.CONVERSATION, "chat.undo", "chat.command.undo", about="about.undo")
    def undo(self) -> None:
        """Take the last deletion back."""
        self.session.start(self.session.take_back())

    def help(self) -> None:
        """All keys of the moment; those of the mode first, where the status bar has no room for all of them."""
        from r1tui.screens.help import HelpScreen

        bindings = self.active_bindings
        if self._place() in MODES:
            bindings = dict(sorted(bindings.items(), key=lambda each: each[1].node is not self.focused))
        self.open_once(partial(self._push, HelpScreen(bindings, self.words_shown())))

    def explain(self) -> None:
        """What is under the cursor, in the guide's words."""
        message = self.transcript.cursor_message
        lost = message is not None and message.id in self.session.context.lost
        self.post_message(Explain(topic(self._place(), message, lost)))

    @in_palette(Section.GUIDE, "chat.guide", "chat.command.guide", about="about.guide")
    def open_contents(self) -> None:
        """Open the guide at its contents."""
        self.open_guide("")

    @in_palette(Section.GUIDE, "chat.words", "chat.command.words", about="about.words")
    def open_words(self) -> None:
        """Open the guide at its glossary."""
        self.open_guide("words")

    def open_guide(self, name: str) -> None:
        """Open the guide at the entry `name`."""
        self.post_message(Explain(name))

    def try_live(self, name: str) -> None:
        """One of the guide's live parts."""
        self.post_message(TryLive(name))

    def words_shown(self) -> list[str]:
        """The glossary's entries for what the screen shows now."""
        return list(dict.fromkeys(on_screen(self.session)))

    async def _push(self, screen: Screen[Any]) -> None:
        await self.app.push_screen_wait(screen)

    def find(self) -> None:
        """Search in the conversation."""
        self.open_once(self._find)

    async def _find(self) -> None:
        """Search in the conversation, folded reasoning included; n and N move on. Esc, or nothing to find, ends it."""
        from r1tui.screens.dialogs.pick import LineScreen

        text = await self.app.push_screen_wait(LineScreen(phrase("chat.find_question")))
        if not text:
            self._end_find()
        else:
            self.transcript.focus()
            self.transcript.find(text)

    def model_command(self, command: str) -> None:
        """One of Ollama's commands on the selected model."""
        self.run_worker(self.dialogues.model_command(command))

    async def message_command(self, name: str) -> None:
        """What a key does in the conversation, from the prompt, which has the keys again after it.

        What destroys something asks about "this message": until that is answered the cursor shows which.
        """
        self.set_focus(self.transcript)
        self.transcript.take_up()
        await self.transcript.run_action(action(name))
        self._lent = command(name).danger
        if not self._lent:
            self.set_focus(self.prompt)

    # What widgets ask for

    @on(wanted.CopyRequested)
    def _copy_wanted(self, event: wanted.CopyRequested) -> None:
        self.run_worker(self._copy(event.text))

    @on(wanted.OpenRequested)
    def _open_wanted(self, event: wanted.OpenRequested) -> None:
        conversation = self.session.conversation
        text = copying.text_of(conversation.messages[event.message_id], reasoning=True)
        self.run_worker(show_outside(self.app, self.tell, text, event.where, private=conversation.private))

    @on(wanted.SaveRequested)
    def _save_wanted(self, event: wanted.SaveRequested) -> None:
        message = self.session.conversation.messages[event.message_id]
        path = copying.free_path(self.session.conversation.title, ".md")
        self.run_worker(self._save_file(path, copying.text_of(message, reasoning=False)))

    async def _save_file(self, path: Path, text: str) -> None:
        try:
            await asyncio.to_thread(copying.write_private, path, text)
        except OSError as error:
            self.tell(phrase("chat.save_failed", path=str(path), detail=why(error, written=True)), "error")
        else:
            self.tell(phrase("chat.saved", path=str(path)))

    @on(wanted.EditRequested)
    def _edit_wanted(self, event: wanted.EditRequested) -> None:
        self.open_once(partial(self.dialogues.edit_message, event.message_id))

    @on(wanted.OriginRequested)
    def _origin_wanted(self) -> None:
        self.session.start(self.session.open_origin())

    @on(wanted.RegenerateRequested)
    def _regenerate_wanted(self, event: wanted.RegenerateRequested) -> None:
        self.session.start(self.session.regenerate(event.message_id))

    @on(wanted.ContinueRequested)
    def _continue_wanted(self, event: wanted.ContinueRequested) -> None:
        self._go_on(self.session.conversation.messages[event.message_id])

    @on(wanted.VoteRequested)
    def _vote_wanted(self, event: wanted.VoteRequested) -> None:
        message = self.session.conversation.messages[event.message_id]
        if (question := voting.question_of(self.session, message)) is not None:
            self._ask_several(question)

    @on(wanted.OutlineRequested)
    def _outline_wanted(self) -> None:
        self.outline()

    @on(wanted.DeleteRequested)
    def _delete_wanted(self, event: wanted.DeleteRequested) -> None:
        self.open_once(partial(self.dialogues.delete_message, event.message_id))

    @on(wanted.SiblingRequested)
    def _sibling_wanted(self, event: wanted.SiblingRequested) -> None:
        answer = voting.answer_beside(self.session, event.message_id, event.step)
        if answer is not None:
            self.session.start(self.session.turn_to(answer))
            return
        self.session.start(self.session.show_sibling(event.message_id, event.step))

    @on(wanted.FindRequested)
    def _find_wanted(self) -> None:
        self.find()

    @on(wanted.FindMoved)
    @on(wanted.CursorMoved)
    @on(ModelSidebar.Moved)
    def _keys_changed(self) -> None:
        self.status_changed()

    @on(ModelSidebar.Selected)
    def _model_chosen(self, event: ModelSidebar.Selected) -> None:
        self.session.start(self.session.select_model(event.name))
        self.leave_sides()

    @on(ModelSidebar.MenuRequested)
    def _menu_wanted(self, event: ModelSidebar.MenuRequested) -> None:
        self.open_once(partial(self.dialogues.model_menu, event.name))

    @on(ModelSidebar.ExplainRequested)
    def _explain_wanted(self, event: ModelSidebar.ExplainRequested) -> None:
        self.open_once(partial(self.dialogues.explain_model, event.name))

    @on(ModelSidebar.AddRequested)
    def _add_wanted(self) -> None:
        self.open_once(self.dialogues.add_model)

    @on(ModelSidebar.PullCancelRequested)
    def _cancel_wanted(self, event: ModelSidebar.PullCancelRequested) -> None:
        self.server.downloads.cancel(event.name)

    @on(ModelSidebar.PullResumeRequested)
    def _resume_wanted(self, event: ModelSidebar.PullResumeRequested) -> None:
        self.server.downloads.resume(event.name)

    @on(HardwarePanel.FiguresRequested)
    def _figures_wanted(self) -> None:
        self.open_once(self.dialogues.figures)

    @on(HardwarePanel.PullRequested)
    def _pull_wanted(self, event: HardwarePanel.PullRequested) -> None:
        self.open_once(partial(self.dialogues.download, event.tag))

    @on(HardwarePanel.LowerContextRequested)
    def _lower_context_wanted(self) -> None:
        self.open_once(self.dialogues.context)


def palette_commands() -> list[Command]:
    """The commands of the chat that only the palette has."""
    return [*ChatScreen.in_palette.commands, *Dialogues.in_palette.commands, *live.in_palette.commands]


def _start_is_over() -> None:
    """Look for garbage no more among what the start has loaded and made: it stays."""
    gc.freeze()
