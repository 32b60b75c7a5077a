"""Between one process and the next: an answer that outlives its terminal loses nothing on the way."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Thread
from time import sleep

import pytest

from r1tui.chat.background import BackgroundAnswers
from r1tui.chat.generation import Generation
from r1tui.chat.generations import Generations
from r1tui.domain.conversation import Conversation
from r1tui.domain.hardware import GIB, Gpu, HardwareProfile
from r1tui.domain.message import Message, MessageStatus, Role
from r1tui.domain.phrase import phrase
from r1tui.domain.settings import Settings
from r1tui.domain.stream import ContentDelta
from r1tui.services.container import REOPEN, Services
from r1tui.services.store.database import StoreError
from r1tui.services.terminal.leaving import finish_threads
from tests.chat.test_generation import DONE, REQUEST, FakeEngine, until
from tests.support import patience
from tests.support.pty_app import PtyApp, clean_env


async def writing(
    hold: asyncio.Event, *, private: bool = False
) -> tuple[BackgroundAnswers, Services, Conversation, Generation]:
    """Services with an answer under way that ends once `hold` is set."""
    services = Services.build(Settings(), [], None, None)
    background = BackgroundAnswers(services, Generations())
    store = await services.opened_store()
    conversation = Conversation(private=private)
    conversation.add(Message(Role.USER, "Well?"))
    answer = conversation.add(Message(Role.ASSISTANT, status=MessageStatus.STREAMING))
    await store.save_conversation(conversation)
    for message in conversation.messages.values():
        await store.save_message(conversation.id, message)
    engine = FakeEngine([ContentDelta("So far"), hold, ContentDelta(" and on."), DONE])
    generation = background.generations.start(
        engine,  # type: ignore[arg-type]
        conversation.id,
        answer,
        REQUEST,
        services.sink,
    )
    await until(lambda: answer.content)
    return background, services, conversation, generation


async def test_an_answer_that_ends_while_its_store_is_handed_over_is_stored_whole() -> None:
    hold = asyncio.Event()
    background, services, conversation, generation = await writing(hold)
    store = await services.opened_store()
    close = store.close

    async def close_while_it_ends() -> None:
        await close()
        hold.set()
        assert generation.task is not None
        await asyncio.wait({generation.task}, timeout=0.5)

    store.close = close_while_it_ends  # type: ignore[method-assign]
    await background.hand_over()
    await background.take_over()
    await background.generations.finish()
    assert await services.state_get(REOPEN) == conversation.id
    stored = await (await services.opened_store()).load(conversation.id)
    assert stored is not None
    answer = stored.branch()[-1]
    assert (answer.status, answer.content) == (MessageStatus.COMPLETE, "So far and on.")
    await background.close()


@pytest.mark.parametrize("ends", ["before it is remembered", "after it"])
async def test_an_answer_that_ends_while_its_run_is_ending_is_what_the_next_one_shows(ends: str) -> None:
    hold = asyncio.Event()
    background, services, conversation, _ = await writing(hold)
    background.leave()
    if ends == "after it":
        await background.remembered()
    hold.set()
    await background.generations.finish()
    assert not background.generations.conversations
    await background.remembered()
    assert await services.state_get(REOPEN) == conversation.id
    await services.state_set(REOPEN, "")  # as the next one does that has shown it
    await background.hand_over()
    await background.take_over()
    assert await services.state_get(REOPEN) == ""
    await background.close()


@pytest.mark.parametrize("then", ["another answer", "the end"])
async def test_an_answer_that_the_disk_refused_at_its_end_is_stored_once_it_can_be(
    then: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = asyncio.Event()
    background, services, conversation, _ = await writing(hold)
    store = await services.opened_store()

    async def full(*_: object) -> None:
        raise StoreError(phrase("store.disk_full", path="/"))

    monkeypatch.setattr(store, "save_message", full)
    hold.set()
    await background.generations.finish()
    monkeypatch.undo()
    if then == "another answer":
        question = conversation.add(Message(Role.USER, "And now?"))
        answer = conversation.add(Message(Role.ASSISTANT, status=MessageStatus.STREAMING))
        await store.save_message(conversation.id, question)
        await services.sink.save_message(conversation.id, answer)
    await background.close()
    stored = await (await services.opened_store()).load(conversation.id)
    assert stored is not None
    assert (stored.branch()[1].status, stored.branch()[1].content) == (
        MessageStatus.COMPLETE,
        "So far and on.",
    )
    await background.close()


@pytest.mark.parametrize(
    ("refused", "told", "becomes"),
    [(4, False, MessageStatus.COMPLETE), (5, True, MessageStatus.STREAMING)],
    ids=["for a while", "until it is told to end"],
)
async def test_what_the_disk_refuses_at_an_unwatched_answers_end_is_tried_until_it_takes_it(
    refused: int, told: bool, becomes: MessageStatus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("r1tui.chat.background.SAVE_EVERY", 0.01)
    hold = asyncio.Event()
    background, services, conversation, _ = await writing(hold)
    store = await services.opened_store()
    save, tries = store.save_message, 0

    async def full_at_first(conversation_id: str, message: Message) -> None:
        nonlocal tries
        tries += 1
        if told and tries == refused - 1:
            background.told_to_end.set()
        if tries <= refused:
            raise StoreError(phrase("store.disk_full", path="/"))
        await save(conversation_id, message)

    monkeypatch.setattr(store, "save_message", full_at_first)
    hold.set()
    await background.finish()
    stored = await (await services.opened_store()).load(conversation.id)
    assert stored is not None
    assert stored.branch()[1].status is becomes
    assert tries == refused + (not told)
    await background.close()


FORKS = """
import asyncio, os, signal, sys, threading, time
from contextlib import suppress
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from r1tui.chat.background import outlive

parent, child_does = os.getpid(), sys.argv[1]

class Background:
    generations, under_way = SimpleNamespace(votes={}), True
    def __init__(self): self.told_to_end = asyncio.Event()
    async def hand_over(self):
        if child_does == "is not to be: told before": os.kill(parent, signal.SIGTERM)
    async def remembered(self): pass
    async def take_over(self):
        if os.getpid() != parent and child_does == "hangs":
            threading.Event().wait()  # as for a lock that a thread of the parent held when it was forked
        if os.getpid() != parent and child_does == "dies":
            os._exit(1)
        if os.getpid() != parent and child_does == "sees a signal to its parent":
            os.kill(parent, signal.SIGTERM)
    async def finish(self):
        await asyncio.sleep(0.1)
        by = "parent" if os.getpid() == parent else "child"
        with open(sys.argv[2], "a") as log:
            print(by + " at once" if self.told_to_end.is_set() else by, file=log)

if sys.stdout.isatty() and sys.stdin.isatty():
    input("Enter fills the terminal.")
    os.set_blocking(1, False)
    taken = True
    while taken:  # who reads may be in the middle of it
        taken = False
        time.sleep(0.5)
        with suppress(BlockingIOError):
            while os.write(1, b"x" * 100):
                taken = True
    os.set_blocking(1, True)

with asyncio.Runner() as runner:
    runner.run(asyncio.sleep(0))
    background = Background()
    runner.get_loop().add_signal_handler(signal.SIGTERM, background.told_to_end.set)
    outlive(runner, background, ThreadPoolExecutor(), 3, patience=float(sys.argv[3]))
"""


@pytest.mark.parametrize(
    ("child_does", "waits", "finished_by"),
    [
        ("hangs", "0.2", "parent"),
        ("dies", "600", "parent"),
        ("takes it", "600", "child"),
        ("sees a signal to its parent", "600", "child at once"),
        ("is not to be: told before", "600", "parent at once"),
    ],
)
def test_an_answer_is_finished_by_its_process_where_another_does_not_take_it(
    child_does: str, waits: str, finished_by: str, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    ended = subprocess.run([sys.executable, "-c", FORKS, child_does, str(log), waits], timeout=60)
    assert ended.returncode == 3
    assert _finished(log) == [finished_by]


def _finished(log: Path) -> list[str]:
    """By whom, once it is; the child may be behind its parent."""
    for _ in range(600):
        if log.exists() and log.read_text().strip():
            break
        sleep(0.05)
    return log.read_text().splitlines()


def test_a_terminal_that_stands_still_does_not_hold_up_the_handing_over_of_an_answer(tmp_path: Path) -> None:
    log = tmp_path / "log"
    app = PtyApp([sys.executable, "-c", FORKS, "takes it", str(log), "600"], env=clean_env(tmp_path))
    try:
        app.wait_for("Enter fills the terminal.")
        app.stall()
        app.send("enter")
        assert app.process.wait(patience.SECONDS) == 3
        assert _finished(log) == ["child"]
    finally:
        app.close()


def test_that_an_answer_goes_on_is_said_on_the_terminal_whatever_the_question_came_from(
    tmp_path: Path,
) -> None:
    log, piped = tmp_path / "log", 'exec "$0" "$@" < /dev/null'
    command = ["/bin/sh", "-c", piped, sys.executable, "-c", FORKS, "takes it", str(log), "600"]
    app = PtyApp(command, env=clean_env(tmp_path))
    try:
        app.wait_for("The answer is finished in the background")
        assert app.process.wait(patience.SECONDS) == 3
        assert _finished(log) == ["child"]
    finally:
        app.close()


async def test_a_private_answer_does_not_outlive_its_terminal() -> None:
    background, services, _, generation = await writing(asyncio.Event(), private=True)
    await background.hand_over()
    await background.take_over()
    await background.generations.finish()
    assert generation.message.status is MessageStatus.STOPPED
    assert await services.state_get(REOPEN) == ""
    assert await (await services.opened_store()).all_ids() == []
    await background.close()


def test_the_speed_of_two_cards_is_kept_under_one_name_whichever_has_more_room() -> None:
    small, large = (
        Gpu("nvidia", "GTX 1060", 6 * GIB, 6 * GIB),
        Gpu("nvidia", "RTX 3090", 24 * GIB, 20 * GIB),
    )
    busy = Gpu("nvidia", "RTX 3090", 24 * GIB, 1 * GIB)
    assert HardwareProfile(gpus=(small, large)).gpu_name == HardwareProfile(gpus=(busy, small)).gpu_name


async def test_what_a_thread_has_begun_is_done_before_a_fork() -> None:
    loop, threads, begun, go_on = asyncio.get_running_loop(), ThreadPoolExecutor(), Event(), Event()

    def work() -> str:
        begun.set()
        go_on.wait(20)
        return "done"

    doing = loop.run_in_executor(threads, work)
    begun.wait(20)
    finish_threads(threads, patience=0.01)
    go_on.set()
    finish_threads(threads)
    assert not [each for each in threads._threads if each.is_alive()]
    assert await doing == "done"


def test_a_fork_is_not_held_up_where_no_more_threads_can_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = ThreadPoolExecutor()
    threads.submit(int).result()

    def refused(_: Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(Thread, "start", refused)
    finish_threads(threads)
    for each in threads._threads:
        each.join(20)
    assert not [each for each in threads._threads if each.is_alive()]


async def test_the_connections_to_a_server_that_was_left_are_closed_at_the_end() -> None:
    services = Services.build(Settings(), [], "http://127.0.0.1:9", None)
    first, again = await asyncio.gather(services.connect(), services.connect())
    assert first is again
    closed: list[str] = []
    for engine in (first, await services.switch_host("http://127.0.0.1:10")):

        async def close(url: str = engine.url) -> None:
            closed.append(url)

        engine.close = close  # type: ignore[method-assign]
    assert not closed
    await services.close()
    assert closed == ["http://127.0.0.1:9", "http://127.0.0.1:10"]
