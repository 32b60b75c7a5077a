"""Ollama behind the `Engine` and `ModelManager` protocols."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from importlib import import_module
from types import ModuleType
from typing import Any, TypeVar
from urllib.parse import urlsplit

from r1tui.domain.chat import ChatRequest
from r1tui.domain.message import Phase
from r1tui.domain.model import Model, ModelDetails, PullProgress, RunningModel
from r1tui.domain.model_name import canonical
from r1tui.domain.phrase import phrase
from r1tui.domain.stream import Alternatives, PhaseChanged, StreamEvent
from r1tui.domain.untrusted import table, tables, text, texts, tokens, whole
from r1tui.services.engines.answer_reader import alternatives
from r1tui.services.engines.engine import ModelMissing, RequestRefused, StreamCut
from r1tui.services.engines.http_transport import LONGEST_NAME, MOST_MODELS
from r1tui.services.engines.ollama.chat import (
    chat_fields,
    common_fields,
    keep_alive_field,
    opens_thinking,
    stream_answer,
    think_field,
)
from r1tui.services.engines.ollama.going_on import Beginning, beginning, inside, own_prompt
from r1tui.services.engines.ollama.host import is_local
from r1tui.services.engines.ollama.transport import OllamaTransport

_STAGES = {"verifying": "verifying", "writing": "writing", "removing": "cleaning", "success": "done"}
CLOUD_HOST = "ollama.com"
RENDERS_SINCE = (0, 12)
"""Ollama's version from which it surely tells how it renders a prompt (`_debug_render_only`); one that somebody has
built calls itself 0.0.0.
"""
NATIVE_SINCE = (0, 30)
"""Ollama's version from which it may take the template in a model's file in place of the model's own (`going_on.py`)."""
Named = TypeVar("Named", Model, RunningModel)
_FOREVER_SECONDS = 50 * 365 * 86400
"""A `keep_alive` without end shows as a time centuries away."""


class OllamaEngine:
    """One Ollama server. Nothing is connected or imported before the first request."""

    sizes_context = True

    def __init__(
        self, url: str, *, headers: Mapping[str, str] | None = None, verify_tls: bool = True
    ) -> None:
        self.url = url
        self.local = is_local(url)
        self._transport = OllamaTransport(url, headers, verify_tls)
        self._digests: dict[str, str] = {}
        self._details: dict[str, ModelDetails] = {}
        """By digest, so that a model pulled anew is asked about anew; by name where no digest is known."""
        self._keeps: set[tuple[str, Beginning]] = set()
        """As for `_details`: models whose template keeps such a beginning of an answer, or that have no other."""

    async def version(self) -> str:
        return text((await self._transport.ask("GET", "/api/version")).get("version"))

    async def cloud(self) -> bool | None:
        """Whether the server's cloud functions are on, with which it asks ollama.com by itself; None where it does not
        tell (before 0.16).
        """
        try:
            state = table((await self._transport.ask("GET", "/api/status")).get("cloud"))
        except RequestRefused:
            return None
        disabled = state.get("disabled")
        return not disabled if isinstance(disabled, bool) else None

    async def models(self) -> list[Model]:
        answer = await self._transport.ask("GET", "/api/tags")
        models = _named(_model(entry) for entry in tables(answer.get("models"), MOST_MODELS))
        self._digests = {canonical(model.name): model.digest for model in models}
        return [self._with_thinks(model) for model in models]

    async def details(self, name: str) -> ModelDetails:
        answer = await self._transport.ask("POST", "/api/show", {"model": name}, model=name)
        details = _details(name, answer)
        self._details[self._key(name)] = details
        return details

    async def running(self) -> list[RunningModel]:
        answer = await self._transport.ask("GET", "/api/ps")
        return _named(_running(entry) for entry in tables(answer.get("models"), MOST_MODELS))

    async def chat(self, request: ChatRequest) -> AsyncGenerator[StreamEvent]:
        """See `Engine.chat`. Close it (`contextlib.aclosing`) or cancel its task to make the server stop.

        Whether a cold model is still loading shows nowhere in Ollama's API, so a model that is not in memory is loaded
        by a request of its own first: then `LOADING` ends when loading ends.
        """
        began = time.monotonic()
        yield PhaseChanged(Phase.CONNECTING)
        details, loaded = await asyncio.gather(self._known(request.model), self._is_loaded(request))
        load_seconds = None
        if not loaded:
            yield PhaseChanged(Phase.LOADING)
            before = time.monotonic()
            if keep_alive_field(request.keep_alive) != 0:  # with 0, a load request would unload
                await self.load(request)
                load_seconds = time.monotonic() - before
        prompt = await self._own_prompt(request, details)
        answer = stream_answer(
            self._transport, request, details, began=began, load_seconds=load_seconds, prompt=prompt
        )
        async with aclosing(answer):
            async for event in answer:
                yield event

    async def rendered(self, request: ChatRequest) -> str | None:
        """The text that the server's template makes of a request, which is not answered; None where it does not tell, or
        where the model is not in memory as the request wants it.
        """
        return await self._rendered(request, _numbers(await self.version()))

    async def _rendered(self, request: ChatRequest, version: tuple[int, ...]) -> str | None:
        if (any(version) and version < RENDERS_SINCE) or not await self._is_loaded(request):
            return None
        details = await self._known(request.model)
        own = await self._own_prompt(request, details, version)
        return own or await self._render(request, details) or None

    async def _own_prompt(
        self, request: ChatRequest, details: ModelDetails | None, version: tuple[int, ...] | None = None
    ) -> str | None:
        """The text to go on from as it is, where the server's template would leave out what it is to go on from; None
        where it keeps that, or does not tell. `version` where it is known.
        """
        think = think_field(request.think, details)
        kind = beginning(request, think)
        if kind is None or (key := (self._key(request.model), kind)) in self._keeps:
            return None
        try:
            if not _may_be_native(_numbers(await self.version()) if version is None else version):
                return None
            prompt = await own_prompt(request, kind, lambda asked: self._render(asked, details))
        except RequestRefused:
            return None  # the request itself tells what is wrong
        if prompt is None:
            self._keeps.add(key)
        return prompt

    async def _render(self, request: ChatRequest, details: ModelDetails | None) -> str:
        """The text that the server's template makes of a request; empty where it does not tell."""
        # A server that did not know the field would answer: with one token then.
        options = request.options | {"num_predict": 1}
        asked = replace(request, options=options, alternatives=0)
        if keep_alive_field(request.keep_alive) == 0:  # nor is the model to be loaded for this alone
            asked = replace(asked, keep_alive=None)
        body = chat_fields(asked, think_field(request.think, details), details)
        body |= {"stream": False, "_debug_render_only": True}
        answer = await self._transport.ask("POST", "/api/chat", body, model=request.model, seconds=None)
        return text(table(answer.get("_debug_info")).get("rendered_template"))

    async def opens_thinking(self, request: ChatRequest) -> bool:
        """Whether the answer to this request is begun with `<think>` for the model (`OpensThinking`).

        Where the template may be the one in the model's file, the text that the server makes tells it, if anything does.
        """
        version = _numbers(await self.version())
        if _may_be_native(version):
            sent = await self._rendered(request, version)
            alone = await self._rendered(replace(request, opens_thinking=False), version)
            return bool(sent and alone and inside(sent) and not inside(alone))
        details = await self._known(request.model)
        return opens_thinking(request, think_field(request.think, details), details)

    async def load(self, request: ChatRequest) -> None:
        body = common_fields(request) | {"stream": False}
        await self._transport.ask("POST", "/api/generate", body, model=request.model, seconds=None)

    async def likeliest(self, request: ChatRequest, beginning: str, number: int) -> Alternatives | None:
        """See `Predicts.likeliest`. The text goes to the model as it is, in no template."""
        body = common_fields(request) | {
            "prompt": beginning,
            "raw": True,
            "stream": False,
            "options": request.options | {"num_predict": 1, "temperature": 1.0},
            "logprobs": True,
            "top_logprobs": number,
        }
        # Where the token that it happens to draw is no text (a part of a character, the end), the server tells of none.
        # Bound to JSON it draws a text; the probabilities are those of all tokens all the same.
        for bound in ({}, {"format": "json"}):
            answer = await self._transport.ask(
                "POST", "/api/generate", body | bound, model=request.model, seconds=None
            )
            for told in alternatives(answer.get("logprobs")):
                return told
        return None

    async def count_text(self, request: ChatRequest, words: str) -> int | None:
        """The server's count of a text's tokens, which it has to read for that (`CountsText`)."""
        body = common_fields(request) | {"prompt": words, "raw": True, "stream": False}
        body["options"] = request.options | {"num_predict": 1}
        answer = await self._transport.ask("POST", "/api/generate", body, model=request.model, seconds=None)
        return tokens(answer.get("prompt_eval_count"))

    async def lists(self, name: str) -> Mapping[str, object]:
        """What the server tells of a model at length, its vocabulary among it (`CountsText`)."""
        answer = await self._transport.ask(
            "POST", "/api/show", {"model": name, "verbose": True}, model=name, seconds=None
        )
        return table(answer.get("model_info"))

    async def unload(self, name: str) -> None:
        body = {"model": name, "keep_alive": 0, "stream": False}
        await self._transport.ask("POST", "/api/generate", body, model=name, seconds=None)

    async def pull(self, name: str, *, insecure: bool = False) -> AsyncGenerator[PullProgress]:
        official = await _official()
        async with aclosing(_transfer(name, official.pull(self._transport, name, insecure))) as progress:
            async for step in progress:
                yield step
        self._forget(name)

    async def push(self, name: str, *, insecure: bool = False) -> AsyncGenerator[PullProgress]:
        official = await _official()
        async with aclosing(_transfer(name, official.push(self._transport, name, insecure))) as progress:
            async for step in progress:
                yield step

    async def create(self, name: str, fields: dict[str, object]) -> AsyncGenerator[str]:
        done = False
        official = await _official()
        async with aclosing(official.create(self._transport, name, fields)) as lines:
            async for line in lines:
                words = text(line.get("status"))
                done = done or words == "success"
                if words:
                    yield words
        if not done:
            raise StreamCut(phrase("engine.create_cut"))
        self._forget(name)

    async def has_blob(self, digest: str) -> bool:
        """Whether the server holds the bytes with this digest (`sha256:…`) already."""
        return await self._transport.exists(f"/api/blobs/{digest}")

    async def upload_blob(self, digest: str, content: AsyncIterator[bytes], size: int) -> None:
        """Send `size` bytes; the server checks them against the digest."""
        await self._transport.upload(f"/api/blobs/{digest}", content, size)

    async def copy(self, source: str, destination: str) -> None:
        await (await _official()).copy(self._transport, source, destination)
        self._forget(destination)

    async def delete(self, name: str) -> None:
        await (await _official()).delete(self._transport, name)
        self._forget(name)

    async def close(self) -> None:
        await self._transport.close()

    async def _known(self, name: str) -> ModelDetails | None:
        """Details, asked for at most once for a digest; None where the server cannot tell."""
        known = self._details.get(self._key(name))
        if known is not None:
            return known
        try:
            return await self.details(name)
        except ModelMissing:
            raise
        except RequestRefused:
            return None

    async def _is_loaded(self, request: ChatRequest) -> bool:
        """Whether the model is in memory as the request wants it; True where the server does not tell."""
        try:
            running = await self.running()
        except RequestRefused:
            return True
        wanted = request.options.get("num_ctx")
        return any(
            canonical(model.name) == canonical(request.model)
            and (not wanted or model.context_length in (0, wanted))
            for model in running
        )

    def _key(self, name: str) -> str:
        return self._digests.get(canonical(name)) or canonical(name)

    def _forget(self, name: str) -> None:
        self._keeps -= {key for key in self._keeps if key[0] == self._key(name)}
        self._digests.pop(canonical(name), None)
        self._details.pop(canonical(name), None)

    def _with_thinks(self, model: Model) -> Model:
        known = self._details.get(model.digest) or self._details.get(canonical(model.name))
        return replace(model, thinks=known.thinks) if known and model.thinks is None else model


def _numbers(version: str) -> tuple[int, ...]:
    """The version as numbers; none where it has none."""
    return tuple(int(each) for each in re.findall(r"\d{1,6}", version.partition("-")[0])[:3])


def _may_be_native(version: tuple[int, ...]) -> bool:
    """Whether a server of this version may take the template in a model's file."""
    return not any(version) or version >= NATIVE_SINCE


async def _official() -> ModuleType:
    """The commands of the official client; imported with the first of them."""
    return await asyncio.to_thread(import_module, "r1tui.services.engines.ollama.official")


async def _transfer(name: str, stream: AsyncGenerator[Mapping[str, Any]]) -> AsyncGenerator[PullProgress]:
    progress = PullProgress(name)
    async with aclosing(stream) as lines:
        async for line in lines:
            _advance(progress, line)
            yield progress
    if progress.stage != "done":
        raise StreamCut(phrase("engine.transfer_cut"))


def _advance(progress: PullProgress, line: Mapping[str, Any]) -> None:
    status = text(line.get("status"))
    digest = text(line.get("digest"))
    if digest:
        progress.advance(digest, _count(line, "completed"), _count(line, "total"))
    else:
        progress.stage = _STAGES.get(status.partition(" ")[0], progress.stage)
        if progress.stage == "done":
            progress.finish()


def _count(entry: Mapping[str, Any], key: str) -> int:
    """Bytes or tokens; 0 for what cannot be such a number."""
    return whole(entry.get(key)) or 0


def _named(models: Iterable[Named]) -> list[Named]:
    """Those that can be asked for: with a name, and each name once, as the server told it last."""
    usable = (model for model in models if model.name.strip() and len(model.name) <= LONGEST_NAME)
    return list({model.name: model for model in usable}.values())


def _model(entry: Mapping[str, Any]) -> Model:
    """An entry of `/api/tags`. Its capabilities, the length of its context and where it runs elsewhere are told by newer
    servers only."""
    details = table(entry.get("details"))
    capabilities = entry.get("capabilities")
    return Model(
        name=text(entry.get("name")) or text(entry.get("model")),
        size=_count(entry, "size"),
        quantization=text(details.get("quantization_level")),
        parameters=text(details.get("parameter_size")),
        family=text(details.get("family")),
        digest=text(entry.get("digest")),
        modified=text(entry.get("modified_at")),
        thinks="thinking" in texts(capabilities) if isinstance(capabilities, list) else None,
        context_length=_count(details, "context_length"),
        remote_host=_remote_host(entry),
    )


def _remote_host(entry: Mapping[str, Any]) -> str:
    """The host that a cloud model's prompts go to; with a model named alone it is Ollama's own."""
    address = text(entry.get("remote_host"))
    if not address:
        return CLOUD_HOST if entry.get("remote_model") else ""
    try:
        return urlsplit(address).hostname or address
    except ValueError:
        return address


def _running(entry: Mapping[str, Any]) -> RunningModel:
    return RunningModel(
        name=text(entry.get("name")) or text(entry.get("model")),
        size=_count(entry, "size"),
        size_vram=_count(entry, "size_vram"),
        context_length=_count(entry, "context_length"),
        expires=_epoch(text(entry.get("expires_at"))),
    )


def _epoch(text: str) -> float | None:
    try:
        seconds = datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
    return seconds if 0 < seconds < time.time() + _FOREVER_SECONDS else None


def _details(name: str, answer: dict[str, Any]) -> ModelDetails:
    details = table(answer.get("details"))
    license_ = answer.get("license")
    return ModelDetails(
        name=name,
        capabilities=tuple(texts(answer.get("capabilities"))),
        template=text(answer.get("template")),
        system=text(answer.get("system")),
        license=text(license_) or "\n".join(texts(license_)),
        parameters=text(answer.get("parameters")),
        modelfile=text(answer.get("modelfile")),
        family=text(details.get("family")),
        parameter_size=text(details.get("parameter_size")),
        quantization=text(details.get("quantization_level")),
        info=dict(table(answer.get("model_info"))),
        examples=tuple(text(message.get("content")) for message in tables(answer.get("messages"))),
    )
