"""The first step of setup: find a server, start one, install one, or name one elsewhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from textual.widgets import Input
from textual.worker import Worker

from r1tui.domain.clean import Clean, clean_line
from r1tui.domain.hardware import GIB, HardwareProfile
from r1tui.domain.phrase import Phrase, phrase
from r1tui.domain.pull_view import PullView, SpeedMeter
from r1tui.locale import figures, say, t
from r1tui.locale.lists import enumerated
from r1tui.screens.dialogs.confirm import ChoiceScreen
from r1tui.screens.setup.step_screen import StepScreen
from r1tui.services.server.install import OFFICIAL_COMMAND, Installer, InstallError
from r1tui.services.server.process import Found, OllamaProcess, ProcessError
from r1tui.toolkit.shown import styled


class ServerStep:
    """What can be done where no server answers."""

    def __init__(
        self,
        screen: StepScreen,
        process: OllamaProcess,
        installer: Installer,
        copy: Callable[[str], Awaitable[Phrase]],
        *,
        use: Callable[[str], None],
    ) -> None:
        """`use` is told the address of a server that was started here."""
        self.process = process
        self._screen = screen
        self._installer = installer
        self._copy = copy
        self._use = use
        self._found = Found()
        self._tried: Phrase | None = None
        self._said: Phrase | None = None
        """What the last thing done ended with; it stays until something else is done."""
        self._work: Worker[None] | None = None

    @property
    def busy(self) -> bool:
        """Whether something is being started or installed."""
        return self._work is not None and not self._work.is_finished

    async def missing(self, tried: Phrase, typed: str = "") -> None:
        """No server answers: say what was tried and offer what fits this machine."""
        self._found = await self.process.find()
        self._tried = tried
        if typed:
            self._said = tried
        self._show()

    def _show(self) -> None:
        found = self._found
        options: list[tuple[str, Clean]] = []
        if found.binary is not None:
            options.append(("start", t("setup.server.start", path=_folder(found.binary))))
        if found.unit:
            options.append(("unit", t("setup.server.unit", command=found.start_command)))
        if found.binary is None:
            options.append(("install", t("setup.server.install", folder=_folder(self._installer.folder))))
            options.append(("command", t("setup.server.command", command=OFFICIAL_COMMAND)))
        options.append(("elsewhere", t("setup.server.elsewhere")))
        self._screen.choices([(name, styled(words)) for name, words in options])
        said = self._said or self._tried
        state = t("setup.server.found") if found.binary else t("setup.server.not_found")
        words = [say(said)] if said else []
        self._screen.note("\n".join([*words, t("setup.server.retries", state=state)]))

    def choose(self, name: str) -> None:
        """Do what was chosen."""
        self._said = None
        if name == "elsewhere":
            address = self._screen.query_one("#address", Input)
            address.display = True
            address.focus()
            self._screen.note(t("setup.server.address"))
        elif name == "unit":
            self._begin(self._copied(self._found.start_command, phrase("setup.server.type_unit")))
        elif name == "command":
            self._begin(self._copied(OFFICIAL_COMMAND, phrase("setup.server.type_official")))
        elif name == "start" and self._found.binary is not None:
            self._begin(self._start(self._found.binary))
        elif name == "install":
            self._begin(self._install())

    def back(self) -> bool:
        """Esc: end what is going on. False where nothing was."""
        address = self._screen.query_one("#address", Input)
        if self._work is not None and not self._work.is_finished:
            self._work.cancel()
            self._screen.progress(None)
            self._ended(phrase("setup.install.kept"))
        elif address.display:
            address.display = False
            self._screen.progress(None)
            self._show()
        else:
            return False
        return True

    def _begin(self, work: Awaitable[None]) -> None:
        self._work = self._screen.run_worker(work, group="server", exclusive=True)

    def _ended(self, words: Phrase | None) -> None:
        self._said = words
        self._show()

    async def _copied(self, command: str, advice: Phrase) -> None:
        told = await self._copy(command)
        self._ended(phrase("setup.server.copied", advice=advice, told=told))

    async def _start(self, binary: Path) -> None:
        self._screen.note(t("setup.server.starting"))
        try:
            server = await self.process.start(binary)
        except ProcessError as error:
            self._ended(error.phrase)
            return
        await self.process.join()
        self._use(server.url)

    async def _install(self) -> None:
        self._screen.note(t("setup.install.asking", host=self._installer.source))
        try:
            offer = await self._installer.offer()
            question = phrase(
                "setup.install.question",
                version=offer.version or "?",
                size=figures.size(offer.size),
                url=offer.addresses,
                folder=_folder(self._installer.folder),
                disk=figures.size(offer.disk_needed),
            )
            answers = [("yes", phrase("setup.install.yes")), ("no", phrase("setup.install.no"))]
            if await self._screen.app.push_screen_wait(ChoiceScreen(question, answers)) != "yes":
                self._ended(None)
                return
            self._screen.note(t("setup.pull.esc"))
            meter = SpeedMeter()
            async for progress in self._installer.install(offer):
                self._screen.progress(PullView.of(progress, speed=meter.speed(progress.completed)))
        except InstallError as error:
            self._screen.progress(None)
            self._ended(error.phrase)
            return
        self._screen.progress(None)
        await self._start(self._installer.binary)


def _folder(path: Path) -> str:
    """A path as a person writes it."""
    home = str(Path.home())
    text = str(path)
    return "~" + text[len(home) :] if text.startswith(home + "/") else text


def machine_line(profile: HardwareProfile) -> Clean:
    """This machine in one line."""
    memory, disk = profile.memory, profile.disk
    parts = [profile.cpu.name or t("setup.machine.cpu")]
    if profile.cpu.cores:
        parts[0] = t("setup.machine.cores", n=profile.cpu.cores, name=parts[0])
    if memory is not None:
        total, free = f"{memory.bound / GIB:.1f}", f"{memory.free / GIB:.1f}"
        parts.append(t("setup.machine.memory", total=total, free=free))
    if profile.looking:
        parts.append(t("setup.machine.looking"))
    else:
        gpus = profile.usable_gpus
        parts.append(enumerated(clean_line(gpu.name) for gpu in gpus) if gpus else t("setup.machine.no_gpu"))
    if disk is not None:
        parts.append(t("setup.machine.disk", free=figures.size(disk.free)))
    return t("setup.machine", facts=t("setup.machine.and").join(parts))
