"""What other processes do to a conversation: an answer left in the background, another R1TUI."""

from __future__ import annotations

from r1tui.domain import message_codec
from r1tui.domain.message import Message, MessageStatus

CHANGES_POLL = 5.0
"""Seconds between two looks for changes by another R1TUI: a few microseconds of SQLite each."""
ANSWER_POLL = 1.0
"""Seconds between two looks at an answer that another process writes; it commits about once a second."""


def since_creation(message: Message, now: float, wall: float) -> None:
    """Take a message's phase to have begun when it was made: whoever writes it alone knows better.

    `now`: `time.monotonic()`; `wall`: `time.time()`.
    """
    message.phase_started = now - max(wall - message.created, 0.0)


def streaming(branch: list[Message]) -> list[Message]:
    """The messages that some process is writing."""
    return [message for message in branch if message.status is MessageStatus.STREAMING]


def take_over(known: Message, fresh: Message, now: float) -> None:
    """Bring a message that is shown to the state another process stored. `now`: `time.monotonic()`."""
    if fresh.phase is not known.phase:
        known.phase_started = now
    message_codec.take_over(known, fresh)
