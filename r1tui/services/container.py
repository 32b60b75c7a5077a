"""The services of one run, built cheaply before the first paint and opened after it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import field
from typing import TYPE_CHECKING, TypeVar

from r1tui.domain.dataclass import dataclass
from r1tui.domain.message import Message, MessageStatus
from r1tui.domain.phrase import Phrase
from r1tui.domain.settings import InterfaceSettings, Settings
from r1tui.domain.theme import ThemeFile
from r1tui.services.engines.engine import Engine, HostError, ModelManager
from r1tui.services.engines.hosts import (
    ResolvedHost,
    make_engine,
    resolve_host,
    resolved_headers,
    secrets,
)
from r1tui.services.paths import config_dir, data_dir, told
from r1tui.services.server.process import OllamaProcess, ProcessError
from r1tui.services.settings import FILE_NAME, SettingsStore
from r1tui.services.store.database import StoreError
from r1tui.services.terminal.clipboard import Clipboard
from r1tui.services.terminal.terminal import Terminal
from r1tui.services.themes import load_themes

if TYPE_CHECKING:
    from pathlib import Path

    from r1tui.domain.attachment import Attachment
    from r1tui.services.models.pulls import PullQueue
    from r1tui.services.store.conversations import ConversationStore

Value = TypeVar("Value")

DATABASE = "conversations.db"
LAST_MODEL = "last_model"
"""Name under which the model that was last asked is remembered."""
REOPEN = "reopen"
"""Name under which the conversation is remembered whose answer outlives its terminal."""


@dataclass
class Services:
    """Everything of one run. Cheap to build; `opened_store` and `connect` do the work, off the first paint's way."""

    settings: Settings
    problems: list[Phrase]
    """What was wrong with the settings and theme files, to be said once the app shows."""
    settings_store: SettingsStore
    terminal: Terminal
    host: ResolvedHost
    """The server in use."""
    wanted_model: str = ""
    """`--model`, until it is selected."""
    processes: OllamaProcess = field(default_factory=OllamaProcess)
    pulls: PullQueue | None = None
    engine: Engine | None = None
    open_store: Callable[[Path], Awaitable[ConversationStore]] | None = None
    """How the store is opened; None for the app's way, which runs in memory where nothing can be written."""
    _store: ConversationStore | None = None
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    _connecting: asyncio.Lock = field(default_factory=asyncio.Lock)
    _left: list[Engine] = field(default_factory=list)
    """Engines of servers that were left; answers under way may still use them."""

    @classmethod
    def build(
        cls, settings: Settings, problems: list[Phrase], host: str | None, model: str | None
    ) -> Services:
        """Build without touching a server, or a disk beyond our folders. Raises `HostError`, `OSError`.

        Only a wrong `host` of the command line is an error; one of the settings is a problem to be said.
        """
        try:
            resolved = resolve_host(host or "", settings)
        except HostError as error:
            if host:
                raise
            problems.append(error.phrase)
            settings.server.host = ""
            resolved = resolve_host("", settings)
        problems += resolved.notes
        data_dir()
        problems.extend(told())
        services = cls.of(settings, problems, resolved)
        services.wanted_model = model or ""
        return services

    @classmethod
    def of(
        cls,
        settings: Settings,
        problems: list[Phrase],
        host: ResolvedHost,
        *,
        open_store: Callable[[Path], Awaitable[ConversationStore]] | None = None,
    ) -> Services:
        """The services for a server that is known."""
        store = SettingsStore(config_dir() / FILE_NAME, settings, problems)
        return cls(settings, problems, store, Terminal.of(), host, open_store=open_store)

    def __post_init__(self) -> None:
        self.data_dir = data_dir()
        self.to_attach: list[str] = []
        """Paths of the files that the app opens with."""
        self.private_shown = False
        """Whether a private conversation is on the screen: what is copied then goes into no file."""
        self.clipboard = Clipboard(self.terminal, private=lambda: self.private_shown)
        self.sink = StoreSink(self)
        self.processes.settings = self.settings.server
        self.processes.looked_for = lambda: self.host.url

    @property
    def low_bandwidth(self) -> bool:
        """Whether to spare bytes."""
        return self.terminal.low_bandwidth(self.settings.interface.low_bandwidth)

    @property
    def ascii_glyphs(self) -> bool:
        """Whether to draw with ASCII signs."""
        choice = self.settings.interface.glyphs
        if self.settings.interface.wide_ambiguous:
            return True  # box drawing and most other signs are ambiguous
        return self.terminal.ascii_only if choice == "auto" else choice == "ascii"

    @property
    def theme_wanted(self) -> str:
        """The theme to draw in: the chosen one; where none was, one that suits a terminal of 16 colours."""
        chosen = self.settings.interface.theme
        plain = chosen == InterfaceSettings().theme and self.terminal.colours == 16
        return "sixteen" if plain else chosen

    def themes(self) -> tuple[dict[str, ThemeFile], list[Phrase]]:
        """All themes by name, and a sentence for each broken file."""
        return load_themes(config_dir() / "themes")

    # The store

    async def opened_store(self) -> ConversationStore:
        """The store, opened on first use."""
        async with self._opening:
            if self._store is None:
                from r1tui.services.store.conversations import ConversationStore

                opened = self.open_store or ConversationStore.open_or_in_memory
                self._store = await opened(self.data_dir / DATABASE)
                self._store.keep_backup()
            return self._store

    async def with_store(self, job: Callable[[ConversationStore], Awaitable[Value]]) -> Value:
        """Do it with the store, or where that was closed for a fork meanwhile with the next."""
        store = await self.opened_store()
        try:
            return await job(store)
        except StoreError:
            following = await self.opened_store()
            if following is store:
                raise
            return await job(following)

    @property
    def keeps_nothing(self) -> bool:
        """Whether the data folder cannot be written, so that all conversations are in memory only."""
        return self._store is not None and self._store.in_memory

    async def state_get(self, key: str) -> str:
        """A remembered word, `""` where there is none."""
        return await (await self.opened_store()).state_get(key) or ""

    async def state_set(self, key: str, value: str) -> None:
        """Keep a value for the next run."""
        await (await self.opened_store()).state_set(key, value)

    # The server

    @property
    def server_is_local(self) -> bool:
        """Whether the models run on this machine."""
        return self.host.local

    @property
    def server_name(self) -> str:
        """How to call the server on the screen."""
        return self.host.name or self.host.url.partition("://")[2]

    async def connect(self) -> Engine:
        """The engine of the server in use. Raises `HostError` where a header of its settings cannot be had."""
        async with self._connecting:
            if self.engine is None:
                engine = await asyncio.to_thread(make_engine, self.host)
                if engine.local:
                    await self.processes.use(engine.url)  # so that no other R1TUI stops it under us
                if isinstance(engine, ModelManager):
                    from r1tui.services.models.pulls import PullQueue

                    self.pulls = PullQueue(engine, self.data_dir / "pulls.json")
                self.engine = engine  # last: who connects may be cancelled, and the next one begins anew
            return self.engine

    async def try_host(self, wanted: str) -> None:
        """Ask another server for its models, without leaving this one.

        Raises `HostError` where it is no server that could be asked, `EngineError` where it does not answer.
        """
        engine = await asyncio.to_thread(make_engine, resolve_host(wanted, self.settings))
        try:
            await engine.models()
        finally:
            await engine.close()

    async def switch_host(self, wanted: str) -> Engine:
        """Leave this server for another; answers under way keep their own connection until they end.

        Raises `HostError`; then nothing has changed.
        """
        host = resolve_host(wanted, self.settings)
        await asyncio.to_thread(resolved_headers, host.headers)
        async with self._connecting:
            if self.engine is not None:
                self._left.append(self.engine)
            self.host, self.engine = host, None
            if self.pulls is not None:
                await self.pulls.close()
                self.pulls = None
        return await self.connect()

    # The end

    def private_ids(self) -> set[str]:
        """Ids of the private conversations, which end with this process."""
        return {each.id for each in self._store.private_summaries()} if self._store is not None else set()

    def ends_with_run(self, conversation_id: str) -> bool:
        """Whether a conversation is kept nowhere beyond this process."""
        return self.keeps_nothing or conversation_id in self.private_ids()

    def any_private(self) -> bool:
        """Whether there is a private conversation, or was one, of which nothing may be written."""
        return self._store is not None and self._store.had_private

    def secrets(self) -> Iterator[str]:
        """Values that no report may hold: what headers carry."""
        return secrets((self.host.headers, *(host.headers for host in self.settings.hosts.values())))

    async def rescue_draft(self, key: str, text: str, attached: tuple[Attachment, ...] = ()) -> None:
        """Keep a draft once more after a fault, whatever the screen could do."""
        with suppress(StoreError):
            await (await self.opened_store()).save_draft(key, text, attached)

    async def let_go_of_store(self) -> None:
        """Close the database before a fork: its connections and threads do not survive one.

        Whatever wants the store from now on waits for `take_up_store`.
        """
        await self._opening.acquire()
        await self._release()

    def take_up_store(self) -> None:
        """After the fork: the store may be opened again."""
        self._opening.release()

    async def _release(self) -> None:
        if self._store is not None:
            await self._store.close()
            self._store = None

    async def close(self) -> None:
        """Leave servers and store; end our own server if the settings say so. Answers must have ended before."""
        if self.pulls is not None:
            await self.pulls.close()
        for engine in (*self._left, self.engine):
            if engine is not None:
                await engine.close()
        await self.sink.save_the_rest()
        await self._release()
        with suppress(ProcessError):  # a server that does not end is no reason not to
            await self.processes.leave(self.settings.server.on_exit)


class StoreSink:
    """Where answers go: whichever store is open, which is another one after a fork."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.unsaved: dict[str, tuple[str, Message]] = {}
        """Answers, with their conversations, that the disk refused in their end state."""

    async def save_message(self, conversation_id: str, message: Message) -> None:
        """Commit the message as it is now, and those that could not be at their end."""
        try:
            await self._services.with_store(lambda store: store.save_message(conversation_id, message))
        except StoreError as error:
            ended = message.status is not MessageStatus.STREAMING
            if ended and error.phrase.key != "store.gone":
                self.unsaved[message.id] = (conversation_id, message)
            raise
        self.unsaved.pop(message.id, None)
        await self.save_the_rest()

    async def save_the_rest(self) -> None:
        """Try those again that could not be saved at their end."""
        for message_id, (conversation_id, message) in list(self.unsaved.items()):
            with suppress(StoreError):
                store = await self._services.opened_store()
                await store.save_message(conversation_id, message)
                del self.unsaved[message_id]

    async def heartbeat(self, message_id: str) -> None:
        """Say that this process still writes the answer."""
        await self._services.with_store(lambda store: store.heartbeat(message_id))

    async def stop_requested(self, message_id: str) -> bool:
        """Whether another R1TUI asked the answer to stop."""
        return await self._services.with_store(lambda store: store.stop_requested(message_id))
