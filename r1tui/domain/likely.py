"""How likely a model's candidates for the next token are at a temperature, from their logarithms."""

from __future__ import annotations

import math
from collections.abc import Sequence


def shares(logprobs: Sequence[float], temperature: float) -> list[float]:
    """The share of each candidate among those given, at a temperature: 0 gives all to the likeliest.

    A temperature divides the logarithms. Candidates that are not given would take a part too, the more the higher it
    is: these are shares among the known ones, not probabilities.
    """
    if not logprobs:
        return []
    best = max(logprobs)
    if temperature <= 0:
        first = logprobs.index(best)
        return [1.0 if at == first else 0.0 for at in range(len(logprobs))]
    weights = [math.exp((each - best) / temperature) for each in logprobs]
    return [weight / sum(weights) for weight in weights]


def probabilities(logprobs: Sequence[float]) -> list[float]:
    """The model's own probabilities, the whole vocabulary counted."""
    return [math.exp(min(each, 0.0)) for each in logprobs]
