"""The application: themes, keymap, screens, lifecycle. No logic of its own."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, ClassVar

from rich.console import Console, RenderableType
from textual.app import App, ScreenStackError
from textual.binding import Binding
from textual.css.query import NoMatches
from textual.events import DescendantFocus, Event, Key, Paste, Resize
from textual.filter import LineFilter
from textual.geometry import Size
from textual.notifications import SeverityLevel
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widget import MountError, Widget
from textual.widgets import Input, TextArea
from textual.worker import WorkerFailed

from r1tui.chat.background import BackgroundAnswers, outlive
from r1tui.chat.generation import WATCHER
from r1tui.chat.generations import Generations
from r1tui.chat.session import ChatSession
from r1tui.commands import Place
from r1tui.domain.attachment import Attachment
from r1tui.domain.clean import Clean
from r1tui.domain.phrase import Phrase, phrase
from r1tui.domain.settings import InterfaceSettings
from r1tui.locale import say, t
from r1tui.screens.base import HearsKeys
from r1tui.screens.chat.attention import Attention
from r1tui.screens.chat.screen import ChatScreen
from r1tui.screens.recent_commands import RecentCommands
from r1tui.screens.settings.effects import Effects, use_signs
from r1tui.services.container import Services
from r1tui.services.paths import config_dir
from r1tui.services.small_file import why
from r1tui.services.terminal.leaving import leave_terminal, terminal_listens
from r1tui.services.themes import watch
from r1tui.toolkit import patches
from r1tui.toolkit.bindings import Attached, Commanded, Remapped, action, keys_now
from r1tui.toolkit.hooks import hooks
from r1tui.toolkit.notices import NoticeBoard
from r1tui.widgets.explain import Explain, TryLive
from r1tui.widgets.key_names import key_name
from r1tui.widgets.notices import tell
from r1tui.widgets.theme_adapter import to_textual

FINISH = "finish"
"""Exit result: leave the terminal now, go on with the answers in the background."""
DEFAULT_THEME = InterfaceSettings().theme
CONFIRM_SECONDS = 3.0
"""How long a first Ctrl+C waits for the second."""
SETTLED = 0.2
"""Seconds without another size after which everything is painted anew."""


class R1App(HearsKeys, Remapped, Commanded, App[str | None], place=Place.APP):
    """The Textual application: its themes, keys and first screen, and how it starts and ends."""

    CSS_PATH = "r1tui.tcss"
    TITLE = "R1TUI"
    COMMANDS: ClassVar = set()
    ENABLE_COMMAND_PALETTE = False  # `app.palette` opens our own

    def __init__(self, services: Services) -> None:
        patches.apply()
        # NO_COLOR: only the terminal's own colours are sent, else Textual would still send greys.
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        self.services = services
        # For what is said at the end; standard error lets no control sequence of text through, so there are no colours.
        self.error_console = Console(
            stderr=True, markup=False, highlight=False, emoji=False, color_system=None, soft_wrap=True
        )
        self.background_answers = BackgroundAnswers(services, Generations())
        self.notices = NoticeBoard(self)
        self.animation_level = "none"  # every frame is bytes over SSH
        self._quit_asked = 0.0
        self._told_size: Size | None = None
        self._settling: Timer | None = None
        """Runs after a change of the terminal's size."""
        self._quit_question = False
        """It is on the screen."""
        self._aside = False
        """Another program has the terminal."""
        self._crashed = False
        self._ends = False
        """Somebody asked for the app's end."""
        self.rescued_draft: tuple[str, str, tuple[Attachment, ...]] | None = None
        """Where the draft of the prompt is kept, its text and what is attached, when a fault ended the app."""
        self.attention = Attention(
            services, self.background_answers.generations, self._write, self.set_timer, self.tell
        )
        self.set_class(services.ascii_glyphs, "-ascii")
        self.recent_commands = RecentCommands(services)
        self._drawn = set[str]()
        """Names of the themes that were read."""
        self.load_themes()

    def get_default_screen(self) -> ChatScreen:
        """The chat, which goes along with the settings from now on."""
        chat = ChatScreen(self.services, self.background_answers.generations)
        self.services.settings_store.subscribe(Effects(self, chat))
        chat.server.downloads.subscribe(self.attention.told)
        self.attention.host = lambda: chat.server.hosts.words
        return chat

    def on_mount(self) -> None:
        """Take over the signals that end a terminal, and lend the clipboard the terminal's line."""
        if hooks.write is not None:
            self.services.clipboard.write = self._write
        self.app_suspend_signal.subscribe(self, lambda _: self._step_aside(True))
        self.app_resume_signal.subscribe(self, lambda _: self._step_aside(False))
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._asyncio_fault)
        loop.add_signal_handler(signal.SIGHUP, self.told_to_end)
        loop.add_signal_handler(signal.SIGTERM, self.told_to_end_at_once)
        self.run_worker(watch(config_dir() / "themes", self._themes_changed), name="themes")
        self.call_after_refresh(self.run_worker, self.recent_commands.load(), name="recent")
        if self.services.settings.keys:
            self.run_worker(self._take_over_keys(), name="keys")
        self.services.settings_store.subscribe_keys(self._use_keys)

    # Keys

    def commands(self) -> Attached:
        """Commands that hold on every screen."""
        return {
            "app.quit": self.action_quit,
            "app.copy_or_quit": self.copy_or_quit,
            "app.palette": self.action_command_palette,
            "app.redraw": self.redraw,
            "app.notices": self.show_notices,
        }

    async def on_event(self, event: Event) -> None:
        """Know that somebody is there."""
        self.attention.heard(event)
        if isinstance(event, Key | Paste) and not event.is_forwarded:
            self.notices.key_pressed()
        await super().on_event(event)

    async def _take_over_keys(self) -> None:
        """Take over the user's `[keys]`; a wrong entry is named and its default kept."""
        for problem in self._use_keys():
            self.tell(problem, "warning")

    def _use_keys(self) -> list[Phrase]:
        """Have the keys of the settings hold from now on. Returns a sentence for each entry that does not."""
        from r1tui.screens.settings.keymap import check

        good, problems = check(self.services.settings.keys)
        self.set_keymap(good)
        self.own_keys = good
        if isinstance(chat := self.screen_stack[0], ChatScreen):
            chat.status_changed()
        return problems

    def get_key_display(self, binding: Binding) -> str:
        """Keys as people write them, here as in the help."""
        return key_name(binding.key, ascii_only=self.services.ascii_glyphs)

    # Themes

    def load_themes(self) -> None:
        """(Re)read the theme files and draw in the chosen one."""
        themes, failures = self.services.themes()
        for theme in themes.values():
            self.register_theme(to_textual(theme, no_color=self.no_color))
        self._drawn |= themes.keys()  # one that is broken while it is edited stays as it was
        self.services.problems.extend(failures)
        self.use_theme()
        chosen = self.services.theme_wanted
        if chosen not in self._drawn:
            self.services.problems.append(phrase("app.theme_missing", name=chosen, used=self.theme))

    def use_theme(self) -> None:
        """Draw in the theme that the settings name, where there is one of that name."""
        chosen = self.services.theme_wanted
        self.theme = chosen if chosen in self._drawn else DEFAULT_THEME

    def _themes_changed(self) -> None:
        """The user edits a theme: show it, or say what is wrong with it."""
        before = len(self.services.problems)
        self.load_themes()
        for problem in self.services.problems[before:]:
            self.tell(problem, "warning")
        self.refresh_css()

    def draw_anew(self) -> None:
        """Measure and draw everything again, since signs or widths are others."""
        self.set_class(self.services.ascii_glyphs, "-ascii")
        for screen in self.screen_stack:
            for widget in screen.walk_children(Widget):
                widget.notify_style_update()  # what was measured is kept until then
                if isinstance(widget, TextArea):
                    wraps = widget.soft_wrap
                    widget.soft_wrap = not wraps  # only another value has it wrap its lines anew
                    widget.soft_wrap = wraps
                widget.refresh(layout=True)
        self.refresh_css(animate=False)  # the screens below get the styles of the class too
        self.redraw()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """No field's cursor blinks unless the user wants it: each blink is bytes over SSH."""
        if isinstance(event.widget, Input | TextArea):
            event.widget.cursor_blink = self.services.settings.interface.cursor_blink

    def on_resize(self, event: Resize) -> None:
        """Say so where the terminal is too small."""
        from r1tui.screens.dialogs.too_small import TooSmallScreen, fits

        hooks.forget_shown(self)  # a terminal arranges anew what it shows, or clears it
        now = Size(*shutil.get_terminal_size())
        if not self.is_headless and event.size != now:
            # Of two changes at once Textual's signal handler, itself interrupted, can tell the older one last.
            self.post_message(Resize(now, now))
            return
        if not fits(event.size) and not isinstance(self.screen, TooSmallScreen):
            self.push_screen(TooSmallScreen())
        # Of several sizes in quick succession a screen may have been laid out for one and painted for another, or while it was hidden.
        before, self._told_size = self._told_size, event.size
        if before not in (None, event.size):
            if self._settling is not None:
                self._settling.stop()
            self._settling = self.set_timer(SETTLED, self.redraw)

    # Words

    def on_explain(self, event: Explain) -> None:
        """Somebody wants to know what something means."""
        from r1tui.screens.guide.screen import GuideScreen

        event.stop()
        self.push_screen(GuideScreen(event.topic))

    def on_try_live(self, event: TryLive) -> None:
        """Somebody wants to try something on the model."""
        event.stop()
        if isinstance(chat := self.screen_stack[0], ChatScreen):
            self.run_worker(self._try_live(event.name, chat.session), group="live", exclusive=True)

    def _key_of(self, name: str) -> Clean:
        """The first key of a command as it is set now; empty for one without."""
        first = keys_now(self, name).partition(",")[0]
        return key_name(first, ascii_only=self.services.ascii_glyphs) if first else Clean("")

    async def _try_live(self, name: str, session: ChatSession) -> None:
        from r1tui.screens.guide.live import Reader, screen
        from r1tui.services.engines.engine import EngineError

        reader = Reader(session, self.services, self.size.width, self._key_of)
        try:
            await self.push_screen(await screen(name, reader))
        except EngineError as error:
            self.tell(error.phrase, "error")

    def notify(
        self,
        message: Clean,  # type: ignore[override]
        *,
        title: Clean = Clean(""),  # type: ignore[override]
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Show a notice, as Textual asks for it; never as markup, since notices quote foreign text."""
        self.notices.tell(f"{title}: {message}" if title else message, severity, seconds=timeout)

    def clear_notifications(self) -> None:
        """Let all notices go."""
        self.notices.clear()

    def tell(self, what: Phrase, severity: SeverityLevel = "information") -> None:
        """Show a phrase as a notice."""
        tell(self, what, severity)

    def show_notices(self) -> None:
        """The last notices, to be read again."""
        from r1tui.screens.dialogs.notices import NoticesScreen

        if not isinstance(self.screen, NoticesScreen):
            self.push_screen(NoticesScreen(self.notices.said))
            self.notices.clear()  # they are read there

    def action_command_palette(self) -> None:
        """Open the palette, then do what was chosen there."""
        from r1tui.screens.palette import Entry, Palette, offered

        def do(entry: Entry | None) -> None:
            if entry is not None:
                self.recent_commands.chosen(entry.command)
                self.call_later(self.run_action, action(entry.command.id), entry.node)

        if not isinstance(self.screen, ModalScreen):
            self.push_screen(Palette(offered(self.screen), self.recent_commands.ids), do)

    def redraw(self) -> None:
        """Paint everything again, for a terminal that something else wrote on."""
        hooks.forget_shown(self)
        self.refresh(repaint=True, layout=True)
        self.screen.refresh(repaint=True)
        for widget in self.screen.walk_children():
            if hasattr(widget, "refresh"):
                widget.refresh()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """What lines pass before they are drawn."""
        return [*super().get_line_filters(), *hooks.line_filters]

    def _write(self, sequence: str) -> None:
        """Send a control sequence in turn with Textual's own; nothing while another program has the terminal."""
        if hooks.write is not None and sequence and not self._aside:
            hooks.write(self, sequence)

    def _step_aside(self, aside: bool) -> None:
        self._aside = aside
        if not aside:
            self.redraw()  # another program, or a shell, has had the terminal

    # The end

    async def on_unmount(self) -> None:
        """The terminal's window is called again as before."""
        self.attention.close()
        await self.recent_commands.written()

    def copy_to_clipboard(self, text: str) -> None:
        """Textual's own copying (of text areas and selections) goes the way that reaches the person, cleaned."""
        if text:
            self.run_worker(self._copy(text))

    def copy_or_quit(self) -> None:
        """Copy the selection; without one, ask for a second press to quit."""
        selected = self.screen.get_selected_text()
        if selected:
            self.screen.clear_selection()
            self.run_worker(self._copy(selected))
            return
        now = asyncio.get_running_loop().time()
        if now - self._quit_asked < CONFIRM_SECONDS:
            self.run_worker(self.action_quit())
            return
        self._quit_asked = now
        self.notices.tell(t("app.press_again"), seconds=CONFIRM_SECONDS)

    async def _copy(self, text: str) -> None:
        self.tell((await self.services.clipboard.copy(text)).phrase)

    async def action_quit(self) -> None:
        """Quit; with an answer under way, ask what becomes of it."""
        if not self.background_answers.generations.writing:
            self.exit()
            return
        if self._quit_question:
            return
        from r1tui.screens.dialogs.confirm import ChoiceScreen

        def decide(choice: str | None) -> None:
            self._quit_question = False
            if choice == FINISH:
                self.exit(FINISH)
            elif choice == "stop":
                self.exit()

        self._quit_question = True
        choices = [
            (FINISH, phrase("app.quit_finish")),
            ("stop", phrase("app.quit_stop")),
            ("stay", phrase("app.quit_stay")),
        ]
        question = phrase("app.quit_question")
        if self.background_answers.generations.votes:
            question = phrase("app.quit_vote_question")
            choices[0] = (FINISH, phrase("app.quit_go_on_voting"))
        if self.background_answers.all_private():  # nothing of it can outlive this process
            question = phrase("app.quit_private_question")
            choices = [("stay", phrase("app.quit_stay")), ("stop", phrase("app.quit_private"))]
        lost = ("stop",) if choices[0][0] == "stay" else ()
        self.push_screen(ChoiceScreen(question, choices, danger=lost), decide)

    def told_to_end(self) -> None:
        """The SSH session or the window closed: let the answers go on without it.

        A terminal that is still there is given back as it was.
        """
        if not terminal_listens():
            leave_terminal()
        self.exit(FINISH)

    def told_to_end_at_once(self) -> None:
        """Somebody ends this process, as a shutdown does: the same, but what came of the answers has to do."""
        self.background_answers.told_to_end.set()
        self.told_to_end()

    def exit(
        self, result: str | None = None, return_code: int = 0, message: RenderableType | None = None
    ) -> None:
        """End the app. After a fault the exit code stays that of a fault, whoever asks for the end as well."""
        self._ends = True
        if result == FINISH:
            self.background_answers.leave()
        super().exit(result, 1 if self._crashed else return_code, message)

    def take_fault(self, error: Exception, *, ending: bool) -> bool:
        """No traceback reaches a user: it goes into a file, one sentence to the terminal.

        A fault that has words for the user and ended no more than a worker is said, and the app goes on.
        """
        cause = error.error if isinstance(error, WorkerFailed) else error
        if isinstance(cause, NoMatches | MountError | ScreenStackError) and (ending or self._ends):
            return True
        if cause is not error and isinstance(words := getattr(cause, "phrase", None), Phrase):
            self.tell(words, "error")
            return True
        if self.is_headless:
            return False
        if self._crashed:
            return True  # what follows from the first
        self._crashed = True
        self._rescue_draft()
        from r1tui.services import crash_reports

        try:
            path = crash_reports.write(
                self.services.data_dir,
                cause,
                secrets=self.services.secrets(),
                messages=not self.services.any_private(),
            )
            words = t("app.crashed", path=str(path))
        except OSError as refused:
            words = t("app.crashed_unwritten", kind=type(cause).__name__, detail=say(why(refused)))
        self.exit(FINISH, return_code=1, message=words)
        return True

    def _rescue_draft(self) -> None:
        """Take what is in the prompt while it is there: what has failed may not come to its own end."""
        with suppress(Exception):  # of whatever state the screen is in
            if isinstance(chat := self.screen_stack[0], ChatScreen):
                self.rescued_draft = chat.session.draft.now()

    def _asyncio_fault(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if WATCHER in context:
            hooks.fail(self, context["exception"])
        else:
            loop.default_exception_handler(context)


def run(services: Services) -> int:
    """Run the app to its end, and the answers that are to outlive it to theirs. Returns the exit code."""
    patches.apply()
    use_signs(services.settings.interface, ascii_only=services.ascii_glyphs)
    with asyncio.Runner() as runner:
        app, loop = R1App(services), runner.get_loop()
        background = app.background_answers
        threads = ThreadPoolExecutor(thread_name_prefix="r1tui")
        loop.set_default_executor(threads)
        # Not the loop's own handler: while a pager has the terminal, Ctrl+C is the pager's (`screens/chat/outside.py`).
        before = signal.signal(signal.SIGINT, lambda *_: loop.call_soon_threadsafe(app.told_to_end))
        result = runner.run(app.run_async())
        if app.rescued_draft is not None:
            runner.run(services.rescue_draft(*app.rescued_draft))
        if result == FINISH:
            runner.run(background.drop_private())
        if result == FINISH:
            outlive(runner, background, threads, app.return_code or 0)
        signal.signal(signal.SIGINT, before)
        runner.run(background.close())
        if hooks.stands_still(app):
            os._exit(app.return_code or 0)  # Python's own end would wait for the terminal
        return app.return_code or 0
