"""Every command of the model menu against the real server, by keys."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.app import App
from textual.notifications import SeverityLevel
from textual.pilot import Pilot
from textual.widgets import Input, Static, TextArea

from r1tui.domain.chat import ChatRequest
from r1tui.domain.phrase import Phrase
from r1tui.domain.pull_view import PullState
from r1tui.locale import say
from r1tui.screens.models.commands import ModelCommands
from r1tui.screens.setup.screen import SetupScreen
from r1tui.screens.setup.step_screen import SetupResult
from r1tui.services.engines.ollama.engine import OllamaEngine
from r1tui.services.models.pulls import PullQueue
from r1tui.services.server.install import Installer
from r1tui.services.server.process import OllamaProcess
from tests.support import patience
from tests.support.ollama_server import OllamaServer
from tests.support.registry import Registry
from tests.ui.test_setup import N100

pytestmark = pytest.mark.real


class Bench(App[None]):
    """The commands joined to a server, as the chat joins them."""

    def __init__(self, server: OllamaServer) -> None:
        super().__init__()
        self.server = server
        self.engine = OllamaEngine(server.url)
        self.queue = PullQueue(self.engine)
        self.said: list[str] = []
        self.used: list[str] = []
        self.commands = ModelCommands(
            self,
            engine=self.engine,
            pulls=self.queue,
            process=OllamaProcess(environ={"PATH": ""}),
            tell=self._tell,
            select=self._select,
            changed=self._changed,
        )

    def _tell(self, words: Phrase, severity: SeverityLevel) -> None:
        self.said.append(say(words))

    async def _select(self, name: str) -> None:
        self.used.append(name)

    async def _changed(self) -> None:
        pass

    @property
    def words(self) -> str:
        return "\n".join(str(each.render()) for each in self.screen.query(Static))

    async def names(self) -> list[str]:
        return [model.name for model in await self.engine.models()]

    async def on_unmount(self) -> None:
        await self.queue.close()
        await self.engine.close()


async def until(pilot: Pilot[None], true: Callable[[], bool], seconds: float = 120.0) -> None:
    """Wait for something that a server does."""
    async with asyncio.timeout(seconds):
        while not true():
            await pilot.pause(0.05)


async def command(pilot: Pilot[None], app: Bench, key: str, name: str, screen: str = "") -> None:
    """Open the menu of a model and press a command's key; wait for the dialogue that it opens."""
    app.run_worker(app.commands.menu(name))
    await until(pilot, lambda: type(app.screen).__name__ == "ModelMenuScreen")
    await pilot.press(key)
    await until(pilot, lambda: type(app.screen).__name__ != "ModelMenuScreen")
    if screen:
        await until(pilot, lambda: type(app.screen).__name__ == screen)
        await pilot.pause()


@pytest.fixture
def server(private_server: Callable[..., OllamaServer]) -> OllamaServer:
    return private_server()


async def test_show_list_and_ps_tell_what_the_server_knows(server: OllamaServer) -> None:
    app = Bench(server)
    async with app.run_test(size=(80, 24)) as pilot:
        await command(pilot, app, "s", server.model, "TextViewScreen")
        assert "thinking" in app.words
        assert "llama.context_length" in app.words
        assert "<|im_start|>" in app.words
        await pilot.press("escape")
        await command(pilot, app, "l", server.model, "TextViewScreen")
        assert server.plain in app.words
        await pilot.press("escape")
        await app.engine.load(ChatRequest(server.plain, (), options={"num_ctx": 2048}, keep_alive="5m"))
        await command(pilot, app, "p", server.model, "TextViewScreen")
        assert server.plain in app.words
        assert "2,048" in app.words


async def test_run_selects_and_stop_unloads(server: OllamaServer) -> None:
    app = Bench(server)
    async with app.run_test(size=(80, 24)) as pilot:
        await command(pilot, app, "r", server.plain)
        assert app.used == [server.plain]
        await app.engine.load(ChatRequest(server.plain, (), keep_alive="5m"))
        assert [each.name for each in await app.engine.running()] == [server.plain]
        await command(pilot, app, "x", server.plain)
        await until(pilot, lambda: bool(app.said))
        async with asyncio.timeout(patience.SECONDS):
            while await app.engine.running():
                await pilot.pause(0.1)


async def test_copy_then_create_then_remove(server: OllamaServer) -> None:
    app = Bench(server)
    async with app.run_test(size=(80, 24)) as pilot:
        await command(pilot, app, "c", server.plain, "LineScreen")
        app.screen.query_one(Input).value = "copied:1"
        await pilot.press("enter")
        await until(pilot, lambda: len(app.said) == 1)
        await command(pilot, app, "e", "copied:1", "ModelCreateScreen")
        app.screen.query_one(Input).value = "made:1"
        await pilot.press("f3")
        app.screen.query_one(
            "#modelfile", TextArea
        ).text = (
            'FROM copied:1\nSYSTEM """Answer\nin rhyme."""\nPARAMETER temperature 0.25\nPARAMETER stop ZZZ\n'
        )
        await pilot.press("f2")
        await until(pilot, lambda: len(app.said) == 2)
        details = await app.engine.details("made:1")
        assert details.system == "Answer\nin rhyme."
        assert "0.25" in details.parameters
        assert "ZZZ" in details.parameters
        await command(pilot, app, "d", "copied:1", "ChoiceScreen")
        await pilot.press("down", "enter")
        await until(pilot, lambda: len(app.said) == 3)
        assert "copied:1" not in await app.names()
        assert "made:1" in await app.names()


async def test_removing_one_of_two_names_says_that_the_files_stay(server: OllamaServer) -> None:
    app = Bench(server)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.engine.copy(server.plain, "second:1")
        await command(pilot, app, "d", "second:1", "ChoiceScreen")
        assert f"next to nothing: {server.plain} uses" in app.words


async def test_removing_a_model_that_was_made_from_another_frees_nothing(server: OllamaServer) -> None:
    app = Bench(server)
    async with app.run_test(size=(80, 24)) as pilot:
        await command(pilot, app, "d", server.plain, "ChoiceScreen")
        assert f"next to nothing: {server.model} uses" in app.words


async def test_a_gguf_file_becomes_a_model(server: OllamaServer) -> None:
    app = Bench(server)
    async with app.run_test(size=(80, 24)) as pilot:
        await command(pilot, app, "g", server.plain, "ModelImportScreen")
        app.screen.query_one("#path", Input).value = str(server.gguf)
        app.screen.query_one("#path").focus()
        await pilot.press("enter")
        app.screen.query_one("#name", Input).value = "imported:1"
        await pilot.press("enter")
        await until(pilot, lambda: bool(app.said))
        assert "imported:1" in await app.names()


@pytest.mark.registry
async def test_push_gives_a_registry_the_model_and_pull_gets_it_back(
    server: OllamaServer, registry: Registry
) -> None:
    app = Bench(server)
    target = registry.name("pushed:1")
    async with app.run_test(size=(80, 24)) as pilot:
        await command(pilot, app, "h", server.plain, "PullNameScreen")
        app.screen.query_one(Input).value = target
        await pilot.press("tab", "space", "shift+tab", "enter")
        await until(pilot, lambda: type(app.screen).__name__ == "ChoiceScreen")
        await pilot.press("down", "enter")
        await until(pilot, lambda: bool(app.said))
        assert app.said == [f"{target} was uploaded."]
        assert target not in await app.names()
        app.queue.add(target, insecure=True)
        await until(pilot, lambda: app.queue.jobs[0].state is PullState.DONE)
        assert target in await app.names()


class SetupBench(App[None]):
    """Setup joined to a server of our own, as the chat joins it."""

    def __init__(self, binary: Path, models: Path, port: int) -> None:
        super().__init__()
        self.process = OllamaProcess(
            environ={"PATH": str(binary.parent), "HOME": str(models.parent), "OLLAMA_MODELS": str(models)}
        )
        self.engine = OllamaEngine(f"http://127.0.0.1:{port}")
        self.results: list[SetupResult | None] = []

    async def _connect(self, host: str | None) -> OllamaEngine:
        if host is not None and host != self.engine.url:
            self.engine = OllamaEngine(host)
        return self.engine

    async def _judgements(self):  # type: ignore[no-untyped-def]
        from r1tui.domain.recommendation import recommend

        yield N100, recommend(N100)

    async def _copy(self, text: str) -> Phrase:
        raise AssertionError(text)

    def on_mount(self) -> None:
        screen = SetupScreen(
            connect=self._connect,
            process=self.process,
            installer=Installer(),
            pulls=lambda: PullQueue(self.engine),
            judgements=self._judgements,
            copy=self._copy,
        )
        self.push_screen(screen, self.results.append)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_setup_starts_the_real_server_and_goes_on_to_the_model(
    real_server: OllamaServer, tmp_path: Path
) -> None:
    app = SetupBench(real_server.binary, tmp_path / "models", _free_port())
    try:
        async with app.run_test(size=(80, 24)) as pilot:
            options = app.screen.query_one("#choices")
            await until(pilot, lambda: options.option_count > 0)  # type: ignore[attr-defined]
            await pilot.press("enter")
            await until(pilot, lambda: options.options[0].id == "deepseek-r1:1.5b")  # type: ignore[attr-defined]
            own = await app.process.own()
            assert own is not None
            assert app.engine.url == own.url
        assert await app.process.leave("stop")
        assert await app.process.own() is None
    finally:
        await app.process.stop()
