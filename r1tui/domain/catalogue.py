"""The deepseek-r1 tags, and what of a model decides its memory and speed.

File sizes are the weight layers of Ollama's library; architecture figures are those of the GGUF metadata
(`/api/show`) and of the base models' published configurations (Qwen2.5, Qwen3, Llama 3.3, DeepSeek-V3).
Which model a tag is, and what DeepSeek says of it, stands in `r1_models.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

from r1tui.domain.dataclass import dataclass
from r1tui.domain.r1_models import R1Model, tagged
from r1tui.domain.untrusted import text, whole

_EMBEDDING_BITS = 4.5
"""Bits a weight of the token embedding in Q4_K and Q4_0: 32 weights of 4 bits share 16 bits of scale."""
_UNKNOWN_VOCABULARY = 152_064


@dataclass(frozen=True, slots=True)
class ModelShape:
    """What sizing needs to know of a model, whichever it is."""

    file_bytes: int
    kv_values: int
    """Numbers kept in the context cache for each token: keys and values of all layers."""
    hidden: int
    """Embedding length."""
    vocabulary: int
    context_length: int = 131_072
    """Longest context that the model was trained for, in tokens."""
    name: str = ""
    quantizable: bool = True
    """Whether its context can be kept in less than f16: flash attention wants keys and values of one length."""

    @property
    def embedding_bytes(self) -> int:
        """Bytes of the token embedding, which stays on the CPU and is not read whole for a token."""
        return min(int(self.hidden * self.vocabulary * _EMBEDDING_BITS / 8), self.file_bytes // 2)


@dataclass(frozen=True, slots=True)
class Tag:
    """One size of deepseek-r1."""

    size: str
    """Such as `8b`."""
    shape: ModelShape
    floor: float
    """Tokens a second below which reading its answers is a test of patience."""

    @property
    def tag(self) -> str:
        """The name to pull, such as `deepseek-r1:8b`."""
        return f"deepseek-r1:{self.size}"

    @property
    def model(self) -> R1Model:
        """Which model it is, with its rules and scores."""
        return tagged(self.size)


def _tag(
    size: str,
    file_bytes: int,
    layers: int,
    kv_heads: int,
    hidden: int,
    vocabulary: int,
    floor: float,
) -> Tag:
    values = 2 * layers * kv_heads * 128  # every distilled base has heads of 128
    return Tag(size, ModelShape(file_bytes, values, hidden, vocabulary, name=f"deepseek-r1:{size}"), floor)


TAGS: tuple[Tag, ...] = (
    _tag("70b", 42_520_397_704, 80, 8, 8192, 128_256, 10),
    _tag("32b", 19_851_337_809, 64, 8, 5120, 152_064, 10),
    _tag("8b", 5_225_376_047, 36, 8, 4096, 151_936, 5),
    _tag("14b", 8_988_112_209, 48, 8, 5120, 152_064, 10),
    _tag("7b", 4_683_075_440, 28, 4, 3584, 152_064, 5),
    _tag("1.5b", 1_117_322_768, 28, 2, 1536, 151_936, 3),
)
"""The sizes for one machine, best answers first (GPQA-Diamond, save that 8b before 14b costs half the
memory).
"""

FULL = Tag(
    "671b",
    # Multi-head latent attention keeps 512 compressed numbers and 64 of position for each of 61 layers.
    ModelShape(404_430_188_519, 61 * 576, 7168, 129_280, 163_840, "deepseek-r1:671b", quantizable=False),
    10,
)
"""The undistilled model: servers only, never recommended."""


def find(name: str) -> Tag | None:
    """The tag that a model's name stands for, such as `deepseek-r1:8b`; None for any other model."""
    for tag in (*TAGS, FULL):
        if name == tag.tag:
            return tag
    return TAGS[2] if name in ("deepseek-r1", "deepseek-r1:latest") else None


def _number(value: object) -> int | None:
    """A whole number above zero, of foreign data; no model comes near the bound, and the product of five such numbers
    is still a number of bytes that a float can hold."""
    return whole(value, 1, 10**9)


def longest_context(info: Mapping[str, object]) -> int:
    """Tokens of the longest context that a model was made for, from its GGUF metadata; 0 where that does not tell."""
    return _number(info.get(f"{text(info.get('general.architecture'))}.context_length")) or 0


def shape_from_info(file_bytes: int, info: Mapping[str, object], name: str = "") -> ModelShape | None:
    """The shape of an installed model from its GGUF metadata (`model_info` of `/api/show`); None where that
    is not enough.

    Window and state-space layers, which keep less, are counted as full attention: the figure is never too
    small.
    """
    architecture = text(info.get("general.architecture"))

    def value(key: str) -> object:
        return info.get(f"{architecture}.{key}")

    layers, hidden = _number(value("block_count")), _number(value("embedding_length"))
    if not layers or not hidden:
        return None
    latent = _number(value("attention.kv_lora_rank"))
    quantizable = not latent
    if latent:
        values = layers * (latent + (_number(value("rope.dimension_count")) or 64))
    else:
        heads = value("attention.head_count")
        counts = map(_number, heads if isinstance(heads, list) else [heads])
        query_heads = max((count for count in counts if count), default=1)
        head = hidden // query_heads
        key_length = _number(value("attention.key_length")) or head
        value_length = _number(value("attention.value_length")) or head
        quantizable = key_length == value_length
        kv = value("attention.head_count_kv")
        kv_heads = (
            sum(_number(count) or 0 for count in kv)
            if isinstance(kv, list)
            else layers * (_number(kv) or query_heads)
        )
        values = kv_heads * (key_length + value_length)
    tokens = info.get("tokenizer.ggml.tokens")
    vocabulary = _number(value("vocab_size")) or (len(tokens) if isinstance(tokens, list) and tokens else 0)
    context = _number(value("context_length")) or 131_072
    return ModelShape(
        file_bytes, values, hidden, vocabulary or _UNKNOWN_VOCABULARY, context, name, quantizable
    )
