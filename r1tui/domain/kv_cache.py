"""How a server keeps the keys and values of the context, which is what a context costs in memory."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

FLASH_ATTENTION, KV_CACHE_TYPE = "OLLAMA_FLASH_ATTENTION", "OLLAMA_KV_CACHE_TYPE"
"""Ollama's variables. Without the first it keeps f16, whatever the second says."""
_TRUE = frozenset(["1", "t", "true"])


class KvCache(StrEnum):
    """The type of each number kept."""

    F16 = "f16"
    Q8_0 = "q8_0"
    Q4_0 = "q4_0"

    @property
    def bytes(self) -> float:
        """Of memory, for each number; the quantized types share a scale among 32."""
        return {KvCache.F16: 2.0, KvCache.Q8_0: 1.06, KvCache.Q4_0: 0.56}[self]

    def environment(self) -> dict[str, str]:
        """What has Ollama keep it so; nothing for f16, which is what it does by itself."""
        return {} if self is KvCache.F16 else {FLASH_ATTENTION: "1", KV_CACHE_TYPE: self.value}

    @classmethod
    def of_environment(cls, environ: Mapping[str, str]) -> KvCache:
        """What an Ollama with these variables keeps."""
        wanted = environ.get(KV_CACHE_TYPE, "").strip().strip("\"'").lower()
        on = environ.get(FLASH_ATTENTION, "").strip().strip("\"'").lower() in _TRUE
        return cls(wanted) if on and wanted in tuple(cls) else cls.F16
