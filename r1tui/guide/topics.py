"""What on the screen leads to which entry of the glossary, or chapter: what `?` looks up."""

from __future__ import annotations

from collections.abc import Mapping

PHASES: Mapping[str, str] = {
    "connecting": "connecting",
    "loading": "loading",
    "reading": "prefill",
    "thinking": "reasoning",
    "answering": "answering",
}
"""By `Phase`."""

PARAMETERS: Mapping[str, str] = {
    "temperature": "temperature",
    "top_p": "top-p",
    "top_k": "top-p",
    "min_p": "top-p",
    "num_ctx": "context",
    "num_predict": "token",
    "at_edge": "context",
    "answer_reserve": "context",
    "num_batch": "prefill",
    "num_gpu": "vram",
    "num_thread": "tokens-a-second",
    "repeat_penalty": "loop",
    "repeat_last_n": "loop",
    "presence_penalty": "loop",
    "frequency_penalty": "loop",
    "seed": "seed",
    "keep_alive": "keep-alive",
    "think": "reasoning",
    "reasoning_language": "reasoning",
    "reasoning_budget_tokens": "reasoning",
    "reasoning_budget_seconds": "reasoning",
    "reasoning_told": "reasoning",
    "attachment_limit": "context",
    "attach_pastes": "context",
    "preload": "loading",
    "kv_cache": "kv-cache",
    "models": "model",
    "on_exit": "server",
    "reasoning": "reasoning",
    "model": "model",
    "host": "server",
    "kind": "server",
    "mirror": "registry",
    "system": "system-prompt",
}
"""By the name of a parameter or a setting."""

STATUS: Mapping[str, str] = {
    "model": "model",
    "server": "server",
    "speed": "tokens-a-second",
    "context": "context",
    "reasoning": "reasoning",
    "quantization": "quantization",
}
"""By what the status line, the title or the list of models tells."""

FIGURE: Mapping[str, str] = {
    "verdict": "memory",
    "weights": "quantization",
    "context": "kv-cache",
    "work": "work-memory",
    "allowance": "allowance",
    "total": "memory",
    "have": "memory",
    "have_gpu": "vram",
    "speed": "tokens-a-second",
    "wait": "waiting-time",
    "model": "distillation",
    "scores": "score",
    "contexts": "context",
    "in_memory": "keep-alive",
    "spilt": "vram",
    "memory": "memory",
    "swap": "swap",
    "processor": "bandwidth",
    "gpu": "vram",
    "cache": "kv-cache",
    "disk": "disk",
}
"""By what a figure of the machine, or of the sum behind a recommendation, tells of."""

MODEL = "parameter"
"""A model under the cursor: what its size means."""
FIGURES = "4"
"""The sizes and what they cost, as a whole."""
SERVER_STEP = "2"
"""Setup's first step."""
ANSWER = "3"
"""An answer under the cursor that has ended."""
QUESTION = "token"
OUT_OF_SIGHT = "context"


def parameter(name: str) -> str:
    """The topic of a parameter, or of a setting by its path in the file, such as `chat.num_ctx`; empty for one without."""
    return PARAMETERS.get(name.rpartition(".")[2], "")
