"""The prompt in a pseudo-terminal: what a legacy terminal sends, and what it gets."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.pty_app import PtyApp, clean_env

APP = """
from textual.app import App
from r1tui.toolkit import patches
from r1tui.widgets.prompt import PromptBar, Prompt
class Small(App):
    BINDINGS = [("f5", "redraw", ""), ("f6", "app.quit", ""), ("f8", "tell", "")]
    told = 0
    def compose(self):
        yield PromptBar()
    def on_prompt_submitted(self, event):
        self.exit(event.text)
    def action_redraw(self):
        self.screen.refresh(layout=True)
        self.query_one(Prompt).refresh()
    def action_tell(self):
        self.told += 1
        self._driver.write(f"\\x1b]2;told {self.told}\\x07")
    def on_key(self, event):
        if event.key == "escape":
            self.exit("escaped")
patches.apply()
print("GOT", repr(Small().run()))
"""


@pytest.fixture
def app(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[PtyApp]:
    env = clean_env(tmp_path, ESCDELAY=getattr(request, "param", "100"))
    made = PtyApp([sys.executable, "-c", APP], env=env)
    made.wait_for("Ask anything")
    made.wait_quiet()
    yield made
    made.close()


def test_alt_enter_of_a_legacy_terminal_makes_a_new_line_and_sends_nothing(app: PtyApp) -> None:
    app.send("a", "alt+enter", "b", "enter")
    app.wait_for(r"GOT 'a\nb'")


def test_a_burst_of_keys_keeps_its_order(app: PtyApp) -> None:
    app.write("teh\x7f\x7fhe end\x1b[H\x1b[3~T\x1b[Fing\n!\r")
    app.wait_for(r"GOT 'The ending\n!'")


@pytest.mark.parametrize("app", ["60000"], indirect=True)
def test_an_arrow_cut_by_a_slow_link_is_no_esc_with_the_raised_delay(app: PtyApp) -> None:
    app.send("a", "b")
    app.write("\x1b")
    time.sleep(0.25)
    app.write("[D")
    app.send("c", "enter")
    app.wait_for("GOT 'acb'")


def test_a_bracketed_paste_with_enters_sends_nothing(app: PtyApp) -> None:
    app.paste("one\rtwo\rthree")
    app.wait_quiet()
    app.send("enter")
    app.wait_for(r"GOT 'one\ntwo\nthree'")


@pytest.mark.parametrize("seed", range(3))
def test_what_little_is_sent_leaves_the_same_screen_as_painting_it_all(app: PtyApp, seed: int) -> None:
    chance = random.Random(seed)
    keys = [
        *"abc def", "模", "型", "é", "left", "right", "up", "down", "home", "end", "backspace", "delete",
        "ctrl+j", "ctrl+w", "ctrl+k", "ctrl+u", "ctrl+z", "ctrl+y", "shift+up", "a long word that wraps soon enough ",
    ]  # fmt: skip
    for round_ in range(1, 7):
        app.send(*chance.choices(keys, k=40), "f8")
        app.wait_title(f"told {round_}")  # however slow the machine, all keys have had their effect now
        app.wait_quiet(0.6)
        little, cursor = app.screen_lines(), app.cursor
        app.send("f5")
        app.wait_quiet(0.6)
        assert app.screen_lines() == little
        assert app.cursor == cursor


def test_a_key_costs_few_bytes_even_in_a_tall_prompt_and_idling_none(app: PtyApp) -> None:
    app.send(*["line", "ctrl+j"] * 6, "last")
    app.wait_for("last")
    app.wait_quiet(1.5)
    before = app.bytes_received
    app.send("y")
    app.wait_for("lasty")
    app.wait_quiet(1.0)
    assert app.bytes_received - before <= 150
    before = app.bytes_received
    time.sleep(2)
    assert app.bytes_received == before
