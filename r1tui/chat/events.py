"""What `ChatSession`, `Server` and `Machine` tell whoever watches, and the base that tells it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Literal

from r1tui.domain.attachment import rendered
from r1tui.domain.dataclass import dataclass
from r1tui.domain.phrase import Phrase

if TYPE_CHECKING:
    from r1tui.domain.attachment import Attachment
    from r1tui.domain.conversation import Conversation
    from r1tui.domain.hardware import Memory
    from r1tui.domain.message import Message
    from r1tui.services.models.pulls import PullJob

Severity = Literal["information", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened. Watchers look at the object that told it for its present state."""


# Of every observable object


@dataclass(frozen=True, slots=True)
class Told(Event):
    """A sentence for the user."""

    what: Phrase
    severity: Severity = "information"


@dataclass(frozen=True, slots=True)
class Faulted(Event):
    """An exception that nobody expected, of a task or a watcher."""

    error: Exception


# Of a session


@dataclass(frozen=True, slots=True)
class BranchChanged(Event):
    """The messages of the active branch are other ones: another conversation, branch, or a message more or less."""

    conversation: Conversation
    message_id: str | None = None
    """The message to go to; the end where None."""
    needle: str = ""
    """The text that was searched for."""
    where: str = ""
    """What of the message holds it, as `Hit.where` names it."""


@dataclass(frozen=True, slots=True)
class MessageChanged(Event):
    """Text came, or another status; while it streams this comes with each batch of tokens."""

    message: Message


@dataclass(frozen=True, slots=True)
class VoteChanged(Event):
    """A question's vote began, moved on, ended or is there no more: `ChatSession.votes`."""

    question: str
    """Id of the question's message."""


@dataclass(frozen=True, slots=True)
class AnswerEnded(Event):
    """An answer is complete, stopped or failed, and stored."""

    message: Message


@dataclass(frozen=True, slots=True)
class OutOfSight(Event):
    """Ids of the messages that the model does not see any more."""

    ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class PromptsLoaded(Event):
    """Earlier prompts, oldest first."""

    prompts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StateChanged(Event):
    """What a status line shows may be another: phase, context, title, settings of the conversation, queue."""


@dataclass(frozen=True, slots=True)
class NeedsContext(Event):
    """A question would push messages out of the model's sight. It waits until `ask_anyway` or `withdraw` is called."""

    question: str
    needed: int
    """Tokens of the conversation with the question, if all of it is to be seen."""
    holds: int
    """Tokens that the context holds."""
    alone: bool
    """Whether the question is longer than the context even by itself."""
    refused: str = ""
    """Id of the answer that the server refused to begin; its question is stored, and `regenerate` asks it again."""
    attachments: tuple[Attachment, ...] = ()
    """What goes with the question."""

    @property
    def sent(self) -> str:
        """What the model would be given of the question."""
        return rendered(self.attachments, self.question)


@dataclass(frozen=True, slots=True)
class AttachmentsCounted(Event):
    """The server's count has told what the text took that went with a question."""

    question: Message


@dataclass(frozen=True, slots=True)
class AttachmentsChanged(Event):
    """What is attached to the draft is another: `ChatSession.attachments`."""


# Of the server


@dataclass(frozen=True, slots=True)
class ModelsChanged(Event):
    """What is installed, in memory or selected."""


@dataclass(frozen=True, slots=True)
class RunningChanged(Event):
    """What is in the server's memory was read; the context in effect may be another."""


@dataclass(frozen=True, slots=True)
class PullChanged(Event):
    """A download moved, or began, or ended."""

    job: PullJob
    moved: bool
    """Only its bytes: the state is as before."""
    began: bool = False
    """The user, not a restart, made it go."""


@dataclass(frozen=True, slots=True)
class PullsChanged(Event):
    """The list of downloads is another."""


@dataclass(frozen=True, slots=True)
class InsecureRegistry(Event):
    """A download needs the user's leave to use a registry without encryption."""

    job: PullJob


# Of the machine


@dataclass(frozen=True, slots=True)
class MachineChanged(Event):
    """The profile or what can be run on it."""


@dataclass(frozen=True, slots=True)
class MemoryRead(Event):
    """The memory as it is now."""

    memory: Memory


@dataclass(frozen=True, slots=True)
class SpeedsChanged(Event):
    """An answer was measured."""


Watcher = Callable[[Event], object]


class Observable:
    """Tells watchers of events and runs its own tasks. Watchers are called on the loop's thread and must be quick."""

    def __init__(self) -> None:
        self._watchers: list[Watcher] = []
        self._tasks: dict[asyncio.Task[Any], str] = {}

    def subscribe(self, watcher: Watcher) -> None:
        """Call `watcher` with every event from now on."""
        self._watchers.append(watcher)

    def emit(self, event: Event) -> None:
        """Tell everybody. A watcher that fails stops neither the others nor what is under way here."""
        for watcher in tuple(self._watchers):
            try:
                watcher(event)
            except Exception as error:
                if isinstance(event, Faulted):
                    raise
                self.emit(Faulted(error))

    def tell(self, what: Phrase, severity: Severity = "information") -> None:
        """Emit a sentence for the user."""
        self.emit(Told(what, severity))

    def start(self, work: Coroutine[Any, Any, Any], *, only: str = "") -> asyncio.Task[Any]:
        """Run `work` beside everything else; its unexpected end is told. `only`: it replaces the task of that name."""
        if only:
            for task, name in list(self._tasks.items()):
                if name == only and task is not asyncio.current_task():
                    task.cancel()
        task = asyncio.create_task(work)
        self._tasks[task] = only
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.pop(task, None)
        if task.cancelled() or not isinstance(error := task.exception(), Exception):
            return
        if isinstance(words := getattr(error, "phrase", None), Phrase):
            self.tell(words, "error")  # a fault that has words for the user
        else:
            self.emit(Faulted(error))

    def end_tasks(self) -> None:
        """Cancel what runs beside; answers are no task of this kind and go on."""
        for task in list(self._tasks):
            task.cancel()
