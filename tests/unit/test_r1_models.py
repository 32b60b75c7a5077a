"""Which of DeepSeek's models an installed one is, and what holds for it."""

from __future__ import annotations

import pytest

from r1tui.domain.catalogue import FULL, TAGS
from r1tui.domain.r1_models import MODELS, ORIGINAL, UPDATED, identify, rules_of, tagged

LLAMA_8B = "DeepSeek-R1-Distill-Llama-8B"
QWEN3_8B = "DeepSeek-R1-0528-Qwen3-8B"


@pytest.mark.parametrize(
    ("tag", "model", "system_text"),
    [
        ("1.5b", "DeepSeek-R1-Distill-Qwen-1.5B", False),
        ("7b", "DeepSeek-R1-Distill-Qwen-7B", False),
        ("8b", QWEN3_8B, True),
        ("latest", QWEN3_8B, True),
        ("8b-0528-qwen3-q8_0", QWEN3_8B, True),
        ("8b-llama-distill-q4_K_M", LLAMA_8B, False),
        ("14b-qwen-distill-fp16", "DeepSeek-R1-Distill-Qwen-14B", False),
        ("32b", "DeepSeek-R1-Distill-Qwen-32B", False),
        ("70b", "DeepSeek-R1-Distill-Llama-70B", False),
        ("671b", "DeepSeek-R1-0528", True),
        ("671b-0528-q4_K_M", "DeepSeek-R1-0528", True),
        ("671b-q4_K_M", "DeepSeek-R1", False),
    ],
)
def test_a_tag_of_the_library_says_which_model_and_whose_rules(
    tag: str, model: str, system_text: bool
) -> None:
    for name in (f"deepseek-r1:{tag}", f"modelscope.cn/library/deepseek-r1:{tag}"):
        found = identify(name)
        assert found is not None
        assert found.name == model
        assert found.rules.system_text is system_text


def test_an_8b_that_was_pulled_before_the_update_is_the_model_that_it_was_then() -> None:
    old = identify("deepseek-r1:8b", architecture="llama")
    by_digest = identify(
        "deepseek-r1:8b", digest="sha256:28f8fd6cdc677661426adab9338ce3c0", architecture="llama"
    )
    assert old is not None
    assert old.name == LLAMA_8B
    assert old is by_digest
    assert rules_of(old) is ORIGINAL


@pytest.mark.parametrize(
    "name",
    [
        "huihui_ai/deepseek-r1-abliterated:8b-0528-qwen3",
        "deepseek-r1",
        "hf.co/bartowski/deepseek-ai_DeepSeek-R1-0528-Qwen3-8B-GGUF:Q4_K_M",
    ],
)
def test_an_r1_on_qwen3_is_the_only_one_there_is(name: str) -> None:
    found = identify(name, architecture="qwen3")
    assert found is not None
    assert found.name == QWEN3_8B


def test_a_copy_under_another_name_is_known_by_its_digest() -> None:
    found = identify("mine:latest", digest="6995872bfe4c521a67b32da386cd21d5c6e819b6e0d62f79f64ec83be99f5763")
    assert found is not None
    assert found.name == QWEN3_8B


@pytest.mark.parametrize(
    ("info", "model"),
    [
        (
            {
                "general.architecture": "qwen3",
                "general.basename": "DeepSeek-R1-0528-Qwen3",
                "general.size_label": "8B",
            },
            QWEN3_8B,
        ),
        ({"general.architecture": "qwen3", "general.finetune": "R1-0528", "general.basename": "x"}, QWEN3_8B),
        (
            {
                "general.architecture": "qwen2",
                "general.basename": "DeepSeek-R1",
                "general.finetune": "Distill-Qwen",
                "general.size_label": "7B",
            },
            "DeepSeek-R1-Distill-Qwen-7B",
        ),
        ({"general.architecture": "llama", "general.name": "DeepSeek R1 Distill Llama 8B"}, LLAMA_8B),
        ({"general.architecture": "deepseek2", "general.name": "DeepSeek R1 0528"}, "DeepSeek-R1-0528"),
        ({"general.architecture": "deepseek2", "general.name": "DeepSeek R1"}, "DeepSeek-R1"),
        ({"general.architecture": "qwen3", "general.name": "Qwen3 8B"}, None),
        ({"general.architecture": "qwen2", "general.name": "DeepSeek R1"}, None),
        (
            {
                "general.architecture": 7,
                "general.name": ["DeepSeek R1 0528 Qwen3 8B"],
                "general.basename": None,
            },
            None,
        ),
        ({}, None),
    ],
)
def test_an_unknown_name_is_told_by_its_metadata(info: dict[str, object], model: str | None) -> None:
    found = identify("somebody/mine:latest", info=info)
    assert (found.name if found else None) == model
    assert rules_of(found) is (found.rules if found else ORIGINAL)


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("hf.co/unsloth/DeepSeek-R1-0528-Qwen3-8B-GGUF:Q4_K_M", QWEN3_8B),
        ("deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B", "DeepSeek-R1-Distill-Qwen-1.5B"),
        ("DeepSeek-R1-Distill-Llama-70B-Q4_K_M.gguf", "DeepSeek-R1-Distill-Llama-70B"),
        ("deepseek-r1", "DeepSeek-R1"),
        ("deepseek-ai/DeepSeek-R1-0528", "DeepSeek-R1-0528"),
        ("somebody/deepseek-r1-small:7b", None),
        ("r1-test:135m", None),
        ("deepseek-r1:13b", None),
        ("not a name", None),
    ],
)
def test_a_name_of_another_registry_or_server_says_it_in_words(name: str, model: str | None) -> None:
    found = identify(name)
    assert (found.name if found else None) == model


def test_what_dates_and_scores_say_is_one_table_for_all_sizes() -> None:
    assert {tag.model.name for tag in (*TAGS, FULL)} == {tagged(tag.size).name for tag in (*TAGS, FULL)}
    for model in MODELS:
        assert model.rules is (UPDATED if "0528" in model.name else ORIGINAL)
        assert model.published == ("2025-01-20" if model.rules is ORIGINAL else model.published)
        assert 0 < model.scores.gpqa < 100
        assert model.scores.source
        assert (model.scores.aime_vote or 100) > model.scores.aime
    assert tagged("8b").scores.aime == 86.0, "not the figure of the old 8b"
    assert tagged("671b").scores.gpqa == 81.0, "not the figure of the first R1"
    with pytest.raises(KeyError):
        tagged("9b")
