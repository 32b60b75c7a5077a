"""`r1tui ask --vote N`: one question asked several times; the short answer with the most votes goes to standard output."""

from __future__ import annotations

import asyncio
import sys

from r1tui.chat.events import Event, Faulted, Told, VoteChanged
from r1tui.chat.queue import Question
from r1tui.chat.session import Asked, ChatSession
from r1tui.domain.clean import Clean, clean, clean_json
from r1tui.domain.phrase import Phrase
from r1tui.domain.vote import FEWEST, MOST, Tally, VoteState
from r1tui.headless.shell import FAILED, INTERRUPTED, TIE, complain
from r1tui.locale import clock, say, t
from r1tui.locale.votes import summary, tie
from r1tui.services.terminal.streams import put

_BOX = r"\boxed{}"
TELL_EVERY = 30.0
"""Seconds after which a sample that is still being written is told of: on a small machine one takes many minutes."""


def planned(typed: str) -> int | None:
    """How often to ask, as it was typed; None where that is no number or out of range."""
    if not typed.isascii() or not typed.isdigit() or len(typed) > len(str(MOST)):
        return None
    return int(typed) if FEWEST <= int(typed) <= MOST else None


async def ask_several(session: ChatSession, question: Question, number: int, *, as_json: bool) -> int:
    """Ask one sample after the other, telling the cost and the progress; returns the exit code."""
    asker = _Asker(session, question, number)
    await asker.say_cost()
    return await asker.run(as_json)


class _Asker:
    """Prints what the session tells of its vote."""

    def __init__(self, session: ChatSession, asked: Question, number: int) -> None:
        self._session = session
        self._question = asked
        self._planned = number
        self._counted = 0
        """Samples of which was told."""
        self._fault: Exception | None = None
        self._begun = False
        self._said: Phrase | None = None
        """What the session told last and nobody printed yet."""
        session.subscribe(self._told)

    def _told(self, event: Event) -> None:
        match event:
            case Told() if not self._begun:
                complain(say(event.what))
            case Told():  # of a sample; its fault is said at the end
                self._said = event.what
            case VoteChanged():
                self._tell_tally()
            case Faulted():
                self._fault = event.error

    @property
    def _state(self) -> VoteState | None:
        return next(iter(self._session.votes.values()), None)

    def _tell_tally(self) -> None:
        state = self._state
        if state is not None and state.tally.asked > self._counted:
            self._counted = state.tally.asked
            _tell(summary(state.tally, state.seconds_left))

    async def say_cost(self) -> None:
        """What it will cost: tokens, and how long these take at the speed that was measured here, where one was."""
        number = self._planned
        cost = await self._session.vote_cost(number)
        if cost.seconds is None:
            _tell(t("vote.cost_untimed", n=number, tokens=cost.tokens))
        else:
            _tell(t("vote.cost", n=number, tokens=cost.tokens, time=clock.wait(cost.seconds)))

    async def run(self, as_json: bool) -> int:
        """Ask until it is decided, the server fails, or Ctrl+C."""
        stopped, asked = False, self._question
        telling = asyncio.create_task(self._tell_of_sample())
        try:
            outcome = await self._session.ask_vote(
                self._planned, text=asked.text, attachments=asked.attachments, checked=True
            )
            self._begun = True
            if isinstance(outcome, Asked) and outcome.request.options.get("temperature") == 0:
                complain(t("vote.all_alike"))
            await self._session.end_of_vote()
        except asyncio.CancelledError:
            stopped = True
            self._session.stop()
            await self._session.end_of_vote()
        finally:
            telling.cancel()
        if self._fault is not None:
            raise self._fault
        state = self._state
        if state is None:
            return FAILED
        failed = next((each.message.error for each in state.samples if not each.counted), None)
        if failed is None and not stopped and not state.tally.decided:
            failed = self._said  # a sample was not begun
        return _print_tally(state.tally, failed if not stopped else None, as_json, stopped)

    async def _tell_of_sample(self) -> None:
        while True:
            told = self._session.generation
            await asyncio.sleep(TELL_EVERY)
            if told is not None and told is self._session.generation:
                _tell(t("vote.under_way", number=self._counted + 1, planned=self._planned, n=told.tokens))


def _tell(line: Clean) -> None:
    put(line, sys.stderr, flush=True)


def _print_tally(tally: Tally, failed: Phrase | None, as_json: bool, stopped: bool) -> int:
    """The answer with the most votes, or the whole tally as JSON; returns the exit code."""
    answer = tally.winner.answer if tally.winner is not None else None
    if as_json:
        told = {
            "answer": answer,
            "candidates": [{"answer": each.answer, "votes": each.votes} for each in tally.contenders],
            "asked": tally.asked,
            "planned": tally.planned,
            "unanswered": tally.unanswered,
            "tie": tally.tie,
        }
        put(clean_json(told))
    elif answer is not None:
        put(clean(answer))
    if failed is not None:
        complain(say(failed))
    elif tally.tie:
        _tell(tie(tally))
    elif answer is None and tally.asked:
        _tell(t("vote.nothing", box=_BOX))
    elif tally.left and not stopped:
        _tell(t("vote.early", n=tally.left))
    if stopped:
        return INTERRUPTED
    if failed is not None or not tally.decided or not tally.contenders:
        return FAILED
    return TIE if tally.tie else 0
