"""Answers and votes that outlive their terminal: handed to a process without one, finished there."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

from r1tui.chat.generation import SAVE_EVERY, SILENCE_SECONDS
from r1tui.chat.generations import Generations
from r1tui.locale import t
from r1tui.services.container import REOPEN, Services
from r1tui.services.store.database import StoreError
from r1tui.services.terminal.leaving import detach, finish_threads, go_unwatched, takes
from r1tui.services.terminal.streams import put

ENDS_WITHIN = 0.8
"""Seconds within which a process in the background has stored its answers when it is told to end."""

TAKEN_WITHIN = 20.0
"""Seconds within which the process in the background takes the answers, on however busy a machine."""


class BackgroundAnswers:
    """The end of a run, and what goes on after it."""

    def __init__(self, services: Services, generations: Generations) -> None:
        self._services = services
        self.generations = generations
        self.silence = SILENCE_SECONDS
        """Seconds after which an answer in the background that stands still is ended."""
        self.told_to_end = asyncio.Event()
        """Set by SIGTERM, as a shutdown sends it to all processes once: nothing goes on, what came is stored."""
        self._left: set[str] = set()
        """Ids of the conversations in which something was under way when this run was told to end."""
        self._remembering: list[asyncio.Task[None]] = []

    @property
    def under_way(self) -> bool:
        """Whether anything is not yet as it is to be at its end, on the disk."""
        return bool(self.generations.conversations or self._services.sink.unsaved)

    def all_private(self) -> bool:
        """Whether everything that is under way belongs to a private conversation."""
        return all(map(self._services.ends_with_run, self.generations.conversations))

    async def drop_private(self) -> None:
        """Stop what has nowhere to be kept once this process ends."""
        private = list(filter(self._services.ends_with_run, self.generations.conversations))
        for conversation_id in private:
            self.generations.stop(conversation_id)
        await self.generations.finish(private)

    def leave(self) -> None:
        """This run is told to end: have the next one show what is under way, also where it ends before this process does."""
        kept = {each for each in self.generations.conversations if not self._services.ends_with_run(each)}
        if new := kept - self._left:
            self._left |= new
            self._remembering.append(asyncio.create_task(self._remember(new)))

    async def _remember(self, conversations: set[str]) -> None:
        for conversation_id in conversations:
            with suppress(StoreError):
                await self._services.state_set(REOPEN, conversation_id)

    async def remembered(self) -> None:
        """Wait until what `leave` began is stored."""
        await asyncio.gather(*self._remembering)

    async def hand_over(self) -> None:
        """Before a fork: remember what the next R1TUI is to show, and let go of what does not survive one.

        Whatever wants the store from now on waits for `take_over`. A private answer ends: nobody could ever read it.
        """
        self.leave()
        for conversation_id in filter(self._services.ends_with_run, self.generations.conversations):
            self.generations.stop(conversation_id)
        await self.remembered()
        await self._services.let_go_of_store()

    async def take_over(self) -> None:
        """After a fork: say that what is under way belongs to this process now."""
        self._services.take_up_store()
        votes = [each.plan.id for each in self.generations.votes.values()]
        for claim in (*self.generations.active, *votes):
            with suppress(StoreError):  # its own saving tries again
                await self._services.sink.heartbeat(claim)

    async def finish(self) -> None:
        """Let every answer and vote end, by itself or by a bound, without a terminal, then close.

        Once it is `told_to_end`, what came is stored, and this returns within `ENDS_WITHIN`.
        """
        finishing = asyncio.create_task(self._finish_unwatched())
        told = asyncio.create_task(self.told_to_end.wait())
        await asyncio.wait({finishing, told}, return_when=asyncio.FIRST_COMPLETED)
        if told.done():
            self.generations.interrupt()
            await asyncio.wait({finishing}, timeout=ENDS_WITHIN)

    async def _finish_unwatched(self) -> None:
        await self.generations.finish_unwatched(self.silence)
        await self.remembered()
        await self._wait_for_room()
        await self.close()

    async def _wait_for_room(self) -> None:
        """Try again what the disk has refused of the answers' ends, for as long as an answer may stand still."""
        sink, deadline = self._services.sink, time.monotonic() + self.silence
        while sink.unsaved and not self.told_to_end.is_set() and time.monotonic() < deadline:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.told_to_end.wait(), SAVE_EVERY)
            await sink.save_the_rest()

    async def close(self) -> None:
        """Stop what is running, keep what is there, leave servers and store."""
        await self.generations.stop_all()
        await self._services.close()


def outlive(
    runner: asyncio.Runner,
    background: BackgroundAnswers,
    threads: ThreadPoolExecutor,
    code: int,
    patience: float = TAKEN_WITHIN,
) -> None:
    """Where something is under way, let it go on in a process without a terminal, and end this one with `code`.

    Returns where nothing is, or is any longer. `threads` is the executor of the runner's loop. This process finishes the answers
    itself where there can be no other, or where the other has died or not taken them after `patience` seconds: a fork keeps
    locks as they were, and one that a thread held is never released in the child. Ctrl+C is to have a handler by now that
    does nothing: it would end the handing over in its middle. There is to be no other either where this process was told to
    end: a shutdown tells those that there are, and would wait for one that begins later.
    """
    if not background.under_way:
        runner.run(background.remembered())
        return
    loop, told_to_end, child = runner.get_loop(), background.told_to_end, None
    if (pipe := None if told_to_end.is_set() else _pipe()) is not None:
        taken, announce = pipe
        runner.run(background.hand_over())
        finish_threads(threads)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # who goes on hears of it once it can
        runner.run(asyncio.sleep(0))  # takes one that came before
        if not told_to_end.is_set() and signal.SIGTERM not in signal.sigpending():
            if sys.stdout.isatty() and takes(1):  # one that stands still would hold this up
                put(t("app.going_on_with_vote" if background.generations.votes else "app.finishing"))
            child = detach()
        if child:
            os.close(announce)
            signal.set_wakeup_fd(-1)  # the loop's pipe is the other's too: it would take a signal for its own
            signal.signal(signal.SIGTERM, partial(_pass_on, told_to_end, child))
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
            # Ends when the child owns the answers: without an owner they would count as interrupted.
            if select.select([taken], [], [], patience)[0] and os.read(taken, 1):
                os._exit(code)
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            go_unwatched()
        loop.add_signal_handler(signal.SIGTERM, told_to_end.set)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        # Threads do not survive a fork, and those of the parent were ended: an executor of its own.
        loop.set_default_executor(ThreadPoolExecutor(max_workers=4))
        runner.run(background.take_over())
        if child == 0:
            with open(announce, "wb") as taking:
                taking.write(b"1")
    if child is None:  # the terminal waits for this process
        with suppress(OSError):
            sys.stdout.flush()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, told_to_end.set)
    runner.run(background.finish())
    # In a child, what is left belongs to the parent: its streams, its exit handlers.
    os._exit(0 if child == 0 else code)


def _pass_on(told_to_end: asyncio.Event, child: int, *_: object) -> None:
    """This process is told to end: who told it may not know of the other one yet."""
    told_to_end.set()
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGTERM)


def _pipe() -> tuple[int, int] | None:
    """A pipe; None where no more files are to be had for this process: those that it has open have to do."""
    try:
        return os.pipe()
    except OSError:
        return None
