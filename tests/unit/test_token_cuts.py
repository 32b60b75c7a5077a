"""A text in tokens: by a vocabulary, and by how the count of its beginnings grows."""

from __future__ import annotations

from typing import Any

import pytest

from r1tui.domain.token_cuts import Piece, Vocabulary, by_counts, shown, vocabulary

SPACE = "\u0120"
"""What stands for a space in such vocabularies."""


def metadata(*merges: str, pre: str = "qwen2", special: tuple[str, ...] = ()) -> dict[str, Any]:
    tokens = ["<none>", *(merge.replace(" ", "") for merge in merges), *special]
    return {
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": pre,
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.merges": list(merges),
        "tokenizer.ggml.token_type": [1] * (len(tokens) - len(special)) + [4] * len(special),
    }


def cut(text: str, *merges: str, pre: str = "qwen2", special: tuple[str, ...] = ()) -> list[bytes]:
    found = vocabulary(metadata(*merges, pre=pre, special=special))
    assert found is not None
    return found.cut(text)


def test_neighbours_are_merged_in_the_order_that_was_learnt() -> None:
    assert cut("abc", "b c", "a b") == [b"a", b"bc"]
    assert cut("abc", "a b", "b c") == [b"ab", b"c"]
    assert cut("abc", "a b", "ab c") == [b"abc"]
    assert cut("aaa", "a a") == [b"aa", b"a"]


def test_a_space_belongs_to_the_word_behind_it_and_nothing_is_merged_over_words() -> None:
    assert cut("a b", f"a {SPACE}b", f"{SPACE} b") == [b"a", b" b"]


def test_every_byte_comes_back_whatever_the_text() -> None:
    text = "naïve 天空 👨‍👩‍👧\tx\n\n 12345 it's _ ½ Ⅷ"
    for pre in ("gpt-2", "smollm", "qwen2", "llama-bpe"):
        assert b"".join(cut(text, "i t", pre=pre)) == text.encode()


def test_a_character_may_be_several_tokens() -> None:
    tokens = cut("天", "å ¤")
    assert tokens == [b"\xe5\xa4", b"\xa9"]
    assert [piece.words for piece in shown(tokens)] == [r"\xe5\xa4", r"\xa9"]


@pytest.mark.parametrize(("pre", "tokens"), [("qwen2", 4), ("smollm", 4), ("llama-bpe", 2), ("gpt-2", 1)])
def test_figures_are_cut_as_the_kind_of_vocabulary_has_it(pre: str, tokens: int) -> None:
    assert len(cut("1234", "1 2", "12 3", "123 4", pre=pre)) == tokens


def test_special_tokens_are_found_before_anything_else_the_longest_first() -> None:
    assert cut("a<think>b", "x y", special=("<think>", "<think>b")) == [b"a", b"<think>b"]
    assert cut("a<think>b", "x y") == [bytes([byte]) for byte in b"a<think>b"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"tokenizer.ggml.model": "llama"},
        {"tokenizer.ggml.pre": "never-heard-of"},
        {"tokenizer.ggml.pre": ["qwen2"]},
        {"tokenizer.ggml.merges": None},
        {"tokenizer.ggml.merges": {"a": 1}},
        {"tokenizer.ggml.tokens": [1, None]},
    ],
)
def test_another_kind_of_vocabulary_is_none(wrong: dict[str, object]) -> None:
    assert vocabulary(metadata("a b") | wrong) is None
    assert vocabulary({}) is None


def test_lists_of_other_lengths_and_kinds_harm_nothing() -> None:
    found = vocabulary(metadata("a b") | {"tokenizer.ggml.token_type": ["x", None]})
    assert isinstance(found, Vocabulary)
    assert found.cut("ab") == [b"ab"]


def test_a_token_ends_with_the_longest_beginning_that_has_its_count() -> None:
    assert by_counts("The sky", [0, 1, 2, 1, 2, 3, 2, 2]) == (Piece("The"), Piece(" sky"))


def test_a_character_of_several_tokens_is_one_piece() -> None:
    assert by_counts("天是", [0, 3, 4]) == (Piece("天", 3), Piece("是"))


def test_counts_that_make_no_sense_lose_no_letter() -> None:
    for counts in ([0, 5, 5, 5], [0, 0, 0, 0], [0, 3, 2, 1], [9, 9, 9, 9]):
        assert "".join(piece.words for piece in by_counts("abc", counts)) == "abc"
