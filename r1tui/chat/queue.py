"""Questions that were sent and are not stored yet: none is lost, and none comes back once it was asked."""

from __future__ import annotations

from contextlib import suppress

from r1tui.domain.attachment import Attachment
from r1tui.domain.dataclass import dataclass
from r1tui.domain.message import Message


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody has sent."""

    text: str
    attachments: tuple[Attachment, ...] = ()

    @classmethod
    def of(cls, message: Message) -> Question:
        """What a user's message asks."""
        return cls(message.content, message.attachments)


class QuestionQueue:
    """What waits behind an answer, and what is on its way to the disk. Until it is there it belongs to the draft."""

    def __init__(self) -> None:
        self.waiting: list[Question] = []
        """Sent while an answer streams or before a server was found; they follow in their order."""
        self.asking: list[Question] = []
        """On their way to the disk."""
        self.draft_key = ""
        """Where the draft is kept that `asking` belongs to."""

    def all(self) -> list[Question]:
        """All of them, in their order."""
        return [*self.asking, *self.waiting]

    def texts(self) -> list[str]:
        """What all of them say."""
        return [each.text for each in self.all()]

    def settled(self, question: Question) -> None:
        """It is stored, queued, or back with its writer."""
        with suppress(ValueError):
            self.asking.remove(question)

    def wait(self, question: Question) -> None:
        """Have a question asked after those that wait already."""
        self.settled(question)
        self.waiting.append(question)

    def take_next(self) -> Question | None:
        """The first that waits, taken out."""
        return self.waiting.pop(0) if self.waiting else None

    def take_all(self) -> list[Question]:
        """All that wait, taken out."""
        taken, self.waiting = self.waiting, []
        return taken

    def clear(self) -> None:
        """Another conversation is opened: what is on its way to the disk arrives there all the same."""
        self.asking.clear()
        self.waiting.clear()


def attached_to(questions: list[Question]) -> tuple[Attachment, ...]:
    """What goes with several questions, in their order, each once."""
    return tuple(dict.fromkeys(each for question in questions for each in question.attachments))
