"""Files as attachments: what is read, as what, and what is refused by name."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from r1tui.locale import say
from r1tui.services.attachments import ENCODINGS, LIMIT, AttachmentError, read_attachment, recoded

CHINESE = "这是一个测试文件，里面有一些中文。\n第二行：深度求索。\n"
FRENCH = "Les élèves sont très fatigués après l'été.\nOù êtes-vous ?\n"
CODE = "x = 1  # 变量\nprint('你好')\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


async def refusal(path: Path, limit: int = LIMIT) -> str:
    with pytest.raises(AttachmentError) as error:
        await read_attachment(path, limit=limit)
    return say(error.value.phrase)


@pytest.mark.parametrize("text", [CHINESE, FRENCH, CODE, "plain\n", CHINESE * 9000])
@pytest.mark.parametrize("encoding", list(ENCODINGS))
async def test_a_text_is_read_as_what_it_was_written_in(tmp_path: Path, text: str, encoding: str) -> None:
    try:
        raw = text.encode(encoding)
    except UnicodeEncodeError:
        return
    path = tmp_path / "notes.md"
    path.write_bytes(raw)
    read = await read_attachment(path)
    assert read.text == text
    assert read.encoding == ("utf-8" if raw.isascii() and b"\0" not in raw else encoding)
    assert (read.name, read.size) == ("notes.md", len(raw))


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
async def test_a_mark_at_the_beginning_is_no_part_of_the_text(tmp_path: Path, codec: str) -> None:
    (tmp_path / "a.txt").write_bytes("é中".encode(codec))
    assert (await read_attachment(tmp_path / "a.txt")).text == "é中"


async def test_a_character_that_was_cut_does_not_make_another_encoding_of_utf8(tmp_path: Path) -> None:
    (tmp_path / "tail.log").write_bytes((CHINESE * 20).encode()[1:])
    read = await read_attachment(tmp_path / "tail.log")
    assert read.encoding == "utf-8"
    assert read.text.endswith("深度求索。\n")


async def test_another_encoding_is_a_key_away_and_the_last_leads_back(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(FRENCH.encode("latin-1"))
    read = await read_attachment(tmp_path / "a.txt")
    seen = []
    for _ in range(len(ENCODINGS)):
        read = await recoded(read)
        seen.append(read.encoding)
        if read.encoding == "latin-1":
            assert read.text == FRENCH
    assert set(seen) >= {"latin-1", "utf-16-le"}
    assert "utf-8" not in seen


async def test_an_encoding_that_was_asked_for_and_is_not_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(FRENCH.encode("latin-1"))
    with pytest.raises(AttachmentError) as error:
        await read_attachment(tmp_path / "a.txt", "utf-8")
    assert "it is not UTF-8" in say(error.value.phrase)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"%PDF-1.7\n1 0 obj\n", "it is a PDF"),
        (b"PK\x03\x04rest", "it is a zip archive"),
        (b"\x7fELF\x02\x01\x01\0\0", "it is a program"),
        (b"\x89PNG\r\n\x1a\n\0\0", "it is a picture"),
        (bytes(range(256)) * 40, "it is no text"),
        (b"", "it is empty"),
    ],
)
async def test_what_is_no_text_is_refused_by_what_it_is(tmp_path: Path, raw: bytes, words: str) -> None:
    (tmp_path / "thing.bin").write_bytes(raw)
    said = await refusal(tmp_path / "thing.bin")
    assert "thing.bin" in said
    assert words in said


async def test_random_bytes_are_no_text(tmp_path: Path) -> None:
    for size in (100, 1000, 100_000):
        (tmp_path / "noise").write_bytes(os.urandom(size))
        assert "it is no text" in await refusal(tmp_path / "noise")


async def test_what_is_no_file_is_refused_without_being_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        (tmp_path / "gone").symlink_to("nowhere")
        assert "it is a folder" in await refusal(tmp_path)
        assert "it is a device" in await refusal(Path("/dev/zero"))
        assert "it is a pipe" in await refusal(tmp_path / "pipe")
        assert "a socket" in await refusal(tmp_path / "socket")
        assert "it is not there" in await refusal(tmp_path / "missing.txt")
        assert "it is not there" in await refusal(tmp_path / "gone")
        assert "it is not there" in await refusal(Path("nul\0byte"))


async def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "huge.log").open("wb") as file:
        file.truncate(3 << 20)
    assert "“huge.log” was not attached: it is larger than 1 MiB" in await refusal(
        tmp_path / "huge.log", limit=1 << 20
    )


CHANGES: dict[str, Callable[[Path], object]] = {
    "gone": lambda path: None,
    "dangling": lambda path: path.symlink_to("gone"),
    "circle": lambda path: path.symlink_to(path),
    "folder": lambda path: path.mkdir(),
    "pipe": lambda path: os.mkfifo(path),
    "socket": lambda path: os.mknod(path, stat.S_IFSOCK | 0o600),
    "empty": lambda path: path.write_bytes(b""),
    "larger than the limit": lambda path: path.write_bytes(b"x" * 2000),
    "binary": lambda path: path.write_bytes(b"\x7fELF"),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_a_file_that_becomes_another_while_it_is_looked_at_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"a text")
    look = Path.stat

    def looked(file: Path, **how: bool) -> os.stat_result:
        found = look(file, **how)
        if file == path:
            monkeypatch.undo()
            path.unlink()
            CHANGES[change](path)
        return found

    monkeypatch.setattr(Path, "stat", looked)
    with pytest.raises(AttachmentError) as caught:
        await read_attachment(path, limit=1000)
    assert "a.txt" in say(caught.value.phrase)


async def test_a_file_that_changes_after_it_was_chosen_goes_as_it_was(tmp_path: Path) -> None:
    for change in CHANGES.values():
        path = tmp_path / "a.txt"
        path.write_bytes(FRENCH.encode("latin-1"))
        chosen = await read_attachment(path)
        path.unlink()
        change(path)
        assert chosen.text == FRENCH
        assert (await recoded(chosen)).encoding != chosen.encoding
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink(missing_ok=True)


async def test_a_name_of_other_bytes_is_text_for_the_model(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.txt")
    path.write_bytes(b"x")
    assert (await read_attachment(path)).name == "caf\ufffd.txt"


def test_the_library_is_loaded_for_a_text_of_unknown_encoding_alone() -> None:
    code = "import sys, r1tui.services.attachments; sys.exit('charset_normalizer' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
