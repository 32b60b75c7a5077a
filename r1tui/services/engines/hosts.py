"""From a host's settings to an engine: addresses, headers whose secrets live elsewhere, the kind of server."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import field
from pathlib import Path
from urllib.parse import urlsplit

from r1tui.domain.address import is_loopback
from r1tui.domain.dataclass import dataclass
from r1tui.domain.packages import ENGINES, names_in
from r1tui.domain.phrase import Phrase, phrase
from r1tui.domain.settings import HostSettings, Settings
from r1tui.services.engines.engine import Engine, HostError
from r1tui.services.engines.kinds import checked_options, engine_kind
from r1tui.services.engines.ollama.host import (
    checked_host_url,
    has_query,
    host_url,
    impossible_port,
    is_local,
)
from r1tui.services.small_file import FileError, read_text

_SECRET_LIMIT = 64 * 1024
_read = set[str]()
"""What the files of headers held."""
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


@dataclass(frozen=True, slots=True)
class ResolvedHost:
    """A server to speak to."""

    url: str
    name: str = ""
    """Its `[hosts.NAME]`; empty for an address."""
    kind: str = "ollama"
    headers: dict[str, str] = field(default_factory=dict)
    """As in the settings: `env:` and `file:` not yet resolved."""
    verify_tls: bool = True
    hardware: dict[str, object] | None = None
    notes: tuple[Phrase, ...] = ()
    """What of OLLAMA_HOST is not done as it stands there."""
    named_by: str = ""
    """What named it: `--host`, `[server] host`, `OLLAMA_HOST`; empty where nothing did."""
    options: dict[str, object] = field(default_factory=dict)
    """Settings that only its kind of engine reads, checked."""

    @property
    def warnings(self) -> list[Phrase]:
        """What a person should know of this connection."""
        found = [*self.notes]
        if not self.verify_tls and urlsplit(self.url).scheme == "https":
            found.append(phrase("engine.tls_unchecked", url=self.url, name=self.name))
        return found

    @property
    def local(self) -> bool:
        """Whether it is this machine."""
        return is_local(self.url)


def resolve_host(wanted: str, settings: Settings, environ: Mapping[str, str] = os.environ) -> ResolvedHost:
    """The server that `wanted` means: the name of a `[hosts.NAME]` table, an address, or (empty) what `[server] host`
    says, else OLLAMA_HOST, else this machine. Raises `HostError` for an address that is none.
    """
    named_by = "--host" if wanted.strip() else "[server] host"
    wanted = wanted.strip() or settings.server.host.strip()
    if not wanted:
        value = environ.get("OLLAMA_HOST")
        named_by = "OLLAMA_HOST" if (value or "").strip() else ""
        url = host_url(value)
        return ResolvedHost(url, notes=tuple(_not_done(value or "", url)), named_by=named_by)
    table = settings.hosts.get(wanted)
    if table is None:
        return ResolvedHost(checked_host_url(wanted), named_by=named_by)
    return _of_table(wanted, table, named_by)


def _not_done(value: str, url: str) -> Iterator[Phrase]:
    if "@" in value:
        yield phrase("engine.host_user_dropped")
    if has_query(value):
        yield phrase("engine.host_query_dropped")
    if port := impossible_port(value):
        yield phrase("engine.host_port_replaced", port=port, url=url)


def stated_hardware(host: ResolvedHost, settings: Settings) -> dict[str, object] | None:
    """The server's machine where the settings state it: the host's own, of an address `[hardware]`."""
    return host.hardware if host.name else settings.hardware


def resolved_headers(headers: Mapping[str, str], environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Headers with `env:NAME` and `file:PATH` replaced by what they name. Reads files. Raises `HostError`."""
    return {name: _value(name, value, environ) for name, value in headers.items()}


def secrets(tables: Iterable[Mapping[str, str]], environ: Mapping[str, str] = os.environ) -> Iterator[str]:
    """What headers carry and no report may hold: as the settings have it, what that names now, and what files held when
    they were read, since they may be gone by now.
    """
    for headers in tables:
        for name, value in headers.items():
            yield value
            with suppress(HostError):
                yield _value(name, value, environ)
    yield from _read


def make_engine(host: ResolvedHost, environ: Mapping[str, str] = os.environ) -> Engine:
    """An engine for a host; nothing is imported or connected yet. Raises `HostError` for headers that cannot be had."""
    headers = resolved_headers(host.headers, environ)
    if not any(name.lower() == "authorization" for name in headers) and _may_have_key(host, environ):
        key = environ.get("OLLAMA_API_KEY", "").strip()
        if key:
            headers["Authorization"] = _checked("OLLAMA_API_KEY", f"Bearer {key}")
    kind = engine_kind(host.kind)
    return kind.make(host.url, headers=headers, verify_tls=host.verify_tls, options=host.options)


def _may_have_key(host: ResolvedHost, environ: Mapping[str, str]) -> bool:
    """Whether OLLAMA_API_KEY may go to a host: to the server that OLLAMA_HOST or the default names and to ollama.com,
    and to these only where nobody on the way can read it.
    """
    parts, mine = urlsplit(host.url), urlsplit(host_url(environ.get("OLLAMA_HOST")))
    same = (parts.scheme, parts.netloc.lower(), parts.path) == (mine.scheme, mine.netloc.lower(), mine.path)
    official = (parts.hostname or "").rstrip(".") == "ollama.com"
    unread = is_loopback(host.url) or (parts.scheme == "https" and host.verify_tls)
    return (same or official) and unread


def _of_table(name: str, table: HostSettings, named_by: str) -> ResolvedHost:
    kinds = names_in(ENGINES)
    if table.kind not in kinds:
        raise HostError(phrase("engine.host_kind", name=name, kind=table.kind, choices=tuple(kinds)))
    url = checked_host_url(table.url)
    options = checked_options(name, table.kind, table.options)
    return ResolvedHost(
        url,
        name,
        table.kind,
        dict(table.headers),
        table.verify_tls,
        table.hardware,
        named_by=named_by,
        options=options,
    )


def _value(name: str, value: str, environ: Mapping[str, str]) -> str:
    if value.startswith("env:"):
        variable = value.removeprefix("env:")
        found = environ.get(variable, "")
        if not found:
            raise HostError(phrase("engine.header_env", header=name, variable=variable))
        value = found
    elif value.startswith("file:"):
        try:
            path = Path(value.removeprefix("file:")).expanduser()
        except RuntimeError:  # `~nobody`
            path = Path(value.removeprefix("file:"))
        try:
            value = read_text(path, _SECRET_LIMIT)
        except FileError as error:
            raise HostError(
                phrase("engine.header_file", header=name, path=str(path), reason=error.phrase)
            ) from None
        _read.add(value.strip())
    return _checked(name, value.strip())


def _checked(name: str, value: str) -> str:
    """A value that HTTP takes as a header's. Raises `HostError`."""
    if not _HEADER_NAME.fullmatch(name) or not (value.isascii() and value.isprintable()):
        raise HostError(phrase("engine.header_junk", header=name))
    return value
