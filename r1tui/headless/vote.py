"""`r1tui ask --vote N`: one question asked several times; the short answer with the most votes goes to standard output."""

from __future__ import annotations

import asyncio
import sys

from r1tui.chat.events import Event, Faulted, Told
from r1tui.chat.generation import Generation
from r1tui.chat.queue import Question
from r1tui.chat.session import Asked, ChatSession
from r1tui.chat.vote import NotBegun, Vote
from r1tui.domain.clean import Clean, clean, clean_json
from r1tui.domain.message import Message, Role, VotePlan, new_id
from r1tui.domain.phrase import Phrase
from r1tui.domain.vote import FEWEST, MOST
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
    """A vote and who prints it."""

    def __init__(self, session: ChatSession, asked: Question, number: int) -> None:
        self._session = session
        self._question = Message(Role.USER, asked.text, attachments=asked.attachments)
        self._question.plan = VotePlan(new_id(), self._question.id, number)
        self._vote = Vote(number)
        self._vote.watchers.append(lambda vote: _tell(summary(vote.tally, vote.seconds_left)))
        self._fault: Exception | None = None
        self._begun = False
        self._under_way: Generation | None = None
        self._said: Phrase | None = None
        """What the session told last and nobody printed yet."""
        session.subscribe(self._told)

    def _told(self, event: Event) -> None:
        match event:
            case Told() if not self._begun:
                complain(say(event.what))
            case Told():  # of a sample; its fault is said at the end
                self._said = event.what
            case Faulted():
                self._fault = event.error

    async def say_cost(self) -> None:
        """What it will cost: tokens, and how long these take at the speed that was measured here, where one was."""
        number = self._vote.planned
        cost = await self._session.vote_cost(number)
        if cost.seconds is None:
            _tell(t("vote.cost_untimed", n=number, tokens=f"{cost.tokens:,}"))
        else:
            _tell(t("vote.cost", n=number, tokens=f"{cost.tokens:,}", time=clock.wait(cost.seconds)))

    async def run(self, as_json: bool) -> int:
        """Ask until it is decided, the server fails, or Ctrl+C."""
        self._session.conversation.add(self._question)
        stopped = False
        telling = asyncio.create_task(self._tell_of_sample())
        try:
            await self._vote.run(self._begin)
        except asyncio.CancelledError:
            stopped = True
        finally:
            telling.cancel()
        if self._fault is not None:
            raise self._fault
        winner = self._vote.tally.winner
        if winner is not None:
            await self._session.turn_to(self._vote.samples[winner.samples[0]].message.id)
        return _print_tally(self._vote, as_json, stopped)

    async def _begin(self, seed: int) -> Generation:
        outcome = await self._session.sample(self._question, seed)
        if not isinstance(outcome, Asked):
            if self._said is not None:
                complain(say(self._said))
            raise NotBegun
        self._begun, self._said, self._under_way = True, None, outcome.generation
        if outcome.request.options.get("temperature") == 0 and not self._vote.samples:
            complain(t("vote.all_alike"))
        return outcome.generation

    async def _tell_of_sample(self) -> None:
        while True:
            told = self._under_way
            await asyncio.sleep(TELL_EVERY)
            if told is not None and told is self._under_way:
                number = len(self._vote.samples) + 1
                _tell(t("vote.under_way", number=number, planned=self._vote.planned, n=told.tokens))


def _tell(line: Clean) -> None:
    put(line, sys.stderr, flush=True)


def _print_tally(vote: Vote, as_json: bool, stopped: bool) -> int:
    """The answer with the most votes, or the whole tally as JSON; returns the exit code."""
    tally = vote.tally
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
    if vote.error is not None:
        complain(say(vote.error))
    elif tally.tie:
        _tell(tie(tally))
    elif answer is None and tally.asked:
        _tell(t("vote.nothing", box=_BOX))
    elif tally.left and not stopped:
        _tell(t("vote.early", n=tally.left))
    if stopped:
        return INTERRUPTED
    if vote.error is not None or not tally.decided or not tally.contenders:
        return FAILED
    return TIE if tally.tie else 0
