"""`r1tui guide` in a shell."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from r1tui import guide
from tests.support.pty_app import ROOT, clean_env, start_r1tui


def shell(folder: Path, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "r1tui", "guide", *args],
        cwd=ROOT,
        env=clean_env(folder, **env),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("lang", "code"), [("C.UTF-8", "en"), ("zh_CN.UTF-8", "zh_CN")])
def test_the_chapters_are_listed_with_a_line_each(tmp_path: Path, lang: str, code: str) -> None:
    done = shell(tmp_path, LANG=lang)
    assert done.returncode == 0
    for page in (*guide.read(code).chapters, guide.read(code).words):
        assert f"{page.title}\n    {page.summary}\n" in done.stdout
    assert not (tmp_path / "data").exists()  # reading leaves nothing behind


@pytest.mark.parametrize("number", [str(n) for n in range(1, 12)])
def test_a_chapter_is_printed_plain_into_a_pipe(tmp_path: Path, number: str) -> None:
    done = shell(tmp_path, number)
    assert done.returncode == 0
    assert done.stdout.startswith(guide.read("en").page(number).title)  # type: ignore[union-attr]
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 78


def test_the_language_of_the_settings_goes_before_the_environments(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings.toml").write_text('[interface]\nlanguage = "zh_CN"\n')
    assert "一个词元接一个词元" in shell(tmp_path, "5").stdout


def test_a_word_is_looked_up_alone(tmp_path: Path) -> None:
    done = shell(tmp_path, "KV cache")
    assert done.stdout.startswith("KV cache\n")
    assert "Keep-alive" not in done.stdout


def test_what_is_not_there_is_said_with_what_is(tmp_path: Path) -> None:
    done = shell(tmp_path, "42")
    assert done.returncode == 2
    assert not done.stdout
    assert "42" in done.stderr
    assert "token" in done.stderr


def test_a_terminal_without_signs_gets_plain_drawings(tmp_path: Path) -> None:
    assert shell(tmp_path, "9", TERM="linux").stdout.isascii()


def test_on_a_terminal_a_long_page_goes_through_the_pager(tmp_path: Path) -> None:
    app = start_r1tui(tmp_path, "guide", "5", env={"PAGER": "sed s/^/PAGED:/"})
    try:
        app.wait_for("PAGED:", "https://arxiv.org/abs/1904.09751")
        assert app.wait_exit() == 0
    finally:
        app.close()


def test_a_pager_that_is_not_there_costs_no_page(tmp_path: Path) -> None:
    app = start_r1tui(tmp_path, "guide", "5", env={"PAGER": "/no/such/pager"})
    try:
        app.wait_for("https://arxiv.org/abs/1904.09751")
        assert app.wait_exit() == 0
    finally:
        app.close()
