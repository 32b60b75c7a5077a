"""File names made of titles."""

from __future__ import annotations

import re
from hashlib import sha256

from r1tui.domain.clean import clean_line

_UNSAFE = re.compile(r'[/\\:*?"<>|\x00-\x1f.\s]+')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)$", re.IGNORECASE)


def safe_name(title: str) -> str:
    """The stem of a file name that any file system takes and that leads nowhere else, whatever the title holds."""
    name = _UNSAFE.sub("-", clean_line(title)).strip("-")
    name = name.encode("utf-8", "ignore")[:80].decode("utf-8", "ignore").strip("-")
    return name if name and not _RESERVED.match(name) else f"conversation-{name}".rstrip("-")


def file_name(title: str, ident: str, ending: str) -> str:
    """The same with a part of the conversation's id: two of one title do not meet, and one always has one name."""
    ours = re.fullmatch("[0-9a-f]{32}", ident)  # others, such as `recovered1`, may begin alike
    return f"{safe_name(title)}-{(ident if ours else sha256(ident.encode()).hexdigest())[:8]}{ending}"
