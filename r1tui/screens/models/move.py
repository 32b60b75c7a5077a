"""Moving the models of the server that R1TUI starts into another folder, on another disk perhaps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from textual.app import App
from textual.notifications import SeverityLevel

from r1tui.chat.session import ChatSession
from r1tui.domain.phrase import Phrase, PhrasedError, phrase
from r1tui.domain.settings_schema import setting
from r1tui.locale import figures
from r1tui.screens.dialogs.confirm import ChoiceScreen
from r1tui.screens.dialogs.pick import LineScreen
from r1tui.screens.models.upload import TransferScreen
from r1tui.services.container import Services
from r1tui.services.server.models_move import ModelsMove, MovePlan, plan_move
from r1tui.services.server.process import OwnServer, ProcessError
from r1tui.services.small_file import why

MODELS = setting("server.models")


class Mover:
    """The command: asks where to, says what that means, moves, and starts the server there."""

    def __init__(
        self,
        app: App[Any],
        services: Services,
        session: ChatSession,
        tell: Callable[[Phrase, SeverityLevel], object],
    ) -> None:
        self._app = app
        self._services = services
        self._session = session
        self._tell = tell
        self.moving = False
        """The server is stopped, and the setting follows the models."""

    async def run(self, wanted: str = "") -> None:
        """Move them into `wanted`, or the folder that the user names. Faults are told, not raised."""
        own = await self._session.server.own()
        if own is None:
            self._tell(phrase("move.not_ours"), "warning")
            return
        if not wanted:
            answer = await self._app.push_screen_wait(
                LineScreen(
                    phrase("move.where", path=str(own.models_folder)), str(own.models_folder), edit=True
                )
            )
            if not answer:
                return
            wanted = answer
        try:
            plan = await asyncio.to_thread(plan_move, own.models_folder, wanted)
            if await self._agreed(plan) and not await self._in_use():
                await self._move(own, plan)
        except PhrasedError as error:
            self._tell(error.phrase, "error")

    async def _agreed(self, plan: MovePlan) -> bool:
        question = phrase(
            "move.question",
            n=plan.models,
            files=len(plan.names),
            size=figures.size(plan.size),
            source=str(plan.source),
            target=str(plan.target),
            room=phrase("move.room_same")
            if plan.by_links
            else phrase("move.room_enough", need=figures.size(plan.to_write), free=figures.size(plan.free)),
        )
        answers = [("no", phrase("move.no")), ("yes", phrase("move.yes"))]
        return await self._app.push_screen_wait(ChoiceScreen(question, answers)) == "yes"

    async def _in_use(self) -> bool:
        """Whether somebody needs the server now, which is told."""
        pulls = self._services.pulls
        if self._session.generations.writing:
            self._tell(phrase("move.busy_answer"), "warning")
        elif pulls is not None and any(job.state.goes_on for job in pulls.jobs):
            self._tell(phrase("move.busy_download"), "warning")
        elif await self._services.processes.used_by_others():
            self._tell(phrase("serve.busy_other"), "warning")
        else:
            return False
        return True

    async def _move(self, own: OwnServer, plan: MovePlan) -> None:
        move = ModelsMove(plan)
        await self._services.processes.stop()
        self.moving = True
        try:
            title = phrase("move.title", n=plan.models, source=str(plan.source), target=str(plan.target))
            fault = await self._app.push_screen_wait(TransferScreen(title, move.steps()))
            await move.ended()
            if fault is None:
                fault = await self._switch(own, move)
            if fault is not None:
                await asyncio.to_thread(move.undo)
                await self._session.restart_server(own)
                self._tell(phrase("move.as_before", reason=fault), "warning")
        finally:
            self.moving = False

    async def _switch(self, own: OwnServer, move: ModelsMove) -> Phrase | None:
        """Have the server start on the new folder and remove the old files; why not, where it does not."""
        services, before = self._services, self._services.settings.server.models
        try:
            await services.processes.note_move(move.plan)
            await services.settings_store.update(MODELS, str(move.plan.target))
            await self._session.restart_server(own)
            now = await self._session.server.own()
            if now is None or now.models_folder != move.plan.target:
                raise ProcessError(phrase("move.other_server"))
        except (PhrasedError, OSError) as error:
            if (now := await services.processes.own()) is not None and now.models_folder == move.plan.target:
                await services.processes.stop()
            try:
                await services.settings_store.update(MODELS, before)
            except PhrasedError:
                services.settings.server.models = before
            return error.phrase if isinstance(error, PhrasedError) else why(error)
        freed = await services.processes.finish_move(now)
        self._tell(
            phrase("move.done", n=move.plan.models, target=str(move.plan.target), size=figures.size(freed)),
            "information",
        )
        await self._session.server.machine.probe()  # the old folder's disk has more room now
        return None
