"""A text cut into a model's tokens: by the model's own vocabulary, or by how the count of its beginnings grows.

The vocabulary is that of a byte-level BPE, as GPT-2, Llama 3, Qwen, DeepSeek's distilled models and SmolLM have one: the
text is cut into words by patterns, each word into bytes, and neighbours are merged in the order that was learnt. The
patterns are those of llama.cpp (`src/llama-vocab.cpp`), with Python's classes of characters, which differ in rare ones:
whoever cuts compares with the server's own count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from r1tui.domain.dataclass import dataclass
from r1tui.domain.untrusted import items, text, texts

_LETTER, _OTHER = r"[^\W\d_]", r"(?:[^\s\w]|_)"
_SHORT = r"'(?:[sS]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD])"
_SPACES = r"\s+(?!\S)|\s+"
_GPT2 = rf"'(?:s|t|re|ve|m|ll|d)| ?{_LETTER}+| ?\d+| ?{_OTHER}+|{_SPACES}"
_LATER = rf"{_SHORT}|(?:[^\r\n\w]|_)?{_LETTER}+|\d{{digits}}| ?{_OTHER}+[\r\n]*|\s*[\r\n]+|{_SPACES}"
_QWEN = _LATER.replace("{digits}", "")
_LLAMA3 = _LATER.replace("{digits}", "{1,3}")
_PATTERNS: Mapping[str, tuple[str, ...]] = {
    "gpt-2": (_GPT2,),
    "smollm": (r"\d|\D+", _GPT2),
    "qwen2": (_QWEN,),
    "deepseek-r1-qwen": (_QWEN,),
    "llama-bpe": (_LLAMA3,),
    "llama3": (_LLAMA3,),
}
"""By `tokenizer.ggml.pre`: each pattern cuts what the one before it left."""
_WHOLE_WORDS = ("llama-bpe", "llama3")
"""Where a word that is a token is taken whole, whatever the merges say."""
_CONTROL, _USER_DEFINED = 3, 4
"""Kinds of tokens that are found in a text before anything else, such as `<think>`."""


def _byte_signs() -> dict[int, str]:
    """The character that stands for each byte in such a vocabulary."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    return {byte: chr(byte) for byte in plain} | {byte: chr(256 + at) for at, byte in enumerate(others)}


_SIGNS = _byte_signs()
_BYTES = {sign: byte for byte, sign in _SIGNS.items()}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a text is cut by."""

    tokens: frozenset[str]
    ranks: Mapping[str, int]
    """Two neighbours with a space between them → when they are merged, the lowest first."""
    special: tuple[str, ...]
    """Tokens that are found as they are, the longest first."""
    pre: str

    def cut(self, words: str) -> list[bytes]:
        """The tokens of a text. A token may hold a part of a character alone."""
        found: list[bytes] = []
        for part, special in self._parts(words):
            if special:
                found.append(part.encode())
            else:
                for word in _words(part, _PATTERNS[self.pre]):
                    found += (bytes(_BYTES[sign] for sign in token) for token in self._merged(word))
        return found

    def _parts(self, words: str) -> Iterator[tuple[str, bool]]:
        """The special tokens of a text, and what is between them."""
        if not self.special:
            yield words, False
            return
        for at, part in enumerate(re.split(f"({'|'.join(map(re.escape, self.special))})", words)):
            if part:
                yield part, at % 2 == 1

    def _merged(self, word: str) -> list[str]:
        signs = [_SIGNS[byte] for byte in word.encode()]
        if self.pre in _WHOLE_WORDS and (whole := "".join(signs)) in self.tokens:
            return [whole]
        while len(signs) > 1:
            none = len(self.ranks)
            pairs = [self.ranks.get(f"{a} {b}", none) for a, b in pairwise(signs)]
            first = min(pairs)
            if first == none:
                break
            at = pairs.index(first)
            signs[at : at + 2] = [signs[at] + signs[at + 1]]
        return signs


def _words(words: str, patterns: Sequence[str]) -> list[str]:
    parts = [words]
    for pattern in patterns:
        parts = [found for part in parts for found in re.findall(pattern, part)]
    return parts


def vocabulary(info: Mapping[str, object]) -> Vocabulary | None:
    """By a model's metadata with its lists; None for a vocabulary of another kind. Takes up to 0.2 s."""
    pre = text(info.get("tokenizer.ggml.pre"))
    if text(info.get("tokenizer.ggml.model")) != "gpt2" or pre not in _PATTERNS:
        return None
    tokens, merges = texts(info.get("tokenizer.ggml.tokens")), texts(info.get("tokenizer.ggml.merges"))
    if not tokens or not merges:
        return None
    kinds = items(info.get("tokenizer.ggml.token_type"))
    special = {
        token
        for token, kind in zip(tokens, kinds, strict=False)
        if token and kind in (_CONTROL, _USER_DEFINED)
    }
    ordered = tuple(sorted(special, key=len, reverse=True))
    return Vocabulary(frozenset(tokens), {pair: rank for rank, pair in enumerate(merges)}, ordered, pre)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text, and how many tokens it is."""

    words: str
    tokens: int = 1


def shown(tokens: Iterable[bytes]) -> tuple[Piece, ...]:
    """Tokens to look at: bytes that are no character by themselves as `\\xe5`."""
    return tuple(Piece(token.decode("utf-8", "backslashreplace")) for token in tokens)


def by_counts(words: str, counts: Sequence[int]) -> tuple[Piece, ...]:
    """Pieces by the count of tokens of each beginning: `counts[n]` is that of the first n characters.

    A token ends with the longest beginning that has its count. A character that takes several tokens is one piece.
    """
    pieces: list[Piece] = []
    end = len(words)
    while end > 0:
        cut = max((at for at in range(end) if counts[at] < counts[end]), default=0)
        pieces.append(Piece(words[cut:end], max(1, counts[end] - counts[cut])))
        end = cut
    return tuple(reversed(pieces))
