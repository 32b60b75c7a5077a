"""The block of a vote in the transcript, without a screen: where its samples stand, and what its lines say."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic

import pytest
from rich.cells import cell_len

from r1tui import locale
from r1tui.domain.message import Message, Role
from r1tui.domain.vote import VoteEnd, VoteState
from r1tui.widgets.transcript.entry import Entry, Section
from r1tui.widgets.transcript.layout import Layout
from r1tui.widgets.transcript.search import Search
from r1tui.widgets.transcript.selection import source_between
from r1tui.widgets.transcript.vote import Standing, placed
from tests.support.votes import STOPPED, UNDER_WAY, message_of, vote


@pytest.fixture(autouse=True)
def _words() -> None:
    locale.use("en")


def layout_of(branch: Sequence[Message], state: VoteState, width: int = 76, told: float = 0.0) -> Layout:
    layout = Layout()
    layout.presentation.width = width
    standings = {state.plan.question: Standing(state, monotonic() - told)}
    entries = []
    for place in placed(branch, standings):
        entry = Entry(place.message, layout.presentation)
        entry.take(place, layout.presentation)
        entry.lay_out(layout.presentation)
        entries.append(entry)
    layout.replace(entries)
    return layout


def lines(layout: Layout) -> list[str]:
    return [row.text for entry in layout.entries for row in entry.rows]


def block(question: Message, state: VoteState, **more: float) -> list[str]:
    """The lines below the question while its vote runs, or has ended without an answer."""
    leaf = state.samples[-1].message if state.samples else None
    branch = [question, leaf] if leaf else [question]
    shown = lines(layout_of(branch, state, **more))  # type: ignore[arg-type]
    return [line.rstrip() for line in shown[3:]]


def test_a_running_vote_is_its_tally_bars_and_a_line_a_sample() -> None:
    question, state = vote(["42", "41", "42", None, UNDER_WAY], 9, seconds_left=361)
    head, *rest = block(question, state)
    assert head == "Vote · 4 of 9 · 42 ×2 · 41 ×1 · 1 without an answer · about 6 min left"
    assert rest[:3] == [
        "  42               2  ▇▇▇▇▇▄",
        "  41               1  ▇▇▄",
        "  no short answer  1",
    ]
    assert [line[:6] for line in rest[3:8]] == [f"▸ {n}  {s}" for n, s in enumerate("44" + "4nt", 1)]
    assert rest[3].split()[2:] == ["42", "401", "tokens", "·", "seed", "1001"]
    assert rest[6].startswith("▸ 4  no short answer")
    assert rest[7].startswith("▸ 5  thinking 0:12")
    assert rest[7].endswith("30 tokens · seed 1005")
    assert rest[8:] == [""]


def test_the_time_that_is_left_is_counted_from_when_it_was_told() -> None:
    question, state = vote(["42", UNDER_WAY], 9, seconds_left=361)
    assert "about 4 min left" in block(question, state, told=121.0)[0]


def test_a_vote_of_which_nothing_has_come_is_its_head() -> None:
    question, state = vote([], 5)
    assert block(question, state) == ["Vote · 0 of 5", ""]


def test_the_winner_stands_below_the_samples_as_any_answer_with_the_tally_in_its_header() -> None:
    question, state = vote(["41", "42", "42", "42"], 5, end=VoteEnd.DECIDED)
    layout = layout_of([question, message_of(state, 2)], state)
    shown = lines(layout)
    assert "Decided: the one that is left cannot change it." in shown
    assert [line[:6] for line in shown if line.startswith("▸ ")][:3] == ["▸ 1  4", "▸ 3  4", "▸ 4  4"]
    answer = layout.entries[-1]
    assert answer.rows[0].text.startswith("deepseek-r1:8b 3 of 4 gave 42 · sample 2 ──")
    assert answer.rows[answer.rows_of(Section.BODY).start].text == "Text of sample 2."
    assert answer.has_reasoning
    assert not answer.is_line


def test_what_follows_the_answer_stands_behind_it() -> None:
    question, state = vote(["42", "42"], 2, end=VoteEnd.DECIDED)
    answer = message_of(state, 1)
    further = Message(Role.USER, "And now?", parent=answer.id)
    layout = layout_of([question, answer, further], state)
    assert [entry.message for entry in layout.entries] == [question, message_of(state, 2), answer, further]


def test_a_tie_names_all_that_lead_and_shows_none_as_the_answer() -> None:
    question, state = vote(["42", "41", "42", "41", "7"], 5, end=VoteEnd.DECIDED)
    shown = block(question, state)
    assert "A tie: 42 and 41, 2 votes each." in shown
    assert len([line for line in shown if line.startswith("▸ ")]) == 5
    assert "Text of sample 5." not in shown


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (VoteEnd.STOPPED, "! Stopped; F5 goes on with the 3 that are missing."),
        (VoteEnd.FAILED, "! The last sample failed; F5 goes on with the 3 that are missing."),
        (None, "! Interrupted, what came is kept; F5 goes on with the 3 that are missing."),
    ],
)
def test_a_vote_that_did_not_end_says_so_and_which_key_goes_on(end: VoteEnd | None, said: str) -> None:
    question, state = vote(["42", "41", STOPPED], 5, end=end)
    shown = block(question, state)
    assert said in shown
    assert any(line.startswith("▸ 3  stopped, not counted") for line in shown)


def test_without_any_short_answer_that_is_said() -> None:
    question, state = vote([None, None], 2, end=VoteEnd.DECIDED)
    assert "No sample ended in a short answer that can be counted." in block(question, state)


def test_a_vote_is_never_called_correct() -> None:
    for code in locale.codes():
        words = [each for key, each in locale.load(code).items() if key.startswith("vote.")]
        assert len(words) > 10
        assert not any("correct" in str(each) or "正确" in str(each) for each in words)


@pytest.mark.parametrize("code", ["en", "zh_CN"])
@pytest.mark.parametrize("width", [20, 37, 57, 76, 157])
def test_hostile_answers_are_cleaned_and_cut_by_cells(width: int, code: str) -> None:
    locale.use(code)
    long = "答案" * 60
    hostile = "\x1b]0;title\x07\x1b[31m\u202e" + "e\u0301" * 90
    question, state = vote(
        [long, hostile, "42\n43", *(str(n) * 30 for n in range(8))], 64, end=VoteEnd.DECIDED
    )
    shown = lines(layout_of([question, message_of(state, 1)], state, width))
    assert all(cell_len(line) <= width for line in shown)
    assert not any(char in line for line in shown for char in "\x1b\x07\u202e\n")


def test_sixty_four_samples_keep_their_numbers_in_one_column() -> None:
    question, state = vote(["42"] * 32 + ["41"] * 32, 64, end=VoteEnd.DECIDED)
    shown = [line for line in block(question, state) if line.startswith("▸")]
    assert shown[0].startswith("▸  1  42")
    assert shown[63].startswith("▸ 64  41")


def test_a_sample_that_is_only_a_line_is_found_and_selected() -> None:
    question, state = vote(["42", "41", UNDER_WAY], 5)
    layout = layout_of([question, message_of(state, 3)], state)
    search = Search(layout)
    search.look_for("Text of sample 2")
    search.step(1)
    assert search.total == 1
    assert search.match is not None
    assert layout.entries[search.match.entry].message is message_of(state, 2)
    search.look_for("Thoughts of sample 1")
    search.step(1)
    assert search.match is not None
    assert search.match.folds
    last = len(layout.entries) - 1
    copied = source_between(layout, (0, 0, 0), (last, 9, 99))
    assert "Vote · 2 of 5 · 42 ×1 · 41 ×1" in copied
    assert "1  42" in copied
    assert "seed 1002" in copied


def test_a_token_of_a_folded_sample_changes_no_cell_before_the_next_second() -> None:
    question, state = vote(["42", UNDER_WAY], 5)
    layout = layout_of([question, message_of(state, 2)], state)
    entry = layout.entries[-1]
    before = [row.text for row in entry.rows]
    entry.message.reasoning += " word"
    entry.message.reasoning_tokens += 1
    entry.lay_out(layout.presentation, tick=False)
    assert [row.text for row in entry.rows] == before
    entry.lay_out(layout.presentation)
    assert "31 tokens" in entry.rows[0].text
