"""Nothing that was on the screen is lost: terminals that go, processes that are killed, power that is cut, damaged files."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import re
import shlex
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ollama
import pytest

from r1tui.services.container import DATABASE
from r1tui.services.store.conversations import ConversationStore
from r1tui.services.transfer import export
from tests.support import power_cut, provision
from tests.support.ollama_server import OllamaServer, new_server
from tests.support.power_cut import PowerCut
from tests.support.processes import working_in
from tests.support.pty_app import ROOT, clean_env
from tests.support.relay import Relay
from tests.support.steps import Start, opened, send_question

pytestmark = pytest.mark.real

LONG = "Write a very long story about a river, with many details, in at least one thousand words."


MODEL = "brief-test:135m"


@pytest.fixture(scope="module")
def server(real_server: OllamaServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OllamaServer]:
    """A real server of this module's own, whose model ends its answers early."""
    own = new_server(
        provision.find(), tmp_path_factory.mktemp("server") / "own", copy_models=real_server.models_dir
    )
    client = ollama.Client(own.url)
    client.create(MODEL, from_=own.model, parameters={"num_predict": 60})
    client.generate(MODEL, keep_alive="10m")
    yield own
    own.stop()


@pytest.fixture
def line(server: OllamaServer) -> Iterator[Relay]:
    """The way to the real server, as slow as a small machine."""
    relay = Relay(server.url, pace=0.01)
    yield relay
    relay.close()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """The home that all starts of one test share; whoever still works in it at the end is ended."""
    folder = tmp_path / "home"
    (folder / "config").mkdir(parents=True)
    (folder / "config" / "settings.toml").write_text('[chat]\nthink = "off"\n')
    yield folder
    for process in working_in(folder):
        process.kill()


def stored(home: Path, data: Path | None = None) -> list[dict[str, Any]]:
    """Every stored message, oldest first, as `r1tui export` tells it."""

    async def told() -> str:
        store = await ConversationStore.open((data or home / "data") / DATABASE)
        text = io.StringIO()
        await export(store, None, "json", stream=text)
        await store.close()
        return text.getvalue()

    return messages(asyncio.run(told()))


def messages(exported: str) -> list[dict[str, Any]]:
    """The messages of an export."""
    return [message for talk in json.loads(exported)["conversations"] for message in talk["messages"]]


def growing(home: Path, answers: int = 1) -> dict[str, Any]:
    """The answer that is being written, once there is something of it on the disk."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = [each for each in stored(home) if each["role"] == "assistant"]
        if len(found) >= answers and len(found[-1]["content"]) > 20:
            return found[-1]
        time.sleep(0.1)
    raise AssertionError("nothing of the answer came to the disk")


def owners(file: Path) -> list[str]:
    """Who writes answers now."""
    with contextlib.closing(sqlite3.connect(file)) as database:
        return [owner for (owner,) in database.execute("SELECT owner FROM answer")]


def drafts(file: Path) -> str:
    """All drafts that are on the disk."""
    with contextlib.closing(sqlite3.connect(file)) as database:
        return "\n".join(text for (text,) in database.execute("SELECT text FROM draft"))


# Terminals that go


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """A tmux server of the test's own, with one window that stays."""
    if not shutil.which("tmux"):
        pytest.skip("tmux is not installed")
    socket = str(tmp_path / "tmux")

    def command(*args: str) -> str:
        return subprocess.run(
            ["tmux", "-S", socket, "-f", "/dev/null", *args], check=True, capture_output=True, text=True
        ).stdout

    command("new-session", "-d", "-x", "80", "-y", "24", "sleep 600")
    yield command
    command("kill-server")


def test_closing_tmuxs_window_lets_the_answer_go_on_and_the_next_start_shows_it(
    line: Relay, home: Path, tmux: Callable[..., str], pty_app: Start
) -> None:
    environ = [f"{name}={value}" for name, value in clean_env(home).items()]
    r1tui = ["env", "-i", *environ, sys.executable, "-m", "r1tui", "--host", line.url, "--model", MODEL]
    tmux("new-window", "-n", "r1tui", shlex.join(r1tui))

    def shows(text: str) -> None:
        deadline = time.monotonic() + 120
        while text not in (seen := tmux("capture-pane", "-p", "-t", "r1tui")):
            assert time.monotonic() < deadline, f"{text!r} never showed:\n{seen}"
            time.sleep(0.05)

    shows("Ask anything")
    shows(MODEL)
    line.hold_after(40)
    tmux("send-keys", "-t", "r1tui", "-l", LONG)
    shows("very long story")
    tmux("send-keys", "-t", "r1tui", "Enter")
    shows("answering")
    tmux("kill-window", "-t", "r1tui")
    line.wait_held()
    growing(home)
    command = [sys.executable, "-m", "r1tui", "export", "--all", "--format", "json"]
    told = subprocess.run(command, env=clean_env(home), cwd=ROOT, check=True, capture_output=True, text=True)
    (_, half) = messages(told.stdout)
    assert half["status"] == "streaming"
    assert line.text.startswith(half["content"])
    again = pty_app("--host", line.url)
    again.wait_for("very long story", "Esc stop", timeout=60)
    line.go_on()
    again.wait_match(r"tokens/s · \d+ tokens", timeout=180)
    question, answer = stored(home)
    assert question["content"] == LONG
    assert (answer["status"], answer["content"]) == ("complete", line.text)


@pytest.mark.parametrize("way", ["SIGHUP", "Ctrl+C twice"])
def test_an_answer_outlives_what_ends_the_app_and_the_terminal_is_given_back(
    line: Relay, home: Path, pty_app: Start, way: str
) -> None:
    app = opened(pty_app, line.url, MODEL)
    line.hold_after(20)
    send_question(app, LONG)
    app.wait_for("answering", timeout=180)
    if way == "Ctrl+C twice":
        app.send("ctrl+c")
        app.wait_for("Press Ctrl+C again")
        app.send("ctrl+c")
        app.wait_for("An answer is still being written", "finish it in the background")
        app.send("enter")
    else:
        app.kill(signal.SIGHUP)
    assert app.wait_exit() == 0
    app.wait_for("The answer is finished in the background")
    assert b"\x1b[?1049l" in app.raw, "the alternate screen was left"
    assert app.cooked, "the shell's lines are echoed and edited again"
    (finisher,) = working_in(home)
    line.wait_held()
    line.go_on()
    finisher.wait(180)
    (_, answer) = stored(home)
    assert (answer["status"], answer["content"]) == ("complete", line.text)
    again = pty_app("--host", line.url)
    again.wait_match(r"tokens/s · \d+ tokens", timeout=60)
    assert "interrupted" not in again.screen_text()


@pytest.mark.parametrize(
    "end", ["the logout kills the background", "the machine shuts down", "stopped at quitting"]
)
def test_what_came_is_kept_and_f5_goes_on_from_its_last_letter(
    line: Relay, home: Path, pty_app: Start, end: str
) -> None:
    app = opened(pty_app, line.url, MODEL)
    line.hold_after(30)
    send_question(app, LONG)
    line.wait_held()
    if end == "stopped at quitting":
        app.send("ctrl+q")
        app.wait_for("Stop it, keep what is there")
        app.send("down", "enter")
        assert app.wait_exit() == 0
        status = "stopped"
    else:
        growing(home)
        app.kill(signal.SIGHUP if "logout" in end else signal.SIGINT)
        assert app.wait_exit() == 0
        (finisher,) = working_in(home)
        finisher.send_signal(signal.SIGKILL if "logout" in end else signal.SIGTERM)
        finisher.wait(30)
        status = "interrupted"
    line.go_on()
    again = pty_app("--host", line.url)
    if status == "stopped":
        again.wait_for("Ask anything", MODEL, timeout=60)
        again.send("f6")
        again.wait_for("Today", "very long story")
        again.send("enter")
    again.wait_for(status, "F5 continue", timeout=60)
    question, kept = stored(home)
    assert (question["content"], kept["status"]) == (LONG, status)
    assert len(kept["content"]) > 20
    line.pieces.clear()
    again.send("f5")
    again.wait_match(r"tokens/s · \d+ tokens", timeout=180)
    (_, answer) = stored(home)
    assert answer["content"] == kept["content"] + line.text
    assert line.text
    assert answer["id"] == kept["id"]


def test_a_line_that_is_dead_before_anybody_notices_does_not_hold_the_answer_up(
    line: Relay, home: Path, pty_app: Start
) -> None:
    app = opened(pty_app, line.url, MODEL, size=(160, 50))
    line.hold_after(3)
    send_question(app, LONG)
    line.wait_held()
    app.stall()
    for _ in range(80):  # more than the system keeps for a terminal that takes nothing
        app.send("ctrl+l")
        time.sleep(0.02)  # keys in one burst would be one painting
    line.go_on()
    line.hold_after(20)
    line.wait_held()
    growing(home)
    app.hang_up()
    assert app.wait_exit() == 0
    (finisher,) = working_in(home)
    line.go_on()
    finisher.wait(180)
    (_, answer) = stored(home)
    assert (answer["status"], answer["content"]) == ("complete", line.text)


def test_a_start_while_the_lost_line_still_holds_its_r1tui_shows_the_answer_live(
    line: Relay, home: Path, pty_app: Start
) -> None:
    lost = opened(pty_app, line.url, MODEL)
    line.hold_after(3)
    send_question(lost, "Say hello")
    line.wait_held()
    growing_from = time.monotonic()
    while not stored(home) or not stored(home)[-1]["content"]:
        assert time.monotonic() - growing_from < 30, "nothing of the answer came to the disk"
        time.sleep(0.2)
    again = opened(pty_app, line.url, MODEL)
    again.wait_for("Say hello", timeout=30)
    again.wait_gone("tokens/s ·")
    line.go_on()
    again.wait_match(r"tokens/s · \d+ tokens", timeout=180)
    assert stored(home)[-1]["content"] == line.text


def test_an_answer_goes_on_while_a_pager_has_the_terminal_and_its_ctrl_c(
    line: Relay, home: Path, pty_app: Start
) -> None:
    pager = "sh -c 'trap \"echo not yet\" INT; echo paged; read x; read x'"
    app = opened(pty_app, line.url, MODEL, env={"PAGER": pager})
    line.hold_after(3)
    send_question(app, "Say hello")
    line.wait_held()
    app.send("ctrl+up", "o")
    app.wait_for("paged")
    app.send("ctrl+c")
    app.wait_for("not yet")
    line.go_on()
    deadline = time.monotonic() + 180
    while stored(home)[-1]["status"] == "streaming":
        assert time.monotonic() < deadline, "the answer stood still"
        time.sleep(0.3)
    assert stored(home)[-1]["content"] == line.text
    app.wait_for("paged")
    app.send("enter", "enter")
    app.wait_match(r"tokens/s · \d+ tokens")
    app.wait_for("Say hello", "Ask anything")
    app.send("ctrl+p")
    app.wait_for("What do you want to do?")


# Power that is cut


@pytest.fixture
def power(home: Path, tmp_path: Path) -> PowerCut:
    """What would be left of the data folder if the power were cut."""
    if reason := power_cut.missing():
        pytest.skip(reason)
    return PowerCut(home / "data", tmp_path)


def test_a_program_that_does_not_sync_loses_what_it_wrote_at_a_power_cut(
    home: Path, tmp_path: Path, power: PowerCut
) -> None:
    """The instrument itself: else the next test would pass whatever the store does."""
    power.disk.mkdir()
    script = (
        "import os; file = os.open('kept', os.O_RDWR | os.O_CREAT); os.write(file, b'one'); os.fsync(file);"
        "os.fsync(os.open('.', os.O_RDONLY)); os.write(file, b'two'); open('new', 'w').write('three')"
    )
    environ = {**os.environ, **power.environ}
    subprocess.run([sys.executable, "-c", script], cwd=power.disk, env=environ, check=True)
    power.remains(tmp_path / "after")
    assert {file.name: file.read_text() for file in (tmp_path / "after").iterdir()} == {"kept": "one"}


def test_a_power_cut_costs_about_a_second_of_text_and_nothing_else(
    line: Relay, home: Path, tmp_path: Path, pty_app: Start, power: PowerCut
) -> None:
    line.pace = 0.05
    app = opened(pty_app, line.url, MODEL, env=power.environ)
    send_question(app, LONG)
    app.wait_for("answering", timeout=180)
    cuts = []
    for number in range(2):
        time.sleep(1.5)
        app.kill(signal.SIGSTOP)
        said, owed = line.text, line.said_until(time.monotonic() - 2)
        power.remains(tmp_path / f"cut-{number}")
        app.kill(signal.SIGCONT)
        cuts.append((tmp_path / f"cut-{number}", said, owed))
    for data, said, owed in cuts:
        question, answer = stored(home, data)
        assert question["content"] == LONG
        assert said.startswith(answer["content"])
        assert answer["content"].startswith(owed)
        with contextlib.closing(sqlite3.connect(data / "conversations.db")) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert cuts[-1][2]


# A data folder on another machine


@pytest.fixture
def network(home: Path, tmp_path: Path) -> Iterator[str]:
    """The data folder is a real mount over SSH's file protocol; its type, as the mount table has it."""
    files = provision.find_tool("sftp-server")
    if not shutil.which("sshfs") or not files:
        pytest.skip("no sshfs or sftp-server to mount a folder with (Debian: sshfs openssh-sftp-server)")
    data, remote = home / "data", tmp_path / "remote"
    data.mkdir()
    remote.mkdir(mode=0o700)
    with subprocess.Popen([files], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        mount = subprocess.Popen(
            ["sshfs", "-f", "-o", "passive", f"nas:{remote}", str(data)],
            stdin=server.stdout,
            stdout=server.stdin,
            stderr=subprocess.PIPE,
        )
        while not data.is_mount() and mount.poll() is None:
            time.sleep(0.02)
        if mount.poll() is not None:
            server.kill()
            pytest.skip(f"mounting is not permitted here: {mount.communicate()[1].decode().strip()}")
        yield "fuse.sshfs"
        subprocess.run(["fusermount3", "-u", "-z", str(data)], check=True)
        server.kill()
        mount.communicate(timeout=30)


def test_a_data_folder_on_a_network_is_named_and_used_without_wal(
    line: Relay, home: Path, network: str, pty_app: Start
) -> None:
    app = pty_app("--host", line.url, "--model", MODEL)
    app.wait_for("network", f"({network})", "slower", timeout=60)
    app.wait_for("Ask anything", MODEL)
    line.hold_after(20)
    send_question(app, LONG)
    line.wait_held()
    growing(home)
    file = home / "data" / "conversations.db"
    assert file.read_bytes()[18:20] == b"\x01\x01", "the header's words for a rollback journal"
    assert not file.with_name(file.name + "-wal").exists()
    app.kill(signal.SIGKILL)
    app.wait_exit()
    line.go_on()
    again = pty_app("--host", line.url)
    again.wait_for("interrupted", "F5 continue", timeout=60)
    (_, answer) = stored(home)
    assert line.text.startswith(answer["content"])
    assert len(answer["content"]) > 20


# What was said stays


def test_versions_of_questions_and_answers_outlive_a_kill_and_a_deletion_can_be_undone(
    line: Relay, home: Path, pty_app: Start
) -> None:
    app = opened(pty_app, line.url, MODEL)
    send_question(app, "Tell me of rivers")
    app.wait_match(r"tokens/s · \d+ tokens", timeout=180)
    first = stored(home)
    line.hold_after(20)
    app.send("ctrl+up", "r", "enter")
    app.wait_for("2/2")
    line.wait_held()
    growing(home, answers=2)
    app.kill(signal.SIGKILL)
    app.wait_exit()
    line.go_on()
    second = stored(home)
    assert second[:2] == first
    again = pty_app("--host", line.url)
    again.wait_for("interrupted", "2/2", timeout=60)
    again.send("ctrl+up", "[")
    again.wait_for("1/2")
    again.send("k", "e")
    again.wait_for("Change the question")
    again.write(" and of lakes")
    again.wait_for("and of lakes")
    again.send("enter")
    again.wait_gone("Change the question")
    again.wait_match(r"rivers and of lakes(.|\n)*tokens/s · \d+ tokens", timeout=180)
    everything = {each["id"]: each for each in stored(home)}
    assert len(everything) == 5
    for each in second:
        assert everything[each["id"]] == {
            **each,
            "status": each["status"].replace("streaming", "interrupted"),
        }
    again.send("ctrl+up", "k", "d")
    again.wait_for("Delete this message and what follows it?")
    again.send("down", "enter")
    again.wait_for("2 messages deleted")
    assert len(stored(home)) == 3
    again.send("ctrl+p")
    again.wait_for("What do you want to do?")
    again.write("Undo the last")
    again.wait_for("Undo the last deletion")
    again.wait_quiet()
    again.send("enter")
    again.wait_for("and of lakes")
    assert {each["id"]: each for each in stored(home)} == everything


def test_a_queued_question_and_a_draft_outlive_a_kill(line: Relay, home: Path, pty_app: Start) -> None:
    app = opened(pty_app, line.url, MODEL)
    line.hold_after(5)
    send_question(app, LONG)
    line.wait_held()
    send_question(app, "What about lakes?")
    app.wait_for("1 waiting:")
    app.write("half a thought")
    file, deadline = home / "data" / "conversations.db", time.monotonic() + 60
    while "half a thought" not in drafts(file):
        assert time.monotonic() < deadline, "the draft never came to the disk"
        time.sleep(0.1)
    app.kill(signal.SIGKILL)
    app.wait_exit()
    again = pty_app("--host", line.url)
    again.wait_for("very long story", "interrupted", "What about lakes?", "half a thought", timeout=60)


def test_two_at_once_never_answer_twice_and_one_goes_on_where_the_other_died(
    line: Relay, home: Path, pty_app: Start
) -> None:
    one = opened(pty_app, line.url, MODEL)
    send_question(one, "Tell me of rivers")
    one.wait_match(r"tokens/s · \d+ tokens", timeout=180)
    two = opened(pty_app, line.url, MODEL)
    two.send("f6")
    two.wait_for("Today")
    two.send("enter")
    two.wait_match(r"tokens/s · \d+ tokens")
    line.hold_after(20)
    for app in (one, two):
        app.send("ctrl+up")
        app.wait_quiet()
    one.send("r", "enter")
    two.send("r", "enter")
    line.wait_held()
    for app in (one, two):
        app.wait_for("2/2", "Esc stop")
    (owner,) = owners(home / "data" / DATABASE)  # who came late was refused, or has seen the answer before
    writer, other = (one, two) if f"/{one.pid}/" in owner else (two, one)
    assert b"is answering this already" not in writer.raw
    half = growing(home, answers=2)
    writer.kill(signal.SIGKILL)
    other.wait_for("interrupted", "F5 continue")
    line.go_on()
    other.send("f5")
    other.wait_match(r"tokens/s · \d+ tokens", timeout=180)
    *_, answer = stored(home)
    assert (answer["id"], answer["status"]) == (half["id"], "complete")
    assert answer["content"].startswith(half["content"])
    assert len(stored(home)) == 3


def test_a_damaged_file_is_said_set_aside_and_what_can_be_read_is_there(
    line: Relay, home: Path, tmp_path: Path, pty_app: Start
) -> None:
    talks = [
        {
            "id": f"talk{number}",
            "title": f"talk {number}",
            "messages": [
                {"id": "q", "role": "user", "content": f"question {number}"},
                {"id": "a", "parent": "q", "role": "assistant", "content": f"answer {number} " + "x " * 2000},
            ],
        }
        for number in range(30)
    ]
    (tmp_path / "talks.json").write_text(json.dumps({"version": 1, "conversations": talks}))
    command = [sys.executable, "-m", "r1tui", "import", str(tmp_path / "talks.json")]
    subprocess.run(command, env=clean_env(home), cwd=ROOT, check=True, capture_output=True)
    file = home / "data" / "conversations.db"
    data = bytearray(file.read_bytes())
    # One whose first words are not divided between two pages, which depends on the ids before it.
    found = re.search(rb"answer ([12]\d) x x x x x", data)
    assert found
    number, page = found[1].decode(), found.start() // 4096 * 4096
    data[page : page + 4096] = os.urandom(4096)
    file.write_bytes(data)
    app = opened(pty_app, line.url, MODEL)
    app.send("f6")
    app.wait_for("talk 1", "Rename")
    app.send("/")
    app.wait_gone("Rename")
    app.write(f"talk {number}")
    app.wait_for("1 conversation found")
    app.send("enter")
    app.wait_for("Rename")
    app.send("enter")
    app.wait_for("damaged.", "Restart")  # words: the sentence wraps where the path's length has it
    app.send("ctrl+q")
    assert app.wait_exit() == 0
    again = pty_app("--host", line.url, "--model", MODEL)
    again.wait_for("damaged.", "recovered", "kept", timeout=60)
    (aside,) = file.parent.glob("conversations.db.damaged-*[0-9]")  # beside it its log, where it has one
    assert data[page : page + 4096] in aside.read_bytes()
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600
    again.send("f6")
    again.wait_for("talk 29", "talk 28")
    assert len(stored(home)) >= 50
