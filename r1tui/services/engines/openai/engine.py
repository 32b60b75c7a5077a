"""`/v1/chat/completions` behind the `Engine` protocol: vLLM, SGLang, llama.cpp's server, and Ollama itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from r1tui.domain.chat import ChatRequest, ChatTurn, ThinkMode
from r1tui.domain.message import AnswerStats, Phase, Role
from r1tui.domain.model import Model, ModelDetails, RunningModel
from r1tui.domain.phrase import phrase
from r1tui.domain.r1_models import is_called_r1
from r1tui.domain.reasoning_language import answer_heading
from r1tui.domain.stream import Alternatives, AnswerNamed, PhaseChanged, PromptRead, StreamEvent
from r1tui.domain.think_parser import CLOSER, OPENER, ThinkParser
from r1tui.domain.untrusted import (
    Malformed,
    items,
    parse_json,
    seconds,
    table,
    tables,
    text,
    texts,
    tokens,
    whole,
)
from r1tui.services.engines.answer_reader import AnswerReader, alternatives, merged
from r1tui.services.engines.engine import (
    EngineError,
    ModelMissing,
    NotAllowed,
    PromptTooLong,
    RequestRefused,
    ServerUnreachable,
    StreamCut,
)
from r1tui.services.engines.http_transport import LONGEST_NAME, MOST_MODELS, SLOW_TO_PARSE, HttpTransport
from r1tui.services.engines.ollama import errors
from r1tui.services.engines.ollama.host import is_local

# Ollama's option names → this API's; context length and the like are the server's own affair here.
_OPTIONS = {
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "min_p": "min_p",
    "seed": "seed",
    "stop": "stop",
    "num_predict": "max_tokens",
    "frequency_penalty": "frequency_penalty",
    "presence_penalty": "presence_penalty",
}

_GOES_ON = {"continue_final_message": True, "add_generation_prompt": False}
"""vLLM's and SGLang's words for going on with a turn of the assistant that has begun."""
_LLAMA_CPPS = {"return_progress": True, "reasoning_control": True}
"""What llama.cpp's server is asked for beside: how far the prompt is read, and that its reasoning can be ended."""
_UNSEEN = 8
"""Tokens that no delta brings although nothing is hidden: the end, parts of a character, empty reasoning."""
_PROPS_SECONDS = 5.0
"""How long a server may take to say what it is; most do not know the question."""
_CONTROL_SECONDS = 5.0
"""How long it may take to end a reasoning."""


class OpenAIEngine:
    """One server that speaks OpenAI's protocol. It only chats: models are managed where the server runs."""

    sizes_context = False

    def __init__(
        self, url: str, *, headers: Mapping[str, str] | None = None, verify_tls: bool = True
    ) -> None:
        self.url = url
        self.local = is_local(url)
        base = url.rstrip("/").removesuffix("/v1")
        self._transport = HttpTransport(f"{base}/v1", headers, verify_tls)
        self._root = HttpTransport(base, headers, verify_tls)
        """For what llama.cpp's server has beside this protocol."""
        self._props: Mapping[str, Any] | None = None
        """What `/props` told; None until it was asked for."""
        self._opens = True
        """Whether the server may let an answer be begun with `<think>`, as far as is known."""
        self._counts = True
        """Whether the server may count prompts, as far as is known."""
        self._tells_reasoning = False
        """Whether an answer of this server has brought reasoning."""
        self._listed: set[str] = set()
        """Names that the server was seen to have."""

    async def version(self) -> str:
        """Asks for the models, so that an address without a server is noticed; such servers have no version."""
        await self.models()
        return ""

    async def models(self) -> list[Model]:
        return [_model(name, entry) for name, entry in (await self._entries()).items()]

    async def details(self, name: str) -> ModelDetails:
        """Its name, the length of its context as the parameter `num_ctx` where the server tells it (vLLM's and newer
        ones of llama.cpp among the models, older ones in `/props`), and that it thinks where its name or template says so."""
        entry = (await self._entries()).get(name)
        if entry is None:
            raise ModelMissing(phrase("engine.model_missing", model=name))
        told = _model(name, entry)
        properties = await self._properties()
        length = _context_length(entry) or _slot_length(properties)
        thinks = is_called_r1(name) or CLOSER in _template(properties)
        return ModelDetails(
            name,
            ("thinking",) if thinks else None,
            parameters=f"num_ctx {length}" if length else "",
            parameter_size=told.parameters,
            quantization=told.quantization,
        )

    async def count_prompt(self, request: ChatRequest) -> int | None:
        """See `PromptCounter`. Only llama.cpp's server, which `/props` tells, is asked."""
        if not self._counts or not await self._properties():
            return None
        body = {name: chat_fields(request)[name] for name in ("model", "messages")}
        try:
            answer = await self._transport.ask(
                "POST", "/chat/completions/input_tokens", body, model=request.model
            )
        except RequestRefused:
            self._counts = False
            return None
        return tokens(answer.get("input_tokens"))

    async def likeliest(self, request: ChatRequest, beginning: str, number: int) -> Alternatives | None:
        """See `Predicts.likeliest`. `/v1/completions` goes on with a text as it is, in no template."""
        body = _sampling(request) | {
            "model": request.model,
            "prompt": beginning,
            "max_tokens": 1,
            "temperature": 1.0,
            "logprobs": number,
        }
        try:
            answer = await self._transport.ask(
                "POST", "/completions", body, model=request.model, seconds=None
            )
        except (NotAllowed, PromptTooLong):
            raise
        except RequestRefused:
            return None
        told = table(next(iter(tables(answer.get("choices"))), {}).get("logprobs"))
        return next(iter(alternatives(told.get("content")) or _in_columns(told)), None)

    async def cut_text(self, name: str, words: str) -> list[bytes] | None:
        """See `CutsText`. Only llama.cpp's server, which `/props` tells, is asked."""
        if not await self._properties():
            return None
        body = {"content": words, "with_pieces": True, "model": name}
        try:
            answer = await self._root.ask("POST", "/tokenize", body, model=name)
        except RequestRefused:
            return None
        return [_piece(entry.get("piece")) for entry in tables(answer.get("tokens"))] or None

    async def opens_thinking(self, request: ChatRequest) -> bool:
        """See `OpensThinking`. A prompt that ends inside reasoning already, as its template tells, is left alone."""
        last = request.turns[-1] if request.turns else None
        wanted = request.opens_thinking and request.think is not ThinkMode.OFF and self._opens
        if not wanted or last is None or last.role is not Role.USER:
            return False
        return not _ends_inside(_template(await self._properties()))

    async def end_reasoning(self, answer: str) -> bool:
        """See `EndsReasoning`; only llama.cpp's server names its answers so that this is asked."""
        body = {"id": answer, "action": "reasoning_end"}
        told = await self._transport.ask("POST", "/chat/completions/control", body, seconds=_CONTROL_SECONDS)
        return told.get("success") is True

    async def _properties(self) -> Mapping[str, Any]:
        """What `/props` tells of llama.cpp's server, asked once; empty for another server."""
        if self._props is None:
            try:
                self._props = await self._root.ask("GET", "/props", seconds=_PROPS_SECONDS)
            except ServerUnreachable:
                return {}  # it may tell later
            except EngineError:
                self._props = {}
        return self._props

    async def _entries(self) -> dict[str, Mapping[str, Any]]:
        answer = await self._transport.ask("GET", "/models")
        if not isinstance(answer.get("data"), list):
            raise errors.refused("", status=404, url=self.url)
        found = {
            name: entry
            for entry in tables(answer["data"], MOST_MODELS)
            if (name := text(entry.get("id"))) and len(name) <= LONGEST_NAME
        }
        self._listed = {
            *found,
            *(alias for entry in found.values() for alias in texts(entry.get("aliases"))),
        }
        return found

    async def running(self) -> list[RunningModel]:
        return []

    async def chat(self, request: ChatRequest) -> AsyncGenerator[StreamEvent]:
        """See `Engine.chat`. `ThinkMode.OFF` is a wish in these servers' words; one that refuses the words is asked
        again without them, one that refuses to go on behind a reasoning with this as plain text."""
        yield PhaseChanged(Phase.CONNECTING)
        began = time.monotonic()
        if request.model not in self._listed:
            await self._entries()
        if (
            request.model not in self._listed
        ):  # llama.cpp's server answers to any name with the model that it has
            raise ModelMissing(phrase("engine.model_missing", model=request.model))
        body = chat_fields(request)
        if await self._properties():
            body |= _LLAMA_CPPS
        wishes = _thinking_wishes(request.think)
        reader = AnswerReader(_parser_for(request))
        opens = await self.opens_thinking(request)
        if opens:
            begun = {"role": Role.ASSISTANT.value, "content": f"{OPENER}\n"}
            wishes |= _GOES_ON | {"messages": [*body["messages"], begun]}
            reader = AnswerReader(ThinkParser(inside=True))
        try:
            async with aclosing(self._events(body | wishes, request.model, reader, began)) as events:
                async for event in events:
                    yield event
        except RequestRefused as error:
            plain = _in_plain_text(request)
            if not (wishes or plain) or reader.started or isinstance(error, NotAllowed | PromptTooLong):
                raise
            self._opens = self._opens and not opens
            reader = AnswerReader(_parser_for(request), answer_only=plain is not None)
            if plain is not None:
                body["messages"] = chat_fields(plain)["messages"]
            async with aclosing(self._events(body, request.model, reader, began)) as events:
                async for event in events:
                    yield event

    async def close(self) -> None:
        await self._transport.close()
        await self._root.close()

    async def _events(
        self, body: dict[str, Any], model: str, reader: AnswerReader, began: float
    ) -> AsyncGenerator[StreamEvent]:
        answer = _Answer(began, controlled="reasoning_control" in body)
        try:
            async with aclosing(self._transport.lines("/chat/completions", body, model=model)) as batches:
                async for lines in batches:
                    events: list[StreamEvent] = [] if lines else [PhaseChanged(Phase.READING)]
                    for line in lines:
                        if len(line) < SLOW_TO_PARSE:
                            events += self._read(line, answer, reader, model)
                        else:
                            events += await asyncio.to_thread(self._read, line, answer, reader, model)
                    for event in merged(events):
                        yield event
                    if answer.failure:
                        raise answer.failure
                    if answer.done:
                        break
            if not answer.reason:
                raise StreamCut(phrase("engine.cut"))
        except EngineError:
            for event in reader.flush():
                yield event
            raise
        stats = answer.stats()
        self._tells_reasoning |= reader.reasoned
        hidden = not self._props and not self._tells_reasoning and _brought_less(reader, stats)
        for event in reader.end(answer.reason, stats, tells_reasoning=not hidden):
            yield event

    def _read(self, line: bytes, answer: _Answer, reader: AnswerReader, model: str) -> list[StreamEvent]:
        """One line of server-sent events; all but `data:` lines mean nothing here."""
        field, _, data = line.strip().partition(b":")
        if field != b"data" or answer.failure or answer.done:
            return []
        if data.strip() == b"[DONE]":
            answer.done = True
            return []
        try:
            value = parse_json(data)
        except Malformed:
            value = None
        if not isinstance(value, dict):
            answer.failure = StreamCut(phrase("engine.cut"))
            return []
        if value.get("error"):
            answer.failure = errors.refused(value, url=self.url, model=model)
            return []
        return answer.take(value, reader)


class _Answer:
    """What one stream has told so far."""

    def __init__(self, began: float, *, controlled: bool) -> None:
        """`controlled`: the server was asked to let its reasoning be ended."""
        self.reason = ""
        self._unnamed = controlled
        self.done = False
        self.failure: EngineError | None = None
        self._began = began
        self._first: float | None = None
        self._last = began
        self._usage: Mapping[str, Any] = {}
        self._timings: Mapping[str, Any] = {}

    def take(self, value: dict[str, Any], reader: AnswerReader) -> list[StreamEvent]:
        self._usage = table(value.get("usage")) or self._usage
        self._timings = table(value.get("timings")) or self._timings
        told: list[StreamEvent] = []
        if self._unnamed and (name := text(value.get("id"))):
            self._unnamed = False
            told.append(AnswerNamed(name))
        if (read := _prompt_read(table(value.get("prompt_progress")))) is not None:
            told.append(read)
        choice = next(iter(tables(value.get("choices"))), {})
        self.reason = text(choice.get("finish_reason")) or self.reason
        delta = table(choice.get("delta"))
        events = reader.take(
            text(delta.get("reasoning_content")) or text(delta.get("reasoning")), text(delta.get("content"))
        )
        if events:
            self._last = time.monotonic()
            self._first = self._first or self._last
        return told + events + alternatives(table(choice.get("logprobs")).get("content"))

    def stats(self) -> AnswerStats:
        """The server's counts; its durations where it tells them (llama.cpp's does), else our clock's."""
        first = self._first
        measured = self._last - first if first is not None else None
        cached = table(self._usage.get("prompt_tokens_details"))
        return AnswerStats(
            prompt_tokens=tokens(self._usage.get("prompt_tokens")),
            answer_tokens=tokens(self._usage.get("completion_tokens")),
            prompt_seconds=seconds(self._timings.get("prompt_ms"), 1e-3),
            eval_seconds=seconds(self._timings.get("predicted_ms"), 1e-3) or measured,
            first_token_seconds=first - self._began if first is not None else None,
            cached_tokens=tokens(cached.get("cached_tokens")),
        )


def _brought_less(reader: AnswerReader, stats: AnswerStats) -> bool:
    """Whether the server may have made more tokens than it has told."""
    return stats.answer_tokens is None or stats.answer_tokens > reader.tokens + _UNSEEN


def chat_fields(request: ChatRequest) -> dict[str, Any]:
    """The body of `/v1/chat/completions`."""
    messages = []
    for turn in request.turns:
        content = turn.content
        if turn.reasoning:
            content = f"{OPENER}\n{turn.reasoning}\n{CLOSER}\n\n{content}"
        messages.append({"role": turn.role.value, "content": content})
    body: dict[str, Any] = {
        "model": request.model,
        "messages": messages,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    body |= _sampling(request)
    if request.alternatives:
        body |= {"logprobs": True, "top_logprobs": request.alternatives}
    if request.turns and request.turns[-1].role is Role.ASSISTANT:
        body |= _GOES_ON
    return body


def _in_plain_text(request: ChatRequest) -> ChatRequest | None:
    """The same with the reasoning of the turn that is gone on with as text of its answer; None where there is none.

    R1's own template on Hugging Face cuts off what stands before `</think>`, and vLLM
    refuses to go on with a turn that its template has changed.
    """
    last = request.turns[-1] if request.turns else None
    if last is None or last.role is not Role.ASSISTANT or not last.reasoning:
        return None
    content = f"{last.reasoning.rstrip()}\n\n{answer_heading(last.reasoning)}\n\n{last.content}"
    return replace(request, turns=(*request.turns[:-1], ChatTurn(Role.ASSISTANT, content)))


def _sampling(request: ChatRequest) -> dict[str, Any]:
    """The request's options in this protocol's words."""
    return {
        _OPTIONS[name]: value
        for name, value in request.options.items()
        if name in _OPTIONS and not (name == "num_predict" and isinstance(value, int) and value < 0)
    }


def _in_columns(told: Mapping[str, Any]) -> list[Alternatives]:
    """`logprobs` of `/v1/completions` as OpenAI had them and vLLM has: a list for each kind of figure."""
    entries = [
        {
            "token": token,
            "logprob": logprob,
            "top_logprobs": [{"token": each, "logprob": of} for each, of in table(likeliest).items()],
        }
        for token, logprob, likeliest in zip(
            items(told.get("tokens")),
            items(told.get("token_logprobs")),
            items(told.get("top_logprobs")),
            strict=False,
        )
    ]
    found = alternatives(entries)
    return [
        replace(each, likeliest=tuple(sorted(each.likeliest, key=lambda pair: -pair[1]))) for each in found
    ]


def _thinking_wishes(mode: ThinkMode) -> dict[str, Any]:
    """Not to think: templates of vLLM, SGLang and llama.cpp take a variable, Ollama an effort. How much: an effort."""
    if mode.is_level:
        return {"reasoning_effort": mode.value}
    if mode is not ThinkMode.OFF:
        return {}
    return {
        "reasoning_effort": "none",
        "chat_template_kwargs": {"thinking": False, "enable_thinking": False},
    }


def _parser_for(request: ChatRequest) -> ThinkParser:
    last = request.turns[-1] if request.turns else None
    if last is not None and last.role is Role.ASSISTANT:
        return ThinkParser(answering=bool(last.content), reasoned=True)
    return ThinkParser()


def _prompt_read(told: Mapping[str, Any]) -> PromptRead | None:
    """How far llama.cpp's server has read the prompt; None where this tells nothing of it."""
    total, done = tokens(told.get("total")), tokens(told.get("processed"))
    if not total or done is None:
        return None
    done = min(done, total)
    kept = min(tokens(told.get("cache")) or 0, done)
    return PromptRead(total, done, kept, seconds(told.get("time_ms"), 1e-3))


def _context_length(entry: Mapping[str, Any]) -> int:
    """Tokens of the context that the server was started with: vLLM's field, else llama.cpp's; 0 where neither is."""
    return tokens(entry.get("max_model_len")) or tokens(table(entry.get("meta")).get("n_ctx")) or 0


def _slot_length(props: Mapping[str, Any]) -> int:
    """Tokens of the context of one conversation, by llama.cpp's `/props`."""
    return tokens(table(props.get("default_generation_settings")).get("n_ctx")) or 0


def _template(props: Mapping[str, Any]) -> str:
    """The model's template, by llama.cpp's `/props`."""
    return text(props.get("chat_template"))


def _ends_inside(template: str) -> bool:
    """Whether the prompt that a template makes ends inside reasoning: behind where the answer begins, the last `<think>`
    is left open."""
    _, asks, end = template.rpartition("add_generation_prompt")
    _, opener, rest = end.rpartition(OPENER)
    return bool(asks and opener) and CLOSER not in rest


def _piece(told: object) -> bytes:
    """A token as llama.cpp's server tells it: its text, or its bytes where they are none."""
    if isinstance(told, str):
        return text(told).encode()
    return bytes(byte for each in items(told) if (byte := whole(each, 0, 255)) is not None)


def _model(name: str, entry: Mapping[str, Any]) -> Model:
    """An entry of `/v1/models`; llama.cpp's server tells its file's facts beside the name."""
    facts = table(entry.get("meta"))
    parameters = whole(facts.get("n_params")) or 0
    return Model(
        name,
        size=whole(facts.get("size")) or 0,
        parameters=f"{parameters / 1e9:.1f}B"
        if parameters >= 1e9
        else f"{parameters / 1e6:.0f}M"
        if parameters
        else "",
        quantization=text(facts.get("ftype")),
        context_length=tokens(facts.get("n_ctx_train")) or 0,
    )
