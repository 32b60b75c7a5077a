"""From a host's settings to an engine: addresses, headers whose secrets live elsewhere, the kind of server."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from r1tui.domain.phrase import phrase
from r1tui.domain.settings import HostSettings, Settings
from r1tui.services.engine import Engine, HostError
from r1tui.services.ollama_host import checked_host_url, host_url, is_local

__all__ = ["HostError", "ResolvedHost", "make_engine", "resolve_host", "resolved_headers", "stated_hardware"]

_SECRET_LIMIT = 64 * 1024
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

    @property
    def local(self) -> bool:
        """Whether it is this machine."""
        return is_local(self.url)


def resolve_host(wanted: str, settings: Settings, environ: Mapping[str, str] = os.environ) -> ResolvedHost:
    """The server that `wanted` means: the name of a `[hosts.NAME]` table, an address, or (empty) what `[server] host`
    says, else OLLAMA_HOST, else this machine. Raises `HostError` for an address that is none.
    """
    wanted = wanted.strip() or settings.server.host.strip()
    if not wanted:
        return ResolvedHost(host_url(environ.get("OLLAMA_HOST")))
    table = settings.hosts.get(wanted)
    if table is None:
        return ResolvedHost(checked_host_url(wanted))
    return _of_table(wanted, table)


def stated_hardware(host: ResolvedHost, settings: Settings) -> dict[str, object] | None:
    """The server's machine where the settings state it: the host's own, of an address `[hardware]`."""
    return host.hardware if host.name else settings.hardware


def resolved_headers(headers: Mapping[str, str], environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Headers with `env:NAME` and `file:PATH` replaced by what they name. Reads files. Raises `HostError`."""
    return {name: _value(name, value, environ) for name, value in headers.items()}


def make_engine(host: ResolvedHost, environ: Mapping[str, str] = os.environ) -> Engine:
    """An engine for a host; nothing is imported or connected yet. Raises `HostError` for headers that cannot be had."""
    headers = resolved_headers(host.headers, environ)
    if host.kind == "openai":
        from r1tui.services.openai_engine import OpenAIEngine

        return OpenAIEngine(host.url, headers=headers, verify_tls=host.verify_tls)
    from r1tui.services.ollama_engine import OllamaEngine

    return OllamaEngine(host.url, headers=headers, verify_tls=host.verify_tls)


def _of_table(name: str, table: HostSettings) -> ResolvedHost:
    if table.kind not in ("ollama", "openai"):
        raise HostError(phrase("engine.host_kind", name=name, kind=table.kind))
    url = checked_host_url(table.url)
    return ResolvedHost(url, name, table.kind, dict(table.headers), table.verify_tls, table.hardware)


def _value(name: str, value: str, environ: Mapping[str, str]) -> str:
    if value.startswith("env:"):
        variable = value.removeprefix("env:")
        found = environ.get(variable, "")
        if not found:
            raise HostError(phrase("engine.header_env", header=name, variable=variable))
        value = found
    elif value.startswith("file:"):
        path = Path(value.removeprefix("file:")).expanduser()
        try:
            with path.open("rb") as file:
                value = file.read(_SECRET_LIMIT).decode()
        except (OSError, UnicodeDecodeError):
            raise HostError(phrase("engine.header_file", header=name, path=str(path))) from None
    value = value.strip()
    if not _HEADER_NAME.fullmatch(name) or not (value.isascii() and value.isprintable()):
        raise HostError(phrase("engine.header_junk", header=name))
    return value
