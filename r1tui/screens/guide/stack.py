"""Live: the selected model's own stack of layers, its parts drawn to the scale of their parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from r1tui.domain.dataclass import dataclass
from r1tui.domain.untrusted import text, whole
from r1tui.locale import count, t
from r1tui.toolkit.cells import fit, pad_start
from r1tui.widgets.bars import share_bar

_BAR_CELLS = 32
_NAME_CELLS = 22
_MOST = 10**13
"""Parameters of no model."""


@dataclass(frozen=True, slots=True)
class Stack:
    """What `/api/show` tells of a model's layers; 0 for what it does not."""

    layers: int
    embedding: int
    heads: int
    kv_heads: int
    feed_forward: int
    context: int
    attention_parameters: int = 0
    """Of all layers."""
    feed_forward_parameters: int = 0
    """Of all layers."""
    other_parameters: int = 0
    """Of the embedding and the output layer."""

    @property
    def parameters(self) -> int:
        """All of them; 0 where the parts are not known."""
        return self.attention_parameters + self.feed_forward_parameters + self.other_parameters


def stack(info: Mapping[str, object]) -> Stack | None:
    """The stack by a model's metadata; None where that tells of no layers."""
    architecture = text(info.get("general.architecture"))

    def value(name: str) -> int:
        return whole(info.get(f"{architecture}.{name}"), 1, 10**9) or 0

    layers, embedding = value("block_count"), value("embedding_length")
    if not layers or not embedding:
        return None
    heads, kv_heads = value("attention.head_count"), value("attention.head_count_kv")
    feed_forward, context = value("feed_forward_length"), value("context_length")
    found = Stack(layers, embedding, heads, kv_heads, feed_forward, context)
    count = whole(info.get("general.parameter_count"), 1, _MOST) or 0
    # Experts and latent attention have other parts than these.
    if not (heads and kv_heads and feed_forward and count) or value("expert_count"):
        return found
    head = value("attention.key_length") or embedding // heads
    attention = layers * 2 * embedding * head * (heads + kv_heads)
    forward = layers * 3 * embedding * feed_forward
    other = count - attention - forward
    if other <= 0:
        return found
    return Stack(layers, embedding, heads, kv_heads, feed_forward, context, attention, forward, other)


def lines(found: Stack | None) -> Iterator[str]:
    """The figures, and the parts from the output down to the tokens."""
    if found is None:
        yield t("live.stack.unknown")
        return
    for key, number in (
        ("live.stack.layers", found.layers),
        ("live.stack.embedding", found.embedding),
        ("live.stack.heads", found.heads),
        ("live.stack.kv_heads", found.kv_heads),
        ("live.stack.feed_forward", found.feed_forward),
        ("live.stack.context", found.context),
    ):
        if number:
            yield f"  {fit(t(key), _NAME_CELLS + 12)} {pad_start(count(number), 9)}"
    if not found.parameters:
        return
    yield ""
    yield t("live.stack.scale", n=f"{found.parameters / 1e9:.2f}")
    yield ""
    for key, parameters in (
        ("live.stack.part_other", found.other_parameters),
        ("live.stack.part_forward", found.feed_forward_parameters),
        ("live.stack.part_attention", found.attention_parameters),
    ):
        share = parameters / found.parameters
        name = fit(t(key, layers=found.layers), _NAME_CELLS)
        yield f"  {name} {share:>6.1%} {pad_start(count(round(parameters / 1e6)), 9)} M  {share_bar(share, _BAR_CELLS)}"
    yield ""
    yield t("live.stack.note")
