"""An engine in memory, for the screens that manage models."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from r1tui.domain.chat import ChatRequest
from r1tui.domain.model import Model, ModelDetails, PullProgress, RunningModel
from r1tui.domain.phrase import phrase
from r1tui.domain.stream import StreamEvent
from r1tui.services.engines.engine import EngineError, ModelMissing, ServerUnreachable


class FakeEngine:
    """Implements `Engine` and `ModelManager`; remembers what was asked of it."""

    sizes_context = True

    def __init__(self, *models: Model, url: str = "http://127.0.0.1:11434") -> None:
        self.url = url
        self.local = True
        self.up = True
        self.installed = {model.name: model for model in models}
        self.loaded: list[RunningModel] = []
        self.calls: list[tuple[object, ...]] = []
        self.steps = [(0, 1000), (600, 1000), (1000, 1000)]
        self.hold: asyncio.Event | None = None
        """A pull waits here after its second tick."""
        self.weights: dict[str, str] = {}
        """Model → a hexadecimal digit that stands for the file of its weights."""
        self.fault: EngineError | None = None

    def _check(self) -> None:
        if not self.up:
            raise ServerUnreachable(phrase("engine.unreachable", url=self.url))

    async def version(self) -> str:
        self._check()
        return "0.17.4"

    async def models(self) -> list[Model]:
        self._check()
        return list(self.installed.values())

    async def details(self, name: str) -> ModelDetails:
        if name not in self.installed:
            raise ModelMissing(phrase("engine.missing", name=name))
        return ModelDetails(
            name,
            capabilities=("completion", "thinking"),
            template="{{ .Prompt }}",
            system="Be brief.",
            license="MIT License\n\x1b]0;owned\x07",
            parameters='temperature 0.6\nstop "</s>"',
            family="qwen2",
            parameter_size="1.8B",
            quantization="Q4_K_M",
            modelfile=f"FROM /blobs/sha256-{self.weights[name] * 64}\n" if name in self.weights else "",
            info={"general.architecture": "qwen2", "qwen2.context_length": 131072},
        )

    async def running(self) -> list[RunningModel]:
        self._check()
        return list(self.loaded)

    def chat(self, request: ChatRequest) -> AsyncIterator[StreamEvent]:
        raise NotImplementedError

    async def close(self) -> None:
        pass

    async def _transfer(self, name: str) -> AsyncIterator[PullProgress]:
        progress = PullProgress(name)
        for at, (done, total) in enumerate(self.steps):
            progress.advance("sha256:aa", done, total)
            yield progress
            if at == 1 and self.hold is not None:
                await self.hold.wait()
            await asyncio.sleep(0)
        if self.fault is not None:
            raise self.fault
        progress.stage = "done"
        yield progress

    async def pull(self, name: str, *, insecure: bool = False) -> AsyncIterator[PullProgress]:
        self.calls.append(("pull", name, insecure))
        async for step in self._transfer(name):
            yield step
        self.installed[name] = Model(name, size=1000)

    async def push(self, name: str, *, insecure: bool = False) -> AsyncIterator[PullProgress]:
        self.calls.append(("push", name, insecure))
        async for step in self._transfer(name):
            yield step

    async def create(self, name: str, fields: dict[str, object]) -> AsyncIterator[str]:
        self.calls.append(("create", name, fields))
        yield "writing manifest"
        self.installed[name] = Model(name, size=1000)

    async def load(self, request: ChatRequest) -> None:
        self.calls.append(("load", request.model))

    async def unload(self, name: str) -> None:
        self.calls.append(("unload", name))
        self.loaded = [each for each in self.loaded if each.name != name]

    async def copy(self, source: str, destination: str) -> None:
        self.calls.append(("copy", source, destination))
        self.installed[destination] = Model(destination, size=self.installed[source].size)

    async def delete(self, name: str) -> None:
        self.calls.append(("delete", name))
        self.installed.pop(name, None)
