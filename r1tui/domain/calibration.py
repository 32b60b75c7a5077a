"""What real answers taught about this machine's speed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from types import MappingProxyType

from r1tui.domain.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Calibration:
    """Bandwidth in effect, in bytes a second: tokens a second times bytes read for a token, so efficiency
    is inside.
    """

    cpu: float | None = None
    """Of answers that the CPU made alone; None before the first."""
    gpu: float | None = None
    """Of answers made wholly on the GPUs."""
    cpu_models: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    """The same for each model that has answered: for itself it beats what others taught."""
    gpu_models: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def effective(self, processor: str, model: str) -> float | None:
        """Bandwidth in effect for `model` on `processor` (`cpu` or `gpu`)."""
        own, general = (self.cpu_models, self.cpu) if processor == "cpu" else (self.gpu_models, self.gpu)
        return own.get(model, general)

    def answered(self, processor: str, model: str) -> bool:
        """Whether `model` itself has answered on `processor`."""
        return model in (self.cpu_models if processor == "cpu" else self.gpu_models)


PLAUSIBLE = 20e12
"""Bytes a second beyond which no memory is read: two and a half times the fastest GPU of 2025 (B200, 8 TB/s). What
claims more is no model."""


def bandwidth_in_effect(bytes_per_token: float, tokens: int, seconds: float) -> float | None:
    """What one answer teaches; None where it was too short to tell (under 16 tokens, or no time given), or is absurd."""
    if tokens < 16 or seconds <= 0:
        return None
    bandwidth = bytes_per_token * tokens / seconds
    return bandwidth if bandwidth <= PLAUSIBLE else None
