"""OLLAMA_HOST, read exactly as Ollama reads it (`envconfig/config.go`), and addresses typed by a person."""

from __future__ import annotations

import ipaddress
import re
import socket
from urllib.parse import quote, urlsplit

from r1tui.domain.address import QUERY, shown_address
from r1tui.domain.phrase import phrase
from r1tui.services.engines.engine import HostError

_DEFAULT_PORTS = {"http": "80", "https": "443"}
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")


def host_url(value: str | None) -> str:
    """The base URL that `value` (of OLLAMA_HOST) means to a client. Never fails: like Ollama it falls back to defaults.

    A scheme is one however it is spelt. What stands before an `@`, a name and a password, is no part of an address, nor is
    a query, which may hold a key.
    """
    text = _bare(value or "")
    scheme, found, rest = text.partition("://")
    rest, port = rest.rpartition("@")[2], "11434"
    scheme = scheme.lower()
    if not found:
        scheme, rest = "http", text.rpartition("@")[2]
        if text == "ollama.com":
            scheme, rest = "https", "ollama.com:443"
    else:
        port = _DEFAULT_PORTS.get(scheme, port)
    hostport, _, path = QUERY.sub("", rest).partition("/")
    split = _split_host_port(hostport)
    if split:
        host, given = split
        port = str(int(given)) if _valid_port(given) else port
    else:
        host = _ip(hostport.strip("[]")) or hostport or "127.0.0.1"
    host = _connectable(host)
    tail = f":{port}{f'/{path}' if path else ''}"
    url = f"{scheme}://{f'[{host}]' if ':' in host else host}{tail}"
    # What no URL can hold as a host (a bracket, several colons) is quoted, so that whoever takes the address apart can.
    return url if _hostname(url) else f"{scheme}://{quote(host, safe='', errors='replace')}{tail}"


def _bare(value: str) -> str:
    """An address without the quotes and blanks that a settings file or a shell has left around it."""
    return value.strip().strip("\"'").strip()


def impossible_port(value: str | None) -> str:
    """The port in OLLAMA_HOST that is none, in whose place Ollama and `host_url` take another; empty where it has none."""
    text = _bare(value or "")
    rest = text.partition("://")[2] or text
    split = _split_host_port(QUERY.sub("", rest.rpartition("@")[2]).partition("/")[0])
    return split[1] if split and split[1] and not _valid_port(split[1]) else ""


def has_query(value: str) -> bool:
    """Whether OLLAMA_HOST has a query or a fragment, which `host_url` leaves out."""
    return QUERY.search(value.rpartition("@")[2]) is not None


def checked_host_url(value: str) -> str:
    """The same for an address that a person typed, which is refused rather than guessed at. Raises `HostError`."""
    if "@" in value:  # wherever: a password may hold what ends an address
        raise HostError(phrase("engine.host_user"))
    text, value = _bare(value), shown_address(value)
    if not text or not text.isprintable() or any(char.isspace() for char in text):
        raise HostError(phrase("engine.host_junk", host=value))
    scheme, found, rest = text.partition("://")
    if found and scheme.lower() not in _DEFAULT_PORTS:
        raise HostError(phrase("engine.host_scheme", host=value))
    hostport = (rest if found else text).partition("/")[0]
    if "?" in text or "#" in text:
        raise HostError(phrase("engine.host_junk", host=value))
    split = _split_host_port(hostport)
    host, port = split if split else (_unbracketed(hostport), "")
    if split and (not _valid_port(port) or int(port) == 0):
        raise HostError(phrase("engine.host_port", host=value))
    dotted_digits = re.fullmatch(r"[\d.]+", host)
    if not _ip(host) and (dotted_digits or not _NAME.fullmatch(host)) and not (split and not host):
        raise HostError(phrase("engine.host_junk", host=value))
    return host_url(text)


def is_local(url: str) -> bool:
    """Whether the server at `url` is on this machine: a loopback name or address, or the machine's own name."""
    host = (_hostname(url) or "").rstrip(".")
    if host == "localhost" or host.endswith(".localhost") or host == socket.gethostname().lower():
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _hostname(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _split_host_port(text: str) -> tuple[str, str] | None:
    """Go's `net.SplitHostPort`; None where it gives an error."""
    colon = text.rfind(":")
    if colon < 0:
        return None
    if text.startswith("["):
        end = text.find("]")
        if end < 0 or end + 1 != colon:
            return None
        host, rest = text[1:end], text[end + 1 :]
        if "[" in text[1:] or "]" in rest:
            return None
        return host, text[colon + 1 :]
    host = text[:colon]
    if ":" in host or "[" in text or "]" in text:
        return None
    return host, text[colon + 1 :]


def _unbracketed(text: str) -> str:
    return text[1:-1] if text.startswith("[") and text.endswith("]") else text


def _valid_port(text: str) -> bool:
    return bool(re.fullmatch(r"[+-]?[0-9]{1,12}", text)) and 0 <= int(text) <= 65535


def _ip(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(text)) if "%" not in text else None
    except ValueError:
        return None


def _connectable(host: str) -> str:
    """An address to listen on as one to connect to."""
    address = _ip(host)
    if not host or address == "0.0.0.0":
        return "127.0.0.1"
    return "::1" if address == "::" else host
