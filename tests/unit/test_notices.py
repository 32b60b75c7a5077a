"""Which notice shows, for how long, and what is kept to be read again."""

from __future__ import annotations

import pytest
from textual.notifications import SeverityLevel

from r1tui.domain.clean import Clean, clean
from r1tui.toolkit.notices import KEPT, MOST_WAITING, UNSEEN_ERROR, Notices, reading_time


class Said:
    """Notices on a clock that goes by hand."""

    def __init__(self) -> None:
        self.time = 100.0
        self.notices = Notices(lambda: self.time, lambda: self.time)

    def say(
        self, words: str, severity: SeverityLevel = "information", subject: str = "", seconds: float = 10
    ) -> None:
        self.notices.tell(clean(words), severity, subject, seconds)

    def wait(self, seconds: float) -> None:
        self.time += seconds
        self.notices.pass_time()

    @property
    def standing(self) -> list[str]:
        return [each.words for each in self.notices.standing]

    @property
    def kept(self) -> list[tuple[str, int]]:
        return [(each.words, each.times) for each in self.notices.said]


@pytest.fixture
def said() -> Said:
    return Said()


def test_a_notice_goes_by_itself_after_the_time_that_it_takes_to_read(said: Said) -> None:
    said.notices.tell(words := Clean("The model is not thinking right now."))
    assert said.notices.until_next() == pytest.approx(reading_time(words))
    said.wait(reading_time(words) - 0.1)
    assert said.standing == [words]
    said.wait(0.2)
    assert said.standing == []
    assert said.notices.until_next() is None


def test_a_longer_text_stays_longer_and_a_chinese_character_counts_as_two_letters() -> None:
    assert reading_time(Clean("word " * 20)) > reading_time(Clean("word"))
    assert reading_time(Clean("模型正在思考")) == reading_time(Clean("twelve cells"))


def test_the_newest_shows_at_once_and_the_one_before_comes_back_for_what_is_left_of_its_time(
    said: Said,
) -> None:
    said.say("one")
    said.wait(4)
    said.say("two")
    assert said.standing == ["two", "one"]
    said.wait(10)
    assert said.standing == ["one"]
    said.wait(5)
    assert said.standing == ["one"]
    said.wait(1)
    assert said.standing == []


def test_what_is_not_so_any_more_is_taken_back_and_the_one_before_shows_again(said: Said) -> None:
    said.say("one")
    said.say("Enter: answer again", subject="enter")
    said.notices.take_back("enter")
    assert said.standing == ["one"]
    said.notices.take_back("enter")
    assert said.standing == ["one"]


def test_one_that_was_read_does_not_come_back(said: Said) -> None:
    said.say("one")
    said.wait(9.5)
    said.say("two")
    assert said.standing == ["two"]


def test_the_same_words_stand_once_and_are_counted(said: Said) -> None:
    for _ in range(3):
        said.say("nothing to copy")
    said.say("other")
    said.say("nothing to copy")
    assert said.standing == ["nothing to copy", "other"]
    assert said.kept == [("nothing to copy", 4), ("other", 1)]
    said.wait(10)
    said.wait(10)
    said.say("nothing to copy")  # the last that was said, again
    assert said.kept == [("nothing to copy", 5), ("other", 1)]
    assert said.standing == ["nothing to copy"]


def test_of_one_subject_the_latest_stands_alone(said: Said) -> None:
    said.say("1 of 3", subject="find")
    said.say("other")
    said.say("2 of 3", subject="find")
    assert said.standing == ["2 of 3", "other"]
    assert said.kept == [("2 of 3", 1), ("other", 1)]


def test_an_error_has_its_time_to_be_read_before_what_comes_by_itself(said: Said) -> None:
    said.say("the disk is full", "error")
    said.wait(3)
    said.say("a download began")
    assert said.standing == ["the disk is full", "a download began"]
    said.wait(7)
    assert said.standing == ["a download began", "the disk is full"]


def test_what_a_key_says_goes_before_an_error_which_comes_back(said: Said) -> None:
    said.say("the disk is full", "error")
    said.notices.key_pressed()
    said.say("copied")
    assert said.standing == ["copied", "the disk is full"]
    said.wait(10)
    assert said.standing == ["the disk is full"]
    said.wait(10)
    assert said.standing == []


def test_an_error_stays_until_a_key_is_pressed_or_long(said: Said) -> None:
    said.say("the disk is full", "error")
    said.wait(40)
    assert said.standing == ["the disk is full"]
    assert said.notices.key_pressed()
    assert said.standing == []
    said.say("again", "error")
    said.wait(10 + UNSEEN_ERROR)
    assert said.standing == []


def test_a_key_that_comes_with_an_error_does_not_take_it_away_unread(said: Said) -> None:
    said.say("the disk is full", "error")
    said.wait(0.1)
    assert not said.notices.key_pressed()
    assert said.standing == ["the disk is full"]
    assert said.notices.until_next() == pytest.approx(9.9)
    said.wait(10)
    assert said.standing == []


def test_of_errors_the_newest_shows_and_none_is_lost(said: Said) -> None:
    said.say("first", "error")
    said.say("second", "error")
    assert said.standing == ["second", "first"]
    said.wait(10)
    assert said.standing == ["first", "second"]
    said.wait(10)  # both had their time, nobody came
    assert said.standing == ["first", "second"]
    said.notices.key_pressed()
    assert said.standing == ["second"]
    said.notices.key_pressed()
    assert said.standing == []


def test_the_last_ones_are_kept_and_few_wait(said: Said) -> None:
    for n in range(2 * KEPT):
        said.say(f"number {n}")
    assert [words for words, _ in said.kept] == [f"number {n}" for n in reversed(range(KEPT, 2 * KEPT))]
    assert said.standing == [f"number {2 * KEPT - 1 - n}" for n in range(MOST_WAITING)]
    said.notices.clear()
    assert said.standing == []
    assert len(said.kept) == KEPT
