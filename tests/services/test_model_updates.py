"""Which models have an update, asked of registries that answer well, badly, or not."""

from __future__ import annotations

import gzip
import json
import threading
import tracemalloc
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
import zstandard
from httpx._utils import URLPattern

from r1tui.domain.model import Model
from r1tui.locale import say
from r1tui.services.models import updates as updates_module
from r1tui.services.models.disk import Manifest
from r1tui.services.models.updates import Update, UpdateState, asked_at, updates

real_client = updates_module._client
OLD, NEW, CONFIG = (sign * 64 for sign in "abc")


def manifest(digest: str) -> bytes:
    layers = [{"digest": f"sha256:{digest}", "size": 5000}]
    return json.dumps({"config": {"digest": f"sha256:{CONFIG}", "size": 10}, "layers": layers}).encode()


class Registry(ThreadingHTTPServer):
    """Answers each path with what it was given: status, headers, body."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[str] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def name(self, model: str) -> str:
        """A model's name here."""
        return f"127.0.0.1:{self.server_address[1]}/library/{model}:1"

    def has(self, model: str, body: bytes, status: int = 200, **headers: str) -> None:
        """What it answers about a model."""
        self.answers[f"/v2/library/{model}/manifests/1"] = status, headers, body


class _Handler(BaseHTTPRequestHandler):
    server: Registry

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        status, headers, body = self.server.answers.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def registry() -> Iterator[Registry]:
    server = Registry()
    yield server
    server.shutdown()
    server.server_close()


async def asked(models: list[Model], here: dict[str, Manifest] | None = None) -> list[Update]:
    return [each async for each in updates(models, here)]


async def test_what_is_the_same_and_what_is_newer_is_told_with_what_would_come(registry: Registry) -> None:
    for model in ("same", "newer"):
        registry.has(model, manifest(NEW))
    same = Model(registry.name("same"), digest=sha256(manifest(NEW)).hexdigest())
    newer = Model(registry.name("newer"), digest=sha256(manifest(OLD)).hexdigest())
    mine = Model(registry.name("mine"), digest="ab")
    assert await asked([same, newer, mine]) == [
        Update(same.name, UpdateState.SAME),
        Update(newer.name, UpdateState.NEWER, 5010),
        Update(mine.name, UpdateState.UNKNOWN),
    ]


async def test_files_that_the_server_has_are_not_counted_and_another_spelling_is_no_update(
    registry: Registry,
) -> None:
    registry.has("spelled", manifest(NEW) + b"\n")
    registry.has("newer", manifest(NEW))
    spelled = Model(registry.name("spelled"), digest=sha256(manifest(NEW)).hexdigest())
    newer = Model(registry.name("newer"), digest="ab")
    here = {
        spelled.name: Manifest({NEW: 5000, CONFIG: 10}),
        newer.name: Manifest({OLD: 5000, CONFIG: 10}),
    }
    assert await asked([spelled, newer], here) == [
        Update(spelled.name, UpdateState.SAME),
        Update(newer.name, UpdateState.NEWER, 0),
    ]


async def test_a_registry_that_answers_badly_is_a_sentence(registry: Registry) -> None:
    registry.has("refused", b"", 401)
    registry.has("broken", b"[" * 5000)
    registry.has("huge", b" " * ((1 << 20) + 1))
    registry.has("away", b"", 302, Location="http://example.com/v2/")
    models = [Model(registry.name(each), digest="ab") for each in ("refused", "broken", "huge", "away")]
    found = await asked(models)
    assert {each.state for each in found} == {UpdateState.FAILED}
    reasons = [say(each.why) for each in found if each.why is not None]
    assert reasons[:3] == [
        "it answered with 401",
        "what it sent is no list of a model's files",
        "what it sent is no list of a model's files",
    ]
    assert "example.com" in reasons[3]
    assert len(registry.asked) == 4, "nothing is asked for without TLS elsewhere"


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
async def test_an_answer_that_grows_a_thousandfold_is_not_unpacked(registry: Registry, coding: str) -> None:
    blank = b" " * (300 << 20)
    packed = gzip.compress(blank) if coding == "gzip" else zstandard.compress(blank)
    registry.has("bomb", packed, 200, **{"Content-Encoding": coding})
    del blank
    tracemalloc.start()
    found = await asked([Model(registry.name("bomb"), digest="ab")])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [each.state for each in found] == [UpdateState.FAILED]
    assert peak < 64 << 20


async def test_a_registry_elsewhere_sends_nobody_to_this_machine(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What listens here trusts who is here."""
    monkeypatch.setattr(updates_module, "_client", lambda *, loopback: _elsewhere(loopback, registry))
    found = await asked([Model("registry.example/library/m:1", digest="ab")])
    assert [each.state for each in found] == [UpdateState.FAILED]
    assert registry.asked == []


def _elsewhere(loopback: bool, registry: Registry) -> httpx.AsyncClient:
    """The client of `updates`, for which a registry of another machine answers with a redirect to this one."""
    client = real_client(loopback=loopback)
    there = f"http://127.0.0.1:{registry.server_address[1]}/"
    answer = httpx.MockTransport(lambda request: httpx.Response(302, headers={"Location": there}))
    client._mounts = {URLPattern("https://"): answer}
    return client


def test_only_models_of_the_server_are_asked_about_and_bare_names_where_the_mirror_is() -> None:
    models = [Model("r1:8b"), Model("far:1", remote_host="ollama.com"), Model("no name / at all / / x")]
    assert asked_at(models) == {"registry.ollama.ai": ["r1:8b"]}
    assert asked_at(models, "modelscope.cn/library") == {"modelscope.cn": ["r1:8b"]}
