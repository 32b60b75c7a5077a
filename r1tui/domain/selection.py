"""Which of several installed models answers first, where nothing says what was used before."""

from __future__ import annotations

from collections.abc import Sequence

from r1tui.domain.catalogue import find
from r1tui.domain.model import Model
from r1tui.domain.recommendation import Candidate, Recommendation

_EMBEDDING = ("bert", "nomic-bert", "nomic-bert-moe", "xlmr")
"""Families that turn text into numbers and answer nothing."""


def first_choice(models: Sequence[Model], found: Recommendation | None) -> str:
    """The name of the model to begin with; `""` where there is none.

    A deepseek-r1 that fits comes before another family that fits, the one that is best for this machine before the
    others. Where the machine is not known (`found` is None) a small model is the safe one. Models that run on another
    machine come last: prompts would leave this one.
    """

    def rank(model: Model) -> tuple[bool, bool, bool, bool, int, int]:
        alike = _alike(model, found) if found is not None else None
        fits = alike is not None and alike.verdict.runs
        place = found.candidates.index(alike) if found is not None and alike is not None else 0
        return (
            bool(model.remote_host),
            model.family in _EMBEDDING,
            not fits,
            "deepseek-r1" not in model.name.lower(),
            place,
            -model.size if fits else model.size,
        )

    return min(models, key=rank).name if models else ""


def _alike(model: Model, found: Recommendation) -> Candidate | None:
    """The judged size that is this model, else the smallest that takes as much of the disk; None for a larger one."""
    tag = find(model.name)
    if tag is not None and (same := found.candidate(tag.tag)) is not None:
        return same
    larger = [each for each in found.candidates if each.file_bytes >= model.size * 0.95]
    return min(larger, key=lambda each: each.file_bytes, default=None)
