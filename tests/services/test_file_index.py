"""Files below a folder: which are listed, and which a few letters find."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from r1tui.services import file_index
from r1tui.services.file_index import FileIndex, complete, expanded, is_typed_path


def made(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    return root


async def listed(root: Path, *, hidden: bool = False) -> FileIndex:
    index = FileIndex(root)
    async for _ in index.read(hidden=hidden):
        pass
    return index


async def test_the_nearest_come_first_each_folder_by_name(tmp_path: Path) -> None:
    made(tmp_path, "b.txt", "sub/c.txt", "a.txt", "another/deep/d.txt")
    assert (await listed(tmp_path)).names == ["a.txt", "b.txt", "sub/c.txt", "another/deep/d.txt"]


async def test_more_files_than_are_sorted_at_a_time_are_in_order(tmp_path: Path) -> None:
    names = [f"{number * 7919 % 1009:04}" for number in range(1009)]
    made(tmp_path, *names)
    assert (await listed(tmp_path)).names == sorted(names)


async def test_hidden_and_ignored_files_are_listed_where_they_are_wanted(tmp_path: Path) -> None:
    made(
        tmp_path,
        "a.py",
        "a.o",
        ".env",
        ".cache/x",
        "build/out",
        "docs/build.md",
        "docs/draft.md",
        "docs/keep.o",
    )
    (tmp_path / ".gitignore").write_text("*.o\nbuild/\n# a comment\n\n")
    (tmp_path / "docs" / ".gitignore").write_text("draft*\n!keep.o\n")
    assert (await listed(tmp_path)).names == ["a.py", "docs/build.md", "docs/keep.o"]
    everything = await listed(tmp_path, hidden=True)
    assert len(everything.names) == 10


async def test_what_the_repository_above_ignores_is_left_out(tmp_path: Path) -> None:
    made(tmp_path, "repo/src/a.py", "repo/src/a.log", "repo/src/gen/x.py")
    (tmp_path / "repo" / ".git").mkdir()
    (tmp_path / "repo" / ".gitignore").write_text("*.log\n/src/gen/\n")
    (tmp_path / ".gitignore").write_text("*.py\n")
    assert (await listed(tmp_path / "repo" / "src")).names == ["a.py"]


async def test_links_in_a_circle_and_links_to_nowhere_hold_nothing_up(tmp_path: Path) -> None:
    made(tmp_path, "a.txt")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "gone").symlink_to("nowhere")
    (tmp_path / "link.txt").symlink_to("a.txt")
    assert (await listed(tmp_path)).names == ["a.txt", "link.txt"]


async def test_a_pattern_that_is_none_or_would_take_for_ever_is_not_heeded(tmp_path: Path) -> None:
    made(tmp_path, "a" * 200, "b.o")
    odd = ["*a" * 60 + "b", "[", "!", "\\", "[z-a]", "[[:foo:]]", "[a--b]", "//"]
    (tmp_path / ".gitignore").write_text("\n".join([*odd, "*.o"]))
    assert (await listed(tmp_path)).names == ["a" * 200]


async def test_more_files_than_are_listed_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_index, "MOST_FILES", 3)
    made(tmp_path, *"abcdef")
    index = await listed(tmp_path)
    assert (index.names, index.is_cut) == (["a", "b", "c"], True)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("", "README.md"),
        ("eng", "src/engine.py"),
        ("ENGINE", "src/engine.py"),
        ("sren", "src/engine.py"),
        ("test eng", "tests/test_engine.py"),
        ("src/", "src/engine.py"),
        ("笔", "docs/笔记.md"),
        ("rd", "README.md"),
    ],
)
async def test_the_letters_of_a_path_find_it(tmp_path: Path, typed: str, first: str) -> None:
    made(tmp_path, "README.md", "src/engine.py", "tests/test_engine.py", "docs/笔记.md", "docs/other.md")
    index = await listed(tmp_path)
    assert (await index.find(typed))[0] == first


async def test_letters_that_no_path_has_find_nothing(tmp_path: Path) -> None:
    index = await listed(made(tmp_path, "a" * 200, "[x]^-\\.txt"))
    assert await index.find("aab") == []
    assert await index.find("[^\\") == ["[x]^-\\.txt"]


async def test_a_later_search_ends_an_earlier_one(tmp_path: Path) -> None:
    index = FileIndex(tmp_path)
    index.names = [f"report{number}" for number in range(20_000)]
    earlier, later = await asyncio.gather(index.find("rep"), index.find("report19999"))
    assert (earlier, later) == ([], ["report19999"])


async def test_a_typed_path_is_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = made(tmp_path / "code", "Notes.md", "node/x", ".hidden", "other.txt")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert await complete(root, "./") == ["./node/", "./Notes.md", "./other.txt"]
    assert await complete(root, "./no") == ["./node/", "./Notes.md"]
    assert await complete(root, "./.h") == ["./.hidden"]
    assert await complete(root, "../co") == ["../code/"]
    assert await complete(root, "~/co") == ["~/code/"]
    assert await complete(root, f"{root}/o") == [f"{root}/other.txt"]
    assert await complete(root, "..") == ["../"]
    assert await complete(root, "/no/such/folder/") == []
    assert await complete(root, "~nobody-of-this-name/x") == []
    assert expanded(root, "~/code/other.txt") == root / "other.txt"
    assert all(map(is_typed_path, ("/", "~", "./x", "..", "../x")))
    assert not any(map(is_typed_path, ("", "x/y", ".env", "...")))
