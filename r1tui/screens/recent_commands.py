"""The commands that were chosen last in the palette, remembered for the next start."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from r1tui.commands import command
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
        self._writing = asyncio.Lock()

    async def load(self) -> None:
        """Read what is remembered."""
        with suppress(StoreError):
            self.ids = await self._stored()

    async def chosen(self, name: str) -> None:
        """Remember that a command was chosen, unless it destroys something."""
        if self._services.private_shown or command(name).danger:
            return
        async with self._writing:
            with suppress(StoreError):
                # What is stored counts: another R1TUI may have added to it, or everything was erased.
                others = [each for each in await self._stored() if each != name]
                self.ids = [name, *others][:KEPT]
                await self._services.state_set(NAME, "\n".join(self.ids))

    async def _stored(self) -> list[str]:
        return [each for each in (await self._services.state_get(NAME)).split("\n") if each][:KEPT]
