"""An archive is unpacked inside its folder or not at all, whatever stands in it."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import resource
import stat
import struct
import tarfile
import warnings
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from r1tui.services.server import archive as archive_module
from r1tui.services.server.archive import DamagedArchive, UnsafeArchive, filter_is_sound, unpack
from tests.support.mirror import zst


def entry(name: str, kind: bytes = tarfile.REGTYPE, target: str = "", mode: int = 0o755) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, target, mode
    return info


def link(name: str, target: str) -> tarfile.TarInfo:
    return entry(name, tarfile.SYMTYPE, target)


def folder(name: str) -> tarfile.TarInfo:
    return entry(name, tarfile.DIRTYPE)


def hard(name: str, target: str) -> tarfile.TarInfo:
    return entry(name, tarfile.LNKTYPE, target)


def tar(*members: tarfile.TarInfo | tuple[str, bytes], format: int = tarfile.PAX_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=format) as made:
        for member in members:
            if isinstance(member, tuple):
                info = entry(member[0])
                info.size = len(member[1])
                made.addfile(info, io.BytesIO(member[1]))
            else:
                made.addfile(member)
    return buffer.getvalue()


def zipped(*members: tarfile.TarInfo | tuple[str, bytes]) -> bytes:
    """The same entries as a zip of a Unix system."""
    kinds = {tarfile.REGTYPE: stat.S_IFREG, tarfile.DIRTYPE: stat.S_IFDIR, tarfile.SYMTYPE: stat.S_IFLNK}
    kinds |= {tarfile.FIFOTYPE: stat.S_IFIFO, tarfile.CHRTYPE: stat.S_IFCHR, tarfile.BLKTYPE: stat.S_IFBLK}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for member in members:
            info, body = (entry(member[0]), member[1]) if isinstance(member, tuple) else (member, b"")
            each = zipfile.ZipInfo(info.name + ("/" if info.isdir() else ""))
            each.compress_type = zipfile.ZIP_DEFLATED
            each.external_attr = (kinds[info.type] | info.mode) << 16
            with warnings.catch_warnings(action="ignore"):  # of a name that comes twice
                made.writestr(each, info.linkname.encode() if info.issym() else body)
    return buffer.getvalue()


PACKERS: dict[str, Callable[..., bytes]] = {
    "tar.zst": lambda *members: zst(tar(*members)),
    "tgz": lambda *members: gzip.compress(tar(*members)),
    "gnu.tgz": lambda *members: gzip.compress(tar(*members, format=tarfile.GNU_FORMAT)),
    "zip": zipped,
}
formats = pytest.mark.parametrize("ending", PACKERS)


def unpacked(packed: bytes, ending: str, tmp_path: Path) -> Path:
    archive = tmp_path / f"packed.{ending}"
    archive.write_bytes(packed)
    list(unpack([archive], tmp_path / "home" / "into"))
    return tmp_path / "home" / "into"


def everything(tmp_path: Path) -> set[str]:
    return {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")}


def refused(packed: bytes, ending: str, tmp_path: Path) -> None:
    with pytest.raises(UnsafeArchive):
        unpacked(packed, ending, tmp_path)
    assert everything(tmp_path) == {"home", f"packed.{ending}"}


@formats
def test_files_folders_and_links_come_out_as_they_went_in_for_this_user_only(
    ending: str, tmp_path: Path
) -> None:
    members = [
        folder("bin"),
        ("bin/ollama", b"program"),
        ("lib/ollama/deep/a.so.1.2", b"library"),
        link("lib/ollama/deep/a.so", "a.so.1.2"),
        link("lib/ollama/deep/b.so", "./a.so"),
        link("lib/ollama/up", "../../bin/ollama"),
        link("all", "lib/ollama"),
        ("lib/" + "n" * 150 + "/" + "m" * 150, b"long name"),
        ("lib/库.so", b"named"),
    ]
    into = unpacked(PACKERS[ending](*members), ending, tmp_path)
    assert (into / "bin/ollama").read_bytes() == (into / "lib/ollama/up").read_bytes() == b"program"
    assert (into / "all/deep/b.so").read_bytes() == b"library"
    assert (into / "lib/库.so").read_bytes() == b"named"
    assert (into / ("lib/" + "n" * 150) / ("m" * 150)).read_bytes() == b"long name"
    assert os.access(into / "bin/ollama", os.X_OK)
    for path in into.rglob("*"):
        assert path.is_symlink() or stat.S_IMODE(path.stat().st_mode) in (0o700, 0o600)


def test_a_hard_link_inside_is_the_same_file_and_a_later_entry_replaces_an_earlier(tmp_path: Path) -> None:
    into = unpacked(
        zst(tar(("a", b"old"), ("a", b"new"), hard("b", "a"), ("c", b"x"), link("l", "c"), ("l", b"l"))),
        "tar.zst",
        tmp_path,
    )
    assert (into / "a").samefile(into / "b")
    assert [(into / name).read_bytes() for name in "abcl"] == [b"new", b"new", b"x", b"l"]


def chain(steps: int, length: int, escape: str) -> Iterable[tarfile.TarInfo | tuple[str, bytes]]:
    """CVE-2025-4517: links whose resolved path is longer than PATH_MAX, where `realpath` stops to resolve, and one
    more that climbs out behind them."""
    part, path = "d" * length, ""
    for step in range(steps):
        yield folder(os.path.join(path, part))
        yield link(os.path.join(path, chr(ord("a") + step)), part)
        path = os.path.join(path, part)
    short = "/".join(chr(ord("a") + step) for step in range(steps))
    yield link(f"{short}/{'l' * 254}", "../" * steps)
    yield link("escape", f"{short}/{'l' * 254}/{escape}")
    yield link("flag", "escape/victim")
    yield ("flag", b"owned")


@formats
def test_a_chain_of_links_longer_than_a_path_may_be_writes_nothing_outside(
    ending: str, tmp_path: Path
) -> None:
    (tmp_path / "victim").write_bytes(b"untouched")
    packed = PACKERS[ending](*chain(16, 247, "../.."))
    archive = tmp_path / f"packed.{ending}"
    archive.write_bytes(packed)
    with pytest.raises(UnsafeArchive):
        list(unpack([archive], tmp_path / "home" / "into"))
    assert everything(tmp_path) == {"home", "victim", archive.name}
    assert (tmp_path / "victim").read_bytes() == b"untouched"


LEADING_AWAY: dict[str, list[tarfile.TarInfo | tuple[str, bytes]]] = {
    "parent": [("../outside", b"x")],
    "parent within": [("a/../../outside", b"x")],
    "parent that stays inside": [("a/../b", b"x")],
    "absolute": [("/tmp/outside", b"x")],
    "absolute folder": [folder("/tmp/outside")],
    "the folder itself": [(".", b"x")],
    "absolute link": [link("lib", "/etc")],
    "climbing link": [link("bin/up", "../..")],
    "climbing link at the top": [link("up", "..")],
    "link that climbs after it descends": [folder("a"), link("a/top", ".."), link("b", "a/top/..")],
    "link that climbs by another": [folder("p/q"), link("p/q/l", "../.."), link("p/q/y", "l/../..")],
    "empty link": [link("nothing", "")],
    "over-long link": [link("l", "a/" * 600 + "b")],
    "below a link": [folder("a"), link("b", "a"), ("b/file", b"x")],
    "below a link to the folder itself": [link("b", "."), ("b/file", b"x")],
    "folder below a link": [folder("a"), link("b", "a"), folder("b/c")],
    "below a link spelt in capitals": [folder("a"), link("link", "a"), ("LINK/file", b"x")],
    "below a link of composed letters": [folder("a"), link("é", "a"), ("e\u0301/file", b"x")],
    "below a file": [("a", b"x"), ("a/b", b"x")],
    "folder over a link": [folder("a"), link("b", "a"), folder("b")],
    "file over a folder": [folder("a"), ("a", b"x")],
    "over-long path": [("a/" * 600 + "b", b"x")],
    "over-long name": [("a" * 250, b"x")],
    "over-long name in bytes": [("é" * 130, b"x")],
    "line break": [("a\nb", b"x")],
    "escape": [("a\x1b[2Jb", b"x")],
    "backslash": [("..\\outside", b"x")],
    "direction": [("a\u202eb", b"x")],
    "fifo": [entry("f", tarfile.FIFOTYPE)],
    "device": [entry("d", tarfile.CHRTYPE)],
    "block device": [entry("d", tarfile.BLKTYPE)],
    "set-user-id": [entry("s", mode=0o4755)],
    "set-group-id": [entry("s", mode=0o2755)],
    "set-group-id folder": [entry("s", tarfile.DIRTYPE, mode=0o2755)],
}  # fmt: skip


@pytest.mark.parametrize("ending", ["tar.zst", "zip"])
@pytest.mark.parametrize("members", LEADING_AWAY.values(), ids=LEADING_AWAY.keys())
def test_an_entry_that_leads_away_is_refused_and_leaves_nothing(
    members: list[tarfile.TarInfo | tuple[str, bytes]], ending: str, tmp_path: Path
) -> None:
    refused(PACKERS[ending](("fine", b"x"), *members), ending, tmp_path)


@pytest.mark.parametrize(
    "members",
    [
        [hard("a", "/etc/hostname")],
        [hard("a", "../outside")],
        [hard("a", "not/there")],
        [("a", b"x"), hard("a", "a")],
        [link("l", "fine"), hard("a", "l")],
        [folder("d"), link("l", "d"), ("d/f", b"x"), hard("a", "l/f")],
        [entry("a", tarfile.GNUTYPE_SPARSE)],
        [entry("a", b"9")],
    ],
    ids=["absolute", "climbing", "absent", "itself", "of-a-link", "below-a-link", "sparse", "unknown"],
)
def test_what_only_a_tar_can_hold_is_refused_too(members: list[tarfile.TarInfo], tmp_path: Path) -> None:
    refused(zst(tar(("fine", b"x"), *members)), "tar.zst", tmp_path)


def test_a_name_that_is_no_text_is_refused(tmp_path: Path) -> None:
    refused(
        zst(tar(("x" * 20, b"")).replace(b"x" * 20, b"\xff" * 20)), "tar.zst", tmp_path
    ) if False else None
    packed = tar(("xxxx", b"1"), format=tarfile.USTAR_FORMAT)
    header = bytearray(packed[:512])
    header[:4] = b"\xff\xfe\xfd\xfc"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    refused(zst(bytes(header) + packed[512:]), "tar.zst", tmp_path)


# Sizes


def header(name: str, size: int, kind: bytes = b"0") -> bytes:
    """A block that promises `size` bytes."""
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    return info.tobuf(tarfile.GNU_FORMAT)


@formats
def test_no_more_is_unpacked_than_the_archive_s_size_allows(
    ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_module, "RATIO_FLOOR", 1000)
    zeros = b"\0" * 400_000
    refused(PACKERS[ending](*((f"z{n}", zeros) for n in range(10))), ending, tmp_path)


@formats
def test_what_the_disk_has_no_room_for_is_a_full_disk(
    ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_module, "DISK_RESERVE", 1 << 60)
    with pytest.raises(OSError, match="space"):
        unpacked(PACKERS[ending](("a", b"x")), ending, tmp_path)
    assert everything(tmp_path) == {"home", f"packed.{ending}"}


class Endless(io.RawIOBase):
    """A tar that goes on for as long as it is read; how much was read is counted."""

    def __init__(self, start: bytes, repeated: bytes) -> None:
        self._rest, self._repeated = start, repeated
        self.given = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while len(self._rest) < size:
            self._rest += self._repeated
        piece, self._rest = self._rest[:size], self._rest[size:]
        self.given += len(piece)
        return piece


SPARSE = {
    "GNU.sparse.major": "1",
    "GNU.sparse.minor": "0",
    "GNU.sparse.name": "s",
    "GNU.sparse.realsize": "9",
}


def pax(**records: str) -> bytes:
    info = tarfile.TarInfo("p")
    info.pax_headers = records
    return info.tobuf(tarfile.PAX_FORMAT)[:-512]


@pytest.mark.parametrize(
    ("start", "repeated"),
    [
        (header("x", 1 << 40, tarfile.XHDTYPE), b"9999 a=" + b"b" * 505),
        (header("g", 1 << 40, tarfile.XGLTYPE), b"a" * 512),
        (header("L", 1 << 40, tarfile.GNUTYPE_LONGNAME), b"a" * 512),
        (header("K", 1 << 40, tarfile.GNUTYPE_LONGLINK), b"a" * 512),
        (b"", header("L", 5, tarfile.GNUTYPE_LONGNAME) + b"a" * 512),
        (b"", header("x", 12, tarfile.XHDTYPE) + b"12 a=bbbbbb\n".ljust(512, b"\0")),
        (pax(**SPARSE) + header("s", 1 << 40), b"9" * 511 + b"\n"),
        (b"", b"".join(header(f"empty-{n}", 0) for n in range(100))),
        (b"", b"".join(header(f"n{n}", 1) + b"x" * 512 for n in range(100))),
    ],
    ids=["pax", "global", "name", "link", "names-of-names", "paxes", "sparse", "empty-files", "tiny-files"],
)
def test_headers_without_end_are_refused_before_they_fill_memory_or_disk(
    start: bytes, repeated: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endless = Endless(start, repeated)
    monkeypatch.setattr(archive_module, "_unpacked", lambda *_: endless)
    monkeypatch.setattr(archive_module, "HEADERS_LIMIT", 1 << 20)
    refused(b"", "tar.zst", tmp_path)
    assert endless.given < 3 << 20


def test_a_negative_size_is_refused(tmp_path: Path) -> None:
    block = bytearray(header("a", 0))
    block[124:136] = b"\xff" * 12
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    with pytest.raises((UnsafeArchive, DamagedArchive)):
        unpacked(zst(bytes(block) + b"\0" * 1024), "tar.zst", tmp_path)


def test_a_list_of_a_zip_without_end_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_module, "HEADERS_LIMIT", 10_000)
    refused(zipped(*((f"file-{n}", b"") for n in range(1000))), "zip", tmp_path)


@formats
def test_a_file_of_which_the_disk_takes_a_part_is_a_fault(ending: str, tmp_path: Path) -> None:
    """The system's write takes what there is room for, and says so at the next one only."""
    packed = PACKERS[ending](("bin/ollama", os.urandom(6000)))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    (tmp_path / f"packed.{ending}").write_bytes(packed)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            list(unpack([tmp_path / f"packed.{ending}"], tmp_path / "into"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert everything(tmp_path) == {f"packed.{ending}"}


def test_a_zip_with_an_empty_name_or_places_before_its_beginning_is_damaged(tmp_path: Path) -> None:
    sound = zipped(("x", b"data"))
    nameless = sound[:26] + b"\0\0" + sound[28:30] + sound[31:]
    end = sound.rindex(b"PK\x05\x06") + 16
    late = (
        sound[:end] + struct.pack("<L", struct.unpack("<L", sound[end : end + 4])[0] + 9) + sound[end + 4 :]
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr(zipfile.ZipInfo(""), b"")
    for packed in (nameless, late, buffer.getvalue()):
        with pytest.raises((DamagedArchive, UnsafeArchive)):
            unpacked(packed, "zip", tmp_path)
        assert everything(tmp_path) == {"home", "packed.zip"}


def test_a_zip_that_says_too_little_of_a_file_gets_no_more_than_that(tmp_path: Path) -> None:
    packed = bytearray(zipped(("a", b"x" * 5000)))
    at = packed.index(b"PK\x01\x02") + 24
    assert struct.unpack_from("<I", packed, at) == (5000,)
    struct.pack_into("<I", packed, at, 10)
    with pytest.raises((DamagedArchive, UnsafeArchive)):
        unpacked(bytes(packed), "zip", tmp_path)
    assert everything(tmp_path) == {"home", "packed.zip"}


# Damage


@formats
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_cut_archive_is_damaged_and_leaves_nothing(ending: str, share: float, tmp_path: Path) -> None:
    packed = PACKERS[ending](("a", os.urandom(100_000)), ("b", os.urandom(100_000)))
    with pytest.raises(DamagedArchive):
        unpacked(packed[: int(len(packed) * share)], ending, tmp_path)
    assert everything(tmp_path) == {"home", f"packed.{ending}"}


@formats
def test_flipped_bits_end_in_one_of_the_three_errors_or_in_nothing(ending: str, tmp_path: Path) -> None:
    import random

    packed = PACKERS[ending](("a", os.urandom(500)), folder("d"), link("l", "a"), ("d/b", b"b" * 500))
    chance = random.Random(5)
    for _ in range(100):
        broken = bytearray(packed)
        for _ in range(chance.randint(1, 4)):
            broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
        archive = tmp_path / f"packed.{ending}"
        archive.write_bytes(broken)
        with contextlib.suppress(UnsafeArchive, DamagedArchive, OSError):
            list(unpack([archive], tmp_path / "home" / "into"))
        outside = {name for name in everything(tmp_path) if not name.startswith("home/into/")}
        assert outside - {"home/into"} == {"home", archive.name}


@pytest.mark.parametrize(
    ("version", "sound"),
    [
        ((3, 11, 7), False), ((3, 11, 12), False), ((3, 11, 13), True), ((3, 12, 10), False), ((3, 12, 11), True),
        ((3, 13, 3), False), ((3, 13, 4), True), ((3, 14, 0), True), ((3, 15, 0), True),
    ],
)  # fmt: skip
def test_the_filter_of_the_library_is_asked_where_it_is_sound(
    version: tuple[int, int, int], sound: bool
) -> None:
    assert filter_is_sound(version) == sound


def test_a_filter_that_objects_is_heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def object_to(member: tarfile.TarInfo, path: str) -> tarfile.TarInfo:
        raise tarfile.FilterError(member.name)

    monkeypatch.setattr(archive_module, "filter_is_sound", lambda version: True)
    monkeypatch.setattr(tarfile, "data_filter", object_to)
    with pytest.raises(UnsafeArchive):
        unpacked(zst(tar(("a", b"x"))), "tar.zst", tmp_path)
