"""Which model answers first."""

from __future__ import annotations

import itertools

import pytest

from r1tui.domain.model import Model
from r1tui.domain.recommendation import recommend
from r1tui.domain.selection import first_choice
from tests.support.machines import machine

GB = 10**9
MACHINE = recommend(machine(15.5, 12, 51))
MINE = Model("r1-test:135m", 98_000_000, family="llama")
SMALL = Model("deepseek-r1:1.5b", 1_117_322_768, family="qwen2")
BEST = Model("deepseek-r1:8b", 5_225_376_047, family="qwen3")
LATEST = Model("deepseek-r1:latest", 5_225_376_047, family="qwen3")
HUGE = Model("deepseek-r1:70b", 42_520_397_704, family="llama")
FOREIGN = Model("hf.co/unsloth/DeepSeek-R1-Distill-Qwen-7B-GGUF:Q4_K_M", 4_683_073_184, family="qwen2")
OTHER = Model("llama3.2:3b", 2 * GB, family="llama")
OTHER_HUGE = Model("llama3:70b", 40 * GB, family="llama")
CLOUD = Model("deepseek-r1:671b-cloud", 400, remote_host="ollama.com")
VECTORS = Model("nomic-embed-text:latest", 274_000_000, family="nomic-bert")


@pytest.mark.parametrize(
    ("there", "first"),
    [
        ([MINE, SMALL], SMALL),  # the recommended size is not there: a deepseek-r1 all the same
        ([OTHER, SMALL, BEST, HUGE], BEST),
        ([SMALL, LATEST, OTHER], LATEST),
        ([OTHER, FOREIGN], FOREIGN),
        ([OTHER, HUGE], OTHER),  # what does not fit is no deepseek-r1 to begin with
        ([OTHER_HUGE, HUGE], HUGE),
        ([CLOUD, OTHER], OTHER),
        ([VECTORS, OTHER], OTHER),
        ([MINE], MINE),
    ],
)
def test_a_deepseek_r1_that_fits_comes_first_and_the_best_of_these(there: list[Model], first: Model) -> None:
    for order in itertools.permutations(there):
        assert first_choice(order, MACHINE) == first.name


def test_on_a_machine_that_is_not_known_a_small_deepseek_r1_is_safe() -> None:
    for order in itertools.permutations([OTHER, HUGE, SMALL, CLOUD]):
        assert first_choice(order, None) == SMALL.name
    assert first_choice([], None) == ""
