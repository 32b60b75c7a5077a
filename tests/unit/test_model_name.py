"""Names of models are read as Ollama reads them."""

from __future__ import annotations

import pytest

from r1tui.domain.model_name import BadName, canonical, parse_name, with_mirror


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("deepseek-r1", "deepseek-r1:latest"),
        (" deepseek-r1:8b ", "deepseek-r1:8b"),
        ("library/deepseek-r1:8b", "deepseek-r1:8b"),
        ("registry.ollama.ai/library/deepseek-r1:8b", "deepseek-r1:8b"),
        ("someone/model", "someone/model:latest"),
        ("127.0.0.1:5000/library/m:t", "127.0.0.1:5000/library/m:t"),
        ("https://host:5000/a/m", "host:5000/a/m:latest"),
        (
            "hf.co/bartowski/DeepSeek-R1-Distill-GGUF:Q4_K_M",
            "hf.co/bartowski/DeepSeek-R1-Distill-GGUF:Q4_K_M",
        ),
        ("modelscope.cn/unsloth/X-GGUF", "modelscope.cn/unsloth/X-GGUF:latest"),
    ],
)
def test_a_name_is_shown_in_its_shortest_full_form(text: str, full: str) -> None:
    assert str(parse_name(text)) == full
    assert str(parse_name(full)) == full


@pytest.mark.parametrize(
    "text", ["", " ", "a b", "a:b:c", "a/b/c/d", "-x", "a/", "m:", "a/b\x1b[2J", "x" * 81, "../etc/passwd"]
)
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(BadName) as caught:
        parse_name(text)
    assert caught.value.phrase.key == "engine.bad_name"


def test_two_spellings_of_one_model_are_equal() -> None:
    assert canonical("DeepSeek-R1") == canonical("registry.ollama.ai/library/deepseek-r1:latest")


def test_a_mirror_serves_bare_names_only() -> None:
    mirror = "https://modelscope.cn/library/"
    assert with_mirror("deepseek-r1:8b", mirror) == "modelscope.cn/library/deepseek-r1:8b"
    assert with_mirror("deepseek-r1:8b", "mirror.example") == "mirror.example/library/deepseek-r1:8b"
    assert with_mirror("hf.co/a/b", mirror) == "hf.co/a/b:latest"
    assert with_mirror("someone/model:1", mirror) == "someone/model:1"
    assert with_mirror("deepseek-r1:8b", "") == "deepseek-r1:8b"
