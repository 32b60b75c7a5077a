"""The tally of a vote: who leads, when it is decided, what a tie is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from r1tui.domain.vote import tally

ANSWERS = st.lists(st.sampled_from(["1", "2", "3", None]), max_size=16)


def test_equal_answers_are_one_contender_in_the_words_of_the_first() -> None:
    count = tally(["0.5", "41", r"\frac{1}{2}", None, "50%"], 9)
    assert [(each.answer, each.votes) for each in count.contenders] == [("0.5", 3), ("41", 1)]
    assert count.contenders[0].samples == (0, 2, 4)
    assert (count.asked, count.planned, count.unanswered, count.left) == (5, 9, 1, 4)


@pytest.mark.parametrize(
    ("answers", "planned", "decided"),
    [
        ([], 3, False),
        (["4"], 3, False),
        (["4"], 2, False),  # a second answer would make a tie
        (["4", "4"], 3, True),
        (["4", "4"], 4, False),
        (["4", "4", "4"], 5, True),  # three equal of five end it
        (["4", "4", "5"], 5, False),
        (["4", "4", "5", "4"], 5, True),
        (["4", "4", "4", "5"], 6, False),
        ([None, None, None], 5, False),
        ([None, "4", "4"], 4, True),  # a lead of two before one that is left
        (["4", "5"], 2, True),
        (["4"] * 5, 9, True),
        (["4"] * 4, 9, False),
    ],
)
def test_it_is_decided_once_the_lead_is_larger_than_what_is_left(
    answers: list[str | None], planned: int, decided: bool
) -> None:
    assert tally(answers, planned).decided is decided


def test_as_many_votes_are_a_tie_and_no_winner() -> None:
    count = tally(["4", "5", "5", "4", "6"], 5)
    assert count.tie
    assert count.winner is None
    assert [each.answer for each in count.level] == ["4", "5"]
    one = tally(["4", "5", "5"], 3)
    assert not one.tie
    assert one.winner is not None
    assert one.winner.answer == "5"


def test_without_any_answer_there_is_neither_winner_nor_tie() -> None:
    count = tally([None, None], 2)
    assert (count.winner, count.tie, count.unanswered, count.level) == (None, False, 2, ())


@given(ANSWERS, st.lists(st.sampled_from(["1", "2", "3", "4", None]), max_size=16))
def test_what_was_decided_early_stays_whatever_comes(
    answers: list[str | None], more: list[str | None]
) -> None:
    planned = len(answers) + len(more)
    early = tally(answers, planned)
    late = tally([*answers, *more], planned)
    if early.decided and more:
        assert early.winner is not None
        assert late.winner is not None
        assert late.winner.answer == early.winner.answer


@given(ANSWERS, st.data())
def test_where_it_is_not_decided_something_could_still_change_it(
    answers: list[str | None], data: st.DataObject
) -> None:
    left = data.draw(st.integers(1, 16))
    count = tally(answers, len(answers) + left)
    if not count.decided:
        second = count.contenders[1].answer if len(count.contenders) > 1 else "other"
        late = tally([*answers, *[second] * left], count.planned)
        assert late.winner is None or count.winner is None or late.winner.answer != count.winner.answer


@given(ANSWERS, st.integers(0, 80))
def test_all_that_was_asked_is_counted(answers: list[str | None], planned: int) -> None:
    count = tally(answers, planned)
    assert sum(each.votes for each in count.contenders) + count.unanswered == count.asked == len(answers)
    numbers = sorted(number for each in count.contenders for number in each.samples)
    assert numbers == [at for at, each in enumerate(answers) if each is not None]
