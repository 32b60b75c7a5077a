"""What the transcript tells its screen."""

from __future__ import annotations

from textual.message import Message as Event


class CopyRequested(Event, namespace="transcript"):
    """Put `text` on the clipboard."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class OpenRequested(Event, namespace="transcript"):
    """Open a message in `where`: `pager` or `editor`."""

    def __init__(self, message_id: str, where: str) -> None:
        super().__init__()
        self.message_id = message_id
        self.where = where


class MessageEvent(Event, namespace="transcript"):
    """Something is asked for one message."""

    def __init__(self, message_id: str) -> None:
        super().__init__()
        self.message_id = message_id


class SaveRequested(MessageEvent, namespace="transcript"):
    """Save a message to a file."""


class EditRequested(MessageEvent, namespace="transcript"):
    """Edit a message, on a branch of its own."""


class RegenerateRequested(MessageEvent, namespace="transcript"):
    """Answer again."""


class ContinueRequested(MessageEvent, namespace="transcript"):
    """Go on from a partial answer."""


class DeleteRequested(MessageEvent, namespace="transcript"):
    """Delete a message."""


class SiblingRequested(Event, namespace="transcript"):
    """Show another version of a message, `step` places on."""

    def __init__(self, message_id: str, step: int) -> None:
        super().__init__()
        self.message_id = message_id
        self.step = step


class FindRequested(Event, namespace="transcript"):
    """The user wants to search in the conversation."""


class FindMoved(Event, namespace="transcript"):
    """The search stands at match `position` of `total` (from 1; 0 where there is none)."""

    def __init__(self, position: int, total: int) -> None:
        super().__init__()
        self.position = position
        self.total = total


class LexerCame(Event, namespace="transcript", bubble=False):
    """Code can be highlighted that could not be before."""
