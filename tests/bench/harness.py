"""R1TUI under measurement: in a pseudo-terminal of 100x30, on a scripted server in a thread, with stored conversations."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

from r1tui.domain.conversation import Conversation
from r1tui.domain.message import AnswerStats, Message, Role
from r1tui.services.container import DATABASE, REOPEN
from r1tui.services.machine import calibration
from r1tui.services.machine.probe.bandwidth import CopySpeed
from r1tui.services.machine.probe.platform import probe_cpu
from r1tui.services.machine.probe.system import System
from r1tui.services.store.conversations import ConversationStore
from tests.support.provision import cache_dir
from tests.support.pty_app import PtyApp, clean_env, start_r1tui
from tests.support.script import Answer, Say, Step, Think
from tests.support.scripted import ScriptedServer, steady_answer

MODEL = "deepseek-r1:1.5b"
SIZE = (100, 30)
REASONING, ANSWER = 300, 900
"""Tokens of an answer of the benchmarks."""
ROOMY = "[chat]\nnum_ctx = 131072\n"
"""Settings with which fifty answers fit the context: no question about it stands between them."""
RATE = 40.0
"""Tokens a second."""
LAST = "ENDMARK"
"""The last word of an answer whose arrival is measured."""
ALTERNATE = b"\x1b[?1049h"
"""A full-screen app's first word to the terminal."""
PROBE = "§"
"""A key that nothing on the screen has otherwise."""

BYTECODE = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(cache_dir() / "bytecode")}
"""An installed app is compiled: so are both sides here, once, wherever the run itself forbids it."""

T = TypeVar("T")


class Server:
    """A scripted server in a thread of its own loop, so that measuring code may block."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self.scripted = ScriptedServer()
        self.scripted.add(MODEL)
        self.run(self.scripted.start())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the server's loop and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    @property
    def url(self) -> str:
        """The server's address."""
        return self.scripted.url

    def answers(self, reasoning: int, content: int, rate: float | None) -> None:
        """How every request is answered from now on."""
        self.scripted.default = lambda: steady_answer(reasoning, content, rate)

    def marked(self, reasoning: int, content: int, rate: float | None) -> Marked:
        """The same, once, ending in `LAST`; the result knows when that was sent."""
        answer = steady_answer(reasoning, content, rate)
        steps = Marked([*answer.steps, Say(f"\n\n{LAST}")])
        self.scripted.answers.append(Answer(steps, rate=rate))
        return steps

    def close(self) -> None:
        """Stop serving."""
        self.run(self.scripted.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)


class Marked(list[Step]):
    """Steps of an answer that note when the first was asked for and when the last had been sent."""

    begun = 0.0
    sent = 0.0

    def __iter__(self) -> Iterator[Step]:
        self.begun = time.monotonic()
        yield from super().__iter__()
        self.sent = time.monotonic()


@contextlib.contextmanager
def server() -> Iterator[Server]:
    """A scripted server while the block runs."""
    serving = Server()
    try:
        yield serving
    finally:
        serving.close()


@dataclass
class Session:
    """A running app and its folder."""

    app: PtyApp
    folder: Path

    def ready(self, timeout: float = 60) -> None:
        """Wait until the selected model's name shows and the app has come to rest."""
        self.app.wait_raw(MODEL.encode(), timeout)
        self.app.wait_quiet(1.0, timeout)

    def ask(self, text: str = "How do I grow it?") -> None:
        """Send a prompt."""
        self.app.write(text)
        time.sleep(0.3)
        self.app.write("\r")

    def seen(self, text: str, timeout: float = 60) -> float:
        """When (`time.monotonic()`) a text came to the terminal that had not been there since this call."""
        before, wanted = self.app.bytes_received, text.encode()
        self.app.wait_until(lambda: self.app.raw.find(wanted, before) >= 0, f"waiting for {text!r}", timeout)
        return self.app.last_output

    def send(self, keys: str) -> None:
        """Write, and wait until something comes of it: before that the app is as quiet as it was."""
        before = len(self.app.raw)
        self.app.write(keys)
        until(lambda: len(self.app.raw) > before, 60, f"what comes of {keys!r}")

    def settle(self, seconds: float = 1.5, timeout: float = 120) -> None:
        """Wait until an answer is over and nothing is drawn any more."""
        self.app.wait_quiet(seconds, timeout)


@contextlib.contextmanager
def r1tui(
    url: str,
    *,
    size: tuple[int, int] = SIZE,
    settings: str = "",
    conversation: Sequence[Message] = (),
    emulate: bool = False,
    options: Sequence[str] = (),
    home: Path | None = None,
) -> Iterator[Session]:
    """Run the app on a server; `settings` is its settings.toml, `conversation` is on its screen from the start.

    `home` is a folder that an earlier run has used.
    """
    with tempfile.TemporaryDirectory(prefix="r1tui-bench-", ignore_cleanup_errors=True) as name:
        folder = home or Path(name)
        if settings:
            (folder / "config").mkdir()
            (folder / "config" / "settings.toml").write_text(settings)
        _know_the_memory(folder / "data")
        if conversation:
            asyncio.run(_store(folder / "data", conversation))
        app = start_r1tui(
            folder, "--host", url, *options, size=size, emulate=emulate, synchronised=False, env=BYTECODE
        )
        try:
            yield Session(app, folder)
        finally:
            app.close()


def _know_the_memory(folder: Path) -> None:
    """Give the app a first guess of how fast memory is, as its second start on a calm machine has one.

    It would copy memory: 0.4 s of every core, and again at each of the first starts of a busy machine, which
    these programs would all count as the app's own.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    with patch.object(calibration, "measure_bandwidth", lambda: CopySpeed(20e9, calm=True)):
        calibration.CalibrationStore(folder).first_guess(probe_cpu(System()).name)


async def _store(folder: Path, messages: Sequence[Message]) -> None:
    """Put a conversation into the app's database, to be shown at its start."""
    conversation = Conversation(title="A long conversation", model=MODEL)
    for message in messages:
        conversation.add(message)
    store = await ConversationStore.open(folder / DATABASE)
    await store.add_conversation(conversation)
    await store.state_set(REOPEN, conversation.id)
    await store.close()


def past_answers(count: int) -> list[Message]:
    """Questions with answers as the scripted server gives them."""
    steps = steady_answer(REASONING, ANSWER, None).steps
    reasoning = "".join(step.text for step in steps if isinstance(step, Think))
    content = "".join(step.text for step in steps if isinstance(step, Say))
    messages: list[Message] = []
    for number in range(count):
        messages.append(Message(Role.USER, f"How do I grow it, for the time {number + 1}?"))
        messages.append(
            Message(
                Role.ASSISTANT,
                content,
                reasoning,
                model=MODEL,
                reasoning_seconds=7.5,
                reasoning_tokens=REASONING,
                answer_tokens=ANSWER,
                stats=AnswerStats(26, REASONING + ANSWER, 0.1, 0.1, 30.0, 0.3),
            )
        )
    return messages


@contextlib.contextmanager
def empty_app(size: tuple[int, int] = SIZE) -> Iterator[PtyApp]:
    """The reference: the least Textual app with a prompt."""
    with tempfile.TemporaryDirectory(prefix="r1tui-bench-") as name:
        code = "import tests.bench.empty as empty; empty.EmptyApp().run()"
        app = PtyApp(
            [sys.executable, "-c", code], env=clean_env(Path(name), **BYTECODE), size=size, emulate=False
        )
        try:
            yield app
        finally:
            app.close()


@dataclass(frozen=True, slots=True)
class Spent:
    """What an app used between two moments."""

    seconds: float
    cpu: float
    """Seconds of processor time."""
    sent: int
    """Bytes to the terminal."""


class Meter:
    """Measures an app from now on."""

    def __init__(self, app: PtyApp) -> None:
        self.app = app
        self._began, self._cpu, self._bytes = time.monotonic(), app.cpu_seconds(), app.bytes_received

    def read(self) -> Spent:
        """What was used since."""
        return Spent(
            time.monotonic() - self._began,
            self.app.cpu_seconds() - self._cpu,
            self.app.bytes_received - self._bytes,
        )


def until(met: Callable[[], bool], timeout: float, what: str, pause: float = 0.002) -> None:
    """Wait for something. Raises `AssertionError` when it does not come."""
    deadline = time.monotonic() + timeout
    while not met():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {timeout:g} s")
        time.sleep(pause)


def echo(app: PtyApp, key: str, timeout: float = 20) -> float:
    """Press a key and wait for its character on the terminal; seconds."""
    before = app.bytes_received
    wanted = key.encode()
    began = time.monotonic()
    app.write(key)
    app.wait_until(lambda: app.raw.find(wanted, before) >= 0, f"the echo of {key!r}", timeout)
    return time.monotonic() - began


def echoes(app: PtyApp) -> bool:
    """Whether the terminal still echoes keys by itself, as before an app takes it over."""
    return bool(termios.tcgetattr(app._master)[3] & termios.ECHO)
