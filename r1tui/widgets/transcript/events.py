"""What the transcript tells its screen."""

from __future__ import annotations

from textual.message import Message as Event

from r1tui.domain.dataclass import dataclass


@dataclass
class CopyRequested(Event, namespace="transcript"):
    """Put `text` on the clipboard."""

    text: str


@dataclass
class OpenRequested(Event, namespace="transcript"):
    """Open a message in `where`: `pager` or `editor`."""

    message_id: str
    where: str


@dataclass
class MessageEvent(Event, namespace="transcript"):
    """Something is asked for one message."""

    message_id: str


class SaveRequested(MessageEvent, namespace="transcript"):
    """Save a message to a file."""


class OriginRequested(Event, namespace="transcript"):
    """Open the conversation that this one goes on from."""


class EditRequested(MessageEvent, namespace="transcript"):
    """Edit a message, on a branch of its own."""


class RegenerateRequested(MessageEvent, namespace="transcript"):
    """The user wants the answer to be given anew."""


class ContinueRequested(MessageEvent, namespace="transcript"):
    """Go on from a partial answer."""


class VoteRequested(MessageEvent, namespace="transcript"):
    """A question, or that of an answer, is to be asked several times."""


class OutlineRequested(MessageEvent, namespace="transcript"):
    """The user wants to see how a message's reasoning goes."""


class DeleteRequested(MessageEvent, namespace="transcript"):
    """The user wants a message and what follows it deleted."""


@dataclass
class SiblingRequested(Event, namespace="transcript"):
    """Show another version of a message, `step` places on."""

    message_id: str
    step: int


class CursorMoved(Event, namespace="transcript"):
    """The cursor is on another message, or on none."""


class FindRequested(Event, namespace="transcript"):
    """The user wants to search in the conversation."""


@dataclass
class FindMoved(Event, namespace="transcript"):
    """The search stands at match `position` of `total` (from 1; 0 where there is none)."""

    position: int
    total: int


class LexerCame(Event, namespace="transcript", bubble=False):
    """Code can be highlighted that could not be before."""
