"""Files as attachments: read with bounds, and decoded by what they are written in."""

from __future__ import annotations

import asyncio
import codecs
import os
import re
import stat
from dataclasses import replace
from pathlib import Path

from r1tui.domain.attachment import Attachment, AttachmentKind
from r1tui.domain.phrase import Phrase, PhrasedError, phrase
from r1tui.services.small_file import FileError, read_bytes, why

ENCODINGS = {
    "utf-8": "UTF-8",
    "gb18030": "GB18030",
    "latin-1": "Latin-1",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16 BE",
}
"""Python's name of each encoding that is read → the name that is shown, in the order in which a key goes through them."""
LIMIT = 64 << 20
"""Bytes of the largest file that is read."""
_LOOKED_AT = 1 << 16
"""Bytes that the encoding is guessed by; more tell no more."""
_LEAST_UTF16 = 16
"""Bytes of the shortest UTF-16 that is recognised without a mark and without a zero byte in it."""
_BAD_SHARE = 0.02
"""Part of the characters beyond ASCII that may be damaged in UTF-8: a log that was cut within one."""
_SLICE = 1 << 18
"""Bytes that are decoded at a time."""
_CONTROL_SHARE = 0.01
"""Part of a text's bytes that may be control characters."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SIGNATURES = (
    (b"%PDF-", "attachment.pdf"),
    (b"PK\x03\x04", "attachment.zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "attachment.office"),
    (b"\x89PNG\r\n", "attachment.picture"),
    (b"\xff\xd8\xff", "attachment.picture"),
    (b"GIF8", "attachment.picture"),
    (b"\x1f\x8b", "attachment.compressed"),
    (b"\x28\xb5\x2f\xfd", "attachment.compressed"),
    (b"\xfd7zXZ\x00", "attachment.compressed"),
    (b"BZh9", "attachment.compressed"),
    (b"\x7fELF", "attachment.program"),
    (b"GGUF", "attachment.model"),
    (b"SQLite format 3\x00", "attachment.database"),
)
"""How files begin that are no text, and what they are."""
_ASCII = bytes(range(128))
_NO_TEXT = re.compile("[\ud800-\udfff]")
"""Bytes of a file's name that are no UTF-8, as Python tells them."""
_CONTROLS = bytes({*range(32)} - {*b"\t\n\r\f\b\x1b"}) + b"\x7f"


class AttachmentError(PhrasedError):
    """A file cannot be attached: the sentence names it and says why."""


async def read_attachment(path: Path, encoding: str | None = None, limit: int = LIMIT) -> Attachment:
    """A file of text, read off the loop. `encoding`: one of `ENCODINGS`, None to find it out; `limit` in bytes.

    Raises `AttachmentError`.
    """
    return await asyncio.to_thread(_read, path, encoding, limit)


async def recoded(attachment: Attachment) -> Attachment:
    """The same bytes read in the next encoding in which they make text. Raises `AttachmentError` where there is none."""
    return await asyncio.to_thread(_recode, attachment)


def decoded(name: str, raw: bytes, encoding: str | None = None) -> Attachment:
    """Bytes from anywhere as an attachment. Raises `AttachmentError`."""
    if not raw:
        raise _refused(name, phrase("attachment.empty"))
    for signature, words in _SIGNATURES:
        if raw.startswith(signature):
            raise _refused(name, phrase(words))
    found = encoding or _encoding_of(raw)
    if found is None:
        raise _refused(name, phrase("attachment.binary"))
    if encoding is not None and not _decodes(raw, encoding):
        raise _refused(name, phrase("attachment.other_encoding", encoding=ENCODINGS[encoding]))
    text = _text(raw, found, "replace").removeprefix("\ufeff")
    return Attachment(name, text, AttachmentKind.FILE, encoding=found, size=len(raw))


def shown_name(path: Path) -> str:
    """What a file is called towards user and model: its path below the present folder, else its name alone."""
    try:
        near = os.path.relpath(path)
    except OSError:  # the present folder is gone
        near = ".."
    name = path.name or str(path) if near.startswith("..") else near
    return _NO_TEXT.sub("\ufffd", name)


def _read(path: Path, encoding: str | None, limit: int) -> Attachment:
    name = shown_name(path)
    try:
        found = path.stat()
    except OSError as error:
        raise _refused(name, why(error)) from None
    except ValueError:  # no file can have this name
        raise _refused(name, phrase("os.missing")) from None
    mode = found.st_mode
    if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):  # opening it can have effects
        raise _refused(name, phrase("attachment.device"))
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        raise _refused(name, phrase("attachment.pipe"))
    if stat.S_ISREG(mode) and found.st_size > limit:
        raise _refused(name, phrase("attachment.large", megabytes=limit >> 20))
    try:
        raw = read_bytes(path, limit)
    except FileError as error:
        raise _refused(name, error.phrase) from None
    return decoded(name, raw, encoding)


def _refused(name: str, reason: Phrase) -> AttachmentError:
    return AttachmentError(phrase("attachment.unreadable", path=name, reason=reason))


def _encoding_of(raw: bytes) -> str | None:
    """What a text is written in; None for what is no text."""
    for mark, name in _MARKS:
        if raw.startswith(mark):
            return name
    zeros = b"\0" in raw
    if not zeros:
        if len(raw) - len(raw.translate(None, _CONTROLS)) > len(raw) * _CONTROL_SHARE:
            return None
        if _is_utf8(raw):
            return "utf-8"
    candidates = [] if zeros else ["gb18030", "latin-1"]
    if len(raw) % 2 == 0 and (zeros or len(raw) >= _LEAST_UTF16):
        candidates += ["utf-16-le", "utf-16-be"]
    candidates = [name for name in candidates if _decodes(raw, name)]
    return _likeliest(raw, candidates) or ("latin-1" if "latin-1" in candidates else None)


def _is_utf8(raw: bytes) -> bool:
    """Whether this is UTF-8, perhaps with a few damaged characters."""
    bad = _text(raw, "utf-8", "replace").count("\ufffd")
    return not bad or bad <= _BAD_SHARE * len(raw.translate(None, _ASCII))


def _decodes(raw: bytes, name: str) -> bool:
    try:
        _text(raw, name, "strict")
    except UnicodeDecodeError:
        return False
    return True


def _bytes(text: str, name: str) -> bytes:
    """Encode in slices."""
    return b"".join(text[at : at + _SLICE].encode(name, "replace") for at in range(0, len(text), _SLICE))


def _text(raw: bytes, name: str, errors: str) -> str:
    """Decode in slices: in one piece no other thread would run, the app's among them."""
    decoder = codecs.getincrementaldecoder(name)(errors)
    parts = [decoder.decode(raw[at : at + _SLICE]) for at in range(0, len(raw), _SLICE)]
    return "".join([*parts, decoder.decode(b"", True)])


def _likeliest(raw: bytes, candidates: list[str]) -> str | None:
    """The encoding in which a text makes most sense; None where it makes none in any."""
    from charset_normalizer import from_bytes

    if not candidates:
        return None
    end = raw.rfind(b"\n", 0, _LOOKED_AT) if "gb18030" in candidates else _LOOKED_AT - 1
    sample = raw[: end + 1] or raw  # whole lines, so that no character is cut
    best = from_bytes(sample, cp_isolation=candidates, preemptive_behaviour=False).best()
    if best is None:
        return None
    return next(name for name in candidates if codecs.lookup(name) == codecs.lookup(best.encoding))


def _recode(attachment: Attachment) -> Attachment:
    names = list(ENCODINGS)
    present = attachment.encoding if attachment.encoding in ENCODINGS else names[0]
    raw = _bytes(attachment.text, present)
    at = names.index(present)
    for name in [*names[at + 1 :], *names[:at]]:
        if name.startswith("utf-16") and len(raw) % 2:
            continue
        if _decodes(raw, name) and _bytes(text := _text(raw, name, "strict"), name) == raw:
            return replace(attachment, text=text, encoding=name)
    raise AttachmentError(
        phrase("attachment.one_encoding", name=attachment.name, encoding=ENCODINGS[present])
    )
