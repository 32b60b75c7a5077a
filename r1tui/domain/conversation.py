"""A conversation: a tree of messages with one active branch."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import field, replace

from r1tui.domain.chat import ChatTurn, ThinkMode
from r1tui.domain.dataclass import dataclass
from r1tui.domain.message import Message, MessageStatus, Role, new_id

PARTIAL = frozenset(
    {MessageStatus.STOPPED, MessageStatus.INTERRUPTED, MessageStatus.FAILED, MessageStatus.STREAMING}
)
"""States of an answer that can be continued."""
TITLE_LENGTH = 60
"""Characters of a title that is made from the first message."""


@dataclass(slots=True)
class Conversation:
    """Messages that belong together, and the settings they share."""

    id: str = field(default_factory=new_id)
    title: str = ""
    created: float = field(default_factory=time.time)
    updated: float = 0.0
    """Time of the last stored change, seconds since the epoch; 0 when it was never stored."""
    model: str = ""
    system: str = ""
    think: ThinkMode = ThinkMode.AUTO
    options: dict[str, float | int | str] = field(default_factory=dict)
    """Parameters the user set for this conversation; they beat the defaults."""
    private: bool = False
    """A private conversation is never written to disk."""
    pinned: bool = False
    archived: bool = False
    messages: dict[str, Message] = field(default_factory=dict)
    """All messages by id, oldest first."""
    leaf: str | None = None
    """The last message of the active branch; None when empty."""
    mended: list[str] = field(default_factory=list, compare=False)
    """Ids of the stored messages of which some bytes were no text, and were replaced when they were read."""

    def add(self, message: Message) -> Message:
        """Append `message` to the active branch (its parent becomes the present leaf) and return it."""
        message.parent = self.leaf
        return self._append(message)

    def branch_from(self, message_id: str, message: Message) -> Message:
        """Add `message` as a sibling of `message_id` and make it active: an edited question or a new answer."""
        message.parent = self.messages[message_id].parent
        return self._append(message)

    def answer_to(self, message_id: str, message: Message) -> Message:
        """Add `message` as one more answer to `message_id` and make it active."""
        message.parent = message_id
        return self._append(message)

    def _append(self, message: Message) -> Message:
        self.messages[message.id] = message
        self.leaf = message.id
        if not self.title and message.role is Role.USER:
            self.title = title_from(message.content or ", ".join(each.name for each in message.attachments))
        return message

    def branch(self) -> list[Message]:
        """The active branch, oldest first."""
        found = list(self.newest_first())
        found.reverse()
        return found

    def newest_first(self) -> Iterator[Message]:
        """The active branch from its end: who looks for the last of something need not walk all of it."""
        seen: set[str] = set()
        at = self.leaf
        while at is not None and at not in seen and (message := self.messages.get(at)) is not None:
            seen.add(at)
            yield message
            at = message.parent

    def last_answer(self) -> Message | None:
        """The newest answer of the active branch."""
        return next((each for each in self.newest_first() if each.role is Role.ASSISTANT), None)

    def sibling_ids(self, message_id: str) -> list[str]:
        """The messages that share a parent with `message_id`, itself included, oldest first."""
        return self.child_ids(self.messages[message_id].parent)

    def child_ids(self, message_id: str | None) -> list[str]:
        """The messages that follow `message_id`, one a branch, oldest first; of None those that begin a branch."""
        return [other.id for other in self.messages.values() if other.parent == message_id]

    def siblings(self, message_id: str) -> tuple[int, int]:
        """Place of a message among its siblings, from 1, and how many there are: `2/3` is (2, 3)."""
        ids = self.sibling_ids(message_id)
        return ids.index(message_id) + 1, len(ids)

    def branch_points(self) -> dict[str, tuple[int, int]]:
        """`siblings` of every message of the active branch that has any, in one pass over all messages."""
        families: dict[str | None, list[str]] = {}
        for message in self.messages.values():
            families.setdefault(message.parent, []).append(message.id)
        points: dict[str, tuple[int, int]] = {}
        for message in self.branch():
            family = families[message.parent]
            if len(family) > 1:
                points[message.id] = (family.index(message.id) + 1, len(family))
        return points

    def select_sibling(self, message_id: str, step: int) -> str | None:
        """Make the sibling `step` places on from `message_id` active, down to its newest descendant.

        Returns the sibling's id, or None (and changes nothing) where there is none that far.
        """
        ids = self.sibling_ids(message_id)
        at = ids.index(message_id) + step
        if step == 0 or not 0 <= at < len(ids):
            return None
        self.leaf = self.deepest(ids[at])
        return ids[at]

    def deepest(self, message_id: str) -> str:
        """The end of the branch through `message_id` that follows the newest child at each fork."""
        newest_child = {message.parent: message.id for message in self.messages.values()}
        at = message_id
        while (child := newest_child.get(at)) is not None:
            at = child
        return at

    def show(self, message_id: str) -> None:
        """Make the branch that holds `message_id` active; nothing changes when it already is."""
        if message_id in self.messages and all(message.id != message_id for message in self.branch()):
            self.leaf = self.deepest(message_id)

    def delete(self, message_id: str) -> list[Message]:
        """Take out a message and all that follows it, and return them (`restore` puts them back).

        The active branch moves to a sibling that is left, else ends at the parent.
        """
        parent = self.messages[message_id].parent
        doomed = {message_id}
        for message in self.messages.values():  # parents stand before their children
            if message.parent in doomed:
                doomed.add(message.id)
        removed = [message for message in self.messages.values() if message.id in doomed]
        siblings = [other for other in self.sibling_ids(message_id) if other not in doomed]
        for message in removed:
            del self.messages[message.id]
        if self.leaf in doomed:
            self.leaf = self.deepest(siblings[-1]) if siblings else parent
        return removed

    def restore(self, removed: Iterable[Message]) -> None:
        """Undo `delete`: put the messages back and make their branch active."""
        first: str | None = None
        for message in removed:
            first = first or message.id
            self.messages[message.id] = message
        if first is not None:
            self.mend()
            self.leaf = self.deepest(first)

    def mend(self) -> None:
        """Make foreign or damaged data a tree: unknown parents and cycles are cut, parents precede children, and a
        vote is the question's that has it.
        """
        for message in self.messages.values():
            if message.parent not in self.messages:
                message.parent = None
            if message.plan is not None:
                asked = message.role is Role.USER
                message.plan = replace(message.plan, question=message.id) if asked else None
        rooted: dict[str, Message] = {}
        for message in self.messages.values():
            if message.parent is None or message.parent in rooted:
                rooted[message.id] = message
                continue
            chain: list[Message] = []
            climbing: set[str] = set()
            at: Message | None = message
            while at is not None and at.id not in rooted:
                if at.id in climbing:
                    chain[-1].parent = None
                    break
                climbing.add(at.id)
                chain.append(at)
                at = self.messages[at.parent] if at.parent is not None else None
            for link in reversed(chain):
                rooted[link.id] = link
        self.messages = rooted
        if self.leaf not in rooted:
            self.leaf = next(reversed(rooted)) if rooted else None

    def context(self, upto: str | None = None) -> tuple[ChatTurn, ...]:
        """What the model gets to see: the active branch up to and with `upto`, without any past reasoning.

        Where the last message is a partial answer it is the last turn, with its reasoning, so that the server
        goes on from it: from its text, or, where it has only reasoning, to the answer.
        """
        turns = tuple(turn for _, turn in self.visible(upto))
        return (ChatTurn(Role.SYSTEM, self.system), *turns) if self.system else turns

    def visible(self, upto: str | None = None) -> list[tuple[Message, ChatTurn]]:
        """The turns of `context`, the system text aside, each with the message it comes from."""
        branch = self.branch()
        if upto is not None:
            ids = [message.id for message in branch]
            branch = branch[: ids.index(upto) + 1] if upto in ids else branch
        pairs: list[tuple[Message, ChatTurn]] = []
        for message in branch:
            open_end = message is branch[-1] and message.role is Role.ASSISTANT and message.status in PARTIAL
            if open_end and (message.content or message.reasoning):
                pairs.append((message, ChatTurn(message.role, message.content, message.reasoning)))
            elif message.content or message.role is Role.USER:
                pairs.append((message, ChatTurn(message.role, message.sent)))
        return pairs


def title_from(text: str) -> str:
    """A title from the first message: its first words, on one line, at most `TITLE_LENGTH` characters and an ellipsis."""
    words = " ".join(text[: TITLE_LENGTH * 20].split())
    if len(words) <= TITLE_LENGTH:
        return words
    cut = words[:TITLE_LENGTH].rsplit(" ", 1)[0]
    return (cut if len(cut) > TITLE_LENGTH // 2 else words[:TITLE_LENGTH]) + "…"
