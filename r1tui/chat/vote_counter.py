"""How the votes of a conversation stand."""

from __future__ import annotations

from collections.abc import Collection

from r1tui.chat.vote import Sample, Vote, counts, seconds_left, short_answer
from r1tui.domain.conversation import Conversation
from r1tui.domain.message import Message, MessageStatus
from r1tui.domain.vote import VoteEnd, VoteSample, VoteState, tally


class VoteCounter:
    """Finds short answers, each once: it can take a while for a long answer."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[int, str | None]] = {}
        """Message id → length of its text and the short answer in it."""

    async def read(self, conversation: Conversation) -> None:
        """Find those of all samples of a conversation that are not known yet."""
        for question in tuple(conversation.messages.values()):
            for sample in samples_of(conversation, question):
                length = len(sample.content)
                known = self._found.get(sample.id)
                if counts(sample) and (known is None or known[0] != length):
                    self._found[sample.id] = length, await short_answer(sample)

    def note(self, sample: Sample) -> None:
        """Take over an answer that was found already."""
        self._found[sample.message.id] = len(sample.message.content), sample.answer

    def answer(self, sample: Message) -> str | None:
        """The short answer of a sample, as far as it was read."""
        return self._found.get(sample.id, (0, None))[1] if counts(sample) else None

    def states(self, conversation: Conversation, running: Collection[str] = ()) -> dict[str, VoteState]:
        """How each question's vote stands. `running`: ids of those that some process runs, between two samples too."""
        states = (
            self._state(conversation, question, running)
            for question in conversation.messages.values()
            if question.plan is not None
        )
        return {each.plan.question: each for each in states if each is not None}

    def _state(
        self, conversation: Conversation, question: Message, running: Collection[str]
    ) -> VoteState | None:
        plan = question.plan
        if plan is None:
            return None
        samples = tuple(
            VoteSample(each, self.answer(each), counts(each)) for each in samples_of(conversation, question)
        )
        counted = [each for each in samples if each.counted]
        count = tally([each.answer for each in counted], plan.planned)
        last = samples[-1].message if samples else None
        runs = plan.id in running or any(each.message.status is MessageStatus.STREAMING for each in samples)
        end: VoteEnd | None = None
        if runs:
            pass
        elif count.decided:
            end = VoteEnd.DECIDED
        elif plan.stopped or (last is not None and last.status is MessageStatus.STOPPED):
            end = VoteEnd.STOPPED
        elif last is not None and last.status is not MessageStatus.COMPLETE and last.error is not None:
            end = VoteEnd.FAILED
        left = seconds_left([each.message for each in counted], count.left)
        first = counted[count.winner.samples[0]] if count.winner is not None else None
        return VoteState(plan, samples, count, runs, end, left, first.message.id if first else None)


def samples_of(conversation: Conversation, question: Message) -> list[Message]:
    """The samples of a question's last vote, in the order in which they were begun."""
    plan = question.plan
    if plan is None:
        return []
    return [
        each for each in conversation.messages.values() if each.vote == plan.id and each.parent == question.id
    ]


def shown_at_end(state: VoteState) -> str | None:
    """The sample that is turned to when a vote has ended: the winner, on a tie the first of those that lead."""
    if state.winner is not None or not state.tally.contenders:
        return state.winner
    counted = [each for each in state.samples if each.counted]
    return counted[state.tally.contenders[0].samples[0]].message.id


def resumed(state: VoteState) -> Vote:
    """The vote with what was counted already, to be gone on with: with none of its seeds."""
    vote = Vote(state.plan.planned)
    vote.samples += [
        Sample(each.message, each.message.seed or 0, each.answer) for each in state.samples if each.counted
    ]
    vote.used |= {each.message.seed for each in state.samples if each.message.seed is not None}
    return vote
