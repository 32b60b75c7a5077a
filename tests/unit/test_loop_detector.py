"""Text that goes round in circles, and text that only looks like it."""

from __future__ import annotations

import pytest

from r1tui.domain.loop_detector import LoopDetector

SENTENCE = "But wait, let me check that once more, since the first sum may have been wrong. "
PARAGRAPH = "".join(
    f"The {name} of the house is kept in the cellar where nobody looks for it before winter. "
    for name in ("first key", "old map", "red lamp", "long rope", "spare wheel", "brass bell", "garden saw")
)
"""Longer than the window's third: short pieces of it occur less than three times there."""


def found(text: str, *, exact: bool = False, cut: int = 7) -> LoopDetector:
    """What a detector says that was fed with the text in pieces."""
    detector = LoopDetector(exact=exact)
    for at in range(0, len(text), cut):
        detector.feed(text[at : at + cut])
    return detector


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("cut", [1, 7, 5000])
def test_a_sentence_and_a_paragraph_that_come_again_and_again_are_found(exact: bool, cut: int) -> None:
    assert len(PARAGRAPH) > 400
    assert found(SENTENCE * 40, exact=exact, cut=cut).found
    looping = found("Once upon a time. " * 3 + PARAGRAPH * 4, exact=exact, cut=cut)
    assert looping.found
    assert looping.passage == len(PARAGRAPH)


def test_twice_is_no_loop() -> None:
    assert not found(
        PARAGRAPH * 2 + "And so it ended, as all such stories do, with a feast and a song."
    ).found


def test_counting_upwards_without_end_is_a_loop_of_reasoning_and_none_of_an_answer() -> None:
    counted = "".join(
        f"So the next number after {n} is {n + 1}, and I go on with it from there.\n" for n in range(99)
    )
    assert found(counted).found
    assert not found(counted, exact=True).found


def test_a_table_and_a_long_text_are_no_loop_of_an_answer() -> None:
    table = "".join(f"| {a} | {b} | {a + b} | {a * b} |\n" for a in range(1, 13) for b in range(1, 13))
    assert not found(table, exact=True).found
    text = "".join(f"Chapter {n}: {PARAGRAPH[n * 7 : n * 7 + 70]} {n * 7919 % 1000}. " for n in range(60))
    assert not found(text, exact=True).found
    assert not found("x" * 300).found, "too short to say"
