"""The commands that were chosen last in the palette, remembered for the next start."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from r1tui.commands import Command
from r1tui.services.container import Services
from r1tui.services.store.database import StoreError

NAME = "recent commands"
"""Name under which their ids are remembered, a line each, the latest first."""
KEPT = 10


class RecentCommands:
    """Ids of the commands that were chosen, the latest first. In a private conversation nothing is remembered."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.ids: list[str] = []
        self._writing: asyncio.Task[None] | None = None

    async def load(self) -> None:
        """Read what is remembered."""
        with suppress(StoreError):
            self.ids = await self._stored()

    def chosen(self, command: Command) -> None:
        """Remember that a command was chosen, unless it destroys something."""
        if self._services.private_shown or command.danger:
            return
        self.ids = self._before(command.id, self.ids)
        self._writing = asyncio.create_task(self._write(command.id, self._writing))

    async def written(self) -> None:
        """Wait until what was chosen is kept."""
        if self._writing is not None:
            await self._writing

    async def _write(self, name: str, earlier: asyncio.Task[None] | None) -> None:
        if earlier is not None:
            await earlier
        with suppress(StoreError):
            # What is stored counts: another R1TUI may have added to it, or everything was erased.
            self.ids = self._before(name, await self._stored())
            await self._services.state_set(NAME, "\n".join(self.ids))

    def _before(self, name: str, others: list[str]) -> list[str]:
        return [name, *(each for each in others if each != name)][:KEPT]

    async def _stored(self) -> list[str]:
        return [each for each in (await self._services.state_get(NAME)).split("\n") if each][:KEPT]
