"""The parameters of a model: which there are (`api/types.go` of Ollama), and what each may be."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from r1tui.domain.edge import AtEdge
from r1tui.domain.reasoning_language import ReasoningLanguage
from r1tui.domain.typed import ungrouped
from r1tui.domain.untrusted import number, text, whole

OptionValue = float | int | str

WHOLE = frozenset(
    [
        "num_keep",
        "seed",
        "num_predict",
        "top_k",
        "repeat_last_n",
        "num_ctx",
        "num_batch",
        "num_gpu",
        "main_gpu",
        "num_thread",
    ]
)
FRACTIONS = frozenset(
    ["top_p", "min_p", "typical_p", "temperature", "repeat_penalty", "presence_penalty", "frequency_penalty"]
)
SWITCHES = frozenset(["use_mmap"])
STOP = "stop"
PARAMETERS = WHOLE | FRACTIONS | SWITCHES | {STOP}
"""All names."""
REASONING_LANGUAGE, AT_EDGE, ANSWER_RESERVE = "reasoning_language", "at_edge", "answer_reserve"
ORIGIN = "origin"
"""Id of the conversation that this one goes on from."""
OURS = frozenset([REASONING_LANGUAGE, AT_EDGE, ANSWER_RESERVE, ORIGIN])
"""Names of what a conversation may set beside a model's parameters; no server is sent them."""
_MOST_RESERVE = 1_048_576
_LONGEST_ID = 200
_MOST_WHOLE = 2**31 - 1
"""Ollama hands them to llama.cpp as 32-bit numbers."""
_MOST_SEED = 2**53
"""Ollama reads its options as 64-bit floats, which hold whole numbers up to this one."""
_MOST_FRACTION = 1e6
_AT_LEAST = {"num_ctx": 1, "num_batch": 1, "num_thread": 0, "num_keep": -1, "top_k": 0}
_DECIMAL = re.compile(r"[+-]?[0-9]{1,18}")
_FRACTION = re.compile(r"[+-]?([0-9]{1,18}(\.[0-9]{0,40})?|\.[0-9]{1,40})([eE][+-]?[0-9]{1,3})?")


def option(name: str, value: object) -> OptionValue | None:
    """`value` where the parameter `name` can have it, else None; also for a name that there is not."""
    if name in WHOLE:
        most = _MOST_SEED if name == "seed" else _MOST_WHOLE
        if isinstance(value, float) and not value.is_integer():
            return None
        return whole(value, _AT_LEAST.get(name, -most), most)
    if name in FRACTIONS:
        found = number(value, -_MOST_FRACTION, _MOST_FRACTION)
        return value if found is not None and isinstance(value, int | float) else None
    if name in SWITCHES:
        return value if isinstance(value, bool) else None
    if name == REASONING_LANGUAGE:
        return str(value) if value in tuple(ReasoningLanguage) else None
    if name == ANSWER_RESERVE:
        return whole(value, 0, _MOST_RESERVE)
    if name == AT_EDGE:
        return str(value) if value in tuple(AtEdge) else None
    if name == ORIGIN:
        return text(value)[:_LONGEST_ID] or None
    return text(value) or None if name == STOP else None


def option_from_text(name: str, typed: str) -> OptionValue | None:
    """The same for a value that a person typed or a Modelfile says."""
    typed = typed.strip()
    if name in WHOLE or name == ANSWER_RESERVE:
        typed = ungrouped(typed)
        return option(name, int(typed)) if _DECIMAL.fullmatch(typed) else None
    if name in FRACTIONS:
        found = float(typed) if _FRACTION.fullmatch(typed) else math.nan
        return option(name, found)
    if name in SWITCHES:
        return {"true": True, "false": False}.get(typed.lower())
    return option(name, typed)


def options(value: object) -> dict[str, OptionValue]:
    """The parameters that foreign data states, each with a value that it can have; the others are left out."""
    stated = value if isinstance(value, Mapping) else {}
    read = {name: option(name, each) for name, each in stated.items() if isinstance(name, str)}
    return {name: each for name, each in read.items() if each is not None}
