"""The rules behind a recommendation, one by one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from r1tui.domain.calibration import Calibration
from r1tui.domain.catalogue import TAGS
from r1tui.domain.hardware import GIB
from r1tui.domain.kv_cache import KvCache
from r1tui.domain.recommendation import Verdict, recommend
from r1tui.domain.sizing import Basis
from r1tui.locale import say
from r1tui.widgets.size_table import rows
from tests.support.machines import card, machine, unified


def test_the_sum_reads_as_one_line() -> None:
    each = recommend(machine(15.5, 11, 51)).best
    assert each is not None
    assert say(each.sum_line) == "4.87 weights + 1.12 context + 0.31 work + 0.35 allowance = 6.65 of 10.2 GiB"


def test_a_size_that_fits_only_at_4096_is_recommended_there() -> None:
    # 7b and 8b are short at 8192 (5.45 and 6.65 of 5.4 GiB), 7b is not at 4096 (5.23)
    found = recommend(machine(7.6, 5.9, 60))
    assert found.best is not None
    assert (found.best.size, found.best.verdict, found.best.num_ctx) == ("7b", Verdict.CPU, 4096)


def test_a_shorter_context_is_not_taken_where_a_larger_size_fits_at_8192() -> None:
    found = recommend(machine(15.5, 7.1, 60))  # 7b fits at 8192, 8b (6.65) only at 4096 (6.08)
    assert found.best is not None
    assert (found.best.size, found.best.num_ctx) == ("7b", 8192)


def test_the_smallest_size_keeps_the_comfortable_context() -> None:
    found = recommend(machine(3.8, 3.3, 12))
    assert found.best is not None
    assert found.best.num_ctx == 8192


def test_without_any_size_at_its_floor_the_best_that_runs_is_recommended_as_slow() -> None:
    found = recommend(machine(3.7, 3.2, 3))
    assert found.best is not None
    assert (found.best.size, found.best.verdict) == ("1.5b", Verdict.SLOW)
    assert "minutes per 1,000 tokens" in say(found.reason)


def test_slow_advice_names_a_size_that_is_faster() -> None:
    found = recommend(machine(15.5, 14, 4))
    assert found.best is not None
    assert (found.best.size, found.best.verdict) == ("8b", Verdict.SLOW)
    assert any("1.5b would answer" in say(warning) for warning in found.warnings)


def test_what_would_fit_after_freeing_memory_is_advice_and_no_recommendation() -> None:
    found = recommend(machine(7.6, 1.5, 51))
    assert (found.best, found.verdict) == (None, Verdict.FREE_FIRST)
    assert found.advice is not None
    assert found.advice.size == "8b"


def test_swap_never_makes_a_size_fit_but_is_named() -> None:
    each = recommend(machine(7.6, 6.9, 51, swap=16)).candidate("14b")
    assert each is not None
    assert each.verdict is Verdict.NONE
    assert "would swap" in say(each.reason)


def test_a_full_disk_leaves_the_recommendation_and_blocks_the_pull() -> None:
    found = recommend(machine(15.5, 11, 51, disk=5.5))  # 8b needs 1.1 x 5.2 GB
    assert found.best is not None
    assert (found.best.size, found.best.disk_ok) == ("8b", False)
    assert any("5.7 GB are needed, 5.5 GB are free" in say(warning) for warning in found.warnings)
    enough = recommend(machine(15.5, 11, 51, disk=5.8)).best
    assert enough is not None
    assert enough.disk_ok


def test_a_split_below_ten_tokens_is_not_taken_where_a_size_is_whole_on_the_gpu() -> None:
    # 7b is whole on 5.9 GiB; 8b would be split and slowed down by the CPU
    found = recommend(machine(15.5, 12, 16, card(5.9, 128)))
    assert found.best is not None
    assert (found.best.size, found.best.verdict) == ("7b", Verdict.GPU)
    split = found.candidate("8b")
    assert split is not None
    assert split.speed is not None
    assert split.verdict is Verdict.SLOW
    assert 5 < split.speed.expected < 10


def test_each_further_gpu_costs_memory() -> None:
    # 70b needs 42.8 GiB, and 1.3 more on the second card
    short = recommend(machine(62, 56, 60, card(22, 936), card(22, 936))).candidate("70b")
    assert short is not None
    assert short.verdict is not Verdict.GPU
    enough = recommend(machine(62, 56, 60, card(22.1, 936), card(22.1, 936))).candidate("70b")
    assert enough is not None
    assert enough.verdict is Verdict.GPU


def test_several_gpus_go_at_the_pace_of_the_slowest_that_is_used() -> None:
    found = recommend(machine(62, 56, 60, card(23.5, 936), card(23.5, 360)))
    large, small = found.candidate("70b"), found.candidate("8b")
    assert large is not None
    assert small is not None
    assert large.speed is not None
    assert small.speed is not None
    assert large.speed.expected == pytest.approx(14.3 * 360 / 936, abs=0.1)
    assert small.speed.expected == pytest.approx(117, abs=1)  # on the faster one alone


def test_unified_memory_is_never_split_nor_left_to_the_cpu() -> None:
    found = recommend(machine(32, 28, 200, unified(5.33, 68)))
    each = found.candidate("8b")
    assert each is not None
    assert each.verdict is Verdict.NONE


def test_cards_of_two_makers_are_not_added_up() -> None:
    found = recommend(machine(31, 26, 51, card(8, 360), card(8, 360, "amd")))
    each = found.candidate("14b")
    assert each is not None
    assert each.verdict is not Verdict.GPU


def test_nothing_is_final_while_gpus_are_looked_for() -> None:
    found = recommend(replace(machine(15.5, 11, 51), looking=True))
    assert not found.final
    assert any("looking" in say(warning) for warning in found.warnings)


def test_one_measured_size_rescales_every_other() -> None:
    profile = machine(15.5, 11, 51)
    # 4 GB/s in effect: an eighth of what the data sheet promised
    found = recommend(profile, Calibration(cpu=4e9))
    assert found.best is not None
    assert found.best.size == "1.5b"
    assert all(
        each.speed is not None and each.speed.basis is Basis.FROM_MEASURED for each in found.candidates
    )


def test_a_model_that_has_answered_itself_knows_best() -> None:
    found = recommend(machine(15.5, 11, 51), Calibration(cpu=4e9, cpu_models={"deepseek-r1:8b": 30e9}))
    each = found.candidate("8b")
    assert each is not None
    assert each.speed is not None
    assert each.speed.expected == pytest.approx(30e9 / 5.177e9, rel=0.01)


def test_calibration_of_the_cpu_says_nothing_of_a_gpu() -> None:
    found = recommend(machine(31, 26, 51, card(11.6, 360)), Calibration(cpu=4e9))
    assert found.best is not None
    assert found.best.speed is not None
    assert found.best.speed.basis is Basis.ESTIMATED


def test_only_what_has_answered_itself_is_called_measured() -> None:
    known = Calibration(cpu=30e9, cpu_models={"deepseek-r1:1.5b": 30e9})
    found = recommend(machine(15.5, 11, 51), known)
    bases = {each.size: each.speed.basis for each in found.candidates if each.speed}
    assert bases.pop("1.5b") is Basis.MEASURED
    assert set(bases.values()) == {Basis.FROM_MEASURED}
    split = recommend(machine(31, 26, 51, card(11.6, 360)), replace(known, gpu=300e9)).candidate("32b")
    assert split is not None
    assert split.speed is not None
    assert split.speed.basis is Basis.FROM_MEASURED


@pytest.mark.parametrize("wobble", [0.02, 0.1, 0.2])
def test_memory_that_wavers_about_a_limit_does_not_flip_the_answer(wobble: float) -> None:
    limit = 6.65 + 0.775  # what 8b needs, and the reserve
    found = recommend(machine(15.5, limit + wobble / 2, 51))
    assert found.best is not None
    assert found.best.size == "8b"
    for available in (limit - wobble / 2, limit + wobble / 2) * 3:
        found = recommend(machine(15.5, available, 51), previous=found)
        assert found.best is not None
        assert found.best.size == "8b"


def test_what_lacks_a_little_of_the_memory_it_had_is_not_said_to_fit_outright() -> None:
    limit = 6.65 + 0.775
    enough = recommend(machine(15.5, limit + 0.1, 51))
    short = recommend(machine(15.5, limit - 0.1, 51), previous=enough)
    assert short.best is not None
    assert short.best.size == "8b"
    assert short.best.missing_bytes > 0
    assert "8b fits" in say(enough.reason)
    assert "8b just about fits" in say(short.reason)
    assert "just about fits" in dict(rows(short, 100))[short.best.tag.tag].plain


def test_speed_that_wavers_about_a_floor_does_not_flip_the_answer() -> None:
    at_floor = 5 * 5.177e9
    found = recommend(machine(15.5, 11, 51), Calibration(cpu=at_floor * 1.01))
    for factor in (0.99, 1.01, 0.97, 1.0):
        found = recommend(machine(15.5, 11, 51), Calibration(cpu=at_floor * factor), previous=found)
        assert found.best is not None
        assert found.best.size == "8b"


def test_a_real_change_does_flip_it() -> None:
    found = recommend(machine(15.5, 11, 51))
    found = recommend(machine(15.5, 4, 51), previous=found)
    assert found.best is not None
    assert found.best.size == "1.5b"


def test_what_ollama_holds_itself_counts_as_available() -> None:
    profile = machine(15.5, 9, 51)
    assert profile.memory is not None
    loaded = replace(profile, memory=replace(profile.memory, available=2 * GIB, held=7 * GIB))
    assert [each.verdict for each in recommend(loaded).candidates] == [
        each.verdict for each in recommend(profile).candidates
    ]


def test_gpu_memory_of_loaded_models_is_given_back() -> None:
    profile = machine(31, 26, 51, replace(card(11.6, 360), free=3 * GIB))
    found = recommend(profile.giving_back(8 * GIB))
    assert found.best is not None
    assert found.best.verdict is Verdict.GPU


@given(
    total=st.floats(0.3, 256),
    share=st.floats(0, 1),
    bandwidth=st.floats(1, 900),
    vram=st.one_of(st.none(), st.floats(0.5, 96)),
)
def test_any_machine_gets_six_ranked_sizes_and_only_what_fits(
    total: float, share: float, bandwidth: float, vram: float | None
) -> None:
    gpus = () if vram is None else (card(vram, 300),)
    profile = machine(total, total * share, bandwidth, *gpus)
    found = recommend(profile)
    assert sorted(each.size for each in found.candidates) == sorted(tag.size for tag in TAGS)
    for each in found.candidates:
        assert each.have_bytes is not None
        if each.verdict.runs:
            assert each.need_bytes <= each.have_bytes
    if found.best:
        assert found.best is found.candidates[0]
    again = recommend(profile, previous=found)
    assert [each.verdict for each in again.candidates] == [each.verdict for each in found.candidates]


# How a context is kept


def test_a_smaller_cache_is_recommended_where_a_larger_size_fits_with_it() -> None:
    profile = machine(7.9, 6.9, 60)
    found = recommend(profile)
    assert found.best is not None
    assert found.best.size == "7b"
    assert found.cache_advice is not None
    words = say(found.cache_advice)
    assert words.startswith("With its context kept in q8_0, 8b would fit with 8,192 tokens (6.1 of 6.4 GiB)")
    assert "OLLAMA_KV_CACHE_TYPE=q8_0" in words, "that is how it is set on another's server"
    ours = recommend(replace(profile, own_server=True)).cache_advice
    assert ours is not None
    assert "settings" in say(ours)
    then = recommend(replace(profile, kv_cache=KvCache.Q8_0))
    assert then.best is not None
    assert (then.best.size, then.cache_advice) == ("8b", None), "and it comes true"


def test_a_smaller_cache_is_recommended_where_a_longer_context_fits_with_it() -> None:
    profile = machine(7.9, 5.9, 60)
    now, then = recommend(profile), recommend(replace(profile, kv_cache=KvCache.Q8_0))
    assert now.best is not None
    assert then.best is not None
    assert (now.best.size, now.best.num_ctx, then.best.num_ctx) == (then.best.size, 4096, 8192)
    assert now.cache_advice is not None
    assert "8,192" in say(now.cache_advice)


def test_nothing_is_said_of_the_cache_where_it_changes_nothing_or_cannot_be_had() -> None:
    assert recommend(machine(15.5, 11, 51)).cache_advice is None
    assert recommend(machine(0.95, 0.7, 12)).cache_advice is None
    assert recommend(machine(64, 60, 51, remote=True)).cache_advice is None
    tight = card(6.5, 360)
    beside = machine(3.8, 1, 12, tight)
    assert recommend(beside).cache_advice is not None
    old = machine(3.8, 1, 12, replace(tight, flash_attention=False))
    assert recommend(old).cache_advice is None
    assert recommend(replace(old, kv_cache=KvCache.Q8_0)) == recommend(old), "such a card keeps f16"
