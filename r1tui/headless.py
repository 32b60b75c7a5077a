"""The commands for a shell: doctor, ask, export, import. They print and end; no screen is involved."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable, Collection
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

from r1tui.chat.generation import Budget, Generation, NoSink
from r1tui.chat.generations import Generations
from r1tui.chat.request import RequestBuilder
from r1tui.domain.chat import ChatRequest, ThinkMode
from r1tui.domain.clean import clean, clean_json
from r1tui.domain.conversation import Conversation
from r1tui.domain.hardware import HardwareProfile
from r1tui.domain.hardware_file import HardwareFileError, profile_of_server
from r1tui.domain.message import Message, MessageStatus, Role
from r1tui.domain.settings import Settings
from r1tui.locale import say, t
from r1tui.services.container import DATABASE, LAST_MODEL
from r1tui.services.engines.engine import Engine, EngineError, HostError
from r1tui.services.engines.hosts import ResolvedHost, make_engine, resolve_host, stated_hardware
from r1tui.services.machine.calibration import CalibrationStore
from r1tui.services.machine.probe import probe
from r1tui.services.paths import data_dir
from r1tui.services.small_file import why

if TYPE_CHECKING:
    from r1tui.services.store.conversations import ConversationStore

_MOST_PIPED = 16 << 20
"""Characters of a question on standard input: more than any model reads, and `/dev/zero` never ends."""
FAILED, WRONG_USE, INTERRUPTED = 1, 2, 130
"""Exit codes: the server or the answer failed; wrong use; stopped by Ctrl+C."""


def _server(settings: Settings, host: str | None) -> tuple[ResolvedHost, Engine] | None:
    try:
        resolved = resolve_host(host or "", settings)
        engine = make_engine(resolved)
    except HostError as error:
        _complain(say(error.phrase))
        return None
    return resolved, engine


def _complain(sentence: str) -> None:
    print(f"r1tui: {sentence}", file=sys.stderr)


def doctor(settings: Settings, host: str | None, *, as_json: bool, hardware_file: str | None) -> int:
    """`r1tui doctor`."""
    from r1tui.services.doctor import run_doctor
    from r1tui.services.server.process import OllamaProcess

    server = _server(settings, host)
    if server is None:
        return WRONG_USE
    resolved, engine = server

    async def run() -> int:
        try:
            return await run_doctor(
                engine=engine,
                as_json=as_json,
                hardware_file=Path(hardware_file) if hardware_file else None,
                stated=stated_hardware(resolved, settings),
                calibrations=CalibrationStore(data_dir()),
                models=await OllamaProcess().models_of(resolved.url),
                notes=resolved.warnings,
            )
        finally:
            await engine.close()

    return asyncio.run(run())


def ask(settings: Settings, host: str | None, model: str | None, options: Namespace) -> int:
    """`r1tui ask`: the answer streams to standard output, the reasoning to standard error."""
    words = options.prompt
    said = " ".join(word for word in words if word != "-").strip()
    try:
        piped = _piped() if "-" in words or not said else ""
    except OSError as error:
        _complain(t("cli.no_stdin", detail=why(error)))
        return WRONG_USE
    if len(piped) > _MOST_PIPED:
        _complain(t("cli.too_long", megabytes=_MOST_PIPED >> 20))
        return WRONG_USE
    text = "\n\n".join(filter(None, (said, piped)))
    if not text:
        _complain(t("cli.no_prompt"))
        return WRONG_USE
    server = _server(settings, host)
    if server is None:
        return WRONG_USE
    for warning in server[0].warnings:
        _complain(say(warning))
    return asyncio.run(_ask(settings, *server, model, text, options))


def _piped() -> str:
    """What comes on standard input, bytes that are no text replaced; nothing from a keyboard. Raises `OSError`."""
    if sys.stdin is None or sys.stdin.isatty():
        return ""
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    return sys.stdin.read(_MOST_PIPED + 1).strip()


async def _ask(
    settings: Settings, host: ResolvedHost, engine: Engine, model: str | None, text: str, options: Namespace
) -> int:
    from r1tui.services.store.database import StoreError

    try:
        models = await engine.models()
        names = [each.name for each in models]
        wanted = model or settings.chat.model or await _last_used(names)
        chosen = next(
            (name for name in names if name in (wanted, f"{wanted}:latest")), wanted or next(iter(names), "")
        )
        if not chosen:
            _complain(t("cli.no_model"))
            return FAILED
        found = next((each for each in models if each.name == chosen), None)
        size = found.size if found else 0
        if found is not None and found.remote_host:
            _complain(t("chat.remote_model", name=chosen, host=found.remote_host))
        conversation = Conversation(model=chosen, think=ThinkMode(options.think or settings.chat.think))
        question = conversation.add(Message(Role.USER, text))
        answer = conversation.add(Message(Role.ASSISTANT, model=chosen, status=MessageStatus.STREAMING))
        request = await RequestBuilder(settings).build(
            engine, conversation, question.id, await _machine(settings, host), model=chosen, size=size
        )
        if options.save:
            return await _ask_and_keep(settings, engine, conversation, request, options)
        generation = Generations().start(
            engine, conversation.id, answer, request, NoSink(), _budget(settings)
        )
        return await _print_answer(generation, options)
    except (EngineError, StoreError) as error:
        _complain(say(error.phrase))
        return FAILED
    finally:
        await engine.close()


async def _ask_and_keep(
    settings: Settings, engine: Engine, conversation: Conversation, request: ChatRequest, options: Namespace
) -> int:
    """The same with the conversation stored, the question before it is asked."""
    from r1tui.services.store.conversations import ConversationStore

    question, answer = conversation.messages.values()
    store = await ConversationStore.open(data_dir() / DATABASE)
    try:
        await store.save_conversation(conversation)
        await store.save_message(conversation.id, question)
        await store.claim_answer(conversation.id, answer)
        await store.save_conversation(conversation)
        generation = Generations().start(engine, conversation.id, answer, request, store, _budget(settings))
        return await _print_answer(generation, options)
    finally:
        await store.close()


async def _last_used(names: Collection[str]) -> str:
    """The model that the app asked last, where there is a choice and it is one of these; else empty."""
    from r1tui.services.store.conversations import ConversationStore
    from r1tui.services.store.database import StoreError

    path = data_dir() / DATABASE
    if len(names) < 2 or not await asyncio.to_thread(path.exists):
        return ""
    try:
        store = await ConversationStore.open(path)
        try:
            last = await store.state_get(LAST_MODEL) or ""
        finally:
            await store.close()
    except StoreError:
        return ""  # whoever wants it kept is told
    return last if last in names else ""


async def _machine(settings: Settings, host: ResolvedHost) -> HardwareProfile:
    """The machine that sizes the context, as in the app: the stated one, else what this one is."""
    stated = stated_hardware(host, settings)
    if stated is not None:
        try:
            return profile_of_server(stated)
        except HardwareFileError as error:
            _complain(say(error.phrase))
    return await probe(local=host.local)


def _budget(settings: Settings) -> Budget:
    return Budget(settings.chat.reasoning_budget_seconds, settings.chat.reasoning_budget_tokens)


async def _print_answer(generation: Generation, options: Namespace) -> int:
    message = generation.message
    shown = {"reasoning": 0, "content": 0}
    unread = False

    def print_new(_: Generation) -> None:
        try:
            if not options.no_reasoning:
                sys.stderr.write(clean(message.reasoning[shown["reasoning"] :]))
                if message.reasoning and message.content and not shown["content"]:
                    sys.stderr.write("\n\n" if sys.stderr.isatty() else "\n")  # apart from the answer
                sys.stderr.flush()
            sys.stdout.write(clean(message.content[shown["content"] :]))
            sys.stdout.flush()
            shown.update(reasoning=len(message.reasoning), content=len(message.content))
        except BrokenPipeError:  # `| head` has enough: what came is kept
            nonlocal unread
            unread = True
            generation.watchers.clear()
            generation.stop()

    if not options.json:
        generation.watchers.append(print_new)
    assert generation.task is not None
    try:
        await asyncio.shield(generation.task)
    except asyncio.CancelledError:
        generation.stop()
        await generation.task
    if unread:
        raise BrokenPipeError
    if options.json:
        print(clean_json(_as_json(message, not options.no_reasoning)))
    elif message.content and not message.content.endswith("\n"):
        print()
    elif message.reasoning and not message.content and not options.no_reasoning:
        print(file=sys.stderr)
    if message.status is MessageStatus.STOPPED:
        return INTERRUPTED
    if message.only_reasoning:
        _complain(t("cli.only_reasoning"))
        return FAILED
    if message.error is not None:
        _complain(t("cli.limit") if generation.end_reason == "length" else say(message.error))
    return 0 if message.status is MessageStatus.COMPLETE else FAILED


def _as_json(message: Message, reasoning: bool) -> dict[str, object]:
    stats = message.stats
    return {
        "id": message.id,
        "model": message.model,
        "content": message.content,
        **({"reasoning": message.reasoning} if reasoning else {}),
        "status": str(message.status),
        "prompt_tokens": stats.prompt_tokens if stats else None,
        "cached_tokens": stats.cached_tokens if stats else None,
        "answer_tokens": stats.answer_tokens if stats else None,
        "tokens_per_second": stats.tokens_per_second if stats else None,
        "error": say(message.error) if message.error else None,
    }


def export(options: Namespace) -> int:
    """`r1tui export`: to standard output, a file, or a file each in a folder."""
    from r1tui.services.transfer import export as write

    if bool(options.id) == options.all:
        _complain(t("cli.export_what"))
        return WRONG_USE

    async def run(store: ConversationStore) -> int:
        ids = None if options.all else [await _whole_id(store, options.id)]
        output = Path(options.output) if options.output else None
        files = await write(
            store,
            ids,
            options.format,
            output,
            reasoning=not options.no_reasoning,
            stream=sys.stdout,
            tell=lambda words: _complain(say(words)),
        )
        for path in files:
            print(t("cli.exported", path=str(path)), file=sys.stderr)
        return 0

    return _with_store(run)


async def _whole_id(store: ConversationStore, start: str) -> str:
    """The id that begins so, where only one does; the store refuses any other by name."""
    found = [ident for ident in await store.all_ids() if ident.startswith(start)]
    return found[0] if len(found) == 1 else start


def import_file(file: str) -> int:
    """`r1tui import`."""
    from r1tui.services.transfer import import_file as read

    async def run(store: ConversationStore) -> int:
        result = await read(store, Path(file))
        print(say(result.summary))
        for wrong in (*result.wrong, *filter(None, [result.stopped])):
            _complain(say(wrong))
        return FAILED if result.stopped is not None else 0

    return _with_store(run)


def _with_store(run: Callable[[ConversationStore], Awaitable[int]]) -> int:
    """Open the store, do it, close it; a fault is one sentence and exit code 1."""
    from r1tui.services.store.conversations import ConversationStore
    from r1tui.services.store.database import StoreError

    async def opened() -> int:
        store = await ConversationStore.open(data_dir() / DATABASE)
        try:
            return await run(store)
        finally:
            await store.close()

    try:
        return asyncio.run(opened())
    except StoreError as error:
        _complain(say(error.phrase))
        return FAILED
