"""Memory and speed of a model, against the figures that the formulas were derived with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from r1tui.domain.catalogue import FULL, TAGS, ModelShape, find, shape_from_info
from r1tui.domain.hardware import GIB
from r1tui.domain.kv_cache import KvCache
from r1tui.domain.sizing import (
    ALLOWANCE,
    gpu_need,
    longer_context,
    need,
    on_both,
    on_cpu,
    on_gpus,
    size_request,
)
from tests.support.machines import card, machine, unified

MIB = 1 << 20
EIGHT = next(tag for tag in TAGS if tag.size == "8b")
TEST_MODEL = ModelShape(98_000_000, 2 * 30 * 3 * 64, 576, 49_152, 8192)
"""SmolLM2-135M, with which the real tests run."""


@pytest.mark.parametrize(
    ("size", "on_cpu", "on_gpu"),
    [
        ("1.5b", (1.80, 1.91, 2.59), (2.3, 2.4, 3.1)),
        ("7b", (5.23, 5.45, 6.79), (5.6, 5.8, 7.2)),
        ("8b", (6.08, 6.65, 10.05), (6.4, 7.0, 10.4)),
        ("14b", (9.77, 10.53, 15.05), (10.0, 10.8, 15.3)),
        ("32b", (20.1, 21.2, 27.2), (20.4, 21.4, 27.4)),
        ("70b", (41.5, 42.7, 50.2), (41.6, 42.8, 50.3)),
    ],
)
def test_a_tag_needs_what_the_table_says(
    size: str, on_cpu: tuple[float, ...], on_gpu: tuple[float, ...]
) -> None:
    tag = find(f"deepseek-r1:{size}")
    assert tag is not None
    contexts = (4096, 8192, 32768)
    assert [need(tag.shape, context).total / GIB for context in contexts] == pytest.approx(on_cpu, abs=0.06)
    assert [gpu_need(tag.shape, context).total / GIB for context in contexts] == pytest.approx(
        on_gpu, abs=0.06
    )


def test_the_full_model_keeps_a_compressed_context() -> None:
    assert FULL.shape.kv_values * 2 == 70_272
    assert need(FULL.shape, 4096).total / GIB == pytest.approx(378, abs=1)


def test_the_test_model_needs_379_mib_without_the_allowance() -> None:
    assert (need(TEST_MODEL, 8192).total - ALLOWANCE) / MIB == pytest.approx(379, abs=1)


def test_a_quantized_context_is_smaller() -> None:
    shape = TAGS[2].shape
    assert need(shape, 8192, kv_bytes=1.06).context == pytest.approx(
        need(shape, 8192).context * 0.53, rel=0.01
    )


def test_parallel_requests_multiply_the_context() -> None:
    shape = TAGS[2].shape
    assert need(shape, 8192, parallel=4).context == 4 * need(shape, 8192).context


def test_a_model_is_known_by_its_metadata() -> None:
    info: dict[str, object] = {
        "general.architecture": "qwen3",
        "qwen3.block_count": 36,
        "qwen3.embedding_length": 4096,
        "qwen3.attention.head_count": 32,
        "qwen3.attention.head_count_kv": 8,
        "qwen3.attention.key_length": 128,
        "qwen3.attention.value_length": 128,
        "qwen3.context_length": 131072,
        "qwen3.vocab_size": 151936,
    }
    shape = shape_from_info(5_225_376_047, info, "deepseek-r1:8b")
    assert shape == TAGS[2].shape


def test_a_head_without_a_stated_length_is_a_part_of_the_embedding() -> None:
    info: dict[str, object] = {
        "general.architecture": "llama",
        "llama.block_count": 30,
        "llama.embedding_length": 576,
        "llama.attention.head_count": 9,
        "llama.attention.head_count_kv": 3,
        "tokenizer.ggml.tokens": None,
    }
    shape = shape_from_info(98_000_000, info)
    assert shape is not None
    assert shape.kv_values == TEST_MODEL.kv_values


def test_kv_heads_may_differ_by_layer() -> None:
    info: dict[str, object] = {
        "general.architecture": "x",
        "x.block_count": 3,
        "x.embedding_length": 256,
        "x.attention.head_count": 4,
        "x.attention.head_count_kv": [4, 0, 2],
    }
    shape = shape_from_info(1000, info)
    assert shape is not None
    assert shape.kv_values == 6 * 128


@pytest.mark.parametrize(
    "info", [{}, {"general.architecture": "x"}, {"general.architecture": "x", "x.block_count": "?"}]
)
def test_metadata_that_does_not_tell_is_no_shape(info: dict[str, object]) -> None:
    assert shape_from_info(1000, info) is None


def test_the_context_to_send_is_8192_where_it_fits_else_4096() -> None:
    shape = TAGS[2].shape
    assert size_request(shape, machine(15.5, 11, 51)) == (8192, 512)
    assert size_request(shape, machine(7.6, 6.4, 30)) == (4096, 512)
    assert size_request(shape, machine(7.6, 3, 30, card(11, 360))) == (8192, 512)
    assert size_request(shape, machine(32, 30, 30, unified(6.5, 68))) == (4096, 512)
    assert size_request(shape, machine(64, 60, 51, remote=True)) == (4096, 512)
    assert size_request(shape, None) == (4096, 512)


def test_the_last_resort_is_asked_for_where_everything_else_would_swap() -> None:
    smallest, larger = TAGS[-1].shape, TAGS[2].shape
    assert size_request(smallest, machine(1.9, 1.55, 12)) == (2048, 128)
    assert size_request(smallest, machine(1.9, 1.85, 12)) == (4096, 512)  # within the reserve
    assert size_request(smallest, machine(0.95, 0.7, 12)) == (4096, 512)  # nothing helps
    assert size_request(larger, machine(7.6, 5.9, 12)) == (2048, 128)


def test_the_context_never_exceeds_what_the_model_knows() -> None:
    shape = ModelShape(98_000_000, 23_040 // 2, 576, 49_152, 2048)
    assert size_request(shape, machine(15.5, 11, 51)) == (2048, 512)


def test_a_context_is_counted_as_the_server_keeps_it_and_as_the_model_lets_it() -> None:
    plain = machine(15.5, 11, 51)
    quantized = replace(plain, kv_cache=KvCache.Q8_0)
    for place in (on_cpu, on_both, on_gpus):
        beside = (card(5.6, 336),) if place is not on_cpu else ()
        full, small = (place(EIGHT.shape, 8192, replace(each, gpus=beside)) for each in (plain, quantized))
        assert full is not None
        assert small is not None
        assert small.need.context == pytest.approx(full.need.context * 0.53, rel=0.01)
    assert on_cpu(FULL.shape, 8192, quantized) == on_cpu(FULL.shape, 8192, plain), "it has other attention"


def test_a_longer_context_is_had_where_it_is_kept_in_less() -> None:
    profile = machine(7.9, 6.7, 60)
    assert longer_context(EIGHT.shape, 4096, profile) == 0
    assert longer_context(EIGHT.shape, 4096, replace(profile, kv_cache=KvCache.Q8_0)) == 8192
    assert size_request(EIGHT.shape, profile)[0] == 4096
    assert size_request(EIGHT.shape, replace(profile, kv_cache=KvCache.Q8_0))[0] == 8192
