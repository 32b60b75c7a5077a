"""What is being written: its text, what goes with it, and its place on the disk.

What was sent and is not stored as a question yet belongs to it: whatever ends the app, it is there again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from r1tui.chat.events import AttachmentsChanged, Observable
from r1tui.chat.queue import Question, QuestionQueue, attached_to
from r1tui.domain.attachment import Attachment, refused
from r1tui.domain.conversation import Conversation
from r1tui.services.container import Services
from r1tui.services.store.database import StoreError
from r1tui.services.store.edits import EDIT

DRAFT_PAUSE = 0.8
"""Seconds without a key after which what is written is kept on the disk."""
NEW = "new"
"""Where the draft of a conversation without messages is kept."""


class Field(Protocol):
    """Where the text is written."""

    @property
    def text(self) -> str:
        """What is there now."""
        ...

    @property
    def is_command(self) -> bool:
        """Whether that is a command for the shell, with its `!`."""
        ...

    def set(self, text: str, *, command: bool = False) -> None:
        """Replace the text that is being written."""
        ...


class PlainField:
    """A field without an editor."""

    def __init__(self) -> None:
        self.text = ""
        self.is_command = False

    def set(self, text: str, *, command: bool = False) -> None:
        """Replace the text that is being written."""
        self.text, self.is_command = text, command


class Draft(Observable):
    """The draft of the conversation at hand."""

    def __init__(
        self,
        services: Services,
        field: Field,
        queue: QuestionQueue,
        at_hand: Callable[[], Conversation],
    ) -> None:
        """`queue`: what was sent and is kept with it; `at_hand`: the conversation that it belongs to."""
        super().__init__()
        self._services = services
        self._field = field
        self._queue = queue
        self._at_hand = at_hand
        self.attachments: tuple[Attachment, ...] = ()
        """What goes with the text."""

    @property
    def text(self) -> str:
        """What is written now."""
        return self._field.text

    @property
    def is_command(self) -> bool:
        """Whether that is a command for the shell, with its `!`."""
        return self._field.is_command

    def set(self, text: str, *, command: bool = False) -> None:
        """Replace the text in its field; what is attached stays."""
        self._field.set(text, command=command)

    def __bool__(self) -> bool:
        """Whether it holds anything."""
        return bool(self.text or self.attachments)

    def clear(self) -> None:
        """Nothing is written, and nothing attached."""
        self.set("")
        self.put(())

    def carry(self) -> Callable[[], None]:
        """What is written and attached now, to be put into whatever draft is at hand when this is called."""
        text, command, attachments = self.text, self.is_command, self.attachments

        def put_back() -> None:
            self.set(text, command=command)
            self.put(attachments)

        return put_back

    # What goes with the text

    def attach(self, attachment: Attachment) -> bool:
        """Have a text go with the question that is being written; False, and said, where no more can."""
        return self._change((*self.attachments, attachment))

    def detach(self, index: int) -> None:
        """Take an attachment away."""
        self._change((*self.attachments[:index], *self.attachments[index + 1 :]))

    def replace(self, index: int, attachment: Attachment) -> bool:
        """Put another in an attachment's place; False, and said, where all of them would be too large."""
        return self._change((*self.attachments[:index], attachment, *self.attachments[index + 1 :]))

    def _change(self, attachments: tuple[Attachment, ...]) -> bool:
        """Let these be what is attached, and keep the draft so."""
        limit = self._services.settings.chat.attachment_limit
        if (why := refused(attachments, limit, self.attachments)) is not None:
            self.tell(why, "warning")
            return False
        self.put(attachments)
        self.start(self.save())
        return True

    def put(self, attachments: tuple[Attachment, ...]) -> None:
        """Let these be what is attached, whatever their size."""
        if attachments != self.attachments:
            self.attachments = attachments
            self.emit(AttachmentsChanged())

    # What is sent, and comes back

    def sent(self, text: str, attachments: tuple[Attachment, ...] | None) -> Question:
        """A question that is sent: what is attached goes with it, unless `attachments` are given."""
        if attachments is None:
            attachments = self.attachments
            self.put(())
        return Question(text, attachments)

    def keep(self, question: Question) -> None:
        """Until it is stored, what is sent belongs to the draft."""
        if not self._queue.asking:
            self._queue.draft_key = self.key
        if question not in self._queue.asking:
            self._queue.asking.append(question)

    def write_again(self, questions: list[Question]) -> None:
        """Put what was sent back, before what is written."""
        texts = [*(each.text for each in questions), self.text]
        self.set("\n".join(filter(None, texts)))
        self.put(attached_to([*questions, Question("", self.attachments)]))

    # On the disk

    @property
    def key(self) -> str:
        """Drafts belong to conversations; one that is not stored yet shares a place with the next such."""
        if self._queue.asking:
            return self._queue.draft_key
        conversation = self._at_hand()
        return conversation.id if conversation.messages or conversation.private else NEW

    def now(self) -> tuple[str, str, tuple[Attachment, ...]]:
        """Where it is kept, its text and what is attached: what is written, behind what waits to be asked."""
        waiting = self._queue.texts()
        text = "\n".join([*waiting, self.text]).strip("\n")
        text = _kept(text, command=self.is_command and not waiting)
        return self.key, text, attached_to([*self._queue.all(), Question("", self.attachments)])

    async def store(self, key: str | None = None) -> None:
        """Keep it, and what waits to be asked, as the draft of the conversation (or of `key`). Raises `StoreError`."""
        present, text, attached = self.now()
        await (await self._services.opened_store()).save_draft(key or present, text, attached)

    async def save(self, key: str | None = None) -> None:
        """The same; a failure is told."""
        try:
            await self.store(key)
        except StoreError as error:
            self.tell(error.phrase, "error")

    async def load(self) -> None:
        """Bring the conversation's draft back, unless something was typed, or sent, meanwhile."""
        if self or self._queue.all():
            return
        text, attached = await (await self._services.opened_store()).take_draft(self.key)
        if (text or attached) and not self:
            text, command = _read(text)
            self.set(text, command=command)
            self.put(attached)

    async def elsewhere(self) -> list[str]:
        """Questions that other R1TUIs that run have in their prompts, the newest first."""
        kept = await (await self._services.opened_store()).drafts_elsewhere()
        return [text for text, command in map(_read, kept) if not command]


class Edit:
    """What a question is being changed to, or a summary of the conversation: on the disk until it is asked, or used."""

    def __init__(
        self,
        services: Services,
        draft: Draft,
        conversation: Conversation,
        what: str,
        text: str = "",
        attachments: tuple[Attachment, ...] = (),
    ) -> None:
        """`draft` tells what the disk refuses; `what` is changed is the question's id, or `SUMMARY` and the last message's;
        `text` and `attachments` are the question's own.
        """
        self._services = services
        self._draft = draft
        self._key = f"{conversation.id}{EDIT}{what}"
        self._question = text, attachments
        self.is_kept = False
        """Whether there is anything to go on with."""

    async def load(self) -> tuple[str, tuple[Attachment, ...]]:
        """Its text as it was left, and what goes with it; where it was not begun, the question's own."""
        try:
            kept = await (await self._services.opened_store()).take_draft(self._key)
        except StoreError as error:
            self._draft.tell(error.phrase, "error")
            return self._question
        return kept if any(kept) else self._question

    async def keep(self, text: str, attachments: tuple[Attachment, ...] = ()) -> None:
        """Have it so; as the question is, or empty, it is none. A failure is told."""
        self.is_kept = bool(text.strip() or attachments) and (text, attachments) != self._question
        try:
            store = await self._services.opened_store()
            await store.save_draft(self._key, *((text, attachments) if self.is_kept else ("", ())))
        except StoreError as error:
            self._draft.tell(error.phrase, "error")

    async def forget(self) -> None:
        """It was asked, or used."""
        await self.keep("")


def _kept(text: str, *, command: bool) -> str:
    """A draft as the store has it: a command begins with its `!`, a question that begins so has a blank before it."""
    return f" {text}" if _begins_so(text) and not command else text


def _read(kept: str) -> tuple[str, bool]:
    """The text that the store has, and whether it is a command."""
    if kept.startswith("!"):
        return kept, True
    return kept[1:] if _begins_so(kept) else kept, False


def _begins_so(text: str) -> bool:
    return text.lstrip(" ").startswith("!")
