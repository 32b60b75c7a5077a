"""The server and its models: which one answers, what it has in memory, what it downloads."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from r1tui.chat.downloads import Downloads
from r1tui.chat.events import Event, ModelsChanged, Observable, PullChanged, RunningChanged
from r1tui.chat.hosts import Hosts
from r1tui.chat.machine import Machine
from r1tui.domain.model import Model, RunningModel
from r1tui.domain.phrase import Phrase, phrase
from r1tui.domain.pull_view import PullState
from r1tui.services.container import LAST_MODEL, Services
from r1tui.services.engines.engine import Engine, EngineError, HostError

if TYPE_CHECKING:
    from r1tui.domain.catalogue import ModelShape
    from r1tui.domain.r1_models import R1Model
    from r1tui.services.server.process import OwnServer

EXPIRY_GRACE = 2.0
"""Seconds after a model's time that the server may take to unload it."""
RECOMMENDATION_PATIENCE = 1.5
"""Seconds to wait, at the first start with several models, to know which one suits the machine."""
A_DAY = 86_400.0
"""A keep-alive for ever is an expiry in centuries."""


class SizedModel(TypedDict):
    """A model's name and its bytes on disk."""

    model: str
    size: int


class Server(Observable):
    """The engine in use, its models and the selected one."""

    def __init__(self, services: Services, machine: Machine) -> None:
        super().__init__()
        self._services = services
        self.machine = machine
        self.hosts = Hosts(services)
        self.downloads = Downloads(machine)
        self.downloads.subscribe(self._download_changed)
        self.engine: Engine | None = None
        self.models: list[Model] = []
        self.running: list[RunningModel] = []
        self.selected = ""
        self.silent: Phrase | None = None
        """Why the server gave no models at the last look, where it is the server's silence."""
        self._remembered = ""
        self._said: set[str] = set()

    @property
    def local(self) -> bool:
        """Whether the models run on this machine."""
        return self._services.server_is_local

    @property
    def models_folder(self) -> Path | None:
        """Where it keeps its models, if that is on this machine and known."""
        profile = self.machine.profile
        if not self.local or profile is None or profile.disk is None:
            return None
        return Path(profile.disk.path).expanduser()

    @property
    def name(self) -> str:
        """How to call the server on the screen."""
        return self._services.server_name

    async def connect(self, preferred: str = "", *, look_closer: bool = True) -> bool:
        """Reach the server, read its models and select one, `preferred` before what was used last.

        `look_closer`: then also ask what the models can do, and say once that prompts leave this machine where they do.
        False when it does not answer or has no model: setup's turn.
        """
        try:
            engine = await self._services.connect()
        except HostError as error:
            self.tell(error.phrase, "error")
            return False
        self.engine = engine
        self.downloads.adopt(self._services.pulls)
        self.silent = None
        try:
            self.models = await engine.models()
        except EngineError as error:
            self.models = []
            self.silent = error.phrase
            return False
        if not self.models:
            return False
        await self._select_first(preferred)
        self.emit(ModelsChanged())
        if look_closer:
            self.start(self.warn_of_remote())
            self.start(self._learn_capabilities(), only="capabilities")
        return True

    async def warn_of_remote(self) -> None:
        """Say that prompts leave this machine, once for each server elsewhere and for each place that a server passes the
        selected model's prompts on to. Every prompt asks for it, so that none leaves unsaid, however it came to be sent.
        """
        url = self._services.host.url
        if not self.local:
            await self._say_once(f"told {url}", phrase("chat.remote_host", host=self.name))
        model = self.model(self.selected)
        if model is not None and model.remote_host:
            words = phrase("chat.remote_model", name=model.name, host=model.remote_host)
            await self._say_once(f"told {url} {model.remote_host}", words)

    async def _say_once(self, key: str, words: Phrase) -> None:
        """Say something that is remembered as said, between runs too."""
        if key in self._said or await self._services.state_get(key):
            return
        self._said.add(key)
        self.tell(words, "warning")
        await self._services.state_set(key, "1")

    @property
    def prompts_go_to(self) -> str:
        """The machine that prompts to the selected model go to, where it is not this one."""
        model = self.model(self.selected)
        if model is not None and model.remote_host:
            return model.remote_host
        return "" if self.local else self.name

    async def offer(self) -> None:
        """Where there are models but no deepseek-r1, say once for each server which one suits the machine.

        Without any, setup has just offered the sizes, or no server is there to pull one; some servers pull none at all.
        """
        if not self.models or self._services.pulls is None:
            return
        if any("deepseek-r1" in model.name for model in self.models):
            return
        await self.machine.known.wait()
        key = f"offered {self._services.host.url}"
        if self.machine.recommended and not await self._services.state_get(key):
            self.tell(phrase("chat.offer", tag=self.machine.recommended))
            await self._services.state_set(key, "1")

    async def _select_first(self, preferred: str) -> None:
        """The model asked for, else `preferred`, the settings', the last used, the best for this machine."""
        names = [model.name for model in self.models]
        wanted = self._services.wanted_model
        if wanted:
            self._services.wanted_model = ""
            found = self.installed(wanted)
            if found is None:
                self.tell(phrase("chat.model_missing", name=wanted), "warning")
            else:
                self.selected = found
                return
        if self.selected in names:
            return
        known = [preferred, self._services.settings.chat.model, await self._services.state_get(LAST_MODEL)]
        self.selected = next((name for name in known if name in names), "")
        if not self.selected and len(names) > 1:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.machine.known.wait(), RECOMMENDATION_PATIENCE)
        self.selected = self.selected or self._first_choice()

    def _first_choice(self) -> str:
        from r1tui.domain.selection import first_choice

        return first_choice(self.models, self.machine.recommendation)

    async def refresh(self) -> None:
        """Read again what is installed and what is in memory."""
        if self.engine is None:
            return
        try:
            self.models = await self.engine.models()
            self.running = await self.engine.running()
        except EngineError:
            return  # the next request says it in its own words
        if self.models and self.selected not in [model.name for model in self.models]:
            self.selected = self._first_choice()
        self.emit(ModelsChanged())
        self.start(self._learn_capabilities(), only="capabilities")

    async def refresh_running(self) -> None:
        """Read what is in the server's memory."""
        if self.engine is None:
            return
        try:
            running = await self.engine.running()
        except EngineError:
            return
        if running != self.running:
            self.running = running
            self.emit(ModelsChanged())
            await self.machine.note_running(running)
        self._look_again()
        self.emit(RunningChanged())

    def _look_again(self) -> None:
        """Look again when the first model unloads, rather than every so often."""
        ends = [model.expires for model in self.running if model.expires is not None]
        pause = max(min(ends) - time.time(), 0.0) + EXPIRY_GRACE if ends else 0.0

        async def later() -> None:
            if 0 < pause < A_DAY:
                await asyncio.sleep(pause)
                await self.refresh_running()

        self.start(later(), only="expiry")

    async def select(self, name: str) -> None:
        """Let another model answer from now on; the next start selects it too."""
        self.selected = name
        self.emit(ModelsChanged())
        await self.warn_of_remote()
        await self.remember(name)
        self.emit(RunningChanged())

    def go_with(self, name: str) -> None:
        """Select the model of the conversation that is shown now, where the server has it."""
        if name != self.selected and self.model(name) is not None:
            self.selected = name
            self.emit(ModelsChanged())
            self.emit(RunningChanged())

    async def remember(self, name: str) -> None:
        """Keep the model that was last used; the next start selects it."""
        if name != self._remembered:
            self._remembered = name
            await self._services.state_set(LAST_MODEL, name)

    async def silence(self, wanted: str) -> Phrase | None:
        """Why another server does not answer; None where it does. Raises `HostError` where it cannot be asked."""
        try:
            await self._services.try_host(wanted)
        except HostError:
            raise
        except EngineError as error:
            return error.phrase
        return None

    async def own(self) -> OwnServer | None:
        """The server in use, where an R1TUI has started it."""
        return await self._services.processes.of(self._services.host.url) if self.local else None

    async def restart_own(self, stopped: OwnServer | None = None) -> None:
        """Stop and start it anew, by the settings of now; one that was `stopped` is started. Raises `ProcessError`."""
        processes = self._services.processes
        server = await (processes.restart() if stopped is None else processes.start_again(stopped))
        if await self._services.processes.of(self._services.host.url) is None:  # its port was taken meanwhile
            await self.switch(server.url)
        await self.machine.probe()
        await self.refresh()

    async def switch(self, wanted: str, preferred: str = "") -> bool | None:
        """Go to another server. False where it has no model, None where the address is wrong: then nothing changed."""
        try:
            await self._services.switch_host(wanted)
        except HostError as error:
            self.tell(error.phrase, "error")
            return None
        self.models, self.running, self.selected = [], [], ""
        self.emit(ModelsChanged())
        self.machine.start(self.machine.probe(), only="probe")
        return await self.connect(preferred)

    def installed(self, wanted: str) -> str | None:
        """The full name of the installed model that a typed one means, which may leave `:latest` out."""
        names = [model.name for model in self.models]
        return next((name for name in names if name in (wanted, f"{wanted}:latest")), None)

    def model(self, name: str) -> Model | None:
        """The installed model of that name."""
        return next((model for model in self.models if model.name == name), None)

    def loaded(self, name: str) -> RunningModel | None:
        """The model of that name as it is in the server's memory."""
        return next((model for model in self.running if model.name == name), None)

    def sized(self, name: str) -> SizedModel:
        """A model's name and size as a request wants them."""
        model = self.model(name)
        return {"model": name, "size": model.size if model else 0}

    async def shape(self, name: str) -> ModelShape | None:
        """What sizing needs to know of an installed model."""
        model = self.model(name)
        if model is None or self.engine is None:
            return None
        try:
            details = await self.engine.details(name)
        except EngineError:
            return None
        from r1tui.domain.catalogue import shape_from_info

        return shape_from_info(model.size, details.info, name)

    async def identify(self, name: str) -> R1Model | None:
        """Which of DeepSeek's models an installed one is; None for another, or where the server does not tell."""
        from r1tui.domain.r1_models import identify

        model = self.model(name)
        digest, family = (model.digest, model.family) if model is not None else ("", "")
        found = identify(name, digest=digest, architecture=family)
        if found is not None or self.engine is None:
            return found
        try:
            details = await self.engine.details(name)
        except EngineError:
            return None
        return identify(name, digest=digest, architecture=family, info=details.info)

    async def _learn_capabilities(self) -> None:
        """Ask the server which models can think, where its list does not say."""
        if self.engine is None:
            return
        fresh: list[Model] = []
        for model in self.models:
            if model.thinks is None:
                try:
                    details = await self.engine.details(model.name)
                except EngineError:
                    details = None
                if details is not None:
                    model = replace(model, thinks=details.thinks)
            fresh.append(model)
        if fresh != self.models:
            self.models = fresh
            self.emit(ModelsChanged())

    def _download_changed(self, event: Event) -> None:
        if isinstance(event, PullChanged) and event.job.state is PullState.DONE and not event.moved:
            self.start(self.refresh())
