"""A sentence cut into a model's tokens, on whatever server the model is. Nothing is stored."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from time import monotonic

from r1tui.domain.chat import ChatRequest
from r1tui.domain.dataclass import dataclass
from r1tui.domain.token_cuts import Piece, Vocabulary, by_counts, shown, vocabulary
from r1tui.services.engines.engine import CountsText, CutsText, Engine

LONGEST = 300
"""Characters of a sentence."""
LONGEST_BY_BEGINNINGS = 60
"""Characters of a sentence whose every beginning is counted, which takes a request each."""


class Way(StrEnum):
    """Who said where a token ends."""

    SERVER = "server"
    VOCABULARY = "vocabulary"
    """The model's own, and as many tokens as the server counts."""
    BEGINNINGS = "beginnings"
    """The server's counts of each beginning: within a word they may be off by letters."""
    NOBODY = "nobody"
    """The server tells the count alone, or nothing."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A sentence in pieces."""

    pieces: tuple[Piece, ...]
    way: Way
    tokens: int
    """How many there are; 0 where the server does not tell."""


def server_cuts(engine: object) -> bool:
    """Whether a server of this kind may cut by itself."""
    return isinstance(engine, CutsText)


def able(engine: object) -> bool:
    """Whether a server of this kind may tell anything."""
    return isinstance(engine, (CountsText, CutsText))


class Cutter:
    """Cuts by the model of a request. Its methods raise `EngineError`."""

    def __init__(self, engine: Engine, request: ChatRequest) -> None:
        self._engine = engine
        # Only read: no token more than the server cannot do without is to be made.
        self._request = replace(request, options=request.options | {"num_predict": 1})
        self._vocabulary: Vocabulary | None = None
        self._read = False
        self._added: int | None = None
        """Tokens that the server puts before a text."""
        self.seconds = 0.0
        """What the last count took."""

    async def cut(self, words: str) -> Cut:
        """A sentence by the server, or by the vocabulary where the server counts as many tokens in it."""
        words = words[:LONGEST]
        if isinstance(self._engine, CutsText):
            tokens = await self._engine.cut_text(self._request.model, words)
            if tokens is None:
                return Cut((), Way.NOBODY, 0)
            return Cut(shown(tokens), Way.SERVER, len(tokens))
        counted = await self._count(words)
        if not counted:
            return Cut((), Way.NOBODY, 0)
        if not self._read:
            assert isinstance(self._engine, CountsText)
            info = await self._engine.lists(self._request.model)
            self._vocabulary, self._read = await asyncio.to_thread(vocabulary, info), True
        if self._vocabulary is not None:
            tokens = await asyncio.to_thread(self._vocabulary.cut, words)
            if len(tokens) == counted:
                return Cut(shown(tokens), Way.VOCABULARY, counted)
        return Cut((), Way.NOBODY, counted)

    async def cut_by_beginnings(self, words: str, tell: Callable[[int], None]) -> Cut:
        """A sentence by a request for each of its characters; `tell` hears how many were made."""
        words = words[:LONGEST_BY_BEGINNINGS]
        counts = [0]
        for end in range(1, len(words) + 1):
            counts.append(await self._count(words[:end]))
            tell(end)
        return Cut(by_counts(words, counts), Way.BEGINNINGS, counts[-1])

    async def _count(self, words: str) -> int:
        """Tokens of a text; 0 where the server does not tell."""
        assert isinstance(self._engine, CountsText)
        if self._added is None:  # one letter is one token, whatever the model
            self._added = max(0, (await self._engine.count_text(self._request, "a") or 1) - 1)
        began = monotonic()
        counted = await self._engine.count_text(self._request, words)
        self.seconds = monotonic() - began
        return max(0, (counted or 0) - self._added)
