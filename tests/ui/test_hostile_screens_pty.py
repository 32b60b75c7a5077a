"""Every screen, dialogue and field in a pseudo-terminal, with hostile text in all that each is given.

The classes are found by walking the packages: a new one is covered by itself, or fails here for want of a recipe.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.test_hostile import harmless
from tests.support.hostile_stage import MARK, NOTHING_FOREIGN, shown_classes
from tests.support.pty_app import PtyApp, clean_env

NAMES = [f"{each.__module__}.{each.__qualname__}" for each in shown_classes()]
SILENT = {f"{each.__module__}.{each.__qualname__}" for each in NOTHING_FOREIGN}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PtyApp, dict[str, str]]]:
    """The terminal after all were shown, and what each showed."""
    home = tmp_path_factory.mktemp("home")
    report = home / "report.json"
    app = PtyApp(
        [sys.executable, "-m", "tests.support.hostile_stage", str(report)],
        env=clean_env(home, LANG="C.UTF-8"),
        size=(120, 40),
    )
    app.wait_exit(150)
    assert report.exists(), bytes(app.raw[-3000:]).decode(errors="replace")
    yield app, json.loads(report.read_text())
    app.close()


def test_the_walk_finds_screens_dialogues_and_fields() -> None:
    assert {"r1tui.screens.chat.screen.ChatScreen", "r1tui.widgets.fields.Field"} <= set(NAMES)
    assert len(NAMES) > 25


@pytest.mark.parametrize("name", [*NAMES, "notices"])
def test_each_shows_the_hostile_text_as_text(stage: tuple[PtyApp, dict[str, str]], name: str) -> None:
    shown = stage[1][name]
    assert not shown.startswith("FAULT"), (
        f"{name} was not shown ({shown}): add a recipe for it to tests/support/hostile_stage.py"
    )
    assert name in SILENT or MARK in shown, (
        f"{name} showed nothing of the text that it was given: "
        f"add a recipe for it to tests/support/hostile_stage.py\n{shown}"
    )


def test_the_terminal_got_nothing_that_it_would_obey(stage: tuple[PtyApp, dict[str, str]]) -> None:
    app, _ = stage
    harmless(app)
    text = bytes(app.raw).decode()
    assert text.count(MARK) > len(NAMES)
    assert "\u0301" * 9 not in text
    assert not set(text) & set("\u2028\u2029\u202e\u2066")
    assert "the end ␛]0;" in text


def test_what_a_person_sees_is_the_signs(stage: tuple[PtyApp, dict[str, str]], tmp_path: Path) -> None:
    assert "␛" in stage[1]["r1tui.widgets.transcript.transcript.Transcript"]
