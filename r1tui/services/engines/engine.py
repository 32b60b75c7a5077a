"""The one interface to whatever serves models, and how it fails."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Protocol, runtime_checkable

from r1tui.domain.chat import ChatRequest
from r1tui.domain.model import Model, ModelDetails, PullProgress, RunningModel
from r1tui.domain.phrase import PhrasedError
from r1tui.domain.stream import Alternatives, StreamEvent


class EngineError(PhrasedError):
    """Anything that went wrong with a server. `phrase` is one sentence for the user."""


class ServerUnreachable(EngineError):
    """No server answers at the address."""


class ModelMissing(EngineError):
    """The server does not have the model (any more)."""


class NotEnoughMemory(EngineError):
    """The server refused, or failed, to load the model for want of memory."""


class StreamCut(EngineError):
    """The stream ended before the server said that it was done."""


class RequestRefused(EngineError):
    """The server answered with another error; the phrase carries its cleaned words."""


class NotAllowed(RequestRefused):
    """The server, or a proxy before it, wants a key or refuses this one."""


class ThinkingUnsupported(RequestRefused):
    """The model was asked to think and cannot."""


class PromptTooLong(RequestRefused):
    """The prompt does not fit into the context, and the server shortens nothing by itself."""


class HostError(EngineError):
    """An address, a header or a proxy of the settings or the environment cannot be used; nothing was sent."""


class RegistryUnreachable(EngineError):
    """The server could not reach the registry, or lost it: trying again may help."""


class InsecureRegistry(EngineError):
    """The registry speaks without TLS and the user has not allowed that."""


class DiskFull(EngineError):
    """The disk of the server is full."""


class WrongDigest(EngineError):
    """What was downloaded is not what the registry promised; the server threw it away."""


@runtime_checkable
class Engine(Protocol):
    """A server that answers. All methods raise only `EngineError`s, and end at once when cancelled."""

    url: str
    local: bool
    """Whether the server is on this machine (loopback)."""
    sizes_context: bool
    """Whether a request says how long the context is; where not, the server was started with one."""

    async def version(self) -> str:
        """The server's version, `""` where it has none."""
        ...

    async def models(self) -> list[Model]:
        """Installed models, the server's order."""
        ...

    async def details(self, name: str) -> ModelDetails:
        """What the server knows of a model. Raises `ModelMissing`."""
        ...

    async def running(self) -> list[RunningModel]:
        """Models in memory now; empty where the server does not tell."""
        ...

    def chat(self, request: ChatRequest) -> AsyncIterator[StreamEvent]:
        """Stream one answer: phases and deltas, then exactly one `AnswerEnded`. Closing the iterator closes the request."""
        ...

    async def close(self) -> None:
        """Release the connections to the server."""
        ...


@runtime_checkable
class PromptCounter(Protocol):
    """An engine whose server may count a prompt's tokens before it is asked (llama.cpp's)."""

    async def count_prompt(self, request: ChatRequest) -> int | None:
        """Tokens of the request's turns as the model reads them; None where the server does not tell."""
        ...


@runtime_checkable
class OpensThinking(Protocol):
    """An engine that can begin an answer with `<think>` for the model (`ChatRequest.opens_thinking`)."""

    async def opens_thinking(self, request: ChatRequest) -> bool:
        """Whether the answer to this request is begun so."""
        ...


@runtime_checkable
class EndsReasoning(Protocol):
    """An engine whose server may end the reasoning of an answer that it writes (llama.cpp's)."""

    async def end_reasoning(self, answer: str) -> bool:
        """Have the model answer now, in the same stream; `answer` as the stream has named it (`AnswerNamed`). False
        where the server does not."""
        ...


@runtime_checkable
class Predicts(Protocol):
    """An engine that can tell how likely tokens are to come after any beginning of a text."""

    async def likeliest(self, request: ChatRequest, beginning: str, number: int) -> Alternatives | None:
        """The `number` likeliest next tokens, by the request's model and options; its turns are ignored. None where the
        server does not tell."""
        ...


@runtime_checkable
class CountsText(Protocol):
    """An engine that counts the tokens of any text, and knows the model's vocabulary (Ollama)."""

    async def count_text(self, request: ChatRequest, words: str) -> int | None:
        """Tokens of a text as it is, with those that the server puts before it, by the request's model and options; makes
        one token. None where the server does not tell."""
        ...

    async def lists(self, name: str) -> Mapping[str, object]:
        """A model's metadata with its long lists, the vocabulary among them: several megabytes."""
        ...


@runtime_checkable
class CutsText(Protocol):
    """An engine whose server cuts a text into tokens by itself (llama.cpp's)."""

    async def cut_text(self, name: str, words: str) -> list[bytes] | None:
        """The tokens of a text, with none added; None where the server does not tell."""
        ...


@runtime_checkable
class CloudAware(Protocol):
    """An engine whose server may ask ollama.com by itself (Ollama)."""

    async def cloud(self) -> bool | None:
        """Whether it does; None where the server does not tell."""
        ...


@runtime_checkable
class ModelManager(Protocol):
    """An engine that can also change which models there are (Ollama)."""

    def pull(self, name: str, *, insecure: bool = False) -> AsyncIterator[PullProgress]:
        """Download or resume a model; yields the same growing object, ends after stage `done`."""
        ...

    def create(self, name: str, fields: dict[str, object]) -> AsyncIterator[str]:
        """Make a model from the fields of `/api/create` (`domain.modelfile.create_fields`); yields the server's words."""
        ...

    def push(self, name: str, *, insecure: bool = False) -> AsyncIterator[PullProgress]:
        """Upload a model to the registry that its name says."""
        ...

    async def load(self, request: ChatRequest) -> None:
        """Read the model into memory with the request's options and keep-alive; its turns are ignored."""
        ...

    async def unload(self, name: str) -> None:
        """Free the model's memory."""
        ...

    async def copy(self, source: str, destination: str) -> None:
        """Give a model a second name."""
        ...

    async def delete(self, name: str) -> None:
        """Remove a name, and its files when no other name needs them."""
        ...
