"""A GGUF file of this machine becomes a model of the server, without the internet."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Protocol, runtime_checkable

from r1tui.domain.model import PullProgress
from r1tui.domain.model_name import parse_name
from r1tui.domain.modelfile import Modelfile, create_fields
from r1tui.domain.phrase import phrase
from r1tui.domain.r1_models import ORIGINAL
from r1tui.services.engines.engine import EngineError, RequestRefused, ServerUnreachable, WrongDigest
from r1tui.services.models.gguf import GgufFacts, NotGguf, read_facts
from r1tui.services.small_file import why

_CHUNK = 4 * 1024 * 1024
_TELL_SECONDS = 0.2
_READING = "file"

R1_TEMPLATE = (
    "{{- if .System }}{{ .System }}{{ end }}"
    "{{- range $i, $_ := .Messages }}"
    "{{- $last := eq (len (slice $.Messages $i)) 1 }}"
    '{{- if eq .Role "user" }}<｜User｜>{{ .Content }}'
    '{{- else if eq .Role "assistant" }}<｜Assistant｜>'
    "{{- if and $.IsThinkSet $last .Thinking }}<think>\n{{ .Thinking }}\n</think>\n\n{{ end }}{{ .Content }}"
    "{{- if not $last }}<｜end▁of▁sentence｜>{{ end }}{{ end }}"
    '{{- if and $last (ne .Role "assistant") }}<｜Assistant｜>'
    "{{- if and $.IsThinkSet (not $.Think) }}<think>\n\n</think>\n\n{{ else }}<think>\n{{ end }}{{ end }}{{ end }}"
)
"""DeepSeek-R1's turns in Ollama's template language.

It prints `.Thinking`, from which Ollama infers the capability and the tags; it opens the reasoning, as DeepSeek advises
(README of DeepSeek-R1, "usage recommendations"); and it leaves a last message of the assistant open, so that an
answer can be continued, or given at once from the reasoning so far.
"""
R1_PARAMETERS: dict[str, float | int | bool | str | list[str]] = {
    "temperature": ORIGINAL.temperature,
    "top_p": ORIGINAL.top_p,
    "stop": ["<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜User｜>", "<｜Assistant｜>"],
}
"""DeepSeek's advice for sampling, and its own special tokens as ends."""


@runtime_checkable
class Importer(Protocol):
    """What an import needs of an engine."""

    async def has_blob(self, digest: str) -> bool: ...

    async def upload_blob(self, digest: str, content: AsyncIterator[bytes], size: int) -> None: ...

    def create(self, name: str, fields: dict[str, object]) -> AsyncGenerator[str]: ...


class ImportFailed(EngineError):
    """The file cannot become a model; nothing was made of it."""


def looks_like_r1(facts: GgufFacts) -> bool:
    """Whether it is a DeepSeek-R1 or one of its distills: they share DeepSeek's turn tokens, whatever their base."""
    name = facts.name.lower()
    return "<｜Assistant｜>" in facts.chat_template or ("deepseek" in name and "r1" in name)


async def suggestion(path: Path) -> Modelfile:
    """A Modelfile for the file: DeepSeek's template and parameters for an R1, otherwise what Ollama detects itself.

    Raises `ImportFailed`.
    """
    try:
        facts = await asyncio.to_thread(read_facts, path)
    except NotGguf:
        raise ImportFailed(phrase("import.not_gguf", path=str(path))) from None
    except OSError as error:
        raise _unreadable(path, error) from None
    if looks_like_r1(facts):
        return Modelfile(str(path), dict(R1_PARAMETERS), R1_TEMPLATE)
    return Modelfile(str(path))


async def import_gguf(
    engine: Importer, path: Path, name: str, modelfile: Modelfile | None = None
) -> AsyncGenerator[PullProgress]:
    """Read the file's digest, upload what the server lacks, make the model. Yields one growing object; ends at `done`.

    `modelfile` None stands for `suggestion(path)`; its FROM is not looked at. The file is read twice, so it counts
    twice in the total. Raises `BadName`, and `EngineError`s: `ImportFailed` for what is wrong with the file.
    """
    name = str(parse_name(name))
    chosen = modelfile or await suggestion(path)
    progress = PullProgress(name)
    try:
        size = (await asyncio.to_thread(path.stat)).st_size
        hasher = hashlib.sha256()
        progress.advance("upload", 0, size)
        async for chunk in _chunks(path):
            await asyncio.to_thread(hasher.update, chunk)
            progress.advance(_READING, progress.layers.get(_READING, (0, 0))[0] + len(chunk), size)
            progress.stage = "verifying"
            yield progress
    except OSError as error:
        raise _unreadable(path, error) from None
    digest = f"sha256:{hasher.hexdigest()}"
    if not await engine.has_blob(digest):
        async with aclosing(_upload(engine, path, digest, size, progress)) as steps:
            async for _ in steps:
                yield progress
    progress.advance("upload", size, size)
    progress.stage = "writing"
    yield progress
    fields = create_fields(replace(chosen, source="./file.gguf"))  # no `from`: the files stand for it
    fields["files"] = {path.name if path.suffix.lower() == ".gguf" else f"{path.name}.gguf": digest}
    async with aclosing(engine.create(name, fields)) as words:
        async for _ in words:
            yield progress
    progress.stage = "done"
    yield progress


async def _upload(
    engine: Importer, path: Path, digest: str, size: int, progress: PullProgress
) -> AsyncGenerator[None]:
    sent = 0

    async def content() -> AsyncIterator[bytes]:
        nonlocal sent
        async for chunk in _chunks(path):
            yield chunk
            sent += len(chunk)

    task = asyncio.create_task(engine.upload_blob(digest, content(), size))
    try:
        while not task.done():
            await asyncio.wait({task}, timeout=_TELL_SECONDS)
            progress.advance("upload", sent, size)
            yield
        await task
    except WrongDigest:
        raise ImportFailed(phrase("import.changed", path=str(path))) from None
    except RequestRefused as error:
        raise ImportFailed(error.phrase) from None
    except ServerUnreachable:
        # A server that answers in the middle and hangs up is not heard over what is still sent.
        await engine.has_blob(digest)  # raises where it is away indeed
        raise ImportFailed(phrase("import.broken_off", path=str(path))) from None
    except OSError as error:
        raise _unreadable(path, error) from None
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _chunks(path: Path) -> AsyncGenerator[bytes]:
    file: BinaryIO = await asyncio.to_thread(path.open, "rb", 0)
    try:
        while chunk := await asyncio.to_thread(file.read, _CHUNK):
            yield chunk
    finally:
        file.close()


def _unreadable(path: Path, error: OSError) -> ImportFailed:
    return ImportFailed(phrase("import.unreadable", path=str(path), reason=why(error)))
