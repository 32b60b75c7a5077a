"""Installing Ollama without root, from an archive served on loopback."""

from __future__ import annotations

import asyncio
import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from subprocess import run
from typing import Any

import pytest

from r1tui.locale import say
from r1tui.services.machine.probe.system import System
from r1tui.services.server import install as server_install
from r1tui.services.server.archive import unpack
from r1tui.services.server.install import Installer, InstallError, Offer
from tests.support import provision
from tests.support.machines import recorded
from tests.support.mirror import MACHINE, TGZ, ZST, Mirror, members_of, tar_of, zst


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    served = Mirror()
    yield served
    served.close()


def program(size: int = 3_000_000) -> bytes:
    return b"#!/bin/sh\necho works\n#" + os.urandom(size)


def installer(mirror: Mirror, system: System | None = None) -> Installer:
    return Installer({"R1TUI_OLLAMA_DOWNLOAD_URL": mirror.url}, retry_after=0.01, system=system)


async def install(each: Installer, offer: Offer | None = None) -> list[tuple[str, int]]:
    return [(step.stage, step.completed) async for step in each.install(offer or await each.offer())]


async def test_the_offer_tells_version_size_and_sum_before_anything_is_downloaded(mirror: Mirror) -> None:
    body = zst(tar_of({"bin/ollama": program()}))
    mirror.offer(ZST, body)
    offer = await installer(mirror).offer()
    [archive] = offer.archives
    assert (offer.version, offer.size) == ("9.8.7", len(body))
    assert archive.sha256 == hashlib.sha256(body).hexdigest()
    assert all(asked == "" for asked in mirror.ranges)


async def test_the_real_server_is_installed_from_its_archive_and_runs(mirror: Mirror) -> None:
    binary = provision.find_ollama()
    if binary is None:
        pytest.skip("no Ollama to make an archive of")
    members = await asyncio.to_thread(members_of, binary)
    mirror.offer(ZST, await asyncio.to_thread(lambda: zst(tar_of(members))))
    mine = installer(mirror)
    steps = await install(mine)
    assert [stage for stage, _ in steps][-3:] == ["verifying", "writing", "done"]
    answer = await asyncio.to_thread(lambda: run([mine.binary, "--version"], capture_output=True, text=True))
    assert "version" in answer.stdout + answer.stderr
    assert {str(file.relative_to(mine.folder)) for file in mine.folder.rglob("*") if file.is_file()} == set(
        members
    )
    assert not list((mine.folder.parent / "downloads").iterdir())


async def test_an_installation_anew_replaces_the_program_and_its_library_together(mirror: Mirror) -> None:
    mine = installer(mirror)
    for version in (b"one", b"two"):
        members = {"bin/ollama": program(), f"lib/ollama/llama-server-{version.decode()}": version}
        mirror.files.clear()
        mirror.offer(ZST, zst(tar_of(members)))
        await install(mine)
        library = sorted((mine.folder / "lib" / "ollama").iterdir())
        assert [file.read_bytes() for file in library] == [version], "nothing of the other version is left"
        assert mine.binary.read_bytes() == members["bin/ollama"]


@pytest.mark.skipif(MACHINE != "amd64", reason="Ollama has ROCm for x86-64 only")
async def test_for_an_amd_gpu_the_libraries_that_use_it_come_too(mirror: Mirror, tmp_path: Path) -> None:
    server, rocm = zst(tar_of({"bin/ollama": program()})), zst(tar_of({"lib/ollama/rocm/a.so": program()}))
    mirror.offer(ZST, server)
    mirror.offer(ZST.replace(".tar", "-rocm.tar"), rocm)
    assert len((await installer(mirror).offer()).archives) == 1
    card = "/sys/class/drm/card0/device"
    gpu = {f"{card}/vendor": "0x1002\n", f"{card}/mem_info_vram_total": str(16 << 30)}
    mine = installer(mirror, recorded(tmp_path, gpu))
    offer = await mine.offer()
    assert offer.size == len(server) + len(rocm)
    mirror.cuts = [len(server), len(rocm) // 2]
    steps = await install(mine, offer)
    assert (mine.folder / "lib/ollama/rocm/a.so").exists()
    assert mine.binary.exists()
    done = [completed for _, completed in steps]
    assert done == sorted(done)
    assert done[-1] == offer.size
    assert not list((mine.folder.parent / "downloads").iterdir())


async def test_the_older_tgz_is_taken_where_there_is_no_zst(mirror: Mirror, tmp_path: Path) -> None:
    import gzip

    mirror.offer(
        TGZ,
        gzip.compress(
            tar_of({"bin/ollama": program(), "lib/ollama/a.so": b"x"}, links={"lib/ollama/b.so": "a.so"})
        ),
    )
    mine = installer(mirror)
    await install(mine)
    assert mine.binary.exists()
    assert (mine.folder / "lib/ollama/b.so").read_bytes() == b"x"
    assert mine.folder.stat().st_mode & 0o077 == 0


async def test_a_cut_line_is_taken_up_where_it_was_cut(mirror: Mirror) -> None:
    mirror.offer(ZST, zst(tar_of({"bin/ollama": program()})))
    mirror.cuts = [1_200_000, 900_000]
    mine = installer(mirror)
    steps = await install(mine)
    assert mirror.ranges[-2:] == ["bytes=1200000-", "bytes=2100000-"]
    figures = [done for _, done in steps]
    assert figures == sorted(figures)
    assert mine.binary.exists()


async def test_a_line_that_is_cut_over_and_over_ends_in_one_sentence_and_keeps_what_came(
    mirror: Mirror,
) -> None:
    mirror.offer(ZST, zst(tar_of({"bin/ollama": program()})))
    mirror.cuts = [1_100_000] + [0] * 10
    mine = installer(mirror)
    with pytest.raises(InstallError) as failed:
        await install(mine)
    assert failed.value.phrase.key == "install.cut"
    mirror.cuts = []
    await install(mine)
    assert mirror.ranges[-1] == "bytes=1100000-"


async def test_a_cancelled_download_goes_on_from_where_it_was(mirror: Mirror) -> None:
    mirror.offer(ZST, zst(tar_of({"bin/ollama": program(6_000_000)})))
    mine = installer(mirror)
    steps = mine.install(await mine.offer())
    async for step in steps:
        if step.completed >= 2_000_000:
            break
    await steps.aclose()
    kept = next((mine.folder.parent / "downloads").iterdir()).stat().st_size
    await install(mine)
    assert kept >= 2_000_000
    assert mirror.ranges[-1] == f"bytes={kept}-"


async def test_an_installation_stopped_while_it_unpacks_installs_nothing(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror.offer(ZST, zst(tar_of({"bin/ollama": program(), "lib/ollama/one": b"1", "lib/ollama/two": b"2"})))
    mine, begun, go_on = installer(mirror), threading.Event(), threading.Event()

    def slowly(*args: Any) -> Iterator[int]:
        with closing(unpack(*args)) as steps:
            for written in steps:
                begun.set()
                go_on.wait(20)
                yield written

    monkeypatch.setattr(server_install, "unpack", slowly)
    task = asyncio.create_task(install(mine))
    await asyncio.to_thread(begun.wait, 20)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()
    await asyncio.to_thread(server_install._UNPACKING.acquire)  # the thread has ended
    server_install._UNPACKING.release()
    assert not [each for each in mine.folder.parent.iterdir() if each.name.startswith("ollama")]
    assert (await install(mine))[-1][0] == "done"


async def test_what_was_left_of_an_older_download_goes_with_the_installation(mirror: Mirror) -> None:
    mirror.offer(ZST, zst(tar_of({"bin/ollama": program()})))
    mine = installer(mirror)
    old = mine.folder.parent / "downloads" / "0123456789abcdef-ollama-linux-amd64.tar.zst"
    old.parent.mkdir()
    old.write_bytes(b"half of it")
    await install(mine)
    assert not old.exists()


async def test_a_folder_that_cannot_be_is_one_sentence(mirror: Mirror) -> None:
    mirror.offer(ZST, zst(tar_of({"bin/ollama": program()})))
    mine = installer(mirror)
    (mine.folder.parent / "downloads").write_text("in the way")
    with pytest.raises(InstallError):
        await install(mine)


async def test_a_server_without_ranges_is_read_from_the_start(mirror: Mirror) -> None:
    mirror.offer(ZST, zst(tar_of({"bin/ollama": program()})))
    mirror.cuts, mirror.ignore_range = [1_200_000], True
    mine = installer(mirror)
    await install(mine)
    assert mine.binary.read_bytes().startswith(b"#!/bin/sh")


async def test_a_wrong_sum_is_refused_and_deleted_and_the_old_server_stays(mirror: Mirror) -> None:
    mirror.offer(ZST, zst(tar_of({"bin/ollama": program()})))
    mine = installer(mirror)
    await install(mine)
    before = mine.binary.read_bytes()
    mirror.offer(ZST, zst(tar_of({"bin/ollama": program()})), "ab" * 32)
    with pytest.raises(InstallError) as failed:
        await install(mine)
    assert failed.value.phrase.key == "install.wrong_sum"
    assert mine.binary.read_bytes() == before
    assert not list((mine.folder.parent / "downloads").iterdir())


async def test_an_archive_without_a_published_sum_is_not_used(mirror: Mirror) -> None:
    mirror.files[ZST] = zst(tar_of({"bin/ollama": program()}))
    with pytest.raises(InstallError) as failed:
        await installer(mirror).offer()
    assert failed.value.phrase.key == "install.no_sum"


async def test_too_little_disk_stops_before_a_byte_is_downloaded(mirror: Mirror) -> None:
    mirror.offer(ZST, zst(tar_of({"bin/ollama": program()})))
    mine = installer(mirror)
    offer = await mine.offer()
    too_big = replace(offer, archives=(replace(offer.archives[0], size=10**17),))
    with pytest.raises(InstallError) as failed:
        await install(mine, too_big)
    assert failed.value.phrase.key == "install.disk"
    assert mirror.ranges == [""]


async def test_nobody_at_the_mirror_is_one_sentence() -> None:
    mine = Installer({"R1TUI_OLLAMA_DOWNLOAD_URL": "http://127.0.0.1:1"})
    with pytest.raises(InstallError) as failed:
        await mine.offer()
    assert failed.value.phrase.key == "install.away"


async def test_more_than_was_announced_is_not_taken(mirror: Mirror) -> None:
    body = zst(tar_of({"bin/ollama": program()}))
    mirror.offer(ZST, body)
    mirror.announced[ZST] = len(body) - 1_000_000
    mine = installer(mirror)
    with pytest.raises(InstallError) as failed:
        await install(mine)
    assert failed.value.phrase.key == "install.too_long"
    assert not list((mine.folder.parent / "downloads").iterdir())


async def test_an_archive_of_unknown_size_is_not_begun(mirror: Mirror) -> None:
    mirror.offer(ZST, zst(tar_of({"bin/ollama": program()})))
    mirror.announced[ZST] = None
    with pytest.raises(InstallError) as failed:
        await installer(mirror).offer()
    assert failed.value.phrase.key == "install.no_size"


async def test_a_list_of_sums_without_end_is_not_read_to_it(mirror: Mirror) -> None:
    mirror.offer(ZST, zst(tar_of({"bin/ollama": program()})))
    mirror.files["sha256sum.txt"] = b"\n" * server_install.SUMS_LIMIT + mirror.files["sha256sum.txt"]
    with pytest.raises(InstallError) as failed:
        await installer(mirror).offer()
    assert failed.value.phrase.key == "install.no_sum"


class Internet:
    """Every server there is: what httpx would send is answered from a table, nothing leaves the process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import httpx

        self.asked: list[str] = []
        self.redirects: dict[str, str] = {}
        """Beginning of an address → what it is replaced by."""

        async def handle(_: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
            url = str(request.url)
            self.asked.append(url)
            for start, other in self.redirects.items():
                if url.startswith(start):
                    return httpx.Response(302, headers={"Location": other + url[len(start) :]})
            if url.endswith("sha256sum.txt"):
                return httpx.Response(200, stream=httpx.ByteStream(f"{'ab' * 32}  {ZST}\n".encode()))
            return httpx.Response(200, headers={"Content-Length": "1000"})

        monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", handle)


@pytest.mark.parametrize(
    ("base", "redirects"),
    [
        ("https://mirror.example/d", {"https://mirror.example/d/ollama": "http://cdn.example/ollama"}),
        ("https://mirror.example/d", {"https://mirror.example/d/ollama": "http://127.0.0.1:9/ollama"}),
        ("https://mirror.example/d", {"https://mirror.example/d/sha": "http://mirror.example/d/sha"}),
        ("https://mirror.example/d", {"https://mirror.example/": "https://a.example/", "https://a.example/": "http://b.example/"}),
        ("http://mirror.example/d", {}),
        ("http://mirror.example/d", {"http://mirror.example/": "https://mirror.example/"}),
        ("HTTP://mirror.example/d", {}),
        ("http://127.example.com/d", {}),
        ("http://localhost.example.com/d", {}),
        ("http://192.168.1.5/d", {}),
        ("http://127.0.0.1:9/d", {"http://127.0.0.1:9/": "http://192.168.1.5/"}),
    ],
)  # fmt: skip
async def test_nothing_is_asked_for_without_tls_but_on_this_machine(
    base: str, redirects: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    internet = Internet(monkeypatch)
    internet.redirects = redirects
    with pytest.raises(InstallError) as failed:
        await Installer({"R1TUI_OLLAMA_DOWNLOAD_URL": base}).offer()
    assert failed.value.phrase.key == "install.no_tls"
    assert all(url.startswith(("https:", "http://127.0.0.1:9/d/")) for url in internet.asked)


async def test_redirects_over_tls_are_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    internet = Internet(monkeypatch)
    internet.redirects = {"https://mirror.example/": "https://cdn.example/v9.8.7/"}
    offer = await Installer({"R1TUI_OLLAMA_DOWNLOAD_URL": "https://mirror.example/d"}).offer()
    assert (offer.version, offer.archives[0].sha256) == ("9.8.7", "ab" * 32)


@pytest.mark.parametrize("status", [200, 403, 500])
async def test_the_credentials_of_a_mirror_are_sent_and_never_shown(
    status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    import httpx

    sent: list[str] = []

    async def handle(_: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        sent.append(request.headers.get("authorization", ""))
        sums = httpx.ByteStream(f"{'ab' * 32}  {ZST}\n".encode())
        return httpx.Response(status, headers={"Content-Length": "1000"}, stream=sums)

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", handle)
    mine = Installer({"R1TUI_OLLAMA_DOWNLOAD_URL": "https://me:s3cret@mirror.example/d"})
    try:
        offer = await mine.offer()
        shown = offer.addresses
    except InstallError as error:
        shown = say(error.phrase)
    assert "mirror.example" in shown
    assert "s3cret" not in shown + mine.source
    assert set(sent) == {"Basic bWU6czNjcmV0"}


async def test_a_damaged_archive_changes_nothing(mirror: Mirror) -> None:
    mirror.offer(ZST, zst(tar_of({"bin/ollama": program()}))[:-500_000])
    mine = installer(mirror)
    with pytest.raises(InstallError) as failed:
        await install(mine)
    assert failed.value.phrase.key == "install.damaged"
    assert not mine.folder.exists()
