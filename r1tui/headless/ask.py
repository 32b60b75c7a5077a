"""`r1tui ask`: one question; its answer goes to standard output, the reasoning to standard error."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from io import TextIOWrapper
from pathlib import Path

from r1tui.chat.events import Event, Faulted, MessageChanged, NeedsContext, Told
from r1tui.chat.generation import Generation
from r1tui.chat.generations import Generations
from r1tui.chat.queue import Question
from r1tui.chat.session import Asked, ChatSession
from r1tui.domain.answer_check import DRIFTED, LOOPS, NO_THINKING
from r1tui.domain.attachment import Attachment, refused
from r1tui.domain.chat import ThinkMode
from r1tui.domain.clean import Clean, clean, clean_json
from r1tui.domain.message import Message, MessageStatus
from r1tui.domain.message_codec import written
from r1tui.domain.reasoning_language import Script
from r1tui.domain.settings import Settings
from r1tui.domain.vote import FEWEST, MOST
from r1tui.headless.connecting import connect, session_without_screen
from r1tui.headless.shell import FAILED, INTERRUPTED, WRONG_USE, complain
from r1tui.headless.vote import ask_several, planned
from r1tui.locale import say, t
from r1tui.services.attachments import AttachmentError, decoded, read_attachment
from r1tui.services.container import Services
from r1tui.services.engines.engine import HostError
from r1tui.services.engines.hosts import resolve_host
from r1tui.services.small_file import why
from r1tui.services.store.conversations import ConversationStore
from r1tui.services.store.database import StoreError
from r1tui.services.terminal.leaving import told_to_end_beside
from r1tui.services.terminal.streams import put

_MOST_PIPED = 16 << 20
"""Characters of a question on standard input: more than any model reads, and `/dev/zero` never ends."""

_MOST_ATTACHED = 64 << 20
"""Bytes of standard input that are read as a file: the setting's highest limit."""


def ask(settings: Settings, host: str | None, model: str | None, options: Namespace) -> int:
    """Ask the words of the command line, or what is piped in; returns the exit code."""
    if options.vote is not None and planned(options.vote) is None:
        complain(t("cli.vote_range", fewest=FEWEST, most=MOST))
        return WRONG_USE
    files = options.files or []
    try:
        text = question_of(options.prompt, stdin_taken="-" in files)
        attached = attached_of(files, settings.chat.attachment_limit)
    except NoQuestion as error:
        complain(error.sentence)
        return WRONG_USE
    try:
        resolved = resolve_host(host or "", settings)
    except HostError as error:
        complain(say(error.phrase))
        return WRONG_USE
    for warning in resolved.warnings:
        complain(say(warning))
    opened = ConversationStore.open if options.save else ConversationStore.open_transient
    services = Services.of(settings, [], resolved, open_store=opened)
    try:
        return asyncio.run(_ask(services, model, Question(text, attached), options))
    except asyncio.CancelledError:  # told to end before there was an answer
        return INTERRUPTED


class NoQuestion(Exception):
    """There is nothing that can be asked. `sentence` says why."""

    def __init__(self, sentence: Clean) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def question_of(words: Sequence[str], *, stdin_taken: bool = False) -> str:
    """The words of the command line, or what is piped in; with `-` among the words both. `stdin_taken`: it is read as a
    file. Raises `NoQuestion`.
    """
    said = " ".join(word for word in words if word != "-").strip()
    if stdin_taken and "-" in words:
        raise NoQuestion(t("cli.stdin_twice"))
    try:
        piped = _piped() if ("-" in words or not said) and not stdin_taken else ""
    except OSError as error:
        raise NoQuestion(t("cli.no_stdin", detail=why(error))) from error
    if len(piped) > _MOST_PIPED:
        raise NoQuestion(t("cli.too_long", megabytes=_MOST_PIPED >> 20))
    if not (text := "\n\n".join(filter(None, (said, piped)))):
        raise NoQuestion(t("cli.no_prompt"))
    return text


def attached_of(files: Sequence[str], limit: int) -> tuple[Attachment, ...]:
    """The files that go with the question; `-` is what is piped in. All may take `limit` MiB. Raises `NoQuestion`."""
    if files.count("-") > 1:
        raise NoQuestion(t("cli.stdin_twice"))
    try:
        found = tuple(
            decoded("stdin", _piped_bytes()) if name == "-" else asyncio.run(read_attachment(Path(name)))
            for name in files
        )
    except AttachmentError as error:
        raise NoQuestion(say(error.phrase)) from error
    except OSError as error:
        raise NoQuestion(t("cli.no_stdin", detail=why(error))) from error
    if (reason := refused(found, limit)) is not None:
        raise NoQuestion(say(reason))
    return found


def _piped_bytes() -> bytes:
    """What comes on standard input. Raises `OSError`, and `NoQuestion` for a keyboard."""
    if sys.stdin is None or sys.stdin.isatty():
        raise NoQuestion(t("cli.nothing_piped"))
    return sys.stdin.buffer.read(_MOST_ATTACHED + 1)


def _piped() -> str:
    """What comes on standard input, bytes that are no text replaced; nothing from a keyboard. Raises `OSError`."""
    if sys.stdin is None or sys.stdin.isatty():
        return ""
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    return sys.stdin.read(_MOST_PIPED + 1).strip()


async def _ask(services: Services, model: str | None, question: Question, options: Namespace) -> int:
    printer = _Printer(options)
    session = session_without_screen(services, Generations(), printer)
    printer.stop = session.stop
    if (asking := asyncio.current_task()) is not None:  # a hang-up and a kill end it as Ctrl+C does
        told_to_end_beside(asyncio.get_running_loop(), lambda: asking.cancelling() or asking.cancel())
    try:
        if code := await connect(session, model):
            return code
        if options.think:
            session.set_think(ThinkMode(options.think))
        session.connected(True)
        if question.attachments and (needs := await _too_long(session, question)) is not None:
            complain(t("cli.attached_too_long", needed=needs.needed, holds=needs.holds))
            return FAILED
        if options.vote is not None and (number := planned(options.vote)) is not None:
            printer.leave_to_others()
            return await ask_several(session, question, number, as_json=options.json)
        outcome = await session.ask(question.text, checked=True, attachments=question.attachments)
        if not isinstance(outcome, Asked):
            return FAILED
        return await printer.print_answer(outcome.generation)
    except StoreError as error:
        complain(say(error.phrase))
        return FAILED
    finally:
        for each in (session, session.server, session.machine):
            each.end_tasks()
        await services.close()


async def _too_long(session: ChatSession, question: Question) -> NeedsContext | None:
    """How much longer than the model's context a question is; None where it fits, or nobody knows."""
    await session.learn_context()
    needs = await session.context_needed(question.text, question.attachments)
    return needs if needs is not None and needs.alone else None


class _Printer:
    """Prints what the session tells: sentences before the answer begins, then the answer as it comes."""

    def __init__(self, options: Namespace) -> None:
        self.stop: Callable[[], object] = lambda: None
        """Stops the answer."""
        self._options = options
        self._printed = {"reasoning": 0, "content": 0}
        """Characters of each that were printed."""
        self._begun = False
        self._answers = not options.json
        """Whether answers are printed as they come."""
        self._unread = False
        """Whether the reader of standard output has gone away."""
        self._fault: Exception | None = None

    def __call__(self, event: Event) -> None:
        match event:
            case Told() if not self._begun:  # the answer's own faults are printed at its end
                complain(say(event.what))
            case MessageChanged() if self._answers and not self._unread:
                self._print_new(event.message)
            case Faulted():
                self._fault = event.error

    def leave_to_others(self) -> None:
        """Print nothing from now on."""
        self._begun, self._answers = True, False

    def _print_new(self, message: Message) -> None:
        printed = self._printed
        try:
            if not self._options.no_reasoning:
                put(clean(message.reasoning[printed["reasoning"] :]), sys.stderr, end="")
                if message.reasoning and message.content and not printed["content"]:
                    put(
                        Clean("\n\n" if sys.stderr.isatty() else "\n"), sys.stderr, end=""
                    )  # apart from the answer
                sys.stderr.flush()
            put(clean(message.content[printed["content"] :]), end="", flush=True)
            printed.update(reasoning=len(message.reasoning), content=len(message.content))
        except BrokenPipeError:  # `| head` has enough: what came is kept
            self._unread = True
            self.stop()

    async def print_answer(self, generation: Generation) -> int:
        """Wait for the answer's end, and print what is left to say; returns the exit code."""
        self._begun = True
        message, options = generation.message, self._options
        assert generation.task is not None
        try:
            await asyncio.shield(generation.task)
        except asyncio.CancelledError:  # Ctrl+C
            generation.stop()
            await generation.task
        if self._fault is not None:
            raise self._fault
        if self._unread:
            raise BrokenPipeError
        if options.json:
            put(clean_json(_as_json(message, not options.no_reasoning)))
        elif message.content and not message.content.endswith("\n"):
            put()
        elif message.reasoning and not message.content and not options.no_reasoning:
            put(stream=sys.stderr)
        if message.status is MessageStatus.STOPPED:
            return INTERRUPTED
        for note in notes_without_keys(message):
            complain(note)
        return 0 if message.status is MessageStatus.COMPLETE and not message.only_reasoning else FAILED


_WITHOUT_KEYS = {
    "generation.limit": "cli.limit",
    NO_THINKING: "cli.no_thinking",
    LOOPS: "cli.answer_loops",
    DRIFTED[Script.HAN]: "cli.drifted_to_chinese",
    DRIFTED[Script.LATIN]: "cli.drifted_to_english",
    "generation.edge": "cli.edge",
    "generation.edge_reasoning": "cli.edge_reasoning",
    "generation.no_room": "cli.no_room",
}
"""How a message's own note is said where there are no keys to press."""


def notes_without_keys(message: Message) -> Iterator[Clean]:
    """What remains to be said of an answer that has ended, where there are no keys to press."""
    if message.status is MessageStatus.STOPPED:
        yield t("cli.stopped")
    key = _WITHOUT_KEYS.get(message.error.key) if message.error is not None else None
    if message.only_reasoning:
        params = message.error.params if key and message.error is not None else {}
        yield t(key or "cli.only_reasoning", **params)
        return
    if message.ended_at_edge:
        yield t("cli.ended_at_edge", n=message.reasoning_tokens)
    if message.error is not None:
        yield t(key) if key else say(message.error)


def _as_json(message: Message, reasoning: bool) -> dict[str, object]:
    stats = message.stats
    return {
        **{
            name: value
            for name, field, value in written(message)
            if field.told and (reasoning or name != "reasoning")
        },
        "prompt_tokens": stats.prompt_tokens if stats else None,
        "cached_tokens": stats.cached_tokens if stats else None,
        "answer_tokens": stats.answer_tokens if stats else None,
        "tokens_per_second": stats.tokens_per_second if stats else None,
        "edge_tokens": stats.edge_tokens if stats else None,
        "error": say(message.error) if message.error else None,
    }
