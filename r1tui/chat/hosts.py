"""The servers that are known, and which of them is in use."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from r1tui.domain.clean import Clean, clean_line
from r1tui.locale import t
from r1tui.services.container import Services
from r1tui.services.engines.engine import HostError
from r1tui.services.engines.hosts import ResolvedHost, resolve_host

DEFAULT = ""
"""The name of the server that the settings, OLLAMA_HOST or nothing names (see `resolve_host`)."""
_TYPED = "hosts typed"
"""Name under which the addresses of servers are remembered that were typed, a line each, newest first."""
_KEPT = 8


class Hosts:
    """Those of the settings, those whose addresses were typed, and the one that is meant without a word."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._first = services.host
        """The one that R1TUI was started with."""
        self.typed: list[str] = []
        """Addresses, the newest first."""
        self._known_of: tuple[object, tuple[ResolvedHost, ...]] | None = None
        """What the servers that are known come from, and they."""

    async def load(self) -> None:
        """Read what was typed in earlier runs, and in other windows."""
        self.typed = [each for each in (await self._services.state_get(_TYPED)).split("\n") if each]

    async def remember(self, address: str) -> None:
        """Keep an address that was typed for the next time, unless it holds a password."""
        if "@" not in address and address not in self._services.settings.hosts:
            self.typed = [address, *(each for each in self.typed if each != address)][:_KEPT]
            await self._services.state_set(_TYPED, "\n".join(self.typed))

    @property
    def names(self) -> list[str]:
        """By what each is asked for, the default first."""
        named = self._services.settings.hosts
        names = [DEFAULT, *named, *(each for each in self.typed if each not in named)]
        if not any(host is not None and host.url == self._first.url for host in map(self.resolved, names)):
            names.append(self._first.url)  # `--host` named it
        return names

    def resolved(self, name: str) -> ResolvedHost | None:
        """The server of that name; None for an address that is none."""
        with suppress(HostError):
            return resolve_host(name, self._services.settings)
        return None

    @property
    def present(self) -> str | None:
        """The name of the one in use, its own before the default's; None where it is known by none."""
        return self._in_use([*self.names[1:], DEFAULT])

    @property
    def is_default(self) -> bool:
        """Whether the one in use is what the settings name."""
        return self._in_use([DEFAULT]) is not None

    def _in_use(self, names: Iterable[str]) -> str | None:
        here = self._services.host
        for name in names:
            host = self.resolved(name)
            if host is not None and (host.url, host.name) == (here.url, here.name):
                return name
        return None

    @property
    def words(self) -> Clean:
        """What the one in use is called, where another is known too; else nothing has to be told apart.

        The default counts where it was named, and not only meant, or once it was in use.
        """
        here = self._services.host
        others = [host for host in self._known() if host.url != here.url]
        if not others:
            return Clean("")
        if not here.name and here.local and not any(host.local for host in others):
            return t("host.this_machine")
        return clean_line(self._services.server_name)

    def _known(self) -> tuple[ResolvedHost, ...]:
        """They are asked for at each change of the status, and change with the settings or what was typed alone."""
        settings = self._services.settings
        of = settings.server.host, dict(settings.hosts), tuple(self.typed)
        if self._known_of is None or self._known_of[0] != of:
            hosts = [self._first]
            for name in self.names:
                host = self.resolved(name)
                if host is not None and (name != DEFAULT or host.named_by):
                    hosts.append(host)
            self._known_of = of, tuple(hosts)
        return self._known_of[1]
