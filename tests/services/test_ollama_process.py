"""A server of our own: found, started once, stopped only when it is ours."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from r1tui.domain.kv_cache import KvCache
from r1tui.domain.settings import HostSettings, Settings
from r1tui.services.container import Services
from r1tui.services.engines.hosts import resolve_host
from r1tui.services.paths import data_dir
from r1tui.services.server import process as server_process
from r1tui.services.server.process import LOG_KEPT, LOG_LIMIT, OllamaProcess, ProcessError
from r1tui.services.server.systemd import systemd_unit
from tests.support.processes import ended, wait_ended

FAKE = """#!{python}
import http.server, os, sys
host, _, port = os.environ["OLLAMA_HOST"].rpartition(":")
print("models in", os.environ.get("OLLAMA_MODELS"), "on", host, flush=True)
print("no cloud:", os.environ.get("OLLAMA_NO_CLOUD"), flush=True)
print("cache:", os.environ.get("OLLAMA_KV_CACHE_TYPE"), "flash:", os.environ.get("OLLAMA_FLASH_ATTENTION"), flush=True)
print("no prune:", os.environ.get("OLLAMA_NOPRUNE"), flush=True)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b'{{"version":"0.0.0"}}')
http.server.HTTPServer((host, int(port)), Handler).serve_forever()
"""


@pytest.fixture
def binary(tmp_path: Path) -> Path:
    """A program that serves as Ollama does where it is told to."""
    import sys

    program = tmp_path / "bin" / "ollama"
    program.parent.mkdir()
    program.write_text(FAKE.format(python=sys.executable))
    program.chmod(0o755)
    return program


@pytest.fixture
async def process() -> AsyncIterator[OllamaProcess]:
    each = OllamaProcess(environ={**os.environ, "OLLAMA_MODELS": "/some/models"})
    yield each
    await each.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_the_program_is_found_on_path_before_ours(process: OllamaProcess, binary: Path) -> None:
    ours = data_dir() / "ollama" / "bin" / "ollama"
    ours.parent.mkdir(parents=True)
    ours.write_text("x")
    ours.chmod(0o700)
    assert (await OllamaProcess(environ={"PATH": str(binary.parent)}).find()).binary == binary
    assert (await OllamaProcess(environ={"PATH": ""}).find()).binary == ours


async def test_a_unit_that_systemd_knows_is_named_with_its_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "systemctl"
    fake.write_text("#!/bin/sh\nprintf 'LoadState=loaded\\n'\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = await OllamaProcess(environ={"PATH": ""}).find()
    assert found.unit == "ollama.service"
    assert found.start_command == "sudo systemctl start ollama.service"


@pytest.mark.parametrize("command", ["exec sleep 60", "sleep 60", "sleep 60 & wait"])
async def test_a_systemd_that_does_not_answer_holds_nobody_up_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    fake = tmp_path / "systemctl"
    fake.write_text(f"#!/bin/sh\n{command}\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert await systemd_unit("ollama.service", patience=0.2) == ""
    me = psutil.Process()
    assert not [each for each in me.children(recursive=True) if "sleep" in each.name()]


async def test_it_listens_on_loopback_with_our_models_and_a_private_log(
    process: OllamaProcess, binary: Path
) -> None:
    server = await process.start(binary, free_port())
    assert "models in /some/models on 127.0.0.1" in process.log_tail()
    for path in (process.log, data_dir() / "ollama-server.json"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.getsid(server.pid) == server.pid
    assert await process.own() == server


async def test_a_program_behind_a_wrapper_is_known_again(
    process: OllamaProcess, binary: Path, tmp_path: Path
) -> None:
    wrapper = tmp_path / "ollama"
    wrapper.write_text(f"#!/bin/sh\nsleep 0.3\nexec {binary} $*\n")
    wrapper.chmod(0o755)
    server = await process.start(wrapper, free_port())
    assert await OllamaProcess().own() == server


async def test_where_its_models_are_is_known_of_our_server_only(process: OllamaProcess, binary: Path) -> None:
    server = await process.start(binary, free_port())
    assert await process.models_of(server.url) == Path("/some/models")
    assert await process.models_of(f"http://127.0.0.1:{free_port()}") is None


async def test_two_r1tuis_that_start_at_once_start_one_server(binary: Path, process: OllamaProcess) -> None:
    port = free_port()
    servers = await asyncio.gather(process.start(binary, port), OllamaProcess().start(binary, port))
    assert servers[0] == servers[1]


@pytest.mark.parametrize("named", ["OLLAMA_HOST", "[server] host", "--host", "[hosts.NAME]"])
async def test_it_listens_where_the_user_s_clients_look_for_a_server(named: str, binary: Path) -> None:
    address = f"127.0.0.1:{free_port()}"
    settings = Settings()
    settings.hosts["here"] = HostSettings(f"http://{address}")
    settings.server.host = {"[server] host": address, "[hosts.NAME]": "here"}.get(named, "")
    environ = {"OLLAMA_HOST": address if named == "OLLAMA_HOST" else "127.0.0.1:1"}
    host = resolve_host(address if named == "--host" else "", settings, environ)
    process = Services.of(settings, [], host).processes
    try:
        assert (await process.start(binary)).url == f"http://{address}"
    finally:
        await process.stop()


async def test_where_a_server_elsewhere_is_looked_for_says_nothing_of_a_port_here(
    process: OllamaProcess, binary: Path
) -> None:
    process.looked_for = lambda: f"http://192.0.2.1:{other}"
    other = free_port()
    assert (await process.start(binary)).port != other


async def test_a_taken_port_is_left_to_whoever_has_it(process: OllamaProcess, binary: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        assert (await process.start(binary, taken)).port != taken


@pytest.fixture
async def stranger() -> AsyncIterator[int]:
    """The port of a program that is not ours and answers every request with 200."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"HTTP/1.0 200 OK\r\n\r\n{}")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()


async def test_a_program_that_takes_the_port_before_our_server_is_not_taken_for_it(
    process: OllamaProcess, binary: Path, stranger: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ports = iter([stranger])
    free = server_process._free_port
    monkeypatch.setattr(server_process, "_free_port", lambda wanted: next(ports, None) or free(0))
    server = await process.start(binary, stranger)
    assert server.port != stranger
    assert await process.own() == server


async def test_a_stranger_at_the_port_of_our_silent_program_is_not_taken_for_it(
    process: OllamaProcess, tmp_path: Path, stranger: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "ollama"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setattr(server_process, "_free_port", lambda wanted: stranger)
    monkeypatch.setattr(server_process, "START_SECONDS", 1.0)
    with pytest.raises(ProcessError) as failed:
        await process.start(program, stranger)
    assert failed.value.phrase.key == "serve.silent"
    assert await process.own() is None
    assert await process.models_of(f"http://127.0.0.1:{stranger}") is None


async def test_a_server_that_listens_in_a_child_of_its_wrapper_is_ours(
    process: OllamaProcess, binary: Path, tmp_path: Path
) -> None:
    wrapper = tmp_path / "ollama"
    wrapper.write_text(f"#!/bin/sh\n{binary} $* & wait\n")
    wrapper.chmod(0o755)
    server = await process.start(wrapper, free_port())
    assert await OllamaProcess().own() == server
    [child] = psutil.Process(server.pid).children()
    assert await process.stop()
    assert not psutil.pid_exists(server.pid)
    assert ended(child.pid)  # its reaper is not ours to choose


@pytest.mark.parametrize(
    ("wanted", "told"), [({}, "1"), ({"OLLAMA_NO_CLOUD": ""}, "1"), ({"OLLAMA_NO_CLOUD": "0"}, "0")]
)
async def test_our_server_asks_nobody_outside_unless_its_user_says_so(
    binary: Path, wanted: dict[str, str], told: str
) -> None:
    mine = OllamaProcess(environ={**os.environ, **wanted})
    await mine.start(binary, free_port())
    try:
        assert f"no cloud: {told}" in mine.log_tail()
    finally:
        await mine.stop()


async def test_the_setting_decides_how_our_server_keeps_a_context_from_its_next_start(
    process: OllamaProcess, binary: Path
) -> None:
    first = await process.start(binary, free_port())
    assert "cache: None flash: None" in process.log_tail()
    assert first.kv_cache is KvCache.F16
    process.settings.kv_cache = KvCache.Q8_0
    assert await process.own() == first, "the one that runs is as it was"
    second = await process.restart()
    assert "cache: q8_0 flash: 1" in process.log_tail()
    assert (second.kv_cache, second.port) == (KvCache.Q8_0, first.port)
    assert await OllamaProcess().own() == second, "another R1TUI knows it too"
    process.settings.kv_cache = KvCache.F16
    assert (await process.restart()).kv_cache is KvCache.F16


async def test_the_environment_of_the_user_decides_where_the_setting_leaves_it(binary: Path) -> None:
    mine = OllamaProcess(
        environ={**os.environ, "OLLAMA_FLASH_ATTENTION": "1", "OLLAMA_KV_CACHE_TYPE": "q4_0"}
    )
    server = await mine.start(binary, free_port())
    try:
        assert "cache: q4_0 flash: 1" in mine.log_tail()
        assert server.kv_cache is KvCache.Q4_0
    finally:
        await mine.stop()


@pytest.mark.parametrize(
    ("environ", "kept"),
    [
        ({"OLLAMA_KV_CACHE_TYPE": "q8_0"}, KvCache.F16),
        ({"OLLAMA_KV_CACHE_TYPE": "q8_0", "OLLAMA_FLASH_ATTENTION": "0"}, KvCache.F16),
        ({"OLLAMA_KV_CACHE_TYPE": "Q8_0", "OLLAMA_FLASH_ATTENTION": "true"}, KvCache.Q8_0),
        ({"OLLAMA_KV_CACHE_TYPE": "q5_1", "OLLAMA_FLASH_ATTENTION": "1"}, KvCache.F16),
    ],
)
def test_without_flash_attention_a_server_keeps_f16(environ: dict[str, str], kept: KvCache) -> None:
    assert KvCache.of_environment(environ) is kept


async def test_a_restart_keeps_what_was_downloaded_in_part(binary: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"
    (models / "blobs").mkdir(parents=True)
    mine = OllamaProcess(environ={**os.environ, "OLLAMA_MODELS": str(models)})
    await mine.start(binary, free_port())
    try:
        await mine.restart()
        assert "no prune: 1" not in mine.log_tail(), "there is nothing to keep"
        (models / "blobs" / "sha256-00-partial").touch()
        await mine.restart()
        assert "no prune: 1" in mine.log_tail()
    finally:
        await mine.stop()


async def test_who_else_uses_our_server_is_known(process: OllamaProcess, binary: Path) -> None:
    await process.start(binary, free_port())
    await process.join()
    assert not await process.used_by_others()
    other = OllamaProcess()
    await other.join()
    assert await process.used_by_others()
    assert not await other.leave("stop"), "asking has not given up our own use"
    assert not await process.used_by_others()


async def test_a_program_that_ends_at_once_is_told_with_its_last_words(
    tmp_path: Path, process: OllamaProcess
) -> None:
    program = tmp_path / "ollama"
    program.write_text("#!/bin/sh\necho no luck today\nexit 1\n")
    program.chmod(0o755)
    with pytest.raises(ProcessError) as failed:
        await process.start(program, free_port())
    assert failed.value.phrase.params["last"] == "no luck today"
    assert await process.own() is None


async def test_a_program_that_cannot_run_is_told(tmp_path: Path, process: OllamaProcess) -> None:
    program = tmp_path / "ollama"
    program.write_bytes(b"\x7fELF nothing")
    program.chmod(0o755)
    with pytest.raises(ProcessError) as failed:
        await process.start(program, free_port())
    assert failed.value.phrase.key == "serve.cannot"


async def test_stop_ends_ours_and_then_there_is_none(process: OllamaProcess, binary: Path) -> None:
    await process.start(binary, free_port())
    assert await process.stop()
    assert await process.own() is None
    assert not await process.stop()


@pytest.mark.parametrize("slow", [False, True], ids=["at-once", "slowly"])
async def test_a_stopped_server_has_ended_and_was_reaped_whoever_stops_it(
    process: OllamaProcess, binary: Path, tmp_path: Path, slow: bool
) -> None:
    program = binary
    if slow:
        program = tmp_path / "ollama"
        program.write_text(f"#!/bin/sh\ntrap 'sleep 0.3; exit' TERM\n{binary} $* & wait\n")
        program.chmod(0o755)
    for stopper in (process, OllamaProcess()):
        server = await process.start(program, free_port())
        assert await stopper.stop()
        assert not psutil.pid_exists(server.pid)


@pytest.mark.parametrize(
    ("field", "value"),
    [("started", 5.0), ("exe", "/usr/bin/other"), ("pid", os.getpid())],
    ids=["started", "exe", "pid"],  # workers must agree on a test's name
)
async def test_a_process_that_is_not_ours_is_never_stopped(
    process: OllamaProcess, binary: Path, field: str, value: object
) -> None:
    server = await process.start(binary, free_port())
    state = data_dir() / "ollama-server.json"
    told = state.read_text()
    state.write_text(json.dumps({**json.loads(told), field: value}))
    assert await process.own() is None
    assert not await process.stop()
    os.kill(server.pid, 0)
    state.write_text(told)


async def test_the_last_one_out_stops_the_server_and_no_one_before(
    process: OllamaProcess, binary: Path
) -> None:
    other = OllamaProcess()
    await process.start(binary, free_port())
    await process.join()
    await other.join()
    assert not await other.leave("stop")
    assert await process.own() is not None
    assert await process.leave("stop")
    assert await process.own() is None


async def test_an_r1tui_that_uses_the_server_of_another_keeps_it_alive(
    process: OllamaProcess, binary: Path
) -> None:
    server = await process.start(binary, free_port())
    other = OllamaProcess()
    await other.use(f"http://localhost:{server.port}/")
    assert not await process.leave("stop")
    assert await other.leave("stop")


async def test_keep_leaves_it_running(process: OllamaProcess, binary: Path) -> None:
    await process.start(binary, free_port())
    await process.join()
    assert not await process.leave("keep")
    assert await process.own() is not None


async def test_a_long_log_is_cut_to_its_end(process: OllamaProcess, binary: Path) -> None:
    process.log.write_bytes(b"an old line\n" * (LOG_LIMIT // 12 + 10) + b"the last line\n")
    await process.start(binary, free_port())
    assert process.log.stat().st_size < LOG_KEPT + 1000
    assert "the last line" in process.log_tail(10)


@pytest.mark.parametrize("in_the_way", ["ollama.log", "ollama-server.json", "ollama-server.lock"])
async def test_a_folder_in_the_place_of_a_file_of_our_server_is_a_sentence_and_no_server_is_left(
    process: OllamaProcess, binary: Path, in_the_way: str
) -> None:
    (data_dir() / in_the_way / "x").mkdir(parents=True)
    started = processes_of(binary)
    with pytest.raises(ProcessError) as raised:
        await process.start(binary, free_port())
    assert raised.value.phrase.key == "serve.folder"
    await asyncio.to_thread(wait_ended, [each.pid for each in processes_of(binary) - started])
    shutil.rmtree(data_dir() / in_the_way)


def processes_of(binary: Path) -> set[psutil.Process]:
    """The processes that run a program."""
    return {each for each in psutil.process_iter(["cmdline"]) if str(binary) in (each.info["cmdline"] or ())}


async def test_a_pipe_in_the_place_of_the_log_holds_nobody_up(process: OllamaProcess, binary: Path) -> None:
    os.mkfifo(process.log)
    assert process.log_tail() == ""
    with pytest.raises(ProcessError) as raised:
        await process.start(binary, free_port())
    assert raised.value.phrase.key == "serve.folder"
    process.log.unlink()


def test_of_a_log_no_more_is_read_than_is_shown(process: OllamaProcess) -> None:
    process.log.symlink_to("/dev/zero")
    assert process.log_tail() == ""
    process.log.unlink()
    process.log.write_bytes(b"x" * (64 << 20))
    assert len(process.log_tail(10)) <= 10 * 256
    process.log.write_bytes(b"one\n" * 10_000 + b"\xff\x00\x1b[2J last\n")
    assert process.log_tail(3).splitlines() == ["one", "one", "\ufffd\x00\x1b[2J last"]


@pytest.mark.parametrize("end", ["\nnext line\n", " and so on", " and so on\n"])
def test_no_part_of_a_password_shows_where_the_log_is_cut(process: OllamaProcess, end: str) -> None:
    address = "proxy http://me:topsecretpassword@proxy.example:3128"
    for cut in range(len(address) + 1):
        tail = address[cut:] + end
        process.log.write_text("y" * 5000 + address[:cut] + tail + "z" * (256 * 2 - len(tail) - 1))
        assert "password" not in process.log_tail(2)
