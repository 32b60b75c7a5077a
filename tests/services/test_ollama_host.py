"""OLLAMA_HOST means what it means to Ollama; a typed address is checked."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from r1tui.domain.settings import Settings
from r1tui.services.engines.engine import HostError
from r1tui.services.engines.hosts import make_engine, resolve_host
from r1tui.services.engines.ollama.host import checked_host_url, host_url, is_local


# The first rows are those of Ollama's own test of envconfig.Host, with 0.0.0.0 and :: as a client sees them.
@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("", "http://127.0.0.1:11434"),
        (None, "http://127.0.0.1:11434"),
        ("1.2.3.4", "http://1.2.3.4:11434"),
        (":1234", "http://127.0.0.1:1234"),
        ("1.2.3.4:1234", "http://1.2.3.4:1234"),
        ("example.com", "http://example.com:11434"),
        ("example.com:1234", "http://example.com:1234"),
        ("example.com:0", "http://example.com:0"),
        ("example.com:66000", "http://example.com:11434"),
        ("example.com:-1", "http://example.com:11434"),
        ("example.com:abc", "http://example.com:11434"),
        ("example.com:", "http://example.com:11434"),
        ("example.com/ollama", "http://example.com:11434/ollama"),
        ("::1", "http://[::1]:11434"),
        ("[::1]", "http://[::1]:11434"),
        ("[::1]:1337", "http://[::1]:1337"),
        ("[0001:002:003:0004::1]", "http://[1:2:3:4::1]:11434"),
        ("::", "http://[::1]:11434"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:8080", "http://127.0.0.1:8080"),
        (" 1.2.3.4 ", "http://1.2.3.4:11434"),
        ('"1.2.3.4"', "http://1.2.3.4:11434"),
        ("'1.2.3.4'", "http://1.2.3.4:11434"),
        ('" 1.2.3.4 "', "http://1.2.3.4:11434"),
        ("http://1.2.3.4", "http://1.2.3.4:80"),
        ("http://1.2.3.4:1234", "http://1.2.3.4:1234"),
        ("https://1.2.3.4", "https://1.2.3.4:443"),
        ("https://example.com/a/b", "https://example.com:443/a/b"),
        ("https://example.com:70000", "https://example.com:443"),
        ("ollama.com", "https://ollama.com:443"),
        # Ollama's own client knows no other spelling of a scheme; a person who writes one means the same.
        ("HTTPS://example.com", "https://example.com:443"),
        ("HtTp://example.com:5/a", "http://example.com:5/a"),
        ("http://me:s3cret@example.com", "http://example.com:80"),
        ("https://me:s3/cr@et@example.com:5/a", "https://example.com:5/a"),
        ("me:s3cret@example.com", "http://example.com:11434"),
        ("token@[::1]:5", "http://[::1]:5"),
    ],
)
def test_the_environment_is_read_as_ollama_reads_it(value: str | None, url: str) -> None:
    assert host_url(value) == url


@pytest.mark.parametrize(
    ("value", "port", "url"),
    [
        ("http://a:99999", "99999", "http://a:80"),
        ("a:66000", "66000", "http://a:11434"),
        ("a:-1", "-1", "http://a:11434"),
        ("https://[::1]:port/path", "port", "https://[::1]:443/path"),
        ("https://me:s3cret@a:70000", "70000", "https://a:443"),
    ],
)
def test_a_port_that_is_none_is_said_and_what_is_asked_instead(value: str, port: str, url: str) -> None:
    host = resolve_host("", Settings(), {"OLLAMA_HOST": value})
    said = next(each for each in host.notes if each.key == "engine.host_port_replaced")
    assert (said.params["port"], said.params["url"]) == (port, url)
    assert said in host.warnings


@pytest.mark.parametrize(
    "value", ["", "a", "a:", "a:1", "[::1]:65535", "::1", "http://a/b:99999", "me:99999@a"]
)
def test_nothing_is_said_of_a_port_that_is_one_or_none(value: str) -> None:
    assert "engine.host_port_replaced" not in [
        each.key for each in resolve_host("", Settings(), {"OLLAMA_HOST": value}).notes
    ]


@example("http://ev[il:11434")
@example("host:1:2")
@example("http://x\u2100y")
@example("[\udcff")
@given(st.text("ah.:/[]%@1\u2100\udcff\x1b ", max_size=12))
def test_whatever_the_environment_has_is_an_address_that_can_be_asked_and_taken_apart(value: str) -> None:
    """With a sentence where nobody is at it: it ended in a report of a fault."""
    host = resolve_host("", Settings(), {"OLLAMA_HOST": value})
    assert host.url == host_url(value)
    assert make_engine(host, {"OLLAMA_HOST": value, "OLLAMA_API_KEY": "key"}).url


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ("", "engine.host_junk"),
        ("  ", "engine.host_junk"),
        ("no host", "engine.host_junk"),
        ("http://", "engine.host_junk"),
        ("ho$t", "engine.host_junk"),
        ("[::1", "engine.host_junk"),
        ("1.2.3.4.5", "engine.host_junk"),
        ("300.1.1.1", "engine.host_junk"),
        ("host?x=1", "engine.host_junk"),
        ("a\x1b[2J", "engine.host_junk"),
        ("ftp://host", "engine.host_scheme"),
        ("host:0", "engine.host_port"),
        ("host:99999", "engine.host_port"),
        ("host:port", "engine.host_port"),
        ("http://user:secret@host", "engine.host_user"),
        ("user:secret@host", "engine.host_user"),
        ("http://user:sec ret secret@host", "engine.host_user"),
        ("ftp://user:secret@host", "engine.host_user"),
        ("http://user:1/secret@host", "engine.host_user"),
        ("http://user:99999@host:port#secret", "engine.host_user"),
        ("https://host/?key=secret", "engine.host_junk"),
        ("https://ho$t#secret", "engine.host_junk"),
        ("https://host:port?secret", "engine.host_junk"),
    ],
)
def test_a_wrong_address_is_refused(value: str, key: str) -> None:
    with pytest.raises(HostError) as caught:
        checked_host_url(value)
    assert caught.value.phrase.key == key
    assert "secret" not in str(caught.value.phrase.params)


@pytest.mark.parametrize(
    "value",
    [
        "HTTPS://a.example",
        "localhost",
        "gpu-box:8000",
        "https://a.example/v1",
        "[::1]:5",
        "::1",
        ":11435",
        "10.0.0.7",
    ],
)
def test_a_right_address_means_the_same_as_in_the_environment(value: str) -> None:
    assert checked_host_url(value) == host_url(value)


def test_local_is_what_never_leaves_the_machine() -> None:
    assert all(
        map(
            is_local,
            [
                "http://127.0.0.1:1",
                "http://[::1]:1",
                "http://localhost:1",
                "http://127.9.9.9",
                "http://a.localhost",
            ],
        )
    )
    assert not any(
        map(
            is_local,
            ["http://10.0.0.7:1", "http://example.com", "http://localhost.example.com", "http://[bad"],
        )
    )
