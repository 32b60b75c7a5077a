"""Each setting, changed in the running app by its own screen, works without a restart: what follows is looked at, in
requests, on the screen, in a process.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
import pytest
from rich.color import Color
from textual.events import AppBlur, Paste
from textual.widgets import OptionList

from r1tui.domain.attachment import Attachment
from r1tui.domain.message import Message
from r1tui.domain.setting import Kind, Setting, Value
from r1tui.domain.settings import ChatSettings, InterfaceSettings, NotifySettings, ServerSettings, Settings
from r1tui.domain.settings_schema import SETTINGS, setting
from r1tui.locale import given, t
from r1tui.screens.chat.drawing import SLOW_FRAME
from r1tui.screens.dialogs.confirm import ChoiceScreen
from r1tui.screens.dialogs.pick import PickScreen
from r1tui.screens.settings.effects import use_signs
from r1tui.screens.settings.screen import SettingsScreen, ValueScreen
from r1tui.services.server.process import OllamaProcess
from r1tui.services.settings import load_settings
from tests.services.test_ollama_process import FAKE, free_port
from tests.support import patience
from tests.support.script import Answer, Gate, Say, Step, Think, answer, pull
from tests.support.scripted import ScriptedServer
from tests.ui.app_kit import Chat, running

Scenario = Callable[[ScriptedServer, Path], Awaitable[None]]
SCENARIOS: dict[str, Scenario] = {}
"""What a person sees of each setting, by its path."""
THOUGHT = "Two and two"
"""How the reasoning begins that the scripted server gives by itself."""
ENDLESS = " ".join(f"step {n}," for n in range(3000))
"""A reasoning that fills any context, and lasts minutes at the rates that tests take."""


def of(path: str) -> Callable[[Scenario], Scenario]:
    """This is what the setting does."""

    def kept(scenario: Scenario) -> Scenario:
        SCENARIOS[path] = scenario
        return scenario

    return kept


@pytest.fixture(autouse=True)
def _plain_signs() -> Iterator[None]:
    """Signs and widths are the process's: leave them as they were."""
    yield
    use_signs(InterfaceSettings(), ascii_only=False)


@pytest.mark.parametrize("item", SETTINGS, ids=lambda item: item.path)
async def test_a_change_works_without_a_restart(
    item: Setting, scripted: ScriptedServer, tmp_path: Path
) -> None:
    assert item.path in SCENARIOS, "a setting whose effect nobody has looked at: give it a scenario"
    await SCENARIOS[item.path](scripted, tmp_path)


def test_every_scenario_is_of_a_setting() -> None:
    assert SCENARIOS.keys() == {item.path for item in SETTINGS}


async def change(chat: Chat, path: str, value: Value, *, then: str | None = "escape") -> None:
    """Go to the settings by the palette, give one another value as a person does, and come back.

    `then`: the key that leads back; None where something is asked first.
    """
    item, settings = setting(path), chat.screen.services.settings
    assert item.value(settings) != value, "nothing would change"
    await chat.command("chat.settings")
    await chat.opened(SettingsScreen)
    options = chat.app.screen.query_one(OptionList)
    options.highlighted = options.get_option_index(path)
    if item.kind in (Kind.SWITCH, Kind.CHOICE):
        while (before := item.value(settings)) != value:
            await chat.press("enter")
            await chat.until(lambda: item.value(settings) != before)
    elif item.kind is Kind.THEME:
        await chat.press("enter")
        await chat.opened(PickScreen)
        await chat.until(lambda: chat.app.screen.query_one(OptionList).option_count > 1)
        title = given.theme_title(chat.screen.services.themes()[0][str(value)].title)
        await chat.press(*title)
        await chat.until(lambda: chat.app.screen.query_one(OptionList).option_count == 1)
        await chat.press("enter")
    else:
        await chat.press("enter")
        await chat.opened(ValueScreen)
        await chat.press("ctrl+u", *str(value), "enter")
    path_of_file = chat.screen.services.settings_store.path
    await chat.until(lambda: path_of_file.exists() and item.value(load_settings(path_of_file)[0]) == value)
    assert item.value(settings) == value
    if then is None:
        return
    await chat.press(then)
    await chat.until(lambda: chat.app.screen is chat.screen)


async def sent(chat: Chat, scripted: ScriptedServer, question: str = "hello") -> dict[str, Any]:
    """Ask, and what the request carried."""
    before = len(scripted.sent_to("/api/chat"))
    await chat.ask(question)
    await chat.until(lambda: len(scripted.sent_to("/api/chat")) > before)
    await chat.answered()
    carried: dict[str, Any] = scripted.sent_to("/api/chat")[before].json
    return carried


async def options_sent(
    scripted: ScriptedServer, path: str, value: Value
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Options of a request before the change and of one after it, to a model whose Modelfile sets none."""
    scripted.add("bare:1b", parameter_lines="")
    async with running(scripted, model="bare:1b") as chat:
        before = await sent(chat, scripted)
        await change(chat, path, value)
        after = await sent(chat, scripted)
    return before["options"], after["options"]


# Interface


@of("interface.language")
async def _(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with running(scripted, size=(160, 40)) as chat:
        await sent(chat, scripted)
        await chat.sees("MODELS", "MACHINE", "Thought")
        await change(chat, "interface.language", "zh_CN")
        await chat.sees("模型", "本机", "思考", "想问什么都可以")
        for english in ("MODELS", "MACHINE", "Thought", "Ask anything"):
            assert english not in chat.text


@of("interface.theme")
async def _(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with running(scripted) as chat:
        dark = drawn_background(chat)
        await change(chat, "interface.theme", "r1-light")
        await chat.until(lambda: drawn_background(chat) != dark)
        themes, _ = chat.screen.services.themes()
        assert drawn_background(chat) == Color.parse(themes["r1-light"].colors["background"].lower())


def drawn_background(chat: Chat) -> Color | None:
    """The colour behind the transcript, as it is drawn."""
    y = chat.screen.transcript.region.y
    line = list(chat.app.screen._compositor.render_strips())[y]
    last = next(iter(reversed(list(line))))
    return last.style.bgcolor if last.style else None


@of("interface.glyphs")
async def _(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with running(scripted, size=(160, 40)) as chat:
        await sent(chat, scripted)
        await chat.sees("▸ ", "─", "› ")
        await change(chat, "interface.glyphs", "ascii")
        await chat.sees("> ")
        await chat.until(lambda: chat.text.isascii())
        await change(chat, "interface.glyphs", "unicode")
        await chat.sees("▸ ", "─", "› ")


@of("interface.wide_ambiguous")
async def _(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with running(scripted) as chat:
        await sent(chat, scripted, "±" * 60)
        chat.screen.prompt.load_text("±" * 60)
        await chat.until(lambda: rows_of(chat, "±") == [60, 60])
        await change(chat, "interface.wide_ambiguous", True)
        await chat.until(lambda: len(rows_of(chat, "±")) == 4)
        assert sum(rows_of(chat, "±")) == 120, "none is lost"
        assert max(rows_of(chat, "±")) <= 40, "each takes two of the 80 cells"
        await change(chat, "interface.wide_ambiguous", False)
        await chat.until(lambda: rows_of(chat, "±") == [60, 60])


def rows_of(chat: Chat, sign: str) -> list[int]:
    """How many of a sign each row has that has any, the title's aside."""
    return [line.count(sign) for line in chat.text.splitlines()[1:] if sign in line]


@of("interface.reasoning")
async def _(scripted: ScriptedServer, tmp_path: Path) -> None:
    scripted.answers.append(answer("Four.", f"{THOUGHT}, that is simple."))
    async with running(scripted) as chat:
        await sent(chat, scripted)
        await chat.sees("Four.")
        assert THOUGHT not in chat.text
        await change(chat, "interface.reasoning", "open")
        await chat.sees(THOUGHT)
        await change(chat, "interface.reasoning", "folded")
        await chat.until(lambda: THOUGHT not in chat.text)


@of("interface.reasoning_told")
async def _(scripted: ScriptedServer, tmp_path: Path) -> None:
    gate = Gate()
    settings = Settings(interface=InterfaceSettings(reasoning="folded"))
    thinking: list[Step] = [
        Think("First I add the two numbers. Then"),
        gate,
        Think(" I am done."),
        Say("Four."),
    ]
    scripted.answers.append(Answer(thinking))
    async with running(scripted, settings=settings) as chat:
        await chat.ask("how much?")
        await chat.sees("First I add the two numbers.")
        await change(chat, "interface.reasoning_told", False)
        chat.screen.transcript.tick()
        await chat.until(lambda: "First I add" not in chat.text)
        await chat.sees("Thinking")
        await change(chat, "interface.reasoning_told", True)
        chat.screen.transcript.tick()
        await chat.sees("First I add the two numbers.")
        gate.opened.set()
        await chat.answered()
        await chat.until(lambda: "First I add" not in chat.text)


@of("interface.low_bandwidth")
async def _(scripted: ScriptedServer, tmp_path: Path) -> None:
    scripted.answers.append(answer("word " * 80, rate=50))
    async with running(scripted, size=(120, 30)) as chat:
        assert t("status.low_bandwidth") not in chat.text
        await change(chat, "interface.low_bandwidth", "on")
        await chat.sees(t("status.low_bandwidth"))
        drawn = list[float]()
        transcript = chat.screen.transcript
        update = transcript.update

        def counted(message: Message) -> bool:
            drawn.append(time.monotonic())
            return update(message)

        transcript.update = counted  # type: ignore[method-assign]
        await sent(chat, scripted)
        streamed = [later - earlier for earlier, later in pairwise(drawn)][:-1]
        assert streamed, "it was drawn while it streamed"
        assert min(streamed) > SLOW_FRAME * 0.8
        await change(chat, "interface.low_bandwidth", "off")
        await chat.until(lambda: t("status.low_bandwidth") not in chat.text)


@of("interface.cursor_blink")
async def _(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with running(scripted) as chat:
        await change(chat, "interface.cursor_blink", True)
        seen = set[str]()

        def looked_at() -> int:
            y = chat.screen.prompt.region.y
            line = list(chat.app.screen._compositor.render_strips())[y]
            seen.add(repr([(segment.text, segment.style) for segment in line]))
            return len(seen)

        await chat.until(lambda: looked_at() == 2)
        await change(chat, "interface.cursor_blink", False)
        assert not chat.screen.prompt.cursor_blink


# Chat


@of("chat.model")
async def _(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with running(scripted) as chat:
        assert chat.screen.server.selected == "deepseek-r1:1.5b"
        await change(chat, "chat.model", "plain:latest")
        await chat.sees("plain:latest")
        assert (await sent(chat, scripted))["model"] == "plain:latest"
        await change(chat, "chat.model", "deepseek-r1:1.5b")
        assert (await sent(chat, scripted))["model"] == "plain:latest", "a conversation keeps its model"
        await chat.press("ctrl+n")
        await change(chat, "chat.model", "nobody:1b")
        await chat.until(lambda: any("nobody:1b" in notice for notice in chat.notices))


@of("chat.think")
async def _(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with running(scripted) as chat:
        await change(chat, "chat.think", "off")
        await chat.sees("thinking off")
        assert (await sent(chat, scripted))["think"] is False
        await change(chat, "chat.think", "on")
        assert (await sent(chat, scripted))["think"] is False, "a conversation keeps its own"
        await chat.press("ctrl+n")
        assert (await sent(chat, scripted))["think"] is True


@of("chat.reasoning_language")
async def _(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with running(scripted) as chat:
        before = (await sent(chat, scripted))["messages"][-1]["content"]
        await change(chat, "chat.reasoning_language", "chinese")
        after = (await sent(chat, scripted))["messages"][-1]["content"]
        assert "请用中文思考" not in before
        assert after.endswith("请用中文思考。")


@of("chat.temperature")
async def _(scripted: ScriptedServer, tmp_path: Path) -> None:
    before, after = await options_sent(scripted, "chat.temperature", 0.9)
    assert (before["temperature"], after["temperature"]) == (0.6, 0.9)


@of("chat.top_p")
async def _(scripted: ScriptedServer, tmp_path: Path) -> None:
    before, after = await options_sent(scripted, "chat.top_p", 0.5)
    assert (before["top_p"], after["top_p"]) == (0.95, 0.5)


@of("chat.num_ctx")
async def _(scripted: ScriptedServer, tmp_path: Path) -> None:
    before, after = await options_sent(scripted, "chat.num_ctx", 3072)
    assert before["num_ctx"] != 3072
    assert after["num_ctx"] == 3072


@of("chat.keep_alive")
async def _(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with running(scripted) as chat:
        assert "keep_alive" not in await sent(chat, scripted)
        await change(chat, "chat.keep_alive", "7m")
        assert (await sent(chat, scripted))["keep_alive"] == "7m"


@of("chat.preload")
async def _(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with running(scripted) as chat:
        await change(chat, "chat.preload", True)
        assert not scripted.sent_to("/api/generate")
        await chat.press("ctrl+o", "down", "enter")
        await chat.until(lambda: scripted.sent_to("/api/generate"))
        assert scripted.sent_to("/api/generate")[0].json["model"] == "plain:latest"


@of("chat.reasoning_budget_seconds")
async def _(scripted: ScriptedServer, tmp_path: Path) -> None:
    await budget_ends_reasoning(scripted, "chat.reasoning_budget_seconds", 1)


@of("chat.reasoning_budget_tokens")
async def _(scripted: ScriptedServer, tmp_path: Path) -> None:
    await budget_ends_reasoning(scripted, "chat.reasoning_budget_tokens", 5)


async def budget_ends_reasoning(scripted: ScriptedServer, path: str, value: int) -> None:
    """A reasoning that would last minutes is ended, and the answer asked for in a second request."""
    scripted.answers += [answer("Too late.", ENDLESS, rate=50), answer("Four.")]
    async with running(scripted) as chat:
        await change(chat, path, value)
        await chat.ask("2 plus 2?")
        await chat.answered()
        await chat.sees("Four.")
        assert len(scripted.sent_to("/api/chat")) == 2


@of("chat.at_edge")
async def _(scripted: ScriptedServer, tmp_path: Path) -> None:
    scripted.answers.append(answer("Too late.", ENDLESS, rate=200))
    async with running(scripted, settings=Settings(chat=ChatSettings(num_ctx=512))) as chat:
        await change(chat, "chat.at_edge", "ask")
        await chat.ask("2 plus 2?")
        await chat.until(lambda: any("filled the context" in notice for notice in chat.notices))
        assert len(scripted.sent_to("/api/chat")) == 1, "nobody has ended it"
        await chat.press("escape")
        await chat.answered()


@of("chat.answer_reserve")
async def _(scripted: ScriptedServer, tmp_path: Path) -> None:
    scripted.answers += [answer("Too late.", ENDLESS, rate=400), answer("Four.")] * 2
    async with running(scripted, settings=Settings(chat=ChatSettings(num_ctx=1024))) as chat:
        tokens = list[int]()
        for reserve in (0, 500):
            if reserve:
                await chat.press("ctrl+n")
                await change(chat, "chat.answer_reserve", reserve)
            await chat.ask("2 plus 2?")
            await chat.answered()
            await chat.sees("Four.")
            last = chat.screen.session.last_answer
            assert last is not None
            tokens.append(last.reasoning_tokens or 0)
    assert 0 < tokens[1] < tokens[0] - 200, "the reasoning is ended as much earlier as more is kept"


@of("chat.attachment_limit")
async def _(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with running(scripted) as chat:
        session = chat.screen.session
        assert session.draft.attach(Attachment("notes.md", "word " * 1000))
        await change(chat, "chat.attachment_limit", 0)
        assert not session.draft.attach(Attachment("more.md", "word"))
        assert len(session.draft.attachments) == 1
        await chat.until(lambda: any("0 MiB" in notice for notice in chat.notices))


@of("chat.attach_pastes")
async def _(scripted: ScriptedServer, tmp_path: Path) -> None:
    text = "a line\n" * 9
    async with running(scripted) as chat:
        session = chat.screen.session
        chat.app.post_message(Paste(text))
        await chat.until(lambda: [each.text for each in session.draft.attachments] == [text])
        assert not chat.screen.prompt.text
        await change(chat, "chat.attach_pastes", False)
        chat.app.post_message(Paste(text))
        await chat.until(lambda: chat.screen.prompt.text == text)
        assert len(session.draft.attachments) == 1


@of("chat.shell")
async def _(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with running(scripted) as chat:
        await chat.press("!", "l", "s")
        await chat.sees("$ !ls", "run in the shell")
        await chat.press("ctrl+u")
        await change(chat, "chat.shell", False)
        await chat.press("!", "l", "s")
        await chat.sees("› !ls")
        assert not chat.screen.prompt.is_command


@of("chat.shell_seconds")
async def _(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with running(scripted) as chat:
        await change(chat, "chat.shell_seconds", 1)
        await chat.press("!", *"sleep 600", "enter")
        await chat.sees("Ended after 1 second")


# Server


@of("server.host")
async def _(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with ScriptedServer() as other:
        other.add("elsewhere:7b")
        async with running(scripted) as chat:
            await change(chat, "server.host", other.url)
            await chat.until(lambda: chat.screen.server.selected == "elsewhere:7b")
            assert (await sent(chat, other))["model"] == "elsewhere:7b"
            assert not scripted.sent_to("/api/chat")


@of("server.on_exit")
async def _(scripted: ScriptedServer, tmp_path: Path) -> None:
    program = tmp_path / "ollama"
    program.write_text(FAKE.format(python=sys.executable))
    program.chmod(0o755)
    settings = Settings(server=ServerSettings(on_exit="keep"))
    async with running(scripted, settings=settings) as chat:
        own = await chat.screen.services.processes.start(program, free_port())
        try:
            await change(chat, "server.on_exit", "stop")
            assert psutil.pid_exists(own.pid)
            await chat.app.background_answers.close()
            assert not psutil.pid_exists(own.pid)
        finally:
            await OllamaProcess().stop()


OWN = """#!/bin/sh
export PYTHONPATH="{root}"
exec "{python}" -m tests.support.scripted --port "${{OLLAMA_HOST##*:}}" --rate 0 --answer 20 --reasoning 5
"""
"""A program that stands for Ollama where R1TUI starts it."""


@asynccontextmanager
async def on_our_own_server(folder: Path) -> AsyncIterator[Chat]:
    """The app on a server that R1TUI has started."""
    program = folder / "ollama"
    program.write_text(OWN.format(root=Path(__file__).parents[2], python=sys.executable))
    program.chmod(0o755)
    try:
        own = await OllamaProcess().start(program, free_port())
        async with running(own.url) as chat:
            await chat.until(lambda: chat.screen.server.selected and not chat.screen.session.starting)
            yield chat
    finally:
        await OllamaProcess().stop()


@of("server.kv_cache")
async def _(scripted: ScriptedServer, tmp_path: Path) -> None:
    async with on_our_own_server(tmp_path) as chat:
        before = await chat.screen.server.own()
        assert before is not None
        await change(chat, "server.kv_cache", "q8_0", then=None)
        await chat.opened(ChoiceScreen)
        await chat.sees("Start it anew now?")
        await chat.press("down", "enter")
        await chat.until(lambda: any("keeps contexts in q8_0" in notice for notice in chat.notices))
        await chat.press("escape")
        after = await chat.screen.server.own()
        assert after is not None
        assert (after.kv_cache, after.port) == ("q8_0", before.port)
        assert after.pid != before.pid
        profile = chat.screen.machine.profile
        assert profile is not None
        assert profile.kv_cache == "q8_0", "sizes are counted with it from now on"
        await chat.ask("hello")
        await chat.answered()
    async with running(scripted) as chat:
        await change(chat, "server.kv_cache", "q8_0")
        await chat.until(lambda: any("OLLAMA_KV_CACHE_TYPE=q8_0" in notice for notice in chat.notices))


@of("server.models")
async def _(scripted: ScriptedServer, tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    manifest = old / "manifests" / "library" / "tiny"
    manifest.parent.mkdir(parents=True)
    manifest.write_text("{}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OLLAMA_MODELS", str(old))
        async with on_our_own_server(tmp_path) as chat:
            before = await chat.screen.server.own()
            await change(chat, "server.models", str(new), then=None)
            await chat.opened(ChoiceScreen)
            await chat.sees("Move the models there?")
            await chat.press("down", "enter")
            await chat.sees("Move 1 model (1 files, 0 kB)", "Both are on one disk")
            await chat.press("down", "enter")
            await chat.until(lambda: any("1 model is in" in notice for notice in chat.notices))
            await chat.press("escape")
            after = await chat.screen.server.own()
            assert before is not None
            assert after is not None
            assert after.pid != before.pid
            assert after.models_folder == new
            assert (new / "manifests" / "library" / "tiny").exists()
            assert not manifest.exists()
            profile = chat.screen.machine.profile
            assert profile is not None
            assert profile.disk is not None
            assert profile.disk.path == str(new), "the room is that of the new disk"
            await chat.ask("hello")
            await chat.answered()
    async with running(scripted) as chat:
        await change(chat, "server.models", str(new))
        await chat.until(lambda: any("set OLLAMA_MODELS=" in notice for notice in chat.notices))


@of("server.mirror")
async def _(scripted: ScriptedServer, tmp_path: Path) -> None:
    scripted.pulls.append(pull())
    async with running(scripted) as chat:
        await change(chat, "server.mirror", "mirror.example/library")
        await chat.press("ctrl+o", "a")
        await chat.sees("Which model?")
        await chat.press(*"tiny:1b", "enter")
        await chat.opened(ChoiceScreen)
        await chat.press("down", "enter")
        await chat.until(lambda: scripted.sent_to("/api/pull"))
        assert scripted.sent_to("/api/pull")[0].json["model"] == "mirror.example/library/tiny:1b"


# Notify


async def told_at_the_end(scripted: ScriptedServer, path: str, value: Value) -> tuple[str, str]:
    """What the terminal is sent when an answer of some seconds ends and nobody looks, before the change and after."""
    heard: list[str] = []
    settings = Settings(notify=NotifySettings(after=1))
    async with running(scripted, settings=settings) as chat:
        chat.app.attention._write = heard.append

        async def told() -> str:
            heard.clear()
            scripted.answers.append(answer("one two three four five six", rate=4))
            await chat.ask("hello")
            chat.app.post_message(AppBlur())
            await chat.answered()
            await chat.until(lambda: not chat.app.background_answers.generations.active)
            return "".join(heard)

        before = await told()
        await change(chat, path, value)
        return before, await told()


@of("notify.after")
async def _(scripted: ScriptedServer, tmp_path: Path) -> None:
    before, after = await told_at_the_end(scripted, "notify.after", 3000)
    assert "\a" in before
    assert "\a" not in after


@of("notify.how")
async def _(scripted: ScriptedServer, tmp_path: Path) -> None:
    before, after = await told_at_the_end(scripted, "notify.how", "osc9")
    assert "\x1b]9;" not in before
    assert "\x1b]9;" in after


@of("notify.title")
async def _(scripted: ScriptedServer, tmp_path: Path) -> None:
    before, after = await told_at_the_end(scripted, "notify.title", False)
    assert "\x1b]2;" in before
    assert "\x1b]2;" not in after


@of("notify.command")
async def _(scripted: ScriptedServer, tmp_path: Path) -> None:
    file = tmp_path / "told"
    script = tmp_path / "tell"
    script.write_text(f'#!/bin/sh\nprintf %s "$1" > {file}\n')
    script.chmod(0o755)
    await told_at_the_end(scripted, "notify.command", str(script))
    deadline = time.monotonic() + patience.SECONDS
    while not file.exists() or not file.read_text():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
    assert file.read_text().startswith("The answer is there")
