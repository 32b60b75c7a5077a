"""In which language a model is asked to think, and when its reasoning has gone over to another."""

from __future__ import annotations

import pytest

from r1tui.domain.reasoning_language import (
    DriftDetector,
    ReasoningLanguage,
    Script,
    expected_script,
    line_for,
    script_of,
)

ENGLISH = "First I look at what is asked, then I see which numbers there are, and then I add them up. "
CHINESE = "首先看题目问的是什么，然后找出其中的数字，最后把它们加起来，再检查一遍结果是否正确。"


@pytest.mark.parametrize(
    ("text", "script"),
    [
        (ENGLISH, Script.LATIN),
        (CHINESE, Script.HAN),
        ("用 Python 写一个函数，计算列表中所有数字的和", Script.HAN),
        ("Translate 你好 into English, please, and say how it is pronounced", Script.LATIN),
        ("12 + 30 = ?", None),
        (r"\frac{1}{2} + x^2 = y", None),
        ("", None),
    ],
)
def test_the_script_of_a_text_is_that_of_its_words(text: str, script: Script | None) -> None:
    assert script_of(text) is script


@pytest.mark.parametrize("question", [ENGLISH, CHINESE, "12 + 30 = ?"])
def test_a_line_is_added_where_a_language_is_wanted_and_known(question: str) -> None:
    assert line_for(ReasoningLanguage.AS_IT_COMES, question) == ""
    assert expected_script(ReasoningLanguage.AS_IT_COMES, question) is None
    assert "中文" in line_for(ReasoningLanguage.CHINESE, question)
    assert "English" in line_for(ReasoningLanguage.ENGLISH, question)
    own = line_for(ReasoningLanguage.QUESTION, question)
    assert bool(own) is (script_of(question) is not None)
    assert ("中文" in own) is (script_of(question) is Script.HAN)
    assert expected_script(ReasoningLanguage.QUESTION, question) is script_of(question)


def drift(text: str, expected: Script | None, cut: int = 11) -> list[int]:
    """Where, in characters, the reasoning was found to have gone over."""
    detector = DriftDetector(expected)
    return [at for at in range(0, len(text), cut) if detector.feed(text[at : at + cut])]


@pytest.mark.parametrize("cut", [1, 11, 400])
@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (ENGLISH * 9, CHINESE * 12, Script.LATIN),
        (ENGLISH * 9, CHINESE * 12, None),
        (CHINESE * 12, ENGLISH * 9, Script.HAN),
        (CHINESE * 12, ENGLISH * 9, None),
    ],
)
def test_going_over_is_noticed_once_and_soon(
    before: str, after: str, expected: Script | None, cut: int
) -> None:
    found = drift(before + after, expected, cut)
    assert len(found) == 1
    assert len(before) - cut < found[0] < len(before) + len(after) * 0.8


def test_the_wrong_language_from_the_start_is_noticed_where_another_was_asked_for() -> None:
    assert len(drift(ENGLISH * 9, Script.HAN)) == 1
    assert drift(ENGLISH * 9, None) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CHINESE * 20, Script.HAN),
        ((CHINESE + "设 \\frac{a}{b} = x^2 + 3y，代入 f(x) 得 12。") * 12, Script.HAN),
        ((ENGLISH + "The word 你好 means hello. ") * 12, Script.LATIN),
        (ENGLISH + CHINESE, Script.LATIN),
        ("1 + 2 = 3; " * 200, Script.HAN),
        ("1 + 2 = 3; " * 200, None),
    ],
)
def test_words_and_formulas_in_between_and_short_reasoning_are_no_change(
    text: str, expected: Script | None
) -> None:
    assert drift(text, expected) == []
