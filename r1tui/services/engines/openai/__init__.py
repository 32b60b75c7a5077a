"""OpenAI's `/v1/chat/completions`, as vLLM, SGLang and llama.cpp's server speak it."""

from __future__ import annotations

from collections.abc import Mapping

from r1tui.services.engines.engine import Engine
from r1tui.services.engines.kinds import EngineKind


def _make(url: str, *, headers: Mapping[str, str], verify_tls: bool, options: Mapping[str, object]) -> Engine:
    from r1tui.services.engines.openai.engine import (
        OpenAIEngine,
    )  # its HTTP client is not needed for the first paint

    return OpenAIEngine(url, headers=headers, verify_tls=verify_tls)


ENGINE = EngineKind(
    "vLLM, SGLang, llama.cpp's server and others, by `/v1/chat/completions`: chat only", _make
)
