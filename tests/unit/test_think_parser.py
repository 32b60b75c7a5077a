"""Reasoning is split from the answer wherever the chunks are cut, and whatever tags are missing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from r1tui.domain.think_parser import Part, ThinkParser


def split(chunks: list[str], **start: bool) -> tuple[str, str]:
    """(reasoning, content) as a message would hold them in the end."""
    parser = ThinkParser(**start)
    parts = [part for chunk in chunks for part in parser.feed(chunk)] + parser.finish()
    reasoning = content = ""
    for part, text in parts:
        if part is Part.REASONING:
            reasoning += text
        elif part is Part.CONTENT:
            content += text
        else:
            reasoning, content = reasoning + content, ""
    return reasoning, content


@pytest.mark.parametrize(
    ("text", "start", "reasoning", "content"),
    [
        ("<think>\nfour</think>\n\nIt is 4.", {}, "four", "It is 4."),
        ("\n <think>four</think>It is 4.", {}, "four", "It is 4."),
        ("It is 4.", {}, "", "It is 4."),
        ("  indented", {}, "", "  indented"),
        ("Say <think> aloud", {}, "", "Say <think> aloud"),
        ("In prose `</think>` is a tag.", {}, "", "In prose `</think>` is a tag."),
        ("two and two\n</think>\n\nIt is 4.", {}, "two and two\n", "It is 4."),
        ("two and two</think>\nIt is 4.", {}, "two and two", "It is 4."),
        ("two and two</think>", {}, "two and two", ""),
        ("</think>It is 4.", {}, "", "It is 4."),
        ("<think>a</think>\n</think>\nb", {}, "a", "b"),
        ("<think>a</think>b\n</think>\nc", {}, "a", "b\n\nc"),
        ("<think>a</think><think>b</think>c", {}, "ab", "c"),
        ("<think>never ends", {}, "never ends", ""),
        ("<think></think>It is 4.", {}, "", "It is 4."),
        ("four</think>It is 4.", {"inside": True}, "four", "It is 4."),
        ("<think>\nfour</think>It is 4.", {"inside": True}, "four", "It is 4."),
        ("<thin four</think>It is 4.", {"inside": True}, "<thin four", "It is 4."),
        ("It is 4.", {"reasoned": True}, "", "It is 4."),
        ("\n\n</think>\nIt is 4.", {"reasoned": True}, "", "It is 4."),
        (" goes on", {"answering": True}, "", " goes on"),
        ("<th", {}, "", "<th"),
        ("a <", {}, "", "a <"),
        ("", {}, "", ""),
    ],
)
def test_the_split(text: str, start: dict[str, bool], reasoning: str, content: str) -> None:
    assert split([text], **start) == (reasoning, content)
    assert split(list(text), **start) == (reasoning, content)


PIECES = st.lists(
    st.sampled_from(
        ["<think>", "</think>", "<", "/think>", "think", ">", "\n", " ", "a", "四", "`", "</thin"]
    ),
    max_size=12,
)


@given(PIECES, st.data(), st.booleans())
def test_where_chunks_are_cut_makes_no_difference(
    pieces: list[str], data: st.DataObject, inside: bool
) -> None:
    text = "".join(pieces)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    chunks = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert split(chunks, inside=inside) == split([text], inside=inside)


@given(st.text(alphabet="ab四\n <>/`", max_size=40))
def test_a_text_without_tags_is_the_answer_untouched(text: str) -> None:
    assert split(list(text)) == ("", text)


def test_text_is_handed_on_as_soon_as_it_is_certain() -> None:
    parser = ThinkParser()
    assert parser.feed("<think>two") == [(Part.REASONING, "two")]
    assert parser.feed(" and <") == [(Part.REASONING, " and ")]
    assert parser.feed("two") == [(Part.REASONING, "<two")]
