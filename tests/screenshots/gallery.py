"""Draws every screen and dialogue, at two sizes and in both languages, from an app without a server or a machine of its own.

$(python3 tests/support/bootstrap.py) -m tests.screenshots.gallery            # SVG in every theme: tests/screenshots/gallery/
$(python3 tests/support/bootstrap.py) -m tests.screenshots.gallery --text     # the texts that tests/ui/test_gallery.py compares
$(python3 tests/support/bootstrap.py) -m tests.screenshots.gallery --theme ink chat palette     # some of it

A screen that the walk over the packages finds and no scene shows fails the test. A scene is added with `@scene(Class)`.
"""

from __future__ import annotations

import argparse
import asyncio
import errno
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from rich.color import ColorSystem
from textual.pilot import Pilot
from textual.screen import Screen

from r1tui import locale
from r1tui.app import R1App
from r1tui.chat.cutting import Cut, Way
from r1tui.chat.machine import Machine
from r1tui.chat.vote import VoteCost
from r1tui.domain.attachment import Attachment
from r1tui.domain.chat import ThinkMode
from r1tui.domain.conversation import Conversation
from r1tui.domain.hardware import GIB, Disk, Gpu, HardwareProfile, Memory, Processor
from r1tui.domain.message import AnswerStats, Message, Role
from r1tui.domain.model import Model, PullProgress, RunningModel
from r1tui.domain.phrase import phrase
from r1tui.domain.settings import Settings
from r1tui.domain.settings_schema import setting
from r1tui.domain.stream import Alternatives
from r1tui.domain.token_cuts import Piece
from r1tui.guide import topics
from r1tui.screens.chat.edit_question import EditQuestionScreen
from r1tui.screens.chat.screen import ChatScreen
from r1tui.screens.dialogs.confirm import ChoiceScreen
from r1tui.screens.dialogs.figures import FiguresScreen
from r1tui.screens.dialogs.importing import ImportScreen
from r1tui.screens.dialogs.notices import NoticesScreen
from r1tui.screens.dialogs.pick import LineScreen, PickScreen
from r1tui.screens.dialogs.pick_file import PickFileScreen
from r1tui.screens.dialogs.shell import ShellScreen
from r1tui.screens.dialogs.summing_up import SummingUpScreen
from r1tui.screens.dialogs.text_editor import TextScreen
from r1tui.screens.dialogs.text_view import TextViewScreen
from r1tui.screens.dialogs.too_small import TooSmallScreen
from r1tui.screens.dialogs.vote import VoteScreen
from r1tui.screens.guide import live
from r1tui.screens.guide.answering import Way as ThinkWay
from r1tui.screens.guide.next_token import NextTokenScreen
from r1tui.screens.guide.places import Places
from r1tui.screens.guide.places import lines as place_lines
from r1tui.screens.guide.screen import GuideScreen
from r1tui.screens.guide.think import ThinkScreen
from r1tui.screens.guide.tokens import TokensScreen
from r1tui.screens.guide.voting import VotingScreen
from r1tui.screens.help import HelpScreen
from r1tui.screens.history import HistoryScreen
from r1tui.screens.models.create import ModelCreateScreen
from r1tui.screens.models.gguf_import import ModelImportScreen
from r1tui.screens.models.menu import ModelMenuScreen
from r1tui.screens.models.pull_name import PullNameScreen
from r1tui.screens.models.upload import TransferScreen
from r1tui.screens.models.words import details_text
from r1tui.screens.palette import Palette
from r1tui.screens.settings.keys import KeyPressScreen, KeysScreen
from r1tui.screens.settings.listing import Rows
from r1tui.screens.settings.screen import SettingsScreen, ValueScreen
from r1tui.screens.setup.screen import SetupScreen
from r1tui.services.container import Services
from r1tui.services.models.pulls import PullQueue
from r1tui.services.server.install import Installer
from r1tui.services.server.process import OllamaProcess
from r1tui.services.shell import ShellLine
from r1tui.services.small_file import why
from r1tui.toolkit import glyphs
from r1tui.toolkit.notices import NoticeBoard, Notices
from r1tui.widgets.explain import TryLive
from tests.screenshots.svg import picture
from tests.support.hostile_stage import not_kept, shown_classes
from tests.ui.model_fakes import FakeEngine

HERE = Path(__file__).parent
PICTURES = HERE / "gallery"
TEXTS = HERE.parent / "ui" / "gallery"
"""One file a language and size."""
SIZES = ((80, 24), (140, 40))
LANGUAGES = ("en", "zh_CN")
NOW = 1_795_600_000.0
"""The moment at which the gallery stands still: 2026-11-25 09:06:40 UTC."""
HOME = "/home/user/r1tui"
"""Stands for the folder of settings and conversations, as long as that one's name."""
_OF_A_TERMINAL = ("SSH_", "TMUX", "LC_", "NO_COLOR", "COLORTERM", "TERM_", "OLLAMA_")
"""Names in the environment that begin so tell of a terminal or a server."""

SOLUTION = """Both trains close the gap together, so **add their speeds**:

1. 90 km/h + 60 km/h = 150 km/h
2. 300 km ÷ 150 km/h = 2 h

| train | speed | way until they meet |
|---|---:|---:|
| A | 90 km/h | 180 km |
| B | 60 km/h | 120 km |

> They meet at *eleven*, which is two hours after both have left, 180 km from the station that the first one came from.

```python
def meet(distance: float, first: float, second: float) -> float:
    \"\"\"Hours until two trains meet that drive towards each other, from a distance in km and speeds in km/h.\"\"\"
    return distance / (first + second)
```

So $t = \\frac{300}{150} = 2$ hours."""
REASONING = (
    "The distance is 300 km. Train A does 90 km/h and train B 60 km/h, and they drive towards each other.\n\n"
    "Wait, do they leave at the same time? Yes, both at nine. So the speeds add up to 150 km/h.\n\n"
    "300 / 150 = 2. They meet at eleven."
)
PASTE = "Why does this fail?\n" + "\n".join(
    f"line {n:02}  INFO  worker {n % 4} took job {n * 7}" for n in range(1, 21)
)


@dataclass(frozen=True, slots=True)
class Scene:
    """A screen in one state."""

    name: str
    kind: type[Screen[Any]]
    show: Callable[[Stage], Awaitable[None]]


SCENES: dict[str, Scene] = {}
"""By name, in the order in which they are shown."""


def scene(kind: type[Screen[Any]], name: str) -> Callable[[Callable[[Stage], Awaitable[None]]], None]:
    """The way to show a screen in one state."""

    def keep(show: Callable[[Stage], Awaitable[None]]) -> None:
        SCENES[name] = Scene(name, kind, show)

    return keep


UNCOMPARED = {"setup"}
"""Scenes that tell of the machine that they are drawn on; they are only drawn."""


def compared() -> list[str]:
    """Scenes whose texts are compared, in their order."""
    return [name for name in SCENES if name not in UNCOMPARED]


def unseen() -> list[str]:
    """Screens that no scene shows."""
    shown = {each.kind for each in SCENES.values()}
    # Where the other has no room; it goes by itself at any size of the gallery.
    shown.add(TooSmallScreen)
    return [each.__qualname__ for each in shown_classes() if issubclass(each, Screen) and each not in shown]


class Stage:
    """The app, opened on a conversation, and what the scenes do with it."""

    def __init__(self, app: R1App, pilot: Pilot[Any], engine: FakeEngine, folder: Path) -> None:
        self.app = app
        self.pilot = pilot
        self.engine = engine
        self.folder = folder
        self.conversation = ""
        """Id of the conversation that is shown."""

    @property
    def chat(self) -> ChatScreen:
        """The chat, whatever lies over it."""
        chat = self.app.screen_stack[0]
        assert isinstance(chat, ChatScreen)
        return chat

    @property
    def text(self) -> str:
        """What a person sees, our folder under a name that does not change."""
        strips = self.app.screen._compositor.render_strips()
        lines = "\n".join(strip.text.rstrip() for strip in strips)
        return lines.replace(str(self.folder), HOME)

    async def until(self, true: Callable[[], object], seconds: float = 30) -> None:
        """Wait until something holds; says what the screen shows when it never does."""
        try:
            async with asyncio.timeout(seconds):
                while not true():
                    await self.pilot.pause(0.01)
        except TimeoutError:
            raise AssertionError(f"never came true; the screen:\n{self.text}") from None

    async def becomes(self, text: str, seconds: float) -> bool:
        """Whether this is what a person sees before so much time has passed."""
        try:
            await self.until(lambda: self.text == text, seconds)
        except AssertionError:
            return False
        return True

    async def put(self, screen: Screen[Any]) -> None:
        """Show a screen over the chat."""
        await self.app.push_screen(screen)
        await self.pilot.pause()

    async def clear(self) -> None:
        """Back to the conversation, as it was in the beginning."""
        while len(self.app.screen_stack) > 1:
            self.app.pop_screen()
        chat = self.chat
        for side in (chat.sidebar, chat.panel):
            side.remove_class("-open", "-hidden")
        chat.remove_class("-over")
        chat.sidebar.set_class(chat._wide, "-hidden")
        chat.panel.set_class(chat._wide, "-hidden")
        chat.set_focus(chat.prompt)
        self.app.clear_notifications()
        if chat.session.conversation.id != self.conversation:
            await chat.session.open(self.conversation)
        chat.prompt.set_draft("")
        chat.transcript.end_find()
        chat.transcript.reasoning_policy = "folded"
        chat.transcript.show_end()
        await self.pilot.pause()


def _models() -> list[Model]:
    return [
        Model("deepseek-r1:8b", 5_200_000_000, "Q4_K_M", "8.2B", "qwen3", "a1", thinks=True, context_length=131072),
        Model("deepseek-r1:1.5b", 1_100_000_000, "Q4_K_M", "1.8B", "qwen2", "a2", thinks=True, context_length=131072),
        Model("llama3.2:latest", 2_000_000_000, "Q4_K_M", "3.2B", "llama", "a3", thinks=False, context_length=131072),
    ]  # fmt: skip


def _machine() -> HardwareProfile:
    return HardwareProfile(
        Memory(32 * GIB, 20 * GIB),
        swap_free=8 * GIB,
        cpu=Processor("AMD Ryzen 7 7700", 8, 60e9),
        gpus=(Gpu("nvidia", "NVIDIA GeForce RTX 4070", 12 * GIB, 11 * GIB, 504e9),),
        disk=Disk("/models", 210_000_000_000),
        stated=True,
    )


def _talk() -> Conversation:
    """A question with a solution, a long paste with a short answer, and one that was stopped."""
    talk = Conversation("0" * 32, title="Two trains", created=NOW - 600, model="deepseek-r1:8b")
    stats = AnswerStats(
        prompt_tokens=120, answer_tokens=310, load_seconds=1.5, prompt_seconds=0.4, eval_seconds=10.0,
        first_token_seconds=2.0,
    )  # fmt: skip
    for message in (
        Message(Role.USER, PASTE, id="1" * 32),
        Message(Role.ASSISTANT, "It does not: all lines are `INFO`.", id="2" * 32, model="deepseek-r1:8b"),
        Message(Role.USER, "Two trains, 300 km apart, drive towards each other at 90 and 60 km/h. When do they meet?"),
        Message(
            Role.ASSISTANT, SOLUTION, REASONING, model="deepseek-r1:8b", reasoning_seconds=8.0,
            reasoning_tokens=240, answer_tokens=310, stats=stats,
        ),
    ):  # fmt: skip
        message.created = NOW - 500
        talk.add(message)
    return talk


def _others() -> Iterator[Conversation]:
    for at, (title, days) in enumerate(
        (("Recipes for a week", 0), ("Why is the sky blue?", 1), ("唐诗里的月亮", 1), ("SQL: gaps and islands", 3),
         ("A letter to the landlord", 12))
    ):  # fmt: skip
        moment = NOW - 3600 * (at + 1) - 86400 * days
        talk = Conversation(
            f"{at:032x}".replace("0", "f", 1), title=title, created=moment, model="deepseek-r1:8b"
        )
        talk.add(Message(Role.USER, title, created=moment))
        talk.add(Message(Role.ASSISTANT, "Well.", created=moment, model="deepseek-r1:8b"))
        talk.updated = moment
        yield talk


@contextmanager
def _still() -> Iterator[Path]:
    """Nobody's settings and data, a clock that stands, no server and no machine of our own; the folder."""
    folder = Path(tempfile.mkdtemp(prefix="r1-", dir="/tmp"))
    assert len(str(folder)) == len(HOME)
    away = {
        "R1TUI_DATA_DIR": f"{folder}/data",
        "R1TUI_CONFIG_DIR": f"{folder}/config",
        "LANG": "C.UTF-8",
        "TERM": "xterm",
        "TZ": "UTC",
    }
    try:
        with (
            mock.patch.dict(os.environ, away | {"HOME": str(folder)}),
            mock.patch.object(time, "time", return_value=NOW),
        ):
            for name in [each for each in os.environ if each.startswith(_OF_A_TERMINAL)]:
                del os.environ[name]
            time.tzset()
            glyphs.use(glyphs.UNICODE)
            yield folder
    finally:
        time.tzset()
        locale.use("en")
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def stage(language: str, size: tuple[int, int]) -> AsyncIterator[Stage]:
    """The app on its conversation."""
    locale.use(language)
    with _still() as folder:
        settings = Settings()
        settings.interface.language = language
        services = Services.build(settings, [], "http://127.0.0.1:11434", None)
        engine = FakeEngine(*_models())
        engine.loaded = [RunningModel("deepseek-r1:8b", 6_200_000_000, 6_200_000_000, 8192, NOW + 300)]

        async def connect() -> FakeEngine:
            services.engine = engine
            services.pulls = services.pulls or PullQueue(engine, folder / "pulls.json")
            return engine

        async def profiles(_: Machine, *, guess: bool) -> AsyncIterator[HardwareProfile]:
            yield _machine()

        async def nobody(*_: object) -> None:
            return None

        services.connect = connect  # type: ignore[method-assign]
        services.processes.of = nobody  # type: ignore[method-assign,assignment]
        store = await services.opened_store()
        for each in (*_others(), talk := _talk()):
            await store.add_conversation(each)
        app = R1App(services)
        app.notices = NoticeBoard(app, now=lambda: 0.0)
        app.console._color_system = ColorSystem.TRUECOLOR  # no terminal says so here
        with mock.patch.object(Machine, "profiles", profiles):
            async with app.run_test(size=size) as pilot:
                play = Stage(app, pilot, engine, folder)
                chat = play.chat
                await play.until(lambda: chat.server.selected and not chat.session.starting)
                await play.until(chat.machine.known.is_set)
                await play.until(lambda: chat.server.running)
                await chat.session.open(talk.id)
                play.conversation = talk.id
                yield play
        await app.background_answers.close()


# Scenes


@scene(ChatScreen, "chat-empty")
async def _(play: Stage) -> None:
    await play.chat.session.start_new()


@scene(ChatScreen, "chat")
async def _(play: Stage) -> None:
    play.chat.transcript.show_end()


@scene(ChatScreen, "chat-reasoning")
async def _(play: Stage) -> None:
    play.chat.transcript.reasoning_policy = "open"
    play.chat.transcript.go_to("1" * 32)


@scene(ChatScreen, "chat-notices")
async def _(play: Stage) -> None:
    play.chat.tell(phrase("models.stopped", name="deepseek-r1:8b"))
    play.chat.tell(phrase("chat.nothing_to_export"), "warning")


@scene(ChatScreen, "chat-notices-long")
async def _(play: Stage) -> None:
    play.chat.tell(
        phrase(
            "chat.save_failed", path="/home/user/two-trains.md", detail=why(PermissionError(errno.EACCES, ""))
        ),
        "error",
    )


@scene(NoticesScreen, "notices")
async def _(play: Stage) -> None:
    said = Notices(lambda: 0.0, lambda: NOW)
    for words, severity in (
        (phrase("models.stopped", name="deepseek-r1:8b"), "information"),
        (phrase("chat.nothing_to_export"), "warning"),
        (phrase("chat.nothing_to_export"), "warning"),
        (
            phrase(
                "chat.save_failed",
                path="/home/user/two-trains.md",
                detail=why(PermissionError(errno.EACCES, "")),
            ),
            "error",
        ),
    ):
        said.tell(locale.say(words), severity)  # type: ignore[arg-type]
    await play.put(NoticesScreen(said.said))


@scene(ChatScreen, "chat-find")
async def _(play: Stage) -> None:
    play.chat.transcript.find("train")


@scene(ChatScreen, "chat-models")
async def _(play: Stage) -> None:
    play.chat.toggle_side(play.chat.sidebar)


@scene(ChatScreen, "chat-machine")
async def _(play: Stage) -> None:
    play.chat.toggle_side(play.chat.panel)


@scene(Palette, "palette")
async def _(play: Stage) -> None:
    play.app.action_command_palette()
    await play.until(lambda: isinstance(play.app.screen, Palette) and play.app.screen.is_mounted)


@scene(Palette, "palette-search")
async def _(play: Stage) -> None:
    await SCENES["palette"].show(play)
    await _look_for(play, "mode")


@scene(Palette, "palette-nothing")
async def _(play: Stage) -> None:
    await SCENES["palette"].show(play)
    await _look_for(play, "zzz")


async def _look_for(play: Stage, name: str) -> None:
    await play.pilot.press(*name)
    palette = play.app.screen
    assert isinstance(palette, Palette)
    await play.until(lambda: palette.searched_for == name)


@scene(ModelMenuScreen, "model-menu")
async def _(play: Stage) -> None:
    play.app.run_worker(play.chat.dialogues.model_menu())
    await play.until(lambda: isinstance(play.app.screen, ModelMenuScreen))


@scene(HistoryScreen, "history")
async def _(play: Stage) -> None:
    await play.put(HistoryScreen(await play.app.services.opened_store()))


@scene(HistoryScreen, "history-search")
async def _(play: Stage) -> None:
    await play.put(HistoryScreen(await play.app.services.opened_store()))
    await play.pilot.press("slash", *"train")


@scene(ChoiceScreen, "choice")
async def _(play: Stage) -> None:
    play.app.run_worker(play.chat.dialogues.delete_message("2" * 32))
    await play.until(lambda: isinstance(play.app.screen, ChoiceScreen))


@scene(ChoiceScreen, "quit")
async def _(play: Stage) -> None:
    choices = [(each, phrase(f"app.quit_{each}")) for each in ("finish", "stop", "stay")]
    await play.put(ChoiceScreen(phrase("app.quit_question"), choices))


@scene(PickScreen, "pick-theme")
async def _(play: Stage) -> None:
    play.app.run_worker(play.chat.dialogues.theme())
    await play.until(lambda: isinstance(play.app.screen, PickScreen))


@scene(PickScreen, "pick-thinking")
async def _(play: Stage) -> None:
    play.app.run_worker(play.chat.dialogues.thinking())
    await play.until(lambda: isinstance(play.app.screen, PickScreen))


@scene(PickScreen, "pick-parameters")
async def _(play: Stage) -> None:
    play.app.run_worker(play.chat.dialogues.parameters())
    await play.until(lambda: isinstance(play.app.screen, PickScreen))


@scene(PickScreen, "pick-context")
async def _(play: Stage) -> None:
    play.app.run_worker(play.chat.dialogues.context())
    await play.until(lambda: isinstance(play.app.screen, PickScreen))


@scene(PickScreen, "pick-host")
async def _(play: Stage) -> None:
    play.app.run_worker(play.chat.dialogues.switch_host())
    await play.until(lambda: isinstance(play.app.screen, PickScreen))


@scene(PickScreen, "pick-prompt")
async def _(play: Stage) -> None:
    play.app.run_worker(play.chat.dialogues.prompt_search())
    await play.until(lambda: isinstance(play.app.screen, PickScreen))


@scene(PickFileScreen, "pick-file")
async def _(play: Stage) -> None:
    folder = play.folder / "work"
    folder.mkdir(exist_ok=True)
    for name in ("notes.md", "plan.txt", "trains.csv"):
        (folder / name).touch()
    await play.put(PickFileScreen(folder))


@scene(LineScreen, "line")
async def _(play: Stage) -> None:
    play.app.run_worker(play.chat.dialogues.rename())
    await play.until(lambda: isinstance(play.app.screen, LineScreen))


@scene(TextScreen, "text-editor")
async def _(play: Stage) -> None:
    play.app.run_worker(play.chat.dialogues.system_text())
    await play.until(lambda: isinstance(play.app.screen, TextScreen))


@scene(EditQuestionScreen, "edit-question")
async def _(play: Stage) -> None:
    files = (Attachment("notes.md", "Trains leave on the hour.\n", size=26),)
    question = "When will the two trains meet?"
    edit = EditQuestionScreen(question, question, files, lambda *_: None, private=False, keep=not_kept)
    await play.put(edit)


@scene(TextViewScreen, "model-show")
async def _(play: Stage) -> None:
    details = await play.engine.details("deepseek-r1:8b")
    await play.put(
        TextViewScreen(phrase("models.show", name="deepseek-r1:8b"), details_text(details), labelled=True)
    )


@scene(TextViewScreen, "live-places")
async def _(play: Stage) -> None:
    home = Path("/home/user")
    found = Places(
        home / ".local/share/r1tui", 4_200_000, 12, home / ".config/r1tui", 2_100, 2, 6_342_698_815,
        home / ".ollama/models", "http://127.0.0.1:11434", "", ["127.0.0.1:11434"],
    )  # fmt: skip
    await play.put(
        TextViewScreen(phrase(live.NAMES[live.PLACES]), "\n".join(place_lines(found)), topic="server")
    )


async def _live(play: Stage, name: str) -> None:
    """A live part that is a text, as the app opens it."""
    play.app.post_message(TryLive(name))
    await play.until(lambda: isinstance(play.app.screen, TextViewScreen))


for _name in (live.STEPS, live.ANSWER, live.PARAMETERS, live.SCORES, live.MADE):
    scene(TextViewScreen, f"live-{_name.rpartition('_')[2]}")(partial(_live, name=_name))


@scene(TextViewScreen, "live-context")
async def _(play: Stage) -> None:
    await _live(play, live.CONTEXT)


@scene(FiguresScreen, "figures")
async def _(play: Stage) -> None:
    machine = play.chat.machine
    assert machine.profile is not None
    assert machine.recommendation is not None
    await play.put(FiguresScreen(machine.profile, machine.recommendation))


@scene(ImportScreen, "import")
async def _(play: Stage) -> None:
    screen = ImportScreen(await play.app.services.opened_store(), Path("/home/user/chats.json"))
    screen._import = asyncio.Event().wait  # type: ignore[method-assign,assignment]  # it goes on while it is looked at
    await play.put(screen)


@scene(SummingUpScreen, "summing-up")
async def _(play: Stage) -> None:
    async def write(tell: Callable[[int, str], object]) -> str:
        tell(0, "The conversation is about two trains that drive towards each other.")
        await asyncio.Event().wait()
        return ""

    await play.put(SummingUpScreen(phrase("chat.summary_of", title="Two trains"), 2, write))


@scene(ShellScreen, "shell")
async def _(play: Stage) -> None:
    await play.put(
        screen := ShellScreen(ShellLine("seq -f 'a line of output, number %g' 200 | tail -50", 60))
    )
    await play.until(lambda: screen._over)


@scene(VoteScreen, "vote")
async def _(play: Stage) -> None:
    async def cost(number: int) -> VoteCost:
        return VoteCost(number * 600, None)

    await play.put(VoteScreen("When do they meet?", cost))


@scene(NextTokenScreen, "live-next-token")
async def _(play: Stage) -> None:
    await play.put(screen := NextTokenScreen(play.chat.session))
    screen._told = Alternatives(" blue", -0.1, ((" blue", -0.1), (" clear", -2.6), (" grey", -4.0)))
    screen._draw()


@scene(TokensScreen, "live-tokens")
async def _(play: Stage) -> None:
    await play.put(screen := TokensScreen(play.chat.session))
    screen._show(
        0, "The weather", Cut((Piece("The"), Piece(" weather"), Piece(" is"), Piece(" fine")), Way.SERVER, 0)
    )


@scene(ThinkScreen, "live-think")
async def _(play: Stage) -> None:
    await play.put(screen := ThinkScreen(play.chat.session))
    for way in screen._ways:
        way.began, way.answer, way.reasoning = True, "They meet at eleven.", "300 / 150 = 2."
    screen._draw()


@scene(VotingScreen, "live-vote")
async def _(play: Stage) -> None:
    await play.put(screen := VotingScreen(play.chat.session))
    answers = ["408", "398", "408", "408"]
    screen._answers = [*answers]
    screen._ways = [
        ThinkWay(ThinkMode.AUTO, answer=each, said=12, thought=240, seconds=31.4) for each in answers
    ]
    screen._draw()


@scene(GuideScreen, "guide")
async def _(play: Stage) -> None:
    await play.put(GuideScreen(""))


@scene(GuideScreen, "guide-entry")
async def _(play: Stage) -> None:
    await play.put(GuideScreen(topics.FIGURES))


@scene(HelpScreen, "help")
async def _(play: Stage) -> None:
    await play.put(HelpScreen(play.chat.active_bindings))


@scene(ModelCreateScreen, "model-create")
async def _(play: Stage) -> None:
    from r1tui.domain.modelfile import editable

    await play.put(ModelCreateScreen(editable(await play.engine.details("deepseek-r1:8b"))))


@scene(ModelImportScreen, "model-import")
async def _(play: Stage) -> None:
    folder = play.folder / "models"
    folder.mkdir(exist_ok=True)
    (folder / "DeepSeek-R1-Distill-Qwen-7B-Q4_K_M.gguf").touch()
    await play.put(ModelImportScreen(folder))
    await play.until(lambda: "Q4_K_M" in play.text)


@scene(PullNameScreen, "model-add")
async def _(play: Stage) -> None:
    await play.put(PullNameScreen())


@scene(TransferScreen, "transfer")
async def _(play: Stage) -> None:
    async def steps() -> AsyncIterator[PullProgress]:
        progress = PullProgress("me/deepseek-r1:8b")
        progress.advance("sha256:aa", 1_300_000_000, 5_200_000_000)
        yield progress
        await asyncio.Event().wait()

    await play.put(TransferScreen(phrase("models.push.title", name="me/deepseek-r1:8b"), steps()))


@scene(SettingsScreen, "settings")
async def _(play: Stage) -> None:
    await play.put(SettingsScreen(play.app.services.settings_store))


@scene(SettingsScreen, "settings-search")
async def _(play: Stage) -> None:
    await play.put(screen := SettingsScreen(play.app.services.settings_store))
    await play.until(lambda: screen._sought)  # the search knows every language
    await play.pilot.press("slash", *"think")


@scene(KeysScreen, "keys")
async def _(play: Stage) -> None:
    await play.put(screen := KeysScreen(play.app.services.settings_store))
    await play.until(lambda: screen._sought)
    await play.pilot.press("slash", *"fold")  # few, which other commands do not change
    await play.until(lambda: screen.query_one(Rows).option_count < 15)
    await play.pilot.press("enter")
    await play.until(lambda: screen.focused is screen.query_one(Rows))


@scene(KeyPressScreen, "key-press")
async def _(play: Stage) -> None:
    await SCENES["keys"].show(play)
    await play.pilot.press("enter")
    await play.until(lambda: isinstance(play.app.screen, KeyPressScreen))
    await play.pilot.press("ctrl+c")


@scene(ValueScreen, "setting-value")
async def _(play: Stage) -> None:
    await play.put(ValueScreen(setting("chat.answer_reserve"), 0))


@scene(SetupScreen, "setup")
async def _(play: Stage) -> None:
    engine = FakeEngine()
    engine.up = False

    async def connect(host: str | None) -> Any:
        return engine

    async def judged() -> AsyncIterator[Any]:
        machine = play.chat.machine
        yield machine.profile, machine.recommendation

    async def copy(text: str) -> Any:
        return phrase("copy.done")

    await play.put(
        SetupScreen(
            connect=connect, process=OllamaProcess(), installer=Installer(), pulls=lambda: None,
            judgements=judged, copy=copy,
        )
    )  # fmt: skip


# The programs


def path_of(language: str, size: tuple[int, int]) -> Path:
    """The file of the texts of one language and size."""
    return TEXTS / f"{language}-{size[0]}x{size[1]}.txt"


_HEAD = "═══ "


def written(texts: dict[str, str]) -> str:
    """Scenes' texts as a file."""
    return "".join(f"{_HEAD}{name}\n{text}\n" for name, text in texts.items())


def read(path: Path) -> dict[str, str]:
    """The same back; nothing where there is no file."""
    if not path.exists():
        return {}
    parts = path.read_text(encoding="utf-8").split(_HEAD)[1:]
    return {name: text.removesuffix("\n") for name, _, text in (part.partition("\n") for part in parts)}


async def settled(play: Stage) -> str:
    """The text once nothing has changed for a while."""
    text, same = play.text, 0
    while same < 8:
        await play.pilot.pause(0.05)
        before, text = text, play.text
        same = same + 1 if text == before else 0
    return text


async def _play(language: str, size: tuple[int, int], names: list[str], themes: list[str]) -> dict[str, str]:
    """Show the scenes; the pictures of each in all `themes` where there are any. Returns the texts."""
    texts = {}
    async with stage(language, size) as play:
        for name in names:
            await play.clear()
            await SCENES[name].show(play)
            texts[name] = await settled(play)
            for theme in themes:
                play.app.theme = theme
                await play.pilot.pause()
                path = PICTURES / theme / f"{language}-{size[0]}x{size[1]}" / f"{name}.svg"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(picture(play.app, f"{name} {theme}"), encoding="utf-8")
    return texts


def main() -> None:
    """Make the pictures, or the texts."""
    known = sorted(path.stem for path in (HERE.parent.parent / "themes").glob("*.toml"))
    options = argparse.ArgumentParser()
    options.add_argument("--text", action="store_true", help="renew the texts that are compared")
    options.add_argument("--theme", action="append", choices=known)
    options.add_argument("--language", action="append", choices=LANGUAGES)
    options.add_argument("--size", type=int, choices=[width for width, _ in SIZES])
    options.add_argument("names", nargs="*", metavar="SCENE")
    given = options.parse_args()
    for language in given.language or LANGUAGES:
        for size in SIZES:
            if given.size in (None, size[0]):
                names = given.names or (compared() if given.text else list(SCENES))
                texts = asyncio.run(_play(language, size, names, [] if given.text else given.theme or known))
                if given.text:
                    path = path_of(language, size)
                    path.parent.mkdir(exist_ok=True)
                    kept = read(path) | texts
                    path.write_text(
                        written({each: kept[each] for each in compared() if each in kept}), encoding="utf-8"
                    )


if __name__ == "__main__":
    main()
