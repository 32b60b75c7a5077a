"""The guide's live parts on the real server, by keys."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.support.ollama_server import OllamaServer
from tests.support.pty_app import PtyApp

pytestmark = pytest.mark.real

Start = Callable[..., PtyApp]


def opened(app: PtyApp, words: str, title: str, model: str = "135m") -> None:
    """Open a live part by the palette."""
    app.wait_for("Ask anything")
    app.wait_for(model, timeout=60)
    app.send("ctrl+p")
    app.wait_for("What do you want to do?")
    app.write(words)
    app.wait_match(rf"{re.escape(words)}.*\n", timeout=60)
    app.wait_quiet(0.5)
    app.send("enter")
    app.wait_for(title)


def asked(app: PtyApp) -> None:
    """Ask a sum, and wait for the figures of its answer."""
    app.wait_for("Ask anything")
    app.wait_for("135m", timeout=60)
    app.write("What is 3 plus 5?")
    app.wait_quiet(0.3)
    app.send("enter")
    app.wait_match(r"tokens/s · \d+ tokens", timeout=180)


@pytest.mark.parametrize("model", ["model", "plain"])
def test_the_models_own_next_tokens_with_their_likelihood(
    real_server: OllamaServer, pty_app: Start, model: str
) -> None:
    app = pty_app("--host", real_server.url, "--model", getattr(real_server, model))
    opened(app, "Next token", "Each Enter costs one token")
    app.send("enter")
    app.wait_match(r"› │.*│ +\d+\.\d%", timeout=120)
    shares = [float(found[1]) for found in app.wait_matches(r"│.*│ +(\d+\.\d)%", 10)]
    assert shares == sorted(shares, reverse=True)
    assert 0 < sum(shares) <= 100.5
    first = app.wait_match(r"(?m)^  › │.*$")[0]
    app.send("enter")  # it is taken, and others are told of what may follow it
    app.wait_gone(first)
    app.send("tab")
    app.wait_for("[T 0]")
    assert app.answers() == 0


def test_a_sentence_in_both_languages_is_cut_into_the_models_tokens(
    real_server: OllamaServer, pty_app: Start
) -> None:
    app = pty_app("--host", real_server.url, "--model", real_server.model)
    opened(app, "Tokens", "vocabulary")
    app.send("enter")
    app.wait_match(r"│The│ weather│ is│ beautiful│", timeout=120)
    app.wait_for(r"│\xe4\xbb│\x8a│", timeout=120)  # this small model has no token for 今
    app.wait_for("the server counts as many")
    assert app.answers() == 0


def test_the_same_question_with_thinking_and_without(real_server: OllamaServer, pty_app: Start) -> None:
    app = pty_app("--host", real_server.url, "--model", real_server.model)
    opened(app, "Think or not", "Two answers of at most")
    app.send("enter")
    app.wait_match(r"With thinking · \d+\.\d s · [1-9]\d* tokens of thinking", timeout=120)
    app.wait_match(r"Without · \d+\.\d s · \d+ tokens of thinking", timeout=170)
    assert app.answers() == 0


def test_the_stack_is_told_by_the_server_and_its_parts_fill_the_whole(
    real_server: OllamaServer, pty_app: Start
) -> None:
    app = pty_app("--host", real_server.url, "--model", real_server.model)
    opened(app, "Stack", f"The stack of {real_server.model}")
    app.wait_match(r"layers, one behind the other +30\b")
    app.wait_match(r"0\.1\d billion parameters")
    shares = [float(found[1]) for found in app.wait_matches(r"(\d+\.\d)% +[\d,]+ M", 3)]
    assert abs(sum(shares) - 100) < 0.2


def test_the_context_shows_the_conversation_that_the_server_has_counted(
    real_server: OllamaServer, pty_app: Start
) -> None:
    app = pty_app("--host", real_server.url, "--model", real_server.plain)
    asked(app)
    opened(app, "Context: this", "The next question goes out with")
    size = int(app.wait_match(r"The context holds ([\d,]+) tokens")[1].replace(",", ""))
    shares = {
        name: int(app.wait_match(rf"{name}\D+([\d,]+) ")[1].replace(",", ""))
        for name in ("your questions", "answers", "free for what comes")
    }
    assert shares["your questions"] > 0
    assert shares["answers"] > 0
    assert sum(shares.values()) <= size
    assert app.answers() == 1, "looking costs nothing"


def test_the_parameters_are_told_in_bytes_and_for_this_machine(
    real_server: OllamaServer, pty_app: Start
) -> None:
    app = pty_app("--host", real_server.url, "--model", real_server.model, size=(120, 60))
    opened(app, "Parameters: each", "What rounding the parameters makes of the file")
    app.wait_for("1.78 billion parameters", "16 bit", "3.6 GB", "1.1 GB")
    app.wait_match(r"This machine:\s+\S")
    assert app.answers() == 0


def test_a_sum_is_asked_several_times_and_its_answers_counted(
    real_server: OllamaServer, pty_app: Start
) -> None:
    app = pty_app("--host", real_server.url, "--model", real_server.plain)
    opened(app, "The vote: a", "Up to 5 answers of at most 800 tokens each")
    app.send("enter")
    app.wait_match(r"Vote · [1-5] of 5", timeout=170)
    app.send("escape")  # where it still goes on it stops
    app.wait_match(r"Stopped\.|Ask anything", timeout=60)
    assert app.answers() == 0


def test_the_server_is_the_only_one_that_is_connected(real_server: OllamaServer, pty_app: Start) -> None:
    app = pty_app("--host", real_server.url, "--model", real_server.model, size=(100, 40))
    opened(app, "Places", "Connections that R1TUI holds at this moment")
    here = real_server.url.removeprefix("http://")
    app.wait_match(r"• \S+:\d+|none")
    assert {found[1] for found in app.wait_matches(r"• (\S+:\d+)", 1)} == {here}
    assert app.answers() == 0


def test_the_last_answer_is_told_in_its_parts_with_the_servers_counts(
    real_server: OllamaServer, pty_app: Start
) -> None:
    app = pty_app("--host", real_server.url, "--model", real_server.model, size=(100, 40))
    asked(app)
    opened(app, "Answer: the last", "Reasoning, for itself")
    app.wait_match(r"for itself:  [1-9]\d* tokens? · \d+ s")
    app.wait_match(r"for you:  \d+ tokens? · \d+ s")
    app.wait_match(r"Written at \d+\.\d tokens a second")
    assert app.answers() == 1
