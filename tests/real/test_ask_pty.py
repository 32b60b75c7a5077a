"""`r1tui ask` as a shell runs it: the real server, pipes, a terminal, and the app's history afterwards."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from r1tui.chat.generation import ASKS
from tests.support import patience
from tests.support.ollama_server import OllamaServer
from tests.support.pty_app import ROOT, PtyApp, clean_env
from tests.support.script import Answer, Hang, Say, Step, Think, answer
from tests.support.scripted import ScriptedServer

pytestmark = pytest.mark.real

ASK = (sys.executable, "-m", "r1tui", "ask")
LONG = "Write a very long story about a river, with many details, in at least one thousand words."


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The same home that `pty_app` uses."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def scripted_server() -> Iterator[ScriptedServer]:
    """A scripted server in a loop of its own, for tests that wait without one."""
    loop, server = asyncio.new_event_loop(), ScriptedServer()
    server.add("deepseek-r1:1.5b")
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
    yield server
    asyncio.run_coroutine_threadsafe(server.stop(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def shell(home: Path, line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of bash in which `ask` is `r1tui ask`."""
    words = " ".join(ASK)
    return subprocess.run(
        ["bash", "-c", f'ask() {{ {words} "$@"; }}\n{line}'],
        env=clean_env(home), cwd=ROOT, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip


def test_words_and_what_is_piped_make_one_question_where_a_dash_asks_for_it(
    scripted_server: ScriptedServer, home: Path
) -> None:
    for words in ("What broke? -", "What broke?"):
        assert shell(home, f"printf 'a log\n' | ask --host {scripted_server.url} {words}").returncode == 0
    asked = [request.json["messages"][-1]["content"] for request in scripted_server.sent_to("/api/chat")]
    assert asked == ["What broke?\n\na log", "What broke?"]


def test_files_and_a_pipe_are_read_by_the_model_and_stand_in_the_apps_transcript(
    real_server: OllamaServer, home: Path, pty_app: Callable[..., PtyApp]
) -> None:
    on = f"--host {real_server.url} --model {real_server.model} --json --no-reasoning"
    words = " ".join(f"word{number}" for number in range(100))
    (home / "notes.md").write_text(f"{words}\nThe heron stands in the water.\n")
    bare = json.loads(shell(home, f"ask {on} 'What stands in the water?'").stdout)
    line = f"cat {home}/notes.md | ask --save {on} -f {home}/notes.md -f - 'What stands in the water?'"
    done = shell(home, line)
    told = json.loads(done.stdout)
    assert told["prompt_tokens"] > bare["prompt_tokens"] + 400, "both were read"
    app = pty_app("--host", real_server.url)
    app.wait_for("Ask anything", real_server.model, timeout=60)
    app.send("f6")
    app.wait_for("What stands in the water?")
    app.send("enter")
    app.wait_for("▸ stdin · 2 lines", "▸ notes.md · 2 lines")


def test_a_pipe_gets_the_answer_and_the_app_shows_it_later(
    real_server: OllamaServer, home: Path, pty_app: Callable[..., PtyApp]
) -> None:
    on = f"--host {real_server.url} --model {real_server.model}"
    done = shell(home, f"echo 'What is 3 plus 5?' | ask --save {on}")
    answered = bool(done.stdout.strip())  # so small a model sometimes ends in its reasoning: that is said
    assert done.returncode == (0 if answered else 1), done.stderr
    assert ("ended in its reasoning" in done.stderr) is not answered
    assert done.stderr.split("r1tui:")[0].strip(), "the reasoning"
    app = pty_app("--host", real_server.url)
    app.wait_for("Ask anything", real_server.model, timeout=60)
    app.send("f6")
    app.wait_for("Today", "Messages")
    app.wait_match(rf"What is 3 plus 5\? +{re.escape(real_server.model)} +2 ")
    app.send("enter")
    app.wait_match(r"[▸▾] Thought for")
    if answered:
        app.wait_for(done.stdout.split()[0])


def test_json_has_what_the_real_server_counted(real_server: OllamaServer, home: Path) -> None:
    on = f"--host {real_server.url} --model {real_server.plain}"
    told = json.loads(shell(home, f"ask {on} --json Say hello to the sea").stdout)
    assert (told["status"], told["model"], told["reasoning"]) == ("complete", real_server.plain, "")
    assert told["prompt_tokens"] > 5
    assert told["answer_tokens"] > 0
    assert told["tokens_per_second"] > 0


def test_a_reader_that_has_enough_stops_the_answer_on_the_real_server(
    real_server: OllamaServer, home: Path
) -> None:
    on = f"--host {real_server.url} --model {real_server.plain}"
    done = shell(home, f'ask --save {on} "{LONG}" | head -c 1; echo " ${{PIPESTATUS[0]}}"')
    assert (done.stdout[1:], done.stderr) == (" 0\n", "")
    kept = shell(home, f"{' '.join(ASK[:-1])} export --all --format json").stdout
    answer_kept = json.loads(kept)["conversations"][0]["messages"][1]
    assert answer_kept["status"] == "stopped"
    assert answer_kept["content"]


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("ask --host http://127.0.0.1:9 hello", 1, "No server answers"),
        ("ask --host {url} --model absent hello", 1, "does not have absent"),
        ("ask --host 'http://bad host:1' hello", 2, "r1tui: "),
        ("ask --host {url} < /dev/null", 2, "no question"),
        ("ask --host {url} --think perhaps hello", 2, "perhaps"),
        ("R1TUI_DATA_DIR=/proc/none ask --save --host {url} hello", 2, "/proc/none"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_an_exit_code(
    real_server: OllamaServer, home: Path, line: str, code: int, words: str
) -> None:
    done = shell(home, line.replace("{url}", real_server.url))
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


def test_on_a_terminal_the_reasoning_stands_apart_and_ctrl_c_ends_it(
    scripted_server: ScriptedServer, home: Path
) -> None:
    steps: list[Step] = [Think("Let me \x1b]0;see\x07."), Say("Four"), Say(" it is"), Hang()]
    scripted_server.answers.append(Answer(steps))
    ask = PtyApp([*ASK, "--host", scripted_server.url, "--save", "2 plus 2?"], env=clean_env(home))
    try:
        ask.wait_for("Four it is")
        ask.send("ctrl+c")
        assert ask.wait_exit() == 130
        assert ask.screen_lines()[:3] == ["Let me ␛]0;see␇.", "", "Four it is^C"]
        assert "Traceback" not in ask.screen_text()
        assert b"\x1b]0;" not in ask.raw
    finally:
        ask.close()
    deadline = time.monotonic() + patience.SECONDS
    while not scripted_server.dropped:
        assert time.monotonic() < deadline, "the request was not given up"
        time.sleep(0.05)


def test_an_answer_that_is_none_is_a_failure_and_a_cut_one_is_said(
    scripted_server: ScriptedServer, home: Path
) -> None:
    scripted_server.answers.append(answer("", "Only thoughts."))
    scripted_server.answers.extend(answer("") for _ in range(ASKS))
    done = shell(home, f"ask --host {scripted_server.url} why")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Only thoughts.\nr1tui: ")
    scripted_server.answers.append(answer("So far", done_reason="length"))
    done = shell(home, f"ask --no-reasoning --host {scripted_server.url} why")
    assert (done.returncode, done.stdout) == (0, "So far\n")
    assert "length limit" in done.stderr
    assert "F5" not in done.stderr


def test_thinking_is_asked_for_as_said(scripted_server: ScriptedServer, home: Path) -> None:
    for think, sent in (("on", True), ("off", False)):
        assert shell(home, f"ask --host {scripted_server.url} --think {think} why").returncode == 0
        request = scripted_server.sent_to("/api/chat")[-1].json
        assert request["think"] is sent
        assert request["options"]["top_p"] == 0.95
        assert "temperature" not in request["options"], "the Modelfile sets it"


def test_a_vote_on_the_real_server_counts_every_sample_and_each_has_a_seed_of_its_own(
    real_server: OllamaServer, home: Path
) -> None:
    on = f"--host {real_server.url} --model {real_server.plain}"
    done = shell(home, f"ask {on} --save --json --vote 3 'What is 2 plus 3? Say the number only.'")
    told = json.loads(done.stdout)
    counted = sum(each["votes"] for each in told["candidates"])
    assert (told["planned"], counted + told["unanswered"]) == (3, told["asked"]), done.stderr
    assert told["tie"] is (
        len(told["candidates"]) > 1 and len({each["votes"] for each in told["candidates"][:2]}) == 1
    )
    assert done.returncode == (3 if told["tie"] else 0 if told["answer"] else 1), done.stderr
    assert f"{told['asked']} of 3" in done.stderr
    (kept,) = json.loads(shell(home, f"{sys.executable} -m r1tui export --all --format json").stdout)[
        "conversations"
    ]
    answers = [each["content"] for each in kept["messages"] if each["role"] == "assistant"]
    assert len(answers) == told["asked"]
    assert len(set(answers)) > 1, "the same seed each time"
