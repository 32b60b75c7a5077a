"""The vote in the transcript: where its samples stand, and the lines that tell how it goes.

A vote is no widget and no entry of its own. Its tally stands below the question, in the question's entry; each sample is
the entry of its message, folded to a line; the one that the conversation goes on from is shown below them as any answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import monotonic

from rich.cells import cell_len

from r1tui.domain.clean import Clean, clean_line
from r1tui.domain.dataclass import dataclass
from r1tui.domain.message import Message, MessageStatus, Phase
from r1tui.domain.vote import Contender, Tally, VoteEnd, VoteSample, VoteState
from r1tui.locale import clock, t
from r1tui.locale.votes import summary
from r1tui.toolkit.cells import cut, fit, wrap
from r1tui.toolkit.glyphs import UNICODE, glyphs, to_ascii
from r1tui.widgets.bars import share_bar
from r1tui.widgets.transcript.ink import BOLD, Ink
from r1tui.widgets.transcript.rows import Row, merge

BARS = 6
"""Answers that have a bar."""
_BAR_CELLS = 24
_ANSWER_CELLS = 24
_LEAST_LINE = 12

_PHASES = {
    Phase.CONNECTING: "phase.connecting",
    Phase.LOADING: "phase.loading",
    Phase.READING: "phase.reading",
    Phase.THINKING: "phase.thinking",
    Phase.ANSWERING: "phase.answering",
}
_ENDS = {
    MessageStatus.STOPPED: "transcript.stopped",
    MessageStatus.INTERRUPTED: "transcript.interrupted",
    MessageStatus.FAILED: "transcript.failed",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How a vote stands, and since when that is known."""

    state: VoteState
    told: float
    """`time.monotonic()`: the time that is left is counted from here."""


@dataclass(frozen=True, slots=True)
class Ballot:
    """What an entry shows of its message as a sample of a vote."""

    sample: VoteSample
    number: int
    """Its place among the samples, from 1."""
    state: VoteState
    whole: bool = False
    """Shown as any answer, not as a line."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A message and what the vote adds to its entry."""

    message: Message
    standing: Standing | None = None
    """Of a question that is asked several times."""
    ballot: Ballot | None = None
    joined: bool = False
    """The next entry is a line of the same block: no blank row stands between them."""


def placed(branch: Sequence[Message], standings: Mapping[str, Standing]) -> list[Placed]:
    """The messages of a branch, the samples of each vote below its question."""
    shown: list[Placed] = []
    for at, message in enumerate(branch):
        if message.vote is not None and message.parent in standings:
            continue  # it came with its question
        standing = standings.get(message.id)
        if standing is None:
            shown.append(Placed(message))
            continue
        follower = branch[at + 1] if at + 1 < len(branch) else None
        ballots = _ballots(standing.state, follower, goes_on=at + 2 < len(branch))
        lines = [each for each in ballots if not each.whole]
        shown.append(Placed(message, standing, joined=bool(lines)))
        shown += [Placed(each.sample.message, ballot=each, joined=each is not lines[-1]) for each in lines]
        shown += [Placed(each.sample.message, ballot=each) for each in ballots if each.whole]
        known = {each.message.id for each in standing.state.samples}
        if follower is not None and follower.vote is not None and follower.id not in known:
            shown.append(Placed(follower))
    return shown


def _ballots(state: VoteState, follower: Message | None, *, goes_on: bool) -> list[Ballot]:
    """The samples as they are shown. `goes_on`: there is more of the conversation behind `follower`."""
    won = follower is not None and follower.id == state.winner and not state.running
    whole = follower.id if follower is not None and (won or goes_on) else None
    return [
        Ballot(sample, number, state, whole=sample.message.id == whole)
        for number, sample in enumerate(state.samples, 1)
    ]


# Below the question


def tally_rows(standing: Standing, width: int) -> list[Row]:
    """How a vote stands: its tally in words, a bar an answer, and how it ended."""
    state = standing.state
    left = state.seconds_left
    if left is not None:
        left = max(left - (monotonic() - standing.told), 1.0)
    words = summary(state.tally, left if state.running else None)
    rows = [Row(merge(line)) for line in wrap([(_signs(words), Ink.MODEL | BOLD)], width)]
    rows += _bars(state.tally, width)
    for said, ink in _endings(state):
        rows += [Row(merge(line)) for line in wrap([(_signs(said), ink)], width)]
    return rows


def _bars(tally: Tally, width: int) -> list[Row]:
    """A bar for each answer, as long as all samples together would make it."""
    shown = tally.contenders[:BARS]
    names = [_cut(each, _ANSWER_CELLS) for each in shown]
    votes = [each.votes for each in shown]
    if tally.unanswered:
        names.append(t("vote.bar_unanswered"))
        votes.append(tally.unanswered)
    if not names:
        return []
    column = min(max(map(cell_len, names)), max(width // 2, 4))
    figures = len(str(max(votes)))
    room = min(_BAR_CELLS, width - column - figures - 6)
    rows = []
    for at, (name, number) in enumerate(zip(names, votes, strict=True)):
        counted = at < len(shown)
        bar = share_bar(number / max(tally.planned, 1), room) if counted else Clean("")
        text = f"  {fit(name, column)}  {number:>{figures}}  "
        rows.append(Row(merge([(text, Ink.TEXT if counted else Ink.MUTED), (bar, Ink.CURSOR)])))
    if (further := len(tally.contenders) - BARS) > 0:
        rows.append(Row(((f"  {t('vote.more', n=further)}", Ink.MUTED),)))
    return rows


def _endings(state: VoteState) -> list[tuple[Clean, int]]:
    """What is to be said at the end: that nothing can change any more, a tie, or what goes on with it."""
    tally, said = state.tally, list[tuple[Clean, int]]()
    if state.running:
        return said
    if state.end is VoteEnd.DECIDED:
        if tally.tie:
            said.append((tie_words(tally), Ink.WARNING))
        elif not tally.contenders:
            said.append((t("vote.none_counted"), Ink.WARNING))
        elif tally.left:
            said.append((t("vote.early", n=tally.left), Ink.MUTED))
        return said
    words = {
        VoteEnd.STOPPED: "vote.stopped",
        VoteEnd.FAILED: "vote.failed",
        None: "vote.interrupted",
    }[state.end]
    said.append((f"{glyphs().warning} {t(words, n=tally.left)}", Ink.WARNING))
    return said


def tie_words(tally: Tally) -> Clean:
    """`A tie: 42 and 41, 2 votes each.`"""
    names = [_cut(each, _ANSWER_CELLS) for each in tally.level]
    listed = names[0]
    for name in names[1:-1]:
        listed = t("vote.and_further", before=listed, last=name)
    if len(names) > 1:
        listed = t("vote.and_last", before=listed, last=names[-1])
    return t("vote.level", answers=listed, n=tally.level[0].votes)


# A sample


def sample_line(ballot: Ballot, width: int, is_open: bool) -> Row:
    """A sample on a line: its answer and seed; while it is written what it does and how far it came."""
    message, sign = ballot.sample.message, glyphs().unfolded if is_open else glyphs().folded
    figures = len(str(ballot.state.plan.planned))
    answer, ink = _outcome(ballot)
    facts = list[Clean]()
    if message.status is MessageStatus.STREAMING:
        facts.append(t("transcript.tokens", n=message.reasoning_tokens + message.answer_tokens))
    elif message.stats is not None and message.stats.answer_tokens:
        facts.append(t("transcript.tokens", n=message.stats.answer_tokens))
    if message.seed is not None:
        facts.append(t("vote.seed", seed=str(message.seed)))
    head = f"{sign} {ballot.number:>{figures}}  "
    tail = f" {glyphs().dot} ".join(facts)
    room = width - cell_len(head) - cell_len(tail) - 2
    if room < _LEAST_LINE:
        tail, room = Clean(""), width - cell_len(head)
    return Row(
        merge(
            [
                (head, Ink.MUTED),
                (fit(answer, room) if tail else cut(answer, room), ink),
                (f"  {tail}" if tail else Clean(""), Ink.MUTED),
            ]
        )
    )


def _outcome(ballot: Ballot) -> tuple[Clean, int]:
    """What became of a sample, and the ink that it is written with."""
    sample, message = ballot.sample, ballot.sample.message
    if message.status is MessageStatus.STREAMING:
        if message.phase is None:
            return Clean(""), Ink.MUTED
        spent = clock.elapsed(monotonic() - message.phase_started) if message.phase_started else Clean("")
        return Clean(f"{t(_PHASES[message.phase])} {spent}".rstrip()), Ink.CURSOR
    if not sample.counted:
        return t("vote.not_counted", how=t(_ENDS.get(message.status, "transcript.stopped"))), Ink.WARNING
    if sample.answer is None:
        return t("vote.no_answer"), Ink.MUTED
    return clean_line(sample.answer), Ink.TEXT | BOLD


def marks(ballot: Ballot) -> list[Clean]:
    """What the header of a sample says that is shown as the answer: how many gave the same, and which one it is."""
    found = list[Clean]()
    place = ballot.number - 1
    contender = next((each for each in ballot.state.tally.contenders if _holds(ballot, each)), None)
    if contender is not None:
        found.append(
            t(
                "vote.gave",
                votes=contender.votes,
                asked=ballot.state.tally.asked,
                answer=cut(_signs(clean_line(contender.answer)), _ANSWER_CELLS),
            )
        )
    found.append(t("vote.sample", number=place + 1))
    return found


def _holds(ballot: Ballot, contender: Contender) -> bool:
    """Whether the sample is among those that gave an answer: a tally counts the samples that ended, in their order."""
    counted = [each.message.id for each in ballot.state.samples if each.counted]
    mine = ballot.sample.message.id
    return mine in counted and counted.index(mine) in contender.samples


def _cut(contender: Contender, cells: int) -> Clean:
    return cut(clean_line(contender.answer), cells)


def _signs(text: Clean) -> Clean:
    return text if glyphs() is UNICODE else to_ascii(text)
