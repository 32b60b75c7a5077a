"""Addresses as they are shown: without the name and the password that may stand in them."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

HIDDEN = "…"
"""Stands for what was there."""
# RFC 3986: what stands between the scheme and the last @ before the path. `@` may be in a password as it is.
_USER = re.compile(r"([a-z][a-z0-9+.-]{0,31}:/{2,})[^\s/?#\"'<>]*@", re.I)
_QUERY = re.compile(r"[?#].*", re.S)


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
    return _QUERY.sub(lambda match: match.group()[0] + HIDDEN, address)


def is_loopback(url: str) -> bool:
    """Whether what is sent to `url` stays on this machine, whatever a resolver may say of names."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
