"""The server in use is named as soon as it has to be told from another one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from r1tui.chat.hosts import DEFAULT, Hosts
from r1tui.domain.settings import HostSettings, Settings
from r1tui.services.container import Services
from r1tui.services.engines.hosts import resolve_host

HERE = "http://127.0.0.1:11434"


@pytest.fixture(autouse=True)
def _no_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OLLAMA_HOST", raising=False)


def known(wanted: str | None = None, **tables: str) -> Hosts:
    settings = Settings()
    settings.hosts = {name: HostSettings(url=url) for name, url in tables.items()}
    return Hosts(Services.build(settings, [], wanted, None))


def test_the_only_server_needs_no_name() -> None:
    assert known().words == ""
    assert known("http://gpu.example:11434").words == ""
    assert known(here=HERE).words == ""
    assert known("gpu", gpu="http://gpu.example:11434").words == ""


def test_with_another_one_known_it_is_called_by_its_name_in_the_settings() -> None:
    assert known("gpu", gpu="http://gpu.example:11434", home="http://home.example:11434").words == "gpu"
    assert known("http://x.example:11434", gpu="http://gpu.example:11434").words == "x.example:11434"


def test_this_machine_is_called_so_unless_another_server_is_on_it_too() -> None:
    assert known(gpu="http://gpu.example:11434").words == "this machine"
    assert known(gpu="http://gpu.example:11434", second="http://127.0.0.1:9").words == "127.0.0.1:11434"


def test_a_typed_server_counts_and_the_default_where_it_was_named(monkeypatch: pytest.MonkeyPatch) -> None:
    hosts = known("http://gpu.example:11434")
    hosts.typed = ["gpu.example:11434"]
    assert hosts.words == ""
    hosts.typed = ["home.example"]
    assert hosts.words == "gpu.example:11434"
    hosts.typed = []
    monkeypatch.setenv("OLLAMA_HOST", "home.example:11434")
    assert hosts.words == "gpu.example:11434"


def test_the_server_that_it_was_started_with_stays_known() -> None:
    hosts = known()
    hosts._services.host = resolve_host("gpu.example", Settings())
    assert hosts.words == "gpu.example:11434"
    hosts = known("http://x.example:11434")
    hosts._services.host = resolve_host("", Settings())
    assert hosts.words == "this machine"
    assert hosts.names == [DEFAULT, "http://x.example:11434"]


def test_a_wrong_address_is_no_server() -> None:
    hosts = known(wrong="http://")
    hosts.typed = ["no such thing"]
    assert hosts.words == ""


def test_the_one_in_use_goes_by_its_own_name_before_the_defaults() -> None:
    assert known().present == DEFAULT
    assert known("gpu", gpu="http://gpu.example:11434").present == "gpu"
    assert known("http://elsewhere.example:11434").present == "http://elsewhere.example:11434"
    settings = Settings()
    settings.hosts = {"gpu": HostSettings(url="http://gpu.example:11434")}
    settings.server = replace(settings.server, host="gpu")
    hosts = Hosts(Services.build(settings, [], None, None))
    assert (hosts.present, hosts.is_default) == ("gpu", True)


def test_a_name_is_foreign_text() -> None:
    name = "g\x1b]0;p\x07u\u202e"
    words = known(name, **{name: "http://gpu.example:11434", "home": "http://home.example:11434"}).words
    assert words.isprintable()
    assert "\x1b" not in words
