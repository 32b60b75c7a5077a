"""An answer that goes on without its terminal ends: by itself, by a stop from the next start, or by a bound. A vote too."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from r1tui.domain.conversation import Conversation
from r1tui.domain.message import Message, MessageStatus
from r1tui.services.container import DATABASE
from r1tui.services.store.conversations import ConversationStore
from tests.support.processes import working_in
from tests.support.pty_app import PtyApp, clean_env
from tests.support.script import Answer, Gate, Hang, Say, Step, answer
from tests.support.scripted import ScriptedServer

pytestmark = pytest.mark.real

SHORTER = """
import sys
from r1tui.chat import background

background.SILENCE_SECONDS = 2.0
from r1tui.cli import main
sys.exit(main(sys.argv[1:]))
"""
"""R1TUI whose answers in the background may stand still for two seconds only."""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home; whoever still works in it at the end is ended."""
    folder = tmp_path / "home"
    folder.mkdir()
    yield folder
    for process in working_in(folder):
        process.kill()


async def answer_of(home: Path) -> Message:
    """The one stored answer."""
    return (await conversation_of(home)).branch()[-1]


async def conversation_of(home: Path) -> Conversation:
    """The one stored conversation."""
    store = await ConversationStore.open(Path(clean_env(home)["R1TUI_DATA_DIR"]) / DATABASE)
    (ident,) = await store.all_ids()
    conversation = await store.load(ident)
    await store.close()
    assert conversation is not None
    return conversation


@contextmanager
def hung_up(home: Path, command: Sequence[str]) -> Iterator[PtyApp]:
    """R1TUI at its prompt, in a terminal that is closed at the end of the block."""
    app = PtyApp([sys.executable, *command], env=clean_env(home), size=(80, 24))
    try:
        app.wait_for("Ask anything", "deepseek-r1", timeout=60)
        yield app
        app.kill(signal.SIGHUP)
        assert app.wait_exit() == 0
    finally:
        app.close()


def detached(home: Path, url: str) -> psutil.Process:
    """Ask, close the terminal once the answer has begun, and return the process that goes on."""
    with hung_up(home, ("-c", SHORTER, "--host", url)) as app:
        app.write("tell")
        app.wait_for("tell")
        app.send("enter")
        app.wait_for("Once upon", timeout=60)
    (finisher,) = working_in(home)
    return finisher


BEGUN: list[Step] = [Say("Once"), Say(" upon"), Hang()]


async def test_a_detached_answer_that_stands_still_is_ended_and_the_next_start_says_why(
    scripted: ScriptedServer, home: Path, pty_app: Callable[..., PtyApp]
) -> None:
    scripted.answers.append(Answer([*BEGUN]))
    finisher = await asyncio.to_thread(detached, home, scripted.url)
    await asyncio.to_thread(finisher.wait, 60)
    answer = await answer_of(home)
    assert (answer.status, answer.content) == (MessageStatus.INTERRUPTED, "Once upon")
    assert answer.error is not None
    assert answer.error.key == "generation.silent"
    again = pty_app("--host", scripted.url, folder=home)
    await asyncio.to_thread(again.wait_for, "so the answer was ended", timeout=60)


async def test_a_detached_answer_that_is_told_to_end_stores_what_came_and_ends(
    scripted: ScriptedServer, home: Path
) -> None:
    scripted.answers.append(Answer([*BEGUN]))
    finisher = await asyncio.to_thread(detached, home, scripted.url)
    finisher.send_signal(signal.SIGTERM)
    await asyncio.to_thread(finisher.wait, 30)
    answer = await answer_of(home)
    assert (answer.status, answer.content, answer.error) == (MessageStatus.INTERRUPTED, "Once upon", None)


def sample(number: str) -> Answer:
    return answer(f"The answer is \\boxed{{{number}}}.", "Let me see.")


def gated(number: str) -> tuple[Answer, Gate]:
    gate = Gate()
    return Answer([Say("The answer "), gate, Say(f"is \\boxed{{{number}}}.")]), gate


def detached_vote(home: Path, url: str) -> psutil.Process:
    """Ask five times, close the terminal in the second sample, and return the process that goes on."""
    with hung_up(home, ("-m", "r1tui", "--host", url)) as app:
        app.write("6 times 7?")
        app.wait_for("6 times 7?")
        app.send("alt+v")
        app.wait_for("Up to 5 times", timeout=60)
        app.send("enter")
        app.wait_for("Vote · 1 of 5", "sample 2 of 5", timeout=60)
    (finisher,) = working_in(home)
    return finisher


async def test_a_detached_vote_goes_on_to_its_decision_and_the_next_start_shows_it(
    scripted: ScriptedServer, home: Path, pty_app: Callable[..., PtyApp]
) -> None:
    second, gate = gated("41")
    scripted.answers.extend([sample("42"), second, sample("42"), sample("42"), sample("7")])
    finisher = await asyncio.to_thread(detached_vote, home, scripted.url)
    gate.opened.set()
    await asyncio.to_thread(finisher.wait, 60)
    assert len(scripted.sent_to("/api/chat")) == 4, "decided before the fifth"
    again = pty_app("--host", scripted.url, folder=home)
    await asyncio.to_thread(again.wait_for, "Decided", "3 of 4 gave 42", timeout=60)


async def test_the_next_start_watches_a_detached_vote_and_stops_it(
    scripted: ScriptedServer, home: Path, pty_app: Callable[..., PtyApp]
) -> None:
    (second, gate), (third, further) = gated("42"), gated("42")
    scripted.answers.extend([sample("41"), second, third])
    finisher = await asyncio.to_thread(detached_vote, home, scripted.url)
    again = pty_app("--host", scripted.url, folder=home)
    await asyncio.to_thread(again.wait_for, "Vote · 1 of 5", "Esc stop", timeout=60)
    gate.opened.set()
    await asyncio.wait_for(further.reached.wait(), 60)
    await asyncio.to_thread(again.wait_for, "Vote · 2 of 5", "42 ×1", "sample 3 of 5", timeout=60)
    again.send("escape")
    await asyncio.to_thread(again.wait_for, "! Stopped", "F5", timeout=60)
    await asyncio.to_thread(finisher.wait, 60)
    assert len(scripted.sent_to("/api/chat")) == 3
    scripted.answers.extend([sample("42"), sample("42")])
    again.send("f5")
    await asyncio.to_thread(again.wait_for, "Decided", "3 of 4 gave 42", timeout=60)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_a_detached_vote_that_is_ended_is_gone_on_with(
    scripted: ScriptedServer, home: Path, pty_app: Callable[..., PtyApp], how: signal.Signals
) -> None:
    second, _ = gated("41")
    scripted.answers.extend([sample("42"), second])
    finisher = await asyncio.to_thread(detached_vote, home, scripted.url)
    again = pty_app("--host", scripted.url, folder=home)
    await asyncio.to_thread(again.wait_for, "Vote · 1 of 5", "Esc stop", timeout=60)
    finisher.send_signal(how)
    await asyncio.to_thread(finisher.wait, 30)
    await asyncio.to_thread(again.wait_for, "F5 goes on with the 4 that are missing", timeout=60)
    question, first, interrupted = (await conversation_of(home)).messages.values()
    assert question.plan is not None
    assert not question.plan.stopped
    assert (first.status, interrupted.status) == (MessageStatus.COMPLETE, MessageStatus.INTERRUPTED)
    scripted.answers.extend([sample("42"), sample("42")])
    again.send("f5")
    await asyncio.to_thread(again.wait_for, "Decided", "3 of 3 gave 42", timeout=60)
