"""From settings to a server: names, addresses, secrets that live elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from r1tui.domain.settings import HostSettings, Settings
from r1tui.services.engine import HostError, ModelManager
from r1tui.services.hosts import make_engine, resolve_host, resolved_headers
from r1tui.services.openai_engine import OpenAIEngine


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
