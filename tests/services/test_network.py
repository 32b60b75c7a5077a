"""Proxies are for the internet, never for servers nearby, and a broken one is named."""

from __future__ import annotations

import ssl

import pytest

from r1tui.services.engines.engine import HostError
from r1tui.services.engines.network import client_options, proxy_for

PROXIES = {
    "HTTP_PROXY": "http://proxy:3128",
    "HTTPS_PROXY": "http://proxy:3129",
    "ALL_PROXY": "socks5://proxy:1080",
}


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:11434",
        "http://[::1]:1",
        "http://localhost:1",
        "https://gpu-box:443",
        "http://192.168.1.5:1",
        "http://10.1.1.1",
        "http://100.64.3.2",
        "http://169.254.9.9",
        "http://[fe80::1]:1",
        "http://[fd00::1]:1",
        "http://nas.local:1",
    ],
)
def test_no_proxy_stands_before_a_server_nearby(url: str) -> None:
    assert proxy_for(url, PROXIES) is None
    assert client_options(url, environ=PROXIES)["proxy"] is None


def test_a_public_server_is_reached_through_the_proxy_of_its_scheme() -> None:
    assert proxy_for("http://a.example.com:1", PROXIES) == "http://proxy:3128"
    assert proxy_for("https://a.example.com:1", PROXIES) == "http://proxy:3129"
    assert proxy_for("https://a.example.com", {"all_proxy": "socks5://p:1"}) == "socks5://p:1"
    assert proxy_for("https://a.example.com", {"https_proxy": "p:1"}) == "http://p:1"
    assert proxy_for("https://a.example.com", {}) is None


@pytest.mark.parametrize("value", ["*", "example.com", ".example.com", "x, a.example.com", "*.example.com"])
def test_no_proxy_is_honoured(value: str) -> None:
    assert proxy_for("https://a.example.com", PROXIES | {"NO_PROXY": value}) is None


@pytest.mark.parametrize(
    "value", ["socks4://p:1", "socks://p:1", "://", "http://", "ht tp://x", "http://p:port", "ftp://p"]
)
def test_a_proxy_that_cannot_be_used_is_named_and_only_when_it_is_due(value: str) -> None:
    with pytest.raises(HostError) as caught:
        proxy_for("https://a.example.com", {"ALL_PROXY": value})
    assert caught.value.phrase.params == {"variable": "ALL_PROXY"}
    assert proxy_for("http://127.0.0.1:1", {"ALL_PROXY": value}) is None


@pytest.mark.parametrize(
    "url", ["https://a.example.com", "HTTPS://a.example.com", "hTTps://10.0.0.7:1", "http://a.example.com"]
)
@pytest.mark.parametrize("proxies", [{}, {"ALL_PROXY": "HTTPS://p:1"}, {"ALL_PROXY": "http://p:1"}])
def test_certificates_are_checked_however_the_scheme_is_spelt_unless_a_setting_says_otherwise(
    url: str, proxies: dict[str, str]
) -> None:
    context = client_options(url, environ=proxies)["verify"]
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert client_options(url, verify_tls=False, environ=proxies)["verify"] is False


def test_httpx_takes_the_options_even_with_a_socks_proxy() -> None:
    import httpx

    options = client_options("https://a.example.com", environ={"ALL_PROXY": "socks5h://127.0.0.1:9"})
    assert httpx.AsyncClient(**options).timeout.read is None
