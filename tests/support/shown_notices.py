"""The sentences that R1TUI says above the prompt, read as sentences, however they are broken into lines."""

from __future__ import annotations

from itertools import takewhile

from tests.support.pty_app import PtyApp

_EDGE = "▌"


def is_said(screen: list[str], sentence: str) -> bool:
    """Whether a notice on this screen, or its beginning, says this, in however many lines and whatever stands beside it,
    such as the panel of the machine or a page's scrollbar.
    """
    lines = [line.partition(_EDGE)[2] for line in screen if _EDGE in line]
    return any(
        _goes_on(lines[row:], sentence, column)
        for row, line in enumerate(lines)
        for column in range(len(line))
        if line.startswith(sentence[0], column)
    )


def _goes_on(lines: list[str], sentence: str, column: int) -> bool:
    """Whether the sentence stands here: from this column of the first line on, at the beginning of the others."""
    left = sentence
    for number, line in enumerate(lines):
        there = line[column:] if number == 0 else line.lstrip()
        same = takewhile(lambda pair: pair[0] == pair[1], zip(there, left, strict=False))
        shared = len(list(same))
        if not shared:
            return False
        left = left[shared:].lstrip()
        if not left:
            return True
    return False


def wait_said(app: PtyApp, *sentences: str, timeout: float = 30) -> None:
    """Wait until all of these were said, one notice after the other perhaps. Raises `AssertionError` with the screen when
    they are not.
    """
    left = set(sentences)

    def said() -> bool:
        screen = app.screen_lines()
        left.difference_update([sentence for sentence in left if is_said(screen, sentence)])
        return not left

    app.wait_until(said, f"waiting for {sentences} to be said", timeout)
