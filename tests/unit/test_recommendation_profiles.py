"""The machines that people have, and the size that each should run.

Memory is GiB total and available, bandwidth GB/s. Each row is one machine and the answer expected for it.
"""

from __future__ import annotations

import pytest

from r1tui.domain.hardware import HardwareProfile
from r1tui.domain.recommendation import Recommendation, Verdict, recommend
from r1tui.locale import say
from tests.support.machines import card, machine, unified

RECOMMENDED = [
    ("a VPS with 4 GB", machine(3.8, 3.3, 12), "1.5b", "cpu"),
    ("a Raspberry Pi 4", machine(3.7, 3.2, 6), "1.5b", "cpu"),
    ("a Raspberry Pi 5", machine(7.9, 7.2, 17), "1.5b", "cpu"),
    ("an N100 with 8 GB", machine(7.6, 6.4, 30), "1.5b", "cpu"),
    ("an N100 with 16 GB", machine(15.4, 13.8, 30), "1.5b", "cpu"),
    ("a container limited to 4 GiB on a 64 GB host", machine(62, 58, 40, limit=4), "1.5b", "cpu"),
    ("a laptop with 16 GB", machine(15.5, 11, 51), "8b", "cpu"),
    ("a laptop with 8 GB, half of it in use", machine(7.6, 3.1, 51), "1.5b", "cpu"),
    ("a Proxmox host whose ZFS holds 15 GiB", machine(31, 12, 48, arc=15), "8b", "cpu"),
    ("a GTX 1650", machine(15.5, 12, 45, card(3.7, 128)), "8b", "split"),
    ("an RTX 2060", machine(15.5, 12, 45, card(5.6, 336)), "8b", "split"),
    ("an RTX 3060", machine(31, 26, 51, card(11.6, 360)), "8b", "gpu"),
    ("an RTX 3090", machine(62, 56, 60, card(23.5, 936)), "32b", "gpu"),
    ("two RTX 3090", machine(62, 56, 60, card(23.5, 936), card(23.5, 936)), "70b", "gpu"),
    ("an M1 with 8 GB", machine(8, 6, 68, unified(5.33, 68)), "1.5b", "gpu"),
    ("an M1 Max with 64 GB", machine(64, 56, 400, unified(48, 400)), "32b", "gpu"),
    ("a Strix Halo with 128 GB", machine(128, 110, 256, unified(96, 256, "amd")), "8b", "gpu"),
    ("a Kepler card beside 16 GB", machine(15.5, 11, 51, card(11, 288, usable=False)), "8b", "cpu"),
    (
        "an N100 with its integrated GPU",
        machine(7.6, 6.4, 30, card(2, 30, "intel", usable=False)),
        "1.5b",
        "cpu",
    ),
]


def verdicts(found: Recommendation) -> dict[str, str]:
    return {each.size: each.verdict.value for each in found.candidates}


def speed(found: Recommendation, size: str) -> float:
    each = found.candidate(size)
    assert each is not None
    assert each.speed is not None
    return each.speed.expected


@pytest.mark.parametrize(
    ("name", "profile", "size", "verdict"), RECOMMENDED, ids=[row[0] for row in RECOMMENDED]
)
def test_the_machine_gets_the_size_that_suits_it(
    name: str, profile: HardwareProfile, size: str, verdict: str
) -> None:
    found = recommend(profile)
    assert found.best is not None
    assert (found.best.size, found.best.verdict.value) == (size, verdict)
    assert found.candidates[0] is found.best
    assert len(found.candidates) == 6
    assert found.best.num_ctx == 8192


def test_a_vps_with_one_gigabyte_gets_nothing() -> None:
    found = recommend(machine(0.95, 0.7, 12))
    assert (found.best, found.verdict, found.reduced) == (None, Verdict.NONE, None)


def test_a_vps_with_two_gigabytes_gets_nothing_but_a_note_on_the_reduced_context() -> None:
    found = recommend(machine(1.9, 1.55, 12))
    assert (found.best, found.verdict) == (None, Verdict.NONE)
    assert found.reduced is not None
    assert (found.reduced.num_ctx, found.reduced.num_batch) == (2048, 128)
    assert "1.52 of the 1.55 GiB" in say(found.reason)


def test_a_pi_4_answers_with_just_over_three_tokens_a_second() -> None:
    assert speed(recommend(machine(3.7, 3.2, 6)), "1.5b") == pytest.approx(3.4, abs=0.05)


def test_a_pi_5_could_run_8b_at_two_tokens_a_second() -> None:
    found = recommend(machine(7.9, 7.2, 17))
    assert verdicts(found)["8b"] == "slow"
    assert speed(found, "8b") == pytest.approx(2.0, abs=0.05)


def test_an_n100_could_run_larger_sizes_slowly() -> None:
    assert verdicts(recommend(machine(7.6, 6.4, 30)))["7b"] == "slow"
    found = verdicts(recommend(machine(15.4, 13.8, 30)))
    assert (found["7b"], found["8b"]) == ("slow", "slow")


def test_the_limit_of_a_container_wins_over_the_memory_of_its_host() -> None:
    found = verdicts(recommend(machine(62, 58, 40, limit=4)))
    assert (found["7b"], found["8b"]) == ("none", "none")


def test_a_full_laptop_is_told_how_much_to_free() -> None:
    found = recommend(machine(7.6, 3.1, 51))
    assert (verdicts(found)["7b"], verdicts(found)["8b"]) == ("free-first", "free-first")
    each = found.candidate("8b")
    assert each is not None
    assert say(each.reason).startswith("Free 4.0 GiB first")


def test_zfs_is_credited_only_in_words() -> None:
    each = recommend(machine(31, 12, 48, arc=15)).candidate("14b")
    assert each is not None
    assert each.verdict is Verdict.FREE_FIRST
    assert "may give up to 12.0" in say(each.reason)


def test_splits_have_the_speed_of_both_processors() -> None:
    assert speed(recommend(machine(15.5, 12, 45, card(3.7, 128))), "8b") == pytest.approx(7.3, abs=0.05)
    assert speed(recommend(machine(15.5, 12, 45, card(5.6, 336))), "8b") == pytest.approx(15.5, abs=0.1)


def test_an_rtx_3060_could_run_14b_as_well() -> None:
    assert verdicts(recommend(machine(31, 26, 51, card(11.6, 360))))["14b"] == "gpu"


def test_an_m1_max_is_told_that_32b_is_at_its_floor_and_8b_as_right() -> None:
    found = recommend(machine(64, 56, 400, unified(48, 400)))
    assert speed(found, "32b") == pytest.approx(10.0, abs=0.05)
    assert "at its floor" in say(found.reason)
    assert "8b is just as right" in say(found.reason)


def test_on_a_strix_halo_32b_is_below_its_floor() -> None:
    found = recommend(machine(128, 110, 256, unified(96, 256, "amd")))
    assert verdicts(found)["32b"] == "slow"
    assert speed(found, "8b") == pytest.approx(25, abs=0.5)


def test_an_unusable_card_changes_nothing() -> None:
    without, beside = (
        recommend(machine(15.5, 11, 51)),
        recommend(machine(15.5, 11, 51, card(11, 288, usable=False))),
    )
    assert verdicts(without) == verdicts(beside)


def test_a_remote_server_gets_no_verdict_but_a_question() -> None:
    found = recommend(machine(64, 60, 51, remote=True))
    assert (found.best, found.verdict) == (None, Verdict.NONE)
    assert all(each.have_bytes is None and each.speed is None for each in found.candidates)
    assert "settings" in say(found.reason)
