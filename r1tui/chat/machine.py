"""The machine that runs the models: what it is, what it can run, and how fast it has been."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from r1tui.chat.events import MachineChanged, MemoryRead, Observable, SpeedsChanged
from r1tui.domain.message import Message
from r1tui.domain.model import RunningModel
from r1tui.services.container import Services
from r1tui.services.engines.hosts import stated_hardware

if TYPE_CHECKING:
    from r1tui.domain.calibration import Calibration
    from r1tui.domain.catalogue import ModelShape
    from r1tui.domain.hardware import HardwareProfile
    from r1tui.domain.recommendation import Recommendation
    from r1tui.services.machine.calibration import CalibrationStore

READ_EVERY = 2.0
"""Seconds between two readings of memory while somebody looks at it."""
SPEEDS = 24
"""How many answers `Machine.speeds` tells of."""
ALL_ON_CPU, ALL_ON_GPU = 0.02, 0.98
"""Shares of a model on GPUs up to which, and from which on, its speed is that of one processor."""


class Machine(Observable):
    """Profile, recommendation and the speeds of the last answers."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._services = services
        self.profile: HardwareProfile | None = None
        self.recommendation: Recommendation | None = None
        self.speeds: list[float] = []
        """Tokens a second of the last answers, oldest first."""
        self.calibration: Calibration | None = None
        self.known = asyncio.Event()
        """Set once the machine has been read, GPUs included."""
        self._held = 0
        """Bytes of GPU memory that loaded models hold."""
        self._reading: asyncio.Task[None] | None = None

    @property
    def recommended(self) -> str:
        """The tag to run here, `""` while or where there is none."""
        best = self.recommendation.best if self.recommendation else None
        return best.tag.tag if best else ""

    async def probe(self, *, guess: bool = True) -> None:
        """Read the machine, its files first and its GPUs as they are found.

        `guess`: where nothing else tells how fast its memory is, try it, which takes half a second of processor time.
        """
        self.recommendation = None
        self.speeds = []
        async for _ in self.judgements(guess=guess):
            pass

    async def judgements(
        self, *, guess: bool = True
    ) -> AsyncIterator[tuple[HardwareProfile, Recommendation]]:
        """The machine and what it can run, as they become known."""
        from r1tui.domain.hardware_file import HardwareFileError

        try:
            async for profile in self.profiles(guess=guess):
                self.profile = profile
                await self._recalibrate()
                self.judge()
                assert self.recommendation is not None
                yield profile, self.recommendation
        except HardwareFileError as error:
            self.tell(error.phrase, "error")
        self.known.set()

    async def profiles(self, *, guess: bool) -> AsyncIterator[HardwareProfile]:
        """The machine as it becomes known; `guess`: its memory's speed too. Raises `HardwareFileError` for a bad statement."""
        services, host = self._services, self._services.host
        stated = stated_hardware(host, services.settings)
        if stated is not None:
            from r1tui.domain.hardware_file import profile_of_server

            yield profile_of_server(stated)
            return
        from r1tui.services.machine.probe import probe_stages

        own = await services.processes.of(host.url)
        models = await services.processes.models_of(host.url) if services.server_is_local else None
        async for profile in probe_stages(local=services.server_is_local, models=models):
            if own is not None:
                profile = replace(profile, kv_cache=own.kv_cache, own_server=True)
            yield profile
        if not guess:
            return
        guessed = await self._with_first_guess(profile)
        if guessed is not profile:
            yield guessed

    async def _with_first_guess(self, profile: HardwareProfile) -> HardwareProfile:
        """The profile with what copying memory tells of a processor in no table, until an answer tells better."""
        from r1tui.services.machine.probe import bandwidth_known, with_bandwidth

        store, host = self._calibrations(), self._services.host
        if not profile.local or bandwidth_known(profile) or await asyncio.to_thread(store.knows, host.url):
            return profile
        return with_bandwidth(profile, await asyncio.to_thread(store.first_guess, profile.cpu.name))

    def judge(self) -> None:
        """Work the recommendation out again."""
        if self.profile is None:
            return
        from r1tui.domain.recommendation import recommend

        # What the loaded model holds would be free for another.
        profile = self.profile.giving_back(self._held)
        self.recommendation = recommend(profile, self.calibration, self.recommendation)
        self.emit(MachineChanged())

    async def note_running(self, running: Sequence[RunningModel]) -> None:
        """Models were loaded or unloaded: what they hold counts as free for another."""
        self._held = sum(model.size_vram for model in running)
        await self._reread()

    def watch(self, visible: bool) -> None:
        """Read memory while somebody looks at it, and only then."""
        if visible and self._reading is None:
            self._reading = self.start(self._read_regularly())
        elif not visible and self._reading is not None:
            self._reading.cancel()
            self._reading = None

    async def _read_regularly(self) -> None:
        while True:
            await asyncio.sleep(READ_EVERY)
            await self._read()

    async def _read(self) -> None:
        profile = self.profile
        if profile is None or profile.looking or profile.stated or not profile.local:
            return
        from r1tui.services.machine.probe.memory import read_memory

        reading = await asyncio.to_thread(read_memory)
        if reading is None or profile is not self.profile:
            return
        self.emit(MemoryRead(reading[0]))
        before = profile.memory
        if before is None or abs(reading[0].available - before.available) > reading[0].total // 50:
            await self._reread()

    async def _reread(self) -> None:
        """Memory changed noticeably, or a model was loaded: read with what Ollama holds, and judge anew."""
        profile = self.profile
        if profile is None or profile.looking or profile.stated or not profile.local:
            return
        from r1tui.services.machine.probe import System, probe_memory

        reading = await asyncio.to_thread(probe_memory, System())
        if reading is not None and profile is self.profile:
            self.profile = replace(profile, memory=reading[0], swap_free=reading[1])
            self.judge()

    def _calibrations(self) -> CalibrationStore:
        from r1tui.services.machine.calibration import CalibrationStore

        return CalibrationStore(self._services.data_dir)

    async def _recalibrate(self) -> None:
        profile = self.profile
        if profile is not None:
            self.calibration = await asyncio.to_thread(
                self._calibrations().load, self._services.host.url, profile.cpu.name, profile.gpu_name
            )

    def note_speed(self, message: Message) -> bool:
        """Remember how fast an answer came; False where the server did not measure it."""
        if message.stats is None or not message.stats.tokens_per_second:
            return False
        self.speeds = [*self.speeds, message.stats.tokens_per_second][-SPEEDS:]
        self.emit(SpeedsChanged())
        return True

    async def learn(self, message: Message, shape: ModelShape, running: RunningModel | None) -> None:
        """Keep the measured speed of an answer on disk, and judge anew by it.

        `running`: its model as the server has it in memory; it tells which processor the speed is of.
        """
        stats, profile = message.stats, self.profile
        if stats is None or profile is None or (running is None and profile.usable_gpus):
            return
        share = running.gpu_share if running else 0.0
        if ALL_ON_CPU < share < ALL_ON_GPU:
            return  # a split model teaches nothing of either processor
        processor = f"gpu:{profile.gpu_name}" if share else f"cpu:{profile.cpu.name}"
        url = self._services.host.url
        learnt = await asyncio.to_thread(self._calibrations().record, url, processor, shape, stats)
        if learnt is not None:
            await self._recalibrate()
            self.judge()
