"""A server that speaks Ollama's protocol (and OpenAI's) from a script, over plain asyncio streams.

In a test it runs in the test's own event loop (`async with ScriptedServer() as server`) and does exactly what the test
says: cold loads, faults, cuts, stalls, any bytes. As a command it feeds benchmarks at a steady rate:

    python -m tests.support.scripted --rate 40 --reasoning 300 --answer 900

The protocol's facts (field names, order of lines, when an error is a status and when a line) follow Ollama's API
documentation and what v0.17.4 was seen to send; with `version="0.33.0"` what that one does otherwise: more fields in
`/api/tags`, other words for a prompt that is too long, a refusal of a damaged GGUF by `llama-quantize`, a download whose
last figure never comes, and the template of a
model's file where that can do more, with llama.cpp's way of going on with an answer.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.http_wire import Connection, Request
from tests.support.script import (
    Answer,
    Cut,
    Gate,
    Hang,
    Line,
    Pause,
    Pull,
    Raw,
    Say,
    Step,
    Think,
    answer,
    pull,
    tokens,
)

OLD, NEW = "0.17.4", "0.33.0"
VERSIONS = (OLD, NEW)
"""What it plays, one of either range: before 0.30, and since, with llama.cpp's own server inside."""
CREATED = "2026-01-02T03:04:05.678Z"


class Dropped(Exception):
    """The script cuts the connection."""


@dataclass(slots=True)
class ScriptedModel:
    """A model that the scripted server has."""

    name: str
    size: int = 1_117_322_768
    thinks: bool = True
    quantization: str = "Q4_K_M"
    parameters: str = "1.8B"
    family: str = "qwen2"
    template: str = "{{ range .Messages }}{{ .Content }}{{ end }}"
    parameter_lines: str = 'temperature                    0.6\nstop                           "<|im_end|>"'
    system: str = ""
    examples: tuple[str, ...] = ()
    """Messages that its Modelfile puts before every conversation."""
    license: str = "MIT License"
    native: bool = False
    """Whether the template in its file can do more than its own, as with R1's distills: Ollama since 0.30 takes that one,
    which knows nothing of not thinking, and llama.cpp's rules for a last turn of the assistant, without its reasoning."""
    begins: str = ""
    """What that template begins an answer with: nothing or `<think>` and a line's end."""
    remote_host: str = ""
    """Of a cloud model: where the server passes its prompts on to, such as `https://ollama.com:443`."""
    info: dict[str, Any] = field(default_factory=lambda: {
        "general.architecture": "qwen2",
        "general.parameter_count": 1_777_088_000,
        "qwen2.block_count": 28,
        "qwen2.context_length": 131_072,
        "qwen2.embedding_length": 1536,
        "qwen2.attention.head_count": 12,
        "qwen2.attention.head_count_kv": 2,
    })  # fmt: skip
    vocabulary: dict[str, Any] = field(default_factory=dict)
    """The lists that `/api/show` tells beside `info` when it is asked for all."""

    @property
    def digest(self) -> str:
        """A digest that only this name has."""
        return hashlib.sha256(self.name.encode()).hexdigest()

    def details(self) -> dict[str, Any]:
        """The `details` object of several replies."""
        return {
            "parent_model": "",
            "format": "gguf",
            "family": self.family,
            "families": [self.family],
            "parameter_size": self.parameters,
            "quantization_level": self.quantization,
        }

    @property
    def capabilities(self) -> list[str]:
        """What it can do, in Ollama's words."""
        return ["completion", "thinking"] if self.thinks else ["completion"]

    def tag(self, version: str = OLD) -> dict[str, Any]:
        """Its entry in `/api/tags`."""
        entry: dict[str, Any] = {
            "name": self.name,
            "model": self.name,
            "modified_at": CREATED,
            "size": self.size,
            "digest": self.digest,
            "details": self.details(),
        }
        if self.remote_host:
            entry |= {"remote_model": self.name.removesuffix("-cloud"), "remote_host": self.remote_host}
        if version == NEW:
            length = self.info.get("qwen2.context_length", 0)
            entry["details"] |= {"context_length": length}
            entry["capabilities"] = self.capabilities
        return entry

    def show(self, verbose: bool = False) -> dict[str, Any]:
        """The reply of `/api/show`."""
        return {
            "license": self.license,
            "modelfile": f"FROM /models/{self.name}\n",
            "parameters": self.parameter_lines,
            "template": self.template,
            "system": self.system,
            "details": self.details(),
            "model_info": self.info | (self.vocabulary if verbose else {}),
            "capabilities": self.capabilities,
            "modified_at": CREATED,
            **(
                {"messages": [{"role": "user", "content": each} for each in self.examples]}
                if self.examples
                else {}
            ),
        }


async def _turns(count: int = 3) -> None:
    """Let the loop do what it has at hand."""
    for _ in range(count):
        await asyncio.sleep(0)


class ScriptedServer:
    """The server; set its attributes before or while it runs."""

    def __init__(self, *models: ScriptedModel, version: str = OLD, port: int = 0) -> None:
        self.models: dict[str, ScriptedModel] = {model.name: model for model in models}
        self.version = version
        """`OLD` or `NEW`: what it plays follows from it."""
        self.context = 0
        """Tokens that fit into a prompt (a word is one); 0 for no limit. Longer ones are refused in the version's words
        where the request says `truncate: false`, else taken as by a server that cuts them."""
        self.requests: list[Request] = []
        """Every request so far, in order of arrival."""
        self.dropped: list[Request] = []
        """Those whose client closed the connection before the reply ended."""
        self.likely: dict[str, list[tuple[str, float]]] = {}
        """What is told of the next token after a raw prompt: (token, logarithm of its probability), the likeliest first,
        which is the one drawn; where that is no text, nothing is told, unless a format forbids it."""
        self.count: Callable[[str], int] = lambda prompt: len(prompt.split())
        """How many tokens a raw prompt has."""
        self.answers: deque[Answer] = deque()
        """Answers to come, in order; afterwards each request gets `default`."""
        self.default: Callable[[], Answer] = lambda: answer("The answer is 4.", "Two and two are four.")
        self.pulls: deque[Pull] = deque()
        """Downloads (and uploads) to come; afterwards each one succeeds."""
        self.running: list[dict[str, Any]] = []
        """The models of `/api/ps`."""
        self.blobs: dict[str, int] = {}
        """digest → bytes received at `/api/blobs`."""
        self.damaged: set[str] = set()
        """Digests of uploads that `/api/create` finds to be no sound GGUF."""
        self.delay = 0.0
        """Seconds before each reply that is no stream: a slow link or machine."""
        self.failing: dict[str, tuple[int, str]] = {}
        """path → (status, words) to fail with instead of answering."""
        self.garbage: dict[str, bytes] = {}
        """path → a body to send with status 200 instead of answering; `""` stands for every path that is not named."""
        self.headers_wanted: dict[str, str] = {}
        """Headers (names in lower case) without which it answers 401, as a reverse proxy does."""
        self.cloud: bool | None = None
        """Whether `/api/status` says that cloud functions are on; None for a server that has no such path."""
        self.reasoning_field = "reasoning_content"
        """Where `/v1/chat/completions` puts reasoning: DeepSeek's and vLLM's name; others say `reasoning`."""
        self._port = port
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen, on the same port as before when it ran before."""
        self._server = await asyncio.start_server(
            self._connected, "127.0.0.1", self._port, reuse_address=True
        )
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close everything at once, as a server that is killed."""
        if self._server is not None:
            for listening in self._server.sockets:
                asyncio.get_running_loop().remove_reader(listening.fileno())
            await _turns()  # what was accepted just now becomes a connection, which asyncio's closed servers (3.13) fail at
            self._server.close()
            self._server = None
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await _turns()  # the connections' sockets are closed

    async def __aenter__(self) -> ScriptedServer:
        """Start."""
        await self.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Stop."""
        await self.stop()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._port

    @property
    def url(self) -> str:
        """Its address with the scheme."""
        return f"http://127.0.0.1:{self._port}"

    def add(self, name: str, **fields: Any) -> ScriptedModel:
        """Have one more model."""
        self.models[name] = ScriptedModel(name, **fields)
        return self.models[name]

    def sent_to(self, path: str) -> list[Request]:
        """The requests to one path."""
        return [request for request in self.requests if request.path == path]

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Known from its first moment on, so that `stop` forgets no connection; a task may end before it begins."""
        connection = Connection(reader, writer)
        task = asyncio.create_task(self._converse(connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: connection.close())

    async def _converse(self, connection: Connection) -> None:
        with contextlib.suppress(
            Dropped, ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError
        ):
            while (request := await connection.next_request()) is not None:
                self.requests.append(request)
                await self._serve(connection, request)

    async def _serve(self, connection: Connection, request: Request) -> None:
        """Answer one request, and note when its client goes away meanwhile."""
        work = asyncio.ensure_future(self._answer(connection, request))
        gone = asyncio.ensure_future(connection.closed_by_client())
        try:
            await asyncio.wait((work, gone), return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                self.dropped.append(request)
                raise Dropped
            work.result()
        except ConnectionError:
            self.dropped.append(request)
            raise
        finally:
            for task in (work, gone):
                task.cancel()
            await asyncio.gather(work, gone, return_exceptions=True)

    async def _answer(self, connection: Connection, request: Request) -> None:
        missing = {name for name, value in self.headers_wanted.items() if request.headers.get(name) != value}
        if missing:
            await connection.send_json({"error": "unauthorized"}, 401)
            return
        if request.path in self.failing:
            status, words = self.failing[request.path]
            await connection.send_json({"error": words}, status)
            return
        if (body := self.garbage.get(request.path, self.garbage.get(""))) is not None:
            await connection.send(body)
            return
        handler = self._handlers.get((request.method, request.path))
        if request.path.startswith("/api/blobs/"):
            handler = ScriptedServer._blob
        if handler is None:
            await connection.send_json({"error": "404 page not found"}, 404)
            return
        await handler(self, connection, request)

    async def _reply(self, connection: Connection, value: object, status: int = 200) -> None:
        if self.delay:
            await asyncio.sleep(self.delay)
        await connection.send_json(value, status)

    async def _root(self, connection: Connection, request: Request) -> None:
        await connection.send(b"Ollama is running", content_type="text/plain")

    async def _version(self, connection: Connection, request: Request) -> None:
        await self._reply(connection, {"version": self.version})

    async def _status(self, connection: Connection, request: Request) -> None:
        if self.cloud is None:
            await connection.send_json({"error": "404 page not found"}, 404)
        else:
            source = "none" if self.cloud else "env"
            await self._reply(connection, {"cloud": {"disabled": not self.cloud, "source": source}})

    async def _tags(self, connection: Connection, request: Request) -> None:
        await self._reply(connection, {"models": [model.tag(self.version) for model in self.models.values()]})

    async def _ps(self, connection: Connection, request: Request) -> None:
        await self._reply(connection, {"models": self.running})

    def _model_of(self, request: Request) -> ScriptedModel | None:
        name = str(request.json.get("model") or request.json.get("name") or "")
        return self.models.get(name) or self.models.get(f"{name}:latest")

    async def _not_found(self, connection: Connection, request: Request) -> None:
        name = request.json.get("model") or request.json.get("name")
        await self._reply(connection, {"error": f"model '{name}' not found"}, 404)

    async def _show(self, connection: Connection, request: Request) -> None:
        model = self._model_of(request)
        if model is None:
            await self._not_found(connection, request)
        else:
            await self._reply(connection, model.show(verbose=bool(request.json.get("verbose"))))

    def _load(self, model: ScriptedModel, options: dict[str, Any]) -> None:
        self._unload(model)
        entry = model.tag() | {
            "size_vram": 0,
            "context_length": options.get("num_ctx", 4096),
            "expires_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 300)),
        }
        self.running.append(entry)

    def _unload(self, model: ScriptedModel) -> None:
        self.running = [entry for entry in self.running if entry["name"] != model.name]

    async def _chat(self, connection: Connection, request: Request) -> None:
        model = self._model_of(request)
        if model is None:
            await self._not_found(connection, request)
            return
        think = request.json.get("think")
        if think and not model.thinks:
            await self._reply(connection, {"error": f'"{model.name}" does not support thinking'}, 400)
            return
        if isinstance(think, str) and not model.family.startswith("gpt") and self.version == OLD:
            words = f'think value "{think}" is not supported for this model'
            await self._reply(connection, {"error": words}, 400)
            return
        key = "prompt" if request.path == "/api/generate" else "messages"
        if not request.json.get(key):
            unload = request.json.get("keep_alive") in (0, "0", "0s")
            if self.answers and not unload:  # loading ahead of the answer takes its time
                await asyncio.sleep(self.answers[0].cold)
                self.answers[0].cold = 0.0
            (self._unload(model) if unload else self._load(model, request.json.get("options") or {}))
            reason = "unload" if unload else "load"
            empty = (
                {"message": {"role": "assistant", "content": ""}} if key == "messages" else {"response": ""}
            )
            await self._reply(
                connection,
                {"model": model.name, "created_at": CREATED} | empty | {"done": True, "done_reason": reason},
            )
            return
        if request.json.get("raw") and request.json.get("stream") is False:
            told = self.likely.get(str(request.json["prompt"]), [])
            entries = [{"token": token, "logprob": logprob} for token, logprob in told]
            answered: dict[str, Any] = {"model": model.name, "response": "", "done": True}
            answered["prompt_eval_count"] = self.count(str(request.json["prompt"]))
            if entries and (request.json.get("format") or told[0][0].strip("\ufffd")):
                answered |= {"logprobs": [entries[0] | {"top_logprobs": entries}]}
            self._load(model, request.json.get("options") or {})
            await self._reply(connection, answered)
            return
        needed = sum(len(str(turn.get("content")).split()) for turn in request.json.get("messages") or ())
        if self.context and needed > self.context and request.json.get("truncate") is False:
            await self._reply(connection, {"error": too_long(self.version, needed, self.context)}, 400)
            return
        if request.json.get("_debug_render_only"):
            rendered = {"rendered_template": self._rendered(model, request)}
            facts = {"model": model.name, "created_at": CREATED, "_debug_info": rendered}
            await self._reply(connection, facts)
            return
        script = self.answers.popleft() if self.answers else self.default()
        if not await self._open(connection, script):
            return
        self._load(model, request.json.get("options") or {})
        show_thinking = model.thinks and think is not False
        generate = request.path == "/api/generate"

        def line(step: Think | Say) -> bytes | None:
            if isinstance(step, Think):
                if not show_thinking:
                    return None
                fields = {"thinking": step.text}
            else:
                fields = {"response" if generate else "content": step.text}
            if not generate:
                fields = {"message": {"role": "assistant", "content": ""} | fields}  # type: ignore[dict-item]
            elif isinstance(step, Think):
                fields["response"] = ""
            return _ndjson({"model": model.name, "created_at": CREATED} | fields | {"done": False})

        await connection.start_stream("application/x-ndjson")
        began = time.monotonic()
        count = await self._play(connection, script.steps, script.rate, line)
        if script.done:
            await connection.chunk(_ndjson(self._closing(model, script, count, began, generate)))
        await connection.end_stream()

    def _rendered(self, model: ScriptedModel, request: Request) -> str:
        """The prompt of a chat. A last turn of the assistant is left open, with its reasoning where the template prints it."""
        turns = list(request.json.get("messages") or ())
        last = turns.pop() if turns and turns[-1].get("role") == "assistant" else None
        words = "".join(f"<|{turn.get('role')}|>{turn.get('content')}" for turn in turns)
        content = last.get("content") if last else ""
        if model.native and self.version == NEW:  # by llama.cpp's rules
            if last is None:
                return f"{words}<|assistant|>{model.begins}"
            return f"{words}<|assistant|><think></think>{content}" if content else words
        if last is not None:
            thinking = last.get("thinking")
            return (
                f"{words}<|assistant|>" + (f"<think>\n{thinking}\n</think>\n\n" if thinking else "") + content
            )
        shut = model.thinks and request.json.get("think") is False
        return f"{words}<|assistant|><think>\n\n</think>\n\n" if shut else words

    async def _open(self, connection: Connection, script: Answer) -> bool:
        """Wait as a cold load does; whether the stream begins (else the script's error was sent)."""
        if script.cold:
            await asyncio.sleep(script.cold)
        if script.opening is not None:
            script.opening.reached.set()
            await script.opening.opened.wait()
        if script.status != 200:
            await connection.send_json({"error": script.error}, script.status)
            return False
        return True

    def _closing(
        self, model: ScriptedModel, script: Answer, count: int, began: float, generate: bool
    ) -> dict[str, Any]:
        tokens_sent, seconds = script.counts or (count, max(time.monotonic() - began, 1e-6))
        empty = {"response": ""} if generate else {"message": {"role": "assistant", "content": ""}}
        return {"model": model.name, "created_at": CREATED} | empty | {
            "done": True,
            "done_reason": script.done_reason,
            "total_duration": int((seconds + 0.2) * 1e9),
            "load_duration": 100_000_000,
            "prompt_eval_count": script.prompt_tokens,
            "prompt_eval_duration": 100_000_000,
            "eval_count": tokens_sent,
            "eval_duration": int(seconds * 1e9),
        }  # fmt: skip

    async def _play(
        self,
        connection: Connection,
        steps: list[Step],
        rate: float | None,
        line: Callable[[Think | Say], bytes | None],
    ) -> int:
        """Send the steps; token n is due n/rate seconds after the start, so that a late wake-up is made good."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        sent = 0
        for step in steps:
            if isinstance(step, Think | Say):
                data = line(step)
                if data is None:
                    continue
                if rate:
                    wait = start + sent / rate - loop.time()
                    if wait > 0:
                        await asyncio.sleep(wait)
                sent += 1
                await connection.chunk(data)
            elif isinstance(step, Pause):
                await asyncio.sleep(step.seconds)
                start += step.seconds
            elif isinstance(step, Gate):
                step.reached.set()
                await step.opened.wait()
            elif isinstance(step, Line):
                await connection.chunk(_ndjson(step.value))
            elif isinstance(step, Raw):
                await connection.chunk(step.data)
            elif isinstance(step, Cut):
                raise Dropped
            elif isinstance(step, Hang):
                await asyncio.Event().wait()
        return sent

    async def _pull(self, connection: Connection, request: Request) -> None:
        script = self.pulls.popleft() if self.pulls else pull(last_figure=self.version == OLD)
        if script.status != 200:
            await connection.send_json({"error": script.error}, script.status)
            return
        await connection.start_stream("application/x-ndjson")
        await self._play(connection, script.steps, None, lambda step: None)
        last = next((step for step in reversed(script.steps) if isinstance(step, Line)), None)
        if request.path == "/api/pull" and script.installs and last and last.value.get("status") == "success":
            name = str(request.json.get("model") or request.json.get("name"))
            self.add(name if ":" in name.rsplit("/", 1)[-1] else f"{name}:latest")
        await connection.end_stream()

    async def _delete(self, connection: Connection, request: Request) -> None:
        model = self._model_of(request)
        if model is None:
            await self._not_found(connection, request)
            return
        self._unload(model)
        del self.models[model.name]
        await self._reply(connection, None)

    async def _copy(self, connection: Connection, request: Request) -> None:
        source = self.models.get(str(request.json.get("source")))
        if source is None:
            await self._reply(connection, {"error": f"model '{request.json.get('source')}' not found"}, 404)
            return
        name = str(request.json["destination"])
        self.models[name] = ScriptedModel(
            name, source.size, source.thinks, source.quantization, source.parameters
        )
        await self._reply(connection, None)

    async def _create(self, connection: Connection, request: Request) -> None:
        files = request.json.get("files") or {}
        absent = [digest for digest in files.values() if digest not in self.blobs]
        await connection.start_stream("application/x-ndjson")
        if absent:
            await connection.chunk(_ndjson({"error": f'blob "{absent[0]}" not found'}))
        elif self.damaged & set(files.values()):
            words = (
                "invalid file magic"
                if self.version == OLD
                else "failed to validate GGUF with llama-quantize without compatibility patches: exit status 1"
            )
            await connection.chunk(_ndjson({"error": words}))
        else:
            for status in ("parsing GGUF", "using existing layer", "writing manifest", "success"):
                await connection.chunk(_ndjson({"status": status}))
            template = str(request.json.get("template") or "")
            self.add(
                str(request.json.get("model") or request.json.get("name")),
                template=template,
                thinks=".Thinking" in template,
                system=str(request.json.get("system") or ""),
            )
        await connection.end_stream()

    async def _blob(self, connection: Connection, request: Request) -> None:
        digest = request.path.rsplit("/", 1)[-1]
        if request.method == "HEAD":
            await connection.send(b"", 200 if digest in self.blobs else 404)
        elif "sha256:" + hashlib.sha256(request.body).hexdigest() != digest:
            await self._reply(connection, {"error": f'digest mismatch, expected "{digest}"'}, 400)
        else:
            self.blobs[digest] = len(request.body)
            await connection.send(b"", 201)

    async def _openai_models(self, connection: Connection, request: Request) -> None:
        data = [{"id": name, "object": "model", "created": 0, "owned_by": "library"} for name in self.models]
        await self._reply(connection, {"object": "list", "data": data})

    async def _openai_chat(self, connection: Connection, request: Request) -> None:
        model = self._model_of(request)
        if model is None:
            words = f"model '{request.json.get('model')}' not found"
            error = {"message": words, "type": "not_found_error", "param": None, "code": None}
            await self._reply(connection, {"error": error}, 404)
            return
        script = self.answers.popleft() if self.answers else self.default()
        if not await self._open(connection, script):
            return
        head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 0, "model": model.name}

        def event(delta: dict[str, Any], finish: str | None = None) -> bytes:
            return _sse(head | {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

        def line(step: Think | Say) -> bytes:
            return event({self.reasoning_field if isinstance(step, Think) else "content": step.text})

        await connection.start_stream("text/event-stream")
        await connection.chunk(event({"role": "assistant", "content": ""}))
        count = await self._play(connection, script.steps, script.rate, line)
        if script.done:
            await connection.chunk(event({}, script.done_reason))
            if (request.json.get("stream_options") or {}).get("include_usage"):
                count = script.counts[0] if script.counts else count
                usage = {
                    "prompt_tokens": script.prompt_tokens,
                    "completion_tokens": count,
                    "total_tokens": script.prompt_tokens + count,
                }
                await connection.chunk(_sse(head | {"choices": [], "usage": usage}))
            await connection.chunk(b"data: [DONE]\n\n")
        await connection.end_stream()

    _handlers = {
        ("GET", "/"): _root,
        ("HEAD", "/"): _root,
        ("GET", "/api/version"): _version,
        ("GET", "/api/status"): _status,
        ("GET", "/api/tags"): _tags,
        ("GET", "/api/ps"): _ps,
        ("POST", "/api/show"): _show,
        ("POST", "/api/chat"): _chat,
        ("POST", "/api/generate"): _chat,
        ("POST", "/api/pull"): _pull,
        ("POST", "/api/push"): _pull,
        ("DELETE", "/api/delete"): _delete,
        ("POST", "/api/copy"): _copy,
        ("POST", "/api/create"): _create,
        ("GET", "/v1/models"): _openai_models,
        ("POST", "/v1/chat/completions"): _openai_chat,
    }


def too_long(version: str, needed: int, context: int) -> str:
    """The words with which a server of that version refuses a prompt of more tokens than its context has."""
    if version == OLD:
        return "the input length exceeds the context length"
    # What llama.cpp's server said, handed on as it came: a JSON text in a string.
    inner = {
        "code": 400,
        "message": f"request ({needed} tokens) exceeds the available context size ({context} tokens), try increasing it",
        "type": "exceed_context_size_error",
        "n_prompt_tokens": needed,
        "n_ctx": context,
    }
    return json.dumps({"error": inner})


def _ndjson(value: object) -> bytes:
    return (
        json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass") + b"\n"
    )


def _sse(value: object) -> bytes:
    return b"data: " + _ndjson(value) + b"\n"


WORDS = (
    "The reader asks how a partition grows while it is mounted so first the table then the file system must be told "
    "about the new size and only then is the space there. "
)
PROSE = (
    "## Growing it\n\nYes, **ext4** can grow while mounted. Two steps do it, and both are quick:\n\n"
    "1. Enlarge the partition with `growpart /dev/sda 2`.\n2. Grow the file system with `resize2fs /dev/sda2`.\n\n"
    "```bash\nsudo growpart /dev/sda 2\nsudo resize2fs /dev/sda2\n```\n\n"
    "| step | tool | time |\n|---|---|---|\n| partition | growpart | short |\n| file system | resize2fs | longer |\n\n"
    "> Keep a backup all the same; a full disk in the middle of this is no fun at all.\n\n"
)


def steady_answer(reasoning: int, content: int, rate: float | None, text: str = "") -> Answer:
    """An answer with so many tokens of reasoning and of Markdown (of `text`, else of the bench's own)."""

    def first(source: str, count: int) -> list[str]:
        words = tokens(source)
        return [words[at % len(words)] for at in range(count)]

    steps: list[Step] = [Think(token) for token in first(WORDS, reasoning)]
    steps += [Say(token) for token in first(text or PROSE, content)]
    return Answer(steps, rate=rate)


async def _main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.support.scripted", description="A scripted Ollama."
    )
    parser.add_argument("--port", type=int, default=0, help="0 for a free one, which is printed")
    parser.add_argument("--rate", type=float, default=40, help="tokens a second, 0 for no limit")
    parser.add_argument("--reasoning", type=int, default=300, help="tokens of reasoning in an answer")
    parser.add_argument("--answer", type=int, default=900, help="tokens after it")
    parser.add_argument("--text-file", type=Path, help="the answer's text, cut into tokens")
    parser.add_argument("--models", type=int, default=1, help="how many models it has")
    options = parser.parse_args()
    text = options.text_file.read_text() if options.text_file else ""
    server = ScriptedServer(port=options.port)
    server.add("deepseek-r1:1.5b")
    for number in range(1, options.models):
        server.add(f"model-{number}:latest", thinks=number % 2 == 0)
    server.default = lambda: steady_answer(options.reasoning, options.answer, options.rate or None, text)
    async with server:
        print(server.url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main())
