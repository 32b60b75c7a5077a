"""R1TUI as a person has it: a pseudo-terminal, the real server, the real model."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable

import pytest

from tests.support.ollama_server import OllamaServer
from tests.support.pty_app import PtyApp
from tests.support.relay import Relay
from tests.support.steps import Start, send_question

pytestmark = pytest.mark.real

LONG = "Write a very long story about a river, with many details, in at least one thousand words."


def letters(text: str) -> str:
    """A text without blanks and Markdown's signs."""
    return re.sub(r"[\W_]", "", text)


def ready(app: PtyApp, model: str) -> None:
    """Wait until the model's name shows and typing can begin."""
    app.wait_for("›", model, timeout=60)


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
def test_a_question_is_answered_and_its_reasoning_folds_and_unfolds(
    real_server: OllamaServer, pty_app: Start, size: tuple[int, int]
) -> None:
    app = pty_app("--host", real_server.url, "--model", real_server.model, size=size)
    ready(app, real_server.model)
    send_question(app, "What is 3 plus 5?")
    app.wait_match(r"tokens/s · \d+ tokens", timeout=180)
    app.wait_match(r"▸ Thought for")
    app.send("ctrl+t")
    app.wait_match(r"▾ Thought for")
    app.send("ctrl+t")
    app.wait_match(r"▸ Thought for")


def test_escape_stops_and_f5_goes_on(real_server: OllamaServer, pty_app: Start) -> None:
    line = Relay(real_server.url)
    line.hold_after(40)
    app = pty_app("--host", line.url, "--model", real_server.plain)
    ready(app, real_server.plain)
    send_question(app, LONG)
    app.wait_for("answering", timeout=180)
    line.wait_held()
    app.send("escape")
    app.wait_for("stopped")
    kept = app.wait_match(r"\A(?:.*\n){5}(.{10,})")[1]
    line.go_on()
    line.hold_after(10)
    app.send("f5")
    app.wait_for("Esc stop")
    line.wait_held()
    app.wait_for(kept)
    app.send("escape")
    app.wait_for("stopped")
    line.close()


def test_another_model_is_chosen_in_the_sidebar(real_server: OllamaServer, pty_app: Start) -> None:
    app = pty_app("--host", real_server.url, "--model", real_server.model)
    ready(app, real_server.model)
    app.send("ctrl+o")
    app.wait_for("MODELS", real_server.plain)
    first, _ = app.wait_matches(r".*test:135m.*98M.*", 2)
    app.send("up" if real_server.plain in first[0] else "down", "enter")
    app.wait_gone("MODELS")
    app.wait_match(rf"{re.escape(real_server.plain)}\s*\n")
    send_question(app, "Say hello")
    app.wait_match(rf"{re.escape(real_server.plain)} ─+", timeout=120)
    app.wait_match(r"tokens/s · \d+ tokens", timeout=180)


def test_a_killed_app_loses_nothing_that_was_shown_a_second_ago(
    real_server: OllamaServer, pty_app: Start
) -> None:
    app = pty_app("--host", real_server.url, "--model", real_server.plain)
    ready(app, real_server.plain)
    send_question(app, LONG)
    app.wait_for("answering", timeout=180)
    app.wait_match(r"answering 0:0[1-9]")
    app.kill(signal.SIGKILL)
    app.wait_exit()
    again = pty_app("--host", real_server.url)
    again.wait_for("interrupted", "F5 continues", timeout=60)
    again.send("f5")
    again.wait_gone("interrupted")


@pytest.mark.parametrize("way", ["hang up", "quit"])
def test_an_answer_outlives_its_terminal_and_the_next_start_shows_it(
    real_server: OllamaServer, pty_app: Start, way: str
) -> None:
    app = pty_app("--host", real_server.url, "--model", real_server.plain)
    ready(app, real_server.plain)
    send_question(app, LONG)
    app.wait_for("answering", timeout=180)
    if way == "hang up":
        app.hang_up()
    else:
        app.send("ctrl+q")
        app.wait_for("finish it in the background")
        app.send("enter")
    assert app.wait_exit() == 0
    again = pty_app("--host", real_server.url)
    ready(again, real_server.plain)
    again.wait_for("very long story")
    again.wait_match(r"tokens/s · \d+ tokens", timeout=300)
    assert "interrupted" not in again.screen_text()


def test_an_answer_that_goes_on_elsewhere_can_be_stopped_from_here(
    real_server: OllamaServer, pty_app: Start
) -> None:
    line = Relay(real_server.url)
    line.hold_after(20)
    first = pty_app("--host", line.url, "--model", real_server.plain)
    ready(first, real_server.plain)
    send_question(first, LONG)
    first.wait_for("answering", timeout=180)
    line.wait_held()
    first.hang_up()
    assert first.wait_exit() == 0
    second = pty_app("--host", line.url)
    second.wait_for("very long story", "Esc stop", timeout=60)
    second.send("escape")
    second.wait_for("stopped", timeout=60)
    line.close()


def test_two_at_once_see_each_other_and_never_answer_twice(real_server: OllamaServer, pty_app: Start) -> None:
    one = pty_app("--host", real_server.url, "--model", real_server.plain)
    two = pty_app("--host", real_server.url, "--model", real_server.plain)
    ready(one, real_server.plain)
    ready(two, real_server.plain)
    send_question(one, "Say one")
    one.wait_match(r"tokens/s · \d+ tokens", timeout=180)
    send_question(two, "Say two")
    two.wait_match(r"tokens/s · \d+ tokens", timeout=180)
    two.send("f6")
    two.wait_for("Say one", "Say two")
    two.send("down", "enter")
    two.wait_for("Say one", "tokens/s ·")


def test_a_server_killed_in_mid_answer_leaves_the_text_and_a_way_on(
    private_server: Callable[..., OllamaServer], pty_app: Start
) -> None:
    server = private_server()
    app = pty_app("--host", server.url, "--model", server.plain)
    ready(app, server.plain)
    send_question(app, LONG)
    app.wait_for("answering", timeout=180)
    shown = app.wait_match(r"\n  (\w+ \w+)")[1]
    server.kill()
    app.wait_for("interrupted", timeout=60)
    app.wait_for(shown)
    server.start()
    app.send("f5")
    app.wait_gone("interrupted", timeout=60)
    app.wait_for(shown)


def test_the_window_may_change_while_the_answer_streams(real_server: OllamaServer, pty_app: Start) -> None:
    app = pty_app("--host", real_server.url, "--model", real_server.plain, size=(100, 30))
    ready(app, real_server.plain)
    send_question(app, LONG)
    app.wait_for("answering", timeout=180)
    for size in ((60, 15), (160, 50), (39, 9), (80, 24)):
        app.resize(*size)
        app.wait_quiet(0.05, timeout=5)
    app.wait_match(r"tokens/s · \d+ tokens", timeout=180)
    app.wait_match(rf"\A Write a very long story(?s:.*)\n{'─' * 80}\n.*\n.*\Z")


def test_a_terminal_that_is_too_small_says_so_and_recovers(real_server: OllamaServer, pty_app: Start) -> None:
    app = pty_app("--host", real_server.url, "--model", real_server.plain, size=(80, 24))
    ready(app, real_server.plain)
    app.resize(30, 8)
    app.wait_for("too small", "40 columns")
    app.resize(80, 24)
    app.wait_gone("too small")
    ready(app, real_server.plain)


def test_chinese_stays_within_its_lines(real_server: OllamaServer, pty_app: Start) -> None:
    app = pty_app(
        "--host", real_server.url, "--model", real_server.model, env={"LANG": "zh_CN.UTF-8"}, size=(80, 24)
    )
    ready(app, real_server.model)
    send_question(app, "请用中文详细介绍一下长江，三加五等于几？")
    app.wait_match(r"词元/秒 · \d+ 个词元", timeout=300)
    app.wait_match(r"(?m)^─{80}$")
    app.send("f1")
    app.wait_for("帮助", "新对话")
    app.send("escape")
    app.wait_for("词元/秒 ·")
    app.send("ctrl+o")
    app.wait_for("模型")


def test_a_draft_outlives_a_killed_app(real_server: OllamaServer, pty_app: Start) -> None:
    app = pty_app("--host", real_server.url, "--model", real_server.plain)
    ready(app, real_server.plain)
    app.write("half a question that nobody sent")
    app.wait_for("nobody sent")
    app.wait_until(lambda: "nobody sent" in "".join(app.stored("SELECT text FROM draft")), "the draft stored")
    app.kill(signal.SIGKILL)
    app.wait_exit()
    again = pty_app("--host", real_server.url)
    again.wait_for("half a question that nobody sent", timeout=60)


def test_text_older_than_a_second_is_there_after_a_kill(real_server: OllamaServer, pty_app: Start) -> None:
    app = pty_app("--host", real_server.url, "--model", real_server.plain)
    ready(app, real_server.plain)
    send_question(app, LONG)
    app.wait_match(r"answering 0:0[1-9]")
    shown = app.wait_match(r"\A(?:.*\n){5,17}? *([^─\n]{50,})\n", timeout=60)[1][:40].strip()

    def stored() -> bool:
        texts = "".join(app.stored("SELECT content FROM message WHERE role = 'assistant'"))
        return letters(shown) in letters(texts)

    app.wait_until(stored, f"{shown!r} stored")
    app.kill(signal.SIGKILL)
    app.wait_exit()
    again = pty_app("--host", real_server.url)
    ready(again, real_server.plain)
    again.send("f6")
    again.wait_for("Today", "very long story")
    again.send("enter")
    again.wait_gone("Today")
    again.send("ctrl+up")
    again.wait_quiet()
    again.send("home")
    again.wait_for(shown)


def test_f4_ends_the_thinking_and_an_answer_follows(real_server: OllamaServer, pty_app: Start) -> None:
    app = pty_app("--host", real_server.url, "--model", real_server.model)
    ready(app, real_server.model)
    send_question(app, "Think about every river of the world, one after another.")
    app.wait_match(r"Thinking +\d+ s", timeout=180)
    app.wait_for("F4 answer now")
    app.send("f4")
    app.wait_match(r"Thought for", timeout=120)
    app.wait_match(r"tokens/s · \d+ tokens", timeout=180)
