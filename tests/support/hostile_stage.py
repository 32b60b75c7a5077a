"""Shows every screen, dialogue and field of R1TUI one after another, hostile text in every string that each is given.

`python -m tests.support.hostile_stage REPORT` in a pseudo-terminal; REPORT becomes JSON: class → what it showed, or why
it could not. `shown_classes` finds the classes by itself. One that cannot be made of its parameters' types alone, or is
told what to show later, has a recipe here.
"""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import enum
import importlib
import inspect
import json
import sys
import traceback
import types
import typing
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from pkgutil import walk_packages
from tempfile import NamedTemporaryFile
from typing import Any

from textual.screen import Screen
from textual.widget import Widget

import r1tui.app
import r1tui.domain
import r1tui.screens
import r1tui.services
import r1tui.widgets
from r1tui.app import R1App
from r1tui.chat.cutting import Cut, Way
from r1tui.chat.generations import Generations
from r1tui.chat.session import ChatSession
from r1tui.chat.vote import VoteCost
from r1tui.commands import Command, command
from r1tui.domain.attachment import Attachment
from r1tui.domain.catalogue import TAGS, Tag
from r1tui.domain.chat import ThinkMode
from r1tui.domain.clean import Clean, clean_line
from r1tui.domain.conversation import Conversation
from r1tui.domain.hardware import HardwareProfile
from r1tui.domain.history import Found, Hit, Summary
from r1tui.domain.message import Message, MessageStatus, Role
from r1tui.domain.model import Model, PullProgress, RunningModel
from r1tui.domain.phrase import Phrase, phrase
from r1tui.domain.pull_view import PullView
from r1tui.domain.recommendation import Recommendation
from r1tui.domain.setting import Setting
from r1tui.domain.settings import Settings
from r1tui.domain.stream import Alternatives
from r1tui.domain.token_cuts import Piece
from r1tui.domain.vote import VoteEnd
from r1tui.locale import use
from r1tui.screens.base import R1Screen
from r1tui.screens.chat.edit_question import EditQuestionScreen
from r1tui.screens.chat.screen import ChatScreen
from r1tui.screens.dialogs.figures import FiguresScreen
from r1tui.screens.dialogs.importing import ImportScreen
from r1tui.screens.dialogs.pick_file import PickFileScreen
from r1tui.screens.dialogs.shell import ShellScreen
from r1tui.screens.dialogs.summing_up import SummingUpScreen
from r1tui.screens.dialogs.too_small import TooSmallScreen
from r1tui.screens.dialogs.vote import NumberField, VoteScreen
from r1tui.screens.guide.answering import Way as ThinkWay
from r1tui.screens.guide.next_token import NextTokenScreen
from r1tui.screens.guide.screen import GuideScreen
from r1tui.screens.guide.think import ThinkScreen
from r1tui.screens.guide.tokens import TokensScreen
from r1tui.screens.guide.voting import VotingScreen
from r1tui.screens.help import HelpScreen
from r1tui.screens.history import HistoryScreen
from r1tui.screens.models.gguf_import import GgufTree, ModelImportScreen
from r1tui.screens.models.pull_name import Tick
from r1tui.screens.models.upload import TransferScreen
from r1tui.screens.palette import Palette, offered
from r1tui.screens.settings.keys import KeyPressScreen, KeysScreen
from r1tui.screens.settings.listing import Rows
from r1tui.screens.settings.screen import SettingsScreen, ValueScreen
from r1tui.screens.setup.screen import SetupScreen
from r1tui.services.container import Services
from r1tui.services.server.install import Installer
from r1tui.services.server.process import OllamaProcess
from r1tui.services.shell import ShellLine
from r1tui.services.store.conversations import ConversationStore
from r1tui.toolkit import patches
from r1tui.toolkit.notices import Notice
from r1tui.toolkit.option import Option
from r1tui.widgets.empty_page import EmptyPage
from r1tui.widgets.fields import Field
from r1tui.widgets.guide_page import GuidePage
from r1tui.widgets.hardware_panel import HardwarePanel
from r1tui.widgets.history_list import HistoryHead, HistoryList
from r1tui.widgets.model_sidebar import ModelSidebar
from r1tui.widgets.notices import NoticeLine
from r1tui.widgets.prompt import Prompt, PromptBar
from r1tui.widgets.pull_bar import PullBar
from r1tui.widgets.setup_steps import StepHead, StepHeads
from r1tui.widgets.shelf import Shelf, ShelfEntry
from r1tui.widgets.status_bar import Status, StatusBar
from r1tui.widgets.title_bar import TitleBar
from r1tui.widgets.transcript import Transcript
from tests.support.votes import message_of, vote

MARK = "PWNED"
HOSTILE = (
    f"\x1b]0;{MARK}\x07\x1b]52;c;{base64.b64encode(MARK.encode()).decode()}\x07\x1b[31m{MARK}\x1b[0m\x1b[999;1H\x1bc"
    f"\x1bP$q{MARK}\x1b\\\x9b31m\x9d0;{MARK}\x9c\x00\x08\x7f\x85\u202etxt\u2066\u2069\u200e\u2028\u2029\ud800"
    "Z" + "\u0301" * 40 + f"[bold]markup[/bold][/]{MARK}"
)
SETTLE = 0.25
"""Seconds that each is on the screen before it is looked at; what it does in threads has come by then or never."""

Recipe = Callable[["Stage"], Awaitable[None]]
RECIPES: dict[type[Widget], Recipe] = {}
NOTHING_FOREIGN: set[type[Widget]] = {GuideScreen, HelpScreen, TooSmallScreen, NumberField}
"""They show words of the catalogue, the package's pages or digits alone."""


def shown_classes() -> list[type[Widget]]:
    """Every class that shows something, save those that only others are made of."""
    found: list[type[Widget]] = []
    for package in (r1tui.screens, r1tui.widgets):
        for info in walk_packages(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(info.name)
            found += [
                each
                for each in vars(module).values()
                if isinstance(each, type) and issubclass(each, Widget) and each.__module__ == info.name
            ]
    return [
        each
        for each in found
        if each is Field  # it is used by itself too
        or not any(each is not other and issubclass(other, each) for other in found)
    ]


def _names() -> dict[str, object]:
    """Names that annotations may use, though their module imports them for the type checker alone."""
    names: dict[str, object] = dict(vars(typing)) | {"Callable": Callable, "Path": Path}
    for package in (r1tui.services, r1tui.domain):
        for info in walk_packages(package.__path__, f"{package.__name__}."):
            names |= {
                name: each
                for name, each in vars(importlib.import_module(info.name)).items()
                if name[0].isupper()
            }
    return names


def hostile(kind: Any) -> Any:
    """A value of a type, every string in it hostile. Raises `TypeError` for a type that it cannot make."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return hostile(next(each for each in arguments if each is not type(None)))
    if origin is typing.Literal:
        return arguments[0]
    if origin is tuple:
        return tuple(hostile(each) for each in arguments if each is not Ellipsis)
    if isinstance(origin, type) and issubclass(origin, typing.Mapping):
        return {HOSTILE: hostile(arguments[1])}
    if origin in (
        list,
        set,
        frozenset,
        typing.get_origin(typing.Sequence[int]),
        typing.get_origin(typing.Iterable[int]),
    ):
        return (list if origin not in (set, frozenset) else origin)([hostile(arguments[0])])
    if kind in (str, Clean, object):
        return HOSTILE
    if kind is bool:
        return True
    if kind in (int, float):
        return kind(7)
    if kind is Tag:
        return TAGS[0]  # a row of the package's own table
    if kind is Phrase:
        return phrase("transfer.foreign_error", detail=HOSTILE)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return next(iter(kind))
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return kind(**_given(kind))
    raise TypeError(f"no hostile value of {kind}")


def _given(kind: type, names: dict[str, object] | None = None) -> dict[str, Any]:
    """Hostile values for the parameters that want one or take text."""
    own_names = vars(
        sys.modules[kind.__module__]
    )  # of two classes of one name, the one that its module means
    localns = (_names() if names is None else names) | own_names
    if dataclasses.is_dataclass(kind):  # whose constructor is made when it is first used
        hints = typing.get_type_hints(kind, localns=localns)
        needed = {
            each.name: each.default is each.default_factory is dataclasses.MISSING
            for each in dataclasses.fields(kind)
            if each.init
        }
    else:
        hints = typing.get_type_hints(kind.__init__, localns=localns)  # type: ignore[misc]
        own = ("id", "classes", "disabled") if issubclass(kind, Widget) else ()
        needed = {
            name: each.default is each.empty
            for name, each in inspect.signature(kind).parameters.items()
            if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD) and name not in own
        }
    given = {}
    for name, is_needed in needed.items():
        try:
            given[name] = hostile(hints[name])
        except (TypeError, KeyError):
            if is_needed:
                raise
    return given


def recipe(kind: type[Widget]) -> Callable[[Recipe], Recipe]:
    """The way to show a class."""

    def keep(way: Recipe) -> Recipe:
        RECIPES[kind] = way
        return way

    return keep


class Stage(R1App):
    """R1TUI with an empty first screen."""

    CSS_PATH = str(Path(r1tui.app.__file__).with_name("r1tui.tcss"))

    def __init__(self, services: Services, report: Path) -> None:
        super().__init__(services)
        self._report = report
        self._faults: list[str] = []

    def _handle_exception(self, error: Exception) -> None:
        """Report it, and go on with the next."""
        self._faults.append("".join(traceback.format_exception(error)[-6:]))

    def get_default_screen(self) -> Screen[object]:  # type: ignore[override]
        """Nothing."""
        return Screen()

    def on_mount(self) -> None:
        """Begin."""
        self.run_worker(self._play())

    async def put(self, widget: Widget) -> Any:
        """Show a widget alone."""
        screen: Screen[object] = Screen()
        await self.push_screen(screen)
        await screen.mount(widget)
        return widget

    async def _play(self) -> None:
        report: dict[str, str] = {}
        for kind in shown_classes():
            name = f"{kind.__module__}.{kind.__qualname__}"
            try:
                await self._show(kind)
                await asyncio.sleep(SETTLE)
                report[name] = "\n".join(strip.text for strip in self.screen._compositor.render_strips())
            except Exception as error:
                self._handle_exception(error)
            if self._faults:
                report[name] = "FAULT " + "".join(self._faults)
                self._faults.clear()
            while len(self.screen_stack) > 1:
                self.pop_screen()
        await self.push_screen(R1Screen())
        report["notices"] = ""
        says: tuple[Callable[[], None], ...] = (
            lambda: self.tell(phrase("transfer.foreign_error", detail=HOSTILE)),
            lambda: self.notify(HOSTILE, title=HOSTILE),  # type: ignore[arg-type]
        )
        for say in says:
            say()
            await asyncio.sleep(SETTLE)
            report["notices"] += "\n".join(strip.text for strip in self.screen._compositor.render_strips())
        await asyncio.to_thread(self._report.write_text, json.dumps(report))
        self.exit(message=f"the end {HOSTILE}")

    async def _show(self, kind: type[Widget]) -> None:
        if (way := RECIPES.get(kind)) is not None:
            await way(self)
            return
        widget = kind(**_given(kind))
        if isinstance(widget, Screen):
            await self.push_screen(widget)
        else:
            await self.put(widget)


def _model() -> Model:
    return typing.cast(Model, hostile(Model))


def _messages() -> list[Message]:
    code = f"{HOSTILE}\n\n```{HOSTILE}\n{HOSTILE}\n```\n\n[{HOSTILE}](http://{HOSTILE}) | $${HOSTILE}$$\n\n|a|\n|-|\n|{HOSTILE}|"
    return [
        Message(Role.USER, HOSTILE),
        Message(Role.ASSISTANT, code, HOSTILE, MessageStatus.FAILED, model=HOSTILE, error=hostile(Phrase)),
    ]


@recipe(TitleBar)
async def _(stage: Stage) -> None:
    (await stage.put(TitleBar())).show(HOSTILE, HOSTILE)


@recipe(NoticeLine)
async def _(stage: Stage) -> None:
    (await stage.put(NoticeLine())).show(hostile(Notice))


@recipe(StatusBar)
async def _(stage: Stage) -> None:
    # Keys and mode are the catalogue's words; so long, and beside all figures, they would leave no room for what is foreign.
    (await stage.put(StatusBar())).status = dataclasses.replace(
        hostile(Status), phase=None, sample=None, first_token=None, found=None, keys=(), mode=Clean("")
    )


@recipe(StepHeads)
async def _(stage: Stage) -> None:
    (await stage.put(StepHeads())).show(hostile(StepHead))


@recipe(PullBar)
async def _(stage: Stage) -> None:
    (await stage.put(PullBar())).show(
        PullView.of(PullProgress(HOSTILE), hostile(PullView).state, error=hostile(Phrase))
    )


@recipe(ModelSidebar)
async def _(stage: Stage) -> None:
    sidebar = await stage.put(ModelSidebar())
    sidebar.show_models([_model()], [hostile(RunningModel)], HOSTILE)
    sidebar.show_pulls([PullView.of(PullProgress(HOSTILE), hostile(PullView).state, error=hostile(Phrase))])


@recipe(HardwarePanel)
async def _(stage: Stage) -> None:
    panel = await stage.put(HardwarePanel())
    panel.show_profile(hostile(HardwareProfile))
    panel.show_recommendation(hostile(Recommendation))
    panel.show_running([hostile(RunningModel)])
    panel.show_remote(HOSTILE)


@recipe(HistoryList)
async def _(stage: Stage) -> None:
    (await stage.put(HistoryList())).show(
        [
            hostile(Summary),
            Found(hostile(Summary), 9, (dataclasses.replace(hostile(Hit), where="prompt"),), ((0, 3),)),
        ]
    )


@recipe(HistoryHead)
async def _(stage: Stage) -> None:
    rows = await stage.put(HistoryList())
    (await stage.put(HistoryHead(rows))).show(clean_line(HOSTILE), clean_line(HOSTILE))


@recipe(Prompt)
async def _(stage: Stage) -> None:
    prompt = await stage.put(Prompt())
    prompt.set_history([HOSTILE])
    prompt.insert(HOSTILE)
    prompt.action_cursor_up()


@recipe(Shelf)
async def _(stage: Stage) -> None:
    (await stage.put(Shelf())).show([ShelfEntry(clean_line(HOSTILE))])


@recipe(PickFileScreen)
async def _(stage: Stage) -> None:
    await stage.push_screen(PickFileScreen(Path(HOSTILE)))


@recipe(PromptBar)
async def _(stage: Stage) -> None:
    (await stage.put(PromptBar())).prompt.set_draft(HOSTILE)


@recipe(Transcript)
async def _(stage: Stage) -> None:
    transcript = await stage.put(Transcript())
    transcript.reasoning_policy = "open"
    question, state = vote([HOSTILE, None], 2, end=VoteEnd.DECIDED)
    transcript.set_votes({question.id: state})
    transcript.show([question, message_of(state, 1), *_messages()])
    transcript.find(MARK)


@recipe(VoteScreen)
async def _(stage: Stage) -> None:
    async def cost(number: int) -> VoteCost:
        return VoteCost(number * 600, None)

    await stage.push_screen(VoteScreen(HOSTILE, cost))


@recipe(NumberField)
async def _(stage: Stage) -> None:
    (await stage.put(NumberField(HOSTILE))).value = HOSTILE


@recipe(GgufTree)
async def _(stage: Stage) -> None:
    await stage.put(GgufTree(_hostile_folder()))


@recipe(ModelImportScreen)
async def _(stage: Stage) -> None:
    await stage.push_screen(screen := ModelImportScreen(_hostile_folder()))
    screen.query_one("#path").value = HOSTILE  # type: ignore[attr-defined]


def _hostile_folder() -> Path:
    folder = Path.home() / "folder"
    folder.mkdir(exist_ok=True)
    name = (
        "".join(char for char in HOSTILE if char not in "/\x00\ud800").encode()[:200].decode(errors="ignore")
    )
    (folder / f"{name}.gguf").touch()
    return folder


@recipe(Tick)
async def _(stage: Stage) -> None:
    (await stage.put(Tick(typing.cast(Clean, HOSTILE)))).styles.width = "100%"


@recipe(TransferScreen)
async def _(stage: Stage) -> None:
    async def steps() -> AsyncIterator[PullProgress]:
        yield PullProgress(HOSTILE)
        await asyncio.sleep(60)

    await stage.push_screen(TransferScreen(hostile(Phrase), steps()))


@recipe(SummingUpScreen)
async def _(stage: Stage) -> None:
    async def write(tell: Callable[[int, str], object]) -> str:
        tell(0, HOSTILE)
        await asyncio.sleep(60)
        return HOSTILE

    await stage.push_screen(SummingUpScreen(hostile(Phrase), 2, write))


@recipe(ShellScreen)
async def _(stage: Stage) -> None:
    with NamedTemporaryFile() as file:
        file.write(HOSTILE.encode("utf-8", "surrogatepass"))
        file.flush()
        line = ShellLine(f"cat {file.name} # {HOSTILE.translate({0: None, 0xD800: None})}", 60)
        await stage.push_screen(ShellScreen(line))
        await asyncio.sleep(1)


@recipe(GuidePage)
async def _(stage: Stage) -> None:
    (await stage.put(GuidePage())).show(HOSTILE.replace("\ud800", ""))


@recipe(EmptyPage)
async def _(stage: Stage) -> None:
    page = await stage.put(EmptyPage())
    page.show(HOSTILE, HOSTILE)
    page.open(True)


def _hostile_session(stage: Stage) -> ChatSession:
    session = ChatScreen(stage.services, Generations()).session
    session.server.selected = HOSTILE
    return session


@recipe(NextTokenScreen)
async def _(stage: Stage) -> None:
    await stage.push_screen(screen := NextTokenScreen(_hostile_session(stage)))
    screen.query_one(Field).value = HOSTILE
    screen._told = Alternatives(HOSTILE, -0.1, ((HOSTILE, -0.1), (MARK, -1.0)))
    screen._draw()


@recipe(TokensScreen)
async def _(stage: Stage) -> None:
    await stage.push_screen(screen := TokensScreen(_hostile_session(stage)))
    screen.query_one(Field).value = HOSTILE
    screen._show(0, HOSTILE, Cut((Piece(HOSTILE), Piece(MARK, 2)), Way.BEGINNINGS, 3))


@recipe(ThinkScreen)
async def _(stage: Stage) -> None:
    await stage.push_screen(screen := ThinkScreen(_hostile_session(stage)))
    screen.query_one(Field).value = HOSTILE
    for way in screen._ways:
        way.began, way.answer, way.reasoning = True, HOSTILE, HOSTILE
    screen._draw()


@recipe(VotingScreen)
async def _(stage: Stage) -> None:
    await stage.push_screen(screen := VotingScreen(_hostile_session(stage)))
    screen.query_one(Field).value = HOSTILE
    screen._ways = [ThinkWay(ThinkMode.AUTO, HOSTILE, HOSTILE) for _ in range(3)]
    screen._answers = [HOSTILE, None]
    screen._draw()


@recipe(FiguresScreen)
async def _(stage: Stage) -> None:
    running = (hostile(RunningModel),)
    await stage.push_screen(FiguresScreen(hostile(HardwareProfile), hostile(Recommendation), running=running))


@recipe(HelpScreen)
async def _(stage: Stage) -> None:
    await stage.push_screen(HelpScreen(stage.active_bindings))


class NamedByAServer(R1Screen[None]):
    """Its palette has a command with a model's name in it."""

    def keyless(self) -> list[tuple[str, Command]]:
        return [(HOSTILE, command("app.redraw"))]


@recipe(Palette)
async def _(stage: Stage) -> None:
    await stage.push_screen(below := NamedByAServer())
    await stage.push_screen(Palette(offered(below), [HOSTILE]))


@recipe(HistoryScreen)
async def _(stage: Stage) -> None:
    await stage.push_screen(HistoryScreen(await _store_with_hostile_text(stage)))


async def _store_with_hostile_text(stage: Stage) -> ConversationStore:
    store = await stage.services.opened_store()
    talk = Conversation(title=HOSTILE, model=HOSTILE, system=HOSTILE)
    for message in _messages():
        talk.add(message)
    await store.add_conversation(talk)
    return store


@recipe(SettingsScreen)
async def _(stage: Stage) -> None:
    settings = stage.services.settings
    settings.chat.model = settings.server.host = HOSTILE.replace("\ud800", "")  # no TOML holds it
    await stage.push_screen(SettingsScreen(stage.services.settings_store))


@recipe(Rows)
async def _(stage: Stage) -> None:
    (await stage.put(Rows())).add_option(Option(hostile(Clean)))


@recipe(KeysScreen)
async def _(stage: Stage) -> None:
    stage.services.settings.keys = {HOSTILE: HOSTILE}
    await stage.push_screen(KeysScreen(stage.services.settings_store))


@recipe(KeyPressScreen)
async def _(stage: Stage) -> None:
    await stage.push_screen(KeyPressScreen(hostile(Clean), hostile(Clean), lambda key: None))


@recipe(SetupScreen)
async def _(stage: Stage) -> None:
    from r1tui.services.engines.engine import EngineError
    from tests.ui.model_fakes import FakeEngine

    engine = FakeEngine(_model(), url=HOSTILE)
    engine.fault = EngineError(hostile(Phrase))

    async def connect(host: str | None) -> Any:
        raise EngineError(hostile(Phrase))

    async def judged() -> AsyncIterator[Any]:
        yield hostile(HardwareProfile), hostile(Recommendation)

    async def copy(text: str) -> Phrase:
        return typing.cast(Phrase, hostile(Phrase))

    await stage.push_screen(
        SetupScreen(
            connect=connect, process=OllamaProcess(), installer=Installer(), pulls=lambda: None,
            judgements=judged, copy=copy,
        )
    )  # fmt: skip


@recipe(ValueScreen)
async def _(stage: Stage) -> None:
    setting = dataclasses.replace(
        hostile(Setting), packages="", fixed_choices=(HOSTILE,), section="server", key="host"
    )
    await stage.push_screen(ValueScreen(setting, HOSTILE))


async def not_kept(*_: object) -> None:
    pass


@recipe(EditQuestionScreen)
async def _(stage: Stage) -> None:
    files = hostile(tuple[Attachment, ...])
    edit = EditQuestionScreen(HOSTILE, HOSTILE, files, lambda *_: None, private=False, keep=not_kept)
    await stage.push_screen(edit)


@recipe(ImportScreen)
async def _(stage: Stage) -> None:
    store = await stage.services.opened_store()
    screen = ImportScreen(store, Path(HOSTILE))
    screen._import = asyncio.Event().wait  # type: ignore[method-assign,assignment]  # it goes on while it is looked at
    await stage.push_screen(screen)


@recipe(ChatScreen)
async def _(stage: Stage) -> None:
    await _store_with_hostile_text(stage)
    chat = ChatScreen(stage.services, Generations())
    chat.dialogues.setup = asyncio.Event().wait  # type: ignore[method-assign]  # has a turn of its own
    await stage.push_screen(chat)
    await asyncio.sleep(SETTLE)
    chat.transcript.show(_messages())
    chat.prompt.set_draft(HOSTILE)
    chat.tell(hostile(Phrase))


def main() -> None:
    """Play, as `r1tui` would run."""
    use("en")
    patches.apply()
    services = Services.build(Settings(), [], "http://127.0.0.1:9", HOSTILE)
    stage = Stage(services, Path(sys.argv[1]))
    stage.run()
    print(*stage._faults)


if __name__ == "__main__":
    from r1tui.services.terminal.streams import visible_streams

    with visible_streams():
        main()
