"""The server and its models: which one answers, what it has in memory, what it downloads."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict, cast

from textual.timer import Timer

from r1tui.domain.model import Model, RunningModel
from r1tui.domain.phrase import Phrase, phrase
from r1tui.services.container import LAST_MODEL
from r1tui.services.engine import Engine, EngineError, HostError, ModelManager

if TYPE_CHECKING:
    from r1tui.domain.catalogue import ModelShape
    from r1tui.screens.chat_page import ChatPage

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


class Connection:
    """The engine in use and the selected model."""

    def __init__(self, screen: ChatPage) -> None:
        self.screen = screen
        self.services = screen.services
        self.engine: Engine | None = None
        self.models: list[Model] = []
        self.running: list[RunningModel] = []
        self.selected = ""
        self.silent: Phrase | None = None
        """Why the server gave no models at the last look, where it is the server's silence."""
        self._remembered = ""
        self._expiry: Timer | None = None

    async def connect(self) -> bool:
        """Reach the server and read its models. False when it does not answer or has no model: setup's turn."""
        try:
            engine = await self.services.connect()
        except HostError as error:
            self.screen.tell(error.phrase, "error")
            return False
        self.engine = engine
        self.screen.downloads.adopt(self.services.pulls)
        self.silent = None
        try:
            self.models = await engine.models()
        except EngineError as error:
            self.models = []
            self.silent = error.phrase
            return False
        if not self.models:
            return False
        await self._select_first()
        self.show()
        await self._warn_of_remote()
        self.screen.run_worker(self._learn_capabilities(), group="capabilities", exclusive=True)
        return True

    async def _warn_of_remote(self) -> None:
        """Say once for each server elsewhere that prompts leave this machine."""
        if self.services.server_is_local or await self.services.state_get(f"told {self.services.host.url}"):
            return
        self.screen.tell(phrase("chat.remote_host", host=self.services.server_name), "warning")
        await self.services.state_set(f"told {self.services.host.url}", "1")

    async def _select_first(self) -> None:
        """The model asked for, else the shown conversation's, the last used, the recommended one, the first."""
        names = [model.name for model in self.models]
        wanted = self.services.wanted_model
        if wanted:
            self.services.wanted_model = ""
            found = next((name for name in names if name in (wanted, f"{wanted}:latest")), None)
            if found is None:
                self.screen.tell(phrase("chat.model_missing", name=wanted), "warning")
            else:
                self.selected = found
                return
        if self.selected in names:
            return
        shown = self.screen.answers.conversation
        known = [
            shown.model if shown.messages else "",
            self.services.settings.chat.model,
            await self.services.state_get(LAST_MODEL),
        ]
        self.selected = next((name for name in known if name in names), "")
        if not self.selected and len(names) > 1:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.screen.machine.known.wait(), RECOMMENDATION_PATIENCE)
            self.selected = next((name for name in names if name == self.screen.machine.recommended), "")
        self.selected = self.selected or names[0]

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
            self.selected = self.models[0].name
        self.show()
        self.screen.run_worker(self._learn_capabilities(), group="capabilities", exclusive=True)

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
            self.show()
            await self.screen.machine.reread()
        self._look_again()
        await self._learn_context()

    def _look_again(self) -> None:
        """Look again when the first model unloads, rather than every so often."""
        if self._expiry is not None:
            self._expiry.stop()
        ends = [model.expires for model in self.running if model.expires is not None]
        pause = max(min(ends) - time.time(), 0.0) + EXPIRY_GRACE if ends else 0.0
        self._expiry = self.screen.set_timer(pause, self.refresh_running) if 0 < pause < A_DAY else None

    async def _learn_context(self) -> None:
        """The context length that the next answer of the selected model has."""
        loaded = next((each.context_length for each in self.running if each.name == self.selected), 0)
        if self.engine is not None and self.selected:
            self.screen.answers.context_size = await self.services.answering.context_in_effect(
                self.engine, self.screen.machine.profile, **self.sized(self.selected), loaded=loaded
            )
        self.screen.status_changed()

    def show(self) -> None:
        """Tell the widgets."""
        self.screen.sidebar.show_models(self.models, self.running, self.selected)
        self.screen.panel.show_running(self.running)
        self.screen.status_changed()

    async def select(self, name: str) -> None:
        """Let another model answer from now on."""
        self.selected = name
        self.show()
        await self.remember(name)
        await self._learn_context()
        if self.services.settings.chat.preload:
            await self._preload(name)

    def go_with(self, name: str) -> None:
        """Select the model of the conversation that is shown now, where the server has it."""
        if name != self.selected and self.model(name) is not None:
            self.selected = name
            self.show()
            self.screen.run_worker(self._learn_context())

    async def remember(self, name: str) -> None:
        """Keep the model that was last used; the next start selects it."""
        if name != self._remembered:
            self._remembered = name
            await self.services.state_set(LAST_MODEL, name)

    async def switch(self, wanted: str) -> None:
        """Go to another server; setup opens where that one is not ready."""
        try:
            await self.services.switch_host(wanted)
        except HostError as error:
            self.screen.tell(error.phrase, "error")
            return
        self.models, self.running, self.selected = [], [], ""
        self.show()
        self.screen.run_worker(self.screen.machine.probe(), name="probe", exclusive=True, group="probe")
        if not await self.connect():
            from r1tui.screens import chat_dialogues

            await chat_dialogues.setup(self.screen)
        await self.screen.downloads.restore()

    async def _preload(self, name: str) -> None:
        engine, manager = self.engine, cast(object, self.engine)
        if engine is None or not isinstance(manager, ModelManager):
            return
        request = await self.services.answering.request(
            engine,
            self.screen.answers.conversation,
            None,
            self.screen.machine.profile,
            **self.sized(name),
        )
        try:
            await manager.load(request)
        except EngineError as error:
            self.screen.tell(error.phrase, "error")
        await self.refresh_running()

    def model(self, name: str) -> Model | None:
        """The installed model of that name."""
        return next((model for model in self.models if model.name == name), None)

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
            self.show()
