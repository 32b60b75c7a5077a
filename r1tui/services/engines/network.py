"""How HTTP clients are set up: proxies, TLS, timeouts.

Proxies of the environment are for the internet. They never stand between the app and a server on this machine or in its
own network, where a company's proxy would answer with an error page, or leak prompts.
"""

from __future__ import annotations

import ipaddress
import os
import re
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from r1tui.domain.phrase import phrase
from r1tui.services.engines.engine import HostError

CONNECT_SECONDS = 5.0
"""A server in reach accepts a connection well within this; a wrong address must not hold anybody up."""

_PRIVATE_SUFFIXES = (".localhost", ".local", ".internal", ".home.arpa", ".lan")
_PROXY_SCHEMES = ("http", "https", "socks5", "socks5h")


def is_private(url: str) -> bool:
    """Whether the host of `url` is this machine or in a private network, judged by its name alone (no DNS)."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return "." not in host or host.endswith(_PRIVATE_SUFFIXES)
    return not address.is_global


def proxy_for(url: str, environ: Mapping[str, str] = os.environ) -> str | None:
    """The proxy that the environment names for `url`, or None for a direct connection.

    Raises `HostError` when a proxy is due and its address cannot be used.
    """
    if is_private(url):
        return None
    parts = urlsplit(url)
    names = (f"{parts.scheme}_proxy", "all_proxy")
    if _bypassed(parts.hostname or "", environ):
        return None
    for name in names:
        for variable in (name, name.upper()):
            value = environ.get(variable, "").strip()
            if value:
                return _checked(variable, value)
    return None


def client_options(
    url: str, *, verify_tls: bool = True, environ: Mapping[str, str] = os.environ
) -> dict[str, Any]:
    """Keyword arguments for `httpx.AsyncClient` to speak to `url`. Loads httpx and certificates: call it in a thread.

    There is no read timeout: the first byte of an answer comes only after a cold model has loaded, which takes minutes.
    Redirects are not followed: prompts and keys go to the configured server only.
    """
    import httpx

    proxy = proxy_for(url, environ)
    tls: Any = False
    if verify_tls:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nobody, and costs nothing: for plain http
        if any(urlsplit(each).scheme != "http" for each in (url, proxy or "http:")):
            tls = httpx.create_ssl_context(trust_env=True)  # SSL_CERT_FILE: certificates of one's own
    return {
        "timeout": httpx.Timeout(None, connect=CONNECT_SECONDS),
        "verify": tls,
        "trust_env": False,
        "proxy": proxy,
        "follow_redirects": False,
    }


def _checked(variable: str, value: str) -> str:
    if "://" not in value:
        value = f"http://{value}"
    try:
        parts = urlsplit(value)
        usable = (
            parts.scheme in _PROXY_SCHEMES and bool(parts.hostname) and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        usable = False
    if not usable or not re.fullmatch(r"[!-~]+", value):
        raise HostError(phrase("engine.proxy_unusable", variable=variable))
    if value.startswith("socks"):
        try:
            import socksio  # noqa: F401
        except ImportError:
            raise HostError(phrase("engine.proxy_unusable", variable=variable)) from None
    return value


def _bypassed(host: str, environ: Mapping[str, str]) -> bool:
    """Whether NO_PROXY names the host, or a domain that it is in."""
    value = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    for entry in (part.strip().lower() for part in value.split(",")):
        if entry == "*":
            return True
        domain = entry.removeprefix("*").lstrip(".").partition(":")[0]
        if domain and (host == domain or host.endswith(f".{domain}")):
            return True
    return False
