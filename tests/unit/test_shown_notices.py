"""What the terminal tests take for said."""

from __future__ import annotations

import pytest

from tests.support.shown_notices import is_said

SENTENCE = "No byte came for 2 seconds; what is there is kept. Trying again."
BESIDE_THE_PANEL = [
    "                      ▌ ! No byte came for 2 seconds; what is      lately 90 tokens/s █",
    "                      ▌ there is kept. Trying again.",
    "                       › Ask anything. Enter sends",
]


@pytest.mark.parametrize(
    "screen",
    [
        ["▌ No byte came for 2 seconds; what is there is kept. Trying again."],
        BESIDE_THE_PANEL,
        ["▌ ! No byte came for 2 sec  ▆", "▌   onds; what is there is ", "▌   kept. Trying again. Esc"],
    ],
)
def test_a_sentence_is_said_in_however_many_lines_and_whatever_stands_beside_it(screen: list[str]) -> None:
    assert is_said(screen, SENTENCE)


@pytest.mark.parametrize(
    "screen",
    [
        ["▌ No byte came for 2 seconds; what is there is kept."],
        [" No byte came for 2 seconds; what is there is kept. Trying again."],
        ["▌ No byte came for 3 seconds; what is there is kept. Trying again."],
        ["▌ No byte came for 2 seconds; what is", "▌ kept. Trying again."],
        [],
    ],
)
def test_part_of_a_sentence_another_one_or_one_outside_a_notice_is_not(screen: list[str]) -> None:
    assert not is_said(screen, SENTENCE)
