"""Addresses as they are shown: without the name and the password that may stand in them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

HIDDEN = "…"
"""Stands for what was there."""
# RFC 3986: what stands between the scheme and the last @ before the path. `@` may be in a password as it is.
_USER = re.compile(r"([a-z][a-z0-9+.-]{0,31}:/{2,})[^\s/?#\"'<>]*@", re.I)
_HOST = re.compile(
    r"\b([a-z][a-z0-9+.-]{0,31}://)(?:[^\s/?#\"'<>]*@)?(\[[^\]\s/]{0,99}\]|[^\s/?#:\"'<>,;)]+)", re.I
)
_PUBLIC = ("ollama.com", "registry.ollama.ai", "hf.co", "huggingface.co", "modelscope.cn")
"""Hosts that everybody knows: they tell nothing of who uses them."""
QUERY = re.compile(r"[?#].*", re.S)
"""The query and the fragment of an address, which may hold a key."""


def without_credentials(text: str) -> str:
    """Text with the user's part of every URL in it hidden: `http://me:secret@host/` is `http://…@host/`."""
    return _USER.sub(rf"\1{HIDDEN}@", text) if "@" in text else text


def shown_address(address: str) -> str:
    """One address as a person may see it: without credentials and without a query, which may hold a key.

    Whatever stands before an `@` goes, also in an address that is none, or has no scheme.
    """
    before, at, host = address.rpartition("@")
    if at:
        scheme, found, _ = before.partition("://")
        address = f"{scheme}://{HIDDEN}@{host}" if found else f"{HIDDEN}@{host}"
    return QUERY.sub(lambda match: match.group()[0] + HIDDEN, address)


def is_loopback(url: str) -> bool:
    """Whether what is sent to `url` stays on this machine, whatever a resolver may say of names."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def without_hosts(text: str, names: Iterable[str] = ()) -> str:
    """Text for strangers: the hosts of its URLs hidden, but this machine's and those that everybody knows, and each of
    `names` wherever it stands as a whole.
    """

    def hidden(match: re.Match[str]) -> str:
        scheme, host = match.groups()
        known = host.lower().rstrip(".") in _PUBLIC or is_loopback(f"{scheme}{host}")
        return f"{scheme}{host if known else HIDDEN}"

    text = _HOST.sub(hidden, without_credentials(text))
    for name in names:
        text = re.sub(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", HIDDEN, text, flags=re.I)
    return text


def address_for_strangers(url: str) -> str:
    """A server's address with its host hidden, unless that is this machine, and without its path: `https://…:443`."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError:
        return HIDDEN
    return url if is_loopback(url) else f"{parts.scheme}://{HIDDEN}{port}"


def model_for_strangers(name: str) -> str:
    """A model's name with the registry that it came from hidden, unless everybody knows that one."""
    host, slash, rest = name.partition("/")
    if not slash or "/" not in rest or host.lower() in _PUBLIC:
        return name
    return f"{HIDDEN}/{rest}"
