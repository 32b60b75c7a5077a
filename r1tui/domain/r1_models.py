"""The models that are called DeepSeek-R1, and the rules that DeepSeek gives for each.

The tags of Ollama's library are not one model: `8b` and `latest` are distilled from R1-0528, the other small ones from
the first R1, and the rules differ. Sources: README of deepseek-ai/DeepSeek-R1 ("Model Downloads", "Distilled Model
Evaluation", "Usage Recommendations", "License"); model cards of DeepSeek-R1-0528 and DeepSeek-R1-0528-Qwen3-8B.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from r1tui.domain.dataclass import dataclass
from r1tui.domain.model_name import DEFAULT_NAMESPACE, BadName, parse_name
from r1tui.domain.untrusted import text

README = "github.com/deepseek-ai/DeepSeek-R1 (README)"
_CARDS = "huggingface.co/deepseek-ai/"


@dataclass(frozen=True, slots=True)
class Rules:
    """How DeepSeek advises to ask a model."""

    system_text: bool
    """Whether a system text is supported; where not, instructions belong into the question."""
    open_thinking: bool
    """Whether the answer should be made to begin with `<think>`: the model sometimes skips thinking, and is worse then."""
    evaluation_tokens: int
    """Tokens that an answer could have when DeepSeek measured the scores."""
    temperature: float = 0.6
    top_p: float = 0.95


ORIGINAL = Rules(system_text=False, open_thinking=True, evaluation_tokens=32_768)
"""Of the first R1 and what was distilled from it; also where a model is not known."""
UPDATED = Rules(system_text=True, open_thinking=False, evaluation_tokens=65_536)
"""Of R1-0528 and what was distilled from it."""


@dataclass(frozen=True, slots=True)
class Scores:
    """What DeepSeek published, per cent."""

    gpqa: float
    """GPQA-Diamond, pass@1."""
    aime: float
    """AIME 2024, pass@1."""
    aime_vote: float | None
    """AIME 2024, the majority of 64 answers (cons@64); None where none was published."""
    source: str


@dataclass(frozen=True, slots=True)
class R1Model:
    """One of the models."""

    name: str
    """As DeepSeek calls it."""
    size: str
    """Such as `8b`, the beginning of its tags."""
    tags: tuple[str, ...]
    """Its tags in Ollama's library, or their beginnings before a quantization (`8b-0528-qwen3`)."""
    digests: tuple[str, ...]
    """Beginnings of the digests that these tags have had; a copy under another name keeps its digest."""
    base: str
    """The model that was trained further."""
    architecture: str
    """`general.architecture` of its file."""
    published: str
    """ISO date."""
    base_license: str
    """Licence of the base, where it is another than DeepSeek's own (`LICENSE`)."""
    rules: Rules
    scores: Scores


LICENSE = "MIT"
"""Of everything that DeepSeek adds to a base."""


def _distilled(
    family: str,
    size: str,
    digests: tuple[str, ...],
    base: str,
    base_license: str,
    scores: tuple[float, float, float],
    *more_tags: str,
) -> R1Model:
    gpqa, aime, aime_vote = scores
    return R1Model(
        name=f"DeepSeek-R1-Distill-{family}-{size.upper()}",
        size=size,
        tags=(*more_tags, f"{size}-{family.lower()}-distill"),
        digests=digests,
        base=base,
        architecture="qwen2" if family == "Qwen" else "llama",
        published="2025-01-20",
        base_license=base_license,
        rules=ORIGINAL,
        scores=Scores(gpqa, aime, aime_vote, README),
    )


_APACHE = "Apache 2.0"

MODELS: tuple[R1Model, ...] = (
    _distilled(
        "Qwen",
        "1.5b",
        ("e0979632db5a", "a42b25d8c10a"),
        "Qwen2.5-Math-1.5B",
        _APACHE,
        (33.8, 28.9, 52.7),
        "1.5b",
    ),
    _distilled(
        "Qwen", "7b", ("755ced02ce7b", "0a8c26691023"), "Qwen2.5-Math-7B", _APACHE, (49.1, 55.5, 83.3), "7b"
    ),
    R1Model(
        name="DeepSeek-R1-0528-Qwen3-8B",
        size="8b",
        tags=("8b", "latest", "8b-0528-qwen3"),
        digests=("6995872bfe4c",),
        base="Qwen3-8B-Base",
        architecture="qwen3",
        published="2025-05-29",
        base_license=_APACHE,
        rules=UPDATED,
        scores=Scores(61.1, 86.0, None, _CARDS + "DeepSeek-R1-0528-Qwen3-8B"),
    ),
    # Until Ollama 0.9.0 this was `8b` and `latest`: whoever pulled it then still has it under that name.
    _distilled("Llama", "8b", ("28f8fd6cdc67",), "Llama-3.1-8B", "Llama 3.1", (49.0, 50.4, 80.0)),
    _distilled(
        "Qwen", "14b", ("c333b7232bdb", "ea35dfe18182"), "Qwen2.5-14B", _APACHE, (59.1, 69.7, 80.0), "14b"
    ),
    _distilled(
        "Qwen", "32b", ("edba8017331d", "38056bbcbb2d"), "Qwen2.5-32B", _APACHE, (62.1, 72.6, 83.3), "32b"
    ),
    _distilled(
        "Llama",
        "70b",
        ("d37b54d01a76", "0c1615a8ca32"),
        "Llama-3.3-70B-Instruct",
        "Llama 3.3",
        (65.2, 70.0, 86.7),
        "70b",
    ),
    R1Model(
        name="DeepSeek-R1-0528",
        size="671b",
        tags=("671b", "671b-0528"),
        digests=(),
        base="DeepSeek-V3-Base",
        architecture="deepseek2",
        published="2025-05-28",
        base_license="",
        rules=UPDATED,
        scores=Scores(81.0, 91.4, None, _CARDS + "DeepSeek-R1-0528"),
    ),
    R1Model(
        name="DeepSeek-R1",
        size="671b",
        tags=("671b-fp16", "671b-q4_K_M", "671b-q8_0"),
        digests=(),
        base="DeepSeek-V3-Base",
        architecture="deepseek2",
        published="2025-01-20",
        base_license="",
        rules=ORIGINAL,
        scores=Scores(71.5, 79.8, None, README),
    ),
)


def tagged(tag: str) -> R1Model:
    """The model that a tag of Ollama's library stands for now. Raises `KeyError` for one that there is not."""
    found = _tagged(tag)
    if found is None:
        raise KeyError(tag)
    return found


def identify(
    name: str, *, digest: str = "", architecture: str = "", info: Mapping[str, object] | None = None
) -> R1Model | None:
    """Which of the models an installed one is, by its digest, its tag, or its metadata; None where it is none of them,
    or nothing tells.

    A tag is believed unless the architecture says otherwise. `info`: `model_info` of `/api/show`; `architecture` where
    that was not asked for.
    """
    facts = info or {}
    short = digest.removeprefix("sha256:")[:12]
    by_digest = next((model for model in MODELS if short and short in model.digests), None)
    if by_digest is not None:
        return by_digest
    architecture = (text(facts.get("general.architecture")) or architecture).lower()
    tag = _library_tag(name)
    if tag is not None and (by_tag := _tagged(tag)) is not None:
        if not architecture or by_tag.architecture == architecture:
            return by_tag
        same_size = [model for model in MODELS if model.size == by_tag.size]
        return next((model for model in same_size if model.architecture == architecture), None)
    return _described(name, facts, architecture)


def is_called_r1(name: str) -> bool:
    """Whether a model's name says that it is one of these, or made of one, where nothing else tells what it is."""
    return identify(name) is not None or "deepseekr1" in _letters(name)


def rules_of(model: R1Model | None) -> Rules:
    """The rules for a model, the original ones where it is not known."""
    return model.rules if model is not None else ORIGINAL


def _library_tag(name: str) -> str | None:
    """The tag of a name of Ollama's library, or of its mirror, as servers list it; None for any other name."""
    try:
        parsed = parse_name(name)
    except BadName:
        return None
    library = parsed.namespace == DEFAULT_NAMESPACE and parsed.model.lower() == "deepseek-r1"
    return parsed.tag if library and ":" in name.rpartition("/")[2] else None


def _tagged(tag: str) -> R1Model | None:
    wanted = tag.lower()
    for model in MODELS:
        for each in model.tags:
            beginning = each.lower()
            # Of the short tags none is the beginning of another's: what follows `8b` says which 8b.
            if wanted == beginning or ("-" in beginning and wanted.startswith(beginning + "-")):
                return model
    return None


def _described(name: str, facts: Mapping[str, object], architecture: str) -> R1Model | None:
    """By what the metadata, or a long name of another registry, say in words."""
    said = (
        _letters(*(text(facts.get(f"general.{key}")) for key in ("basename", "finetune", "size_label"))),
        _letters(text(facts.get("general.basename")), text(facts.get("general.size_label"))),
        _letters(text(facts.get("general.name"))),
        _letters(text(facts.get("general.base_model.0.name"))),
        _letters(name.rpartition("/")[2]),
    )
    # The longest first: the name of the first R1 is the beginning of all others, and of what others make of them.
    for model in sorted(MODELS, key=lambda each: -len(each.name)):
        wanted = _letters(model.name)
        telling = bool(architecture) or model.name != "DeepSeek-R1"
        if architecture in ("", model.architecture) and (
            wanted in said or (telling and any(wanted in words for words in said))
        ):
            return model
    if architecture == "qwen3" and any("r10528" in words or "deepseekr1" in words for words in said):
        return tagged("8b")  # the only one on that base
    return None


def _letters(*words: str) -> str:
    return re.sub(r"[^a-z0-9]", "", "".join(words).lower())
