"""What answers teach, kept for each host and processor."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from r1tui.domain.catalogue import TAGS, ModelShape
from r1tui.domain.message import AnswerStats
from r1tui.domain.sizing import bytes_per_token
from r1tui.services.machine import calibration
from r1tui.services.machine.calibration import CalibrationStore
from r1tui.services.machine.probe.bandwidth import CopySpeed

SHAPE = TAGS[2].shape
HOST, CPU = "http://127.0.0.1:11434", "Intel(R) N100"


def answer(speed: float, tokens: int = 100) -> AnswerStats:
    return AnswerStats(prompt_tokens=20, answer_tokens=tokens, eval_seconds=tokens / speed)


def test_nothing_is_known_before_the_first_answer(tmp_path: Path) -> None:
    assert CalibrationStore(tmp_path).load(HOST, CPU) is None


def test_one_answer_gives_the_bandwidth_in_effect(tmp_path: Path) -> None:
    CalibrationStore(tmp_path).record(HOST, f"cpu:{CPU}", SHAPE, answer(5))
    found = CalibrationStore(tmp_path).load(HOST, CPU)
    assert found is not None
    assert found.cpu == pytest.approx(5 * bytes_per_token(SHAPE, 70))
    assert found.gpu is None


def test_the_median_of_the_last_five_counts(tmp_path: Path) -> None:
    store = CalibrationStore(tmp_path)
    for speed in (
        50,
        5,
        5.1,
        4.9,
        1,
        5,
    ):  # the first is forgotten; one slow answer beside a busy machine is no matter
        store.record(HOST, f"cpu:{CPU}", SHAPE, answer(speed))
    found = store.load(HOST, CPU)
    assert found is not None
    assert found.cpu == pytest.approx(5 * bytes_per_token(SHAPE, 70))


def test_another_host_or_processor_learns_nothing_of_it(tmp_path: Path) -> None:
    store = CalibrationStore(tmp_path)
    store.record(HOST, f"cpu:{CPU}", SHAPE, answer(5))
    assert store.load("http://other:11434", CPU) is None
    assert store.load(HOST, "another") is None


def test_an_answer_of_a_few_tokens_teaches_nothing(tmp_path: Path) -> None:
    store = CalibrationStore(tmp_path)
    assert store.record(HOST, f"cpu:{CPU}", SHAPE, answer(5, tokens=3)) is None
    assert store.record(HOST, f"cpu:{CPU}", SHAPE, AnswerStats()) is None
    assert store.load(HOST, CPU) is None


def test_the_file_is_private(tmp_path: Path) -> None:
    CalibrationStore(tmp_path).record(HOST, f"cpu:{CPU}", SHAPE, answer(5))
    assert stat.S_IMODE((tmp_path / "calibration.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "[]", "{", '{"h": 1}', '{"h": {"cpu:x": {"m": ["a", -1]}}}'])
def test_a_damaged_file_is_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "calibration.json").write_text(text)
    store = CalibrationStore(tmp_path)
    assert store.load("h", "x") is None or store.load("h", "x").cpu is None  # type: ignore[union-attr]
    store.record(HOST, f"cpu:{CPU}", SHAPE, answer(5))
    assert store.load(HOST, CPU) is not None


def test_copying_memory_is_measured_once_for_a_processor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    speeds = iter([CopySpeed(21e9, True), CopySpeed(34e9, True)])
    monkeypatch.setattr(calibration, "measure_bandwidth", lambda: next(speeds))

    def guess(cpu: str) -> float:
        return CalibrationStore(tmp_path).first_guess(cpu)

    assert [guess("a"), guess("a"), guess("b"), guess("a")] == [21e9, 21e9, 34e9, 21e9]
    CalibrationStore(tmp_path).record(HOST, "cpu:a", SHAPE, answer(5))
    assert guess("b") == 34e9
    assert not CalibrationStore(tmp_path / "new").knows(HOST)


def test_what_a_busy_machine_copied_is_measured_again_and_rises_only_by_more_than_noise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    speeds = iter(
        CopySpeed(each, calm)
        for each, calm in [
            (24e9, False),
            (36e9, False),
            (33e9, False),
            (39e9, False),
            (44e9, True),
            (9e9, True),
        ]
    )
    monkeypatch.setattr(calibration, "measure_bandwidth", lambda: next(speeds))
    guesses = [CalibrationStore(tmp_path).first_guess("a") for _ in range(6)]
    assert guesses == [24e9, 36e9, 36e9, 36e9, 44e9, 44e9]


@pytest.mark.parametrize(("calm", "kept"), [(44e9, 44e9), (40e9, 36e9), (34e9, 36e9), (28e9, 28e9)])
def test_what_a_calm_machine_copies_counts_unless_it_is_the_same_within_noise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calm: float, kept: float
) -> None:
    speeds = iter([CopySpeed(36e9, False), CopySpeed(calm, True)])
    monkeypatch.setattr(calibration, "measure_bandwidth", lambda: next(speeds))
    assert [CalibrationStore(tmp_path).first_guess("a") for _ in range(3)] == [36e9, kept, kept]


def test_an_answer_that_is_learnt_from_while_memory_is_measured_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def measured() -> CopySpeed:
        CalibrationStore(tmp_path).record(HOST, f"cpu:{CPU}", SHAPE, answer(5))
        return CopySpeed(24e9, True)

    monkeypatch.setattr(calibration, "measure_bandwidth", measured)
    assert CalibrationStore(tmp_path).first_guess("a") == 24e9
    assert CalibrationStore(tmp_path).load(HOST, CPU) is not None


def test_a_machine_that_is_always_busy_is_not_measured_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[CopySpeed] = []

    def busy() -> CopySpeed:
        measured.append(CopySpeed(24e9, False))
        return measured[-1]

    monkeypatch.setattr(calibration, "measure_bandwidth", busy)
    assert {CalibrationStore(tmp_path).first_guess("a") for _ in range(20)} == {24e9}
    assert len(measured) == 5


def test_a_tiny_model_foretells_only_itself(tmp_path: Path) -> None:
    store = CalibrationStore(tmp_path)
    tiny = ModelShape(98_000_000, 23_040, 576, 49_152, name="tiny:135m")
    store.record("http://here", "cpu:N100", tiny, AnswerStats(answer_tokens=100, eval_seconds=2.0))
    learnt = store.load("http://here", "N100")
    assert learnt is not None
    assert learnt.cpu is None
    assert list(learnt.cpu_models) == ["tiny:135m"]
