"""The README is short and whole in both languages, and what it and the manual link to is there."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from r1tui import locale
from tests.support.key_tables import MANUALS, manual

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
LONGEST = 120
"""Lines of the README in one language."""
CHINESE = "## 简体中文\n"


def anchors(page: Path) -> set[str]:
    """The fragments that a repository's browser gives to the headings of a page."""
    found = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in found}


def test_it_is_short_in_each_language() -> None:
    english, chinese = README.read_text().split(CHINESE)
    assert english.count("\n") < LONGEST
    assert chinese.count("\n") < LONGEST


def test_it_installs_in_one_line_in_each_language() -> None:
    for text in README.read_text().split(CHINESE):
        assert "\nuv tool install r1tui " in text
        assert "uvx r1tui" in text
        assert "pipx install r1tui" in text


def test_its_commands_run_as_they_are_typed_in_a_clone() -> None:
    """With no Python but the system's, which has none of the tests' packages and need not be called `python`."""
    commands = re.findall(
        r"^(?:`+sh\n)?(tests/\w+)|`(tests/[\w]+)[ `]|`+(python3? [^`]+)`", README.read_text(), re.M
    )
    named = {next(filter(None, found)) for found in commands}
    assert {"tests/run", "tests/sandbox", "tests/peers"} <= named
    for command in named:
        assert os.access(ROOT / command, os.X_OK), command


def test_the_manual_is_written_in_every_language_with_the_same_parts() -> None:
    assert {page.stem for page in MANUALS.iterdir()} == set(locale.codes())
    parts = {len(re.findall(r"^## ", page.read_text(), re.MULTILINE)) for page in MANUALS.iterdir()}
    assert len(parts) == 1


@pytest.mark.parametrize(
    "page", [README, *(manual(code) for code in locale.codes())], ids=lambda page: page.name
)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text())
    assert len(links) > 5
    for link in links:
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        assert not anchor or anchor in anchors(target), link
