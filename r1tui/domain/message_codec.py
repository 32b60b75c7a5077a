"""A message outside of the process that has it: `FIELDS` says of each of its fields how it is written and read.

Rows of the store, exported files, what another process wrote and `ask --json` are made from this one table. A new
field of `Message` gets its entry here, or its name in `LOCAL`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, fields
from typing import Any

from r1tui.domain.attachment import MAX_ATTACHMENTS, Attachment, AttachmentKind
from r1tui.domain.dataclass import dataclass
from r1tui.domain.message import AnswerStats, Message, MessageStatus, Phase, Role, VotePlan
from r1tui.domain.phrase import Phrase
from r1tui.domain.untrusted import LARGEST, moment, seconds, tables, text, tokens, whole, word, words
from r1tui.domain.vote import FEWEST, MOST

MAX_PARAMS = 16
MAX_PARAM = 10_000
"""Parameters of a phrase, and characters of one. Ours have five at most."""

LOCAL = frozenset({"phase_started", "reading", "thought_times"})
"""Fields that mean nothing outside of the process that set them."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a message as plain data: text, a number, an object or a list, any of them None where there is none."""

    kind: type[str] | type[int] | type[float] | type[dict[str, Any]] | type[list[Any]]
    """Of the plain value. The store keeps an object or a list as JSON."""
    read: Callable[[object], Any]
    """From a plain value, or from anything else, for which the default stands. Raises nothing."""
    write: Callable[[Any], object] = lambda value: value
    """To the plain value."""
    changes: bool = False
    """Whether it changes while the answer is written."""
    exported: bool = True
    """Whether `r1tui export` writes it."""
    told: bool = False
    """Whether `r1tui ask --json` tells it."""
    since: int = 1
    """Version of the store's schema that has its column first: older rows end before it."""


def stats_from(data: object) -> AnswerStats | None:
    """The figures of an answer; what is no such figure counts as not told."""
    if not isinstance(data, Mapping):
        return None
    stats = AnswerStats()
    for each in fields(AnswerStats):
        read = tokens if each.name.endswith("_tokens") else seconds
        setattr(stats, each.name, read(data.get(each.name)))
    return stats


def plan_from(data: object) -> VotePlan | None:
    """That a question is asked several times; None for what says no such thing."""
    if not isinstance(data, Mapping):
        return None
    ident, planned = text(data.get("id")), whole(data.get("planned"), FEWEST, MOST)
    if not ident or planned is None:
        return None
    question, boxed, stopped = (data.get(name) for name in ("question", "boxed", "stopped"))
    return VotePlan(ident, text(question), planned, boxed is True, stopped is True)


def attachment_to(attachment: Attachment) -> dict[str, Any]:
    """An attachment as data."""
    return {
        "name": attachment.name,
        "digest": attachment.digest,
        "kind": str(attachment.kind),
        "encoding": attachment.encoding,
        "size": attachment.size,
        "part": attachment.part,
        **({"tokens": attachment.tokens} if attachment.tokens is not None else {}),
        "text": attachment.text,
    }


def attachment_from(data: Mapping[str, Any]) -> Attachment:
    """The reverse; what is missing or wrong becomes the default. The digest is that of the text, whatever was said."""
    attachment = Attachment(
        text(data.get("name")),
        text(data.get("text")),
        word(AttachmentKind, data.get("kind"), AttachmentKind.FILE),
        text(data.get("encoding")) or "utf-8",
        whole(data.get("size")) or 0,
        text(data.get("part")),
    )
    if counted := tokens(data.get("tokens")):
        attachment.note_tokens(counted)
    return attachment


def attachments_from(data: object) -> tuple[Attachment, ...]:
    """The attachments of a question; what is none is left out."""
    return tuple(attachment_from(each) for each in tables(data)[:MAX_ATTACHMENTS] if each.get("name"))


def attachments_to(attachments: tuple[Attachment, ...]) -> list[dict[str, Any]] | None:
    """Attachments as data; None where there are none."""
    return [attachment_to(each) for each in attachments] or None


def phrase_to(phrase: Phrase) -> dict[str, Any]:
    """A phrase, and phrases within it, as data."""
    params = {
        name: phrase_to(value) if isinstance(value, Phrase) else value
        for name, value in phrase.params.items()
    }
    return {"key": phrase.key, "params": params}


def phrase_from(data: object, depth: int = 4) -> Phrase | None:
    """The reverse, for a phrase whose parameters are text, numbers and such phrases; None for anything else."""
    if not isinstance(data, Mapping) or data.keys() != {"key", "params"} or depth == 0:
        return None
    key, given = data["key"], data["params"]
    if not isinstance(key, str) or not isinstance(given, Mapping) or len(given) > MAX_PARAMS:
        return None
    params: dict[str, object] = {}
    for name, value in given.items():
        plain = _param(value, depth)
        if plain is None or not isinstance(name, str):
            return None
        params[name] = plain
    return Phrase(key, params)


def _param(value: object, depth: int) -> Phrase | str | int | float | None:
    """A parameter of a phrase; None for what cannot be one."""
    if isinstance(value, str):
        return text(value[:MAX_PARAM])
    if isinstance(value, int | float):
        return value if abs(value) < 1e15 else None  # nor NaN
    return phrase_from(value, depth - 1)


FIELDS: Mapping[str, Field] = {
    "id": Field(str, text, told=True),
    "parent": Field(str, lambda value: text(value) or None),
    "role": Field(str, words(Role, Role.USER), str),
    "content": Field(str, text, changes=True, told=True),
    "reasoning": Field(str, text, changes=True, told=True),
    "status": Field(
        str,
        words(MessageStatus, MessageStatus.INTERRUPTED),
        str,
        changes=True,
        told=True,
    ),
    "model": Field(str, text, told=True),
    "created": Field(float, lambda value: moment(value) or 0.0),
    "phase": Field(
        str,
        lambda value: word(Phase, value, Phase.CONNECTING) if value else None,
        lambda phase: None if phase is None else str(phase),
        changes=True,
        exported=False,
    ),
    "reasoning_seconds": Field(float, lambda value: seconds(value) or 0.0, changes=True),
    "reasoning_tokens": Field(int, lambda value: tokens(value) or 0, changes=True),
    "answer_tokens": Field(int, lambda value: tokens(value) or 0, changes=True),
    "stats": Field(dict, stats_from, lambda stats: None if stats is None else asdict(stats), changes=True),
    "error": Field(
        dict, phrase_from, lambda error: None if error is None else phrase_to(error), changes=True
    ),
    "vote": Field(str, lambda value: text(value) or None, since=2),
    "seed": Field(int, lambda value: whole(value, 0, LARGEST), since=2),
    "plan": Field(dict, plan_from, lambda plan: None if plan is None else asdict(plan), since=2),
    "attachments": Field(list, attachments_from, attachments_to, since=3),
}
"""In the order of the store's columns."""


def written(message: Message) -> Iterator[tuple[str, Field, object]]:
    """(name, field, plain value) of each field."""
    for name, field in FIELDS.items():
        yield name, field, field.write(getattr(message, name))


_UNTOLD: dict[str, Any] = {name: field.read(None) for name, field in FIELDS.items()}
"""Each field where nothing was told of it, which most are: a long conversation has tens of thousands of them."""


def message_from(data: Mapping[str, object]) -> Message:
    """A message from the plain values of its fields; what is missing or wrong becomes the default."""
    return message_of(
        {
            name: FIELDS[name].read(value)
            for name, value in data.items()
            if value is not None and name in FIELDS
        }
    )


def message_of(told: dict[str, Any]) -> Message:
    """A message of the values of its fields; of a field that is missing nothing was told."""
    message = Message(**(_UNTOLD | told))
    if message.status is not MessageStatus.STREAMING:
        message.phase = None
    return message


def take_over(known: Message, fresh: Message) -> None:
    """Bring a message to the state of another copy of it, which another process writes."""
    for name, field in FIELDS.items():
        if field.changes:
            setattr(known, name, getattr(fresh, name))
