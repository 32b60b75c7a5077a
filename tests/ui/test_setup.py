"""Setup: from nothing to chatting."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NoReturn

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static

from r1tui.domain.hardware import GIB, Disk, HardwareProfile, Memory, Processor
from r1tui.domain.model import Model
from r1tui.domain.phrase import Phrase, phrase
from r1tui.domain.recommendation import Recommendation, recommend
from r1tui.screens.dialogs.confirm import ChoiceScreen
from r1tui.screens.setup.screen import SetupScreen
from r1tui.screens.setup.step_screen import SetupResult
from r1tui.services.engines.engine import Engine
from r1tui.services.models.pulls import PullQueue
from r1tui.services.server.install import OFFICIAL_COMMAND, Installer, InstallError
from r1tui.services.server.process import Found, OllamaProcess, OwnServer, ProcessError
from r1tui.widgets.setup_steps import StepHeads
from tests.support import patience
from tests.support.mirror import served
from tests.ui.model_fakes import FakeEngine

NOTHING = Found()
N100 = HardwareProfile(
    memory=Memory(total=int(7.6 * GIB), available=int(6.4 * GIB)),
    cpu=Processor("N100", 4, 30e9),
    disk=Disk("/models", 41 * 10**9),
)


class FakeProcess(OllamaProcess):
    """Finds what the test says, and makes the engine answer when it is started."""

    def __init__(self, engine: FakeEngine, found: Found) -> None:
        super().__init__()
        self.engine = engine
        self.found = found
        self.fault: ProcessError | None = None
        self.started: list[Path] = []

    async def find(self) -> Found:
        return self.found

    async def own(self) -> OwnServer | None:
        return None

    async def start(self, binary: Path, port: int | None = None, *, keep_partials: bool = False) -> OwnServer:
        self.started.append(binary)
        if self.fault is not None:
            raise self.fault
        self.engine.up = True
        return OwnServer(1, 1.0, str(binary), port or 11434)


class Bench(App[None]):
    def __init__(
        self, engine: FakeEngine, *, found: Found = NOTHING, profile: HardwareProfile = N100
    ) -> None:
        super().__init__()
        self.engine = engine
        self.queue = PullQueue(engine)
        self.process = FakeProcess(engine, found)
        self.installer = Installer({"R1TUI_OLLAMA_DOWNLOAD_URL": "http://127.0.0.1:1"})
        self.profile = profile
        self.copied: list[str] = []
        self.notes: list[Phrase] = []
        self.hosts: list[str | None] = []
        self.results: list[SetupResult | None] = []

    async def _connect(self, host: str | None) -> Engine:
        self.hosts.append(host)
        return self.engine

    async def _judgements(self) -> AsyncIterator[tuple[HardwareProfile, Recommendation]]:
        yield self.profile, recommend(self.profile)

    async def _copy(self, text: str) -> Phrase:
        self.copied.append(text)
        return phrase("setup.looking")

    def on_mount(self) -> None:
        screen = SetupScreen(
            connect=self._connect,
            process=self.process,
            installer=self.installer,
            pulls=lambda: self.queue,
            judgements=self._judgements,
            copy=self._copy,
            notes=lambda: list(self.notes),
        )
        self.push_screen(screen, self.results.append)

    @property
    def choices(self) -> list[str]:
        return [option.id or "" for option in self.screen.query_one(OptionList).options]

    @property
    def choices_of_setup(self) -> list[str]:
        return self.choices if isinstance(self.screen, SetupScreen) else []

    @property
    def chosen(self) -> str:
        option = self.screen.query_one(OptionList).highlighted_option
        return option.id or "" if option else ""

    @property
    def words(self) -> str:
        found = [str(each.render()) for each in self.screen.query(Static)]
        return "\n".join([*found, *(str(o.prompt) for o in self.screen.query_one(OptionList).options)])


async def settle(pilot: Pilot[None]) -> None:
    """Let workers and their messages end."""
    for _ in range(6):
        await pilot.pause()


def away() -> FakeEngine:
    engine = FakeEngine()
    engine.up = False
    return engine


async def test_with_a_server_and_a_model_nothing_is_asked() -> None:
    app = Bench(FakeEngine(Model("deepseek-r1:8b")))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert app.results == [SetupResult(None, "")]


async def test_without_a_server_it_says_what_was_tried_and_offers_to_install() -> None:
    app = Bench(away())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert app.choices == ["install", "command", "elsewhere"]
        assert "127.0.0.1:11434" in app.words
        assert "not found" in app.words


async def test_a_server_that_is_installed_but_not_running_is_started() -> None:
    app = Bench(away(), found=Found(Path("/usr/bin/ollama"), unit="ollama.service"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert app.choices == ["start", "unit", "elsewhere"]
        assert "sudo systemctl start ollama.service" in app.words
        await pilot.press("enter")
        await settle(pilot)
        assert app.process.started == [Path("/usr/bin/ollama")]
        assert "deepseek-r1:1.5b" in app.choices


async def test_a_start_that_fails_is_told_and_stays_told() -> None:
    app = Bench(away(), found=Found(Path("/usr/bin/ollama")))
    app.process.fault = ProcessError(phrase("serve.died", last="no luck", log="/x.log"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("r")
        await settle(pilot)
        assert "no luck" in app.words


async def test_the_official_command_is_shown_and_copied() -> None:
    app = Bench(away())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("down", "enter")
        await settle(pilot)
        assert app.copied == [OFFICIAL_COMMAND]
        assert OFFICIAL_COMMAND in app.words


async def test_a_server_elsewhere_is_typed_and_used() -> None:
    app = Bench(away())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("end", "enter")
        await pilot.press(*"server:1")
        app.engine.up = True
        app.engine.installed["x"] = Model("x")
        await pilot.press("enter")
        await settle(pilot)
        assert app.results == [SetupResult("server:1", "")]


async def test_esc_in_the_address_goes_back_and_esc_again_leaves() -> None:
    app = Bench(away())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("end", "enter", "escape")
        await settle(pilot)
        assert not app.screen.query_one(Input).display
        assert app.results == []
        await pilot.press("escape")
        assert app.results == [None]


async def test_who_leaves_ends_the_search_that_would_draw_on_a_screen_that_goes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = Bench(away())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        monkeypatch.setattr(app.process, "find", asyncio.Event().wait)
        screen = app.screen
        assert isinstance(screen, SetupScreen)
        screen.look()
        await settle(pilot)
        (search,) = [worker for worker in app.workers if worker.node is screen]
        screen.back()
        assert search.is_cancelled
        await settle(pilot)
        assert app.results == [None]


async def test_a_server_that_comes_is_noticed_by_r() -> None:
    app = Bench(away())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.engine.up = True
        await pilot.press("r")
        await settle(pilot)
        assert "deepseek-r1:8b" in app.choices


async def test_looking_again_without_news_draws_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Bench(away())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        drawn: list[object] = []
        for widget in (
            *app.screen.query(Static),
            *app.screen.query(StepHeads),
            app.screen.query_one(OptionList),
        ):
            monkeypatch.setattr(widget, "refresh", lambda *regions, w=widget, **_: drawn.append(w))
        app.screen._retry_by_itself()  # type: ignore[attr-defined]
        await settle(pilot)
        assert len(app.hosts) == 2
        assert drawn == []


async def test_the_question_mark_tells_who_can_talk_to_a_server_of_this_machine() -> None:
    app = Bench(away(), found=Found(Path("/usr/bin/ollama")))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("question_mark")
        await settle(pilot)
        assert "every user of this machine can talk to it" in str(
            app.screen.query_one("#text", Static).render()
        )


class TalkativeEngine(FakeEngine):
    async def cloud(self) -> bool | None:
        return True


async def test_what_a_person_should_know_of_a_server_stands_above_the_sizes() -> None:
    app = Bench(TalkativeEngine())
    app.notes = [phrase("engine.tls_unchecked", url="https://big", name="big")]
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        assert "verify_tls = false for big" in app.words
        assert "OLLAMA_NO_CLOUD=1" in app.words


async def test_an_install_that_cannot_begin_says_why() -> None:
    app = Bench(away())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.installer.offer = _no_offer  # type: ignore[method-assign]
        await pilot.press("enter")
        await settle(pilot)
        assert "has no archive" in app.words


async def _no_offer() -> NoReturn:
    raise InstallError(phrase("install.nothing", host="mirror"))


async def test_the_recommendation_is_under_the_cursor_with_reason_and_sum() -> None:
    app = Bench(FakeEngine())
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert app.chosen == "deepseek-r1:1.5b"
        assert "◆" in app.words
        assert "GiB" in app.words
        assert app.choices[:3] == ["deepseek-r1:1.5b", "deepseek-r1:7b", "deepseek-r1:8b"]


async def test_enter_downloads_the_recommended_size_and_ends_setup() -> None:
    app = Bench(FakeEngine())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert app.engine.calls == []
        assert "It is 1.1 GB." in app.words
        assert "of disk are free" in app.words
        await pilot.press("down", "enter")
        await settle(pilot)
        assert app.engine.calls == [("pull", "deepseek-r1:1.5b", False)]
        assert app.results == [SetupResult(None, "deepseek-r1:1.5b")]


async def test_esc_stops_a_download_and_says_that_it_is_kept() -> None:
    app = Bench(FakeEngine())
    app.engine.hold = asyncio.Event()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("down", "enter")
        await settle(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert app.results == []
        assert "kept" in app.words
        assert app.queue.jobs[0].state == "paused"
        app.engine.hold.set()
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("down", "enter")
        await settle(pilot)
        assert app.results == [SetupResult(None, "deepseek-r1:1.5b")]


async def test_a_size_that_is_slow_is_only_pulled_after_a_warning() -> None:
    app = Bench(FakeEngine())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("down", "enter")
        await settle(pilot)
        assert app.engine.calls == []
        await pilot.press("down", "enter")
        await settle(pilot)
        assert app.engine.calls == [("pull", "deepseek-r1:7b", False)]


async def test_too_little_disk_blocks_with_the_figure() -> None:
    small = HardwareProfile(memory=N100.memory, cpu=N100.cpu, disk=Disk("/models", 10**9))
    app = Bench(FakeEngine(), profile=small)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert app.engine.calls == []
        assert "1.2 GB are needed, 1.0 GB are free" in app.words
        await pilot.press("end", "enter")
        await settle(pilot)
        await pilot.press(*"deepseek-r1:8b", "enter")
        await settle(pilot)
        assert app.engine.calls == []
        assert "too full to download deepseek-r1:8b" in app.words


async def test_any_name_can_be_typed_with_completion() -> None:
    app = Bench(FakeEngine())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("end", "enter")
        await settle(pilot)
        await pilot.press(*"deepseek-r1:8")
        await settle(pilot)
        await pilot.press("right", "enter")
        await settle(pilot)
        await pilot.press("down", "enter")
        await settle(pilot)
        assert app.engine.calls == [("pull", "deepseek-r1:8b", False)]


@pytest.mark.parametrize("back", [["shift+tab"], []], ids=["from the field", "from the tick"])
async def test_an_insecure_registry_is_confirmed_first(back: list[str]) -> None:
    app = Bench(FakeEngine())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("end", "enter")
        await settle(pilot)
        await pilot.press(*"host:5/library/x:1", "tab", "space", *back, "enter")
        await settle(pilot)
        assert app.engine.calls == []
        await pilot.press("down", "enter")
        await settle(pilot)
        assert app.engine.calls == []
        assert "Its size shows once the download begins." in app.words
        await pilot.press("down", "enter")
        await settle(pilot)
        assert app.engine.calls == [("pull", "host:5/library/x:1", True)]


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (160, 50)])
async def test_it_fits_any_screen(size: tuple[int, int]) -> None:
    app = Bench(FakeEngine())
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        assert app.chosen == "deepseek-r1:1.5b"


async def test_an_install_is_shown_first_then_downloads_and_starts(tmp_path: Path) -> None:
    app = Bench(away())
    with served({"bin/ollama": b"#!/bin/sh\n" + os.urandom(2_000_000)}) as url:
        app.installer = Installer({"R1TUI_OLLAMA_DOWNLOAD_URL": url})
        async with app.run_test(size=(80, 24)) as pilot:
            await settle(pilot)
            await pilot.press("enter")
            async with asyncio.timeout(patience.SECONDS):
                while not isinstance(app.screen, ChoiceScreen):
                    await pilot.pause(0.02)
            question = "\n".join(str(each.render()) for each in app.screen.query(Static))
            assert "9.8.7" in question
            assert url in question
            assert app.process.started == []
            await pilot.press("enter")
            async with asyncio.timeout(patience.SECONDS):
                while "deepseek-r1:1.5b" not in app.choices_of_setup:
                    await pilot.pause(0.02)
            assert app.process.started == [app.installer.binary]
            assert app.installer.binary.exists()


async def test_a_download_that_ends_behind_a_dialogue_ends_setup_when_that_is_closed() -> None:
    app = Bench(FakeEngine())
    app.engine.hold = asyncio.Event()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("down", "enter")
        await settle(pilot)
        await pilot.press("question_mark")
        await settle(pilot)
        app.engine.hold.set()
        await settle(pilot)
        assert app.results == []
        await pilot.press("escape")
        await settle(pilot)
        assert app.results == [SetupResult(None, "deepseek-r1:1.5b")]
