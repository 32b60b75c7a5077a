"""What of a context is kept for the answer, and what of it a prompt may take."""

from __future__ import annotations

LEAST, MOST = 64, 2048
"""Tokens of an automatic reserve."""
SHARE = 6
"""The automatic reserve is this part of the context."""
ROOM_SHARE = 10
"""The least part of a context that no prompt takes: a long one has room for reasoning too."""


def reserve(context: int, prompt: int, wanted: int = 0) -> int:
    """Tokens kept for the answer: `wanted`, or a sixth of the context within bounds; at most half of what the prompt
    leaves.
    """
    automatic = min(max(context // SHARE, LEAST), MOST)
    return min(wanted or automatic, max(context - prompt, 0) // 2)


def kept_free(context: int, wanted: int = 0) -> int:
    """Tokens of a context that no prompt takes, for reasoning and answer: the answer's reserve at least."""
    return max(reserve(context, 0, wanted), context // ROOM_SHARE)
