"""The first sentence of a dialogue's question is its title, the rest stands below."""

from __future__ import annotations

from typing import cast

import pytest

from r1tui import locale
from r1tui.domain.clean import Clean
from r1tui.screens.base import headed


@pytest.mark.parametrize(
    ("words", "title", "rest"),
    [
        (
            "Change the question; the old one stays beside it.",
            "Change the question",
            "The old one stays beside it.",
        ),
        ("Which? Type its name.", "Which?", "Type its name."),
        ("Pull it: deepseek-r1:8b is 5 GB.", "Pull it", "deepseek-r1:8b is 5 GB."),
        ("改问题；旧的还在。", "改问题", "旧的还在。"),
        ("System text. R1 takes none.", "System text", "R1 takes none."),
        ("回答还在生成。", "回答还在生成", ""),
        ("One", "One", ""),
    ],
)
def test_what_follows_the_title_begins_as_a_sentence_does(words: Clean, title: str, rest: str) -> None:
    assert headed(words, 60) == (title, rest)


def test_no_question_of_the_catalogue_goes_on_in_the_middle_of_a_sentence() -> None:
    for key, entry in locale.load("en").items():
        if key.endswith("question"):
            for text in (entry,) if isinstance(entry, str) else entry:
                _, rest = headed(cast(Clean, text), 60)
                assert not rest[:1].islower(), key
