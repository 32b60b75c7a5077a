"""The engine for Ollama's own API."""

from __future__ import annotations

from collections.abc import Mapping

from r1tui.services.engines.engine import Engine
from r1tui.services.engines.kinds import EngineKind


def _make(url: str, *, headers: Mapping[str, str], verify_tls: bool, options: Mapping[str, object]) -> Engine:
    from r1tui.services.engines.ollama.engine import (
        OllamaEngine,
    )  # its HTTP client is not needed for the first paint

    return OllamaEngine(url, headers=headers, verify_tls=verify_tls)


ENGINE = EngineKind("Ollama, its whole API: models are pulled, loaded and sized", _make)
