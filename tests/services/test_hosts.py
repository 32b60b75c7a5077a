"""From settings to a server: names, addresses, secrets that live elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from io import StringIO
from pathlib import Path

import pytest

from r1tui.domain.chat import ChatRequest, ChatTurn
from r1tui.domain.message import Role
from r1tui.domain.phrase import phrase
from r1tui.domain.settings import HostSettings, Settings
from r1tui.domain.settings_schema import read_settings
from r1tui.locale import say, t
from r1tui.services.doctor import Subject, cloud_advice, run_doctor
from r1tui.services.engines.engine import Engine, EngineError, HostError, ModelManager
from r1tui.services.engines.hosts import make_engine, resolve_host, resolved_headers
from r1tui.services.engines.ollama import errors
from r1tui.services.engines.ollama.engine import OllamaEngine
from r1tui.services.engines.openai.engine import OpenAIEngine
from tests.support.scripted import ScriptedServer


def test_a_host_is_a_name_an_address_or_the_environment() -> None:
    settings = Settings(
        hosts={"big": HostSettings(url="https://big.example/x", kind="openai", headers={"X-Key": "env:K"})}
    )
    assert resolve_host("big", settings).url == "https://big.example:443/x"
    assert resolve_host("10.0.0.7", settings).url == "http://10.0.0.7:11434"
    assert resolve_host("", settings, {"OLLAMA_HOST": "0.0.0.0:5"}).url == "http://127.0.0.1:5"
    assert resolve_host("", settings, {}).local
    settings.server.host = "big"
    assert resolve_host("", settings, {"OLLAMA_HOST": "x"}).name == "big"
    assert resolve_host("10.0.0.7", settings).name == ""


@pytest.mark.parametrize("named", ["big", "10.0.0.7"])
def test_what_named_a_host_is_told_by_the_order_in_which_it_is_looked_for(named: str) -> None:
    settings = Settings(hosts={"big": HostSettings(url="https://big.example/x")})
    environ = {"OLLAMA_HOST": "10.0.0.8"}
    assert resolve_host(named, settings, environ).named_by == "--host"
    assert resolve_host(" ", settings, environ).named_by == "OLLAMA_HOST"
    assert resolve_host("", settings, {"OLLAMA_HOST": " "}).named_by == ""
    settings.server.host = named
    assert resolve_host(" ", settings, environ).named_by == "[server] host"


def test_the_kind_chooses_the_engine() -> None:
    assert isinstance(make_engine(resolve_host("", Settings(), {})), ModelManager)
    big = Settings(hosts={"big": HostSettings(url="http://big", kind="openai", headers={"X-Key": "env:K"})})
    assert isinstance(make_engine(resolve_host("big", big), {"K": "v"}), OpenAIEngine)


@pytest.mark.parametrize(
    ("table", "key"),
    [
        (HostSettings(url="http://x", kind="olama"), "engine.host_kind"),
        (HostSettings(url="x y"), "engine.host_junk"),
        (HostSettings(url=""), "engine.host_junk"),
    ],
)
def test_a_wrong_table_is_refused(table: HostSettings, key: str) -> None:
    with pytest.raises(HostError) as caught:
        resolve_host("big", Settings(hosts={"big": table}))
    assert caught.value.phrase.key == key


def test_header_values_come_from_the_environment_or_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text("Bearer s3cret\n")
    headers = {"X-A": "plain", "X-B": "env:KEY", "Authorization": f"file:{secret}"}
    assert resolved_headers(headers, {"KEY": "e"}) == {
        "X-A": "plain",
        "X-B": "e",
        "Authorization": "Bearer s3cret",
    }


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ({"X": "env:NOT_SET"}, "engine.header_env"),
        ({"X": "file:/nowhere/at/all"}, "engine.header_file"),
        ({"X": "a\r\nY: b"}, "engine.header_junk"),
        ({"X Y": "a"}, "engine.header_junk"),
        ({"X": "密"}, "engine.header_junk"),
    ],
)
def test_a_header_that_cannot_be_had_says_so(headers: dict[str, str], key: str) -> None:
    with pytest.raises(HostError) as caught:
        resolved_headers(headers, {})
    assert caught.value.phrase.key == key


# OLLAMA_API_KEY

KEY = "key-of-ollama"


async def sent_by(engine: Engine, scripted: ScriptedServer) -> set[str]:
    """The Authorization headers that a server sees of questions, answers and downloads."""
    assert isinstance(engine, OllamaEngine | OpenAIEngine)
    scripted.add("m:latest")
    async with aclosing(engine.chat(ChatRequest("m:latest", (ChatTurn(Role.USER, "hi"),)))) as events:
        async for _ in events:
            pass
    if isinstance(engine, OllamaEngine):
        async for _ in engine.pull("other"):
            pass
    await engine.close()
    return {request.headers.get("authorization", "") for request in scripted.requests}


@pytest.mark.parametrize("kind", ["ollama", "openai"])
@pytest.mark.parametrize("named", [True, False], ids=["by OLLAMA_HOST", "another host"])
@pytest.mark.parametrize("own", ["", "Bearer mine"], ids=["", "header of its own"])
async def test_the_key_goes_to_the_server_that_ollama_host_names_and_to_no_other(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch, kind: str, named: bool, own: str
) -> None:
    monkeypatch.setenv("OLLAMA_API_KEY", KEY)
    monkeypatch.setenv("OLLAMA_HOST", scripted.url if named else "127.0.0.1:1")
    headers = {"authorization": own} if own else {}
    settings = Settings(hosts={"x": HostSettings(url=scripted.url, kind=kind, headers=headers)})
    engine = make_engine(resolve_host("x", settings))
    assert await sent_by(engine, scripted) == {own or (f"Bearer {KEY}" if named else "")}


async def test_the_key_goes_to_the_server_of_the_environment_without_any_settings(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_API_KEY", KEY)
    monkeypatch.setenv("OLLAMA_HOST", f"HTTP://me:s3cret@{scripted.url.partition('://')[2]}")
    engine = make_engine(resolve_host("", Settings()))
    assert await sent_by(engine, scripted) == {f"Bearer {KEY}"}


@pytest.mark.parametrize(
    ("environment", "wanted", "verify", "sent"),
    [
        ("", "", True, True),
        ("", "127.0.0.1:11434", True, True),
        ("", "127.0.0.1:11435", True, False),
        ("", "http://10.0.0.7", True, False),
        ("", "https://big.example", True, False),
        ("", "https://ollama.com", True, True),
        ("", "HTTPS://OLLAMA.com", True, True),
        ("", "https://ollama.com/v1", True, True),
        ("", "http://ollama.com", True, False),
        ("", "https://ollama.com.example", True, False),
        ("", "https://notollama.com", True, False),
        ("", "https://ollama.com", False, False),
        ("https://big.example", "", True, True),
        ("HTTPS://Big.example", "https://big.example", True, True),
        ("https://big.example", "https://big.example", False, False),
        ("https://big.example", "https://big.example/other", True, False),
        ("https://big.example", "https://big.example:8443", True, False),
        ("http://big.example", "", True, False),
        ("10.0.0.7", "", True, False),
        ("gpu-box", "", True, False),
        ("http://127.example.com", "", True, False),
        ("http://[::1]:5", "", True, True),
        ("localhost:5", "", True, True),
    ],
)
@pytest.mark.parametrize("kind", ["ollama", "openai"])
def test_the_key_is_never_sent_where_others_can_read_it_or_to_other_hosts(
    environment: str, wanted: str, verify: bool, sent: bool, kind: str
) -> None:
    environ = {"OLLAMA_API_KEY": KEY, "OLLAMA_HOST": environment}
    table = HostSettings(url=wanted, verify_tls=verify, kind=kind)
    host = resolve_host("x" if wanted else "", Settings(hosts={"x": table}), environ)
    engine = make_engine(host, environ)
    assert isinstance(engine, OllamaEngine | OpenAIEngine)
    assert (engine._transport.headers.get("Authorization") == f"Bearer {KEY}") == sent


def test_a_key_that_no_header_can_hold_is_said_without_it() -> None:
    with pytest.raises(HostError) as caught:
        make_engine(resolve_host("", Settings(), {}), {"OLLAMA_API_KEY": "a\r\nX: secret"})
    assert "secret" not in say(caught.value.phrase)


# Addresses that hold a name and a password

SECRET = "s3cret"


def test_credentials_of_the_environment_are_dropped_and_that_is_said() -> None:
    host = resolve_host("", Settings(), {"OLLAMA_HOST": f"http://me:{SECRET}@10.0.0.7"})
    assert host.url == "http://10.0.0.7:80"
    assert "OLLAMA_HOST" in say(host.warnings[0])
    assert SECRET not in repr(host)


@pytest.mark.parametrize("behind", ["?key={}", "/?key={}", "/p?key={}", "#{}", "/p#{}", "/p?a#{}"])
def test_a_query_of_the_environment_is_dropped_and_that_is_said(behind: str) -> None:
    for address in ("http://a.example:5", "a.example:5", "https://me:x@a.example:5"):
        host = resolve_host("", Settings(), {"OLLAMA_HOST": address + behind.format(SECRET)})
        assert host.url.partition("://")[2] in ("a.example:5", "a.example:5/p")
        keys = [each.key for each in host.notes]
        assert keys == ["engine.host_user_dropped"] * ("@" in address) + ["engine.host_query_dropped"]
        assert not any(SECRET in say(each) for each in host.warnings)


def test_credentials_of_the_settings_are_not_even_read() -> None:
    tree = {
        "server": {"host": f"http://me:{SECRET}@a.example"},
        "hosts": {"x": {"url": f"https://me:{SECRET}@b.example/?key={SECRET}"}, "y": f"http://me:{SECRET}@c"},
        "hardware": f"http://me:{SECRET}@c",
    }
    settings, problems = read_settings(tree)
    assert SECRET not in repr(settings)
    assert len(problems) == 2
    assert not any(SECRET in say(problem) + repr(problem) for problem in problems)
    for wanted in ("", "x"):
        with pytest.raises(HostError) as caught:
            resolve_host(wanted, settings)
        assert caught.value.phrase.key == "engine.host_user"


def test_no_sentence_shows_what_stands_before_an_at_in_an_address() -> None:
    for text in (
        f"http://me:{SECRET}@host/a",
        f"cannot reach HTTPS://{SECRET}@host: no",
        f"socks5://me:{SECRET}@p:1, http://{SECRET}@q",
        f'Get "https://me:p@{SECRET}@host/v2/": EOF',
    ):
        assert SECRET not in say(phrase("engine.refused", words=text))
        assert SECRET not in repr(phrase("engine.refused", words=text))
        assert SECRET not in t("engine.refused", words=text)
        assert "host" in t("engine.refused", words=text) or "p:1" in t("engine.refused", words=text)
    assert "a@b.c has http://x/y@z" in say(phrase("engine.refused", words="a@b.c has http://x/y@z"))


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        (f"https://me:{SECRET}@login.example/a?token={SECRET}", "https://…@login.example/a?…"),
        ("https://login.example/a", "https://login.example/a"),
        (f"//me:{SECRET}@login.example", "http://…@login.example"),
        (f"/login?key={SECRET}", "http://a/login?…"),
        ("http://[", "http://["),
    ],
)
def test_where_a_server_sends_requests_on_is_shown_without_its_secrets(location: str, shown: str) -> None:
    assert errors.redirected("http://a", location).phrase.params["location"] == shown


def test_a_server_that_sends_requests_out_of_tls_is_no_address_to_use() -> None:
    for url in ("https://a", "https://a/v1"):
        for location in ("http://a", "HTTP://other.example/x", "http:other"):
            assert errors.redirected(url, location).phrase.key == "engine.redirected_plain"
        for location in ("/login", "//other.example", "https://other.example", "", "http://["):
            assert errors.redirected(url, location).phrase.key == "engine.redirected"
    assert errors.redirected("http://a", "http://b").phrase.key == "engine.redirected"


@pytest.mark.parametrize("kind", ["ollama", "openai"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 304, 300])
async def test_no_request_and_no_key_follows_where_a_server_sends_them(
    scripted: ScriptedServer, kind: str, status: int
) -> None:
    """A status that names no other place is a refusal as any other."""
    place = "" if status in (300, 304) else f"Location: {scripted.url}/elsewhere\r\n"

    async def sends_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status} X\r\n{place}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(sends_on, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        table = HostSettings(url=url, kind=kind, headers={"Authorization": f"Bearer {SECRET}"})
        engine = make_engine(resolve_host("x", Settings(hosts={"x": table}), {}))
        calls: list[Callable[[], Awaitable[object]]] = [
            engine.models,
            engine.version,
            lambda: _answered(engine),
        ]
        if isinstance(engine, OllamaEngine):
            calls += [
                lambda: _listed(engine.pull("m")),
                lambda: _listed(engine.create("m", {"from": "n"})),
                lambda: engine.delete("m"),
                lambda: engine.has_blob("sha256:0"),
            ]
        for call in calls:
            with pytest.raises(EngineError) as caught:
                await call()
            assert caught.value.phrase.key == ("engine.redirected" if place else "engine.refused_status")
            assert SECRET not in say(caught.value.phrase)
        await engine.close()
    assert scripted.requests == []


async def _answered(engine: Engine) -> None:
    assert isinstance(engine, OllamaEngine | OpenAIEngine)
    await _listed(engine.chat(ChatRequest("m", (ChatTurn(Role.USER, "hi"),))))


async def _listed(steps: AsyncGenerator[object]) -> None:
    async with aclosing(steps):
        async for _ in steps:
            pass


def test_a_certificate_that_is_not_checked_is_told() -> None:
    table = HostSettings(url="https://big.example", verify_tls=False)
    [warning] = resolve_host("big", Settings(hosts={"big": table}), {}).warnings
    assert "verify_tls = false for big" in say(warning)
    assert not resolve_host(
        "big", Settings(hosts={"big": HostSettings(url="https://big.example")}), {}
    ).warnings
    assert not resolve_host(
        "big", Settings(hosts={"big": HostSettings(url="http://x", verify_tls=False)}), {}
    ).warnings


@pytest.mark.parametrize(
    ("cloud", "version", "key"),
    [
        (True, "0.33.0", "engine.cloud_on"),
        (False, "0.33.0", ""),
        (None, "0.17.4", ""),
        (None, "0.13.5", "engine.cloud_old"),
        (None, "0.9.6", ""),
        (None, "", ""),
    ],
)
async def test_doctor_says_how_to_keep_a_server_from_asking_ollama_com(
    scripted: ScriptedServer, cloud: bool | None, version: str, key: str
) -> None:
    scripted.cloud, scripted.version = cloud, version
    engine = OllamaEngine(scripted.url)
    out = StringIO()
    subject = Subject(
        engine, stated={"memory": {"total": "8 GiB"}}, notes=[phrase("engine.host_user_dropped")]
    )
    await run_doctor(subject, out=out)
    await engine.close()
    assert ("OLLAMA_NO_CLOUD=1" in out.getvalue()) == bool(key)
    assert "in OLLAMA_HOST are not sent" in out.getvalue()
    assert [advice.key for advice in cloud_advice(cloud, version)] == ([key] if key else [])
