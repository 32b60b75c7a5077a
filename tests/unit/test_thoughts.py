"""What folded reasoning says in its one line, and where it turns back."""

from __future__ import annotations

import pytest

from r1tui.domain.thoughts import ThoughtReader, paragraphs, seconds_at, turns_back

ENGLISH = (
    "Okay, so I need 3.14 times 2. That makes 6.28, e.g. about six. Wait, the sign. Let me check that.\n\n"
    "1. First, **this**. Hmm.\n- Hmm, actually it is seven"
)
CHINESE = "首先看题目问的是什么。然后把它们加起来！等等，不对。再想想。\n\n嗯……让我再检查一遍，答案是五"


def read(text: str, cut: int) -> ThoughtReader:
    reader = ThoughtReader()
    for at in range(cut, len(text) + cut, cut):
        reader.grow(text[:at])
    return reader


@pytest.mark.parametrize("cut", [1, 2, 7, 1000])
@pytest.mark.parametrize(("text", "turns"), [(ENGLISH, 2), (CHINESE, 2), ("", 0), ("Let me check", 1)])
def test_however_it_comes_the_turns_are_the_same(text: str, turns: int, cut: int) -> None:
    assert read(text, cut).turns(text) == turns
    assert sum(each.turns for each in paragraphs(text)) == turns


@pytest.mark.parametrize("cut", [1, 5])
def test_the_latest_whole_sentence_is_told_as_it_comes(cut: int) -> None:
    told = list[str]()
    for text in (ENGLISH, CHINESE):
        reader = ThoughtReader()
        for at in range(cut, len(text) + cut, cut):
            reader.grow(text[:at])
            if reader.sentence not in told and reader.sentence:
                told.append(reader.sentence)
    assert told == [
        "Okay, so I need 3.14 times 2.",
        "That makes 6.28, e.g. about six.",
        "Wait, the sign.",
        "Let me check that.",
        "First, **this**.",
        "首先看题目问的是什么。",
        "然后把它们加起来！",
        "等等，不对。",
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "Wait, that is not right.",
        "But wait, I forgot one.",
        "Hmm, actually it is 5.",
        "So let me double-check the sum.",
        "Let’s verify that.",
        "No, that's wrong.",
        "Oh no, I made a mistake.",
        "**Wait**, no.",
        "Hold on.",
        "等等，好像漏了一个。",
        "嗯，再想想。",
        "但是不对，应该是五。",
        "不，应该是五。",
        "让我再检查一遍。",
        "重新算一下。",
        "我好像算错了。",
    ],
)
def test_a_sentence_that_turns_back(sentence: str) -> None:
    assert turns_back(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Let me think about it.",
        "Let me compute the sum.",
        "So the waiter waits.",
        "Wait for the train.",
        "Now, the second part.",
        "The checks are right.",
        "苹果、梨等等。",
        "再看第二个条件。",
        "再加上五。",
        "我们不对它取整。",
        "所以答案是五。",
        "",
    ],
)
def test_a_sentence_that_goes_on(sentence: str) -> None:
    assert not turns_back(sentence)


def test_paragraphs_have_their_place_their_words_and_their_turns() -> None:
    first, second = paragraphs(f"\n{ENGLISH}\n\n")
    assert (first.start, first.words[:8], first.turns) == (1, "Okay, so", 1)
    assert f"\n{ENGLISH}"[second.start :].startswith("1. First")
    assert (second.words, second.turns) == ("First, **this**. Hmm. - Hmm, actually it is seven", 1)
    lines = paragraphs("One line.\nAnother line.\n  Wait, a third.")
    assert [(each.words, each.turns) for each in lines] == [
        ("One line.", 0),
        ("Another line.", 0),
        ("Wait, a third.", 1),
    ]
    assert paragraphs(" \n\n \n") == []


def test_a_place_has_the_time_at_which_it_was_seen_to_come_or_none() -> None:
    times = [(0, 5, 0.0), (20, 24, 3.5), (24, 30, 4.0)]
    assert [seconds_at(place, times) for place in (0, 4, 5, 19, 20, 24, 29, 30)] == [
        *(0.0, 0.0, None, None, 3.5, 4.0, 4.0, None)
    ]
    assert seconds_at(0, []) is None
