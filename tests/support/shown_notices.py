"""The sentences that R1TUI says above the prompt, read as sentences, however they are broken into lines."""

from __future__ import annotations

import re

from tests.support.pty_app import PtyApp

_EDGE = "▌"
_SCROLLBAR = re.compile(r"\s*[▁-█]*\s*\Z")
"""What stands behind a notice where the page beside it scrolls: the ends of a scrollbar's thumb."""


def shown_notice(app: PtyApp) -> str:
    """The one that shows, in one line."""
    lines = [
        _SCROLLBAR.sub("", line.partition(_EDGE)[2]).strip() for line in app.screen_lines() if _EDGE in line
    ]
    return " ".join(line for line in lines if line)


def wait_said(app: PtyApp, *sentences: str, timeout: float = 30) -> None:
    """Wait until all of these were said, one notice after the other perhaps. Raises `AssertionError` with the screen when
    they are not.
    """
    left = set(sentences)

    def said() -> bool:
        told = shown_notice(app)
        left.difference_update([sentence for sentence in left if sentence in told])
        return not left

    app.wait_until(said, f"waiting for {sentences} to be said", timeout)
