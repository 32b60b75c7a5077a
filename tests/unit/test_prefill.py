"""How far a prompt is read and how long that takes, and what the transcript says of it."""

from __future__ import annotations

import pytest

from r1tui import locale
from r1tui.domain.message import Message, MessageStatus, Phase, Role
from r1tui.domain.prefill import MOST_SHARE, Reading
from r1tui.widgets.transcript import words


@pytest.fixture(autouse=True)
def _words() -> None:
    locale.use("en")


def test_what_was_measured_foretells_how_long_what_is_not_in_memory_takes() -> None:
    assert Reading(3000, rate=100).seconds == 30
    assert Reading(3000, kept=2500, rate=100).seconds == 5
    assert Reading(3000).seconds is None


def test_a_reckoned_share_never_says_that_reading_has_ended() -> None:
    reading = Reading(3000, rate=100)
    assert reading.share(15) == 0.5
    assert reading.share(3600) == MOST_SHARE
    assert Reading(3000).share(15) is None


def test_what_the_server_tells_beats_what_was_reckoned() -> None:
    told = Reading(2500, rate=100).told(3000, 1200, 200, 20.0, now=50.0)
    assert told.share(3600) == 0.4
    assert told.rate == 50, "its own speed, without what was in memory"
    assert told.left(0, now=50.0) == 36
    assert told.left(0, now=60.0) == 26


def test_a_first_glance_tells_no_speed() -> None:
    assert Reading(9, rate=100).told(3000, 0, 0, 0.0, now=0.0).rate == 100
    assert Reading(9, rate=100).told(3000, 512, 0, 0.1, now=0.0).rate == 100


@pytest.mark.parametrize(
    ("kept", "cached", "rate"),
    [(0, None, 50.0), (500, None, 25.0), (0, 900, 5.0), (0, 990, None), (990, None, None)],
)
def test_speed_is_that_of_the_tokens_that_were_really_read(
    kept: int, cached: int | None, rate: float | None
) -> None:
    assert Reading(1000, kept).measured(1000, cached, 20.0) == rate
    assert Reading(1000, kept).measured(1000, cached, None) is None


def line(phase: Phase, reading: Reading | None, width: int = 78, passed: float = 12) -> str:
    message = Message(Role.ASSISTANT, status=MessageStatus.STREAMING, phase=phase, reading=reading)
    (row,) = words.phase(message, passed, width)
    return row.text


def test_a_share_that_the_server_tells_is_shown_in_tokens() -> None:
    reading = Reading(3400, 0, 1200, told_at=12.0, rate=100)
    assert line(Phase.READING, reading) == (
        "Reading the prompt  12 s · 1,200 of 3,400 tokens ▇▇▇▁▁▁▁▁▁▁ · about 20 s left"
    )
    assert line(Phase.READING, Reading(3400, 0, 1200)) == (
        "Reading the prompt  12 s · 1,200 of 3,400 tokens ▇▇▇▁▁▁▁▁▁▁"
    )


def test_a_share_that_is_reckoned_says_so() -> None:
    assert line(Phase.READING, Reading(3400, rate=100)) == (
        "Reading the prompt  12 s · about 35 % ▇▇▇▁▁▁▁▁▁▁ · about 20 s left"
    )
    assert line(Phase.READING, Reading(3400)) == "Reading the prompt  12 s", "nothing was measured"
    assert line(Phase.READING, Reading(200, rate=100)) == "Reading the prompt  12 s", "nothing worth a bar"
    assert line(Phase.READING, None) == "Reading the prompt  12 s"


@pytest.mark.parametrize("phase", [Phase.CONNECTING, Phase.LOADING])
def test_long_reading_is_foretold_before_it_begins(phase: Phase) -> None:
    assert line(phase, Reading(3400, rate=100)).endswith(" · then about 35 s to read the prompt")
    assert "then" not in line(phase, Reading(900, rate=100))


def test_a_narrow_screen_shows_what_there_is_room_for() -> None:
    reading = Reading(3400, 0, 1200, rate=100)
    assert line(Phase.READING, reading, 50) == "Reading the prompt  12 s · 1,200 of 3,400 tokens"
    assert line(Phase.READING, reading, 30) == "Reading the prompt  12 s"


def test_it_is_said_in_chinese() -> None:
    locale.use("zh_CN")
    reading = Reading(3400, 0, 1200, told_at=12.0, rate=100)
    assert line(Phase.READING, reading) == (
        "正在读取提示词  12 秒 · 已读 1,200 / 3,400 个词元 ▇▇▇▁▁▁▁▁▁▁ · 约剩 20 秒"
    )
    assert line(Phase.READING, Reading(3400, rate=100)) == (
        "正在读取提示词  12 秒 · 约 35% ▇▇▇▁▁▁▁▁▁▁ · 约剩 20 秒"
    )
