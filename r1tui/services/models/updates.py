"""Which models have an update: their manifests in the registries that they come from, beside those that are here.

Asking sends the models' names out of this machine: only where its user wants it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from enum import Enum, auto
from hashlib import sha256
from typing import TYPE_CHECKING

from r1tui.domain.address import is_loopback
from r1tui.domain.dataclass import dataclass
from r1tui.domain.model import Model
from r1tui.domain.model_name import BadName, parse_name, with_mirror
from r1tui.domain.phrase import Phrase, PhrasedError, phrase
from r1tui.services.models.disk import Manifest
from r1tui.services.tls_only import tls_only

if TYPE_CHECKING:
    import httpx

_ACCEPT = "application/vnd.docker.distribution.manifest.v2+json"
_LARGEST = 1 << 20
"""Bytes of a manifest that is read."""
_SECONDS = 20.0


class UpdateState(Enum):
    """What a registry's manifest says."""

    SAME = auto()
    NEWER = auto()
    UNKNOWN = auto()
    """No registry has the model: it was made or renamed here."""
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class Update:
    """What is to be had of one model."""

    name: str
    state: UpdateState
    size: int = 0
    """Bytes to be downloaded, at most where it is not known what the server has of it."""
    why: Phrase | None = None
    """Why its registry told nothing."""


class _Refused(PhrasedError):
    """The registry did not answer as one."""


def asked_at(models: Iterable[Model], mirror: str = "") -> dict[str, list[str]]:
    """A registry's host → the names that it would be asked for; cloud models and what is no name are left out."""
    hosts: dict[str, list[str]] = {}
    for model in models:
        if not model.remote_host:
            try:
                host = parse_name(with_mirror(model.name, mirror)).host
            except BadName:
                continue
            hosts.setdefault(host, []).append(model.name)
    return hosts


async def updates(
    models: Sequence[Model], here: Mapping[str, Manifest] | None = None, mirror: str = ""
) -> AsyncIterator[Update]:
    """Ask for one model after the other. `here`: the manifests that the server has, where its folder can be read."""
    known = {each.name: each for each in models}
    blobs = {digest for manifest in (here or {}).values() for digest in manifest.layers}
    for host, names in asked_at(models, mirror).items():
        async with await asyncio.to_thread(_client, loopback=is_loopback(f"http://{host}")) as client:
            for name in names:
                try:
                    data = await _manifest(client, with_mirror(name, mirror))
                except _Refused as error:
                    yield Update(name, UpdateState.FAILED, why=error.phrase)
                    continue
                manifest = Manifest.read(data) if data is not None else None
                mine = (here or {}).get(name)
                if data is None:
                    yield Update(name, UpdateState.UNKNOWN)
                elif manifest is None:
                    yield Update(name, UpdateState.FAILED, why=phrase("updates.no_manifest"))
                elif sha256(data).hexdigest() == known[name].digest or (
                    mine is not None and mine.layers.keys() == manifest.layers.keys()
                ):
                    yield Update(name, UpdateState.SAME)
                else:
                    size = sum(size for digest, size in manifest.layers.items() if digest not in blobs)
                    yield Update(name, UpdateState.NEWER, size)


def _client(*, loopback: bool) -> httpx.AsyncClient:
    """A client for one registry, which `loopback` says is on this machine. Loads httpx and certificates: call it in a
    thread.
    """
    import httpx

    return httpx.AsyncClient(
        follow_redirects=True,
        timeout=_SECONDS,
        headers={"Accept": _ACCEPT, "Accept-Encoding": "identity"},
        event_hooks={"request": [tls_only(_Refused, loopback=loopback)]},
        mounts={"http://": None},  # a proxy of the environment is for the world outside
    )


async def _manifest(client: httpx.AsyncClient, source: str) -> bytes | None:
    """A model's manifest; None where the registry has none. Raises `_Refused`."""
    import httpx

    name = parse_name(source)
    scheme = "http" if is_loopback(f"http://{name.host}") else "https"
    url = f"{scheme}://{name.host}/v2/{name.namespace}/{name.model}/manifests/{name.tag}"
    try:
        async with client.stream("GET", url) as answer:
            if answer.status_code == 404:
                return None
            if answer.status_code != 200:
                raise _Refused(phrase("updates.status", code=answer.status_code))
            data = b""
            async for piece in answer.aiter_raw():  # as it comes: unpacked, one piece may have gigabytes
                data += piece
                if len(data) > _LARGEST:
                    raise _Refused(phrase("updates.no_manifest"))
            return data
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise _Refused(phrase("updates.away", detail=str(error) or type(error).__name__)) from error
