"""Questions that were sent and are not stored yet: none is lost, and none comes back once it was asked."""

from __future__ import annotations

from contextlib import suppress


class QuestionQueue:
    """What waits behind an answer, and what is on its way to the disk. Until it is there it belongs to the draft."""

    def __init__(self) -> None:
        self.waiting: list[str] = []
        """Sent while an answer streams or before a server was found; they follow in their order."""
        self.asking: list[str] = []
        """On their way to the disk."""
        self.draft_key = ""
        """Where the draft is kept that `asking` belongs to."""

    def texts(self) -> list[str]:
        """All of them, in their order."""
        return [*self.asking, *self.waiting]

    def settled(self, text: str) -> None:
        """It is stored, queued, or back with its writer."""
        with suppress(ValueError):
            self.asking.remove(text)

    def wait(self, text: str) -> None:
        """Have a question asked after those that wait already."""
        self.settled(text)
        self.waiting.append(text)

    def take_next(self) -> str | None:
        """The first that waits, taken out."""
        return self.waiting.pop(0) if self.waiting else None

    def take_all(self) -> list[str]:
        """All that wait, taken out."""
        taken, self.waiting = self.waiting, []
        return taken

    def clear(self) -> None:
        """Another conversation is opened: what is on its way to the disk arrives there all the same."""
        self.asking.clear()
        self.waiting.clear()
