"""`r1tui plain`: the chat by lines, for a terminal without a cursor, a screen reader or a braille display, and for pipes.

While an answer comes, a typed line is a command, or a question that waits; an empty one leaves out the rest of the reasoning.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from r1tui.chat.background import BackgroundAnswers, outlive
from r1tui.chat.events import AnswerEnded, BranchChanged, Event, Faulted, MessageChanged, PromptsLoaded, Told
from r1tui.chat.generations import Generations
from r1tui.chat.session import Asked
from r1tui.commands import command
from r1tui.domain.chat import ThinkMode
from r1tui.domain.clean import Clean, clean, clean_line
from r1tui.domain.conversation import Conversation
from r1tui.domain.message import Message, MessageStatus, Role
from r1tui.headless.ask import NoQuestion, notes_without_keys, question_of
from r1tui.headless.connecting import connect, session_without_screen
from r1tui.headless.shell import FAILED, INTERRUPTED, WRONG_USE, complain, typed_as
from r1tui.locale import clock, figures, say, t
from r1tui.services.container import Services
from r1tui.services.store.database import StoreError
from r1tui.services.terminal.leaving import told_to_end_beside
from r1tui.services.terminal.lines import TypedLines, remember
from r1tui.services.terminal.reading import read_beside
from r1tui.services.terminal.streams import put


def plain(services: Services, model: str | None) -> int:
    """Chat by lines until the end of the input; returns the exit code. An answer under way outlives the terminal."""
    with asyncio.Runner() as runner:
        threads = ThreadPoolExecutor(thread_name_prefix="r1tui")
        runner.get_loop().set_default_executor(threads)
        background = BackgroundAnswers(services, Generations())
        chat = LineChat(services, background)
        code = runner.run(chat.run(model))
        runner.run(background.drop_private())
        outlive(runner, background, threads, code)
        runner.run(background.close())
    if chat.fault is not None:
        raise chat.fault
    return code


class LineChat:
    """A conversation by lines."""

    def __init__(self, services: Services, background: BackgroundAnswers) -> None:
        self._services, self._background = services, background
        self._session = session_without_screen(services, background.generations, self._told)
        self._person = sys.stdin is not None and sys.stdin.isatty()
        """Somebody types; else the input is one question, and standard output gets nothing but its answer."""
        self._own = sys.stdout if self._person else sys.stderr
        self._printed = [0, 0]
        """Characters of the answer under way that were printed, of its reasoning and its text."""
        self._skip = self._folded = services.settings.interface.reasoning == "folded"
        """The rest of this reasoning is left out."""
        self._interrupts = 0
        self.fault: Exception | None = None
        self._code = 0

    @property
    def _commands(self) -> Mapping[str, Callable[[str], object]]:
        """What can be done by lines: ids of the command table, typed as `/new` for `chat.new`, with what stands behind it."""
        session = self._session
        return {
            "chat.help": self._help,
            "chat.new": lambda _: session.start_new(),
            "chat.private": lambda _: session.start_new(private=True),
            "chat.history": self._history,
            "chat.models": self._models,
            "chat.think": self._think,
            "chat.fold": self._reasoning,
            "chat.answer_now": lambda _: session.answer_now(),
            "chat.stop": lambda _: session.stop(),
            "chat.continue": lambda _: session.continue_(),
            "chat.rename": session.rename,
            "chat.system": session.set_system,
            "app.quit": lambda _: self._leave(),
        }

    async def run(self, model: str | None) -> int:
        """Find server and model, then ask what is typed until the input ends; returns the exit code."""
        loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        told_to_end_beside(loop, self._leave, self._background.told_to_end)
        loop.add_signal_handler(signal.SIGINT, self._interrupted)
        try:
            if not (code := await connect(self._session, model)):
                await (self._converse() if self._person else self._ask_piped())
            self._code = self._code or code
        except StoreError as error:
            complain(say(error.phrase))
            self._code = FAILED
        except asyncio.CancelledError:
            pass  # left: what is under way goes on
        self._task = None  # a terminal that hangs up ends the input before its signal comes: that must not end this end
        self._background.leave()
        await self._session.close()
        if self.fault is not None and not isinstance(self.fault, BrokenPipeError):
            raise self.fault
        return self._code

    def _leave(self) -> None:
        if self._task is not None and not self._task.cancelling():  # tmux and the kernel both hang up
            self._task.cancel()

    async def _ask_piped(self) -> None:
        self._session.connected(True)
        try:
            text = await read_beside(lambda: question_of(()))
        except NoQuestion as error:
            complain(error.sentence)
            self._code = WRONG_USE
        else:
            outcome = await self._session.ask(text, checked=True)
            if isinstance(outcome, Asked) and (task := outcome.generation.task) is not None:
                await asyncio.wait([task])  # it goes on where the chat is left

    async def _converse(self) -> None:
        with TypedLines() as typed:
            self._say(t("plain.model", model=self._session.server.selected))
            self._say(t("plain.begin"))
            await self._session.restore()
            self._session.connected(True)
            while (text := await typed.text()) is not None:
                await self._take(clean(text))

    async def _take(self, text: str) -> None:
        """What was typed: a command, a question, or the wish to have no more of the reasoning."""
        self._interrupts = 0
        if not text.startswith("/"):
            if text.strip():
                self._session.submit(text, checked=True)
            elif self._session.busy and not self._skip:
                self._skip = True
                self._say(t("plain.skipped"), before=Clean("\n"))
            return
        name, _, rest = text[1:].partition(" ")
        found = [each for each in self._commands if name and typed_as(each).startswith(name)]
        if len(found) == 1:
            doing = self._commands[found[0]](rest.strip())
            await doing if isinstance(doing, Awaitable) else None
        else:
            self._say(t("plain.unknown", name=f"/{clean_line(name)}"))

    def _interrupted(self) -> None:
        """Ctrl+C stops the answer; where there is none, a second one leaves."""
        self._interrupts += 1
        if self._session.stop():
            self._interrupts, self._code = 0, 0 if self._person else INTERRUPTED
        elif self._interrupts > 1 or not self._person:
            self._leave()
        else:
            self._say(t("app.press_again"), before=Clean("\n"))

    # What is printed

    def _told(self, event: Event) -> None:
        match event:
            case Told(what):
                self._say(say(what))
            case MessageChanged(message) if message.status is MessageStatus.STREAMING:
                self._print_new(message)
            case AnswerEnded(message):
                self._print_new(message)
                self._print_end(message)
            case BranchChanged(conversation) if not self._session.busy and not self._session.queue.asking:
                self._print_conversation(conversation)
            case PromptsLoaded(prompts):
                remember(map(clean_line, prompts))
            case Faulted(error):
                self.fault = error
                has_enough = isinstance(error, BrokenPipeError) and not self._person  # as `head` has
                self._session.stop() if has_enough else self._leave()

    def _say(self, words: Clean, before: Clean = Clean("")) -> None:
        put(f"{before}[{words}]", self._own, flush=True)

    def _print_new(self, message: Message) -> None:
        printed, self._printed = self._printed, [len(message.reasoning), len(message.content)]
        if message.reasoning and not printed[0]:
            how = ("plain.folded" if self._skip else "plain.thinking") if self._person else "plain.thinks"
            self._say(t(how))
        if not self._skip:
            put(clean(message.reasoning[printed[0] :]), self._own, end="", flush=True)
        if message.reasoning and message.content and not printed[1]:
            self._say(t("plain.answer"), before=Clean("" if self._skip else "\n"))
        put(clean(message.content[printed[1] :]), end="", flush=True)

    def _print_end(self, message: Message) -> None:
        self._printed, self._skip = [0, 0], self._folded
        put(stream=sys.stdout if message.content else self._own)
        if message.stats is not None and message.stats.tokens_per_second and self._person:
            self._say(t("transcript.speed", speed=figures.rate(message.stats.tokens_per_second)))
        for note in notes_without_keys(message):
            self._say(note)
        if message.status is not MessageStatus.COMPLETE:
            self._code = self._code or (0 if self._person else FAILED)

    def _print_conversation(self, conversation: Conversation) -> None:
        """The last question of a conversation that was opened, and its answer as far as it has come."""
        title, branch = conversation.title, conversation.branch()
        self._say(t("plain.opened", title=title, n=len(branch)) if branch else t("chat.untitled"))
        for message in branch[-2:]:
            for each in message.attachments:
                put(f"> {t('transfer.attachment', name=each.name, n=each.lines)}")
            put(f"{'> ' * (message.role is Role.USER)}{clean(message.content)}")
            self._printed = [len(message.reasoning), len(message.content)]

    def _help(self, _: str) -> None:
        for each in self._commands:
            put(t("list.named", name=f"/{typed_as(each)}", words=t(command(each).words)))
        put(t("plain.help"))

    async def _history(self, typed: str) -> None:
        found = await (await self._services.opened_store()).recent(limit=20)
        lines = [f"{each.title} ({clock.date_and_hour(each.updated)})" for each in found]
        if (number := self._choice(typed, lines, "/history")) is not None:
            await self._session.open(found[number].id)

    async def _models(self, typed: str) -> None:
        names = [each.name for each in self._session.server.models]
        number = names.index(typed) if typed in names else self._choice(typed, names, "/models")
        if number is not None:
            await self._session.select_model(names[number])
            self._say(t("plain.model", model=names[number]))

    def _choice(self, typed: str, lines: Sequence[str], name: str) -> int | None:
        """The entry whose number was typed; where none was, all are listed."""
        if typed.isdecimal() and 0 < int(typed[:4]) <= len(lines):
            return int(typed[:4]) - 1
        for number, line in enumerate(lines, 1):
            put(f"{number}. {clean_line(line)}")
        self._say(t("plain.choose", name=name) if lines else t("plain.nothing"))
        return None

    def _think(self, typed: str) -> None:
        if typed in list(ThinkMode):
            self._session.set_think(ThinkMode(typed))
        self._say(t("plain.think", mode=self._session.conversation.think, modes=tuple(ThinkMode)))

    def _reasoning(self, _: str) -> None:
        reasoning = self._session.last_answer.reasoning if self._session.last_answer else ""
        put(clean(reasoning) or f"[{t('plain.no_reasoning')}]")
