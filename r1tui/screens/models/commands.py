"""Everything Ollama can do with a model: each command as a dialogue, for the menu and the palette alike."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from textual.app import App
from textual.notifications import SeverityLevel

from r1tui.domain.model import Model, PullProgress
from r1tui.domain.model_name import canonical, parse_name
from r1tui.domain.modelfile import create_fields, editable
from r1tui.domain.phrase import Phrase, PhrasedError, phrase
from r1tui.locale import figures
from r1tui.screens.dialogs.confirm import ChoiceScreen
from r1tui.screens.dialogs.pick import LineScreen
from r1tui.screens.dialogs.text_view import TextViewScreen
from r1tui.screens.models.create import ModelCreateScreen, NewModel
from r1tui.screens.models.download import installed_size, start_download
from r1tui.screens.models.gguf_import import ModelImportScreen
from r1tui.screens.models.housekeeping import Housekeeping
from r1tui.screens.models.menu import ModelMenuScreen
from r1tui.screens.models.pull_name import PullNameScreen
from r1tui.screens.models.upload import TransferScreen
from r1tui.screens.models.words import details_text, list_text, running_text
from r1tui.services.engines.engine import Engine, ModelManager
from r1tui.services.models.gguf_import import Importer, import_gguf
from r1tui.services.models.pulls import PullQueue
from r1tui.services.server.process import OllamaProcess

UNLOAD_LOOKS = 50
"""Looks, ten a second, for a model to leave the server's memory after the server has said that it will."""

Tell = Callable[[Phrase, SeverityLevel], object]


class ModelCommands:
    """The commands of one server. Every method is to be awaited in a worker, since it may ask something."""

    def __init__(
        self,
        app: App[Any],
        *,
        engine: Engine,
        pulls: PullQueue,
        process: OllamaProcess,
        tell: Tell,
        select: Callable[[str], Awaitable[object]],
        changed: Callable[[], Awaitable[object]],
        restart: Callable[[], Awaitable[object]] | None = None,
        move: Callable[[], Awaitable[object]] | None = None,
        mirror: str = "",
        free: Callable[[], int | None] = lambda: None,
        folder: Callable[[], Path | None] = lambda: None,
        forget: Callable[[str], object] = lambda _: None,
    ) -> None:
        """`engine` also has to be a `ModelManager`; `select` makes a model the one that answers; `changed` reads the
        server's models again; `restart` starts our own server anew, `move` moves its models; `tell` shows a sentence;
        `free` gives the bytes that are free on the server's disk, `folder` where it keeps its models, None where that is
        on another machine; `forget` takes a download that does not go on off the list.
        """
        assert isinstance(engine, ModelManager)
        self._app = app
        self._engine: Engine = engine
        self._manager: ModelManager = engine
        self._pulls = pulls
        self._process = process
        self._tell = tell
        self._select = select
        self._changed = changed
        self._restart = restart
        self._move = move
        self._mirror = mirror
        self._free = free
        self._housekeeping = Housekeeping(app, pulls, tell, mirror, free, folder, forget)

    def commands(self) -> dict[str, Callable[[str], Awaitable[None]]]:
        """Id of a command → what carries it out, given a model's name."""
        return {
            "model_menu.run": self.use,
            "model_menu.show": self.show,
            "model_menu.stop": self.stop,
            "model_menu.pull": self.update,
            "model_menu.push": self.push,
            "model_menu.cp": self.copy,
            "model_menu.create": self.create,
            "model_menu.rm": self.remove,
            "model_menu.add": self.add,
            "model_menu.import": self.import_file,
            "model_menu.list": self.list_models,
            "model_menu.ps": self.list_running,
            "model_menu.move": self.move,
            "model_menu.disk": self.disk,
            "model_menu.partials": self.partials,
            "model_menu.update_all": self.update_all,
            "model_menu.serve": self.serve,
        }

    async def menu(
        self, name: str = "", remote_host: str = "", impossible: Mapping[str, Phrase] | None = None
    ) -> None:
        """Ask what to do with the model, and do it; without a name what needs none. `remote_host`: where it runs, if not
        on the server; `impossible`: ids of commands that would do nothing now, with why."""
        command = await self._app.push_screen_wait(ModelMenuScreen(name, remote_host, impossible))
        if command is not None:
            await self.run(command, name)

    async def run(self, command: str, name: str = "") -> None:
        """Do one command by its id. Faults are told, not raised."""
        try:
            await self.commands()[command](name)
        except PhrasedError as error:
            self._tell(error.phrase, "error")

    async def use(self, name: str) -> None:
        """Select the model that answers from now on."""
        await self._select(name)

    async def show(self, name: str) -> None:
        """What the server knows of it."""
        details = await self._engine.details(name)
        await self._read(phrase("models.show", name=name), details_text(details), labelled=True)

    async def stop(self, name: str) -> None:
        """Have the server take a model out of memory."""
        await self._manager.unload(name)
        for _ in range(UNLOAD_LOOKS):  # Ollama answers before the model is gone, and would still list it
            if name not in [each.name for each in await self._engine.running()]:
                break
            await asyncio.sleep(0.1)
        self._tell(phrase("models.stopped", name=name), "information")
        await self._changed()

    async def update(self, name: str) -> None:
        """Download what is new of it."""
        await self._download(name)

    async def _download(self, name: str, *, insecure: bool = False) -> None:
        models = await self._engine.models()
        await start_download(
            self._app,
            self._pulls,
            name,
            free=self._free(),
            refuse=lambda why: self._tell(why, "error"),
            insecure=insecure,
            mirror=self._mirror,
            present=installed_size(models, name),
        )

    async def add(self, _: str = "") -> None:
        """Download any model by its name."""
        wanted = await self._app.push_screen_wait(PullNameScreen(mirror=self._mirror))
        if wanted is not None:
            await self._download(wanted.name, insecure=wanted.insecure)

    async def push(self, name: str) -> None:
        """Upload it to the registry that the new name says."""
        wanted = await self._app.push_screen_wait(
            PullNameScreen(phrase("models.push.question", name=name), name)
        )
        if wanted is None:
            return
        target = wanted.name
        passing = canonical(target) not in [canonical(model.name) for model in await self._engine.models()]
        if passing:  # a registry's name is the model's name, so it gets that name for as long as it takes
            await self._manager.copy(name, target)
        try:
            fault = await self._app.push_screen_wait(
                TransferScreen(
                    phrase("models.push.title", name=target),
                    self._manager.push(target, insecure=wanted.insecure),
                )
            )
        finally:
            if passing:
                await self._manager.delete(target)
        self._tell_end(fault, phrase("models.push.done", name=target))

    async def copy(self, name: str) -> None:
        """Give it a second name."""
        target = await self._app.push_screen_wait(LineScreen(phrase("models.cp.question", name=name), name))
        if not target or canonical(target) == canonical(name):
            return
        parse_name(target)
        if not await self._may_replace(target):
            return
        await self._manager.copy(name, target)
        self._tell(phrase("models.cp.done", name=name, target=target), "information")
        await self._changed()

    async def _may_replace(self, target: str) -> bool:
        """Whether a name is free, or may be taken from the model that has it."""
        if canonical(target) not in [canonical(model.name) for model in await self._engine.models()]:
            return True
        answers = [("no", phrase("models.replace.no")), ("yes", phrase("models.replace.yes"))]
        question = phrase("models.replace.question", name=target)
        return await self._app.push_screen_wait(ChoiceScreen(question, answers, danger=("yes",))) == "yes"

    async def remove(self, name: str) -> None:
        """Remove it, after saying what space that frees."""
        models = await self._engine.models()
        mine = next((model for model in models if model.name == name), Model(name))
        other = await self._sharer(mine, [model for model in models if model.name != name])
        if other:
            question = phrase("models.rm.shared", name=name, other=other)
        else:
            question = phrase("models.rm.question", name=name, size=figures.size(mine.size))
        answers = [("no", phrase("models.rm.no")), ("yes", phrase("models.rm.yes"))]
        if await self._app.push_screen_wait(ChoiceScreen(question, answers, danger=("yes",))) == "yes":
            await self._manager.delete(name)
            self._tell(phrase("models.rm.done", name=name), "information")
            await self._changed()

    async def _sharer(self, mine: Model, others: list[Model]) -> str:
        """Another model that keeps this one's weights on the disk: a second name of it, or one made from it."""
        twins = [other.name for other in others if mine.digest and other.digest == mine.digest]
        weights = (await self._engine.details(mine.name)).weights
        if twins or not weights:
            return next(iter(twins), "")
        kind = (mine.family, mine.parameters, mine.quantization)
        for other in others:
            same_kind = kind == (other.family, other.parameters, other.quantization)
            if same_kind and (await self._engine.details(other.name)).weights == weights:
                return other.name
        return ""

    async def create(self, name: str) -> None:
        """Make another model of it."""
        start = editable(await self._engine.details(name))
        wanted = await self._app.push_screen_wait(ModelCreateScreen(start))
        if wanted is None or not await self._may_replace(wanted.name):
            return
        done = await self._wait_for(
            phrase("models.create.title", name=wanted.name),
            self._creating(wanted),
            phrase("models.create.done", name=wanted.name),
        )
        if done:
            await self._changed()

    async def _creating(self, wanted: NewModel) -> AsyncIterator[PullProgress]:
        progress = PullProgress(wanted.name, stage="writing")
        yield progress
        async for _ in self._manager.create(wanted.name, create_fields(wanted.modelfile)):
            yield progress

    async def import_file(self, _: str = "") -> None:
        """Make a model of a GGUF file of this machine."""
        await self.import_model()

    async def import_model(self) -> str | None:
        """The same, telling the new model's name; None where there is none."""
        wanted = await self._app.push_screen_wait(ModelImportScreen())
        if wanted is None or not await self._may_replace(wanted.name):
            return None
        assert isinstance(self._manager, Importer)
        done = await self._wait_for(
            phrase("models.import.title", path=str(wanted.path)),
            import_gguf(self._manager, wanted.path, wanted.name),
            phrase("models.import.done", name=wanted.name),
        )
        if not done:
            return None
        await self._changed()
        return str(parse_name(wanted.name))

    async def list_models(self, _: str = "") -> None:
        """All models of the server."""
        await self._read(phrase("models.list"), list_text(await self._engine.models()))

    async def list_running(self, _: str = "") -> None:
        """What is in the server's memory."""
        await self._read(phrase("models.ps"), running_text(await self._engine.running(), time.time()))

    async def move(self, _: str = "") -> None:
        """The models of a server of our own go into another folder."""
        if self._move is not None:
            await self._move()

    async def disk(self, _: str = "") -> None:
        """What each model takes on the disk, and what models share."""
        await self._housekeeping.disk(await self._engine.models())

    async def partials(self, _: str = "") -> None:
        """What was downloaded in part, to be removed."""
        await self._housekeeping.partials(await self._engine.models())

    async def update_all(self, _: str = "") -> None:
        """Download what is new of all models."""
        await self._housekeeping.update_all(await self._engine.models())

    async def serve(self, _: str = "") -> None:
        """A server of our own: start, stop, log."""
        own = await self._process.own()
        answers = [("log", phrase("models.serve.log"))]
        if own is not None:
            question = phrase(
                "models.serve.ours",
                url=own.url,
                pid=str(own.pid),
                models=own.models_folder,
                cache=own.kv_cache,
            )
            if self._restart is not None:
                answers.append(("restart", phrase("models.serve.restart")))
            answers.append(("stop", phrase("models.serve.stop")))
        else:
            found = await self._process.find()
            question = phrase("models.serve.none") if found.binary else phrase("models.serve.no_program")
            if found.binary is not None:
                answers.append(("start", phrase("models.serve.start", path=str(found.binary))))
        answer = await self._app.push_screen_wait(ChoiceScreen(question, answers))
        if answer == "log":
            text = await asyncio.to_thread(self._process.log_tail)
            await self._app.push_screen_wait(
                TextViewScreen(
                    phrase("models.serve.log_title", path=str(self._process.log)), text, at_end=True
                )
            )
        elif answer == "stop":
            await self._process.stop()
            self._tell(phrase("models.serve.stopped"), "information")
            await self._changed()
        elif answer == "restart" and self._restart is not None:
            await self._restart()
        elif answer == "start":
            await self._start(found.binary)

    async def _start(self, binary: Path | None) -> None:
        assert binary is not None
        server = await self._process.start(binary)
        await self._process.join()
        self._tell(phrase("models.serve.started", url=server.url), "information")
        await self._changed()

    async def _read(self, title: Phrase, text: str, *, labelled: bool = False) -> None:
        await self._app.push_screen_wait(TextViewScreen(title, text, labelled=labelled))

    async def _wait_for(self, title: Phrase, steps: AsyncIterator[PullProgress], done: Phrase) -> bool:
        fault = await self._app.push_screen_wait(TransferScreen(title, steps))
        self._tell_end(fault, done)
        return fault is None

    def _tell_end(self, fault: Phrase | None, done: Phrase) -> None:
        self._tell(fault or done, "warning" if fault else "information")
