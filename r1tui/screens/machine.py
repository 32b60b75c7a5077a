"""The machine: reads it, judges what it can run, and keeps the hardware panel true."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.timer import Timer

from r1tui.domain.message import Message

if TYPE_CHECKING:
    from r1tui.domain.calibration import Calibration
    from r1tui.domain.hardware import HardwareProfile
    from r1tui.domain.recommendation import Recommendation
    from r1tui.screens.chat_page import ChatPage

READ_EVERY = 2.0
"""Seconds between two readings of memory while the panel shows."""
SPEEDS = 24
"""How many answers the sparkline tells of."""


class Machine:
    """Profile, recommendation and the speeds of the last answers."""

    def __init__(self, screen: ChatPage) -> None:
        self.screen = screen
        self.services = screen.services
        self.profile: HardwareProfile | None = None
        self.recommendation: Recommendation | None = None
        self.speeds: list[float] = []
        self.calibration: Calibration | None = None
        self.known = asyncio.Event()
        """Set once the machine has been read, GPUs included."""
        self._reading: Timer | None = None

    @property
    def recommended(self) -> str:
        """The tag to run here, `""` while or where there is none."""
        best = self.recommendation.best if self.recommendation else None
        return best.tag.tag if best else ""

    async def probe(self) -> None:
        """Read the machine, its files first and its GPUs as they are found."""
        self.recommendation = None
        self.speeds = []
        async for _ in self.judgements():
            pass

    async def judgements(self) -> AsyncIterator[tuple[HardwareProfile, Recommendation]]:
        """The machine and what it can run, as they become known; for setup."""
        from r1tui.domain.hardware_file import HardwareFileError

        try:
            async for profile in self.services.profiles():
                self.profile = profile
                await self._recalibrate()
                self.judge()
                assert self.recommendation is not None
                yield profile, self.recommendation
        except HardwareFileError as error:
            self.screen.tell(error.phrase, "error")
        self.known.set()

    def judge(self) -> None:
        """Work the recommendation out again and show it."""
        if self.profile is None:
            return
        from r1tui.domain.recommendation import recommend

        # What the loaded model holds would be free for another.
        held = sum(model.size_vram for model in self.screen.connection.running)
        profile = self.profile.giving_back(held)
        self.recommendation = recommend(profile, self.calibration, self.recommendation)
        panel = self.screen.panel
        panel.show_remote(None if self.services.server_is_local else self.services.server_name)
        panel.show_profile(self.profile, self.profile.looking)
        panel.show_recommendation(self.recommendation)

    def watch(self, visible: bool) -> None:
        """Read memory while the panel is visible, and only then."""
        if visible and self._reading is None:
            self._reading = self.screen.set_interval(READ_EVERY, self._read)
        elif not visible and self._reading is not None:
            self._reading.stop()
            self._reading = None

    async def _read(self) -> None:
        profile = self.profile
        if profile is None or profile.looking or profile.stated or not profile.local:
            return
        from r1tui.services.probe.memory import read_memory

        reading = await asyncio.to_thread(read_memory)
        if reading is None or profile is not self.profile:
            return
        self.screen.panel.show_memory(reading[0])
        before = profile.memory
        if before is None or abs(reading[0].available - before.available) > reading[0].total // 50:
            await self.reread()

    async def reread(self) -> None:
        """Memory changed noticeably, or a model was loaded: read with what Ollama holds, and judge anew."""
        profile = self.profile
        if profile is None or profile.looking or profile.stated or not profile.local:
            return
        from r1tui.services.probe import System, probe_memory

        reading = await asyncio.to_thread(probe_memory, System())
        if reading is not None and profile is self.profile:
            self.profile = replace(profile, memory=reading[0], swap_free=reading[1])
            self.judge()

    async def _recalibrate(self) -> None:
        if self.profile is not None:
            self.calibration = await asyncio.to_thread(self.services.calibration, self.profile)

    async def learn(self, message: Message) -> None:
        """Keep the measured speed of an answer, and judge anew by it."""
        stats, profile = message.stats, self.profile
        if stats is None or not stats.tokens_per_second:
            return
        self.speeds = [*self.speeds, stats.tokens_per_second][-SPEEDS:]
        self.screen.panel.show_speed(self.speeds)
        self.screen.status_changed()
        shape = await self.screen.connection.shape(message.model)
        if shape is None or profile is None:
            return
        running = next((each for each in self.screen.connection.running if each.name == message.model), None)
        if running is None and profile.usable_gpus:
            return  # unloaded already: which processor it ran on is not known
        share = running.gpu_share if running else 0.0
        if await asyncio.to_thread(self.services.calibrate, shape, stats, profile, share):
            await self._recalibrate()
            self.judge()
