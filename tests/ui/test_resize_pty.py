"""The whole app in a terminal whose size changes in a hurry, as when a window is dragged or tmux splits it."""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

from tests.support import patience
from tests.support.pty_app import PtyApp, clean_env


def test_after_sizes_in_a_hurry_the_page_is_as_the_last_one_wants_it(tmp_path: Path) -> None:
    app = PtyApp([sys.executable, "-m", "r1tui", "--host", "http://127.0.0.1:1"], env=clean_env(tmp_path))
    chance = random.Random(1)
    try:
        app.wait_for("A model", timeout=60)  # no server: setup asks first
        app.send("escape")
        app.wait_for("Ask anything")
        app.wait_quiet(1.0)
        for _ in range(12):
            for size in ((60, 15), (160, 50), (39, 9), (80, 24)):
                app.resize(*size)
                time.sleep(chance.choice((0, 0.003, 0.01, 0.02, 0.05)))
            deadline = time.monotonic() + patience.SECONDS
            while app.screen_lines()[-3:-1] != [
                "─" * 80,
                " › Ask anything. Enter sends, Ctrl+J begins a new line",
            ]:
                assert time.monotonic() < deadline, app.screen_text()
                time.sleep(0.05)
    finally:
        app.close()
