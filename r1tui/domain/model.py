"""Models on a server, and their download."""

from __future__ import annotations

import re
from dataclasses import field

from r1tui.domain.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Model:
    """A model that is installed on the server."""

    name: str
    """Full name with tag, such as `deepseek-r1:8b`."""
    size: int = 0
    """Bytes on disk."""
    quantization: str = ""
    parameters: str = ""
    """Parameter count as the server words it, such as `8.2B`."""
    family: str = ""
    digest: str = ""
    modified: str = ""
    """ISO time of the last change."""
    thinks: bool | None = None
    """Whether it has the `thinking` capability; None while unknown."""
    context_length: int = 0
    """Tokens of the longest context that it was made for; 0 while unknown."""
    remote_host: str = ""
    """Where it runs, when the server only passes prompts on (Ollama's cloud models); empty for its own models."""

    @property
    def levels(self) -> bool:
        """Whether how much it thinks can be chosen, not only whether: Ollama knows that of one family alone."""
        return self.family.replace("-", "") == "gptoss"


@dataclass(frozen=True, slots=True)
class RunningModel:
    """A model in the server's memory (`/api/ps`)."""

    name: str
    size: int
    """Bytes in use, GPU and CPU together."""
    size_vram: int
    """Bytes of these on GPUs."""
    context_length: int
    expires: float | None
    """Seconds since the epoch at which it unloads; None when never or unknown."""

    @property
    def gpu_share(self) -> float:
        """Part of the model on GPUs, from 0 to 1."""
        return self.size_vram / self.size if self.size else 0.0


@dataclass(frozen=True, slots=True)
class ModelDetails:
    """What `/api/show` tells of a model."""

    name: str
    capabilities: tuple[str, ...] | None = ()
    """What it can do; None where the server does not tell."""
    template: str = ""
    system: str = ""
    license: str = ""
    parameters: str = ""
    """PARAMETER lines of its Modelfile."""
    modelfile: str = ""
    family: str = ""
    parameter_size: str = ""
    quantization: str = ""
    info: dict[str, object] = field(default_factory=dict)
    """GGUF metadata, such as `qwen3.block_count`."""
    examples: tuple[str, ...] = ()
    """Messages that its Modelfile puts before every conversation."""

    @property
    def thinks(self) -> bool | None:
        """Whether it can be asked to think; None where the server does not tell."""
        return None if self.capabilities is None else "thinking" in self.capabilities

    @property
    def weights(self) -> str:
        """The file of its weights on the server, as its Modelfile's first FROM names it; "" where unknown."""
        found = re.search(r"^FROM (.*sha256-[0-9a-f]{64})$", self.modelfile, re.MULTILINE)
        return found[1] if found else ""


@dataclass(slots=True)
class PullProgress:
    """Progress of one download as one bar that never goes back (see `advance`)."""

    name: str
    layers: dict[str, tuple[int, int]] = field(default_factory=dict)
    """digest → (completed, total) bytes, completed only ever growing."""
    stage: str = "manifest"
    """`manifest`, `layer`, `verifying`, `writing`, `cleaning`, `done`."""
    layer: str = ""
    """Digest of the layer that moved last."""

    @property
    def completed(self) -> int:
        """Bytes here so far."""
        return sum(done for done, _ in self.layers.values())

    @property
    def total(self) -> int:
        """Bytes known to be needed so far."""
        return sum(total for _, total in self.layers.values())

    def advance(self, digest: str, completed: int, total: int) -> None:
        """Take a tick of one layer. A smaller `completed` than before is ignored: a retried part is not progress undone."""
        before = self.layers.get(digest, (0, 0))
        total = max(total, before[1])
        self.layers[digest] = (
            min(max(completed, before[0]), total) if total else max(completed, before[0]),
            total,
        )
        self.stage = "layer"
        self.layer = digest

    def finish(self) -> None:
        """The server has said that all is there: whether it sent a layer's last figure before is its own affair."""
        self.layers = {digest: (total or done, total) for digest, (done, total) in self.layers.items()}
        self.stage = "done"
