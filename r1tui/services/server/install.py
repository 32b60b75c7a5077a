"""Installs Ollama for this user, without root, from the official archive or a mirror of it."""

from __future__ import annotations

import asyncio
import hashlib
import os
import platform
import re
import shutil
import sys
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from r1tui.domain.address import is_loopback, shown_address, without_credentials
from r1tui.domain.dataclass import dataclass
from r1tui.domain.model import PullProgress
from r1tui.domain.phrase import PhrasedError, phrase
from r1tui.services.atomic import write_all
from r1tui.services.machine.probe.drm import probe_drm
from r1tui.services.machine.probe.system import System
from r1tui.services.paths import data_dir
from r1tui.services.server.archive import DamagedArchive, UnsafeArchive, unpack
from r1tui.services.small_file import why
from r1tui.services.tls_only import tls_only

if TYPE_CHECKING:
    import httpx

OFFICIAL = "https://ollama.com/download"
OFFICIAL_COMMAND = "curl -fsSL https://ollama.com/install.sh | sh"
"""What Ollama's own page says; it needs root, and we only show it."""
SUMS = "sha256sum.txt"
DISK_FACTOR = 3
"""Disk needed, in sizes of the archive: itself, and about twice that unpacked."""
RETRIES = 4
SUMS_LIMIT = 1 << 20
"""Bytes of the list of checksums; Ollama's has some two thousand."""
_PIECE = 1 << 20
_UNPACKING = threading.Lock()
_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
_DIGEST = re.compile(r"[0-9a-fA-F]{64}")
_VERSION = re.compile(r"/v?(\d+\.\d+\.\d+[\w.-]*)/")


class InstallError(PhrasedError):
    """Why it cannot be installed; `phrase` is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Archive:
    """One file to download."""

    url: str
    size: int
    """Bytes."""
    sha256: str

    @property
    def filename(self) -> str:
        """Name of the archive."""
        return urlsplit(self.url).path.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class Offer:
    """What would be downloaded."""

    version: str
    """Empty where the address does not tell it."""
    archives: tuple[Archive, ...]
    """The server, and with an AMD GPU that it can use also the libraries for that (ROCm)."""

    @property
    def size(self) -> int:
        """Bytes of all archives."""
        return sum(archive.size for archive in self.archives)

    @property
    def addresses(self) -> str:
        """Where they come from, to be read by a person."""
        return ", ".join(shown_address(archive.url) for archive in self.archives)

    @property
    def disk_needed(self) -> int:
        """Bytes that must be free, what is already here included."""
        return self.size * DISK_FACTOR


class Installer:
    """Downloads, checks and unpacks; what is here of a cancelled download is used by the next."""

    def __init__(
        self, environ: Mapping[str, str] = os.environ, retry_after: float = 2.0, system: System | None = None
    ) -> None:
        self._system = system or System()
        self._base = (environ.get("R1TUI_OLLAMA_DOWNLOAD_URL") or OFFICIAL).rstrip("/")
        self._retry_after = retry_after

    @property
    def folder(self) -> Path:
        """Where it is installed."""
        return data_dir() / "ollama"

    @property
    def binary(self) -> Path:
        """The server's program, once installed."""
        return self.folder / "bin" / "ollama"

    @property
    def source(self) -> str:
        """Host that it comes from."""
        return urlsplit(self._base).hostname or shown_address(self._base)

    def _amd_gpu(self) -> bool:
        """Whether there is an AMD GPU that Ollama uses: it has its libraries in an archive of their own."""
        return any(gpu.vendor == "amd" and gpu.usable for gpu in probe_drm(self._system))

    def _http_client(self) -> httpx.AsyncClient:
        """Loads httpx and certificates: call it in a thread."""
        import httpx

        # A proxy of the environment is for the world outside, not for a mirror on this machine.
        loopback = is_loopback(self._base)

        timeout = httpx.Timeout(20.0, read=30.0)
        return httpx.AsyncClient(
            follow_redirects=True,
            timeout=timeout,
            trust_env=not loopback,
            # Without TLS the list of sums says nothing; only a mirror on this machine may do so, from its own.
            event_hooks={"request": [tls_only(InstallError, loopback=loopback)]},
        )

    async def offer(self) -> Offer:
        """Ask what there is. Raises `InstallError`."""
        machine = _MACHINES.get(platform.machine().lower())
        if sys.platform != "linux" or machine is None:
            raise InstallError(
                phrase("install.unsupported", system=f"{platform.system()} {platform.machine()}")
            )
        import httpx

        stem = f"ollama-linux-{machine}"
        rocm = machine == "amd64" and await asyncio.to_thread(self._amd_gpu)
        try:
            async with await asyncio.to_thread(self._http_client) as client:
                for ending in ("tar.zst", "tgz"):
                    version, archives = await self._archive(client, f"{stem}.{ending}")
                    if archives and rocm:
                        archives += (await self._archive(client, f"{stem}-rocm.{ending}"))[1]
                    if archives:
                        return Offer(version, tuple(archives))
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise InstallError(phrase("install.away", host=self.source, detail=_detail(error))) from error
        raise InstallError(phrase("install.nothing", host=self.source))

    async def _archive(self, client: httpx.AsyncClient, name: str) -> tuple[str, list[Archive]]:
        """The version, and the archive of that name where there is one."""
        found = await client.head(f"{self._base}/{name}")
        if found.status_code == 404:
            return "", []
        found.raise_for_status()
        addresses = [str(each.url) for each in (*found.history, found)]
        version = next((match[1] for each in addresses if (match := _VERSION.search(each))), "")
        sha256 = await self._published_sum(client, addresses, name)
        size = int(found.headers.get("content-length") or 0)
        if size <= 0:  # what has no end is not begun
            raise InstallError(phrase("install.no_size", host=self.source))
        return version, [Archive(f"{self._base}/{name}", size, sha256)]

    async def _published_sum(self, client: httpx.AsyncClient, addresses: list[str], name: str) -> str:
        """The archive's sum, from the list beside it: a redirect leads to a release with its list."""
        for address in reversed(addresses):
            if urlsplit(address).path.endswith("/" + name):
                for line in (await _short_text(client, urljoin(address, SUMS))).splitlines():
                    digest, _, file = line.strip().partition(" ")
                    named = file.strip().lstrip("*").removeprefix("./")
                    if named == name and _DIGEST.fullmatch(digest):
                        return digest.lower()
        raise InstallError(phrase("install.no_sum", host=self.source))

    async def install(self, offer: Offer) -> AsyncGenerator[PullProgress]:
        """Download, check, unpack; yields the same growing object, ends after stage `done`.

        Closing or cancelling keeps what is here of the archive for the next time. Raises `InstallError`.
        """
        progress = PullProgress(offer.archives[0].filename)
        downloads = data_dir() / "downloads"
        parts = [downloads / f"{archive.sha256[:16]}-{archive.filename}" for archive in offer.archives]
        try:
            downloads.mkdir(mode=0o700, exist_ok=True)
            free = shutil.disk_usage(downloads).free + sum(map(_length, parts))
            if free < offer.disk_needed:
                raise InstallError(
                    phrase("install.disk", need=f"{offer.disk_needed / 1e9:.1f}", free=f"{free / 1e9:.1f}")
                )
            for archive, part in zip(offer.archives, parts, strict=True):
                progress.advance(archive.sha256, _length(part), archive.size)
            for archive, part in zip(offer.archives, parts, strict=True):
                async for _ in self._download(archive, part, progress):
                    yield progress
            progress.stage = "verifying"
            yield progress
            for archive, part in zip(offer.archives, parts, strict=True):
                if await asyncio.to_thread(_sha256, part) != archive.sha256:
                    await asyncio.to_thread(part.unlink)
                    raise InstallError(phrase("install.wrong_sum", host=self.source))
            progress.stage = "writing"
            yield progress
            stopped = threading.Event()
            try:
                await asyncio.to_thread(_unpack_all, parts, self.folder, stopped)
            except asyncio.CancelledError:
                stopped.set()  # a thread cannot be cancelled: it looks after each file
                raise
            # With what an older version left of its download.
            await asyncio.to_thread(_empty, downloads)
        except (UnsafeArchive, DamagedArchive) as error:
            raise InstallError(phrase("install.damaged", detail=str(error))) from error
        except OSError as error:
            raise InstallError(phrase("install.write", detail=why(error))) from error
        if not os.access(self.binary, os.X_OK):
            raise InstallError(phrase("install.damaged", detail="bin/ollama"))
        progress.stage = "done"
        yield progress

    async def _download(self, archive: Archive, part: Path, progress: PullProgress) -> AsyncIterator[None]:
        """Bring `part` to its full length, from where it ends; a cut line is taken up again a few times."""
        import httpx

        failures = 0
        while True:
            before = _length(part)
            progress.advance(archive.sha256, before, archive.size)
            if before >= archive.size:
                return
            try:
                async with (
                    await asyncio.to_thread(self._http_client) as client,
                    client.stream("GET", archive.url, headers=_range(before)) as answer,
                ):
                    if answer.status_code != 416:  # 416: nothing is missing, or the sum will tell
                        answer.raise_for_status()
                        async for _ in _write(answer, part, archive, progress):
                            yield
                progress.advance(archive.sha256, _length(part), archive.size)
                if _length(part) >= archive.size or answer.status_code == 416:
                    return
                detail = "cut"
            except httpx.HTTPError as error:
                detail = _detail(error)
            now = _length(part)
            failures = 1 if now > before else failures + 1
            if failures >= RETRIES:
                raise InstallError(phrase("install.cut", host=self.source, detail=detail))
            await asyncio.sleep(self._retry_after)


def _detail(error: Exception) -> str:
    """What went wrong, in the library's words, which may quote the address."""
    return without_credentials(str(error)) or type(error).__name__


async def _short_text(client: httpx.AsyncClient, url: str) -> str:
    """A short text, empty where there is none."""
    body = b""
    async with client.stream("GET", url, headers={"Accept-Encoding": "identity"}) as answer:
        if answer.is_success:
            async for piece in answer.aiter_raw():
                body += piece
                if len(body) > SUMS_LIMIT:
                    return ""
    return body.decode("utf-8", "replace")


def _empty(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink(missing_ok=True)


def _length(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _range(start: int) -> dict[str, str]:
    # Without `identity` a proxy may compress, and the lengths would not match.
    headers = {"Accept-Encoding": "identity"}
    return headers | {"Range": f"bytes={start}-"} if start else headers


async def _write(
    answer: httpx.Response, part: Path, archive: Archive, progress: PullProgress
) -> AsyncIterator[None]:
    """Write what comes, a piece at a time; what has come when the line is cut is written too.

    Raises `InstallError` for the first byte more than was announced, and deletes what came.
    """
    resumed = answer.status_code == 206
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | (os.O_APPEND if resumed else os.O_TRUNC), 0o600)
    with os.fdopen(descriptor, "ab", buffering=0) as file:
        written, waiting = _length(part), bytearray()
        try:
            async for chunk in answer.aiter_raw():
                waiting += chunk
                if written + len(waiting) > archive.size:
                    waiting.clear()
                    await asyncio.to_thread(part.unlink)
                    raise InstallError(phrase("install.too_long", host=urlsplit(archive.url).hostname or ""))
                if len(waiting) >= _PIECE:
                    piece, waiting = waiting, bytearray()
                    await asyncio.to_thread(write_all, file, piece)
                    written += len(piece)
                    progress.advance(archive.sha256, written, archive.size)
                    yield
        finally:
            write_all(file, waiting)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _unpack_all(archives: Sequence[Path], folder: Path, stopped: threading.Event) -> None:
    # One at a time: the thread of a stopped installation may still be at its last file when the next begins.
    with _UNPACKING, closing(unpack(archives, folder)) as steps:
        while not stopped.is_set() and next(steps, None) is not None:
            pass
