"""Votes as the transcript is given them, made of short answers."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic

from r1tui.domain.message import AnswerStats, Message, MessageStatus, Phase, Role
from r1tui.domain.vote import VoteEnd, VotePlan, VoteSample, VoteState, tally

UNDER_WAY = "under way"
"""In place of an answer: the sample is being written."""
STOPPED = "stopped"


def vote(
    answers: Sequence[str | None],
    planned: int,
    *,
    end: VoteEnd | None = None,
    seconds_left: float | None = None,
) -> tuple[Message, VoteState]:
    """A question and how its vote stands. It runs where a sample is under way or none has come."""
    question = Message(Role.USER, "What is 17 × 24?")
    samples = [_sample(question, number, answer) for number, answer in enumerate(answers, 1)]
    count = tally([each.answer for each in samples if each.counted], planned)
    winner = None
    if end is VoteEnd.DECIDED and count.winner is not None:
        winner = [each for each in samples if each.counted][count.winner.samples[0]].message.id
    running = end is None and (not answers or UNDER_WAY in answers)
    plan = VotePlan("vote", question.id, planned, boxed=False, stopped=end is VoteEnd.STOPPED)
    return question, VoteState(plan, tuple(samples), count, running, end, seconds_left, winner)


def _sample(question: Message, number: int, answer: str | None) -> VoteSample:
    message = Message(
        Role.ASSISTANT,
        f"Text of sample {number}.",
        f"Thoughts of sample {number}.",
        model="deepseek-r1:8b",
        parent=question.id,
        vote="vote",
        seed=1000 + number,
        stats=AnswerStats(answer_tokens=400 + number, eval_seconds=40.0),
    )
    if answer in (UNDER_WAY, STOPPED):
        message.content, message.stats = "", None
    if answer == UNDER_WAY:
        message.status, message.phase = MessageStatus.STREAMING, Phase.THINKING
        message.phase_started, message.reasoning_tokens = monotonic() - 12, 30
    elif answer == STOPPED:
        message.status = MessageStatus.STOPPED
    counted = answer not in (UNDER_WAY, STOPPED)
    return VoteSample(message, answer if counted else None, counted)


def message_of(state: VoteState, number: int) -> Message:
    """The message of a sample, by its number from 1."""
    return state.samples[number - 1].message
