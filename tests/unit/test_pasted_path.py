"""Which pasted lines are paths of files."""

from __future__ import annotations

import pytest

from r1tui.domain.pasted_path import names_a_file, pasted_paths


@pytest.mark.parametrize(
    ("pasted", "paths"),
    [
        ("/home/me/notes.md", ["/home/me/notes.md"]),
        ("  /home/me/notes.md \r\n".replace("\r", ""), ["/home/me/notes.md"]),
        ("'/home/me/my notes.md'", ["/home/me/my notes.md"]),
        ('"/home/me/my notes.md"', ["/home/me/my notes.md"]),
        ("/home/me/my\\ notes\\ \\(1\\).md", ["/home/me/my notes (1).md"]),
        ("'/home/me/it'\\''s.md'", ["/home/me/it's.md"]),
        ("file:///home/me/my%20notes.md", ["/home/me/my notes.md"]),
        ("file://laptop/home/me/%E7%AC%94%E8%AE%B0.md", ["/home/me/笔记.md"]),
        ("~/notes.md", ["~/notes.md"]),
        ("../notes.md", ["../notes.md"]),
        ("'/a/one.md' '/a/two words.md'", ["/a/one.md", "/a/two words.md"]),
        ("C:\\Users\\me\\my notes.md", ["C:\\Users\\me\\my notes.md"]),
        ('"C:\\Users\\me\\my notes.md"', ["C:\\Users\\me\\my notes.md"]),
        ("\\\\server\\share\\notes.md", ["\\\\server\\share\\notes.md"]),
    ],
)
def test_a_dragged_file_is_its_path(pasted: str, paths: list[str]) -> None:
    assert list(pasted_paths(pasted)) == paths


@pytest.mark.parametrize(
    "pasted",
    [
        "",
        "   ",
        "/",
        "//",
        "// a comment",
        "why is /etc/hosts empty?",
        "/home/me/notes.md is what I mean",
        "notes.md",
        "https://example.org/notes.md",
        "don't /do this",
        "/one\n/two",
        "a/b/c",
        "file://",
        "/x" * 3000,
        "C: is full",
    ],
)
def test_other_text_is_text(pasted: str) -> None:
    assert not pasted_paths(pasted)


def test_a_path_of_a_server_is_told_from_one_of_a_file() -> None:
    for pasted in ("/srv/notes.md", "/Users/me/Makefile", "'/a b'", "~/x", "file:///x", "/a\\ b", "C:\\x"):
        assert names_a_file(pasted)
    for pasted in ("/api/chat", "/v1/models", "/dev", "/.."):
        assert not names_a_file(pasted)
