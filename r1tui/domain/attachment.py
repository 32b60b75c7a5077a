"""Texts that go with a question: files, pastes, a command's output, and how a model is given them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field
from enum import StrEnum

from r1tui.domain.dataclass import dataclass
from r1tui.domain.phrase import Phrase, phrase

MAX_ATTACHMENTS = 32
"""Attachments of one question."""


class AttachmentKind(StrEnum):
    """Where an attached text is from."""

    FILE = "file"
    PASTE = "paste"
    COMMAND = "command"
    """A command's output; the name is the command."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A text that goes with a question."""

    name: str
    text: str
    kind: AttachmentKind = AttachmentKind.FILE
    encoding: str = "utf-8"
    """What it was read as."""
    size: int = 0
    """Bytes of the original."""
    part: str = ""
    """Which part of the original it is, such as `lines 1-200`; empty for the whole."""
    _digest: list[str] = field(default_factory=list, init=False, repr=False, compare=False)
    """The digest, once it was asked for."""
    _tokens: list[int] = field(default_factory=list, init=False, repr=False, compare=False)
    """What it took, once that was counted; a copy with another text has none."""

    @property
    def tokens(self) -> int | None:
        """Tokens that it took by the server's count; None where that is not known."""
        return self._tokens[-1] if self._tokens else None

    def note_tokens(self, tokens: int) -> None:
        """The server has counted it."""
        self._tokens.append(tokens)

    @property
    def digest(self) -> str:
        """SHA-256 of the text as UTF-8, in hexadecimal."""
        if not self._digest:
            self._digest.append(digest_of(self.text))
        return self._digest[0]

    @property
    def lines(self) -> int:
        """How many lines the text has."""
        return self.text.count("\n") + (bool(self.text) and not self.text.endswith("\n"))

    @property
    def stored_bytes(self) -> int:
        """Bytes that the text takes where it is stored."""
        return len(self.text) if self.text.isascii() else len(self.text.encode("utf-8", "replace"))


def digest_of(text: str) -> str:
    """SHA-256 of a text as UTF-8, in hexadecimal."""
    import hashlib

    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


_NAME, _END = "[file name]: ", "\n[file content end]\n"


def rendered(attachments: Iterable[Attachment], question: str) -> str:
    """What the model is given: DeepSeek's own template for files, which is the same in every language."""
    parts = [
        f"{_NAME}{each.name}{each.part and f' ({each.part})'}\n[file content begin]\n{each.text}{_END}"
        for each in attachments
    ]
    return "".join(parts) + question


def question_in(sent: str) -> str:
    """The question alone, out of what `rendered` has made of it."""
    return sent.rpartition(_END)[2] if sent.startswith(_NAME) else sent


def refused(
    attachments: Sequence[Attachment], limit: int, before: Sequence[Attachment] = ()
) -> Phrase | None:
    """Why these cannot go with one question, of which all may take `limit` MiB; None where they can. Fewer than went with
    it `before` always can: a limit that was lowered keeps nobody from taking one away.
    """
    if len(attachments) < len(before):
        return None
    if len(attachments) > MAX_ATTACHMENTS:
        return phrase("attachment.too_many", most=MAX_ATTACHMENTS)
    if sum(each.stored_bytes for each in attachments) > limit << 20:
        return phrase("attachment.too_large", megabytes=limit)
    return None
