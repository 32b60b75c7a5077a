"""One-line fields in a pseudo-terminal: what a slow link delivers in one piece keeps its order."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.pty_app import PtyApp, clean_env

APP = """
from textual.app import App
from r1tui.widgets.fields import Field
class Small(App):
    def compose(self):
        yield Field("a long old value", placeholder="ready")
    def on_input_submitted(self, event):
        self.exit(event.value)
print("GOT", repr(Small().run()))
"""


@pytest.fixture
def app(tmp_path: Path) -> Iterator[PtyApp]:
    made = PtyApp([sys.executable, "-c", APP], env=clean_env(tmp_path))
    made.wait_for("a long old value")
    made.wait_quiet()
    yield made
    made.close()


def test_a_burst_that_clears_the_field_and_types_keeps_what_is_typed(app: PtyApp) -> None:
    app.write("\x15new\x7f\x7fot\x1b[Hk\r")
    app.wait_for("GOT 'knot'")


def test_pasted_lines_become_one_line_without_controls(app: PtyApp) -> None:
    app.send("ctrl+u")
    app.paste("one\rtwo \x07three\r")
    app.wait_quiet()
    app.send("enter")
    app.wait_for("GOT 'one two ␇three'")
